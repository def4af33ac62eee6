"""Text that can do nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.inert import inert, is_hidden, width


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ASCII, größer, 日本語, 😀", "plain ASCII, größer, 日本語, 😀"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\rd\x00", "a\\nb\\tc\\rd\\x00"),
        ("\x7f\x85\x9b", "\\x7f\\x85\\x9b"),
        ("\u202eevil\u2066\u200b\ufeff", "\\u202eevil\\u2066\\u200b\\ufeff"),
        ("a\xa0b\u3164", "a\\xa0b\\u3164"),
        ("\U000e0041\ud800", "\\U000e0041\\ud800"),
        ("##[error]", "#\\x23[error]"),
    ],
)
def test_what_is_hidden_is_written_out(text, expected):
    """And what is not stays."""
    assert inert(text) == expected


@given(st.text(st.characters()))
def test_inert_text_holds_nothing_hidden_and_stays_as_it_is(text):
    """For every text there is; it can be encoded, too."""
    once = inert(text)
    assert not any(map(is_hidden, once))
    assert inert(once) == once
    once.encode()


def test_width_counts_columns():
    """Wide characters take two, combining ones none."""
    assert width("abc") == 3
    assert width("日本") == 4
    assert width("e\u0301") == 1
