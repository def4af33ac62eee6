"""References between the resources of one target: each leads somewhere, of a fitting kind, and none in a circle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final

from reconciler.diff.pointer import Path
from reconciler.manifest.hints import did_you_mean, in_spec
from reconciler.manifest.lacks import LeftOut
from reconciler.manifest.resolve import Draft
from reconciler.model.references import kind_at, references
from reconciler.model.resources import ResourceName

_MOST_HINTS: Final = 20
"""References that lead nowhere and are compared with all names there are; thousands of them would take minutes."""

_MOST_CIRCLES: Final = 20
_MOST_SHOWN: Final = 20


def check_references(
    drafts: Mapping[ResourceName, Draft],
    elsewhere: Collection[ResourceName],
    unread: Collection[ResourceName] | None,
) -> None:
    """Report references that lead nowhere, to a kind that cannot stand there, or round in a circle.

    ``elsewhere`` are resources that git knows but does not want on this target; ``unread`` those whose manifests are
    wrong, None where nobody can tell which they are: a reference to one of them may well be right.
    """
    edges: dict[ResourceName, dict[ResourceName, Path]] = {}
    hints = _MOST_HINTS
    for name, draft in drafts.items():
        edges[name] = {}
        for path, reference in references(draft.spec):
            wanted = reference.resource
            if wanted in drafts:
                edges[name].setdefault(wanted, path)
            if (kind := kind_at(path)) not in {None, wanted.kind}:
                draft.complain(path, f"{in_spec(path)} takes the id of a {kind}, not of {wanted}")
            elif wanted in drafts:
                continue
            elif wanted in elsewhere:
                draft.lacks.append(LeftOut(draft.location(path), wanted))
            elif unread is not None and wanted not in unread:
                draft.complain(path, _leads_nowhere(wanted, drafts.keys() - {name} if hints > 0 else None))
                hints -= 1
    _check_circles(drafts, edges)


def _leads_nowhere(wanted: ResourceName, others: Iterable[ResourceName] | None) -> str:
    if others is None:
        return f"there is no {wanted}"
    fitting = [str(other) for other in others if other.kind is wanted.kind]
    if not fitting:
        return f"there is no {wanted}, nor any other {wanted.kind} on this target"
    return f"there is no {wanted}; {did_you_mean(str(wanted), fitting)}"


def _check_circles(
    drafts: Mapping[ResourceName, Draft], edges: Mapping[ResourceName, dict[ResourceName, Path]]
) -> None:
    """Report circles, each at one of its references, which is cut so that the next one is found, too."""
    for _ in range(_MOST_CIRCLES):
        circle = _circle(edges)
        if circle is None:
            return
        first, second = circle[0], circle[1]
        shown = " -> ".join(map(str, circle[:_MOST_SHOWN]))
        shown += f" and {len(circle) - _MOST_SHOWN} more" if len(circle) > _MOST_SHOWN else ""
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
