"""When a flow runs, in words."""

from __future__ import annotations

import pytest

from reconciler.model.schedule_runs import Rhythm, Timetable
from reconciler.render.schedules import moment, next_runs, no_runs, rhythm_words, timetable_words

START, DAY = 1_799_042_400, 86_400


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (None, "once"),
        (DAY, "every day"),
        (7 * DAY, "every week"),
        (14 * DAY, "every 2 weeks"),
        (900, "every 15 minutes"),
        (3_600, "every hour"),
        (5_400, "every 90 minutes"),
        (36 * 3_600, "every 36 hours"),
        (61, "every 61 seconds"),
    ],
)
def test_a_rhythm_is_told_in_the_largest_unit_that_fits(step: int | None, words: str) -> None:
    """As a person would say it."""
    assert rhythm_words(Rhythm(START, step)) == words


def test_what_is_not_known_is_said() -> None:
    """No schedule, one that says nothing, one that is switched off, one in an odd state."""
    assert timetable_words(None) == "no schedule"
    assert timetable_words(Timetable(None)) == "its schedule does not say when"
    assert timetable_words(Timetable(Rhythm(START, DAY), enabled=False)) == "every day, disabled"
    assert timetable_words(Timetable(Rhythm(START, DAY), enabled=None)).startswith("every day, in a state that")
    assert timetable_words(Timetable(Rhythm(START, DAY))) == "every day"


def test_runs_are_named_or_the_reason_why_not() -> None:
    """Disabled, over, unknown, not there."""
    daily = Rhythm(START, DAY, START + DAY)
    assert next_runs(Timetable(daily), START - 1, 5) == (START, START + DAY)
    assert next_runs(Timetable(daily, enabled=None), START - 1, 1) == (START,)
    none = [Timetable(daily, enabled=False), Timetable(None), None]
    assert [next_runs(one, START - 1, 5) for one in none] == [(), (), ()]
    assert [no_runs(one) for one in none] == ["none: it is disabled", "unknown", "does not run"]
    assert next_runs(Timetable(daily), START + DAY, 5) == ()
    assert no_runs(Timetable(daily)) == "none is left"


def test_a_moment_has_a_day_of_the_week() -> None:
    """In UTC; what no calendar holds stays a number."""
    assert moment(START) == "Mon 2027-01-04 06:00"
    assert moment(START + 7) == "Mon 2027-01-04 06:00:07"
    assert moment(10**17) == "1" + "0" * 17
