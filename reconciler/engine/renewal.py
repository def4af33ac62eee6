"""A new object in the place of one that cannot be changed as git wants it (``metadata.onImmutable: replace``). Pure.

The new one is made first, whoever refers to the old one follows, and then the old one is deleted: whatever goes wrong
on the way, there is never none. Until it is gone the ledger keeps it under a name of its own, so that a run that was
killed in between leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from reconciler.diff.document import MISSING, Json, is_object, same
from reconciler.diff.pointer import Path, covers, format_path
from reconciler.engine import facts
from reconciler.engine.credentials import Vault, slots
from reconciler.engine.decide import comparable, outcomes_of
from reconciler.engine.match import SPEC_OF, Match, is_alike
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Drop, Entry, EntryChange, Put
from reconciler.model.live import Live
from reconciler.model.resources import OnRemove, ResourceName

_LONGEST: Final = 75
_TOLD: Final = 3


def retired_name(resource: ResourceName, id: str) -> ResourceName:
    """Return the name that an object of a resource gets when it is replaced."""
    short = re.sub(r"[^a-z0-9]", "", id.lower())[:8]
    return ResourceName(resource.kind, f"{resource.name[:_LONGEST].rstrip('-')}-replaced-{short}".rstrip("-"))


def retire(entry: Entry) -> Entry:
    """Return the entry under which the ledger keeps an object that is replaced, until it is deleted."""
    resource = retired_name(entry.resource, entry.id)
    return replace(entry, resource=resource, secrets={}, protect=False, on_remove=OnRemove.REPLACED)


def taken_place(one: Match, old: Entry, live: Live) -> list[EntryChange]:
    """Return what the ledger is to know of an object that has taken the place of another: its name and spec so far."""
    kind, name = live.kind, one.desired.name
    applied = {"name": one.spec["name"]} | (
        {SPEC_OF[kind]: {"id": spec["id"]}} if is_object(spec := live.document.get(SPEC_OF[kind])) else {}
    )
    known = Entry(
        name, live.id, old.organisation, old.sandbox, applied, {}, {}, one.desired.protect, one.desired.on_remove
    )
    return [Put(retire(old)), Put(known), *([Drop(old.resource)] if old.resource != name else [])]


def hindrance(one: Match, live: Live, snapshot: Snapshot, snoozed: Iterable[Path] = ()) -> str | None:
    """Return why a live object cannot be replaced, whoever uses it, or None; ``snoozed`` is drift to be left alone."""
    if one.desired.protect:
        return "metadata.protect forbids it"
    if one.desired.id is not None:
        return "metadata.id names this very object: take it out, the ledger knows the object without"
    if live.kind not in snapshot.complete:
        return f"{live.kind.collection} could not be read as a whole"
    if one.strangers:
        return (
            f"{', '.join(one.strangers)} has its name and its new spec already, and nothing manages that: it may be "
            "what an earlier run has made. Delete it by hand, or say with metadata.id that it is the one"
        )
    return _of_state(one, live) or _of_body(live, dict(one.spec)) or _of_others(one, live, snoozed)


def _of_state(one: Match, live: Live) -> str | None:
    """Return that somebody has stopped a flow, of which git says nothing: a new one is created enabled, and runs."""
    state = live.document.get("state")
    runs = state is None or facts.STATES.get(str(state), state) in ("enabled", *facts.TRANSIENT_STATES)
    if live.kind is not Kind.FLOW or runs or one.spec.get("state") is not None:
        return None
    return f"the flow is {state}, and the new one would run, since no manifest declares its state: declare it"


def _of_others(one: Match, live: Live, snoozed: Iterable[Path]) -> str | None:
    """Return what git declares and leaves to others, and a new object would have as git says again, or None."""
    ignored = one.desired.ignore
    asked = replace(one.desired, ignore=(), snooze=None)
    moved = [one.path for one in outcomes_of(asked, one.spec, live, one.entry) if one.causes]
    moved += [path for path, _ in slots(dict(one.spec))]  # whether these differ, nobody can see
    lost = {path for path in moved if any(covers(left, path) or covers(path, left) for left in ignored)}
    told = ", ".join(sorted(format_path(path) for path in lost.union(snoozed)))
    return (
        f"the new object would have what git says at {told}, which metadata.ignore or a snooze leaves as it is live: "
        "write the live value into the manifest, or end that"
        if told
        else None
    )


def _of_body(live: Live, spec: Mapping[str, Json]) -> str | None:
    """Return what a new object would lack, or None; what it needs, the manifest has (it names no id)."""
    lost = [format_path(path) for path in _undeclared(facts.writable(live.kind, live.document), spec, ())]
    more = f" and {len(lost) - _TOLD} more" if len(lost) > _TOLD else ""
    told = (
        f"the new object would lose {', '.join(lost[:_TOLD])}{more}, which no manifest declares: declare it, or set it"
    )
    return f"{told} to null" if lost else None


def _undeclared(live: Json, wanted: Json, path: Path) -> Iterator[Path]:
    """Yield what is live and not declared, the service's own values and empty ones left out."""
    if not is_object(live) or not is_object(wanted):
        return
    for key, value in sorted(live.items()):
        at = (*path, key)
        if key in wanted:
            yield from _undeclared(value, wanted[key], at)
        elif value not in (None, "", [], {}) and key not in facts.SERVER_MADE and path[:1] not in _SPECS:
            yield at


