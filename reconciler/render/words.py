"""The words that every format shares: symbols, summaries, and what a person can do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from reconciler.diff.outcomes import Cause
from reconciler.model.plan import Action, Change, Orphan, Plan
from reconciler.model.results import ApplyReport, DriftItem, DriftReport, DriftStatus, Status
from reconciler.render.inert import inert

SYMBOL: Final[Mapping[Action, str]] = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DELETE: "-",
    Action.ADOPT: "=",
    Action.FORGET: "x",
    Action.UNCHANGED: " ",
    Action.BLOCKED: "!",
}
STATUS_SYMBOL: Final[Mapping[Status, str]] = {
    Status.APPLIED: "✓",
    Status.FAILED: "✗",
    Status.CONFLICT: "!",
    Status.REFUSED: "!",
    Status.BLOCKED: "!",
    Status.SKIPPED: "-",
    Status.UNCHANGED: "=",
}
NEXT: Final[Mapping[Status, str]] = {
    Status.FAILED: "read its error, correct the cause and apply again; what is applied stays applied",
    Status.CONFLICT: "somebody changed it since the plan and nothing was overwritten; plan again, then take their "
    "change into the manifest, or apply to put git's back",
    Status.REFUSED: "it is not in the reviewed plan; make a new plan and have that reviewed",
    Status.BLOCKED: "its reason names the way out; no apply will get past it",
    Status.SKIPPED: "something it needs did not end well, or the run was stopped; apply again when that is mended",
}
_PLAN: Final[dict[str, str]] = {action.value: f"to {action}" for action in Action} | {
    "unchanged": "unchanged",
    "blocked": "blocked",
}
_APPLY: Final[dict[str, str]] = {status.value: status.value for status in Status}
_DRIFT: Final[dict[str, str]] = {status.value: status.value for status in DriftStatus} | {"inSync": "in sync"}
_ORDER: Final = tuple(Cause)

ORPHANS: Final = "No manifest declares them any more"
PROTECTED: Final = "protected, never deleted"


def drift_word(status: DriftStatus) -> str:
    """Return a status as a reader says it."""
    return _DRIFT[status]


def _counted(summary: Mapping[str, int], words: Mapping[str, str], always: str) -> str:
    """Say "1 to create, 5 unchanged": whatever there is, and last what there always is."""
    named = [(word, summary[key]) for key, word in words.items() if key != always]
    return ", ".join(f"{count} {word}" for word, count in [*named, (words[always], summary[always])] if count) or (
        f"0 {words[always]}"
    )


def plan_summary(plan: Plan) -> str:
    """Count a plan's resources by what is to happen to them."""
    return _counted(plan.summary, _PLAN, Action.UNCHANGED)


def apply_summary(report: ApplyReport) -> str:
    """Count an apply's resources by how they ended."""
    return _counted(report.summary, _APPLY, Status.UNCHANGED)


def drift_summary(report: DriftReport) -> str:
    """Count a look's resources by where they stand."""
    return _counted(report.summary, _DRIFT, DriftStatus.IN_SYNC)


def plan_verdict(plan: Plan) -> str:
    """Say in one sentence what an apply of this plan would do."""
    if plan.has_changes:
        return f"Plan: {plan_summary(plan)}."
    if plan.changes:
        return f"No changes to send. Plan: {plan_summary(plan)}."
    return f"No changes. {inert(plan.target)} matches the manifests: {plan_summary(plan)}."


def drift_verdict(report: DriftReport) -> str:
    """Say in one sentence whether live is as we left it."""
    if report.drifted:
        return f"Drift: {drift_summary(report)}."
    if not report.readable:
        return f"No drift in what could be read: {drift_summary(report)}."
    return f"No drift. {inert(report.target)} is as it was left: {drift_summary(report)}."


def apply_next(report: ApplyReport) -> tuple[tuple[Status, str], ...]:
    """Return what to do about each way in which a resource of this apply did not end well."""
    ended = {result.status for result in report.results}
    return tuple((status, advice) for status, advice in NEXT.items() if status in ended)


def orphan_advice(orphans: tuple[Orphan, ...]) -> str:
    """Say what becomes of orphans, and who decides it."""
    if all(orphan.protect for orphan in orphans):
        return "Bring the manifests back, and take metadata.protect out of them before they leave again."
    return "Delete them with --prune, or bring the manifest back: with onRemove: forget it can leave without them."


def causes(change: Change) -> tuple[Cause, ...]:
    """Return a change's causes in one order: git, drift, adopt."""
    return tuple(cause for cause in _ORDER if cause in change.causes)


def tries(count: int) -> str:
    """Say how often a write was tried, if that is news."""
    return f"{count} attempts" if count > 1 else ""


def when(milliseconds: int | None) -> str:
    """Return epoch milliseconds as ISO 8601 in UTC, or as they are where no calendar holds them."""
    if milliseconds is None:
        return ""
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return str(milliseconds)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def writer(item: DriftItem) -> str:
    """Name an object's last writer: the person, and the client where that is another name."""
    named = [name for name in (item.changed_by, item.changed_client) if name]
    return " via ".join(dict.fromkeys(named))
