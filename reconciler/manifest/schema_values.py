"""The JSON Schema of what stands under a spec's fields: shapes as in :mod:`reconciler.manifest.shape`, and sugar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.manifest.envelope import MOMENT_PATTERN, NAME_PATTERN
from reconciler.manifest.exports import INTERVALS, MODES, ONCE, UNITS
from reconciler.manifest.fields import Shape
from reconciler.manifest.schedule import FREQUENCIES, LEAST_MINUTES
from reconciler.manifest.shape import STATES
from reconciler.model.kinds import Kind
from reconciler.model.references import kind_at

_NULL: Final = {"type": "null"}
_TEXT: Final = {"type": "string"}
_ANY_KIND: Final = "|".join(Kind)


def _ref(kinds: str) -> dict[str, Json]:
    return _closed({"ref": {"type": "string", "pattern": f"^({kinds})/{NAME_PATTERN}$"}}, "ref")


def _closed(properties: dict[str, Json], *required: str) -> dict[str, Json]:
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _from(*sources: Json) -> dict[str, Json]:
    return _closed({"valueFrom": sources[0] if len(sources) == 1 else {"anyOf": list(sources)}}, "valueFrom")


def _named(name: str) -> dict[str, Json]:
    return {"$ref": f"#/$defs/{name}"}


def _document(sugar: str, inner: str, reference: Json) -> dict[str, Json]:
    """Return the schema of any value whose sugar is well formed.

    ``sugar`` is what ``valueFrom`` may name there, ``inner`` the schema of the values in it, ``reference`` that of a
    ``ref`` to a manifest.
    """
    single = {"type": "object", "maxProperties": 1}
    is_reference = {"properties": {"ref": {"type": "string", "pattern": f"^({_ANY_KIND})/"}}}
    return {
        "if": {**single, "required": ["valueFrom"]},
        "then": _named(sugar),
        "else": {
            "if": {**single, "required": ["ref"], **is_reference},
            "then": reference,
            "else": {"items": _named(inner), "additionalProperties": _named(inner)},
        },
    }


_TARGET: Final = _closed({"target": {"type": "string", "minLength": 1}}, "target")
_ENV: Final = _closed({"env": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}}, "env")
_FILE: Final = _closed({"file": {"type": "string", "minLength": 1}}, "file")
_DIGITS: Final = "[0-9]+"
_TIME: Final = [
    {"type": "integer", "minimum": 0},
    {"type": "string", "pattern": f"^({_DIGITS}|{MOMENT_PATTERN})$"},
    _named("TargetValue"),
    _NULL,
]
_BACKFILL: Final = [
    {"type": "boolean"},
    {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"},
    _named("TargetValue"),
    _NULL,
]


def _interval(least: int) -> Json:
    digits = {
        "type": "string",
        "pattern": "^0*[1-9][0-9]{0,17}$" if least == 1 else "^0*(1[5-9]|[2-9][0-9]|[1-9][0-9]{2,17})$",
    }
    return {"anyOf": [{"type": "integer", "minimum": least}, digits, _named("TargetValue"), _NULL]}


def _runs(frequency: str) -> Json:
    return {"required": ["frequency"], "properties": {"frequency": {"const": frequency}}}


_RECURRING: Final = {
    "properties": {
        "frequency": {"anyOf": [{"enum": list(FREQUENCIES)}, _named("TargetValue"), _NULL]},
        "interval": _interval(1),
        "backfill": {"anyOf": _BACKFILL},
    },
    "allOf": [
        {"if": _runs("once"), "then": {"properties": {"interval": _NULL, "backfill": _NULL}}},
        {"if": _runs("minute"), "then": {"properties": {"interval": _interval(LEAST_MINUTES)}}},
    ],
}

_ONCE: Final = {"required": ["exportMode"], "properties": {"exportMode": {"const": ONCE}}}
_OPEN: Final = {"required": ["exportMode"], "properties": {"exportMode": {"type": "object"}}}


def _of_export(unit: str, mode: Json, intervals: Sequence[int]) -> Json:
    """Return which intervals an export has, by its unit and mode."""
    digits = {"type": "string", "pattern": f"^0{{0,16}}({'|'.join(map(str, intervals))})$"}
    numbers = [{"type": "integer", "enum": list(intervals)}, digits] if intervals else []
    return {
        "if": {"allOf": [mode, {"properties": {"timeUnit": {"const": unit}}}]},
        "then": {"properties": {"interval": {"anyOf": [*numbers, _named("TargetValue"), _NULL]}}},
    }


_EXPORT: Final = {
    "properties": {
        "timeUnit": {"anyOf": [{"enum": list(UNITS)}, _named("TargetValue"), _NULL]},
        "exportMode": {"anyOf": [{"enum": list(MODES)}, _named("TargetValue"), _NULL]},
    },
    "allOf": [
        *(_of_export(unit, {"not": {"anyOf": [_ONCE, _OPEN]}}, INTERVALS[unit]) for unit in UNITS),
        _of_export("day", _ONCE, [0]),
        _of_export("hour", _ONCE, []),
    ],
}

DEFINITIONS: Final[dict[str, Any]] = {
    "Reference": _ref(_ANY_KIND),
    "TargetValue": _from(_TARGET),
    "TargetValueOrSecret": _from(_TARGET, _ENV, _FILE),
    "Value": _document("TargetValue", "Value", _named("Reference")),
    "Credential": _document("TargetValueOrSecret", "Credential", _named("Reference")),
    "Object": {"type": "object", **_document("TargetValue", "Value", reference=False)},
    "Credentials": {"type": "object", **_document("TargetValue", "Credential", reference=False)},
    "Text": {"anyOf": [_TEXT, _named("Reference"), _named("TargetValue")]},
    "Schedule": {
        "allOf": [_named("Object")],
        "properties": {"startTime": {"anyOf": _TIME}, "endTime": {"anyOf": _TIME}},
        "if": {"required": ["valueFrom"]},
        "else": {"if": {"required": ["timeUnit"]}, "then": _EXPORT, "else": _RECURRING},
    },
}
"""What several fields share."""


def field(name: str, shape: Shape, *, nullable: bool) -> dict[str, Json]:
    """Return the schema of a spec's field."""
    if shape is Shape.ANY:
        return _named("Value")
    return {"anyOf": [*_CHOICES[shape](name), *([_NULL] if nullable else [])]}


