"""Updating: one PATCH under the etag that the plan read; conflicts are told, lost answers are looked into."""

from __future__ import annotations

import pytest
from unit.engine.fakes import (
    CLIENT,
    KEYS,
    FakeService,
    Stage,
    connection,
    entry,
    flow,
    live,
    named,
    state,
    then_raise,
    want,
    without,
)

from reconciler.engine.credentials import context
from reconciler.engine.hands import TRIES
from reconciler.model.errors import BadAnswer, OutcomeUnknown, PreconditionFailed, Rejected, Unreachable
from reconciler.model.kinds import Kind
from reconciler.model.secrets import Fingerprint, Secret

LOST = OutcomeUnknown("lost")
STALE = PreconditionFailed("stale", status=412)
APPLIED = connection(params={"username": "reader"})
THERE = connection(params={"username": "reader", "password": "first"})
C, F = Kind.CONNECTION, Kind.FLOW
IDS = "sourceConnectionSpecIds"


def mark(value, keys=KEYS):
    where = context("ORG@AdobeOrg", "bench", "a", ("auth", "params", "password"))
    return keys.fingerprint(where, Secret(value))


def crm(spec=None, secrets=None, document=None, **fields):
    """Return a stage with one managed connection, whose secret is to be rotated unless said otherwise."""
    document = {**THERE, **(document or {})}
    pointers = {"/auth/params/password": mark("first")} if secrets is None else secrets
    service = FakeService.of(live(C, "a", document))
    known = state(entry("Connection/crm", "a", {**APPLIED, **fields.pop("applied", {})}, secrets=pointers))
    values = {"FLOW_SECRET_PASSWORD": "second"}
    return Stage([want("Connection/crm", spec or connection())], service, known, values, **fields)


def daily(spec=None, document=None, applied=None):
    """Return a stage with one managed flow, to be renamed unless said otherwise."""
    document = document or flow()
    service = FakeService.of(live(F, "a", document))
    known = state(entry("Flow/f", "a", applied or without(document, "state")))
    return Stage([want("Flow/f", spec or flow("New"))], service, known)


def only(report):
    (result,) = report.results
    return result


def mark_of(one):
    return one.ledger.entries[named("Connection/crm")].secrets["/auth/params/password"]


def test_a_patch_goes_out_once_under_its_etag():
    """And what it made is remembered."""
    one = daily()
    result = only(one.apply())
    assert (result.status, result.attempts) == ("applied", 1)
    assert one.service.writes() == [("patch", F, "a", [{"op": "replace", "path": "/name", "value": "New"}], '"a-1"')]
    assert one.ledger.entries[named("Flow/f")].applied["name"] == "New"


def test_a_moved_etag_alone_is_met_with_the_fresh_one():
    """What others wrote beside our paths survives."""
    one = daily()
    planned = one.plan()
    one.service.edit(F, "a", other=1)
    result = only(one.apply(planned))
    assert (result.status, result.attempts) == ("applied", 2)
    assert one.service.objects[F, "a"]["other"] == 1
    assert one.clock.naps == [0.5]


def test_a_declared_field_that_moved_is_a_conflict():
    """Also one that is not in the patch; the last writer is named, nothing overwritten."""
    one = daily()
    planned = one.plan()
    schedule = {**flow()["scheduleParams"], "frequency": "week"}
    one.service.edit(F, "a", scheduleParams=schedule)
    result = only(one.apply(planned))
    assert result.status == "conflict"
    assert "changed /scheduleParams/frequency since the plan" in result.error
    assert "exc_app" in result.error
    assert len(one.service.writes()) == 1


def test_what_somebody_set_as_git_wants_is_no_conflict():
    """The rest alone is sent; where nothing is left it is done."""
    one = daily(flow("New", description="d"), flow(description="o"))
    planned = one.plan()
    one.service.edit(F, "a", name="New")
    assert only(one.apply(planned)).status == "applied"
    assert one.service.writes()[-1][3] == [{"op": "replace", "path": "/description", "value": "d"}]
    done = daily()
    planned = done.plan()
    done.service.edit(F, "a", name="New")
    assert (only(done.apply(planned)).status, len(done.service.writes())) == ("applied", 1)


