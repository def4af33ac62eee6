"""The next runs of flows whose schedule changes, before and after, as a table of Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model.plan import Change
from reconciler.model.results import DriftItem
from reconciler.model.schedule_runs import Timetable
from reconciler.render.markup import code, table
from reconciler.render.schedules import moment, next_runs, no_runs, timetable_words

_SHOWN: Final = 3
_COLUMNS: Final = ("flow", "", "schedule", "next runs (UTC)")
_CAVEAT: Final = (
    "Next runs are what `scheduleParams` say: `startTime` and every `interval` after it. When the service begins one, "
    "and how it counts after a change, no document says."
)


def timetable(changes: Iterable[Change | DriftItem], now: float, sides: tuple[str, str] = ("before", "after")) -> str:
    """Return a table of the schedules that change, empty where none does; ``now`` is epoch seconds."""
    rows = [row for change in changes for row in _rows(change, now, sides)]
    return "\n\n".join(["**Schedules**", "\n".join(table(_COLUMNS, rows)), _CAVEAT]) if rows else ""


def _rows(change: Change | DriftItem, now: float, sides: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    both = change.timetables
    if both is None or both.before == both.after:
        return []
    before = (code(str(change.resource)), sides[0], timetable_words(both.before), _runs(both.before, now))
    return [before, ("", sides[1], timetable_words(both.after), _runs(both.after, now))]


def _runs(one: Timetable | None, now: float) -> str:
    return "<br>".join(code(moment(run)) for run in next_runs(one, now, _SHOWN)) or no_runs(one)
