"""Which inner keys of a nested value differ."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.diff.document import MISSING, same
from reconciler.diff.pointer import format_path
from reconciler.render.inner import MOST, inner_changes

leaves = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "1", "true", "x"]) | st.just(1.0)
keys = st.sampled_from(["a", "b", "__c", "d/e", "0"])
documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
objects = st.dictionaries(keys, documents, min_size=1, max_size=3)


def differing(before, after, path=()):
    """Return the deepest paths through objects alone at which two values differ."""
    if same(before, after):
        return set()
    if isinstance(before, dict) and isinstance(after, dict) and before and after:
        tokens = before.keys() | after.keys()
        pairs = [(before.get(token, MISSING), after.get(token, MISSING), (*path, token)) for token in tokens]
        return set().union(*(differing(*pair) for pair in pairs))
    return {format_path(path)}


@settings(max_examples=300, deadline=None)
@given(objects, objects)
def test_no_difference_is_left_out_and_none_is_invented(before, after):
    """Every path that differs has a row at or below it, every row stands at or below such a path, and differs."""
    rows = inner_changes(before, after)
    paths = differing(before, after)
    for path in paths if rows else ():
        assert any(row == path or row.startswith(f"{path}/") for row, _, _ in rows)
    for row, left, right in rows:
        assert any(row == path or row.startswith(f"{path}/") or path.startswith(f"{row}/") for path in paths)
        assert not same(left, right)
    assert rows or not paths or len(paths) > MOST or paths == {""}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": [1], "b": 2}, {"a": [True], "b": 3}, (("/a/0", 1, True), ("/b", 2, 3))),
        ([1, 2, 3], [2, 3], (("/0", 1, MISSING),)),
        ({"A": [True]}, {"a": {"x": False}}, (("/A", [True], MISSING), ("/a", MISSING, {"x": False}))),
        ({"a": 1, "b": 1}, {"a": 1.0, "b": 2}, (("/b", 1, 2),)),
        ([], [1], ()),
        ({"a": 1}, [1], ()),
        ("a", "b", ()),
        (MISSING, {"a": 1}, ()),
    ],
)
def test_inner_changes(before, after, expected):
    """Strict by JSON type, by list position; nothing where the two values are the better picture."""
    assert repr(inner_changes(before, after)) == repr(expected)
