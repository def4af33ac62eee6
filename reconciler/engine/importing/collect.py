"""Everything that an import writes, and what it leaves alone or out, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.diff.pointer import Path, parse
from reconciler.engine.credentials import slots
from reconciler.engine.importing.body import Around, Body, Holds
from reconciler.engine.importing.credentials import (
    Credentials,
    Hidden,
    Variables,
    connection_spec,
    hidden_of,
    secrets_in,
    shows_secrets,
    vault_of,
)
from reconciler.engine.importing.naming import names_of
from reconciler.engine.importing.selection import Owner, Selection, candidates, unfit
from reconciler.engine.importing.values import Values
from reconciler.engine.match import Match, is_alike, match
from reconciler.engine.snapshot import Snapshot
from reconciler.model.credential_text import holds_credentials
from reconciler.model.imports import Imported, ObjectKey, Omissions
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry
from reconciler.model.live import Live
from reconciler.model.resources import Desired, Notice, ResourceName, Target
from reconciler.model.secrets import SecretOrigin, SecretSlot


@dataclass(frozen=True, slots=True)
class Home:
    """What is there already: the target, its resources and ledger entries, and the name of every manifest."""

    target: Target
    resources: tuple[Desired, ...] = ()
    entries: Mapping[ResourceName, Entry] = field(default_factory=dict)
    names: frozenset[ResourceName] = frozenset()


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported; ``overwrite``: objects that a manifest manages, too."""

    selection: Selection
    owner: Owner
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Import:
    """What an import comes to: the manifests, each after those that it refers to, and what was left as it is.

    ``managed`` are the selected objects that have a manifest. ``failed`` says what was asked for and cannot be done.
    """

    manifests: tuple[Imported, ...]
    managed: tuple[tuple[ResourceName, str], ...] = ()
    notices: tuple[Notice, ...] = ()
    failed: tuple[str, ...] = ()


def collect(snapshot: Snapshot, home: Home, wish: Wish, holds: Holds, omissions: Omissions) -> Import:
    """Collect what was asked for. ``holds`` tells a text that holds a secret; ``omissions`` have to stay out."""
    matches = match(home.resources, home.entries, snapshot)
    owners = {(one.live.kind, one.live.id): one for one in matches.values() if one.live}
    chosen = _choose(snapshot, matches, owners, wish, omissions)
    names = _names(snapshot, home, owners, wish, holds)
    managed = {key: one.desired.name for key, one in owners.items()}
    around = Around(
        managed=managed | {(live.kind, live.id): names[live.kind, live.id] for live in chosen.lives},
        variables=Variables({slot.key for one in home.resources for slot in secrets_in(dict(one.spec))}),
        values=Values(home.target.values),
        holds=holds,
    )
    writer = _Writer(snapshot, home, owners, wish.owner, around, omissions, hides=not shows_secrets(snapshot))
    made = [writer.write(live) for live in sorted(chosen.lives, key=lambda live: around.managed[live.kind, live.id])]
    kinds = list(Kind)  # in the order in which they refer to each other
    return Import(
        tuple(sorted(made, key=lambda one: (kinds.index(one.name.kind), one.name))),
        tuple(sorted(chosen.managed)),
        (*chosen.notices, *writer.notices),
        chosen.failed,
    )


