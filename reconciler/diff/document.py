"""JSON documents as this package sees them: plain values, opaque leaves, and a mark for what is not there."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeGuard

Json: TypeAlias = Any
"""None, bool, int, float, str, list, dict, or an :class:`Opaque` leaf.

Written as ``Any``: a recursive alias makes every dictionary access a cast, and what enters is checked at the edge.
"""


class Opaque(ABC):
    """A leaf whose value is not known here, or must not be: compared by equality, shown by a stand-in."""

    __slots__ = ()

    @abstractmethod
    def shown(self) -> Json:
        """The plain JSON that stands for it in a plan, e.g. ``{"$ref": "Connection/crm"}``."""


class Missing:
    """The one value that says that a document has nothing at a path; null is a value, this is none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()


def is_object(value: Json) -> TypeGuard[dict[str, Json]]:
    """Iff value is a JSON object."""
    return isinstance(value, dict)


def is_number(value: Json) -> TypeGuard[int | float]:
    """Iff value is a JSON number: in Python true is an integer, in JSON it is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(left: Json, right: Json) -> bool:
    """Iff both are one JSON value, strictly by type: 1 is not true, "1" is not 1; 1.0 is 1 (RFC 8259)."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if is_number(left) and is_number(right):
        return left == right
    return type(left) is type(right) and bool(left == right)


def replace_opaque(document: Json, resolve: Callable[[Opaque], Json]) -> Json:
    """Return a copy of document in which every opaque leaf is what ``resolve`` makes of it."""
    if isinstance(document, Opaque):
        return resolve(document)
    if isinstance(document, Mapping):
        return {key: replace_opaque(value, resolve) for key, value in document.items()}
    if isinstance(document, list):
        return [replace_opaque(value, resolve) for value in document]
    return document


def shown(document: Json) -> Json:
    """Return document as plain JSON, with a stand-in for every opaque leaf."""
    return replace_opaque(document, lambda leaf: leaf.shown())


def wire_bytes(document: Json) -> bytes:
    """Return the compact UTF-8 body that is sent for document, opaque leaves by their stand-ins."""
    return json.dumps(shown(document), ensure_ascii=False, separators=(",", ":")).encode()
