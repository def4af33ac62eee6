"""Broken and hostile schemas are mended: they never refuse more, never reach out, and never take long."""

from __future__ import annotations

import time

import pytest

from reconciler.diff.document import same
from reconciler.engine.schemas.mending import mend
from reconciler.engine.schemas.patterns import ready
from reconciler.engine.schemas.violations import violations


def wrong(schema, value, unknown=()):
    made = ready(mend(schema).schema)
    return [
        (path.path, path.rule) for path in violations(made, value, unknown, lambda _at, ours, meant: same(ours, meant))
    ]


@pytest.mark.parametrize(
    ("schema", "remark"),
    [
        ({"properties": {"a": {}}, "required": ["b"]}, "/required names 'b', which is no property"),
        ({"properties": {"a": {"required": True}}}, "/properties/a/required is no list of names"),
        ({"properties": {"a": {"type": "text"}}}, "/properties/a/type names a type that there is not"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern cannot be used"),
        ({"properties": {"a": {"$ref": "#/nowhere"}}}, "/properties/a/$ref leads nowhere"),
        ({"properties": {"a": {"$ref": "http://h/x"}}}, "/properties/a/$ref leads out of the spec and is not followed"),
        ({"$ref": "#"}, "/$ref/$ref leads back to itself and is followed once"),
        ({"not": {"type": "text"}}, "/not/type names a type that there is not"),
        ({"if": {"type": "text"}, "then": False}, "/if/type names a type that there is not"),
        ({"oneOf": [{"type": "text"}, {"type": "object"}]}, "/oneOf/0/type names a type that there is not"),
        (
            {"patternProperties": {"(": {}}, "additionalProperties": False},
            "/patternProperties/( is a pattern that cannot be used",
        ),
        ({"properties": {"a": {"$ref": "#nowhere"}}}, "/properties/a/$ref leads nowhere"),
        ({"anyOf": {"type": "array"}}, "/anyOf is no list of schemas"),
        ({"allOf": []}, "/allOf is an empty choice"),
        ({"properties": ["a"]}, "/properties is no mapping of schemas"),
        ({"properties": {"a": {"maxLength": -1}}}, "/properties/a/maxLength cannot be used"),
        ({"properties": {"a": {"maxLength": True}}}, "/properties/a/maxLength cannot be used"),
        ({"properties": {"a": {"enum": []}}}, "/properties/a/enum cannot be used"),
        ("text", "it is no schema"),
    ],
)  # fmt: skip
def test_what_is_broken_is_left_out_and_said(schema, remark):
    """And what is left of it takes any object."""
    assert mend(schema).remarks == (remark,)
    assert wrong(schema, {"a": "x"}) == []


@pytest.mark.parametrize("items", ["text", [{"type": "text"}]])
@pytest.mark.parametrize("value", [{"a": "x"}, {"a": ["x", "y"]}])
def test_a_list_of_schemas_loses_what_holds_for_the_rest(items, value):
    """Which elements are the rest cannot be told from what is broken."""
    assert wrong({"properties": {"a": {"items": items, "additionalItems": False}}}, value) == []


@pytest.mark.parametrize("inner", [{"format": "password"}, {"type": "text"}, {"$ref": "#/nowhere"}, "text"])
@pytest.mark.parametrize("key", ["properties", "patternProperties"])
def test_who_else_may_be_there_is_told_by_names_alone(key, inner):
    """What is lost within a property changes nothing about a property that nobody names."""
    assert wrong({key: {"a": inner}, "additionalProperties": False}, {"a": "", "x": ""}) == [
        (("x",), "is not known there")
    ]
    for broken in ([inner], None):
        assert wrong({key: broken, "additionalProperties": False}, {"a": ""}) == []


def test_a_format_is_left_to_the_service():
    """Also where something refuses by it: what would refuse more without it is left out."""
    choice = [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]
    schema = {"properties": {"a": {"oneOf": choice}, "b": {"not": {"format": "date"}}}}
    assert mend(schema).remarks == ()
    assert wrong(schema, {"a": "::1", "b": "x"}) == []


def test_the_typo_of_the_documents_does_not_matter():
    """The dialect is draft-07 whatever ``$schema`` says."""
    assert wrong({"$schema": "http: //json-schema.org/draft-07/schema#", "required": ["a"]}, {}) == [
        (("a",), "is required")
    ]


def test_a_schema_too_large_or_too_deep_is_not_used():
    """Nor one that grows out of references to what holds references."""
    deep = {}
    for _ in range(5000):
        deep = {"properties": {"a": deep}}
    names = [{"allOf": [{"$ref": f"#/definitions/{at + 1}"}] * 10} for at in range(20)]
    bomb = {"definitions": {str(at): one for at, one in enumerate([*names, {}])}, "$ref": "#/definitions/0"}
    before = time.process_time()
    for schema in (deep, bomb):
        assert mend(schema).remarks == ("it is too large or too deep to be used",)
    assert time.process_time() - before < 2


def test_a_pattern_takes_no_longer_than_its_text():
    """A backtracking engine would take years for this one."""
    before = time.process_time()
    assert wrong({"properties": {"a": {"pattern": "^(a+)+$"}}}, {"a": "a" * 50_000 + "!"})
    assert time.process_time() - before < 2


def test_what_is_unknown_fits_everything():
    """Alone, in a choice, and where something else depends on it."""
    schema = {"properties": {"a": {"type": "integer", "minimum": 5}}, "anyOf": [{"properties": {"a": {"const": 3}}}]}
    assert len(wrong(schema, {"a": "x"})) == 2
    assert wrong(schema, {"a": "x"}, {("a",)}) == []
    assert wrong({"additionalProperties": False}, {"a": "", "b": {"c": ""}}, {("a",), ("b", "c")}) == [
        (("a",), "is not known there"),
        (("b",), "is not known there"),
    ]
    assert wrong({"if": {"required": ["b"]}, "else": False}, {"a": ""}, {("a",)}) == []
