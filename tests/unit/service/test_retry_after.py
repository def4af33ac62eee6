"""Retry-After, in every form that somebody might send."""

import time

import pytest

from reconciler.service.retry_after import read_retry_after

NOW = 784_111_770.0  # seven seconds before the date of RFC 9110's examples


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 7\t", 7.0),
        ("007", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("2.", 2.0),
        ("3600", 60.0),
        ("9" * 400, 60.0),
        ("3, 5", 5.0),
        ("120,1", 60.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 7.0),
        ("Sun, 06 Nov 1994 08:49:37 +0000", 7.0),
        ("Sun, 06 Nov 1994 10:49:37 +0200", 7.0),
        ("Sun, 06 Nov 1994 08:49:37", 7.0),
        ("Sun, 06 Nov 94 08:49:37 GMT", 7.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 7.0),
        ("Sun Nov  6 08:49:37 1994", 7.0),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Tue, 01 Jan 2999 00:00:00 GMT", 60.0),
    ],
)
def test_what_says_how_long_is_read(header, seconds, monkeypatch):
    """Seconds, also with a fraction; the three dates of HTTP, also without a zone, wherever this machine is."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert read_retry_after(header, NOW) == seconds
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "header",
    [
        None, "", " ", "soon", "-5", "+5", "1e3", "0x10", "1,", ",1", "1;2", "\uff15", "Infinity", "nan",
        "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:61:61 GMT",
        "1994-11-06T08:49:37Z", "x" * 5000, "Sun, 06 Nov 1994 " * 500, "\x00", "06 Nov",
    ],
)  # fmt: skip
def test_nonsense_says_nothing(header):
    """It is no error, and no wait either."""
    assert read_retry_after(header, NOW) is None
