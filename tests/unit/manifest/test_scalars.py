"""Plain scalars mean what YAML 1.2 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.manifest.scalars import resolve


@pytest.mark.parametrize("text", ["NO", "no", "on", "Off", "y", "22:30", "2027-01-04", "1_000", "0b1", "1e", "+", "."])
def test_what_yaml_1_1_would_convert_is_text(text):
    """Booleans by other names, sexagesimals and dates are texts."""
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("true", True),
        ("FALSE", False),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("007", 7),
        ("1.0", 1.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1e3", -1000.0),
        ("9007199254740992", 2**53),
    ],
)
def test_the_core_schema_holds(text, value):
    """Null, booleans, integers of three bases and floats are what they look like, strictly by type."""
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", [".inf", "-.INF", "+.Inf", ".nan", "1e999", "9007199254740993", "0x" + "f" * 40, "9" * 5000]
)
def test_what_json_cannot_carry_is_refused(text):
    """Infinity, no-number and integers that lose digits come with what to write instead."""
    with pytest.raises(ValueError, match="quote it"):
        resolve(text)


@given(st.text())
def test_any_text_has_a_meaning_or_a_reason(text):
    """Nothing but a value or a ValueError comes out."""
    try:
        assert isinstance(resolve(text), bool | int | float | str | None)
    except ValueError as error:
        assert "quote it" in str(error)  # noqa: PT017 - either outcome is right
