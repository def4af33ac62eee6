"""The JSON Schema of a manifest (draft 2020-12), for editors and for other people's checks.

Made of what the reader itself checks by: the envelope's models and the tables of fields. Only keywords that mean the
same since draft 7 stand in it, since editors differ in what they know. A manifest that fits can still be wrong in what
no schema can see: a reference that leads nowhere, a target that there is none of, two resources of one name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from reconciler.diff.document import Json
from reconciler.manifest import schema_values as values
from reconciler.manifest.envelope import API_VERSION, KINDS, TARGET, Metadata, TargetEnvelope
from reconciler.manifest.fields import FIELDS, REQUIRED, Shape
from reconciler.manifest.manifest import FIXED
from reconciler.manifest.schema_words import METADATA, OVERRIDES, SPEC, TARGET_SPEC
from reconciler.manifest.shape import never_null
from reconciler.model.kinds import Kind

_NEVER: Final[Json] = False
_HEAD: Final = ("apiVersion", "kind", "metadata", "spec")


def manifest_schema() -> dict[str, Json]:
    """Return the schema of one YAML document."""
    definitions = {**values.DEFINITIONS, **_model("Metadata", Metadata, METADATA)}
    definitions["MetadataPatch"] = _metadata_patch(definitions["Metadata"]["properties"])
    definitions |= _model("TargetManifest", TargetEnvelope, TARGET_SPEC)
    _complete_target(definitions["TargetManifest"], definitions["TargetSpec"])
    for kind in Kind:
        definitions |= {f"{kind}Body": _spec(kind), f"{kind}Patch": _patch(kind), f"{kind}Manifest": _manifest(kind)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "reconciler manifest",
        "type": "object",
        "required": list(_HEAD),
        "properties": {"apiVersion": {"const": API_VERSION}, "kind": {"enum": list(KINDS)}},
        "allOf": [
            {"if": _is_of(kind), "then": {"$ref": f"#/$defs/{kind}Manifest"}} for kind in KINDS
        ],
        "$defs": definitions,
    }  # fmt: skip


def _is_of(kind: str) -> Json:
    return {"required": ["kind"], "properties": {"kind": {"const": kind}}}


def _manifest(kind: Kind) -> dict[str, Json]:
    overrides = {
        "type": "object",
        "properties": {"metadata": {"$ref": "#/$defs/MetadataPatch"}, "spec": {"$ref": f"#/$defs/{kind}Patch"}},
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": list(_HEAD),
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": kind.value},
            "metadata": {"$ref": "#/$defs/Metadata"},
            "overrides": {"type": "object", "additionalProperties": overrides, "description": OVERRIDES},
            "spec": {"$ref": f"#/$defs/{kind}Body"},
        },
        "additionalProperties": False,
        "if": _creates(),
        "then": {"properties": {"spec": _complete(kind)}},
        "else": {"if": {"not": {"required": ["overrides"]}}, "then": {"properties": {"spec": {"minProperties": 1}}}},
    }


def _metadata_patch(properties: Mapping[str, Any]) -> dict[str, Json]:
    """Return the schema of a merge patch over metadata, which cannot change what a resource is."""
    fields: dict[str, Json] = {key: {"anyOf": [value, {"type": "null"}]} for key, value in properties.items()}
    fields |= dict.fromkeys(FIXED, _NEVER)
    return {"type": "object", "properties": fields, "additionalProperties": {"type": "null"}}


def _creates() -> Json:
    """Return what a manifest is like that may become a POST of what its spec says.

    With an id nothing has to be there; with overrides the rest may come from them.
    """
    without_id = {"not": {"required": ["id"], "properties": {"id": {"not": {"type": "null"}}}}}
    return {"properties": {"metadata": without_id}, "not": {"required": ["overrides"]}}


def _complete(kind: Kind) -> dict[str, Json]:
    there = {"not": {"type": "null"}}
    both = {"required": ["id", "version"], "properties": {"id": there, "version": there}}
    whole = {"if": {"type": "object", "not": {"required": ["valueFrom"]}}, "then": both}
    return {
        "required": list(REQUIRED[kind]),
        "properties": {field: whole for field, shape in FIELDS[kind].items() if shape is Shape.SPEC},
    }


def _spec(kind: Kind) -> dict[str, Json]:
    fields = {
        field: values.field(field, shape, nullable=not never_null(kind, field)) for field, shape in FIELDS[kind].items()
    }
    return {"type": "object", "properties": _told(fields, SPEC), "additionalProperties": False}


def _patch(kind: Kind) -> dict[str, Json]:
    """Return the schema of a merge patch over a spec: null takes a field away, also one that is not there."""
    fields = {field: values.field(field, shape, nullable=True) for field, shape in FIELDS[kind].items()}
    return {"type": "object", "properties": _told(fields, SPEC), "additionalProperties": {"type": "null"}}


def _model(name: str, model: type[BaseModel], words: Mapping[str, str]) -> dict[str, Any]:
    """Return a model's schema and those that it is made of, by name, each key with its words."""
    schema = model.model_json_schema(by_alias=True)
    inner: dict[str, Any] = schema.pop("$defs", {})
    found = {**inner, name: schema}
    for one in found.values():
        one.pop("title", None)
        one["properties"] = _told({key: _untitled(value) for key, value in one["properties"].items()}, words)
    return found


def _untitled(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key != "title"}


def _told(properties: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    return {
        key: {**value, **({"description": words[key]} if key in words else {})} for key, value in properties.items()
    }


def _complete_target(manifest: dict[str, Any], spec: dict[str, Any]) -> None:
    """Say what the reader checks beside the model: apiVersion, kind, and either a sandbox or the emulator."""
    manifest["properties"] |= {"apiVersion": {"const": API_VERSION}, "kind": {"const": TARGET}}
    manifest["required"] = list(_HEAD)
    sandbox = {"required": ["sandbox"], "properties": {"sandbox": {"type": "string"}}}
    emulator = {"required": ["emulator"], "properties": {"emulator": {"const": True}}}
    spec["oneOf"] = [sandbox, emulator]
