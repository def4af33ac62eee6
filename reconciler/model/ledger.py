"""What is remembered of a target: an entry a managed resource, and the begin and end of each apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.diff.document import Json, Missing
from reconciler.model.resources import OnRemove, ResourceName
from reconciler.model.secrets import Fingerprint


@dataclass(frozen=True, slots=True)
class Entry:
    """What we know of one managed resource.

    ``applied`` holds the declared paths only, references as ids, no secret; of a set of ids it holds the ids that were
    ours to add. ``observed`` maps a JSON Pointer to the service's own form of that path (MISSING: left out of answers)
    where it differs from applied. ``secrets`` maps the pointer of each applied secret to its fingerprint.
    """

    resource: ResourceName
    id: str
    organisation: str
    sandbox: str
    applied: Mapping[str, Json]
    secrets: Mapping[str, Fingerprint] = field(default_factory=dict)
    observed: Mapping[str, Json | Missing] = field(default_factory=dict)
    protect: bool = False
    on_remove: OnRemove = OnRemove.ORPHAN


@dataclass(frozen=True, slots=True)
class Intent:
    """One write that a run means to send; ``known`` are the ids of same-named objects from before a create."""

    resource: ResourceName
    action: str
    id: str | None
    digest: str | None
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Begin:
    """A run that holds the ledger. Times are epoch seconds; ``plan`` is the plan's digest, ``commit`` git's."""

    run: str
    actor: str
    plan: str
    commit: str | None
    started: float
    expires: float
    intents: tuple[Intent, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one resource of a run ended, as the history keeps it."""

    resource: ResourceName
    action: str
    status: str
    id: str | None = None
    attempts: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class End:
    """A run that is over; ``taken_over`` iff another run closed it after its lease had expired."""

    run: str
    finished: float
    outcomes: tuple[Outcome, ...] = ()
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """Remember this entry in place of what was known of its resource."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Drop:
    """Know nothing of this resource any more."""

    resource: ResourceName


EntryChange: TypeAlias = Put | Drop


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The ledger as read: entries by resource, and the begin that is still open, if one is."""

    entries: Mapping[ResourceName, Entry] = field(default_factory=dict)
    open: Begin | None = None
    notes: tuple[str, ...] = ()
