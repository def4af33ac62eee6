"""Creating: one POST, and never a second one while the first may have worked."""

from __future__ import annotations

import threading

import pytest
from unit.engine.fakes import CLIENT, PERSON, WHERE, FakeService, Stage, entry, live, named, statuses, then_raise, want

from reconciler.engine.create import Creations
from reconciler.engine.match import Match
from reconciler.model.errors import BadAnswer, LeaseLost, NotFound, OutcomeUnknown, Rejected
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Put

LOST = OutcomeUnknown("lost")
BODY = {"name": "T", "connectionSpec": {"id": "s"}, "data": {"format": "x"}, "params": {"p": 1}}
KIND = Kind.TARGET_CONNECTION


def stage(*resources, **fields):
    return Stage(list(resources) or [want("TargetConnection/t", BODY)], **fields)


def result(report, at=0):
    return report.results[at]


def put_in(service, id, client=CLIENT, **fields):
    service.objects[KIND, id] = dict(live(KIND, id, {**BODY, **fields}, createdClient=client).document)


@pytest.mark.parametrize("settle", [0, 0.5, 45])
def test_a_lost_create_that_was_done_is_found(settle):
    """Also with no time to settle: it is looked for once before anything is sent again."""
    one = stage(settle=settle)
    one.service.script["create"] = [then_raise(LOST)]
    report = one.apply()
    assert (result(report).status, result(report).id, result(report).attempts) == ("applied", "made-1", 1)
    assert one.service.sure == [KIND]  # a list that may lack it would let it be made twice
    assert len(one.service.writes("create")) == 1
    assert one.ledger.entries[named("TargetConnection/t")].id == "made-1"


@pytest.mark.parametrize("settle", [0, 45])
def test_a_lost_create_that_was_not_done_is_sent_again(settle):
    """Each time after the service had its time, and looks in between."""
    one = stage(settle=settle)
    one.service.script["create"] = [LOST]
    report = one.apply()
    assert (result(report).status, result(report).attempts) == ("applied", 2)
    kinds = [call[0] for call in one.service.calls]
    assert kinds[0] == "create"
    assert kinds[1 : kinds.index("create", 1)] == ["list"] * (1 if settle == 0 else 6)
    assert sum(one.clock.naps) == settle


def test_three_posts_and_no_more():
    """Then its outcome stays unknown, and the error says so."""
    one = stage()
    one.service.script["create"] = [LOST, LOST, LOST]
    report = one.apply()
    assert (result(report).status, result(report).error) == ("failed", "lost")
    assert len(one.service.writes("create")) == 3
    assert one.ledger.entries == {}


def test_what_was_made_by_the_last_lost_post_is_found():
    """Before it is given up, too."""
    one = stage()
    one.service.script["create"] = [LOST, LOST, then_raise(LOST)]
    assert (result(one.apply()).status, one.service.made) == ("applied", 1)


@pytest.mark.parametrize(("delay", "found"), [(44.9, True), (45, True), (45.1, False)])
def test_the_last_look_is_when_the_time_is_over(delay, found):
    """What shows by then is found; what shows later would be made twice."""
    one = stage(settle=45)
    shows_at = one.clock.time + delay

    def hidden(service, kind, ids):
        lives = service.do("list", kind, ids)
        return lives if one.clock.time >= shows_at else [each for each in lives if each.id != "made-1"]

    one.service.script = {"create": [then_raise(LOST)], "list": [hidden] * 7}
    assert result(one.apply()).status == "applied"
    assert one.service.made == (1 if found else 2)


def test_several_that_it_may_have_made_are_ambiguous():
    """The ids are named, and nothing is sent."""
    one = stage()

    def lose(service, *arguments):
        put_in(service, "z")
        put_in(service, "y")
        raise LOST

    one.service.script["create"] = [lose]
    report = one.apply()
    assert result(report).status == "blocked"
    assert "y, z may be what it made" in result(report).error
    assert len(one.service.writes("create")) == 1


@pytest.mark.parametrize(("fields", "status"), [({"params": {"p": 2}}, "blocked"), ({"state": "updating"}, "applied")])
def test_an_object_of_ours_with_another_body_is_ambiguous(fields, status):
    """Our client made it since, under our name: whose it is cannot be told. A state is no part of a body."""
    one = stage()

    def lose(service, *arguments):
        put_in(service, "z", **fields)
        raise LOST

    one.service.script["create"] = [lose]
    assert result(one.apply()).status == status


