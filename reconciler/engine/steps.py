"""From a decision to a change: one step of a plan, as people read it and as the executor carries it out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.diff.document import MISSING, Json
from reconciler.diff.outcomes import Cause, present
from reconciler.diff.pointer import format_path
from reconciler.engine import digest
from reconciler.engine.credentials import Vault, slots
from reconciler.engine.decide import Decision, Situation, decide
from reconciler.engine.fields import masked
from reconciler.engine.immutable import start_time
from reconciler.engine.match import Match, resolve
from reconciler.engine.order import references
from reconciler.engine.passwords import passwords_of, seal_literals
from reconciler.engine.renewal import hindrance, renewal_notes, retire, same_named
from reconciler.engine.schemas.judging import Judge
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.telling import change_notes, snoozed_notices, staying_notices
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry
from reconciler.model.live import Live
from reconciler.model.plan import Action, Change, FieldChange, Request, Scope
from reconciler.model.resources import Desired, Notice, OnImmutable, ResourceName
from reconciler.model.secrets import Keys, Secret, SecretSlot


@dataclass(frozen=True, slots=True)
class Context:
    """What a plan depends on besides git, ledger and live. ``now`` is epoch seconds."""

    organisation: str
    sandbox: str
    now: float
    secret: Callable[[SecretSlot], Secret | None]
    keys: Keys | None = None
    commit: str | None = None
    scope: Scope = field(default_factory=Scope)

    @property
    def where(self) -> tuple[str, str]:
        """Organisation and sandbox, which every digest and fingerprint is bound to."""
        return self.organisation, self.sandbox


@dataclass(frozen=True, slots=True)
class Step:
    """One resource's change with all that an executor needs to carry it out.

    ``decision`` is None iff there is no live object. A step whose change is UNCHANGED only brings the ledger up to
    date. ``retired`` is the entry under which the ledger keeps the object whose place another one takes.
    """

    change: Change
    match: Match
    situation: Situation
    decision: Decision | None = None
    in_scope: bool = True
    retired: Entry | None = None


@dataclass(slots=True)
class Stepper:
    """Makes the steps of a plan, one a match, those that others refer to first; notices are gathered on the way."""

    context: Context
    snapshot: Snapshot
    desired: Mapping[ResourceName, Desired]
    fed: frozenset[tuple[Kind, str]]
    judge: Judge
    hindered: Mapping[ResourceName, str] = field(default_factory=dict)  # what cannot be replaced, and why
    notices: list[Notice] = field(default_factory=list)
    steps: dict[ResourceName, Step] = field(default_factory=dict)

    def add(self, one: Match) -> None:
        """Make the step of one match."""
        name = one.desired.name
        passwords = passwords_of(one, self.snapshot, self.desired)
        one = self._sealed(self._awaiting(one), passwords)
        situation = self._situation(one, passwords)
        if not self.context.scope.holds(name):
            change = Change(name, one.live.id if one.live else None, Action.UNCHANGED)
            step = Step(change, one, situation, in_scope=False)
        elif reason := one.blocked or self._blocked_by_needs(one):
            step = Step(_blocked(one, reason), one, situation)
        elif one.live is None:
            step = Step(self._create(one, situation), one, situation)
        else:
            decision = self._judged(one, one.live, decide(one.desired, one.spec, one.live, one.entry, situation))
            self.notices.extend(staying_notices(one, one.live, prune=self.context.scope.prune))
            self.notices.extend(snoozed_notices(one, decision))
            step = self._of_live(one, one.live, situation, decision)
        self.steps[name] = step

    def _awaiting(self, one: Match) -> Match:
        """Return a match whose references to what is replaced are open again: the new object has no id yet."""
        needs = set(references(dict(one.desired.spec)))
        renewed = {name for name in needs if self.steps[name].change.action is Action.REPLACE}
        if not renewed or not self.context.scope.holds(one.desired.name):
            return one
        ids = {name: live.id for name in needs - renewed if (live := self.steps[name].match.live)}
        return replace(one, spec=resolve(dict(one.desired.spec), ids))

    def _of_live(self, one: Match, live: Live, situation: Situation, decision: Decision) -> Step:
        if not (decision.renewable and one.desired.on_immutable is OnImmutable.REPLACE):
            retired = retire(one.replaces) if one.replaces else None
            return Step(self._update(one, live, decision), one, situation, decision, retired=retired)
        renewed = replace(one, live=None, same_named=same_named(one, self.snapshot))
        snoozed = [outcome.path for outcome in decision.snoozed]
        reason = self.hindered.get(one.desired.name) or hindrance(one, live, self.snapshot, snoozed)
        if one.entry is None or (reason := reason or self._uncreatable(renewed, situation)):
            blocked = f"{decision.blocked}. It cannot be replaced: {reason or 'it is not managed yet'}"
            return Step(_blocked(one, blocked, decision), one, situation, decision)
        change = self._renewal(renewed, live, situation, decision)
        return Step(change, replace(renewed, live=live), situation, decision, retired=retire(one.entry))

    def _renewal(self, one: Match, live: Live, situation: Situation, decision: Decision) -> Change:
        """Return the change that makes a new object in the place of a live one."""
        requests = self._creation(one, one.spec, situation.vault)[1]
        fields = (decision.reviewed or decision).fields
        reviewed = self._reviewed_creation(one, situation)[1]
        mark = digest.of_change(self.context.where, one.desired.name, live.id, Action.REPLACE, fields, reviewed)
        return Change(
            one.desired.name,
            live.id,
            Action.REPLACE,
            decision.causes,
            decision.fields,
            requests,
            digest=mark,
            notes=(*one.notes, *change_notes(one, live, decision), *renewal_notes(live)),
        )

    def _sealed(self, one: Match, passwords: frozenset[str]) -> Match:
        """Return a match whose spec shows no password that the connection's own spec marks as one."""
        sealed = seal_literals(one.spec, passwords)
        for path in sealed.literals:
            text = f"{one.desired.name} has a password as plain text at {format_path(path)}: use valueFrom"
            self.notices.append(Notice(text, one.desired.locate(path)))
        if sealed.numbers and not one.blocked:
            reason = f"{format_path(sealed.numbers[0])} is a password and a number: use valueFrom, or quote it"
            return replace(one, spec=sealed.spec, blocked=reason)
        return replace(one, spec=sealed.spec)

    def _blocked_by_needs(self, one: Match) -> str | None:
        """Return why a reference cannot become an id in this run, or None."""
        for needed in sorted(set(references(dict(one.spec)))):
            change = self.steps[needed].change
            if change.action is Action.BLOCKED:
                return f"needs {needed}, which is blocked"
            if change.action not in (Action.CREATE, Action.REPLACE):
                return f"needs {needed}, which does not exist yet and is left out of this run"
        return None

    def _situation(self, one: Match, passwords: frozenset[str]) -> Situation:
        return Situation(
            vault=Vault(self.context.secret, self.context.keys, passwords),
            now=self.context.now,
            feeds_source_flow=one.live is not None and (one.live.kind, one.live.id) in self.fed,
            rotate=one.desired.name in self.context.scope.rotate,
            prune=self.context.scope.prune,
        )

    def _create(self, one: Match, situation: Situation) -> Change:
        if reason := self._uncreatable(one, situation):
            return _blocked(one, reason)
        fields, requests = self._creation(one, one.spec, situation.vault)
        reviewed = self._reviewed_creation(one, situation)
        mark = digest.of_change(self.context.where, one.desired.name, None, Action.CREATE, *reviewed)
        cause = Cause.DRIFT if one.gone else Cause.GIT
        return Change(
            one.desired.name, None, Action.CREATE, frozenset({cause}), fields, requests, digest=mark, notes=one.notes
        )

    def _uncreatable(self, one: Match, situation: Situation) -> str | None:
        """Return why a resource cannot be created as it is declared, or None."""
        if one.spec.get("state") == "disabled" and (reason := _runs_at_once(one.spec, self.context.now)):
            return reason
        return self.judge.of_create(one, situation.vault)

    def _reviewed_creation(
        self, one: Match, situation: Situation
    ) -> tuple[tuple[FieldChange, ...], tuple[Request, ...]]:
        """Return a creation as it is reviewed, with its references as such: which of them exist is no matter of it."""
        unresolved = seal_literals(one.desired.spec, situation.vault.password_keys).spec
        return self._creation(one, unresolved, situation.vault)

    def _creation(
        self, one: Match, spec: Mapping[str, Json], vault: Vault
    ) -> tuple[tuple[FieldChange, ...], tuple[Request, ...]]:
        """Return the fields of a create, and its requests."""
        name = one.desired.name
        body = present({key: value for key, value in spec.items() if key != "state"})
        requests = [Request("POST", f"/{name.kind.collection}", {} if body is MISSING else body)]
        if spec.get("state") == "disabled":
            requests.append(Request("POST", f"/{name.kind.collection}/{{{name}}}/action?op=disable"))
        shown = [(key, present(value)) for key, value in sorted(spec.items())]
        fields = [self._created(key, value, vault) for key, value in shown if value is not MISSING]
        return tuple(fields), tuple(requests)

    def _created(self, key: str, value: Json, vault: Vault) -> FieldChange:
        missing = any(self.context.secret(slot) is None for _, slot in slots(value))
        unknown = missing or any(True for _ in references(value))
        return FieldChange(format_path((key,)), MISSING, masked(value, (key,), vault), unknown=unknown)

    def _judged(self, one: Match, live: Live, decision: Decision) -> Decision:
        """Block what would not fit the schemas of its spec."""
        if decision.blocked:
            return decision
        vault = self._situation(one, passwords_of(one, self.snapshot, self.desired)).vault
        return replace(decision, blocked=self.judge.of_update(one, live, decision, vault))

    def _update(self, one: Match, live: Live, decision: Decision) -> Change:
        if decision.blocked:
            return _blocked(one, decision.blocked, decision)
        requests = decision.requests(live)
        notes = (*one.notes, *change_notes(one, live, decision))
        if not requests:
            return self._no_write(one, live, notes)
        reviewed = decision.reviewed or decision
        return Change(
            one.desired.name,
            live.id,
            Action.UPDATE,
            decision.causes,
            decision.fields,
            requests,
            digest=self._digest(one, live, Action.UPDATE, reviewed) if reviewed.writes else None,
            notes=notes,
        )

    def _no_write(self, one: Match, live: Live, notes: tuple[str, ...]) -> Change:
        if one.entry is not None:
            return Change(one.desired.name, live.id, Action.UNCHANGED, notes=notes)
        return Change(one.desired.name, live.id, Action.ADOPT, frozenset({Cause.ADOPT}), notes=notes)

    def _digest(self, one: Match, live: Live, action: Action, decision: Decision) -> str:
        where = self.context.where
        return digest.of_change(where, one.desired.name, live.id, action, decision.fields, decision.requests(live))


def _blocked(one: Match, reason: str, decision: Decision | None = None) -> Change:
    return Change(
        one.desired.name,
        one.live.id if one.live else None,
        Action.BLOCKED,
        decision.causes if decision else frozenset(),
        decision.fields if decision else (),
        blocked_by=reason,
        notes=one.notes,
    )


def _runs_at_once(spec: Mapping[str, Json], now: float) -> str | None:
    """Return why a flow cannot be created disabled: the service enables it, and it would run before it is disabled."""
    start = start_time(spec)
    if start is not None and start > now:
        return None
    return (
        "a new flow is created enabled (Flow Service error 1410-400) and would run before it could be disabled: give "
        "it a startTime that lies ahead, or declare state: enabled"
    )
