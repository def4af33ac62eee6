"""Late or missing: what the last run has made is waited for, nothing else is."""

from __future__ import annotations

import pytest
from unit.engine.fakes import NOW, FakeService, ManualClock, flow, live, named

from reconciler.engine.latecomers import Patient
from reconciler.model.errors import NotFound
from reconciler.model.kinds import Kind
from reconciler.model.ledger import End, Outcome

F = Kind.FLOW
MISSING = NotFound("not yet", status=404)


def ended(action="create", id="a", finished=NOW - 5):
    return End("run-1", finished, (Outcome(named("Flow/f"), action, "applied", id),))


def got(end, late=50, settle=45.0):
    """Read an object that hides for so many calls; return what was found and how often somebody waited."""
    service, clock = FakeService.of(live(F, "a", flow())), ManualClock()
    service.script["get"] = [MISSING] * late
    asked = []

    def last():
        asked.append(end)
        return end

    patient = Patient(service, last, settle, clock.clock)
    try:
        return patient.get(F, "a"), len(clock.naps), len(asked)
    except NotFound:
        return None, len(clock.naps), len(asked)


@pytest.mark.parametrize("action", ["create", "replace"])
def test_what_was_only_just_made_is_waited_for(action):
    """Until it shows."""
    found, naps, _ = got(ended(action), late=3)
    assert (found.id, naps) == ("a", 2)


def test_not_for_ever():
    """The time to settle began when the run ended."""
    assert got(ended(finished=NOW - 44))[:2] == (None, 2)


@pytest.mark.parametrize(
    "end",
    [None, ended(id="b"), ended(id=None), ended("update"), ended(finished=NOW - 60)],
    ids=["no run", "another object", "nothing made", "there before", "long ago"],
)
def test_anything_else_is_missing_at_once(end):
    """Nobody waits for what somebody has deleted."""
    assert got(end) == (None, 0, 1)


def test_what_shows_asks_for_nothing():
    """The ledger's history is read only if something is missing."""
    found, naps, asked = got(ended(), late=0)
    assert (found.id, naps, asked) == ("a", 0, 0)


def test_the_history_is_read_once():
    """However many objects do not show."""
    asked = []
    patient = Patient(FakeService(), lambda: asked.append(1), 45.0, ManualClock().clock)
    for id in "ab":
        with pytest.raises(NotFound):
            patient.get(F, id)
    assert asked == [1]
