"""When a flow runs, in words: its rhythm, and its next runs or why there are none to name.

What is told is what ``scheduleParams`` say. When the service begins a run, and how it counts after a schedule was
changed, no document says.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from reconciler.model.schedule_runs import Rhythm, Timetable

_UNITS: Final = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNKNOWN: Final = "its schedule does not say when"


def rhythm_words(known: Rhythm | None) -> str:
    """Say how often: "once", "every day", "every 15 minutes"; and that it is not known."""
    if known is None:
        return UNKNOWN
    if known.step is None:
        return "once"
    size, unit = next((size, unit) for size, unit in _UNITS if known.step % size == 0)
    count = known.step // size
    return f"every {unit}" if count == 1 else f"every {count} {unit}s"


def timetable_words(one: Timetable | None) -> str:
    """Say how often a flow runs on one side of a change, and whether it is switched on."""
    if one is None:
        return "no schedule"
    state = {True: "", False: ", disabled", None: ", in a state that does not say whether it runs"}[one.enabled]
    return rhythm_words(one.rhythm) + state


def next_runs(one: Timetable | None, now: float, count: int) -> tuple[int, ...]:
    """Return the next runs of a flow that is switched on, in epoch seconds; none where nobody can name any."""
    if one is None or one.rhythm is None or one.enabled is False:
        return ()
    return one.rhythm.after(now, count)


def no_runs(one: Timetable | None) -> str:
    """Say why there are no next runs to name."""
    if one is None:
        return "does not run"
    if one.rhythm is None:
        return "unknown"
    return "none: it is disabled" if one.enabled is False else "none is left"


def moment(seconds: int) -> str:
    """Return epoch seconds as "Mon 2027-01-04 06:00" in UTC, with seconds where there are any.

    As they are where no calendar holds them.
    """
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return str(seconds)
    return f"{_DAYS[at.weekday()]} {at:%Y-%m-%d} " + at.strftime("%H:%M:%S" if at.second else "%H:%M")