def test_what_became_impossible_meanwhile_is_a_conflict():
    """It would be blocked by now."""
    one = daily(flow("New", state="enabled"), flow(state="enabled"), flow(state="enabled"))
    planned = one.plan()
    one.service.edit(F, "a", state="draft")
    result = only(one.apply(planned))
    assert result.status == "conflict"
    assert "now it is blocked" in result.error


def test_six_moved_etags_are_enough():
    """One try and five repetitions, each after a wait."""
    one = daily()
    one.service.script["patch"] = [STALE] * TRIES
    result = only(one.apply())
    assert (result.status, result.error) == ("failed", "stale")
    assert len(one.service.writes()) == TRIES
    assert one.clock.naps == [0.5, 1, 2, 4, 4]


def test_a_lost_answer_is_asked_again_and_its_412_looked_into():
    """The PATCH was done: the second one is refused, and live is as git wants."""
    one = daily()
    one.service.script["patch"] = [then_raise(LOST)]
    result = only(one.apply())
    assert (result.status, result.attempts, len(one.service.writes())) == ("applied", 2, 2)


def test_answers_that_stay_lost_are_an_error():
    """After the last try it is not known."""
    one = daily()
    one.service.script["patch"] = [LOST] * TRIES
    assert (only(one.apply()).error, len(one.service.writes())) == ("lost", TRIES)


def test_an_error_that_says_that_nothing_was_sent_ends_it():
    """It is not repeated here: the client has done so."""
    one = daily()
    one.service.script["patch"] = [Unreachable("no route")]
    assert (only(one.apply()).error, len(one.service.writes())) == ("no route", 1)


def test_an_object_without_an_etag_cannot_be_patched():
    """Without If-Match it would overwrite."""
    one = daily(document=flow(etag=None))
    one.service.objects[F, "a"]["etag"] = None
    assert "shows no etag for flows/a" in only(one.apply()).error
    assert one.service.writes() == []


class TestSecrets:
    """Live secrets cannot be compared, so what is around them has to tell."""

    def test_sent_secrets_are_remembered(self):
        """By the hash of what was sent."""
        one = crm()
        assert only(one.apply()).status == "applied"
        assert mark_of(one) == mark("second")
        assert one.service.objects[C, "a"]["auth"]["params"]["password"] == "second"

    @pytest.mark.parametrize("spec", [connection(), connection("New")], ids=["credentials alone", "and a name"])
    def test_our_own_lost_write_is_recognised(self, spec):
        """Our client was the last, and all else is as our PATCH leaves it."""
        one = crm(spec)
        one.service.script["patch"] = [then_raise(LOST)]
        result = only(one.apply())
        assert (result.status, len(one.service.writes())) == ("applied", 2)
        assert mark_of(one) == mark("second")

    @pytest.mark.parametrize(
        ("client", "fields"),
        [
            ("exc_app", {}),  # somebody else wrote last
            (CLIENT, {"description": "somebody's"}),  # ours wrote, but something else
            (CLIENT, {"name": "Other"}),
            (CLIENT, {"other": 1}),
        ],
    )
    def test_a_write_that_may_be_another_s_is_a_conflict(self, client, fields):
        """Whose secrets are there cannot be seen; the hash of before stays."""
        one = crm()

        def overtaken(service, kind, id, *_):
            service.edit(kind, id, client, **fields)
            raise LOST

        one.service.script["patch"] = [overtaken]
        assert only(one.apply()).status == "conflict"
        assert len(one.service.writes()) == 2
        assert mark_of(one) == mark("first")

    def test_an_own_looking_write_before_a_certain_412_is_a_conflict(self):
        """No answer of ours was lost: the writer of our name was another run or script."""
        one = crm()
        planned = one.plan()
        one.service.edit(C, "a", CLIENT)
        assert only(one.apply(planned)).status == "conflict"

    def test_a_lost_patch_that_was_not_done_is_sent_again(self):
        """Nothing moved: the same PATCH holds."""
        one = crm()
        one.service.script["patch"] = [LOST]
        result = only(one.apply())
        assert (result.status, result.attempts) == ("applied", 2)
        assert mark_of(one) == mark("second")

    def test_a_moved_etag_without_a_writer_is_no_conflict(self):
        """The service rewrites connections by itself, updatedAt unchanged (FACTS 7)."""
        one = crm()
        planned = one.plan()
        one.service.objects[C, "a"]["etag"] = '"other"'
        assert only(one.apply(planned)).status == "applied"

    @pytest.mark.parametrize("lost", [False, True])
    def test_a_change_that_is_there_already_does_not_count_as_sent(self, lost):
        """Somebody made the plain change that would have sent all credentials: ours were not sent, maybe never."""
        foreign = Fingerprint("another key", "h")
        spec = connection(params={**connection()["auth"]["params"], "username": "writer"})
        one = crm(spec, {"/auth/params/password": foreign})
        params = {"username": "writer", "password": "first"}

        def overtaken(service, kind, id, *_):
            service.edit(kind, id, auth={"specName": "Basic", "params": params})
            raise LOST if lost else STALE

        one.service.script["patch"] = [overtaken]
        assert only(one.apply()).status == "applied"
        assert mark_of(one) == foreign

    def test_a_change_that_our_lost_patch_made_counts_as_sent(self):
        """The credentials are there with it."""
        spec = connection(params={**connection()["auth"]["params"], "username": "writer"})
        one = crm(spec, {"/auth/params/password": Fingerprint("another key", "h")})
        one.service.script["patch"] = [then_raise(LOST)]
        assert only(one.apply()).status == "applied"
        assert mark_of(one) == mark("second")

    def test_a_patch_beside_the_credentials_does_not_count_as_sent(self):
        """A name says nothing of a secret, whatever its value is by now."""
        one = crm(connection("New"), {"/auth/params/password": Fingerprint("another key", "h")})
        assert only(one.apply()).status == "applied"
        assert mark_of(one).key_id == "another key"


