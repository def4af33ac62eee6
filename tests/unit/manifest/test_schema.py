"""The JSON Schema of a manifest takes what the reader takes, and refuses what it refuses.

Every manifest of every test is held against it, too: see the fixture ``judge``.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from support.schemas import beyond, manifest_validator

from reconciler.manifest import load, reader
from reconciler.manifest.envelope import KINDS
from reconciler.manifest.fields import FIELDS
from reconciler.manifest.nodes import plain
from reconciler.manifest.schema import manifest_schema
from reconciler.model.errors import ManifestErrors
from reconciler.model.kinds import Kind

WORKING_SET = Path(__file__).parents[3] / "manifests"
SPEC = {"id": "s", "version": "1.0"}
SECRET = {"valueFrom": {"env": "FLOW_SECRET_X"}}
FULL: dict[str, dict[str, Any]] = {
    "Connection": {
        "name": "C",
        "description": None,
        "connectionSpec": SPEC,
        "auth": {"specName": "Basic", "params": {"user": "u", "password": SECRET, "deep": [{"token": SECRET}]}},
    },
    "SourceConnection": {
        "name": "S",
        "baseConnectionId": "b",
        "connectionSpec": SPEC,
        "data": {"format": "tabular"},
        "params": {"path": {"valueFrom": {"target": "dataset"}}, "columns": [{"name": "a", "ref": "x"}]},
    },
    "TargetConnection": {"name": "T", "connectionSpec": SPEC, "params": {"dataSetId": "d"}},
    "Flow": {
        "name": "F",
        "flowSpec": SPEC,
        "sourceConnectionIds": ["a"],
        "targetConnectionIds": ["b"],
        "transformations": [{"name": "Mapping", "params": {"mappingVersion": 0}}],
        "scheduleParams": {
            "startTime": "2027-01-04T06:00:00Z",
            "frequency": "minute",
            "interval": "15",
            "backfill": True,
        },
        "state": "enabled",
    },
    "ConnectionSpec": {
        "name": "CS",
        "providerId": "p",
        "version": "1.0",
        "authSpec": [{"name": "a"}],
        "sourceSpec": {},
    },
    "FlowSpec": {"name": "FS", "providerId": "p", "sourceConnectionSpecIds": ["a"], "transformationSpec": [{"a": 1}]},
}
METADATA = {
    "name": "x",
    "previousName": "w",
    "protect": True,
    "onRemove": "forget",
    "ignore": ["/description"],
    "skipValidation": [],
    "targets": ["dev"],
    "snooze": {"dev": {"until": "2027-01-31", "reason": "vendor", "fields": ["/description"]}},
}
STRANGE: list[Any] = [
    None, "", "text", 0, -1, 1, 1.5, 14, True, [], ["text"], [None], {}, {"a": 1}, {"ref": "Connection/x"},
    {"ref": "Connexion/x"}, {"ref": "Connection/X"}, {"ref": "x"}, {"valueFrom": {"target": "dataset"}}, SECRET,
    {"valueFrom": {"env": "not a name"}}, {"valueFrom": {}}, {"valueFrom": "x"},
    {"valueFrom": {"env": "A", "file": "B"}},
    {"valueFrom": {"file": "f"}}, {"ref": "Connection/x", "more": 1}, [{"valueFrom": 1}], "2027-01-04 06:00",
    "2027-01-04T06:00Z", "15", "0", "once", "week", "fortnight", "TRUE", "enabled", "0014",
]  # fmt: skip


def document(kind: str) -> dict[str, Any]:
    return {
        "apiVersion": "reconciler/v1",
        "kind": kind,
        "metadata": copy.deepcopy(METADATA),
        "spec": copy.deepcopy(FULL[kind]),
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path of a document, from the top."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def changed(base: dict[str, Any], path: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(base)
    *above, last = path
    place = made
    for key in above:
        place = place[key]
    place[last] = value
    return made


def without(base: dict[str, Any], path: tuple[Any, ...]) -> Any:
    made = changed(base, path, None)
    place = made
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return made


def variations(base: dict[str, Any], values: list[Any] = STRANGE) -> Iterator[Any]:
    """The document with every value replaced, left out, or joined by a key that nobody knows."""
    for path in places(base):
        if path:
            yield from (changed(base, path, strange) for strange in values[:: 1 if path[0] == "spec" else 5])
            yield without(base, path)
        inner = base
        for key in path:
            inner = inner[key]
        if isinstance(inner, dict):
            yield changed(base, (*path, "unheardOf"), 1)


def problems_of(folder: Path, content: Any) -> list[str]:
    (folder / "a.json").write_text(json.dumps(content))
    try:
        load(folder).validate()
    except ManifestErrors as errors:
        return [problem.message for problem in errors.problems]
    return []


@pytest.mark.parametrize("kind", list(Kind))
def test_schema_and_reader_agree(folder, kind):
    """On every variation of a full manifest; both its spec and its metadata are varied, with and without an id."""
    full, few = document(kind), [None, {}, "text"]
    adopting = (changed(full, ("metadata", "id"), one) for one in ("an-id", {"dev": "an-id"}))
    contents = [*variations(full), *(content for base in adopting for content in variations(base, few))]
    assert {compared(folder, content) for content in contents} == {True, False}


def compared(folder: Path, content: Any) -> bool:
    """Return whether a manifest fits the schema, which the reader must agree with."""
    valid = manifest_validator().is_valid(content)
    problems = problems_of(folder, content)
    assert valid or problems, (content, next(iter(manifest_validator().iter_errors(content))))
    assert not valid or all(beyond(content, message) for message in problems), (content, problems)
    return valid


def test_targets_agree(folder):
    """The schema of a target, the same way."""
    spec = {"sandbox": "s-1", "values": {"a": [1]}, "guards": {"maxDeletes": 2, "maxChangesPercent": 30}}
    spec |= {"settleSeconds": 2.5, "ledger": {"ref": "refs/heads/x", "remote": "origin"}, "default": False}
    base = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "x"}, "spec": spec}
    embedded = without(base, ("spec", "sandbox"))
    embedded["spec"]["emulator"] = True
    contents = [content for one in (base, embedded) for content in variations(one)]
    assert {compared(folder, content) for content in contents} == {True, False}


@pytest.mark.parametrize("kind", list(Kind))
def test_overrides_agree(folder, kind):
    """A merge patch of any variation: null takes a field away, and only what a spec takes may stand in it."""
    base = document(kind) | {"overrides": {"dev": {"spec": copy.deepcopy(FULL[kind]), "metadata": {"protect": False}}}}
    paths = list(places(base["overrides"], ("overrides",)))
    contents = [changed(base, path, strange) for path in paths for strange in STRANGE[::3]]
    assert {compared(folder, content) for content in contents} == {True, False}


def test_the_working_set_fits():
    """Every manifest that the repository shows."""
    files = sorted(WORKING_SET.rglob("*.yaml"))
    documents = [one for file in files for one in reader.read(file.name, file.read_bytes())[0]]
    assert len(documents) >= 10
    for one in documents:
        manifest_validator().validate(plain(one.root))


def test_it_is_a_schema_that_tells_its_keys():
    """Draft 2020-12, every reference in it leads somewhere, and each key of metadata has a description."""
    schema = manifest_schema()
    jsonschema_rs.meta.validate(schema)
    definitions = schema["$defs"]
    text = json.dumps(schema)
    assert {name.split('"')[0] for name in text.split("#/$defs/")[1:]} <= set(definitions)
    assert all("description" in value for value in definitions["Metadata"]["properties"].values())
    assert all("description" in value for value in definitions["TargetSpec"]["properties"].values())
    assert [one["if"]["properties"]["kind"]["const"] for one in schema["allOf"]] == list(KINDS)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_is_offered(kind):
    """What an editor completes with is what the reader knows."""
    definitions = manifest_schema()["$defs"]
    for name in (f"{kind}Body", f"{kind}Patch"):
        assert set(definitions[name]["properties"]) == set(FIELDS[kind])


def test_only_keywords_that_editors_know():
    """None that came after draft 7, but for $defs."""
    late = (
        "unevaluated",
        "dependentRequired",
        "dependentSchemas",
        "prefixItems",
        "minContains",
        "$dynamicRef",
        "$anchor",
    )
    assert not [word for word in late if f'"{word}' in json.dumps(manifest_schema())]
