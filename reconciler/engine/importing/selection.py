"""Which live objects an import is about, and which it leaves out, with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from reconciler.engine.snapshot import Snapshot
from reconciler.model.imports import ObjectKey
from reconciler.model.kinds import Kind
from reconciler.model.live import Live

_ID: Final = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9._~-]{0,199}")  # what metadata.id takes


@dataclass(frozen=True, slots=True)
class Selection:
    """What somebody asked for; what is empty asks for everything. ``names`` are globs over the live names."""

    kinds: frozenset[Kind] = frozenset()
    ids: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()

    def of_kind(self, kind: Kind) -> bool:
        """Iff objects of the kind may be meant."""
        return not self.kinds or kind in self.kinds

    def holds(self, live: Live) -> bool:
        """Iff the object fits every selector."""
        name = live.document.get("name")
        fits = isinstance(name, str) and any(fnmatchcase(name, glob) for glob in self.names)
        return self.of_kind(live.kind) and (not self.ids or live.id in self.ids) and (not self.names or fits)

    @property
    def names_specs(self) -> bool:
        """Iff it is narrow enough to mean a spec of Adobe's catalogue, which is nobody's to manage by accident."""
        return bool(self.ids) or (bool(self.names) and any(kind.is_spec for kind in self.kinds))


@dataclass(frozen=True, slots=True)
class Owner:
    """Who asks: the organisation and the client, as the service shows them."""

    organisation: str
    client: str

    def owns(self, live: Live) -> bool:
        """Iff the object is the organisation's own; of specs, most are Adobe's catalogue (13).

        The specs of the catalogue carry no organisation, those of one's own do. One that tells no organisation and was
        made by our client is ours all the same.
        """
        if not live.kind.is_spec:
            return True
        organisation = live.document.get("imsOrgId")
        if organisation is None:
            return bool(self.client) and live.document.get("createdClient") == self.client
        return bool(organisation == self.organisation)


def candidates(snapshot: Snapshot, selection: Selection, owner: Owner) -> list[Live]:
    """Return every object that could be imported, in the order of kinds and ids, whether or not it is selected."""
    return [
        live
        for kind in Kind
        for live in sorted(snapshot.all(kind), key=lambda live: live.id)
        if owner.owns(live) or (selection.names_specs and selection.holds(live))
    ]


def unfit(live: Live) -> str | None:
    """Return why an object is no matter of manifests, or None (8: the states)."""
    state = live.document.get("state")
    state = state.lower() if isinstance(state, str) else ""
    if state.startswith("delet"):
        return "is being deleted"
    if "draft" in state:
        return "is a draft: publish it first"
    if not _ID.fullmatch(live.id):
        return "has an id that no manifest can hold"
    return None


def unknown_ids(snapshot: Snapshot, selection: Selection) -> list[str]:
    """Return the ids asked for that no object of the kinds asked for has."""
    keys: set[ObjectKey] = {(kind, live.id) for kind in Kind if selection.of_kind(kind) for live in snapshot.all(kind)}
    return sorted(selection.ids - {id for _, id in keys})