class TestRefusals:
    """A 400 may be about the form."""

    SPEC = flow(scheduleParams={**flow()["scheduleParams"], "interval": 2})

    def test_an_undocumented_leaf_goes_with_its_ancestor(self):
        """Tried as it is, then as documents show it."""
        one = daily(self.SPEC)
        one.service.script["patch"] = [Rejected("no", status=400)]
        assert (only(one.apply()).status, only_paths(one)) == (
            "applied", [["/scheduleParams/interval"], ["/scheduleParams"]],
        )  # fmt: skip

    def test_the_documented_form_stays_also_after_a_moved_etag(self):
        """It is not tried as a leaf again."""
        one = daily(self.SPEC)
        one.service.script["patch"] = [Rejected("no", status=400), STALE]
        assert only(one.apply()).status == "applied"
        assert only_paths(one)[1:] == [["/scheduleParams"]] * 2

    @pytest.mark.parametrize("refusals", [[400, 400], [403]])
    def test_what_is_refused_otherwise_is_refused(self, refusals):
        """The documented form, too, or for another reason than its form."""
        one = daily(self.SPEC)
        one.service.script["patch"] = [Rejected("no", status=status) for status in refusals]
        assert (only(one.apply()).status, len(one.service.writes())) == ("failed", len(refusals))

    def test_a_documented_path_is_refused_for_good(self):
        """One try."""
        one = daily()
        one.service.script["patch"] = [Rejected("no", status=400)]
        assert (only(one.apply()).status, len(one.service.writes())) == ("failed", 1)

    def test_where_no_document_shows_an_ancestor_it_is_refused(self):
        """Source connections have no documented path at all."""
        body = {"name": "S", "connectionSpec": {"id": "s"}}
        service = FakeService.of(live(Kind.SOURCE_CONNECTION, "a", body))
        one = Stage([want("SourceConnection/s", {**body, "name": "T"}, id="a")], service)
        service.script["patch"] = [Rejected("no", status=400)]
        assert (only(one.apply()).status, len(service.writes())) == ("failed", 1)

    def test_a_transition_is_waited_for(self):
        """The same PATCH may pass a moment later; not for ever."""
        one = daily()
        passing = Rejected("in transition", status=400, code="1420-400")
        one.service.script["patch"] = [passing, passing]
        assert (only(one.apply()).status, len(one.service.writes())) == ("applied", 3)
        never = daily()
        never.service.script["patch"] = [passing] * TRIES
        assert (only(never.apply()).error, len(never.service.writes())) == ("in transition", TRIES)

    def test_a_transition_without_a_code_is_seen_on_the_object(self):
        """Whether answers have codes is unknown (FACTS 6): one that is on its way is waited for, any other is not."""

        def settling(service, *arguments):
            service.objects[Kind.FLOW, "a"]["state"] = "updating"
            service.script["get"] = [None, settle]
            raise Rejected("no", status=400)

        def settle(service, kind, id):
            service.objects[Kind.FLOW, "a"]["state"] = "enabled"
            return service.do("get", kind, id)

        one = daily()
        one.service.script["patch"] = [settling]
        assert (only(one.apply()).status, len(one.service.writes())) == ("applied", 2)
        coded = daily()
        coded.service.script["patch"] = [Rejected("no", status=400, code="1419-400")]
        result = only(coded.apply())
        assert (result.status, [call for call in coded.service.calls if call[0] == "get"]) == ("failed", [])


