"""After a write: settle, read back, judge; and the patience and the values that every write needs."""

from __future__ import annotations

import pytest
from unit.engine.fakes import (
    NOW,
    FakeService,
    ManualClock,
    Stage,
    entry,
    flow,
    live,
    named,
    ref,
    secret,
    state,
    then_raise,
    vault,
    want,
)

from reconciler.diff.document import MISSING
from reconciler.engine.hands import TRIES, Hands
from reconciler.engine.settle import Passed, read_back
from reconciler.model.errors import InternalError, NotFound, OutcomeUnknown, Rejected, SecretMissing
from reconciler.model.kinds import Kind
from reconciler.model.live import Live, Written
from reconciler.model.secrets import Secret

F = Kind.FLOW
LOST = OutcomeUnknown("lost")


def settling(service, *_arguments):
    """Refuse without a code, and be on the way for one reading."""
    there = service.objects[F, "a"]["state"]

    def look(service, kind, id):
        service.objects[F, "a"]["state"] = "updating"
        shown = service.do("get", kind, id)
        service.objects[F, "a"]["state"] = there
        return shown

    service.script["get"] = [look]
    raise Rejected("no", status=400)


def unreadable(error):
    def call(service, *_arguments):
        service.script["get"] = [NotFound("not yet", status=404)]
        raise error

    return call


def operation(value, **fields):
    return {"status": {"value": value, "errors": ["why"]}, **fields}


def settled(lasts, before=F, seconds=45.0):
    """Read a flow back whose last operation is one after another of these."""
    clock, service = ManualClock(), FakeService.of(live(F, "a", flow()))

    def answer(service, kind, id):
        shown = service.do("get", kind, id)
        last = lasts.pop(0) if len(lasts) > 1 else lasts[0]
        return Live(kind, id, {**shown.document, **({} if last is MISSING else {"lastOperation": last})})

    service.script["get"] = [answer] * 50
    return read_back(service, "a", before, clock.clock, seconds), clock.naps


@pytest.mark.parametrize("value", ["completed", "COMPLETED", "success", "SUCCESS"])
def test_an_operation_that_is_over_is_over(value):
    """Without a wait."""
    found, naps = settled([operation(value)])
    assert (found.done, found.failure, naps) == (True, None, [])


@pytest.mark.parametrize("value", ["FAILED", "partial_failure", "PARTIAL_SUCCESS"])
def test_an_operation_that_failed_says_why(value):
    """In the words of the service."""
    found, _ = settled([operation(value)])
    assert found.done
    assert found.failure == f"the service's last operation ended as {value}: ['why']"


@pytest.mark.parametrize(
    "odd", [MISSING, None, "text", [], {}, {"status": "text"}, {"status": {}}, operation(7)], ids=repr
)
def test_an_operation_that_says_nothing_is_over(odd):
    """Garbage is not waited for."""
    found, naps = settled([odd])
    assert (found.done, found.failure, naps) == (True, None, [])


@pytest.mark.parametrize("before", [F, live(F, "a", flow(lastOperation=operation("completed")))], ids=["none", "old"])
def test_without_an_operation_of_ours_the_state_tells(before):
    """FACTS 9 names both: where one says nothing, a state that is on its way is waited for."""
    clock, service = ManualClock(), FakeService.of(live(F, "a", flow(lastOperation=operation("completed"))))
    if before is F:
        del service.objects[F, "a"]["lastOperation"]
    service.script["get"] = [
        lambda service, kind, key: Live(kind, key, {**service.do("get", kind, key).document, "state": "disabling"})
    ] * 2
    found = read_back(service, "a", before, clock.clock, 45)
    assert (found.done, found.live.document["state"], clock.naps) == (True, "enabled", [0.25, 0.5])


def test_an_operation_under_way_is_waited_for():
    """Twice as long each time, up to five seconds."""
    found, naps = settled([*[operation("IN_PROGRESS")] * 7, operation("completed")])
    assert found.done
    assert naps == [0.25, 0.5, 1, 2, 4, 5, 5]


