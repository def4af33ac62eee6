"""The specs that objects are made from, each as it will be after the apply: live, with what git wants in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.diff.document import Json, is_object
from reconciler.diff.outcomes import present
from reconciler.diff.pointer import is_named_list
from reconciler.engine.facts import canonical_names
from reconciler.engine.match import SPEC_OF, Match
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.plan import Scope
from reconciler.model.resources import Reference, ResourceName


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec by its kind, and what it is known by: an id, or its name in git until it has one."""

    kind: Kind
    key: str
    document: Mapping[str, Json]

    def __str__(self) -> str:
        word = "connection spec" if self.kind is Kind.CONNECTION_SPEC else "flow spec"
        name = self.document.get("name")
        return f"{word} {name!r} ({self.key})" if isinstance(name, str) else f"{word} {self.key}"


@dataclass(frozen=True, slots=True)
class Book:
    """All specs that a plan knows of."""

    snapshot: Snapshot
    by_name: Mapping[ResourceName, Match]
    by_id: Mapping[tuple[Kind, str], Match]

    @classmethod
    def of(cls, matches: Iterable[Match], snapshot: Snapshot, scope: Scope) -> Book:
        """Gather the specs; what git says of one counts iff the run may change it."""
        ours = [one for one in matches if one.desired.name.kind.is_spec and scope.holds(one.desired.name)]
        by_id = {(one.live.kind, one.live.id): one for one in ours if one.live}
        return cls(snapshot, {one.desired.name: one for one in ours}, by_id)

    def find(self, kind: Kind, document: Mapping[str, Json]) -> Spec | str | None:
        """Return the spec of an object; a text says why it could not be read, None is one that nobody knows."""
        reference = document.get(SPEC_OF.get(kind, ""))
        asked = reference.get("id") if is_object(reference) else None
        spec_kind = Kind.FLOW_SPEC if kind is Kind.FLOW else Kind.CONNECTION_SPEC
        if isinstance(asked, Reference):
            one = self.by_name.get(asked.resource)
            return spec_of(one) if one else None
        if not isinstance(asked, str):
            return None
        if ours := self.by_id.get((spec_kind, asked)):
            return spec_of(ours)
        live = self.snapshot.find(spec_kind, asked)
        return Spec(spec_kind, asked, live.document) if live else self.snapshot.unreadable_reason(spec_kind, asked)


def spec_of(one: Match) -> Spec:
    """Return a spec that git declares as it will be."""
    kind = one.desired.name.kind
    if one.live is None:
        return Spec(kind, str(one.desired.name), _document(dict(one.spec)))
    declared = canonical_names(kind, dict(one.spec), one.live.document)
    return Spec(kind, one.live.id, _document(_over(dict(one.live.document), declared)))


def _document(declared: Json) -> Mapping[str, Json]:
    found = present(declared)
    return found if is_object(found) else {}


def _over(live: Json, declared: Json) -> Json:
    """Return live with what is declared over it, named elements by their names."""
    if is_object(live) and is_object(declared):
        return live | {key: _over(live.get(key), value) for key, value in declared.items()}
    if is_named_list(live) and is_named_list(declared):
        ours = {element["name"]: element for element in declared}
        theirs = {element["name"]: element for element in live}
        return [_over(theirs.get(name), ours.get(name, theirs.get(name))) for name in theirs | ours]
    return declared
