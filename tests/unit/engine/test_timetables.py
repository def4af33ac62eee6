"""When a flow runs before and after, from the documents that a plan is made of."""

from __future__ import annotations

from typing import Any

import pytest
from unit.engine.fakes import NOW, connection, entry, flow, live, plan, ref, snapshot, state, want

from reconciler.engine.drift import drift
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action
from reconciler.model.schedule_runs import Rhythm, Timetable, Timetables

START, DAY = int(NOW) + 86_400, 86_400
DAILY, WEEKLY = Rhythm(START, DAY), Rhythm(START, 7 * DAY)


def daily(frequency: str = "day", **fields: Any) -> dict[str, Any]:
    """Return a flow's body."""
    return flow() | {"scheduleParams": {"startTime": START, "frequency": frequency, "interval": 1}} | fields


def timetables(wanted: dict, there: dict | None, applied: dict | None = None, **around: Any) -> Timetables | None:
    """Plan one flow; ``applied`` is what the ledger has of it."""
    ledger = state(entry("Flow/x", "x", applied)) if applied else state()
    seen = snapshot(live(Kind.FLOW, "x", there)) if there else snapshot()
    resources = [want("Flow/x", wanted, id="x" if there else None)] if wanted else []
    planned = plan(resources, ledger, seen, **around).plan
    return planned.changes[0].timetables if planned.changes else None


def test_a_leaf_that_changes_gives_two_whole_timetables() -> None:
    """The plan's field is the frequency alone; what stays comes from live."""
    assert timetables(daily("week"), daily(), daily()) == Timetables(Timetable(DAILY), Timetable(WEEKLY))


def test_a_partial_manifest_has_the_rest_from_live() -> None:
    """A flow that somebody made by hand, of which git manages one leaf."""
    assert timetables({"scheduleParams": {"frequency": "week"}}, daily(), {"scheduleParams": {"frequency": "day"}}) == (
        Timetables(Timetable(DAILY), Timetable(WEEKLY))
    )


def test_a_flow_that_is_made_runs_afterwards_and_one_that_is_deleted_before() -> None:
    """Nothing stands on the other side."""
    assert timetables(daily(), None) == Timetables(None, Timetable(DAILY))
    assert timetables({}, daily(), daily(), prune=True) == Timetables(Timetable(DAILY), None)


def test_a_flow_that_is_switched_keeps_its_schedule() -> None:
    """Off, on, and created off."""
    on, off = daily(state="enabled"), daily(state="disabled")
    assert timetables(off, on, on) == Timetables(Timetable(DAILY), Timetable(DAILY, enabled=False))
    assert timetables(on, off, off) == Timetables(Timetable(DAILY, enabled=False), Timetable(DAILY))
    assert timetables(off, None) == Timetables(None, Timetable(DAILY, enabled=False))


def test_what_is_not_known_is_none() -> None:
    """A state on its way to nobody knows where, and a schedule that does not say when."""
    there = daily(state="updating", scheduleParams={"startTime": START, "frequency": "day"})
    wanted = {"name": "New", "scheduleParams": {"frequency": "day"}}
    assert timetables(wanted, there, {**wanted, "name": "Daily"}) == Timetables(
        Timetable(None, enabled=None), Timetable(None, enabled=None)
    )
    odd = timetables(wanted, daily(state=7), {**wanted, "name": "Daily"})
    assert odd == Timetables(Timetable(DAILY, enabled=None), Timetable(DAILY, enabled=None))


def test_other_changes_have_none() -> None:
    """No flow, no schedule, nothing that is sent, or nothing that can be."""
    streaming = {key: value for key, value in flow().items() if key != "scheduleParams"}
    assert timetables(streaming, None) is None
    assert timetables(daily(), daily()) is None  # an adoption that sends nothing
    late = daily() | {"scheduleParams": {"startTime": int(NOW) - 5, "frequency": "day", "interval": 1}}
    blocked = plan([want("Flow/x", daily(), id="x")], state(), snapshot(live(Kind.FLOW, "x", late))).plan.changes[0]
    assert (blocked.action, blocked.timetables) == (Action.BLOCKED, None)
    assert plan([want("Connection/x", connection())]).plan.changes[0].timetables is None
    waiting = daily(sourceConnectionIds=[ref("SourceConnection/s")])
    source = want("SourceConnection/s", {"name": "S", "connectionSpec": {"id": "x"}})
    first, second = plan([want("Flow/x", waiting), source]).plan.changes
    assert (first.timetables, second.timetables) == (Timetables(None, Timetable(DAILY)), None)


def drifted(there: dict | None, applied: dict) -> Timetables | None:
    """Look for drift on one flow that git has as it was applied."""
    ledger = state(entry("Flow/x", "x", applied))
    seen = snapshot(live(Kind.FLOW, "x", there)) if there else snapshot()
    planned = plan([want("Flow/x", applied)], ledger, seen)
    return drift(planned, ledger, seen).items[0].timetables


@pytest.mark.parametrize(
    "applied", [daily(), {"name": "Daily", "scheduleParams": {"frequency": "day"}}, daily(state="enabled")]
)
def test_drift_goes_from_what_we_left_to_live(applied: dict) -> None:
    """The parts that git does not declare are live's on both sides."""
    assert drifted(daily("week"), applied) == Timetables(Timetable(DAILY), Timetable(WEEKLY))


def test_a_flow_that_was_switched_off_or_deleted_runs_no_more() -> None:
    """Behind git's back."""
    on = daily(state="enabled")
    assert drifted(daily(state="disabled"), on) == Timetables(Timetable(DAILY), Timetable(DAILY, enabled=False))
    assert drifted(None, on) == Timetables(Timetable(DAILY), None)


def test_a_leaf_that_somebody_added_was_not_there() -> None:
    """Git says that the flow has no end, and somebody gave it one."""
    applied = {"scheduleParams": {"endTime": None}}
    there = daily() | {"scheduleParams": {"startTime": START, "frequency": "day", "interval": 1, "endTime": START + 9}}
    assert drifted(there, applied) == Timetables(Timetable(DAILY), Timetable(Rhythm(START, DAY, START + 9)))


def test_other_drift_has_no_timetables() -> None:
    """A name, and a kind that does not run."""
    assert drifted(daily(name="Hand-made"), daily()) is None
    ledger = state(entry("Connection/x", "x", {"name": "X"}))
    assert drift(plan([], ledger, snapshot()), ledger, snapshot()).items[0].timetables is None
    gone = plan([want("Connection/x", connection())], ledger, snapshot())
    assert drift(gone, ledger, snapshot()).items[0].timetables is None