def test_it_is_not_waited_for_longer_than_the_time_to_settle():
    """Then it is not done, and that is no failure."""
    found, naps = settled([operation("QUEUED")], seconds=2)
    assert (found.done, found.failure, sum(naps)) == (False, None, 1.75)


def test_a_failure_from_before_is_not_ours():
    """Iff it is the very one that was there before our write; a new one is ours."""
    before = live(F, "a", flow(lastOperation=operation("FAILED", started=1)))
    assert settled([operation("FAILED", started=1)], before)[0].failure is None
    assert settled([operation("FAILED", started=2)], before)[0].failure


def test_only_what_was_created_may_be_hidden_for_a_while():
    """What was there and is not any more is gone."""
    clock, service = ManualClock(), FakeService()
    with pytest.raises(NotFound):
        read_back(service, "a", live(F, "a", {}), clock.clock, 45)
    assert clock.naps == []
    with pytest.raises(NotFound):
        read_back(service, "a", F, clock.clock, 1)
    assert clock.naps == [0.25, 0.5]


def written(etag=None, **document):
    return Written("a", etag, document or None)


OLD, MIDDLE, NEW = live(F, "a", {}, etag='"1"'), written('"2"'), written('"3"')
SPEC = live(Kind.FLOW_SPEC, "a", {}, updatedAt=1)


@pytest.mark.parametrize(
    ("passed", "stamps"),
    [
        (Passed.by(OLD, NEW), {'"1"'}),
        (Passed.by(OLD, MIDDLE, NEW), {'"1"', '"2"'}),
        (Passed.by(None, MIDDLE, NEW), {'"2"'}),
        (Passed.by(None, NEW), set()),
        (Passed.by(OLD, written('"1"')), set()),
        (Passed.by(OLD, written()), set()),
        (Passed.by(OLD, None), set()),
        (Passed.by(OLD, None, NEW), {'"1"'}),
        (Passed.by(SPEC, written(updatedAt=2)), {1}),
        (Passed.by(live(Kind.FLOW_SPEC, "a", {}), written(updatedAt=2)), {None}),
        (Passed.by(SPEC, written(updatedAt=1)), set()),
    ],
)
def test_what_an_object_was_like_before(passed, stamps):
    """The stamps of before our last write, where the answers tell them from its own."""
    assert passed.stamps == stamps


@pytest.mark.parametrize(("late", "done"), [(3, True), (50, False)])
def test_a_reading_from_before_our_write_is_none(late, done):
    """It is read again, for as long as a write may take to show; then it counts as not done."""
    clock, service = ManualClock(), FakeService.of(live(F, "a", flow(), etag='"2"'))
    service.script["get"] = [lambda *_: live(F, "a", flow(), etag='"1"')] * late
    found = read_back(service, "a", OLD, clock.clock, 10, Passed.by(OLD, written('"2"')))
    assert (found.done, found.live.etag) == (done, '"2"' if done else '"1"')
    assert clock.naps[:3] == [0.25, 0.5, 1]


@pytest.mark.parametrize(
    ("told", "late", "status", "naps"),
    [(False, 3, "applied", 3), (False, 50, "failed", 5), (True, 50, "failed", 0)],
    ids=["late", "never", "never, in what is known to show our write"],
)
def test_what_was_not_taken_may_only_be_late(told, late, status, naps):
    """Where no etag tells that a reading shows our write, it is read again for as long as a write may take."""
    one = daily(flow("new"), settle=10.0)

    def old(service, kind, id):
        return Live(kind, id, {**service.do("get", kind, id).document, "name": "Daily"})

    def patch(service, *arguments):
        service.script["get"] = [old] * late
        written = service.do("patch", *arguments)
        return written if told else Written("a", None, None)

    one.service.script["patch"] = [patch]
    assert (only(one.apply()).status, len(one.clock.naps)) == (status, naps)


