"""Documents: strict equality, opaque leaves, and the bytes that are sent."""

import copy
import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.diff.document import (
    MISSING,
    Missing,
    Opaque,
    is_number,
    is_object,
    replace_opaque,
    same,
    shown,
    wire_bytes,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=12
)


@dataclass(frozen=True)
class Ref(Opaque):
    """An object whose id is not known yet."""

    target: str

    def shown(self):
        return {"$ref": self.target}


@dataclass(frozen=True)
class Sealed(Opaque):
    """A secret."""

    target: str

    def shown(self):
        return {"$secret": self.target}


ONE_OF_EACH = [None, True, False, 0, 1, 2, 0.5, "", "1", "true", "null", [], [1], [True], {}, {"a": 1}, {"a": True}]
ONE_OF_EACH.append(MISSING)


@pytest.mark.parametrize("left", ONE_OF_EACH)
@pytest.mark.parametrize("right", ONE_OF_EACH)
def test_values_of_different_types_are_different(left, right):
    """1 is not true, 0 is not false, "1" is not 1, null is not nothing: a value is the same as itself alone."""
    assert same(left, right) is (left is right or repr(left) == repr(right))


@pytest.mark.parametrize(("left", "right"), [(1, 1.0), (-0.0, 0), ([1.0], [1]), ({"a": 2.0}, {"a": 2})])
def test_numbers_are_one_type(left, right):
    """1.0 is 1, at any depth (RFC 8259 knows numbers, not integers)."""
    assert same(left, right)
    assert same(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ([1, [2]], [1, [True]]),
        ({}, []),
        (2**53 + 1, float(2**53)),
    ],
)
def test_different_containers_are_different(left, right):
    """Another key, another length, another order of a list, a null where there is nothing: all are differences."""
    assert not same(left, right)
    assert not same(right, left)


def test_the_order_of_keys_is_no_difference():
    """An object is the same however its keys are ordered."""
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})


def test_opaque_leaves_are_compared_by_equality_and_class():
    """Two references to one object are the same; a secret of that name is another thing, and so is its stand-in."""
    assert same([Ref("x")], [Ref("x")])
    assert not same(Ref("x"), Ref("y"))
    assert not same(Ref("x"), Sealed("x"))
    assert not same(Ref("x"), {"$ref": "x"})


@given(DOCUMENTS)
def test_a_document_is_the_same_as_its_copy(document):
    """Equality looks at values, not at identity."""
    assert same(document, copy.deepcopy(document))


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_sameness_has_no_direction(left, right):
    """If one is the same as the other, the other is the same as the one."""
    assert same(left, right) is same(right, left)


def test_missing_is_one_false_value_that_is_not_null():
    """The mark for nothing is false, says its name, and is no JSON value."""
    assert not MISSING
    assert MISSING is not None
    assert repr(MISSING) == "MISSING"
    assert isinstance(MISSING, Missing)


@pytest.mark.parametrize(("value", "expected"), [(1, True), (0.5, True), (True, False), ("1", False), (None, False)])
def test_true_is_no_number(value, expected):
    """What Python takes for an integer is none in JSON."""
    assert is_number(value) is expected


@pytest.mark.parametrize(("value", "expected"), [({}, True), ([], False), (MISSING, False), (Ref("x"), False)])
def test_only_a_mapping_is_an_object(value, expected):
    """An opaque leaf is no object, whatever stands for it."""
    assert is_object(value) is expected


def test_every_opaque_leaf_is_replaced_in_a_copy():
    """Replacing reaches objects and lists at any depth, and leaves the document as it was."""
    document = {"a": [Ref("x"), {"b": Ref("y")}], "c": 1}
    assert replace_opaque(document, lambda leaf: leaf.target) == {"a": ["x", {"b": "y"}], "c": 1}
    assert document == {"a": [Ref("x"), {"b": Ref("y")}], "c": 1}


def test_what_is_not_known_is_shown_by_its_stand_in():
    """A plan shows an opaque leaf as plain JSON."""
    assert shown({"a": [Ref("x")]}) == {"a": [{"$ref": "x"}]}
    assert shown(Sealed("/p")) == {"$secret": "/p"}


def test_the_body_is_compact_utf_8():
    """No blanks, no escapes that UTF-8 does not need, keys in the document's order, opaque leaves by stand-in."""
    document = {"name": "Größe 😀", "a": [1, None, True], "r": Ref("x")}
    assert wire_bytes(document) == '{"name":"Größe 😀","a":[1,null,true],"r":{"$ref":"x"}}'.encode()


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS)
def test_the_body_says_what_the_document_says(document):
    """Reading the body back gives the document, types included."""
    assert same(json.loads(wire_bytes(document)), document)
