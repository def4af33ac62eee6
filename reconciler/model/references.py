"""Where ids of other objects stand in a body, and of which kind they are (FACTS 8, 12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.model.kinds import Kind
from reconciler.model.resources import Reference

REFERS_TO: Final[Mapping[Path, Kind]] = {
    ("baseConnectionId",): Kind.CONNECTION,
    ("connectionSpec", "id"): Kind.CONNECTION_SPEC,
    ("flowSpec", "id"): Kind.FLOW_SPEC,
    ("sourceConnectionIds", "*"): Kind.SOURCE_CONNECTION,
    ("targetConnectionIds", "*"): Kind.TARGET_CONNECTION,
    ("sourceConnectionSpecIds", "*"): Kind.CONNECTION_SPEC,
    ("targetConnectionSpecIds", "*"): Kind.CONNECTION_SPEC,
}
"""The kind of the object whose id stands at a path; ``*`` is any index. Elsewhere a reference of any kind may stand."""


def kind_at(path: Path) -> Kind | None:
    """Return the kind of the object whose id stands at a path, None where any may stand, or none does."""
    return REFERS_TO.get(path) or REFERS_TO.get((*path[:-1], "*"))


def references(value: Json, path: Path = ()) -> Iterator[tuple[Path, Reference]]:
    """Every reference in a document, with its path."""
    for place, leaf in leaves(value, path):
        if isinstance(leaf, Reference):
            yield place, leaf


def leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every leaf of a document, with its path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, str(index)))
    else:
        yield path, value