_SPECS: Final = frozenset((field,) for field in SPEC_OF.values())
"""A reply fills in the version of a spec that a request left out (FACTS 17)."""


def same_named(one: Match, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the ids of the live objects that the new one could be mixed up with, sorted."""
    kind = one.desired.name.kind
    return tuple(sorted(live.id for live in snapshot.all(kind) if is_alike(kind, one.spec, live.document)))


def moved(seen: Live, fresh: Live, vault: Vault, *, holds_secrets: bool) -> list[str]:
    """Return what of an object is no longer as the plan saw it: a new one would be made without it.

    Whether somebody changed a secret cannot be seen, only that somebody wrote (``updatedAt``; FACTS 7: runs move a
    flow's, and a flow holds no secret). How a list and a GET show one may differ (FACTS 14).
    """
    before, after = (_seen(_standing(one), (), vault) for one in (seen, fresh))
    keys = sorted(before.keys() | after.keys())
    found = [format_path((key,)) for key in keys if not same(before.get(key, MISSING), after.get(key, MISSING))]
    written = not same(seen.document.get("updatedAt"), fresh.document.get("updatedAt"))
    return found or (["it, and its secrets perhaps"] if holds_secrets and written else [])


def _seen(document: Mapping[str, Json], path: Path, vault: Vault) -> dict[str, Json]:
    """Return a document without its secrets, and without what is empty once they are out."""
    found: dict[str, Json] = {}
    for key, value in document.items():
        at = (*path, key)
        inner = _seen(value, at, vault) if is_object(value) else value
        if not vault.is_sensitive(at) and not (is_object(value) and value and not inner):
            found[key] = inner
    return found


def _standing(live: Live) -> dict[str, Json]:
    """Return what of an object is compared, a state on its way as the one that it is on its way to (FACTS 8)."""
    document = comparable(live)
    return document | (
        {"state": facts.STATES.get(str(document["state"]), document["state"])} if "state" in document else {}
    )


def renewal_notes(live: Live) -> Iterator[str]:
    """Yield what a person should know before a replacement."""
    yield f"a new object is made in the place of {live.id}, which is deleted once nothing refers to it"
    if live.kind is Kind.FLOW:
        yield (
            "the new flow begins at its startTime and knows nothing of what the old one has carried: with backfill it "
            "reads all of it again; until the old one is deleted, both may run"
        )
