"""Drift: live compared with what we left there, whatever git says by now. Pure.

A change in git that was not applied yet is pending, not drift; what git has snoozed is told of and left alone. Who
wrote last is the service's word for the object as a whole; etag and ``updatedAt`` never count as a sign (FACTS 7: a run
moves them too).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from reconciler.diff.document import MISSING
from reconciler.diff.outcomes import Cause, Outcome
from reconciler.diff.pointer import format_path
from reconciler.engine.decide import Decision
from reconciler.engine.fields import masked
from reconciler.engine.plan import Planned
from reconciler.engine.removal import Removal
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.steps import Step
from reconciler.engine.timetables import drifted_timetables, missed_timetables
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, Entry, LedgerState
from reconciler.model.live import Live
from reconciler.model.plan import Action, FieldChange
from reconciler.model.resources import Notice, OnRemove, ResourceName
from reconciler.model.results import DriftItem, DriftReport, DriftStatus


def drift(planned: Planned, ledger: LedgerState, snapshot: Snapshot, *, unmanaged: bool = False) -> DriftReport:
    """Report on every managed resource, orphans included; with ``unmanaged`` on all other live objects too."""
    items = [_of_step(str(name), step) for name, step in planned.steps.items()]
    items += [_of_orphan(ledger.entries[orphan.resource], snapshot) for orphan in planned.plan.orphans]
    items += [_of_leaving(name, removal) for name, removal in planned.removals.items() if not removal.successor]
    if unmanaged:
        items += _unmanaged(planned, ledger.entries.values(), snapshot)
    ordered = sorted(items, key=lambda item: (item.resource, item.id or ""))
    plan = planned.plan
    return DriftReport(plan.target, tuple(ordered), plan.notices, plan.organisation, plan.sandbox, plan.commit)


def under_way(begun: Begin | None, now: float) -> list[Notice]:
    """Tell of a run that began and has not ended: what differs may be its work; ``now`` is epoch seconds."""
    if begun is None:
        return []
    who = f"run {begun.run} of {begun.actor}"
    if begun.expires > now:
        return [Notice(f"{who} is applying since {_moment(begun.started)}: what differs may be its work")]
    return [
        Notice(
            f"{who} began at {_moment(begun.started)} and never ended: what differs may be its work, which the next "
            "apply finishes"
        )
    ]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _of_step(name: str, step: Step) -> DriftItem:
    one = step.match
    if one.unreadable:
        known = one.entry.id if one.entry else one.desired.id
        return DriftItem(name, known, DriftStatus.UNREADABLE, detail=one.blocked)
    if one.gone and one.entry:
        missed = missed_timetables(one.entry.resource.kind, one.entry.applied)
        gone = "deleted behind git's back"
        return DriftItem(name, one.entry.id, DriftStatus.MISSING, detail=gone, timetables=missed)
    if one.blocked and one.live is None:
        return DriftItem(name, None, DriftStatus.PENDING, detail=one.blocked)
    if one.live is None or step.decision is None:
        return DriftItem(name, None, DriftStatus.PENDING, detail="not created yet")
    return _of_live(name, one.live, step, step.decision)


def _of_live(name: str, live: Live, step: Step, decision: Decision) -> DriftItem:
    snooze = step.match.desired.snooze
    snoozed = decision.snoozed
    lasting = f"until {snooze.until}: {snooze.reason}" if snooze and snoozed else None
    if drifted := drifted_outcomes(step):
        paths = ", ".join(format_path(outcome.path) for outcome in snoozed)
        detail = f"{paths} besides, snoozed {lasting}" if lasting else None
        item = DriftItem(name, live.id, DriftStatus.DRIFTED, _fields(drifted, step), detail=detail)
        return _with_writer(replace(item, timetables=drifted_timetables(live, drifted)), live)
    if lasting:
        item = DriftItem(name, live.id, DriftStatus.SNOOZED, _fields(snoozed, step), detail=f"snoozed {lasting}")
        return _with_writer(item, live)
    if step.change.action in (Action.UNCHANGED, Action.ADOPT):
        return DriftItem(name, live.id, DriftStatus.IN_SYNC)
    paths = ", ".join(field.path for field in step.change.fields)
    detail = step.change.blocked_by or f"git has changed {paths}, and nobody has applied it yet"
    return DriftItem(name, live.id, DriftStatus.PENDING, detail=detail)


def drifted_outcomes(step: Step) -> list[Outcome]:
    """Return what of a live object is not what we left, snoozed paths left out; none where nothing is known of it.

    Without a ledger entry, what git says is the best that is known of what we left.
    """
    signs = {Cause.DRIFT} if step.match.entry else {Cause.DRIFT, Cause.ADOPT}
    return [outcome for outcome in (step.decision.outcomes if step.decision else ()) if outcome.causes & signs]


def _fields(outcomes: Iterable[Outcome], step: Step) -> tuple[FieldChange, ...]:
    return tuple(sorted((_field(outcome, step) for outcome in outcomes), key=lambda field: field.path))


def _field(outcome: Outcome, step: Step) -> FieldChange:
    left = outcome.left if step.match.entry else outcome.desired
    pointer = format_path(outcome.path)
    removed = step.decision.secrets.removed if step.decision else ()
    vault = replace(step.situation.vault, were_secret=frozenset(removed))
    if vault.is_sensitive(outcome.path):
        return FieldChange(pointer, MISSING, MISSING, sensitive=True)
    before = MISSING if left is None else masked(left, outcome.path, vault)
    return FieldChange(pointer, before, masked(outcome.live, outcome.path, vault))


def _with_writer(item: DriftItem, live: Live) -> DriftItem:
    at = live.document.get("updatedAt")
    by, client = (live.document.get(key) for key in ("updatedBy", "updatedClient"))
    return replace(
        item,
        changed_by=by if isinstance(by, str) else None,
        changed_client=client if isinstance(client, str) else None,
        changed_at=at if isinstance(at, int) else None,
    )


def _of_orphan(entry: Entry, snapshot: Snapshot) -> DriftItem:
    reason = snapshot.unreadable_reason(entry.resource.kind, entry.id)
    if reason:
        return DriftItem(str(entry.resource), entry.id, DriftStatus.UNREADABLE, detail=reason)
    if snapshot.find(entry.resource.kind, entry.id) is None:
        return DriftItem(str(entry.resource), entry.id, DriftStatus.MISSING, detail="its manifest has left git, too")
    return DriftItem(str(entry.resource), entry.id, DriftStatus.ORPHANED, detail="its manifest has left git")


def _of_leaving(name: ResourceName, removal: Removal) -> DriftItem:
    replaced = removal.step.match.entry and removal.step.match.entry.on_remove is OnRemove.REPLACED
    detail = "its manifest has left git; the next apply forgets it"
    detail = "another object has taken its place; the next apply deletes it" if replaced else detail
    detail = removal.step.change.blocked_by or detail
    return DriftItem(str(name), removal.step.change.id, DriftStatus.PENDING, detail=detail)


def _unmanaged(planned: Planned, entries: Iterable[Entry], snapshot: Snapshot) -> Iterable[DriftItem]:
    """Every live object that no manifest and no entry speaks of; the catalogue's specs belong to Adobe."""
    managed = {(entry.resource.kind, entry.id) for entry in entries}
    lives = (step.match.live for step in planned.steps.values())
    managed |= {(live.kind, live.id) for live in lives if live}
    for kind in Kind:
        for live in snapshot.all(kind):
            if (kind, live.id) not in managed and not kind.is_spec:
                name = live.document.get("name")
                detail = name if isinstance(name, str) else None
                yield _with_writer(DriftItem(f"{kind}/{live.id}", live.id, DriftStatus.UNMANAGED, detail=detail), live)
