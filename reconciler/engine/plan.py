"""The whole plan: every resource matched, turned into a step, and put in order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.engine import digest
from reconciler.engine.match import Match, entry_of, match
from reconciler.engine.ports import Progress
from reconciler.engine.remembering import remembering
from reconciler.engine.removal import Removal, Remover
from reconciler.engine.schemas.book import Book
from reconciler.engine.schemas.judging import Judge
from reconciler.engine.snapshot import Snapshot, fed_by_source_flows
from reconciler.engine.snoozing import in_force
from reconciler.engine.snoozing import notices as snooze_notices
from reconciler.engine.steps import Context, Step, Stepper
from reconciler.engine.timetables import timetables
from reconciler.engine.unchecked import unchecked_secrets
from reconciler.engine.unfinished import unfinished
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry, LedgerState
from reconciler.model.plan import Action, Orphan, Plan
from reconciler.model.resources import Desired, Estate, Notice, OnRemove, ResourceName

_NAMED: Final = 3
_TOLD: Final = 100


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan for people, and the steps for the executor.

    ``removals`` are what becomes of resources that have left git. ``refused`` are changes that must not be made, and
    why: nobody has reviewed them.
    """

    plan: Plan
    steps: Mapping[ResourceName, Step]
    removals: Mapping[ResourceName, Removal] = field(default_factory=dict)
    refused: Mapping[ResourceName, str] = field(default_factory=dict)


def make_plan(
    estate: Estate,
    ledger: LedgerState,
    snapshot: Snapshot,
    context: Context,
    progress: Progress | None = None,
) -> Planned:
    """Plan an estate against what was read; ``progress`` is told of every hundredth resource."""
    intents = {intent.resource: intent for intent in (ledger.open.intents if ledger.open else ())}
    resources = [in_force(resource, context.now) for resource in estate.resources]
    matches = match(resources, ledger.entries, snapshot, intents)
    book = Book.of(matches.values(), snapshot, context.scope)
    left = _left_behind(estate.resources, ledger.entries, matches)
    hindered: dict[ResourceName, str] = {}
    while True:  # what cannot be replaced stays, and so does what it refers to: once more with that known
        judge = Judge(book)
        stepper = Stepper(
            context, snapshot, {one.name: one for one in resources}, fed_by_source_flows(snapshot), judge, hindered
        )
        for done, one in enumerate(matches.values()):
            if progress and done % _TOLD == 0:
                progress.step("planning", done, len(matches), str(one.desired.name))
            stepper.add(one)
        removals = Remover(context, snapshot, stepper.steps, intents).plan(left)
        further = _hindered(stepper.steps, removals)
        if not further:
            break
        hindered = hindered | further
    if progress and matches:
        progress.step("planning", len(matches), len(matches), "")
    steps = [*stepper.steps.values(), *(removal.step for removal in removals.values())]
    changes = [
        replace(step.change, timetables=timetables(step))
        for step in steps
        if step.change.action is not Action.UNCHANGED
    ]
    changes.sort(key=lambda change: change.resource)
    plan = Plan(
        target=estate.target.name,
        organisation=context.organisation,
        sandbox=context.sandbox,
        commit=context.commit,
        changes=tuple(changes),
        unchanged=sum(step.change.action is Action.UNCHANGED for step in stepper.steps.values()),
        orphans=tuple(
            Orphan(entry.resource, entry.id, entry.protect)
            for entry in left
            if entry.resource not in removals and entry.on_remove is not OnRemove.REPLACED  # left out, and goes anyway
        ),
        digest=digest.of_plan(estate.target.name, changes),
        notices=(
            *estate.notices,
            *stepper.notices,
            *judge.notices(),
            *remembering(matches.values()),
            *unfinished(ledger.open, _managed(ledger, stepper.steps), snapshot, context.now),
            *_notices(estate, ledger, context),
        ),
    )
    return Planned(plan, stepper.steps, removals)


def _hindered(steps: Mapping[ResourceName, Step], removals: Mapping[ResourceName, Removal]) -> dict[ResourceName, str]:
    """Return what is to be replaced though its old object could not go, and why: there would be two of it for good."""
    return {
        removal.successor: str(removal.step.change.blocked_by)
        for removal in removals.values()
        if removal.step.change.action is Action.BLOCKED
        and removal.successor
        and steps[removal.successor].change.action is Action.REPLACE
    }


def _managed(ledger: LedgerState, steps: Mapping[ResourceName, Step]) -> set[tuple[Kind, str]]:
    """Return the objects that the ledger knows, or that a manifest has found."""
    known = {(entry.resource.kind, entry.id) for entry in ledger.entries.values()}
    return known | {(live.kind, live.id) for step in steps.values() if (live := step.match.live)}


def _left_behind(
    resources: Iterable[Desired], entries: Mapping[ResourceName, Entry], matches: Mapping[ResourceName, Match]
) -> list[Entry]:
    """Return the entries whose manifest has left git, and whose object is no other manifest's by now.

    One that a manifest claims by its former name has not left, whatever object that manifest turns to now.
    """
    claimed = {entry.resource for one in resources if (entry := entry_of(one, entries, set(matches)))}
    held = {(one.live.kind, one.live.id) for one in matches.values() if one.live}
    held |= {(one.entry.resource.kind, one.entry.id) for one in matches.values() if one.entry}
    left = [entries[name] for name in sorted(entries) if name not in matches and name not in claimed]
    return [entry for entry in left if (entry.resource.kind, entry.id) not in held]


def _notices(estate: Estate, ledger: LedgerState, context: Context) -> list[Notice]:
    notices = [Notice(note) for note in ledger.notes]
    if not estate.resources and not ledger.entries:
        name = estate.target.name
        told = f"nothing is declared for {name}: reconciler --target {name} import writes manifests for what is live"
        notices.append(Notice(told))
    notices += snooze_notices(estate.resources, context.now)
    return notices + _left_out(estate, context) + unchecked_secrets(estate, ledger, context)


def _left_out(estate: Estate, context: Context) -> list[Notice]:
    """Tell how much --only and --exclude keep from being looked at: what is unchanged here may not match git."""
    left = sum(not context.scope.holds(resource.name) for resource in estate.resources)
    resources = "1 resource" if left == 1 else f"{left} resources"
    return [Notice(f"{resources} left out by --only or --exclude; they count as unchanged")] if left else []
