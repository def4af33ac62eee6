"""When a flow runs before and after its change, or its drift: from whole documents, where a plan has fields. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.diff.document import MISSING, Json
from reconciler.diff.merge import copy, put
from reconciler.diff.outcomes import Outcome, present
from reconciler.engine import facts
from reconciler.engine.decide import without_paths
from reconciler.engine.steps import Step
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.plan import Action
from reconciler.model.schedule_runs import Timetable, Timetables, rhythm


def timetables(step: Step) -> Timetables | None:
    """Return when a flow runs before and after a step; None for a step that sends nothing, or no schedule."""
    change, one, decision = step.change, step.match, step.decision
    if change.resource.kind is not Kind.FLOW or not change.requests:
        return None
    before = one.live.document if one.live else {}
    if change.action is Action.DELETE:
        return _pair(before, {})
    if decision is None or change.action is Action.REPLACE:
        return _pair(before, one.spec)
    after = {**before, **decision.wanted}
    if decision.act:
        after["state"] = f"{decision.act}d"
    return _pair(before, after)


def drifted_timetables(live: Live, drifted: Iterable[Outcome]) -> Timetables | None:
    """Return when a flow ran as we left it, and runs as it is live; None where that has not drifted."""
    moved = [one for one in drifted if live.kind is Kind.FLOW and one.path[0] in ("scheduleParams", "state")]
    if not moved:
        return None
    left = copy(dict(live.document))
    for outcome in moved:
        value = present(MISSING if outcome.left is None else outcome.left)
        left = without_paths(left, [outcome.path]) if value is MISSING else put(left, outcome.path, value)
    return _pair(left, live.document)


def missed_timetables(kind: Kind, applied: Mapping[str, Json]) -> Timetables | None:
    """Return when a flow ran that is gone."""
    return _pair(applied, {}) if kind is Kind.FLOW else None


def _pair(before: Mapping[str, Json], after: Mapping[str, Json]) -> Timetables | None:
    both = Timetables(_timetable(before), _timetable(after))
    return None if both == Timetables(None, None) else both


def _timetable(flow: Mapping[str, Json]) -> Timetable | None:
    schedule, state = flow.get("scheduleParams"), flow.get("state", "enabled")
    if schedule is None:
        return None
    meant = facts.STATES.get(state) if isinstance(state, str) else None
    return Timetable(rhythm(schedule), None if meant is None else meant == "enabled")
