"""What Flow Service cannot change in place, and the way out of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reconciler.diff.document import is_number, is_object
from reconciler.diff.pointer import Path, covers, format_path
from reconciler.diff.three_way import Outcome, Verdict
from reconciler.engine import facts
from reconciler.model.kinds import Kind
from reconciler.model.live import Live

_START: Final[Path] = ("scheduleParams", "startTime")
_CARRY_NO_DATA: Final = ("name", "description")


def reason(live: Live, outcomes: Sequence[Outcome], now: float, *, feeds_source_flow: bool) -> str | None:
    """Return why the outcomes cannot be brought about in place, or None; ``now`` is epoch seconds."""
    changes = [outcome for outcome in outcomes if outcome.causes]
    for outcome in changes:
        found = _of_path(live, outcome, now)
        if found:
            return found
    carried = [outcome for outcome in changes if outcome.path[0] not in _CARRY_NO_DATA]
    if feeds_source_flow and carried and live.kind in (Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION):
        return (
            f"a live source flow uses this object and would not pick up {format_path(carried[0].path)} (FACTS 9): "
            "declare a new source and target connection and a new flow under new names, then remove these"
        )
    return None


def _of_path(live: Live, outcome: Outcome, now: float) -> str | None:
    pointer = format_path(outcome.path)
    if outcome.verdict is Verdict.REMOVE and facts.is_required(live.kind, outcome.path):
        return f"Flow Service does not do without {pointer}: declare it again, or release it with metadata.ignore"
    if live.kind is Kind.CONNECTION and covers(("connectionSpec",), outcome.path):
        return "the spec of a connection cannot be changed (1414-400): declare a connection under another name"
    if live.kind is Kind.FLOW and covers(outcome.path, _START) | covers(_START, outcome.path):
        return _of_start(live, outcome, now)
    if live.kind is Kind.FLOW and outcome.path == ("state",) and outcome.live not in facts.STATES:
        return f"the flow is in state {outcome.live!r}, from which it can be neither enabled nor disabled yet"
    return None


def _of_start(live: Live, outcome: Outcome, now: float) -> str | None:
    start = start_time(live.document)
    whole_schedule = outcome.path != _START
    if start is None or start > now or (whole_schedule and outcome.verdict is Verdict.CHANGE):
        return None
    return (
        f"the flow's first start time ({start}) has passed, and cannot be changed after that (FACTS 10): keep the live "
        "startTime in the manifest, or declare a new flow under another name"
    )


def start_time(document: object) -> float | None:
    """Return a flow's startTime in epoch seconds; None where it has none that can be read (10: numbers or strings)."""
    schedule = document.get("scheduleParams") if is_object(document) else None
    start = schedule.get("startTime") if is_object(schedule) else None
    if is_number(start):
        return start
    return int(start) if isinstance(start, str) and start.isascii() and start.isdecimal() else None
