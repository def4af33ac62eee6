"""The JSON Schemas (draft 2020-12) of what the commands print with ``--format json``."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from reconciler.diff.document import Json
from reconciler.render.shapes import OUTPUTS

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def output_schema(name: str) -> dict[str, Json]:
    """Return the schema of a command's JSON; raises KeyError for one that prints none."""
    schema = TypeAdapter(OUTPUTS[name]).json_schema(mode="serialization")
    return {"$schema": DRAFT, "title": f"reconciler {name}", **_untitled(schema)}


def _untitled(schema: dict[str, Any]) -> dict[str, Json]:
    """Return a schema without the titles that only say the names of its parts once more."""
    return {key: _inner(key, value) for key, value in schema.items() if key != "title"}


def _inner(key: str, value: Any) -> Json:
    if key in {"properties", "$defs"}:  # names, and not keywords
        return {name: _untitled(part) for name, part in value.items()}
    if isinstance(value, dict):
        return _untitled(value)
    return [_untitled(part) if isinstance(part, dict) else part for part in value] if isinstance(value, list) else value
