"""What answers in the place of the service may be anything: one message says what it is, and nothing quotes it.

A page or a text of somebody else may hold a secret that nobody here has heard of.
"""

from __future__ import annotations

import pytest
from support.bench import Bench
from support.chain import apply_chain
from werkzeug.wrappers import Response

from reconciler.emulator.faults import Fault

SECRET = "Zq-hunter2-unheard-of"
PAGES = {
    "a page": (f"<title>Please sign in</title><input value='{SECRET}'>", "text/html", "HTML page: Please sign in"),
    "a page without title": (f"<body>{SECRET}", "text/html", "an HTML page"),
    "a text": (f"debug: password={SECRET}", "text/plain", "text/plain, "),
    "a secret alone": (SECRET, "application/json", "application/json, "),
    "JSON of another": (f'{{"token": "{SECRET}"}}', "application/json", ""),
    "a list of texts": (f'["{SECRET}"]', "application/json", ""),
    "half a document": (f'{{"items": [{{"id": "{SECRET}', "application/json", "application/json, "),
    "a type that is none": (SECRET, f"text/{SECRET}; {SECRET}", "a body of no known type"),
}
COMMANDS = [("plan",), ("drift",), ("apply", "--yes"), ("import",), ("doctor",)]


def answering(bench: Bench, body: bytes, content_type: str, status: int) -> None:
    """Let every read be answered so."""
    fault = Fault(lambda *_: Response(body, status=status, content_type=content_type))
    bench.app.faults.add(fault, method="GET", count=10_000)


@pytest.mark.parametrize("status", [200, 400, 403, 404, 502])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_somebody_else(bench: Bench, page: str, status: int) -> None:
    """In every command, whatever its status."""
    apply_chain(bench)
    body, content_type, words = PAGES[page]
    answering(bench, body.encode(), content_type, status)
    for command in COMMANDS if status in (200, 403) else COMMANDS[:1]:
        ran = bench.run(*command)
        assert ran.code in ((1,) if status != 403 and command != ("doctor",) else (0, 1)), ran
        assert "Traceback" not in ran.err
        assert "bug:" not in ran.err
        assert SECRET not in ran.out + ran.err
        assert command == ("doctor",) or status == 502 or words in ran.err + ran.out, ran  # or the breaker's words
        if status == 200 and command == ("plan",):
            assert "GET /" in ran.err


ODD = {
    "half a surrogate pair": (rb'"\ud83d"', "half a surrogate pair"),
    "half a pair as bytes": (b'"\xed\xa0\xbd"', "not UTF-8"),
    "a huge integer": (b"1" + b"0" * 5000, "5001 digits"),
    "a huge float": (b"1e999", "too large"),
    "NaN": (b"NaN", "NaN is not JSON"),
    "a key twice": (b'{"a": 1, "a": 2}', "a key stands twice"),
    "deep": (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
}


@pytest.mark.parametrize("command", COMMANDS[:4])
@pytest.mark.parametrize("odd", ODD)
def test_a_value_that_nobody_could_send_back(bench: Bench, odd: str, command: tuple[str, ...]) -> None:
    """One clear message in every command, and nothing is written: the object cannot be compared."""
    apply_chain(bench)
    value, words = ODD[odd]
    answering(bench, b'{"items": [{"id": "f-1", "name": "x", "description": %s}]}' % value, "application/json", 200)
    writes = len(bench.writes())
    ran = bench.run(*command)
    assert ran.code == 1
    assert words in ran.err + ran.out, ran
    assert "bug:" not in ran.err
    assert len(bench.writes()) == writes
