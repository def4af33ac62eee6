"""Applying a plan: begin in the ledger, carry it out, end; a run that never ended is taken over."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.execution import Execution, Run, World, all_steps
from reconciler.engine.lease import Lease
from reconciler.engine.plan import Planned
from reconciler.engine.unfinished import MAKING
from reconciler.model.errors import LedgerError
from reconciler.model.ledger import Begin, Intent, LedgerState
from reconciler.model.resources import Notice, ResourceName
from reconciler.model.results import ApplyReport


def apply(planned: Planned, state: LedgerState, world: World, run: Run) -> ApplyReport:
    """Carry a plan out; ``state`` is the ledger that it was made from.

    Raises LedgerHeld where somebody else applies, LedgerError where the ledger moved since the plan. Interrupted it
    finishes what is under way, starts nothing more and says so in the report.
    """
    check_unfinished(planned, state)
    execution = Execution(planned, state, world, run)
    if not execution.waiting and not execution.wishes and state.open is None:
        return execution.report(None)
    now = world.clock.now()
    expires = now + run.lease_seconds
    plan = planned.plan
    begin = Begin(run.id, run.actor, plan.digest, plan.commit, now, expires, _intents(planned))
    taken_over = world.ledger.begin(begin, state.open.run if state.open else None)
    execution.notices.extend(_taken_over(taken_over, planned, state))
    try:
        if world.ledger.read().entries != state.entries:
            raise LedgerError(
                "somebody else applied since this plan was made (history tells who); nothing was sent. Plan again"
            )
        with Lease(world.ledger, run.id, world.clock, run.lease_seconds, expires) as lease:
            execution.run_all(lease)
    finally:
        execution.end()
    return execution.report(run.id)


def _intents(planned: Planned) -> tuple[Intent, ...]:
    return tuple(
        Intent(name, step.change.action.value, step.change.id, step.change.digest, step.match.same_named)
        for name, step in sorted(all_steps(planned).items())
        if step.change.requests and name not in planned.refused
    )


def check_unfinished(planned: Planned, state: LedgerState) -> None:
    """Raise LedgerError where this plan would leave creates of a run that never ended out of sight for good."""
    made = [intent.resource for intent in (state.open.intents if state.open else ()) if intent.action in MAKING]
    left_out = [name for name in made if name in planned.refused or _is_out_of_scope(planned, name)]
    if left_out:
        raise LedgerError(
            f"run {state.open.run if state.open else ''} never ended, and may have created {left_out[0]}: apply once "
            "without --only, --exclude and saved plans"
        )


def _is_out_of_scope(planned: Planned, name: ResourceName) -> bool:
    return name in planned.steps and not planned.steps[name].in_scope


def _taken_over(begin: Begin | None, planned: Planned, state: LedgerState) -> Iterator[Notice]:
    if begin is None:
        return
    yield Notice(f"took over from run {begin.run} of {begin.actor}, which began and never ended")
    known = {*planned.steps, *state.entries}
    known |= {former for step in planned.steps.values() if (former := step.match.desired.previous_name)}
    for intent in begin.intents:
        if intent.action in MAKING and intent.resource not in known:
            yield Notice(
                f"that run may have created {intent.resource}, whose manifest has left git since, and nothing here "
                "knows of it: look for it with drift --unmanaged, or bring the manifest back to have it adopted"
            )
