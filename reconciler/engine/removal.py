"""What has left git: deleted with ``--prune``, forgotten, or kept as an orphan. Pure.

Only what is surely ours goes: the live object still has the name and the spec that we left it with, and nothing that
stays uses it. Specs have no DELETE (FACTS 1): they are forgotten, and of a flow spec's shared lists our members leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.diff.document import MISSING, Json
from reconciler.diff.outcomes import Cause
from reconciler.diff.pointer import Path, find, format_path
from reconciler.engine import digest, facts
from reconciler.engine.credentials import Vault
from reconciler.engine.decide import Situation, decide
from reconciler.engine.fields import last_writer, masked
from reconciler.engine.match import SPEC_OF, Match
from reconciler.engine.public import LAST_WRITTEN
from reconciler.engine.renewal import retired_name
from reconciler.engine.settle import failure_of
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.steps import Context, Step
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry, Intent
from reconciler.model.live import Live
from reconciler.model.plan import Action, Change, FieldChange, Request
from reconciler.model.resources import Desired, OnRemove, ResourceName

USERS: Final[Mapping[Kind, frozenset[Kind]]] = {
    Kind.CONNECTION: frozenset({Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION}),
    Kind.SOURCE_CONNECTION: frozenset({Kind.FLOW}),
    Kind.TARGET_CONNECTION: frozenset({Kind.FLOW}),
}
"""The kinds whose objects may use one of a kind, and keep it from being deleted (FACTS 12)."""

# FACTS 12: flows first, base connections last.
_ORDER: Final = (
    *(Kind.FLOW, Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION, Kind.CONNECTION),
    *(Kind.FLOW_SPEC, Kind.CONNECTION_SPEC),
)


@dataclass(frozen=True, slots=True)
class Removal:
    """What becomes of one resource that has left git; ``after`` are those that have to end well before.

    ``successor`` is the resource whose new object takes the place of this one in the same plan.
    """

    step: Step
    after: frozenset[ResourceName] = frozenset()
    successor: ResourceName | None = None


@dataclass(slots=True)
class Remover:
    """Plans the removals of one plan, users before what they use."""

    context: Context
    snapshot: Snapshot
    steps: Mapping[ResourceName, Step]
    intents: Mapping[ResourceName, Intent]
    removals: dict[ResourceName, Removal] = field(default_factory=dict)
    successors: dict[ResourceName, ResourceName] = field(default_factory=dict)

    def plan(self, left: Iterable[Entry]) -> Mapping[ResourceName, Removal]:
        """Return the removals of what has left git, and of what is replaced; entries without one stay as orphans."""
        retired = {step.retired.resource: step.retired for step in self.steps.values() if step.retired}
        self.successors = {step.retired.resource: name for name, step in self.steps.items() if step.retired}
        leaving = {entry.resource: entry for entry in left} | retired
        for entry in sorted(leaving.values(), key=lambda entry: (_ORDER.index(entry.resource.kind), entry.resource)):
            successor = self.successors.get(entry.resource)
            removal = self._of(entry) if successor or self.context.scope.holds(entry.resource) else None
            if removal:
                after = removal.after | ({successor} if successor else set())
                self.removals[entry.resource] = replace(removal, after=after, successor=successor)
        return self.removals

    def _of(self, entry: Entry) -> Removal | None:
        live = self.snapshot.find(entry.resource.kind, entry.id)
        hidden = self.snapshot.unreadable_reason(entry.resource.kind, entry.id)
        if entry.on_remove is OnRemove.FORGET:
            return self._forget(entry, live)
        if live is None and hidden is None and self._was_deleted(entry):
            return self._forget(entry, live, "a run that never ended has deleted it")
        if entry.protect or not (self.context.scope.prune or entry.on_remove is OnRemove.REPLACED):
            return None
        if hidden:
            return self._blocked(entry, live, f"could not be read: {hidden}")
        return self._prune(entry, live)

    def _prune(self, entry: Entry, live: Live | None) -> Removal:
        if live is None:
            return self._forget(entry, live, "it is gone already")
        if live.kind.is_spec:
            return self._leave_spec(entry, live)
        if reason := mismatch(entry, live) or self._wanted(entry, live) or self._ended_badly(entry):
            return self._blocked(entry, live, reason)
        return self._delete(entry, live)

    def _wanted(self, entry: Entry, live: Live) -> str | None:
        """Return how git still asks for an object whose manifest has left, or None."""
        for name, step in sorted(self.steps.items()):
            if entry.resource in step.match.mistaken_for:
                return f"{name} may be its new name: give that metadata.previousName, or another spec.name"
            wants = step.decision.wanted if step.decision else {}
            if name.kind in USERS.get(live.kind, ()) and _uses(wants or step.match.spec, live):
                return f"{name} uses it"
        return None

    def _ended_badly(self, entry: Entry) -> str | None:
        """Return that what has taken an object's place does not work, or None: the old one may be all that does."""
        for name, step in self.steps.items() if entry.on_remove is OnRemove.REPLACED else ():
            new = step.match.live
            took_place = new and new.id != entry.id and retired_name(name, entry.id) == entry.resource
            if new and took_place and (failure := failure_of(new)):
                return f"{name} has taken its place, and {failure}: mend that first, or delete this one by hand"
        return None

    def _was_deleted(self, entry: Entry) -> bool:
        intent = self.intents.get(entry.resource)
        return intent is not None and intent.action == Action.DELETE.value and intent.id == entry.id

    def _delete(self, entry: Entry, live: Live) -> Removal:
        unknown = sorted(kind for kind in USERS.get(live.kind, ()) if kind not in self.snapshot.complete)
        if unknown:
            return self._blocked(entry, live, f"who uses it is not known: {unknown[0].collection} could not be read")
        after: set[ResourceName] = set()
        for name, user in self._users(live):
            if name is None:
                return self._blocked(entry, live, f"{_told(user)}, which stays, uses it")
            if reason := self._keeps(name, live):
                return self._blocked(entry, live, reason)
            after.add(name)
        return Removal(self._step(entry, live, Action.DELETE), frozenset(after))

    def _users(self, used: Live) -> Iterator[tuple[ResourceName | None, Live]]:
        """Every live object that uses this one, and whose it is."""
        owners = {
            (step.match.live.kind, step.match.live.id): name for name, step in self.steps.items() if step.match.live
        }
        owners |= {
            (live.kind, live.id): name for name, removal in self.removals.items() if (live := removal.step.match.live)
        }
        for kind in sorted(USERS.get(used.kind, ())):
            for user in self.snapshot.all(kind):
                if _uses(user.document, used):
                    yield owners.get((user.kind, user.id)), user

    def _keeps(self, name: ResourceName, used: Live) -> str | None:
        """Return why a user of ours will still use the object when it is to be deleted, or None."""
        removal = self.removals.get(name)
        if removal is not None:
            action = removal.step.change.action
            if action is Action.BLOCKED:
                return f"{name} has to be deleted first, and is blocked"
            return f"{name}, which is forgotten and stays live, uses it" if action is Action.FORGET else None
        decision = self.steps[name].decision
        leaves = decision is not None and decision.wanted and not _uses(decision.wanted, used)
        return None if leaves else f"{name} uses it"

    def _leave_spec(self, entry: Entry, live: Live) -> Removal:
        """Forget a spec; of a flow spec's shared lists, what was ours to add leaves."""
        kind = entry.resource.kind
        ours = {path[0]: find(entry.applied, path) for path in facts.set_paths(kind)}
        kept = {key: members for key, members in ours.items() if members not in (MISSING, [])}
        nothing = Desired(entry.resource, {}, id=entry.id)
        situation = self._situation()
        shared = replace(entry, applied=kept, observed={}, secrets={})
        decision = decide(nothing, {}, live, shared, situation)
        note = "Flow Service has no delete for specs: it stays live, and is no longer managed"
        requests = decision.requests(live)
        change = self._change(entry, Action.FORGET, decision.fields, requests, (note,))
        return Removal(Step(change, Match(nothing, {}, live, shared), situation, decision))

    def _forget(self, entry: Entry, live: Live | None, *notes: str) -> Removal:
        return Removal(self._step(entry, live, Action.FORGET, *notes))

    def _blocked(self, entry: Entry, live: Live | None, reason: str) -> Removal:
        change = Change(
            entry.resource, entry.id, Action.BLOCKED, frozenset({Cause.GIT}), blocked_by=f"cannot be deleted: {reason}"
        )
        return Removal(Step(change, _matched(entry, live), self._situation()))

    def _step(self, entry: Entry, live: Live | None, action: Action, *notes: str) -> Step:
        fields: tuple[FieldChange, ...] = ()
        requests: tuple[Request, ...] = ()
        if action is Action.DELETE and live:
            vault = self._situation().vault
            fields = tuple(
                FieldChange(format_path((key,)), masked(value, (key,), vault), MISSING)
                for key, value in sorted(entry.applied.items())
            )
            requests = (Request("DELETE", f"/{live.kind.collection}/{live.id}"),)
            replaced = entry.on_remove is OnRemove.REPLACED
            notes = (*notes, *(["another object has taken its place"] if replaced else []))
            notes = (*notes, f"{LAST_WRITTEN} {last_writer(live)}")
        return Step(self._change(entry, action, fields, requests, notes), _matched(entry, live), self._situation())

    def _change(
        self,
        entry: Entry,
        action: Action,
        fields: tuple[FieldChange, ...],
        requests: tuple[Request, ...],
        notes: tuple[str, ...],
    ) -> Change:
        mark = digest.of_change(self.context.where, entry.resource, entry.id, action, fields, requests)
        causes = frozenset({Cause.GIT})
        return Change(entry.resource, entry.id, action, causes, fields, requests, digest=mark, notes=notes)

    def _situation(self) -> Situation:
        return Situation(Vault(self.context.secret, self.context.keys), self.context.now, prune=True)


