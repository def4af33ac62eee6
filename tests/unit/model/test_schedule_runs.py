"""When a flow runs, as its schedule says it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.kinds import Kind
from reconciler.model.resources import Reference, ResourceName
from reconciler.model.schedule_runs import Rhythm, next_runs, rhythm

START = 1_800_000_000
DAY = 86_400
SECONDS = {"minute": 60, "hour": 3_600, "day": DAY, "week": 7 * DAY}

moments = st.integers(0, 4_000_000_000)
ingestions = st.builds(
    lambda start, unit, interval, end: {"startTime": start, "frequency": unit, "interval": interval, "endTime": end},
    moments,
    st.sampled_from(sorted(SECONDS)),
    st.integers(1, 1_000),
    st.none() | moments,
)
counts = st.integers(0, 12)


@given(ingestions, st.floats(-1e9, 5e9), counts)
def test_runs_come_in_step_and_none_is_left_out(schedule: dict, after: float, count: int) -> None:
    """The first is the earliest after the moment, every next one a step later, none outside start and end."""
    runs = next_runs(schedule, after, count)
    step = SECONDS[schedule["frequency"]] * schedule["interval"]
    start, end = schedule["startTime"], schedule["endTime"]
    assert runs is not None
    assert len(runs) <= count
    assert all(later - earlier == step for earlier, later in pairwise(runs))
    assert all(run > after and run >= start and (run - start) % step == 0 for run in runs)
    assert end is None or all(run <= end for run in runs)
    if runs:
        assert runs[0] - step <= after or runs[0] == start
    following = runs[-1] + step if runs else max(start, start + ((int(after // 1) - start) // step + 1) * step)
    assert len(runs) == count or (end is not None and following > end)


@given(ingestions, moments, counts)
def test_texts_and_numbers_say_the_same(schedule: dict, after: float, count: int) -> None:
    """The service takes both and answers either (FACTS 10)."""
    texts = {key: str(value) for key, value in schedule.items() if value is not None}
    floats = {key: float(value) if isinstance(value, int) else value for key, value in schedule.items()}
    assert next_runs(texts, after, count) == next_runs(schedule, after, count) == next_runs(floats, after, count)


def test_a_day_in_words() -> None:
    """A flow at six in the morning, asked on the evening before."""
    start = int(datetime(2027, 1, 4, 6, tzinfo=UTC).timestamp())
    runs = next_runs({"startTime": start, "frequency": "day", "interval": 1}, start + 3.5 * DAY, 2)
    assert runs is not None
    assert [f"{datetime.fromtimestamp(run, UTC):%d %H:%M}" for run in runs] == ["08 06:00", "09 06:00"]


def test_the_start_is_a_run_until_it_has_passed() -> None:
    """At the very second it has begun: the next one is a step later."""
    schedule = {"startTime": START, "frequency": "hour", "interval": 6}
    assert next_runs(schedule, START - 0.5, 1) == (START,)
    assert next_runs(schedule, START, 1) == (START + 6 * 3_600,)


@pytest.mark.parametrize(
    "schedule",
    [
        {"startTime": START, "frequency": "once"},
        {"startTime": START, "timeUnit": "day", "interval": 0},
    ],
)
def test_once_is_once(schedule: dict) -> None:
    """Also as a dataset export says it: an interval of nothing."""
    assert next_runs(schedule, START - 1, 5) == (START,)
    assert next_runs(schedule, START - 1, 0) == ()
    assert next_runs(schedule, START, 5) == ()
    assert next_runs(schedule | {"endTime": START - 1}, 0, 5) == ()
    assert rhythm(schedule) == Rhythm(START, None)


def test_an_export_ends() -> None:
    """Every three hours, for ten hours; the end itself still counts."""
    schedule = {"startTime": START, "timeUnit": "hour", "interval": 3, "endTime": START + 10 * 3_600}
    runs = next_runs(schedule, START - 1, 9)
    assert runs == tuple(START + hours * 3_600 for hours in (0, 3, 6, 9))
    assert next_runs(schedule | {"endTime": START + 9 * 3_600}, START, 9) == runs[1:]
    assert next_runs(schedule, START + 9 * 3_600, 9) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"startTime": None},
        {"startTime": "soon"},
        {"startTime": "١٢"},
        {"startTime": -1},
        {"startTime": True},
        {"startTime": 1.5},
        {"startTime": float("inf")},
        {"startTime": "9" * 5_000},
        {"startTime": 10**400},
        {"startTime": float("nan")},
        {"interval": 10**400},
        {"interval": 10**14},
        {"endTime": 10**19},
        {"startTime": Reference(ResourceName(Kind.FLOW, "x"))},
        {"startTime": {"$secret": "/x"}},
        {"frequency": None},
        {"frequency": "month"},
        {"frequency": ["day"]},
        {"interval": None},
        {"interval": 0},
        {"interval": "daily"},
        {"endTime": "never"},
        {"timeUnit": "once"},
        {"timeUnit": 3},
    ],
)
def test_what_says_nothing_is_not_guessed(change: dict) -> None:
    """A part that is missing, not resolved yet, or odd: nobody can say when it runs."""
    schedule = {"startTime": START, "frequency": "day", "interval": 1}
    assert next_runs(schedule, 0, 3) is not None
    assert next_runs(schedule | change, 0, 3) is None


@pytest.mark.parametrize("parts", [(0, 0), (0, -1), (-1, 60), (0, 60, -1), (10**19, None), (0, 10**30)])
def test_a_rhythm_that_is_none_is_refused(parts: tuple[int, ...]) -> None:
    """A file that somebody made up may say anything."""
    with pytest.raises(ValueError, match="a step is at least one"):
        Rhythm(*parts)


@pytest.mark.parametrize("schedule", [None, {}, [], "day", {"frequency": "once"}, Reference])
def test_no_schedule_has_no_runs(schedule: object) -> None:
    """A streaming flow has none (FACTS 10)."""
    assert next_runs(schedule, 0, 3) is None


@pytest.mark.parametrize("huge", [1e30, 10**17, "9" * 18, 253_402_300_800])
@pytest.mark.parametrize("key", ["startTime", "interval", "endTime"])
def test_what_lies_behind_every_calendar_is_no_time(key, huge):
    """Milliseconds in the place of seconds, say: nothing is told of when, rather than a run in the year 50000."""
    schedule = {"startTime": 1_800_000_000, "interval": 1, "timeUnit": "day", "endTime": 1_900_000_000}
    assert rhythm(schedule)
    assert rhythm(schedule | {key: huge}) is None
