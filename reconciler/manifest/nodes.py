"""A YAML document as a tree of values that each know where they were written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.model.errors import Problem
from reconciler.model.resources import Location


class Mark(NamedTuple):
    """A line and a column, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """One value: a scalar, a dict of nodes or a list of nodes. ``keys`` holds the marks of a mapping's keys.

    It is never shown: it may hold a password that somebody wrote into a manifest.
    """

    value: Any
    mark: Mark
    keys: dict[str, Mark] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Node({self.mark.line}:{self.mark.column})"

    @property
    def is_mapping(self) -> bool:
        """Iff it is a mapping."""
        return isinstance(self.value, dict)

    def get(self, key: str) -> Node | None:
        """The value of a mapping's key; None where there is no such key, or no mapping."""
        child = self.value.get(key) if isinstance(self.value, dict) else None
        return child if isinstance(child, Node) else None

    def child(self, token: str) -> Node | None:
        """The value one level down: of a mapping by key, of a list by index."""
        if not isinstance(self.value, list):
            return self.get(token)
        return self.value[int(token)] if token.isdecimal() and int(token) < len(self.value) else None

    def children(self) -> Iterator[tuple[str, Node]]:
        """The tokens and nodes one level down."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from ((str(index), child) for index, child in enumerate(self.value))


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a file; ``size`` counts its values."""

    file: str
    root: Node
    size: int = 0

    def problem(self, at: Node | Mark, message: str) -> Problem:
        """Say what is wrong at a place of this document."""
        mark = at.mark if isinstance(at, Node) else at
        return Problem(Location(self.file, mark.line, mark.column), message)

    def location(self, mark: Mark) -> Location:
        """Name a place of this document."""
        return Location(self.file, mark.line, mark.column)


def plain(node: Node) -> Json:
    """Return the value without its places."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def nearest(node: Node, path: Path, *, key: bool = False) -> Mark:
    """Return the mark of the value at path, or of its nearest ancestor; with ``key``, of the key it stands under."""
    mark = node.mark
    for token in path:
        child = node.child(token)
        if child is None:
            return mark
        mark = node.keys.get(token, child.mark) if key else child.mark
        node = child
    return mark