def mismatch(entry: Entry, live: Live) -> str | None:
    """Return why a live object is not surely the one that the ledger speaks of, or None."""
    for path in (("name",), _spec_path(entry.resource.kind)):
        left, there = _left(entry, path), find(live.document, path)
        if left is MISSING and path == ("name",):
            return (
                "the manifest did not declare its name, so that it was managed in part only; delete it by hand, or "
                "bring the manifest back with metadata.onRemove: forget"
            )
        if left is not MISSING and left != there:
            return (
                f"{format_path(path)} is {there!r} by now, and was {left!r} when it was last applied; is it still what "
                "the manifest spoke of? Delete it by hand, or bring the manifest back with metadata.onRemove: forget"
            )
    return None


def _left(entry: Entry, path: Path) -> Json:
    """Return what we left at a path: the service's own form where it was seen, else what was applied."""
    return entry.observed.get(format_path(path), find(dict(entry.applied), path))


def _spec_path(kind: Kind) -> Path:
    return (SPEC_OF[kind], "id")


def _uses(document: Mapping[str, Json], used: Live) -> bool:
    """Iff an object refers to another one (FACTS 8): a flow to its ends, an end to its base connection."""
    if used.kind is Kind.CONNECTION:
        return document.get("baseConnectionId") == used.id
    ids = document.get("sourceConnectionIds" if used.kind is Kind.SOURCE_CONNECTION else "targetConnectionIds")
    return isinstance(ids, list) and used.id in ids


def _told(user: Live) -> str:
    return f"{user.kind} {user.document.get('name')!r} ({user.id})"


def _matched(entry: Entry, live: Live | None) -> Match:
    return Match(Desired(entry.resource, {}, id=entry.id), {}, live, entry)
