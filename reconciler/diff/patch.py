"""The JSON Patch (RFC 6902) of fewest bytes that makes one document of another, under a service's rules.

The rules: ``replace`` for what exists, ``add`` for what does not (nor does a null), ``remove`` with the removed value;
and of each list either the whole, or one operation by index. (Index operations in one patch shift under RFC 6902, and
the documents show them unshifted: FACTS 9. With one a list, both readings agree.)

Every operation costs its own bytes and a comma, so costs add up, and choosing the cheapest of "this whole value" and
"its parts" from the leaves up gives the optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.diff.document import MISSING, Json, is_object, same, shown, wire_bytes
from reconciler.diff.pointer import ROOT, Path, format_path


@dataclass(frozen=True, slots=True)
class Op:
    """One operation; ``path`` addresses lists by index, ``value`` of a remove is what is removed."""

    op: str
    path: Path
    value: Json

    def wire(self) -> dict[str, Json]:
        """Return the operation as it is sent, opaque leaves in place."""
        return {"op": self.op, "path": format_path(self.path), "value": self.value}


Addressable: TypeAlias = Callable[[Path], bool]
"""Whether an operation may address a path; a path's list positions are decimal tokens or ``-``."""

_Patch: TypeAlias = tuple[Op, ...]


class NoPatch(Exception):
    """The rules allow no patch between the two documents; ``path`` is a place that none may address."""

    def __init__(self, path: Path) -> None:
        super().__init__(format_path(path))
        self.path = path


def smallest(live: Json, wanted: Json, addressable: Addressable = lambda path: path != ROOT) -> tuple[Op, ...]:
    """Return the patch of fewest bytes from live to wanted; raises NoPatch where the rules allow none."""
    patch = _between(ROOT, live, wanted, addressable)
    if patch is None:
        raise NoPatch(_unreachable(ROOT, live, wanted, addressable))
    return patch


def size(patch: Iterable[Op]) -> int:
    """Return the bytes of the patch's compact body."""
    return len(wire_bytes([op.wire() for op in patch]))


def _between(path: Path, live: Json, wanted: Json, addressable: Addressable) -> _Patch | None:
    if same(live, wanted):
        return ()
    candidates: list[_Patch | None] = [_whole(path, wanted, addressable)]
    if is_object(live) and is_object(wanted):
        candidates.append(_by_key(path, live, wanted, addressable))
    if isinstance(live, list) and isinstance(wanted, list):
        candidates.extend(_by_index(path, live, wanted, addressable))
    return _cheapest(candidates)


def _cheapest(candidates: Iterable[_Patch | None]) -> _Patch | None:
    possible = [patch for patch in candidates if patch is not None]
    return min(
        possible, key=lambda patch: (size(patch), len(patch), repr(shown([op.wire() for op in patch]))), default=None
    )


def _whole(path: Path, wanted: Json, addressable: Addressable) -> _Patch | None:
    # The library with which every patch is checked takes a last "-" for a list's end, even where it is a key.
    return (Op("replace", path, wanted),) if addressable(path) and path[-1:] != ("-",) else None


def _by_key(path: Path, live: dict[str, Json], wanted: dict[str, Json], addressable: Addressable) -> _Patch | None:
    patch: list[Op] = []
    for key in sorted(live.keys() | wanted.keys()):
        part = _of_key((*path, key), live, wanted, addressable)
        if part is None:
            return None
        patch.extend(part)
    return tuple(patch)


def _of_key(path: Path, live: dict[str, Json], wanted: dict[str, Json], addressable: Addressable) -> _Patch | None:
    key = path[-1]
    if _is_there(key, live, wanted):
        return _between(path, live[key], wanted[key], addressable)
    if not addressable(path):
        return None
    return (Op("add", path, wanted[key]) if key in wanted else Op("remove", path, live[key]),)


def _is_there(key: str, live: dict[str, Json], wanted: dict[str, Json]) -> bool:
    """Iff a key that is wanted exists in live, so that it can be replaced.

    A null may be how a service shows what it does not have (FACTS 8), and then only ``add`` would do: which, where the
    key does exist, replaces it (RFC 6902, 4.1).
    """
    return key in wanted and key in live and (live[key] is not None or wanted[key] is None)


def _by_index(path: Path, live: list[Json], wanted: list[Json], addressable: Addressable) -> Iterator[_Patch | None]:
    """Every way to make the list with one operation by index."""
    if len(live) == len(wanted):
        changed = [at for at, pair in enumerate(zip(live, wanted, strict=True)) if not same(*pair)]
        if len(changed) == 1:
            at = changed[0]
            yield _single((*path, str(at)), live[at], wanted[at], addressable)
    elif len(wanted) == len(live) + 1:
        for at in _gaps(wanted, live):
            for token in (["-"] if at == len(live) else []) + [str(at)]:
                yield _if_addressable(Op("add", (*path, token), wanted[at]), addressable)
    elif len(live) == len(wanted) + 1:
        for at in _gaps(live, wanted):
            yield _if_addressable(Op("remove", (*path, str(at)), live[at]), addressable)


def _if_addressable(op: Op, addressable: Addressable) -> _Patch | None:
    return (op,) if addressable(op.path) else None


def _gaps(longer: list[Json], shorter: list[Json]) -> Iterator[int]:
    """Every index whose element, left out of the longer list, gives the shorter."""
    return (at for at in range(len(longer)) if same(longer[:at] + longer[at + 1 :], shorter))


def _single(path: Path, live: Json, wanted: Json, addressable: Addressable) -> _Patch | None:
    """Return the cheapest patch of exactly one operation: what is below a list's index may not use more."""
    candidates: list[_Patch | None] = [_whole(path, wanted, addressable)]
    if is_object(live) and is_object(wanted):
        changed = [
            key for key in live.keys() | wanted.keys() if not same(live.get(key, MISSING), wanted.get(key, MISSING))
        ]
        if len(changed) == 1:
            candidates.append(_single_of_key((*path, changed[0]), live, wanted, addressable))
    if isinstance(live, list) and isinstance(wanted, list):
        candidates.extend(_by_index(path, live, wanted, addressable))
    return _cheapest(candidates)


def _single_of_key(
    path: Path, live: dict[str, Json], wanted: dict[str, Json], addressable: Addressable
) -> _Patch | None:
    key = path[-1]
    if _is_there(key, live, wanted):
        return _single(path, live[key], wanted[key], addressable)
    return _of_key(path, live, wanted, addressable)


def _unreachable(path: Path, live: Json, wanted: Json, addressable: Addressable) -> Path:
    """Return the first difference that keeps a patch from being made, as deep as it can be named."""
    if is_object(live) and is_object(wanted):
        keys = sorted(live.keys() | wanted.keys())
        key = next(key for key in keys if _of_key((*path, key), live, wanted, addressable) is None)
        return _unreachable((*path, key), live.get(key, MISSING), wanted.get(key, MISSING), addressable)
    return path
