"""A DELETE that does not go smoothly, and what may follow from it."""

from __future__ import annotations

import dataclasses

import pytest
from unit.engine.fakes import Stage, entry, live, named, state, statuses, then_raise, want

from reconciler.engine.hands import TRIES
from reconciler.model.errors import NotFound, OutcomeUnknown, Rejected
from reconciler.model.kinds import Kind

LEFT = {"name": "left", "connectionSpec": {"id": "s", "version": "1.0"}}
KEPT = {"name": "kept", "connectionSpec": {"id": "s", "version": "1.0"}}


def stage(*lives):
    """A connection that stays, one that has left git, and who else is live."""
    one = Stage(
        [want("Connection/kept", KEPT)],
        known=state(entry("Connection/kept", "k", KEPT), entry("Connection/left", "l", LEFT)),
    )
    one.service = type(one.service).of(live(Kind.CONNECTION, "k", KEPT), live(Kind.CONNECTION, "l", LEFT), *lives)
    return one


def test_a_lost_answer_is_looked_at():
    """It may have been done: then it is; or not: then it is sent again."""
    for done in (True, False):
        one = stage()
        lost = OutcomeUnknown("lost")
        one.service.script["delete"] = [then_raise(lost)] if done else [lost]
        report = one.apply(prune=True)
        assert statuses(report) == {"Connection/left": "applied"}
        assert len(one.service.writes("delete")) == (1 if done else 2)
        assert named("Connection/left") not in one.ledger.entries


def test_answers_that_are_always_lost():
    """After so many tries it has failed, and is still known."""
    one = stage()
    one.service.script["delete"] = [OutcomeUnknown("lost")] * TRIES
    report = one.apply(prune=True)
    assert statuses(report) == {"Connection/left": "failed"}
    assert len(one.service.writes("delete")) == TRIES
    assert named("Connection/left") in one.ledger.entries


@pytest.mark.parametrize(
    ("code", "tries"), [("1420-400", 2), ("1418-400", 2), ("1447-400", 2), ("1408-400", 1), (None, 2)]
)
def test_a_refusal_that_passes(code, tries):
    """In transition, or used by what is on its way out: tried again; anything else is an answer."""
    one = stage()
    one.service.script["delete"] = [Rejected("no", status=400, code=code)]
    report = one.apply(prune=True)
    assert len(one.service.writes("delete")) == tries
    assert statuses(report) == {"Connection/left": "applied" if tries > 1 else "failed"}


def test_a_refusal_without_a_code_that_is_no_400():
    """A 409, say, is in no source: it is told as it is."""
    one = stage()
    one.service.script["delete"] = [Rejected("no", status=409)]
    assert statuses(one.apply(prune=True)) == {"Connection/left": "failed"}


def test_one_that_is_used_for_good():
    """The last refusal is what is told."""
    one = stage()
    one.service.script["delete"] = [Rejected("in use", status=400, code="1418-400")] * TRIES
    report = one.apply(prune=True)
    assert report.results[0].error == "in use"


def test_one_that_goes_by_itself():
    """Gone between the look and the DELETE is gone."""
    one = stage()
    one.service.script["delete"] = [NotFound("gone", status=404)]
    assert statuses(one.apply(prune=True)) == {"Connection/left": "applied"}


def test_what_may_not_be_deleted_keeps_what_it_uses():
    """A source connection whose deletion nobody has reviewed: its base is skipped, though it exists."""
    source = {"name": "source", "baseConnectionId": "l", "connectionSpec": {"id": "s", "version": "1.0"}}
    one = stage(live(Kind.SOURCE_CONNECTION, "src", source))
    one.ledger.entries[named("SourceConnection/source")] = entry("SourceConnection/source", "src", source)
    planned = one.plan(prune=True)
    assert planned.removals[named("Connection/left")].after == {named("SourceConnection/source")}
    refused = dataclasses.replace(planned, refused={named("SourceConnection/source"): "not reviewed"})
    assert statuses(one.apply(refused)) == {"Connection/left": "skipped", "SourceConnection/source": "refused"}
    assert one.service.writes("delete") == []