class TestLateReadings:
    """A 412 says that the object has moved on: a reading of it with the etag that was sent is from before."""

    def run(self, late, settle):
        one = daily()
        one.settle = settle
        before = one.service._live(Kind.FLOW, "a")

        def race(service, *arguments):
            service.edit(Kind.FLOW, "a", extra="theirs")
            service.script["get"] = [lambda *_: before] * late
            return service.do("patch", *arguments)

        one.service.script["patch"] = [race]
        return one, only(one.apply())

    def test_it_is_waited_for(self):
        """Two PATCHes, the second with the etag that was read at last."""
        one, result = self.run(late=4, settle=45)
        assert (result.status, result.attempts) == ("applied", 2)
        assert one.clock.naps[:4] == [0.25, 0.5, 1, 2]
        assert one.service.objects[Kind.FLOW, "a"]["extra"] == "theirs"

    def test_not_for_longer_than_a_write_may_take_to_show(self):
        """Then it counts, and the next try tells."""
        one, result = self.run(late=50, settle=3)
        assert result.status == "failed"
        assert len(one.service.writes("patch")) == TRIES
        assert sum(one.clock.naps) < 3 + 16


def only_paths(one):
    return [[op["path"] for op in call[3]] for call in one.service.writes("patch")]


class TestPut:
    """Specs have no etag: a PUT between two reads."""

    def stage(self, wanted=("w",), there=("x",), owned=(), **fields):
        body = {"name": "F", "providerId": "p"}
        service = FakeService.of(live(Kind.FLOW_SPEC, "a", {**body, IDS: list(there)}, updatedAt=1))
        known = state(entry("FlowSpec/f", "a", {**body, IDS: list(owned)}))
        return Stage([want("FlowSpec/f", {**body, IDS: list(wanted), **fields})], service, known)

    def owned(self, one):
        return one.ledger.entries[named("FlowSpec/f")].applied[IDS]

    def members(self, one):
        return one.service.objects[Kind.FLOW_SPEC, "a"][IDS]

    def test_members_that_came_meanwhile_stay(self):
        """The PUT is made of what is there right before it; ours is what it brought."""
        one = self.stage(wanted=("w", "y"))
        planned = one.plan()
        one.service.edit(Kind.FLOW_SPEC, "a", **{IDS: ["x", "y"]})
        assert only(one.apply(planned)).status == "applied"
        assert self.members(one) == ["x", "y", "w"]
        assert self.owned(one) == ["w"]

    def test_a_lost_race_is_merged_again(self):
        """Another writer's PUT, made from before ours, takes our member away: it is put in again, and stays ours."""
        one = self.stage(wanted=("w", "v"))

        def raced(service, *arguments):
            written = service.do("put", *arguments)
            service.edit(Kind.FLOW_SPEC, "a", **{IDS: ["x", "z", "v"]})
            return written

        one.service.script["put"] = [raced]
        result = only(one.apply())
        assert (result.status, len(one.service.writes())) == ("applied", 2)
        assert self.members(one) == ["x", "z", "v", "w"]
        assert sorted(self.owned(one)) == ["v", "w"]

    def test_a_race_that_is_always_lost_ends(self):
        """Six PUTs; then the service did not take it."""
        one = self.stage()

        def raced(service, *arguments):
            written = service.do("put", *arguments)
            service.edit(Kind.FLOW_SPEC, "a", **{IDS: ["x"]})
            return written

        one.service.script["put"] = [raced] * TRIES
        result = only(one.apply())
        assert (result.status, len(one.service.writes())) == ("failed", TRIES)
        assert f"did not take /{IDS}" in result.error

    def test_another_field_that_is_not_taken_is_no_lost_race(self):
        """It is judged, not sent again."""
        one = self.stage(name="New")

        def keeps(service, kind, id, body):
            return service.do("put", kind, id, {**body, "name": "F"})

        one.service.script["put"] = [keeps]
        result = only(one.apply())
        assert (result.status, len(one.service.writes())) == ("failed", 1)

    def test_a_declared_field_that_moved_is_a_conflict(self):
        """Compared right before the PUT."""
        one = self.stage(name="New")
        planned = one.plan()
        one.service.edit(Kind.FLOW_SPEC, "a", name="Theirs")
        result = only(one.apply(planned))
        assert (result.status, one.service.writes()) == ("conflict", [])

    def test_what_is_there_already_is_not_sent(self):
        """Somebody did it since the plan; a member that somebody brought is not ours."""
        one = self.stage()
        planned = one.plan()
        one.service.edit(Kind.FLOW_SPEC, "a", **{IDS: ["x", "w"]})
        result = only(one.apply(planned))
        assert (result.status, result.attempts, one.service.writes()) == ("applied", 0, [])
        assert self.owned(one) == []

    def test_a_lost_answer_is_looked_into(self):
        """Done: not sent again, and the member is ours. Not done: sent again."""
        done = self.stage()
        done.service.script["put"] = [then_raise(LOST)]
        result = only(done.apply())
        assert (result.status, result.attempts, len(done.service.writes())) == ("applied", 1, 1)
        assert self.owned(done) == ["w"]
        again = self.stage()
        again.service.script["put"] = [LOST]
        assert (only(again.apply()).attempts, len(again.service.writes())) == (2, 2)

    def test_answers_that_stay_lost_are_an_error(self):
        """Six PUTs."""
        one = self.stage()
        one.service.script["put"] = [LOST] * TRIES
        assert (only(one.apply()).error, len(one.service.writes())) == ("lost", TRIES)

    @pytest.mark.parametrize(("late", "status"), [(3, "applied"), (50, "failed")])
    def test_a_reading_from_before_our_put_is_no_lost_race(self, late, status):
        """No document promises that a write can be read at once (FACTS 16): one PUT, and a look that is repeated."""
        one = self.stage()

        def slow(service, *arguments):
            service.script["get"] = [lambda *_: before] * late
            return service.do("put", *arguments)

        before, one.settle = one.service._live(Kind.FLOW_SPEC, "a"), 45
        one.service.script["put"] = [slow]
        assert (only(one.apply()).status, len(one.service.writes())) == (status, 1)

    def test_an_etag_is_sent_where_there_is_one(self):
        """No sample of a spec has one (FACTS 7); one that does is guarded by it, and a 412 means to look again."""
        one = self.stage(name="New")
        one.service.objects[Kind.FLOW_SPEC, "a"] |= {"etag": '"e"', "updatedAt": 1}
        planned = one.plan()
        assert [request.if_match for request in planned.plan.changes[0].requests] == ['"e"']
        one.service.script["put"] = [STALE]
        result = only(one.apply(planned))
        assert (result.status, result.attempts) == ("applied", 2)
        assert [call[-1] for call in one.service.writes("put")] == ['"e"', '"e"']

    def test_an_etag_that_moved_is_read_again(self):
        """Somebody wrote between our look and our PUT, and not what we declare: theirs stays, ours is put in."""

        def race(service, kind, id, body, etag):
            service.edit(kind, id, extra="theirs")
            return service.do("put", kind, id, body, etag)

        one = self.stage(name="New")
        one.service.objects[Kind.FLOW_SPEC, "a"] |= {"etag": '"e"', "updatedAt": 1}
        one.service.script["put"] = [race]
        assert only(one.apply()).attempts == 2
        kept = one.service.objects[Kind.FLOW_SPEC, "a"]
        assert (kept["name"], kept["extra"]) == ("New", "theirs")

    def test_a_form_of_its_own_counts_iff_nobody_wrote_since(self):
        """Specs have no etag, so updatedAt has to tell."""

        def upper(service, kind, id, body):
            service.do("put", kind, id, {**body, "name": body["name"].upper()})
            return service._stored(kind, id, CLIENT)

        one = self.stage(name="New")
        one.service.script["put"] = [upper]
        assert only(one.apply()).status == "applied"
        assert one.ledger.entries[named("FlowSpec/f")].observed == {"/name": "NEW"}
        unsaid = self.stage(name="New")

        def no_answer(service, *arguments):
            upper(service, *arguments)
            raise BadAnswer("unreadable")

        unsaid.service.script["put"] = [no_answer]
        assert only(unsaid.apply()).status == "failed"