def _id(path: Path) -> Json:
    kinds = kind_at(path) or _ANY_KIND
    return {"anyOf": [{"type": "string", "minLength": 1}, _ref(kinds), _named("TargetValue")]}


def _or_null(*choices: Json) -> Json:
    return {"anyOf": [*choices, _NULL]}


def _list(items: Json) -> list[Json]:
    return [{"type": "array", "items": items}, _named("TargetValue")]


def _spec(name: str) -> list[Json]:
    known = {"id": _or_null(_id((name, "id"))), "version": _or_null(_named("Text"))}
    return [_closed(known), _named("TargetValue")]


_AUTH: Final = _closed({"specName": _or_null(_named("Text")), "params": _or_null(_named("Credentials"))})
_STEP: Final = _closed({"name": _named("Text"), "params": _or_null(_named("Object"))}, "name")

_CHOICES: Final[dict[Shape, Callable[[str], list[Json]]]] = {
    Shape.TEXT: lambda _: [_named("Text")],
    Shape.OBJECT: lambda _: [_named("Object")],
    Shape.LIST: lambda _: _list(_named("Value")),
    Shape.ID: lambda name: [_id((name,))],
    Shape.IDS: lambda name: _list(_id((name, "0"))),
    Shape.SPEC: _spec,
    Shape.AUTH: lambda _: [_AUTH, _named("TargetValue")],
    Shape.TRANSFORMATIONS: lambda _: _list({"anyOf": [_STEP, _named("TargetValue")]}),
    Shape.SCHEDULE: lambda _: [_named("Schedule")],
    Shape.STATE: lambda _: [{"enum": list(STATES)}, _named("TargetValue")],
}
"""What may stand in a field of that name and shape."""
