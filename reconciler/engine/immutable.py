"""What Flow Service cannot change in place, and the way out of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.diff.document import MISSING, is_number, is_object
from reconciler.diff.merge import merge
from reconciler.diff.outcomes import Outcome, Verdict
from reconciler.diff.pointer import Path, covers, find, format_path
from reconciler.engine import facts
from reconciler.model.kinds import Kind
from reconciler.model.live import Live

_START: Final[Path] = ("scheduleParams", "startTime")
_SECONDS: Final = re.compile(r"[0-9]{1,15}")
_CARRY_NO_DATA: Final = ("name", "description")
ANEW: Final = "or say metadata.onImmutable: replace"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a change cannot be made in place; ``renewable`` iff it could be by a new object in the place of this one."""

    reason: str
    renewable: bool = False


def obstacle(live: Live, outcomes: Sequence[Outcome], now: float, *, feeds_source_flow: bool) -> Obstacle | None:
    """Return what keeps the outcomes from being brought about in place, or None; ``now`` is epoch seconds."""
    changes = [outcome for outcome in outcomes if outcome.causes]
    fixed = [reason for outcome in changes if (reason := _fixed(live, outcome))]
    if fixed:
        return Obstacle(fixed[0])
    if lost := _lost(live, changes):
        return Obstacle(
            f"Flow Service does not do without {lost}: declare it again, or release it with metadata.ignore"
        )
    for outcome in changes:
        if reason := _of_path(live, outcome, now):
            return Obstacle(f"{reason}, {ANEW}", renewable=True)
    carried = [outcome for outcome in changes if outcome.path[0] not in _CARRY_NO_DATA]
    if feeds_source_flow and carried and live.kind in (Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION):
        reason = (
            f"a live source flow uses this object and would not pick up {format_path(carried[0].path)}: "
            "declare a new source and target connection and a new flow under new names, then remove these"
        )
        return Obstacle(f"{reason}, {ANEW}, here and in the flow", renewable=True)
    return None


def _lost(live: Live, changes: Sequence[Outcome]) -> str | None:
    """Return a required path of which the removals would leave nothing, or None."""
    removed = [outcome for outcome in changes if outcome.verdict is Verdict.REMOVE]
    left = merge(dict(live.document), removed, {})
    gone = (path for path in facts.required(live.kind) if find(left, path) is MISSING)
    return next((format_path(path) for path in gone if find(live.document, path) is not MISSING), None)


def _fixed(live: Live, outcome: Outcome) -> str | None:
    """Return why an outcome cannot be brought about at all, or None."""
    if outcome.verdict is Verdict.REMOVE and outcome.path in facts.set_paths(live.kind):
        return f"{format_path(outcome.path)} is shared, and null would take everybody's members out: list your own"
    known = (*facts.STATES, *facts.TRANSIENT_STATES)
    if live.kind is Kind.FLOW and outcome.path == ("state",) and outcome.live not in known:
        return f"the flow is in state {outcome.live!r}, from which it can be neither enabled nor disabled yet"
    return None


def _of_path(live: Live, outcome: Outcome, now: float) -> str | None:
    """Return why an outcome cannot be brought about in what exists, or None."""
    if live.kind is Kind.CONNECTION and outcome.path[0] == "connectionSpec":
        return (
            "the spec of a connection cannot be changed (Flow Service error 1414-400): declare a connection under "
            "another name"
        )
    if outcome.path[0] in ("connectionSpec", "flowSpec"):
        pointer = format_path(outcome.path)
        return f"no document shows how to change {pointer} of what exists: declare it anew under another name"
    if live.kind is Kind.FLOW and covers(outcome.path, _START) | covers(_START, outcome.path):
        return _of_start(live, outcome, now)
    return None


def _of_start(live: Live, outcome: Outcome, now: float) -> str | None:
    start = start_time(live.document)
    whole_schedule = outcome.path != _START
    if start is None or start > now or (whole_schedule and outcome.verdict is Verdict.CHANGE):
        return None
    return (
        f"the flow's first start time ({start}) has passed, and cannot be changed after that: keep the live "
        "startTime in the manifest, or declare a new flow under another name"
    )


def start_time(document: object) -> float | None:
    """Return a flow's startTime in epoch seconds; None where it has none that can be read (10: numbers or strings)."""
    schedule = document.get("scheduleParams") if is_object(document) else None
    start = schedule.get("startTime") if is_object(schedule) else None
    if is_number(start):
        return start
    return int(start) if isinstance(start, str) and _SECONDS.fullmatch(start) else None
