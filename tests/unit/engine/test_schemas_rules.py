"""A rule that is broken is told in words, and values are read by what they mean."""

from __future__ import annotations

import pytest

from reconciler.diff.document import same
from reconciler.engine.schemas.mending import mend
from reconciler.engine.schemas.patterns import ready
from reconciler.engine.schemas.violations import violations


def wrong(schema, value, equal=same):
    """Return what a value breaks, where ``equal`` says which values the service takes for each other."""
    found = violations(ready(mend(schema).schema), value, (), lambda _at, ours, meant: equal(ours, meant))
    return [(one.path, one.rule) for one in found]


def anything(_ours, _meant):
    """The service takes each value for each other."""
    return True


@pytest.mark.parametrize(
    ("schema", "value", "rule"),
    [
        ({"enum": [1, "two"]}, 3, 'must be one of 1, "two"'),
        ({"enum": list(range(9))}, 10, "must be one of 0, 1, 2, 3, 4, 5, 6, 7, …"),
        ({"const": "a"}, "b", 'must be "a"'),
        ({"const": "a" * 99}, "b", f'must be "{"a" * 79}…'),
        ({"minimum": 15}, 14, "must be at least 15"),
        ({"maximum": 15}, 16, "must be at most 15"),
        ({"exclusiveMinimum": 15}, 15, "must be more than 15"),
        ({"exclusiveMaximum": 15}, 15, "must be less than 15"),
        ({"minLength": 2}, "a", "must have at least 2 characters"),
        ({"maxItems": 1}, [1, 2], "must have at most 1 elements"),
        ({"pattern": "^a"}, "b", 'must match the pattern "^a"'),
        ({"type": ["string", "array"]}, {}, "must be of type array or string"),
        ({"uniqueItems": True}, [1, 1], "breaks the rule uniqueItems"),
        (False, 1, "is not allowed there"),
    ],
)
def test_a_rule_is_told_in_words(schema, value, rule):
    """A property that is called like a rule does not mislead."""
    assert wrong({"properties": {"enum": schema}}, {"enum": value}) == [(("enum",), rule)]


def test_rules_about_names_tell_the_name():
    """A dependency counts as well as a requirement, and what is no name in it is left out."""
    assert wrong({"dependencies": {"a": ["b", 5]}}, {"a": 1}) == [(("b",), "is required")]
    assert wrong({"dependencies": {"a": {"required": ["b"]}}}, {"a": 1}) == [(("b",), "is required")]
    strange = {"properties": {"a": {}}, "additionalProperties": False}
    assert wrong(strange, {"a": 1, "c": 1, "b": 1}) == [(("b",), "is not known there"), (("c",), "is not known there")]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 15}, "15"),
        ({"type": "number", "maximum": 2}, "1.5"),
        ({"type": "boolean"}, "True"),
        ({"type": ["null", "integer"]}, "-3"),
        ({"enum": [15, 30]}, "15"),
        ({"const": True}, "true"),
        ({"anyOf": [{"type": "integer"}, {"type": "array"}]}, "15"),
    ],
)
def test_a_text_fits_by_what_it_means(schema, value):
    """The service takes one for the other (FACTS 10, 17)."""
    assert wrong({"properties": {"a": schema}}, {"a": value}) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, 0),
        ({"type": "string", "pattern": "^true$"}, True),
        ({"type": "string", "pattern": "^false$"}, False),
        ({"enum": ["0", "1"]}, 0),
        ({"const": "1.5"}, 1.5),
    ],
)
def test_a_number_is_a_text_only_where_the_service_takes_it_for_one(schema, value):
    """Elsewhere, nothing is known of it."""
    schema, value = {"properties": {"a": schema}}, {"a": value}
    assert wrong(schema, value, anything) == []
    assert len(wrong(schema, value)) == 1


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, "1.5"),
        ({"type": "integer", "minimum": 15}, "14"),
        ({"type": "boolean"}, "yes"),
        ({"type": "number"}, "1e5"),
        ({"type": "number"}, True),
        ({"enum": [15, None]}, "16"),
        ({"type": "integer"}, []),
    ],
)
def test_what_means_something_else_does_not_fit(schema, value):
    """Whatever the service would take for what."""
    assert len(wrong({"properties": {"a": schema}}, {"a": value}, anything)) == 1


def test_a_schema_that_contradicts_itself_comes_to_an_end():
    """What fits the one rule does not fit the other, and so on."""
    schema = {"properties": {"a": {"allOf": [{"type": "integer"}, {"type": "string"}]}}}
    assert wrong(schema, {"a": "5"}, anything)


def test_a_value_stays_as_it_is():
    """It is read by its meaning in a copy."""
    value = {"a": "15"}
    assert wrong({"properties": {"a": {"type": "integer"}}}, value) == []
    assert value == {"a": "15"}
