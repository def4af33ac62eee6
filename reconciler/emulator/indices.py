"""What an index in a patch counts, where it counts in the list from before the patch (FACTS 9, X)."""

from __future__ import annotations

import re
from typing import Any, Final

from reconciler.emulator.resources import Document

INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")


def parts_of(path: str) -> list[str]:
    """Return the tokens of a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


class OriginalIndices:
    """Says where, by now, the members of a document's lists are; what was added has no original place."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lists: dict[tuple[str, ...], list[int | None]] = {}

    def translated(self, op: Document) -> Document:
        """Return an op as RFC 6902 would have it after those before; an index of what is gone is one behind the end."""
        parts, shown = parts_of(op["path"]), op["path"].split("/")[1:]
        node: Any = self._document
        for depth, part in enumerate(parts):
            if isinstance(node, list):
                now = self._lists.setdefault(tuple(parts[:depth]), list(range(len(node))))
                shown[depth] = _moved(now, part, op["op"] if depth == len(parts) - 1 else "through")
            node = _below(node, part)
        return {**op, "path": "/" + "/".join(shown)}


def _moved(now: list[int | None], part: str, way: str) -> str:
    """Return where an original index is, and note what an op does to the list."""
    if not INDEX.fullmatch(part):
        now += [None] if (part, way) == ("-", "add") else []
        return part
    at = now.index(int(part)) if int(part) in now else len(now)
    if way == "add":
        now.insert(at, None)
    elif way == "remove" and at < len(now):
        del now[at]
    return str(at)


def _below(node: Any, part: str) -> Any:
    if isinstance(node, list):
        return node[int(part)] if INDEX.fullmatch(part) and int(part) < len(node) else None
    return node.get(part) if isinstance(node, dict) else None