@pytest.mark.parametrize("shown", ["transformationSpec", "transformationSpecDTOS"])
def test_a_field_that_shows_under_another_name_was_taken(shown):
    """FACTS 15: it was not there before our write, so how the service calls it is first seen afterwards."""
    service = FakeService.of(live(Kind.FLOW_SPEC, "a", {"name": "S", "providerId": "p"}))
    body = {"name": "S", "providerId": "p", "transformationSpecs": [{"name": "Mapping"}]}
    one = Stage([want("FlowSpec/s", body, id="a")], service)

    def put(service, *arguments):
        service.do("put", *arguments)
        stored = service.objects[Kind.FLOW_SPEC, "a"]
        stored[shown] = stored.pop("transformationSpecs")
        return service._stored(Kind.FLOW_SPEC, "a")

    service.script["put"] = [put]
    assert only(one.apply()).status == "applied"
    assert one.plan().plan.summary["unchanged"] == 1


def test_other_kinds_are_done_at_once():
    """They have no operations."""
    service = FakeService.of(live(Kind.CONNECTION, "a", {"lastOperation": operation("IN_PROGRESS")}))
    assert read_back(service, "a", Kind.CONNECTION, ManualClock().clock, 45).done


def daily(spec, document=None, applied=None, settle=0.0, **entries):
    document = document or flow()
    service = FakeService.of(live(F, "a", document))
    known = state(entry("Flow/f", "a", applied or flow(), **entries))
    return Stage([want("Flow/f", spec)], service, known, settle=settle)


def only(report):
    (result,) = report.results
    return result


def shows(**fields):
    """Return what a PATCH does on a service that stores something else."""

    def call(service, *arguments):
        service.do("patch", *arguments)
        service.objects[F, "a"] |= fields
        return service._stored(F, "a")

    return call


class TestJudgement:
    """Own forms are believed where nobody wrote since, and the value is not the one from before."""

    def test_an_own_form_is_observed(self):
        """And settled from then on: no write, no drift."""
        one = daily(flow("new"))
        one.service.script["patch"] = [shows(name="NEW")]
        assert only(one.apply()).status == "applied"
        assert one.ledger.entries[named("Flow/f")].observed == {"/name": "NEW"}
        assert one.plan().plan.summary["unchanged"] == 1

    def test_an_own_form_from_before_is_kept(self):
        """A write of something else leaves it settled."""
        one = daily(flow("new"), flow(description="D"), flow(description="d"), observed={"/description": "D"})
        one.declare(want("Flow/f", flow("new", description="d")))
        assert only(one.apply()).status == "applied"
        assert one.ledger.entries[named("Flow/f")].observed == {"/description": "D"}

    @pytest.mark.parametrize(
        ("script", "why"),
        [
            (shows(name="Daily"), "did not take /name"),
            (lambda service, *args: [shows(name="NEW")(service, *args), service.edit(F, "a")][0], "did not take /name"),
            (shows(name="NEW", lastOperation=operation("FAILED")), "ended as FAILED"),
            (shows(name="NEW", lastOperation=operation("IN_PROGRESS")), "had not finished when the time"),
        ],
        ids=["the value of before", "somebody wrote since", "failed", "not finished"],
    )
    def test_anything_else_was_not_taken(self, script, why):
        """The result is failed, and applied does not advance."""
        one = daily(flow("new"))
        one.service.script["patch"] = [script]
        result = only(one.apply())
        assert result.status == "failed"
        assert why in result.error
        assert one.ledger.entries[named("Flow/f")].applied["name"] == "Daily"

    def test_what_is_missing_afterwards_was_not_taken(self):
        """Absence is no form of a value."""
        one = daily(flow(description="d"))

        def drops(service, *arguments):
            service.do("patch", *arguments)
            del service.objects[F, "a"]["description"]
            return service._stored(F, "a")

        one.service.script["patch"] = [drops]
        assert "did not take /description" in only(one.apply()).error

    def test_a_removal_has_no_form(self):
        """What is there in another form after it is still there."""
        one = daily(flow(), flow(description="d"), flow(description="d"))
        one.service.script["patch"] = [shows(description="D")]
        assert "did not take /description" in only(one.apply()).error

    def test_what_facts_explain_needs_no_etag(self):
        """A connection spec's reply leaves its description out."""
        spec = {"name": "own", "providerId": "p", "description": "d"}
        one = Stage([want("ConnectionSpec/own", spec)])

        def hides(service, kind, body):
            return service.do("create", kind, {key: value for key, value in body.items() if key != "description"})

        one.service.script["create"] = [hides]
        assert only(one.apply()).status == "applied"
        assert one.ledger.entries[named("ConnectionSpec/own")].observed == {"/description": MISSING}


