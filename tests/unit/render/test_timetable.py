"""The table of next runs."""

from __future__ import annotations

import dataclasses

from reconciler.model.schedule_runs import Rhythm, Timetable, Timetables
from reconciler.render.timetable import timetable

DAILY = Timetable(Rhythm(0, 86_400))


def shown(samples, before, after):
    return timetable([dataclasses.replace(samples.UPDATE, timetables=Timetables(before, after))], 0)


def test_no_schedule_that_changes_is_no_table(samples):
    """Not even an empty one."""
    assert timetable([samples.UPDATE], 0) == ""
    assert shown(samples, DAILY, DAILY) == ""


def test_both_sides_are_told(samples):
    """With the next runs, or why there are none."""
    rows = shown(samples, None, Timetable(Rhythm(0, 7200, 7200))).split("\n\n")[1].split("\n")
    assert rows[2:] == [
        "| <code>Connection/salesforce-crm</code> | before | no schedule | does not run |",
        "|  | after | every 2 hours | <code>Thu 1970-01-01 02&#58;00</code> |",
    ]
    off = Timetable(DAILY.rhythm, enabled=False)
    assert "| after | every day, disabled | none: it is disabled |" in shown(samples, DAILY, off)
