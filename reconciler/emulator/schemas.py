"""JSON Schemas out of spec documents, applied leniently: documents mix strings and numbers (FACTS 10, 17)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import jsonschema_rs

from reconciler.emulator.resources import Document, child

_NUMBERS: Final = {"integer": re.compile(r"-?\d{1,18}"), "number": re.compile(r"-?\d{1,18}(\.\d{1,18})?")}
_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "false": False}


def violations(schema: Any, value: Document) -> list[str]:
    """Return what is wrong with value; nothing when the schema itself is broken, as in some documented specs."""
    try:
        validator = jsonschema_rs.Draft7Validator(schema)
    except (ValueError, TypeError):
        return []
    return sorted(error.message for error in validator.iter_errors(_by_meaning(schema, value)))


def without_unknown_required(schema: Any) -> Any:
    """Return schema with the ``required`` names dropped that it does not describe (FACTS 14)."""
    if not isinstance(schema, dict) or not isinstance(schema.get("required"), list):
        return schema
    described = child(schema, "properties") or {}
    return {**schema, "required": [name for name in schema["required"] if name in described]}


def _by_meaning(schema: Any, value: Document) -> Document:
    properties = child(schema, "properties") or {}
    return {key: _meant(item, child(properties, key, "type")) for key, item in value.items()}


def _meant(value: Any, wanted: Any) -> Any:
    """Return "15" as 15 and "true" as true where the schema wants a number or a boolean."""
    if not isinstance(value, str):
        return value
    if wanted == "boolean":
        return _BOOLEANS.get(value, value)
    pattern = _NUMBERS.get(wanted) if isinstance(wanted, str) else None
    if pattern and pattern.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value
