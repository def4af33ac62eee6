"""JSON from outside: what two readers could take for two things is refused, and the reason repeats none of it."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff.reading import read_json

SECRET = b"Zq-hunter2"
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(PLAIN | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)

REFUSED = {
    "empty": (b"", "Expecting value"),
    "half a document": (b'{"%s": "%s' % (SECRET, SECRET), "Unterminated string"),
    "a word": (SECRET, "Expecting value"),
    "Latin-1": (b'"\xe9%s"' % SECRET, "it is not UTF-8"),
    "UTF-16": ('"\ud7ff"'.encode("utf-16"), "it is not UTF-8"),
    "a surrogate in UTF-8": (b'"%s\xed\xa0\x80"' % SECRET, "it is not UTF-8"),
    "an escaped surrogate": (b'"%s\\ud83d"' % SECRET, "half a surrogate pair"),
    "an escaped surrogate in a key": (b'{"\\uDe00%s": 1}' % SECRET, "half a surrogate pair"),
    "a pair the wrong way round": (b'"\\ude00\\ud83d"', "half a surrogate pair"),
    "NaN": (b"[NaN]", "NaN is not JSON"),
    "infinity": (b"[-Infinity]", "-Infinity is not JSON"),
    "a large float": (b"[1e999]", "a number is too large"),
    "a large integer": (b"[" + b"1" * 21 + b"]", "21 digits"),
    "an endless integer": (b"1" * 1_000_000, "1000000 digits"),
    "two values": (b'{"a": 1, "b": "%s", "a": true}' % SECRET, "a key stands twice, with two values"),
    "two values, deep": (b'[{"a": {"b": 1, "b": 1.5}}]', "a key stands twice, with two values"),
    "eleven lists": (b"[" * 11 + b"]" * 11, "nests more than 10 deep"),
    "eleven objects": (b'{"a":' * 11 + b"1" + b"}" * 11, "nests more than 10 deep"),
    "lists without an end": (b"[" * 1_000_000, "nested too deeply"),
    "objects without an end": (b'{"a":' * 200_000, "nested too deeply"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    """In a few words, soon, and without what stands there: neither in the text nor in what it came from."""
    content, told = REFUSED[case]
    began = time.monotonic()
    with pytest.raises(ValueError, match=told) as caught:
        read_json(content, 10)
    assert time.monotonic() - began < 2
    assert SECRET.decode() not in str(caught.value)
    assert len(str(caught.value)) < 100
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"[" * 10 + b"]" * 10, [[[[[[[[[[]]]]]]]]]]),
        (b'\xef\xbb\xbf {"a": 1}', {"a": 1}),
        (b'{"a": [1.0], "a": [1]}', {"a": [1]}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"[-9223372036854775808, 18446744073709551615, 1.5e300]", [-(2**63), 2**64 - 1, 1.5e300]),
    ],
)
def test_what_is_taken(content, value):
    """Up to the same limits; a key that stands twice and says the same is odd, and harms nobody."""
    assert read_json(content, 10) == value


@given(VALUES, st.booleans())
def test_what_we_write_is_read(value, ascii_alone):
    """Escaped or not."""
    assert read_json(json.dumps(value, ensure_ascii=ascii_alone).encode(), 100) == value
