"""The words that every format shares: symbols, summaries, and what a person can do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from reconciler.diff.outcomes import Cause
from reconciler.model.plan import Action, Change, Orphan, Plan
from reconciler.model.results import ApplyReport, DriftItem, DriftReport, DriftStatus, Result, Status
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
    Status.BLOCKED: "nothing of it was sent; its reason says what is in the way",
    Status.SKIPPED: "something it needs did not end well, or the run was stopped; apply again when that is mended",
}
_PLAN: Final[dict[str, str]] = {action.value: f"to {action}" for action in Action} | {
    "unchanged": "unchanged",
    "blocked": "blocked",
}
_APPLY: Final[dict[str, str]] = {status.value: status.value for status in Status}
_DRIFT: Final[dict[str, str]] = {status.value: status.value for status in DriftStatus} | {"inSync": "in sync"}
_FIRST: Final = (
    DriftStatus.DRIFTED,
    DriftStatus.MISSING,
    DriftStatus.IN_SYNC,
    DriftStatus.PENDING,
    DriftStatus.ORPHANED,
)
_DRIFT_ORDER: Final = tuple(dict.fromkeys([*_FIRST, *DriftStatus]))
_GLOSS: Final[Mapping[DriftStatus, tuple[str, str]]] = {
    DriftStatus.PENDING: ("changed in git, not applied yet", "changed in git, not applied yet"),
    DriftStatus.ORPHANED: ("its manifest has left git", "their manifests have left git"),
}
"""What a status means, of one resource and of several."""
_ORDER: Final = tuple(Cause)
_COPIED: Final = 3

ORPHANS: Final = "No manifest declares them any more"
_ORPHAN_ADVICE: Final = (
    "They stay live. --prune deletes them. If one was renamed, give its manifest metadata.previousName; to let it live "
    "on without us, bring the manifest back with metadata.onRemove: forget, apply, and remove it again."
)
_PROTECTED_ADVICE: Final = (
    "What is protected stays live, whatever --prune says. To have it deleted, bring its manifest back without "
    "metadata.protect, apply, and remove it again."
)
PROTECTED: Final = "protected"
LEGEND: Final = "last applied → live now"
UNVERIFIED: Final = "secrets are unverified until they are sent"


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
    """Count a look's resources by where they stand, what asks for a person first."""
    counts = [(status, report.summary[status]) for status in _DRIFT_ORDER]
    return ", ".join(_stand(status, count) for status, count in counts if count) or _stand(DriftStatus.IN_SYNC, 0)


def _stand(status: DriftStatus, count: int) -> str:
    gloss = f" ({_GLOSS[status][count > 1]})" if status in _GLOSS else ""
    return f"{count} {_DRIFT[status]}{gloss}"


def orphan_advice(orphans: Sequence[Orphan]) -> tuple[str, ...]:
    """Return what can become of orphans, a sentence for those that --prune deletes and one for those that are safe."""
    protected = [orphan.protect for orphan in orphans]
    advice = ((_ORPHAN_ADVICE, not all(protected)), (_PROTECTED_ADVICE, any(protected)))
    return tuple(text for text, fits in advice if fits)


def plan_verdict(plan: Plan) -> str:
    """Say in one sentence what an apply of this plan would do."""
    if plan.has_changes:
        return f"Plan: {plan_summary(plan)}."
    if plan.changes:
        return f"No changes to send. Plan: {plan_summary(plan)}."
    return f"No changes to send to {inert(plan.target)}: {plan_summary(plan)}."


def drift_finding(report: DriftReport) -> str:
    """Say in a word or two whether live is as we left it."""
    if report.drifted:
        return "Drift"
    return "No drift" if report.readable else "No drift in what could be read"


def ways_out(report: DriftReport) -> tuple[tuple[str, str], ...]:
    """Return what can become of a drift, and the command for each: to be copied."""
    if not report.drifted:
        return ()
    command = f"reconciler --target {report.target}"
    ways = [("Put git's back", f"{command} apply")]
    drifted = [item.resource for item in report.items if item.status is DriftStatus.DRIFTED]
    if drifted:
        kept = " ".join(f"--accept {resource}" for resource in drifted[:_COPIED])
        more = " --accept …" if len(drifted) > _COPIED else ""
        ways.append(("Keep theirs", f"{command} drift {kept}{more}"))
        ways.append(("Leave it for now", f"{command} drift --snooze {drifted[0]} --until DATE --reason TEXT"))
    return tuple(ways)


def drift_detail(item: DriftItem) -> str:
    """Say why a resource stands where it stands, or what an object is called that no manifest names."""
    return f"{'name' if item.status is DriftStatus.UNMANAGED else 'why'}: {item.detail}"


def apply_next(report: ApplyReport) -> tuple[tuple[Status, str], ...]:
    """Return what to do about each way in which a resource of this apply did not end well."""
    ended = {result.status for result in report.results}
    return tuple((status, advice) for status, advice in NEXT.items() if status in ended)


def adopts_silently(change: Change) -> bool:
    """Iff a change is an adoption that sends nothing: one sentence says it of all of them."""
    return change.action is Action.ADOPT and not change.requests


def switches_off(change: Change) -> bool:
    """Iff a change disables a flow that runs."""
    fields = change.fields if change.action is Action.UPDATE else ()
    return any(field.path == "/state" and field.after == "disabled" for field in fields)


def adoption_notes(adopted: Sequence[Change]) -> tuple[str, ...]:
    """Return the notes on adoptions, with one line for all whose secrets nobody can check."""
    unverified = [str(change.resource) for change in adopted if any(map(_is_unverified, change.notes))]
    notes = [f"{change.resource}: {note}" for change in adopted for note in change.notes if not _is_unverified(note)]
    return (*notes, *([f"{UNVERIFIED}: {', '.join(unverified)}"] if unverified else []))


def _is_unverified(note: str) -> bool:
    return note.startswith(UNVERIFIED)


def causes(change: Change) -> tuple[Cause, ...]:
    """Return a change's causes in one order: git, drift, adopt; none that only says the action again."""
    return tuple(cause for cause in _ORDER if cause in change.causes and cause.value != change.action.value)


def ended(result: Result) -> tuple[str, str]:
    """Return how a resource ended, and what was to happen to it where that is another word."""
    return result.status.value, "" if result.action.value == result.status.value else result.action.value


def tries(count: int) -> str:
    """Say how often a write was tried, if that is news."""
    return f"{count} attempts" if count > 1 else ""


def when(milliseconds: int | None) -> str:
    """Return epoch milliseconds as ISO 8601 in UTC, or as they are where no calendar holds them."""
    return "" if milliseconds is None else iso(milliseconds // 1000) or str(milliseconds)


def iso(seconds: int) -> str | None:
    """Return epoch seconds as ISO 8601 in UTC, None where no calendar holds them."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def writer(item: DriftItem) -> str:
    """Name an object's last writer: the person, and the client where that is another name."""
    named = [name for name in (item.changed_by, item.changed_client) if name]
    return " via ".join(dict.fromkeys(named))
