"""When a flow runs, as far as its schedule says: from scheduleParams to epoch seconds. Pure.

FACTS 10: an ingestion has startTime, frequency and interval; a dataset export has startTime, interval and timeUnit, and
perhaps an endTime. "The period between two consecutive flow runs" is all that the documents say of the rhythm, so that
a day is taken for 24 hours, and the first run for startTime: inferred, as is that the service is on time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.diff.document import Json, is_number

_UNITS: Final[Mapping[str, int]] = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_DIGITS: Final = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
_LATEST: Final = 253_402_300_799
"""The end of the year 9999 in epoch seconds: what lies behind is no time that anybody means, nor a rhythm."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A schedule that says when: epoch seconds of its first run, and of the end after which there is none.

    ``step`` are the seconds from one run to the next, None iff there is one run only. Raises ValueError for what is no
    time, or longer than any.
    """

    start: int
    step: int | None
    end: int | None = None

    def __post_init__(self) -> None:
        within = 0 <= self.start <= _LATEST and (self.end is None or 0 <= self.end <= _LATEST)
        if not within or (self.step is not None and not 0 < self.step <= _LATEST * _UNITS["week"]):
            raise ValueError("a schedule starts and ends between 1970 and 9999, and a step is at least one second")

    def after(self, moment: float, count: int) -> tuple[int, ...]:
        """Return the next runs later than a moment, at most ``count`` of them."""
        passed = math.floor(moment)
        if self.step is None:
            runs = [self.start] if self.start > passed and count > 0 else []
        else:
            first = max(0, (passed - self.start) // self.step + 1)
            runs = [self.start + (first + at) * self.step for at in range(count)]
        return tuple(run for run in runs if self.end is None or run <= self.end)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a flow runs: ``rhythm`` None iff its schedule does not say, ``enabled`` None iff its state does not."""

    rhythm: Rhythm | None
    enabled: bool | None = True


@dataclass(frozen=True, slots=True)
class Timetables:
    """When a flow runs before and after; None on a side iff there is no flow there, or none with a schedule."""

    before: Timetable | None
    after: Timetable | None


def rhythm(schedule: Json) -> Rhythm | None:
    """Read scheduleParams; None where they do not say when: a part is missing, unresolved, or no time or number."""
    if not isinstance(schedule, Mapping):
        return None
    start, end = _whole(schedule.get("startTime")), _whole(schedule.get("endTime"))
    if start is None or (end is None and schedule.get("endTime") is not None):
        return None
    step = _step(schedule)
    return None if step is None else Rhythm(start, step or None, end)


def next_runs(schedule: Json, after: float, count: int) -> tuple[int, ...] | None:
    """Return the next ``count`` runs of scheduleParams later than ``after``, in epoch seconds.

    Fewer iff the schedule ends before; None iff it does not say when. Whether the flow is enabled is another question.
    """
    known = rhythm(schedule)
    return None if known is None else known.after(after, count)


def _step(schedule: Mapping[str, Json]) -> int | None:
    """Return the seconds between two runs, 0 iff there is one run only, None where that is not said."""
    export = schedule.get("timeUnit") is not None
    unit = schedule.get("timeUnit" if export else "frequency")
    if unit == "once" and not export:
        return 0
    interval = _whole(schedule.get("interval"))
    if not isinstance(unit, str) or unit not in _UNITS or interval is None:
        return None
    if interval == 0 and not export:  # an interval of 0 is an export's word for once (OASD: DatasetScheduleParams)
        return None
    return interval * _UNITS[unit]


def _whole(value: Json) -> int | None:
    """Return a whole number that is not negative, written as a number or as its digits: the service takes both."""
    if isinstance(value, str):
        value = int(value) if _DIGITS.match(value) else None
    if not is_number(value) or not 0 <= value <= _LATEST or value != int(value):  # which infinity and NaN are not
        return None
    return int(value)
