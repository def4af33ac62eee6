"""What the service answered, read once for a whole plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.engine.facts import is_source_flow
from reconciler.model.kinds import Kind
from reconciler.model.live import Live


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Live objects by kind and id.

    ``complete`` are the kinds of which every object is here. ``unreadable`` says why a kind (id None) or one object
    could not be read: what is there is not known then, which is not the same as missing.
    """

    objects: Mapping[Kind, Mapping[str, Live]] = field(default_factory=dict)
    complete: frozenset[Kind] = frozenset()
    unreadable: Mapping[tuple[Kind, str | None], str] = field(default_factory=dict)

    def find(self, kind: Kind, id: str) -> Live | None:
        """The object, or None where the service has none of that id."""
        return self.objects.get(kind, {}).get(id)

    def all(self, kind: Kind) -> Iterable[Live]:
        """Every object of the kind that was read."""
        return self.objects.get(kind, {}).values()

    def unreadable_reason(self, kind: Kind, id: str | None) -> str | None:
        """Why nothing is known of an object, or None."""
        return self.unreadable.get((kind, None)) or (self.unreadable.get((kind, id)) if id else None)


_SIDES: Final = ((Kind.SOURCE_CONNECTION, "sourceConnectionIds"), (Kind.TARGET_CONNECTION, "targetConnectionIds"))


def fed_by_source_flows(snapshot: Snapshot) -> frozenset[tuple[Kind, str]]:
    """Return the source and target connections that live flows into the platform use (FACTS 9)."""
    flows = [flow.document for flow in snapshot.all(Kind.FLOW) if is_source_flow(flow.document)]
    used = ((kind, flow.get(side)) for flow in flows for kind, side in _SIDES)
    return frozenset((kind, id) for kind, ids in used if isinstance(ids, list) for id in ids if isinstance(id, str))
