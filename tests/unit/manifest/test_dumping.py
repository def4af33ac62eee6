"""YAML that is written for people is read back as what it was, by us and by readers of YAML 1.1."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.diff.document import same
from reconciler.manifest.importing.dumping import Inline, InlineList, Time, dumped
from reconciler.manifest.nodes import plain
from reconciler.manifest.reader import read

WRITTEN: dict[str, tuple[Any, str]] = {
    "text": ("some text, with a comma", "some text, with a comma"),
    "a boolean of YAML 1.1": ("NO", '"NO"'),
    "sexagesimal": ("22:30", '"22:30"'),
    "a version": ("1.0", '"1.0"'),
    "a leading zero": ("0123", '"0123"'),
    "octal of YAML 1.2": ("0o14", '"0o14"'),
    "a float of YAML 1.2": ("1e3", '"1e3"'),
    "too large a number": ("9" * 30, '"' + "9" * 30 + '"'),
    "infinity": (".inf", '".inf"'),
    "a date": ("2027-01-04", '"2027-01-04"'),
    "null": ("null", '"null"'),
    "empty": ("", '""'),
    "a merge key": ("<<", '"<<"'),
    "quotes inside": ('say "no": yes', "'say \"no\": yes'"),
    "a comment": ("# no", '"# no"'),
    "lines": ("first\n  second\n", "|\n    first\n      second"),
    "lines without an end": ("first\nsecond", "|-\n    first\n    second"),
    "trailing blanks": ("first \nsecond", '"first \\nsecond"'),
    "a leading break": ("\nfirst", '"\\nfirst"'),
    "a long line": ("word " * 60 + "end", "word " * 60 + "end"),
    "time": (Time("2027-01-04T06:00:00Z"), "2027-01-04T06:00:00Z"),
    "number": (15, "15"),
    "float": (0.5, "0.5"),
    "boolean": (True, "true"),
    "nothing": (None, "null"),
    "sugar": (Inline(valueFrom=Inline(env="X")), "{valueFrom: {env: X}}"),
    "a short list": (InlineList(["prod"]), "[prod]"),
    "a list": (["a", ["b"]], "\n    - a\n    - - b"),
    "emoji": ("🚀", "🚀"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_how_a_value_is_written(case: str) -> None:
    """Plain where it can be, quoted where somebody would read something else."""
    value, text = WRITTEN[case]
    written = dumped({"top": {"key": value}})
    assert written == f"top:\n  key:{'' if text.startswith(chr(10)) else ' '}{text}\n"
    assert same(read_back(written), {"top": {"key": value if not isinstance(value, str) else str(value)}})


def read_back(text: str) -> Any:
    documents, problems = read("x.yaml", text.encode())
    assert problems == []
    return plain(documents[0].root)


TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs", "M"))) | st.text(
    "ab \n#:-'\"|>%&*!,[]{}?\\"
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(value=VALUES)
def test_everything_comes_back(value: Any) -> None:
    """Strictly by type, keys in order, from our reader and from PyYAML's own."""
    text = dumped({"value": value, "twice": [value, value]})
    found = read_back(text)
    assert same(found, {"value": value, "twice": [value, value]})
    assert list(found["value"]) == list(value) if isinstance(value, dict) else True
    assert same(yaml.safe_load(text), found)
