"""JSON Patch by the service's rules (FACTS 9). The ``jsonpatch`` library applies it: nothing of ours is shared."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import jsonpatch

from reconciler.emulator.errors import Refusal, invalid, numbered
from reconciler.emulator.indices import INDEX, OriginalIndices, parts_of
from reconciler.emulator.resources import Document, server_owned
from reconciler.emulator.settings import Settings

_OPS: Final = ("add", "replace", "remove")
_POINTER: Final = re.compile(r"(/([^~/]|~[01])*)+")
_DOCUMENTED: Final = {
    "connections": re.compile(r"/[^/]+|/auth/params(/[^/]+)?"),
    "sourceConnections": re.compile(r"/[^/]+"),
    "targetConnections": re.compile(r"/[^/]+|/params/[^/]+"),
    "flows": re.compile(r"/[^/]+|/scheduleParams/frequency|/transformations/.+"),
}
"""The paths that documents show in a patch: a field, and these below one (FACTS 9)."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where an op passes a list: which list, and in which way."""

    array: tuple[str, ...]
    way: str  # "append", "add" and "remove" at an index, or "through": a replace there, or anything deeper


def parse(collection: str, body: Any, settings: Settings) -> list[Document]:
    """Return the ops of a request body: a list, though OAS once shows a single object (FACTS 9, X)."""
    if body in (None, [], {}):
        raise numbered("1405-400", "The request body cannot be null or empty.")
    if not isinstance(body, list):
        raise invalid("A patch is a list of operations.")
    return [_operation(collection, item, settings) for item in body]


def _operation(collection: str, item: Any, settings: Settings) -> Document:
    needed = {"op", "path"} if _is_bare_remove(item, settings) else {"op", "path", "value"}
    if not isinstance(item, dict) or not needed <= item.keys():
        raise invalid("Every operation has an op, a path and a value, remove as well.")
    op, path = item["op"], item["path"]
    if not isinstance(op, str) or op.lower() not in _OPS:
        raise numbered("1434-400", f"Unsupported operation '{op}' received.")
    if not isinstance(path, str) or path == "/" or not _POINTER.fullmatch(path):
        raise invalid(f"The path {path!r} names no field.")
    _allowed(collection, path, settings)
    return {
        "op": op.lower(),
        "path": path,
        "value": copy.deepcopy(item.get("value")),
    }  # lastOperation keeps what was sent


def _is_bare_remove(item: Any, settings: Settings) -> bool:
    return not settings.remove_needs_value and isinstance(item, dict) and str(item.get("op")).lower() == "remove"


def _allowed(collection: str, path: str, settings: Settings) -> None:
    top = parts_of(path)[0]
    if collection == "connections" and top == "connectionSpec":
        raise numbered("1414-400", "The connection spec of a connection cannot be updated.")
    if top in server_owned(collection):
        raise invalid(f"The field {top} is written by the service alone.")
    if path.startswith("/auth/params/") and not settings.auth_leaves:
        raise invalid("The auth params are replaced whole.")
    if not settings.leaf_patches and not _DOCUMENTED[collection].fullmatch(path):
        raise invalid(f"The path {path} cannot be patched.")


def apply(document: Document, ops: list[Document], settings: Settings) -> Document:
    """Return document with the ops applied in order; the given one is left as it is."""
    steps: list[Step] = []
    original = OriginalIndices(document) if settings.index_ops == "original" else None
    for sent in ops:
        op = original.translated(sent) if original else sent
        steps += _steps(document, op)
        document = _applied(document, op)
    if settings.index_ops == "refused":
        _refuse_ambiguous(steps)
    return document


def _applied(document: Document, op: Any) -> Document:
    try:
        patched: Any = jsonpatch.JsonPatch([op]).apply(document)
    except jsonpatch.JsonPatchException as error:  # pragma: no cover - _steps has refused what this would
        raise _missing(op["path"]) from error
    return dict(patched)


def _steps(document: Any, op: Document) -> list[Step]:
    """Walk to where op points, and refuse what is not there: ``jsonpatch`` lets some of it through or crashes on it."""
    parts, found, node = parts_of(op["path"]), [], document
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        if isinstance(node, list):
            found.append(Step(tuple(parts[:depth]), _way(node, part, op, last=last)))
            node = None if last else node[int(part)]
        elif not isinstance(node, dict) or (part not in node and not (last and op["op"] == "add")):
            raise _missing(op["path"])
        else:
            node = node.get(part)
    return found


def _way(node: list[Any], part: str, op: Document, *, last: bool) -> str:
    adding = last and op["op"] == "add"
    if adding and part == "-":
        return "append"
    index = int(part) if INDEX.fullmatch(part) else len(node) + 1
    if index >= len(node) + adding:
        raise _missing(op["path"])
    return op["op"] if last and op["op"] != "replace" else "through"


def _refuse_ambiguous(steps: list[Step]) -> None:
    """Whether a second index counts in the list before or after the first op is unknown (FACTS 9).

    The documents show appends together with at most one remove, which means the same either way.
    """
    ways: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for step in steps:
        ways[step.array].append(step.way)
    for array, seen in ways.items():
        shifting = seen.count("add") + seen.count("remove")
        if shifting > 1 or ("add" in seen and len(seen) > 1) or ("remove" in seen and "through" in seen):
            raise invalid(f"Several operations by index within /{'/'.join(array)} in one patch.")


def _missing(path: str) -> Refusal:
    return numbered("1455-400", f'An error has occurred while validating patch instructions: Missing field "{path}".')