class TestStates:
    """Enabling and disabling."""

    def test_it_is_one_action(self):
        """Counted as one try."""
        one = daily(flow(state="disabled"), flow(state="enabled"), flow(state="enabled"))
        assert (only(one.apply()).attempts, one.service.writes()) == (1, [("act", F, "a", "disable")])

    def test_it_comes_after_the_patch(self):
        """And after a create."""
        one = daily(flow("New", state="disabled"), flow(state="enabled"), flow(state="enabled"))
        one.apply()
        assert [call[0] for call in one.service.writes()] == ["patch", "act"]
        new = Stage([want("Flow/f", flow(state="disabled"))])
        assert only(new.apply()).status == "applied"
        assert [call[0] for call in new.service.writes()] == ["create", "act"]

    @pytest.mark.parametrize(
        ("script", "calls"),
        [
            ([then_raise(LOST)], 1),
            ([LOST], 2),
            ([Rejected("on its way", status=400, code="1422-400")] * 2, 3),
            ([settling], 2),
            ([unreadable(Rejected("no", status=400))], 2),
            ([unreadable(Rejected("no", status=400, code="1421-400"))], 2),
        ],
        ids=["done", "not done", "in transition", "in transition, and no code", "not readable", "nor settled"],
    )
    def test_a_lost_answer_is_looked_into(self, script, calls):
        """The state tells what became of it."""
        one = daily(flow(state="disabled"), flow(state="enabled"), flow(state="enabled"))
        one.service.script["act"] = script
        assert (only(one.apply()).status, len(one.service.writes("act"))) == ("applied", calls)

    @pytest.mark.parametrize(
        ("error", "calls"),
        [
            (Rejected("no", status=400, code="1410-400"), 1),
            (Rejected("no", status=400), TRIES),
            (Rejected("no", status=409), 1),
            (LOST, TRIES),
        ],
        ids=repr,
    )
    def test_it_is_not_tried_for_ever(self, error, calls):
        """A refusal is one; the unknown is asked six times."""
        one = daily(flow(state="disabled"), flow(state="enabled"), flow(state="enabled"))
        one.service.script["act"] = [error] * calls
        assert (only(one.apply()).status, len(one.service.writes("act"))) == ("failed", calls)


class TestFilling:
    """A body as it is sent."""

    def hands(self, **values):
        return Hands(FakeService(), ManualClock().clock, vault(values).value, lambda: None, 0)

    def test_references_become_ids_and_slots_their_values(self):
        """Everywhere in it."""
        body = {"a": [ref("Flow/f")], "b": {"c": secret()}, "d": 1}
        filled = self.hands(FLOW_SECRET_PASSWORD="v").fill(body, {named("Flow/f"): "id"})
        assert filled == {"a": ["id"], "b": {"c": Secret("v")}, "d": 1}

    def test_what_has_no_value_is_not_sent(self):
        """A secret that is not set is the person's; an id that is not there is our bug."""
        with pytest.raises(SecretMissing, match="its env FLOW_SECRET_PASSWORD is not set"):
            self.hands().fill(secret(), {})
        with pytest.raises(InternalError):
            self.hands().fill(ref("Flow/f"), {})

    def test_a_secret_that_is_missing_fails_its_step_alone(self):
        """Nothing was sent for it."""
        one = daily(flow("New"))
        one.values = {}
        one.declare(want("Connection/c", {"name": "C", "auth": {"specName": "b", "params": {"password": secret()}}}))
        report = one.apply()
        assert [result.status.value for result in report.results] == ["failed", "applied"]
        assert one.service.made == 0


def test_pauses_have_full_jitter_and_an_end():
    """Half of one, two, four, eight seconds here, and no more."""
    clock = ManualClock()
    hands = Hands(FakeService(), clock.clock, vault().value, lambda: None, 0)
    for attempt in range(1, 7):
        hands.pause(attempt)
    assert clock.naps == [0.5, 1, 2, 4, 4, 4]
    assert clock.time == NOW + 15.5
