"""A manifest's spec and the override of a target, changed so that the two together say what is wanted there.

The converse of :mod:`~reconciler.manifest.merge`: each value is changed in the layer that gives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeGuard

from reconciler.diff.document import MISSING, Json, Missing, is_object, same
from reconciler.manifest.merge import merge
from reconciler.manifest.nodes import Mark, Node, plain
from reconciler.manifest.resolve import is_sugar

_NOWHERE: Final = Mark(1, 1)


def lay(base: Json | Missing, over: Json | Missing, wanted: Json | Missing) -> tuple[Json | Missing, Json | Missing]:
    """Return base and over, a merge patch (RFC 7386), changed where they must be so that merged they are wanted.

    MISSING is what is not there: of ``over``, that it says nothing. A value goes into ``over`` iff that gives it now;
    there null takes out what ``base`` has. Wanted has no null that is not in base already, but inside of lists.
    """
    if same_or_missing(merged(base, over), wanted):
        return base, over
    if over is MISSING:
        return wanted, over
    if _is_mapping(over) and _is_mapping(wanted):
        return _lay_members(base, over, wanted)
    return base, _patch(base, wanted)


def _lay_members(base: Json | Missing, over: dict[str, Json], wanted: dict[str, Json]) -> tuple[Json, Json]:
    below = base if _is_mapping(base) else {}
    made: tuple[dict[str, Json], dict[str, Json]] = {}, {}
    for key in dict.fromkeys([*below, *over, *wanted]):
        here = below.get(key, MISSING), over.get(key, MISSING), wanted.get(key, MISSING)
        # What has no mapping below it can stand only in the override.
        parts = lay(*here) if _is_mapping(base) or key in over else (MISSING, here[2])
        for layer, part in zip(made, parts, strict=True):
            if part is not MISSING:
                layer[key] = part
    return (made[0] if _is_mapping(base) else base), made[1]


def _patch(base: Json | Missing, wanted: Json | Missing) -> Json | Missing:
    """Return the merge patch that makes wanted of base."""
    if wanted is MISSING:
        return MISSING if base is MISSING else None
    if not _is_mapping(wanted):
        return wanted
    below = base if _is_mapping(base) else {}
    changed = {key: _patch(below.get(key, MISSING), value) for key, value in wanted.items()}
    return {key: None for key in below if key not in wanted} | changed


def merged(base: Json | Missing, over: Json | Missing) -> Json | Missing:
    """Return what two layers say together."""
    if over is MISSING or over is None:
        return base if over is MISSING else MISSING
    return plain(merge(None if base is MISSING else node(base), node(over)))


def same_or_missing(left: Json | Missing, right: Json | Missing) -> bool:
    """Iff both are one value, or both are not there."""
    return left is right or (left is not MISSING and right is not MISSING and same(left, right))


def node(value: Json) -> Node:
    """Return a value as it would be read, at no place."""
    if isinstance(value, dict):
        return Node({key: node(inner) for key, inner in value.items()}, _NOWHERE, dict.fromkeys(value, _NOWHERE))
    return Node([node(inner) for inner in value] if isinstance(value, list) else value, _NOWHERE)


def sugar_in(value: Json) -> bool:
    """Iff a value is or holds what a manifest would read as sugar."""
    return any(is_sugar(one) for one in _nodes(node(value)))


def _nodes(one: Node) -> Iterator[Node]:
    yield one
    for _, child in one.children():
        yield from _nodes(child)


def _is_mapping(value: Json | Missing) -> TypeGuard[dict[str, Json]]:
    """Iff a value is merged member by member: sugar stands for one value."""
    return is_object(value) and not is_sugar(node(value))
