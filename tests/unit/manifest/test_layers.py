"""A spec and its override are changed in the layer that gives a value, and say what is wanted together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff.document import MISSING, same
from reconciler.manifest.editing.layers import lay, merged, sugar_in

REF = {"ref": "Flow/a"}
KEYS = st.sampled_from("abc")
LEAVES = st.sampled_from([1, "x", [1], [None], REF, {"valueFrom": {"target": "v"}}])
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)
PATCHES = st.recursive(LEAVES | st.none(), lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)


@given(OBJECTS, st.just(MISSING) | st.dictionaries(KEYS, PATCHES, max_size=3), OBJECTS)
def test_together_they_say_what_is_wanted(base, over, wanted) -> None:
    """Whatever stood in the two; and what is said already moves neither."""
    assert same(merged(*lay(base, over, wanted)), wanted)
    assert lay(base, over, merged(base, over)) == (base, over)


@given(OBJECTS, st.dictionaries(KEYS, PATCHES, max_size=3), KEYS, VALUES)
def test_only_the_layer_that_gives_a_value_changes(base, over, key, value) -> None:
    """What the override says of a key is changed there; of what it does not speak, the spec."""
    wanted = merged(base, over) | {key: value}
    made = lay(base, over, wanted)
    if key not in over:
        assert made[1] == over
    elif not isinstance(over[key], dict):
        assert made[0] == base


@pytest.mark.parametrize(
    ("base", "over", "wanted", "made"),
    [
        ({"a": 1, "b": 2}, MISSING, {"b": 3}, ({"b": 3}, MISSING)),
        ({"a": 1}, {"a": 2}, {}, ({"a": 1}, {"a": None})),
        ({}, {"a": 2}, {}, ({}, {})),
        ({"a": 1}, {"a": None}, {"a": 5}, ({"a": 1}, {"a": 5})),
        ({"a": {"x": 1, "y": 2}}, {"a": None}, {"a": {"y": 3}}, ({"a": {"x": 1, "y": 2}}, {"a": {"x": None, "y": 3}})),
        ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 5, "y": 6}}, ({"a": {"x": 5}}, {"a": {"y": 6}})),
        ({"a": REF}, {"b": 1}, {"a": {"x": 1}, "b": 1}, ({"a": {"x": 1}}, {"b": 1})),
        ({"a": 5}, {"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}, ({"a": 5}, {"a": {"x": 1, "y": 2}})),
        ({"a": None}, {}, {"a": 1}, ({"a": 1}, {})),
    ],
)
def test_by_hand(base, over, wanted, made) -> None:
    """The cases of RFC 7386, one by one: in an override null takes out what the spec has."""
    assert lay(base, over, wanted) == made


def test_sugar_is_found_wherever_it_hides() -> None:
    """A text that begins with a kind is what makes a ref one; any other is data."""
    assert sugar_in([{"x": {"valueFrom": 1}}])
    assert sugar_in(REF)
    assert not sugar_in([{"ref": "main"}, {"ref": "Flow/a", "more": 1}, "valueFrom"])
