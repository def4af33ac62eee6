"""The order in which objects have their keys: files are written sorted, and people read a body as it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconciler.diff.document import Json, is_object
from reconciler.diff.pointer import Path, format_path


def orders(value: Json, at: Path = ()) -> dict[str, tuple[str, ...]]:
    """Return the keys, in their order, of each object in a value that does not have them sorted, by JSON Pointer."""
    return {format_path(path): keys for path, keys in _unsorted(value, at)}


def _unsorted(value: Json, at: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    if is_object(value):
        keys = tuple(value)
        if list(keys) != sorted(keys):
            yield at, keys
    for token, inner in _members(value):
        yield from _unsorted(inner, (*at, token))


def _members(value: Json) -> Iterator[tuple[str, Json]]:
    if is_object(value):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(at), inner) for at, inner in enumerate(value))


def in_order(value: Json, order: Mapping[str, Sequence[str]], at: Path = ()) -> Json:
    """Return a value with the keys of its objects as :func:`orders` has told.

    Raises ValueError for an order of other keys than there are.
    """
    if isinstance(value, list):
        return [in_order(inner, order, (*at, str(index))) for index, inner in enumerate(value)]
    if not is_object(value):
        return value
    keys = order.get(format_path(at), tuple(value)) if order else tuple(value)
    if len(keys) != len(value) or not value.keys() <= set(keys):
        raise ValueError(f"the order of the keys at {format_path(at)} is not of the keys that are there")
    return {key: in_order(value[key], order, (*at, key)) for key in keys}
