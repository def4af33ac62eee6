"""``reconciler schema``."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from reconciler.cli.schema import MANIFEST, NAMES
from reconciler.render.shapes import OUTPUTS


@pytest.mark.parametrize("name", NAMES)
def test_one_schema(call, name):
    """By name: a schema that says what it is, closed where it is ours."""
    ran = call("schema", name)
    assert (ran.code, ran.err) == (0, "")
    schema = json.loads(ran.out)
    assert schema["title"].startswith("reconciler ")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(schema)


def test_all_schemas(call):
    """Without a name: all of them; with several, those."""
    assert list(call("schema").json) == sorted(NAMES)
    assert list(call("schema", "plan", "apply").json) == ["apply", "plan"]
    assert call("schema", "plan", "plan").json["title"] == "reconciler plan"


def test_every_output_has_one():
    """The names that help shows are those that there are."""
    assert set(NAMES) == {MANIFEST, *OUTPUTS}


def test_an_unknown_name(call):
    """Is an error that says which there are."""
    ran = call("schema", "plann")
    assert ran.code == 1
    assert "'plann' is not one of 'manifest', 'plan'" in ran.err


@pytest.mark.parametrize("name", list(OUTPUTS))
def test_outputs_are_closed(call, name):
    """An output with one key more or less does not fit."""
    schema = call("schema", name).json
    objects = [one for one in [schema, *schema.get("$defs", {}).values()] if one.get("type") == "object"]
    assert objects
    assert all(one["additionalProperties"] is False for one in objects)
    assert all(set(one["required"]) == set(one["properties"]) for one in objects)


@pytest.mark.parametrize(
    ("command", "name"),
    [(("plan", "--format", "json"), "plan"), (("targets", "--format", "json"), "targets"),
     (("graph", "--format", "json"), "graph"), (("doctor", "--format", "json"), "doctor")],
)  # fmt: skip
def test_a_key_more_is_refused(estate, command, name):
    """The test that holds every output against its schema can fail."""
    out = json.loads(estate.run(*command).out)
    validator = jsonschema_rs.Draft202012Validator(json.loads(estate.run("schema", name).out))
    assert validator.is_valid(out)
    place = out[0] if isinstance(out, list) else out
    place["more"] = 1
    assert not validator.is_valid(out)
    del place["more"], place[next(iter(place))]
    assert not validator.is_valid(out)
