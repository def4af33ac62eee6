"""What pydantic finds wrong with an envelope, in words for a reader, at its place in the file."""

from __future__ import annotations

from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reconciler.diff.document import Json, is_number
from reconciler.diff.pointer import Path, format_path
from reconciler.manifest.envelope import BRANCHES, TargetEnvelope
from reconciler.manifest.hints import did_you_mean, no_boolean, quoted
from reconciler.manifest.nodes import Document, Node, nearest, plain
from reconciler.model.errors import Problem

Model = TypeVar("Model", bound=BaseModel)

_HOSTS: Final = frozenset({"host", "url", "baseUrl", "endpoint", "imsUrl"})
_MISSING: Final = {
    "metadata": "write metadata: {name: …}, what git calls it",
    "name": "what git calls it, as in name: salesforce-crm",
    "spec": "what is wanted stands in it",
    "until": 'the last day, as in until: "2027-01-31"',
    "reason": "why this drift is left alone",
    "fields": "JSON Pointers into spec, as in [/description]",
}
_MUST: Final = {
    "string_type": "must be text",
    "string_too_short": "must not be empty: write it, or leave it out",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
    "literal_error": "must be {expected}",
    "too_long": "must have {max_length} entries at most",
    "list_type": "must be a list, as in [{example}]",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
}
_MOST_PROBLEMS: Final = 200
"""Of one manifest: what repeats itself so often is one mistake."""

_EXAMPLES: Final = {"ignore": "/description", "targets": "prod", "fields": "/description"}
_NUMBERS: Final = frozenset({"int_type", "float_type"})


def check(
    document: Document, node: Node, model: type[Model], *, above: Path = ()
) -> tuple[Model | None, list[Problem]]:
    """Return a node as that model; None and the problems where it is none. ``above`` is where the node stands."""
    try:
        return model.model_validate(plain(node)), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, [_problem(document, node, model, detail, above) for detail in details[:_MOST_PROBLEMS]]


def _problem(document: Document, node: Node, model: type[BaseModel], detail: ErrorDetails, above: Path) -> Problem:
    path = tuple(str(token) for token in detail["loc"] if token not in BRANCHES)
    is_key = detail["type"] == "extra_forbidden"
    words = f"{format_path((*above, *path))}{_words(detail, path, model)}"
    return document.problem(nearest(node, path, key=is_key), words)


def _words(detail: ErrorDetails, path: Path, model: type[BaseModel]) -> str:
    """Return what follows the pointer."""
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return f": {_unknown(path, model)}"
    if kind == "missing":
        return f" is missing: {_MISSING[path[-1]]}"
    if kind == "bool_type":
        return f": {no_boolean(value)}"
    if kind == "too_short":  # of lists, only that of the targets and that of snoozed fields
        return f": name at least one {path[-1].removesuffix('s')}, or leave it out"
    if kind == "value_error":
        return f": {detail['ctx']['error']}; found {quoted(value)}"
    return f" {_must(detail, path)}; found {quoted(value)}{_hint(kind, value)}"


def _must(detail: ErrorDetails, path: Path) -> str:
    """Say what a value of the wrong type should be."""
    if path[-1] == "id":
        return "must be an id, as text, or a map from target to id"
    words = {"msg": detail["msg"], "example": _EXAMPLES.get(path[-1], "")} | detail.get("ctx", {})
    return _MUST.get(detail["type"], "{msg}").format_map(words)


def _hint(kind: str, value: Json) -> str:
    """Say what most likely went wrong, where that is known."""
    if value is None:
        return " (as all that is left empty): write a value, or remove the line"
    if kind == "string_type" and (is_number(value) or isinstance(value, bool)):
        return ": quote it"
    if kind in _NUMBERS and isinstance(value, str) and value.strip().isdecimal():
        return ": write it without quotes"
    return ""


def _unknown(path: Path, model: type[BaseModel]) -> str:
    if model is TargetEnvelope and path[-1] in _HOSTS:
        return "a target never names a host: remove it; the environment does (AEP_BASE_URL, AEP_IMS_URL)"
    return f"unknown field; {did_you_mean(path[-1], _known_fields(model, path[:-1]))}"


def _known_fields(model: type[BaseModel], path: Path) -> list[str]:
    """Return the names that a model takes at a path."""
    for token in path:
        inner = next((f for n, f in model.model_fields.items() if (f.alias or n) == token), None)
        annotation: Any = inner.annotation if inner else None
        annotation = next(iter(get_args(annotation)[1:]), annotation)  # of a map, what it maps to
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return [field.alias or name for name, field in model.model_fields.items()]
