"""Carrying out one step of a plan: write, act, read back, judge, remember. Every way out is a :class:`Done`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.diff.document import MISSING, Json
from reconciler.diff.merge import copy, remove
from reconciler.diff.pointer import Path, find, format_path
from reconciler.engine import facts
from reconciler.engine.create import Creations, create
from reconciler.engine.credentials import slots
from reconciler.engine.decide import Decision
from reconciler.engine.delete import delete
from reconciler.engine.fields import last_writer
from reconciler.engine.hands import Ambiguous, Conflict, Hands, Sent
from reconciler.engine.match import Match, resolve
from reconciler.engine.remember import Memory, settled_forms
from reconciler.engine.renewal import moved
from reconciler.engine.settle import Judgement, Passed, Settled, judge, read_back
from reconciler.engine.steps import Step
from reconciler.engine.update import patch, put
from reconciler.model.errors import LeaseLost, ReconcilerError
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry
from reconciler.model.live import Live
from reconciler.model.plan import Action
from reconciler.model.resources import ResourceName
from reconciler.model.results import Result, Status


@dataclass(frozen=True, slots=True)
class Done:
    """How a step ended, and what the ledger is to know of it (None: what it knew before; ``gone``: nothing more)."""

    result: Result
    entry: Entry | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """Carries out steps against one target; ``where`` is organisation and sandbox."""

    hands: Hands
    where: tuple[str, str]
    creations: Creations = field(default_factory=Creations)

    def carry_out(self, step: Step, ids: Mapping[ResourceName, str]) -> Done:
        """Carry a step out; ``ids`` are those of everything that exists. Raises LeaseLost and nothing else expected."""
        step = replace(step, match=replace(step.match, spec=resolve(dict(step.match.spec), ids)))
        writer = replace(self, hands=replace(self.hands, tries=[]))
        done = writer._end(step, ids)  # noqa: SLF001 - itself, with tries of its own
        sent = len(writer.hands.tries)
        return done if done.result.attempts or not sent else replace(done, result=replace(done.result, attempts=sent))

    def _end(self, step: Step, ids: Mapping[ResourceName, str]) -> Done:
        try:
            return self._done(step, ids)
        except Conflict as conflict:
            return Done(_result(step, Status.CONFLICT, error=str(conflict)))
        except Ambiguous as ambiguous:
            return Done(_result(step, Status.BLOCKED, error=str(ambiguous)))
        except LeaseLost:
            raise
        except ReconcilerError as error:
            return Done(_result(step, Status.FAILED, error=str(error)))

    def _done(self, step: Step, ids: Mapping[ResourceName, str]) -> Done:
        live, decision = step.match.live, step.decision
        if step.change.action is Action.CREATE:
            return self._create(step, ids)
        if step.change.action is Action.REPLACE and live:
            return self._renew(step, live, ids)
        if step.change.action is Action.UPDATE and live and decision:
            return self._update(step, live, decision, ids)
        if step.change.action in (Action.DELETE, Action.FORGET):
            return self._remove(step, ids)
        return self._remember(step)

    def _memory(self, step: Step) -> Memory:
        return Memory(*self.where, step.situation.vault)

    def _remember(self, step: Step) -> Done:
        """Adopt, or bring the ledger up to date: nothing is sent."""
        status = Status.UNCHANGED if step.change.action is Action.UNCHANGED else Status.APPLIED
        live, decision = step.match.live, step.decision
        if live is None or decision is None:
            return Done(_result(step, status))
        entry = self._memory(step).entry(step.match, live, settled_forms(decision.outcomes, step.match.entry))
        return Done(_result(step, status), entry)

    def _create(self, step: Step, ids: Mapping[ResourceName, str]) -> Done:
        body = self.hands.fill(step.change.requests[0].body, ids)
        sent = create(self.hands, step.match, body, self.creations)
        step = replace(step, change=replace(step.change, id=sent.id))
        try:
            return self._created(step, sent)
        except ReconcilerError as error:
            # It exists: whatever went wrong afterwards, the ledger has to know its id.
            live = Live(step.change.resource.kind, sent.id, {})
            entry = replace(self._memory(step).entry(step.match, live, {}, sent=True), applied={})
            failed = Done(_result(step, Status.FAILED, sent.attempts, f"created, but: {error}"), entry)
            if isinstance(error, LeaseLost):
                raise
            return failed

    def _renew(self, step: Step, live: Live, ids: Mapping[ResourceName, str]) -> Done:
        """Make a new object in the place of one that is still what the plan saw."""
        fresh = self.hands.service.get(live.kind, live.id)
        secrets = any(True for _ in slots(dict(step.match.spec)))
        if changed := moved(live, fresh, step.situation.vault, holds_secrets=secrets):
            raise Conflict(
                f"{last_writer(fresh)} changed {', '.join(changed)} since the plan; nothing was made in its place. "
                "Plan again to see it"
            )
        # nothing of the old object counts for the new one
        return self._create(replace(step, match=replace(step.match, live=None, entry=None)), ids)

    def _created(self, step: Step, sent: Sent) -> Done:
        passed = Passed()
        if step.match.spec.get("state") == "disabled":
            acted = self.hands.act(step.change.resource.kind, sent.id, "disable")
            passed = Passed.by(None, sent.written, acted)
            sent = replace(sent, written=acted)

        def judged(settled: Settled) -> Judgement:
            return judge(step.match, None, settled, sent.written)

        settled = self._read_back(sent.id, step.change.resource.kind, passed, judged)
        verdict = judged(settled)
        added = _added(step.match, None)
        entry = self._memory(step).entry(step.match, settled.live, verdict.observed, added, sent=True)
        kept = copy(dict(entry.applied))
        for path in verdict.not_taken:
            kept = remove(kept, path, {}) if find(kept, path) is not MISSING else kept
        done = _judged(step, settled, verdict, sent.attempts)
        return replace(done, entry=replace(entry, applied=kept))

    def _update(self, step: Step, live: Live, decision: Decision, ids: Mapping[ResourceName, str]) -> Done:
        sent = Sent(live.id, live, None, 0)
        if decision.patch:
            sent = patch(self.hands, step, live, decision, ids)
        elif decision.put is not None:
            sent = put(self.hands, step, live, decision, ids)
        passed = Passed.by(sent.before, sent.written)
        if decision.act:
            acted = self.hands.act(live.kind, live.id, decision.act)
            passed = Passed.by(sent.before, *([sent.written] if sent.written else []), acted)
            sent = replace(sent, written=acted, attempts=sent.attempts or 1)

        def judged(settled: Settled) -> Judgement:
            return judge(step.match, sent.before, settled, sent.written, prune=step.situation.prune)

        settled = self._read_back(live.id, sent.before or live, passed, judged)
        verdict = judged(settled)
        done = _judged(step, settled, verdict, sent.attempts)
        if done.result.status is not Status.APPLIED:
            return done
        added = _added(step.match, sent.before)
        entry = self._memory(step).entry(step.match, settled.live, verdict.observed, added, sent=sent.secrets)
        return replace(done, entry=entry)

    def _remove(self, step: Step, ids: Mapping[ResourceName, str]) -> Done:
        """Delete what has left git, or forget it: a flow spec, once our members have left it."""
        one = step.match
        if step.change.action is Action.DELETE and one.entry:
            problem = delete(self.hands, one.entry)
            result = _result(step, Status.FAILED if problem else Status.APPLIED, error=problem)
            return Done(result, gone=problem is None)
        if one.live and step.decision and step.decision.put is not None:
            done = self._update(step, one.live, step.decision, ids)
            return Done(done.result, gone=done.result.status is Status.APPLIED)
        return Done(_result(step, Status.APPLIED), gone=True)

    def _read_back(
        self, id: str, before: Live | Kind, passed: Passed, judged: Callable[[Settled], Judgement]
    ) -> Settled:
        hands = self.hands
        taken = lambda settled: judged(settled).stands  # noqa: E731 - shorter than what it would take to name it
        return read_back(hands.service, id, before, hands.clock, hands.settle_seconds, passed, taken=taken)


def _result(step: Step, status: Status, attempts: int = 0, error: str | None = None) -> Result:
    return Result(step.change.resource, step.change.action, status, step.change.id, attempts, error)


def _judged(step: Step, settled: Settled, verdict: Judgement, attempts: int) -> Done:
    """End a write by what was read back."""
    problem = settled.failure
    if verdict.not_taken and not problem:
        paths = ", ".join(format_path(path) for path in verdict.not_taken)
        late = "" if settled.done else " (the service had not finished when the time to settle was over)"
        problem = f"the service answered success, and did not take {paths}{late}; the next apply tries again"
    return Done(_result(step, Status.FAILED if problem else Status.APPLIED, attempts, problem))


def _added(one: Match, before: Live | None) -> dict[Path, Sequence[Json]]:
    """Return the members of shared sets that were not there before our write: those are ours."""
    found: dict[Path, Sequence[Json]] = {}
    for path in facts.set_paths(one.desired.name.kind):
        wanted, there = find(dict(one.spec), path), find(before.document, path) if before else MISSING
        there = there if isinstance(there, list) else []
        if isinstance(wanted, list):
            found[path] = [member for member in wanted if member not in there]
    return found
