"""Which live object is which resource: by ``metadata.id``, by the ledger, else by a name that only one object has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.diff.document import Json, is_object, replace_opaque
from reconciler.engine.order import in_order
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry, Intent
from reconciler.model.live import Live
from reconciler.model.resources import Desired, Reference, ResourceName

_SPEC_OF: Mapping[Kind, str] = {
    Kind.CONNECTION: "connectionSpec",
    Kind.SOURCE_CONNECTION: "connectionSpec",
    Kind.TARGET_CONNECTION: "connectionSpec",
    Kind.FLOW: "flowSpec",
}


@dataclass(frozen=True, slots=True)
class Match:
    """One resource beside its live object.

    ``spec`` is the desired spec with the known references as ids. ``live`` is None iff the resource is to be created
    or ``blocked`` says why nothing can be told. ``entry`` is what the ledger knows of this very object (None: nothing
    yet); ``gone`` iff the ledger's object is not there any more.
    """

    desired: Desired
    spec: Mapping[str, Json]
    live: Live | None = None
    entry: Entry | None = None
    gone: bool = False
    blocked: str | None = None
    notes: tuple[str, ...] = ()
    same_named: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Surroundings:
    snapshot: Snapshot
    claims: Mapping[tuple[Kind, str], ResourceName]
    intent: Intent | None


def match(
    resources: Iterable[Desired],
    entries: Mapping[ResourceName, Entry],
    snapshot: Snapshot,
    intents: Mapping[ResourceName, Intent] | None = None,
) -> dict[ResourceName, Match]:
    """Match every resource, those that others refer to first.

    ``intents`` are those of a run that never ended: what it made is told by them from what was there before.
    """
    resources = list(resources)
    names = {resource.name for resource in resources}
    known = {resource.name: entry_of(resource, entries, names) for resource in resources}
    claims = _claims(resources, known, entries)
    found: dict[ResourceName, Match] = {}
    for resource in in_order(resources):
        spec = resolve(resource.spec, {name: one.live.id for name, one in found.items() if one.live})
        intent = (intents or {}).get(resource.name)
        one = _match_one(resource, spec, known[resource.name], _Surroundings(snapshot, claims, intent))
        if one.live and not one.desired.id and not one.entry:
            claims[one.live.kind, one.live.id] = resource.name
        found[resource.name] = one
    return found


def entry_of(resource: Desired, entries: Mapping[ResourceName, Entry], names: set[ResourceName]) -> Entry | None:
    """Return the resource's ledger entry, under its name or the one that it had before."""
    if resource.name in entries or resource.previous_name is None or resource.previous_name in names:
        return entries.get(resource.name)
    return entries.get(resource.previous_name)


def resolve(document: Json, ids: Mapping[ResourceName, str]) -> Json:
    """Return document with every known reference as the id; the others stay."""

    def to_id(leaf: object) -> Json:
        return ids.get(leaf.resource, leaf) if isinstance(leaf, Reference) else leaf

    return replace_opaque(document, to_id)


def _claims(
    resources: list[Desired], known: Mapping[ResourceName, Entry | None], entries: Mapping[ResourceName, Entry]
) -> dict[tuple[Kind, str], ResourceName]:
    """Return whose each id is, so that nothing is adopted twice; ``metadata.id`` outranks the ledger."""
    claims = {(entry.resource.kind, entry.id): entry.resource for entry in entries.values()}
    claims |= {(one.name.kind, entry.id): one.name for one in resources if (entry := known[one.name])}
    return claims | {(one.name.kind, one.id): one.name for one in resources if one.id}


def _match_one(
    resource: Desired,
    spec: Mapping[str, Json],
    entry: Entry | None,
    around: _Surroundings,
) -> Match:
    kind, claims, snapshot = resource.name.kind, around.claims, around.snapshot
    id = resource.id or (entry.id if entry else None)
    reason = snapshot.unreadable_reason(kind, id)
    if reason:
        return Match(resource, spec, blocked=f"could not be read: {reason}")
    if id is None:
        return _by_name(resource, spec, around)
    if claims[kind, id] != resource.name:
        return Match(resource, spec, blocked=f"{claims[kind, id]} already manages {id}: one object, one manifest")
    return _by_id(resource, spec, entry, id, snapshot)


def _by_id(resource: Desired, spec: Mapping[str, Json], entry: Entry | None, id: str, snapshot: Snapshot) -> Match:
    live = snapshot.find(resource.name.kind, id)
    if live is None and resource.id:
        return Match(
            resource,
            spec,
            blocked=f"metadata.id {id} does not exist in this sandbox: correct it, or take it out to have the object "
            "created",
        )
    if entry and entry.id != id:
        note = f"lets {entry.id} go, which stays as it is, and adopts {id}, which metadata.id names"
        return Match(resource, spec, live, notes=(note,))
    if live is None:
        return Match(resource, spec, entry=entry, gone=True, same_named=_same_named(resource, spec, snapshot, {}))
    return Match(resource, spec, live, entry)


def _by_name(resource: Desired, spec: Mapping[str, Json], around: _Surroundings) -> Match:
    candidates = _same_named(resource, spec, around.snapshot, around.claims)
    if len(candidates) > 1 and around.intent and around.intent.action == "create":
        candidates = tuple(id for id in candidates if id not in around.intent.known) or candidates
    if len(candidates) > 1:
        return Match(
            resource,
            spec,
            blocked=f"{len(candidates)} live objects are named {spec.get('name')!r} ({', '.join(candidates)}): say "
            "which one is meant with metadata.id",
        )
    if candidates:
        return Match(resource, spec, around.snapshot.find(resource.name.kind, candidates[0]))
    return Match(resource, spec, same_named=_same_named(resource, spec, around.snapshot, {}))


def _same_named(
    resource: Desired,
    spec: Mapping[str, Json],
    snapshot: Snapshot,
    claims: Mapping[tuple[Kind, str], ResourceName],
) -> tuple[str, ...]:
    """Return the ids of the kind's live objects with this name (and spec) that nobody has claimed."""
    kind = resource.name.kind
    return tuple(
        sorted(
            live.id
            for live in snapshot.all(kind)
            if (kind, live.id) not in claims and is_alike(kind, spec, live.document)
        )
    )


def is_alike(kind: Kind, spec: Mapping[str, Json], document: Mapping[str, Json]) -> bool:
    """Iff a live object has the name that git wants, and the spec where git says one."""
    if "name" not in spec or document.get("name") != spec["name"]:
        return False
    field_name = _SPEC_OF.get(kind)
    ours = spec.get(field_name) if field_name else None
    theirs = document.get(field_name) if field_name else None
    if not is_object(ours) or "id" not in ours:
        return True
    return is_object(theirs) and theirs.get("id") == ours["id"]