@dataclass(slots=True)
class _Chosen:
    lives: list[Live] = field(default_factory=list)
    managed: list[tuple[ResourceName, str]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    failed: tuple[str, ...] = ()


def _choose(
    snapshot: Snapshot,
    matches: Mapping[ResourceName, Match],
    owners: Mapping[ObjectKey, Match],
    wish: Wish,
    omissions: Omissions,
) -> _Chosen:
    chosen, failed = _Chosen(), [*_unreadable(snapshot, wish.selection)]
    contested = _contested(snapshot, matches)
    blind = snapshot.unreadable_reason(Kind.CONNECTION_SPEC, None) is not None
    for live in filter(wish.selection.holds, candidates(snapshot, wish.selection, wish.owner)):
        key = (live.kind, live.id)
        if key in owners:
            chosen.managed.append((owners[key].desired.name, live.id))
        if key in owners and not wish.overwrite:
            continue
        if reason := unfit(live):
            chosen.notices.append(Notice(f"{live.kind} {live.id} {reason}: left out"))
        elif key in contested:
            asking = contested[key]
            text = f"{live.kind} {live.id} is left out: {asking} may mean it; say so there with metadata.id, or rename"
            chosen.notices.append(Notice(text))
        elif key in omissions.objects:
            failed.append(f"{live.kind} {live.id} cannot be a manifest: {omissions.objects[key]}")
        elif blind and live.kind is Kind.CONNECTION:
            failed.append(f"Connection {live.id} is left out: without its spec nobody can tell what is a password")
        else:
            chosen.lives.append(live)
    chosen.failed = tuple(failed)
    return chosen


def _unreadable(snapshot: Snapshot, selection: Selection) -> Iterator[str]:
    for kind in filter(selection.of_kind, Kind):
        if reason := snapshot.unreadable_reason(kind, None):
            yield f"{kind.collection} could not be read: {reason}"


def _contested(snapshot: Snapshot, matches: Mapping[ResourceName, Match]) -> dict[ObjectKey, ResourceName]:
    """Return the objects that a manifest may mean by their name, without it being clear which one it does.

    With manifests of their own for all of them, that one would be left without, and would be created.
    """
    return {
        (live.kind, live.id): name
        for name, one in matches.items()
        if one.live is None and one.blocked and not one.unreadable
        for live in snapshot.all(name.kind)
        if is_alike(name.kind, one.spec, live.document)
    }


def _names(
    snapshot: Snapshot, home: Home, owners: Mapping[ObjectKey, Match], wish: Wish, holds: Holds
) -> dict[ObjectKey, ResourceName]:
    """Name every object; one whose manifest has left git gets the name back that the ledger has for it."""
    objects = [live for live in candidates(snapshot, wish.selection, wish.owner) if not unfit(live)]
    remembered = [entry for name, entry in sorted(home.entries.items()) if name not in home.names]
    kept = {(entry.resource.kind, entry.id): entry.resource for entry in remembered}
    kept |= {key: one.desired.name for key, one in owners.items()}
    here = {one.name for one in home.resources}
    taken = {name: name in here for name in home.names}
    return names_of(
        objects, {(live.kind, live.id): _label(live, holds) for live in objects}, kept, taken, home.target.name
    )


def _label(live: Live, holds: Holds) -> str:
    """Return what an object is called by people; empty where that holds a secret."""
    name = live.document.get("name")
    return name if isinstance(name, str) and not holds(name) and not holds_credentials(name) else ""


@dataclass(slots=True)
class _Writer:
    """Writes the manifests, one an object.

    ``entries`` go by the object: one whose name is another target's by now comes back under another, no less protected.
    """

    snapshot: Snapshot
    home: Home
    owners: Mapping[ObjectKey, Match]
    owner: Owner
    around: Around
    omissions: Omissions
    hides: bool
    notices: list[Notice] = field(default_factory=list)
    entries: dict[ObjectKey, Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.entries = {(one.resource.kind, one.id): one for _, one in sorted(self.home.entries.items())}

    def write(self, live: Live) -> Imported:
        """Write one object."""
        key = (live.kind, live.id)
        name = self.around.managed[key]
        body = Body(
            live,
            name,
            self.around,
            self._credentials(live, name),
            hidden_of(live, self.snapshot) if self.hides and live.kind is Kind.CONNECTION else Hidden(),
            self.omissions.paths.get(key, {}),
            own=self.owner.owns(live),
        )
        spec = body.spec()
        self.notices += _notices(body, unknown_spec=self._lacks_spec(live))
        made = Imported(name, live.id, spec, tuple(body.comments()))
        entry = self.entries.get(key)
        return replace(made, protect=entry.protect, on_remove=entry.on_remove) if entry else made

    def _credentials(self, live: Live, name: ResourceName) -> Credentials:
        owner, entry = self.owners.get((live.kind, live.id)), self.home.entries.get(name)
        known = dict(_sources(slots(dict(owner.desired.spec)))) if owner else {}
        if entry is None or entry.id != live.id:
            return Credentials(vault_of(live, self.snapshot), known)
        were = frozenset(parse(pointer) for pointer in entry.secrets)
        return Credentials(vault_of(live, self.snapshot), known, were, entry.applied)

    def _lacks_spec(self, live: Live) -> bool:
        return live.kind is Kind.CONNECTION and connection_spec(live, self.snapshot) is None


def _sources(declared: Iterable[tuple[Path, SecretSlot]]) -> Iterator[tuple[Path, SecretSlot]]:
    """The secrets that have a source; one written into git as it is has none."""
    return ((path, slot) for path, slot in declared if slot.origin is not SecretOrigin.LITERAL)


def _notices(body: Body, *, unknown_spec: bool) -> Iterator[Notice]:
    for path, reason in sorted(body.left_out.items()):
        yield Notice(f"{body.name}: {body.shown(path)} is left out, and so not managed: {reason}")
    for kind, id in body.literal:
        yield Notice(f"{body.name} names {kind} {id} by its id, which no manifest manages: import that, too")
    if unknown_spec:
        yield Notice(
            f"{body.name}: its connection spec is not there, so which of its parameters are secrets is told by their "
            "names alone: look through it before you commit it"
        )


def without(omissions: Omissions, further: Sequence[tuple[ObjectKey, Path, str]]) -> Omissions:
    """Return the omissions with further ones; without a path, or if that is out already, the object goes whole."""
    objects = dict(omissions.objects)
    paths = {key: dict(found) for key, found in omissions.paths.items()}
    for key, path, reason in further:
        if path and path not in omissions.paths.get(key, {}):
            paths.setdefault(key, {})[path] = reason
        else:
            objects[key] = reason
    return replace(omissions, objects=objects, paths=paths)
