"""The next runs of flows before and after, side by side on one axis of time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.model.schedule_runs import Timetable, Timetables
from reconciler.render.html.fields import Clean
from reconciler.render.schedules import moment, next_runs, no_runs, timetable_words

_LEFT, _RIGHT, _WIDTH = 250, 1_016, 1_040
_TOP: Final = 40
_LANE: Final = 20
_ROW: Final = 58
MOST: Final = 24
"""Flows that are drawn: more are told of, each at its own place in the page."""

_HOUR, _DAY, _WEEK = 3_600, 86_400, 604_800
_LONGEST: Final = 2 * _WEEK
_AHEAD: Final = 2
"""Runs of a flow that are to be seen, if that takes no more than the longest time."""

_APART: Final = 11
"""Units between two runs below which they are drawn as one band."""

_LABEL: Final = 30


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the picture at a moment, and what is written above it."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One side of one flow: each run, or a band where they are too close; ``note`` says what cannot be drawn."""

    side: str
    words: str
    y: int
    dots: tuple[float, ...] = ()
    band: tuple[float, float] | None = None
    note: str | None = None
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One flow, drawn as two lanes."""

    anchor: str
    name: str
    label: str
    y: int
    before: Lane
    after: Lane


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture: its rows, the lines of its axis, what was left out, and flows that run as before.

    The axis goes from ``left`` to ``right``, in time from now, or from ``since`` where nothing runs for long.
    """

    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]
    height: int
    left_out: int
    unmoved: int
    until: str
    since: str | None = None
    left: int = _LEFT
    right: int = _RIGHT
    width: int = _WIDTH


def timeline(flows: Iterable[tuple[str, Timetables]], now: float, sides: tuple[str, str], clean: Clean) -> Timeline:
    """Draw the flows whose runs differ between both sides; ``flows`` are resources with their timetables."""
    known = list(flows)
    moved = [(name, both) for name, both in known if both.before != both.after]
    drawn = moved[:MOST]
    start, since = _start([both for _, both in drawn], math.floor(now))
    span = _span([both for _, both in drawn], start)
    rows = tuple(_row(at, clean(name), both, (start, span), sides) for at, (name, both) in enumerate(drawn))
    return Timeline(
        rows=rows,
        marks=tuple(_marks(start, span)),
        height=_TOP + _ROW * len(rows),
        left_out=len(moved) - len(drawn),
        unmoved=len(known) - len(moved),
        until=moment(start + span),
        since=since,
    )


def _start(drawn: list[Timetables], now: int) -> tuple[int, str | None]:
    """Return where the axis begins, and that in words unless it is now: before the first run, if all are far away."""
    sides = (one for both in drawn for one in (both.before, both.after))
    first = min((runs[0] for one in sides if (runs := next_runs(one, now, 1))), default=now)
    return (now, None) if first <= now + _LONGEST else (first - _HOUR, moment(first - _HOUR))


def _span(drawn: list[Timetables], start: int) -> int:
    """Return the seconds that the axis takes: so long that some runs of every flow are seen, within reason."""
    sides = (one for both in drawn for one in (both.before, both.after))
    last = (runs[-1] - start for one in sides if (runs := next_runs(one, start, _AHEAD)))
    return max(_DAY, min(_LONGEST, max((seconds for seconds in last if seconds <= _LONGEST), default=_LONGEST)))


def _marks(start: int, span: int) -> Iterator[Mark]:
    """Yield a line at each full quarter of a day, day or week, whichever are few enough."""
    step = next((step for step in (6 * _HOUR, _DAY, 2 * _DAY) if span / step <= 8), _WEEK)  # noqa: PLR2004 - readable
    for at in range((start // step + 1) * step, start + span + 1, step):
        day, date, hour = moment(at).split(" ")
        yield Mark(_x(at, start, span), hour if at % _DAY else f"{day} {date[5:]}")


def _x(at: float, start: int, span: int) -> float:
    return round(_LEFT + (at - start) / span * (_RIGHT - _LEFT), 1)


def _row(at: int, name: str, both: Timetables, axis: tuple[int, int], sides: tuple[str, str]) -> Row:
    y = _TOP + _ROW * at
    before = _lane(sides[0], both.before, y + 20, axis)
    after = _lane(sides[1], both.after, y + 20 + _LANE, axis)
    bare = name.partition("/")[2]
    label = bare if len(bare) <= _LABEL else f"{bare[: _LABEL - 1]}…"
    return Row(name, name, label, y, before, after)


def _lane(side: str, one: Timetable | None, y: int, axis: tuple[int, int]) -> Lane:
    start, span = axis
    known = next_runs(one, start, 3)
    words, runs = timetable_words(one), tuple(map(moment, known))
    if not known:
        return Lane(side, words, y, note=no_runs(one))
    if known[0] > start + span:
        return Lane(side, words, y, note=f"first at {runs[0]}", runs=runs)
    step = one.rhythm.step if one and one.rhythm else None
    if step and step / span * (_RIGHT - _LEFT) < _APART:
        end = one.rhythm.end if one and one.rhythm and one.rhythm.end is not None else start + span
        band = (_x(known[0], start, span), _x(min(end, start + span), start, span))
        return Lane(side, words, y, band=band, runs=runs)
    fitting = next_runs(one, start, (_RIGHT - _LEFT) // _APART + 1)
    return Lane(side, words, y, tuple(_x(run, start, span) for run in fitting if run <= start + span), runs=runs)
