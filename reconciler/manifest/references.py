"""References between the resources of one target: each leads somewhere, of a fitting kind, and none in a circle."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.manifest.fields import REFERS_TO
from reconciler.manifest.hints import did_you_mean
from reconciler.manifest.resolve import Draft
from reconciler.model.resources import Reference, ResourceName


def check_references(
    drafts: Mapping[ResourceName, Draft],
    elsewhere: Collection[ResourceName],
    unread: Collection[ResourceName] | None,
    target: str,
) -> None:
    """Report references that lead nowhere, to a kind that cannot stand there, or round in a circle.

    ``elsewhere`` are resources that git knows but does not want on this target; ``unread`` those whose manifests are
    wrong, None where nobody can tell which they are: a reference to one of them may well be right.
    """
    edges: dict[ResourceName, dict[ResourceName, Path]] = {}
    for name, draft in drafts.items():
        edges[name] = {}
        for path, reference in references(draft.spec):
            wanted = reference.resource
            if wanted in drafts:
                edges[name].setdefault(wanted, path)
            elif wanted in elsewhere:
                draft.complain(path, f"{wanted} is not on target {target}: its metadata.targets leaves that out")
            elif unread is not None and wanted not in unread:
                draft.complain(path, f"there is no {wanted}; {did_you_mean(str(wanted), map(str, drafts))}")
            _check_kind(draft, path, reference)
    _check_circles(drafts, edges)


def references(value: Json, path: Path = ()) -> Iterator[tuple[Path, Reference]]:
    """Every reference in a document, with its path."""
    if isinstance(value, Reference):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from references(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, (*path, str(index)))


def _check_kind(draft: Draft, path: Path, reference: Reference) -> None:
    wanted = REFERS_TO.get(path) or REFERS_TO.get((*path[:-1], "*"))
    if wanted is not None and wanted is not reference.resource.kind:
        draft.complain(path, f"{'.'.join(('spec', *path))} takes the id of a {wanted}, not of {reference.resource}")


def _check_circles(
    drafts: Mapping[ResourceName, Draft], edges: Mapping[ResourceName, dict[ResourceName, Path]]
) -> None:
    """Report each circle at one of its references, and cut it there, so that the next one is found, too."""
    while circle := _circle(edges):
        first, second = circle[0], circle[1]
        shown = " -> ".join(map(str, circle))
        drafts[first].complain(
            edges[first].pop(second), f"references go round in a circle: {shown}; none can be created first"
        )


def _circle(edges: Mapping[ResourceName, dict[ResourceName, Path]]) -> list[ResourceName] | None:
    """Return a circle, each resource referring to the next and the last being the first; its least name leads."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        against: list[ResourceName] = error.args[1]  # each is needed by the next
        ring = list(reversed(against))[:-1]
        start = ring.index(min(ring))
        ring = ring[start:] + ring[:start]
        return [*ring, ring[0]]
    return None