def test_what_was_there_or_is_another_s_is_not_ours():
    """Same-named objects from before, and those of another client, are passed over; no client says nothing."""
    service = FakeService()
    put_in(service, "managed")
    known = entry("TargetConnection/other", "managed", BODY)
    one = stage(
        want("TargetConnection/other", BODY), want("TargetConnection/t", BODY), service=service,
        known=type(Stage([]).known)({known.resource: known}),
    )  # fmt: skip

    def lose(service, *arguments):
        put_in(service, "foreign", PERSON)
        put_in(service, "other", name="Other")
        put_in(service, "unsaid", None)
        raise LOST

    one.service.script["create"] = [lose]
    report = one.apply()
    assert [each.id for each in report.results] == ["unsaid"]


def test_creates_of_one_name_never_share_an_object():
    """They go one after another: what a sister has made is not taken for ours."""
    names = [f"TargetConnection/t{at}" for at in range(4)]
    one = stage(*(want(text, BODY) for text in names))
    one.service.script["create"] = [then_raise(LOST), LOST, then_raise(LOST), None]
    report = one.apply(concurrency=4)
    assert set(statuses(report).values()) == {"applied"}
    assert len({each.id for each in report.results}) == 4
    assert one.service.made == 4


def test_a_turn_is_of_a_kind_and_a_name():
    """Others are made at the same time."""
    creations = Creations()

    def turn(text, spec):
        return creations.turn(Match(want(text, spec), spec))

    assert turn("Flow/a", {"name": "n"}) is turn("Flow/b", {"name": "n"})
    assert turn("Flow/a", {"name": "n"}) is not turn("Flow/a", {"name": "m"})
    assert turn("Flow/a", {"name": "n"}) is not turn("Connection/a", {"name": "n"})
    assert turn("Flow/a", {}) is turn("Flow/b", {})


def test_a_turn_is_held_while_creating():
    """The second create of a name waits for the first, its looks included."""
    one = stage(want("TargetConnection/a", BODY), want("TargetConnection/b", BODY))
    inside, most, lock = [0], [0], threading.Lock()
    both = threading.Event()

    def slow(service, *arguments):
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        both.wait(0.05)
        made = service.do("create", *arguments)
        with lock:
            inside[0] -= 1
        return made

    one.service.script["create"] = [slow, slow]
    one.apply(concurrency=2)
    assert most == [1]


def test_what_exists_is_remembered_whatever_goes_wrong_afterwards():
    """Created, but not read back: failed, and the ledger has its id, with nothing applied."""
    one = stage()
    one.service.script["get"] = [BadAnswer("no JSON")]
    report = one.apply()
    assert (result(report).status, result(report).id) == ("failed", "made-1")
    assert result(report).error == "created, but: no JSON"
    kept = one.ledger.entries[named("TargetConnection/t")]
    assert (kept.id, kept.applied, (kept.organisation, kept.sandbox)) == ("made-1", {}, WHERE)


def test_what_cannot_be_read_at_once_is_waited_for():
    """No document promises that what was just created is there for a reader."""
    one = stage(settle=1)
    one.service.script["get"] = [NotFound("not yet"), NotFound("not yet")]
    assert result(one.apply()).status == "applied"
    late = stage(settle=0)
    late.service.script["get"] = [NotFound("not yet")]
    assert result(late.apply()).error == "created, but: not yet"


def test_what_the_service_did_not_take_is_not_applied():
    """It exists, and the ledger knows of it what is there: the next apply sends the rest."""
    one = stage()

    def forgetful(service, kind, body):
        return service.do("create", kind, {key: value for key, value in body.items() if key != "params"})

    one.service.script["create"] = [forgetful]
    report = one.apply()
    assert "did not take /params" in result(report).error
    assert "params" not in one.ledger.entries[named("TargetConnection/t")].applied
    assert one.plan().plan.summary["update"] == 1


def test_a_part_that_was_not_taken_is_forgotten_with_what_it_leaves_empty():
    """And what never was in the entry is no loss."""
    spec = {**BODY, "description": None, "params": {"p": 1, "q": 2}}
    one = stage(want("TargetConnection/t", spec))

    def forgetful(service, kind, body):
        return service.do("create", kind, {**body, "params": {"p": 1}, "description": "d"})

    one.service.script["create"] = [forgetful]
    assert "did not take" in result(one.apply()).error
    assert one.ledger.entries[named("TargetConnection/t")].applied["params"] == {"p": 1}


def test_a_refused_create_is_failed():
    """For good: one try."""
    one = stage()
    one.service.script["create"] = [Rejected("1413", status=400)]
    assert (result(one.apply()).status, len(one.service.writes("create"))) == ("failed", 1)


def test_a_lost_lease_stops_even_what_was_created():
    """The ledger is no longer ours to write: its intents tell the next run what to look for."""
    one = stage()
    one.service.script["get"] = [LeaseLost("gone")]
    report = one.apply()
    assert (result(report).status, result(report).error) == ("failed", "gone")
    assert not any(isinstance(change, Put) for _, changes in one.ledger.named("record") for change in changes)
