"""Which live object is which resource: by ``metadata.id``, by the ledger, else by a name that only one object has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.diff.document import Json, is_object, replace_opaque
from reconciler.diff.pointer import find
from reconciler.engine.order import in_order
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry, Intent
from reconciler.model.live import Live
from reconciler.model.resources import Desired, OnImmutable, Reference, ResourceName

SPEC_OF: Mapping[Kind, str] = {
    Kind.CONNECTION: "connectionSpec",
    Kind.SOURCE_CONNECTION: "connectionSpec",
    Kind.TARGET_CONNECTION: "connectionSpec",
    Kind.FLOW: "flowSpec",
}
"""The field in which an object names the spec that it is made from."""


@dataclass(frozen=True, slots=True)
class Match:
    """One resource beside its live object.

    ``spec`` is the desired spec with the known references as ids. ``live`` is None iff the resource is to be created
    or ``blocked`` says why nothing can be told (``unreadable``: since it could not be read). ``entry`` is what the
    ledger knows of this very object (None: nothing yet); ``gone`` iff the ledger's object is not there any more.
    ``same_named`` are the ids of objects that a create of this resource could be mixed up with; ``mistaken_for`` are
    resources that have left git, of which this one may be the new name. ``replaces`` is the entry of the object whose
    place the live one has taken, in a run that never ended; ``strangers`` are the ids of objects that nothing manages
    and that have the name and the spec of what is to be replaced.
    """

    desired: Desired
    spec: Mapping[str, Json]
    live: Live | None = None
    entry: Entry | None = None
    gone: bool = False
    blocked: str | None = None
    unreadable: bool = False
    notes: tuple[str, ...] = ()
    same_named: tuple[str, ...] = field(default=())
    mistaken_for: frozenset[ResourceName] = frozenset()
    replaces: Entry | None = None
    strangers: tuple[str, ...] = ()


@dataclass(slots=True)
class _Surroundings:
    """What all matches of one plan share.

    ``declared`` are the resources in git; ``claims`` says whose each id is; ``named`` finds live objects by kind and
    name; ``rivals`` counts the resources without id and entry that ask for one name.
    """

    snapshot: Snapshot
    declared: set[ResourceName]
    claims: dict[tuple[Kind, str], ResourceName]
    named: Mapping[tuple[Kind, Json], list[Live]]
    rivals: Mapping[tuple[Kind, str], int]
    intents: Mapping[ResourceName, Intent]


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
    unknown = [resource for resource in resources if resource.id is None and known[resource.name] is None]
    rivals = Counter(_asked_for(resource) for resource in unknown)
    claims = _claims(resources, known, entries)
    around = _Surroundings(snapshot, names, claims, _by_names(snapshot), rivals, intents or {})
    found: dict[ResourceName, Match] = {}
    ids: dict[ResourceName, str] = {}
    for resource in in_order(resources):
        one = _match_one(resource, resolve(resource.spec, ids), known[resource.name], around)
        found[resource.name] = one
        if one.live:
            around.claims.setdefault((one.live.kind, one.live.id), resource.name)
            ids[resource.name] = one.live.id
    return found


def _asked_for(resource: Desired) -> tuple[Kind, str]:
    """Return what an adoption by name goes by, as git writes it."""
    kind = resource.name.kind
    asked = [resource.spec.get("name"), find(resource.spec.get(SPEC_OF.get(kind, "")), ("id",))]
    return kind, repr(asked)


def _by_names(snapshot: Snapshot) -> dict[tuple[Kind, Json], list[Live]]:
    named: dict[tuple[Kind, Json], list[Live]] = {}
    for kind in Kind:
        for live in snapshot.all(kind):
            name = live.document.get("name")
            if isinstance(name, str):
                named.setdefault((kind, name), []).append(live)
    return named


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


def _match_one(resource: Desired, spec: Mapping[str, Json], entry: Entry | None, around: _Surroundings) -> Match:
    kind = resource.name.kind
    id = resource.id or (entry.id if entry else None)
    reason = around.snapshot.unreadable_reason(kind, id)
    if reason:
        return Match(resource, spec, entry=entry, blocked=f"could not be read: {reason}", unreadable=True)
    if id is None:
        return _by_name(resource, spec, around)
    if around.claims[kind, id] != resource.name:
        return Match(
            resource, spec, blocked=f"{around.claims[kind, id]} already manages {id}: one object, one manifest"
        )
    return _by_id(resource, spec, entry, id, around)


def _by_id(resource: Desired, spec: Mapping[str, Json], entry: Entry | None, id: str, around: _Surroundings) -> Match:
    live = around.snapshot.find(resource.name.kind, id)
    if live is None and resource.id:
        reason = (
            f"metadata.id {id} does not exist in this sandbox: correct it, or take it out to have the object created"
        )
        return Match(resource, spec, entry=entry, gone=entry is not None and entry.id == id, blocked=reason)
    if entry and entry.id != id:
        note = f"lets {entry.id} go, which stays as it is, and adopts {id}, which metadata.id names"
        return Match(resource, spec, live, notes=(note,))
    if live is None:
        return _gone(resource, spec, entry, around)
    renewed = _renewed(resource, spec, entry, around)
    return renewed or Match(resource, spec, live, entry, strangers=_strangers(resource, spec, around))


def _strangers(resource: Desired, spec: Mapping[str, Json], around: _Surroundings) -> tuple[str, ...]:
    if resource.on_immutable is not OnImmutable.REPLACE:
        return ()
    kind = resource.name.kind
    alike = [live for live in around.named.get((kind, spec.get("name")), ()) if is_alike(kind, spec, live.document)]
    return tuple(sorted(live.id for live in alike if (kind, live.id) not in around.claims))


def _renewed(resource: Desired, spec: Mapping[str, Json], entry: Entry | None, around: _Surroundings) -> Match | None:
    """Match a resource with the object that a run which never ended may have made in the place of the known one."""
    kind = resource.name.kind
    intent = around.intents.get(resource.name) or (around.intents.get(entry.resource) if entry else None)
    if entry is None or intent is None or intent.action != "replace" or intent.id != entry.id:
        return None
    alike = [live for live in around.named.get((kind, spec.get("name")), ()) if is_alike(kind, spec, live.document)]
    made = [live for live in alike if live.id not in intent.known and (kind, live.id) not in around.claims]
    if len(made) > 1:
        ids = ", ".join(sorted(live.id for live in made))
        reason = (
            f"a run that never ended may have made one of {ids} in the place of {entry.id}: say which one is meant "
            "with metadata.id"
        )
        return Match(resource, spec, entry=entry, blocked=reason)
    note = f"in the place of {entry.id}, by a run that never ended"
    return Match(resource, spec, made[0], notes=(note,), replaces=entry) if made else None


def _gone(resource: Desired, spec: Mapping[str, Json], entry: Entry | None, around: _Surroundings) -> Match:
    """Match a resource whose object was deleted: with the one that bears its name now, else it is created again.

    The one may be somebody's replacement, or ours, from a create whose answer never came.
    """
    found = _by_name(resource, spec, around)
    if found.live and entry:
        return replace(found, notes=(f"{entry.id} is gone; adopts {found.live.id}, which bears the name now",))
    return replace(found, entry=entry, gone=True)


def _by_name(resource: Desired, spec: Mapping[str, Json], around: _Surroundings) -> Match:
    kind, intent = resource.name.kind, around.intents.get(resource.name)
    alike = [live for live in around.named.get((kind, spec.get("name")), ()) if is_alike(kind, spec, live.document)]
    candidates = sorted(live.id for live in alike if (kind, live.id) not in around.claims)
    if len(candidates) > 1 and intent and intent.action == "create":
        candidates = [id for id in candidates if id not in intent.known] or candidates
    orphaned = [
        owner for live in alike if (owner := around.claims.get((kind, live.id))) and owner not in around.declared
    ]
    if reason := _ambiguity(resource, spec, candidates, around) or _renamed(spec, orphaned):
        return Match(resource, spec, blocked=reason, mistaken_for=frozenset(orphaned))
    if candidates:
        return Match(resource, spec, around.snapshot.find(kind, candidates[0]))
    return Match(resource, spec, same_named=tuple(sorted(live.id for live in alike)))


def _ambiguity(resource: Desired, spec: Mapping[str, Json], candidates: list[str], around: _Surroundings) -> str | None:
    """Return why the name does not tell what is meant, or None."""
    if "name" not in spec:
        return "has neither spec.name nor metadata.id: by one of them it has to be found again"
    if len(candidates) > 1:
        return (
            f"{len(candidates)} live objects are named {spec['name']!r} ({', '.join(candidates)}): say which one is "
            "meant with metadata.id"
        )
    if candidates and around.rivals[_asked_for(resource)] > 1:
        return (
            f"several manifests ask for the one live object named {spec['name']!r} ({candidates[0]}): say whose it is "
            "with metadata.id"
        )
    return None


def _renamed(spec: Mapping[str, Json], orphaned: list[ResourceName]) -> str | None:
    """Return that a manifest seems to have been renamed, or None: created again, there would be two of one name."""
    if not orphaned:
        return None
    return (
        f"{spec['name']!r} is live already as {orphaned[0]}, whose manifest has left git. If this is the same under a "
        f"new name, add metadata.previousName: {orphaned[0].name}; if it is another, name it otherwise"
    )


def is_alike(kind: Kind, spec: Mapping[str, Json], document: Mapping[str, Json]) -> bool:
    """Iff a live object has the name that git wants, and the spec where git says one."""
    if "name" not in spec or document.get("name") != spec["name"]:
        return False
    field_name = SPEC_OF.get(kind)
    ours = spec.get(field_name) if field_name else None
    theirs = document.get(field_name) if field_name else None
    if not is_object(ours) or "id" not in ours:
        return True
    return is_object(theirs) and theirs.get("id") == ours["id"]
