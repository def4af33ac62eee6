"""Applying: begin, every step as soon as what it needs is done, end; and what the ledger is to know."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from unit.engine.fakes import (
    KEYS,
    NOW,
    FakeService,
    Stage,
    connection,
    entry,
    flow,
    live,
    named,
    ref,
    secret,
    state,
    statuses,
    vault,
    want,
)

from reconciler.engine import execution
from reconciler.engine.apply import apply
from reconciler.engine.hands import Hands
from reconciler.engine.lease import LEASE_SECONDS
from reconciler.engine.match import Match
from reconciler.engine.remember import Memory
from reconciler.engine.write import Writer
from reconciler.model.errors import LeaseLost, LedgerError, LedgerUnsaved, OutcomeUnknown, Rejected
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, Drop, Intent, Put
from reconciler.model.resources import OnRemove
from reconciler.model.results import Status
from reconciler.model.secrets import Fingerprint

C, S = Kind.CONNECTION, Kind.SOURCE_CONNECTION
PLAIN = connection(params={"username": "reader"})


def plain(name="CRM", **fields):
    return {**PLAIN, "name": name, **fields}


def source(needs, name="S"):
    return {"name": name, "baseConnectionId": ref(needs), "connectionSpec": {"id": "s"}}


def managed(*names, **changes):
    """Return a stage with plain connections, each live and in the ledger, wanted with these changes."""
    lives = [live(C, name, plain(name)) for name in names]
    known = state(*(entry(f"Connection/{name}", name, plain(name)) for name in names))
    wanted = [want(f"Connection/{name}", {**plain(name), **changes}) for name in names]
    return Stage(wanted, FakeService.of(*lives), known)


def dead(*resources, action="create"):
    intents = tuple(Intent(named(text), action, None, None) for text in resources)
    return Begin("run-0", "somebody", "d", None, NOW - 9, NOW - 1, intents)


class TestBegin:
    """The ledger is taken before the first write, and given back whatever happens."""

    def test_nothing_to_do_takes_nothing(self):
        """No begin, no end."""
        one = managed("a")
        report = one.apply()
        assert (report.run, report.unchanged, one.ledger.calls) == (None, 1, [])

    def test_what_is_meant_stands_in_it(self):
        """Every request's resource, with what could be mixed up with it; adoptions are none."""
        one = managed("a", description="d")
        one.declare(want("Connection/b", plain("b")), want("Connection/c", plain("a", connectionSpec={"id": "z"})))
        one.service.objects[C, "z"] = dict(live(C, "z", plain("b")).document)
        one.apply()
        ((begin, seen),) = one.ledger.named("begin")
        assert [(str(each.resource), each.action, each.id) for each in begin.intents] == [
            ("Connection/a", "update", "a"), ("Connection/c", "create", None),
        ]  # fmt: skip
        assert (begin.run, begin.actor, begin.expires - begin.started, seen) == ("run-1", "tester", 300, None)
        assert [call[0] for call in one.ledger.calls][-1] == "end"

    def test_a_run_that_the_plan_saw_is_taken_over(self):
        """Also with nothing else to do; the report says so."""
        one = managed("a")
        one.ledger.open = dead()
        report = one.apply()
        assert [str(note) for note in report.notices] == [
            "took over from run run-0 of somebody, which began and never ended"
        ]
        assert one.ledger.named("begin")[0][1] == "run-0"

    def test_a_run_that_the_plan_did_not_see_is_not(self):
        """It began and expired since: nothing is sent."""
        one = managed("a", description="d")
        planned, before = one.plan(), one.ledger.read()
        one.ledger.open = dead()
        with pytest.raises(LedgerError):
            apply_to(one, planned, before)
        assert one.service.writes() == []

    def test_a_ledger_that_moved_since_the_plan_stops_it(self):
        """Nothing is sent; our begin is closed."""
        one = managed("a", description="d")
        planned, before = one.plan(), one.ledger.read()
        one.ledger.entries[named("Connection/z")] = entry("Connection/z", "z", {})
        with pytest.raises(LedgerError, match="somebody else applied"):
            apply_to(one, planned, before)
        assert (one.service.writes(), one.ledger.open) == ([], None)

    @pytest.mark.parametrize("scope", [{"only": ["Connection/a"]}, {"exclude": ["Connection/b"]}])
    def test_unfinished_creates_are_not_left_out_of_sight(self, scope):
        """A dead run may have made it: a plan that leaves it out would close the only word of that."""
        one = managed("a", description="d")
        one.declare(want("Connection/b", plain("b")))
        one.ledger.open = dead("Connection/b")
        with pytest.raises(LedgerError, match=r"run run-0 never ended, and may have created Connection/b"):
            one.apply(**scope)
        assert one.ledger.calls == []
        one.ledger.open = dead("Connection/b", action="update")
        assert one.apply(**scope).succeeded

    def test_an_unfinished_create_whose_manifest_left_does_not_stop_it(self):
        """Nothing would be found by it."""
        one = managed("a", description="d")
        one.ledger.open = dead("Connection/gone")
        assert one.apply().succeeded

    def test_a_lease_that_was_lost_is_not_closed(self):
        """It is somebody else's by now; the report says so, and the steps that were not sent failed."""
        one = managed("a", description="d")
        one.ledger.fail = {"record": LeaseLost("taken"), "end": LeaseLost("not ours")}
        report = one.apply()
        assert statuses(report) == {"Connection/a": "failed"}
        assert [str(note) for note in report.notices] == ["not ours"]

    def test_a_ledger_that_cannot_be_written_stops_what_has_not_begun(self):
        """The first is failed, the others are skipped with the reason."""
        one = managed("a", "b", "c", description="d")
        one.ledger.fail = {"record": LedgerError("disk full")}
        report = one.apply()
        assert statuses(report) == {"Connection/a": "failed", "Connection/b": "skipped", "Connection/c": "skipped"}
        assert {result.error for result in report.results} == {"disk full"}
        assert len(one.service.writes()) == 1


def apply_to(one, planned, before):
    """Apply a plan to a ledger that may have moved since it was read."""
    world = execution.World(one.service, one.ledger, one, one.clock.clock, one.progress)
    return apply(planned, before, world, execution.Run("run-1", "tester", 0))


class TestOrder:
    """What needs something waits for it; what went wrong is not built upon."""

    def test_needs_come_first_and_hand_on_their_ids(self):
        """Also to what is made in the same run."""
        one = Stage([want("SourceConnection/s", source("Connection/z")), want("Connection/z", plain())])
        report = one.apply(concurrency=4)
        assert statuses(report) == {"Connection/z": "applied", "SourceConnection/s": "applied"}
        assert one.service.objects[S, "made-2"]["baseConnectionId"] == "made-1"
        assert one.progress.steps[-1] == ("applying", 2, 2, "SourceConnection/s")

    def chain(self):
        """A is refused, B needs A and no change, C needs B and is to change, D stands alone."""
        a = want("Connection/a", plain("a", description="d"))
        b = want("SourceConnection/b", source("Connection/a"))
        c = want("Flow/c", flow("New", sourceConnectionIds=[ref("SourceConnection/b")]))
        d = want("Connection/d", plain("d", description="d"))
        there = source("Connection/a") | {"baseConnectionId": "a"}
        lives = [live(C, "a", plain("a")), live(S, "b", there), live(Kind.FLOW, "c", flow(sourceConnectionIds=["b"]))]
        known = state(
            entry("Connection/a", "a", plain("a")),
            entry("SourceConnection/b", "b", there),
            entry("Flow/c", "c", flow(sourceConnectionIds=["b"])),
            entry("Connection/d", "d", plain("d")),
        )
        return Stage([a, b, c, d], FakeService.of(*lives, live(C, "d", plain("d"))), known)

    def test_skipping_goes_through_what_needs_no_change(self):
        """And names what it began with; what does not need it is done."""
        one = self.chain()
        one.service.script["patch"] = [Rejected("no", status=400)]
        report = one.apply()
        assert statuses(report) == {"Connection/a": "failed", "Connection/d": "applied", "Flow/c": "skipped"}
        assert report.results[-1].error == "needs Connection/a, which ended as failed"
        assert (report.unchanged, report.succeeded) == (1, False)
        assert one.progress.steps[-1][1:3] == (3, 3)

    def test_what_is_blocked_but_exists_does_not_hold_others_up(self):
        """It is as usable as it was."""
        one = self.chain()
        one.declare(want("Connection/a", plain("a", connectionSpec={"id": "other"})))
        assert statuses(one.apply()) == {"Connection/a": "blocked", "Connection/d": "applied", "Flow/c": "applied"}

    def test_what_is_blocked_and_does_not_exist_does(self):
        """What needs it is blocked in the plan already."""
        one = Stage([want("Connection/a", {}), want("SourceConnection/s", source("Connection/a"))])
        report = one.apply()
        assert (set(statuses(report).values()), report.run) == ({"blocked"}, None)
        one.declare(want("Connection/d", plain("d")))
        assert list(statuses(one.apply()).values()) == ["blocked", "applied", "blocked"]

    def test_a_create_that_became_ambiguous_holds_others_up(self):
        """Blocked without an id."""
        one = Stage([want("Connection/a", plain()), want("SourceConnection/s", source("Connection/a"))])

        def lose(service, *_):
            for id in ("y", "z"):
                service.objects[C, id] = dict(live(C, id, plain(), createdClient=service.client).document)
            raise OutcomeUnknown("lost")

        one.service.script["create"] = [lose]
        assert statuses(one.apply()) == {"Connection/a": "blocked", "SourceConnection/s": "skipped"}

    def test_a_bug_in_one_step_does_not_take_the_others_along(self, monkeypatch):
        """It is failed with a word of it, what needs it is skipped, all else is done and remembered."""
        usual = Writer.carry_out

        def buggy(self, step, ids):
            if str(step.change.resource) == "Connection/a":
                raise KeyError("oops")
            return usual(self, step, ids)

        monkeypatch.setattr(Writer, "carry_out", buggy)
        one = self.chain()
        report = one.apply()
        assert statuses(report) == {"Connection/a": "failed", "Connection/d": "applied", "Flow/c": "skipped"}
        assert report.results[0].error == "bug: KeyError: 'oops'. Please report it"
        assert one.ledger.open is None
        assert "description" in one.ledger.entries[named("Connection/d")].applied

    def test_an_interrupted_run_starts_nothing_more(self):
        """What is under way ends and is remembered; what was waiting for its turn is skipped, needed or not."""
        one = managed("a", "b", "c", "d", description="d")
        report = one.apply(concurrency=2, interrupted=lambda: bool(one.service.writes()))
        assert report.interrupted
        assert list(statuses(report).values()) == ["applied", "applied", "skipped", "skipped"]
        assert len(one.service.writes()) == 2
        assert report.results[-1].error == "the run was interrupted"

    def test_independent_steps_run_at_once(self):
        """As many as were asked for, not more."""
        one = managed("a", "b", "c", description="d")
        meeting = threading.Barrier(2, timeout=5)

        def meet(service, *arguments):
            meeting.wait()
            return service.do("patch", *arguments)

        one.service.script["patch"] = [meet, meet]
        assert one.apply(concurrency=2).succeeded


class TestLedger:
    """What is remembered."""

    def test_an_orphan_whose_object_another_manifest_takes_is_dropped_with_it(self):
        """One entry an object."""
        one = managed("a")
        one.resources = [want("Connection/new", plain("a"), id="a")]
        one.apply()
        (changes,) = [changes for _, changes in one.ledger.named("record")]
        assert [type(change) for change in changes] == [Put, Drop]
        assert set(one.ledger.entries) == {named("Connection/new")}

    def test_a_former_name_goes_when_its_entry_has_moved(self):
        """Also where the object is another one by now."""
        one = managed("a")
        one.resources = [want("Connection/new", plain("a"), previous_name=named("Connection/a"))]
        assert one.apply().succeeded
        assert set(one.ledger.entries) == {named("Connection/new")}
        gone = managed("a")
        gone.service.objects.clear()
        gone.resources = [want("Connection/new", plain("a"), previous_name=named("Connection/a"))]
        gone.apply()
        assert {name: kept.id for name, kept in gone.ledger.entries.items()} == {named("Connection/new"): "made-1"}

    def test_a_former_name_that_is_somebody_s_stays(self):
        """Another manifest has it."""
        one = managed("a")
        one.declare(want("Connection/new", plain("n"), previous_name=named("Connection/a")))
        one.apply()
        assert set(one.ledger.entries) == {named("Connection/a"), named("Connection/new")}

    def test_forgotten_entries_leave(self):
        """Nothing is sent; it is a result."""
        one = managed("a")
        one.ledger.entries = {
            name: dataclasses.replace(kept, on_remove=OnRemove.FORGET) for name, kept in one.ledger.entries.items()
        }
        one.resources = [want("Connection/b", plain("b"))]
        report = one.apply()
        assert statuses(report) == {"Connection/a": "applied", "Connection/b": "applied"}
        assert set(one.ledger.entries) == {named("Connection/b")}
        assert [call[0] for call in one.service.writes()] == ["create"]

    @pytest.mark.parametrize("blocked", [False, True])
    @pytest.mark.parametrize("wish", [{"protect": True}, {"on_remove": OnRemove.FORGET}])
    def test_wishes_are_remembered_also_of_what_is_blocked(self, wish, blocked):
        """They outlive the manifest; also if there is nothing else to do."""
        one = managed("a", **({"connectionSpec": {"id": "other"}} if blocked else {}))
        one.resources = [dataclasses.replace(each, **wish) for each in one.resources]
        one.apply()
        kept = one.ledger.entries[named("Connection/a")]
        assert {name: getattr(kept, name) for name in wish} == wish
        assert kept.applied == plain("a")
        assert one.apply().run is None

    def test_wishes_out_of_scope_are_not(self):
        """What is left out of a run is not remembered differently either."""
        one = managed("a", "b", description="d")
        one.resources = [dataclasses.replace(each, protect=True) for each in one.resources]
        one.apply(exclude=["Connection/a"])
        assert {str(name): kept.protect for name, kept in one.ledger.entries.items()} == {
            "Connection/a": False, "Connection/b": True,
        }  # fmt: skip

    def test_a_write_that_failed_leaves_the_entry(self):
        """What it knew before is still what we left."""
        one = managed("a", description="d")
        one.service.script["patch"] = [lambda service, *_: service._stored(C, "a")]
        report = one.apply()
        assert "did not take /description" in report.results[0].error
        assert one.ledger.entries[named("Connection/a")].applied == plain("a")

    def test_what_is_in_sync_advances(self):
        """Live is as git wants already: unchanged, and the ledger learns it."""
        one = managed("a", description="d")
        one.service.edit(C, "a", description="d")
        report = one.apply()
        assert (report.results, report.unchanged) == ((), 1)
        assert one.ledger.entries[named("Connection/a")].applied["description"] == "d"

    def test_a_key_that_was_not_there_before_is_used_from_now_on(self):
        """A secret that has no hash gets that of the value at hand; one of another key stays until it is sent."""
        pointer = "/auth/params/password"
        there = connection(params={"username": "reader", "password": "p"})
        for mark, key_id in ((Fingerprint(None, None), KEYS.id), (Fingerprint("other", "h"), "other")):
            known = state(entry("Connection/a", "a", PLAIN, secrets={pointer: mark}))
            one = Stage([want("Connection/a", connection())], FakeService.of(live(C, "a", there)), known)
            one.apply()
            assert one.ledger.entries[named("Connection/a")].secrets[pointer].key_id == key_id
            assert one.service.writes() == []

    def test_an_entry_holds_what_is_declared_without_secrets(self):
        """Nor what is ignored; objects that this empties go, lists keep their plain elements."""
        params = {
            "user": "u", "password": secret(), "only": {"token": secret("/auth/params/only/token")}, "e": {}, "l": [],
            "list": ["plain", secret("/auth/params/list/1")],
            "named": [{"name": "n", "v": 1, "key": secret("/auth/params/named/0/key")}],
        }  # fmt: skip
        spec = connection(params=params, description="ignored")
        ignore = (("description",), ("auth", "params", "only"), ("auth", "params", "named", "[name=n]", "v"))
        one = Stage([want("Connection/a", spec, ignore=ignore)])
        assert one.apply().succeeded
        kept = one.ledger.entries[named("Connection/a")]
        assert kept.applied["auth"]["params"] == {
            "user": "u", "e": {}, "l": [], "list": ["plain"], "named": [{"name": "n"}],
        }  # fmt: skip
        assert "description" not in kept.applied
        assert sorted(kept.secrets) == [f"/auth/params/{end}" for end in ("list/1", "named/[name=n]/key", "password")]
        assert "first" not in repr(kept)

    def test_a_spec_that_is_all_secret_is_an_empty_entry(self):
        """Nothing declared is left, and members of shared sets count only while they are there."""
        memory = Memory("o", "s", vault())
        one = Match(want("Connection/a", {"auth": secret()}), {"auth": secret()})
        assert memory.entry(one, live(C, "a", {}), {}).applied == {}


def test_steps_that_need_nothing_have_no_work():
    """Out of scope, or as the ledger knows it."""
    one = managed("a")
    planned = one.plan()
    assert not any(execution._has_work(step) for step in planned.steps.values())
    one = managed("a", description="d")
    planned = one.plan(exclude=["Connection/a"])
    assert not any(execution._has_work(step) for step in planned.steps.values())


def test_a_step_without_anything_to_do_ends_unchanged():
    """Out of scope and not there: nothing is remembered."""
    one = Stage([want("Connection/a", PLAIN)])
    step = one.plan(exclude=["Connection/a"]).steps[named("Connection/a")]
    hands = Hands(one.service, one.clock.clock, lambda _slot: None, lambda: None, 0)
    done = Writer(hands, ("o", "s")).carry_out(step, {})
    assert (done.result.status, done.entry, one.service.calls) == (Status.UNCHANGED, None, [])


def test_a_status_that_is_bad_is_one_that_others_cannot_build_upon():
    """Applied and unchanged are good; blocked and refused are, where it exists."""
    one = managed("a").plan().steps[named("Connection/a")].change
    bad = {status for status in Status if execution._is_bad(execution._ended(one, status))}
    assert bad == set(Status) - {Status.APPLIED, Status.UNCHANGED, Status.BLOCKED, Status.REFUSED}


def test_what_nobody_reviewed_is_refused():
    """It is named with the reason and not sent, nor is what cannot exist without it; the rest is done."""
    one = managed("a", "b", description="d")
    one.declare(
        want("Connection/new", PLAIN),
        want("SourceConnection/s", {"name": "s", "baseConnectionId": ref("Connection/new")}),
    )
    planned = dataclasses.replace(
        one.plan(), refused={named(f"Connection/{name}"): "not reviewed" for name in ("a", "new")}
    )
    report = one.apply(planned)
    assert statuses(report) == {
        "Connection/a": "refused",
        "Connection/b": "applied",
        "Connection/new": "refused",
        "SourceConnection/s": "skipped",
    }
    assert {result.error for result in report.results if result.status is Status.REFUSED} == {"not reviewed"}
    assert [call[2] for call in one.service.writes()] == ["b"]
    assert not report.succeeded


def test_an_end_that_cannot_be_written_is_no_success():
    """All was applied, and the ledger does not know: whoever reads the exit code has to look."""
    for error in (LeaseLost("taken over"), LedgerUnsaved("kept here")):
        one = managed("a", description="d")
        one.ledger.fail = {"end": error}
        report = one.apply()
        assert statuses(report) == {"Connection/a": "applied"}
        assert not report.succeeded
        assert str(report.notices[-1]) == str(error)


def test_what_a_dead_run_may_have_created_is_named_when_its_manifest_has_left():
    """Nothing else would ever tell of it; what git or the ledger knows is not named."""
    one = managed("a")
    one.declare(want("Connection/renamed", PLAIN, previous_name=named("Connection/former")))
    intents = tuple(Intent(named(f"Connection/{name}"), "create", None, None) for name in ("a", "former", "lost"))
    one.ledger.open = Begin("dead", "bob", "", None, 0, 1, (*intents, Intent(named("Flow/f"), "update", "f", None)))
    told = [str(notice) for notice in one.apply().notices if "may have created" in str(notice)]
    assert len(told) == 1
    assert "Connection/lost, whose manifest has left git" in told[0]


def test_a_begin_that_took_its_time_leaves_less_of_the_hold(monkeypatch):
    """What others may take over after is the expiry that was written: nothing is sent past it."""
    one = managed("a", description="d")
    usual = type(one.ledger).begin

    def slow(ledger, begin, seen=None):
        taken_over = usual(ledger, begin, seen)
        one.clock.time += LEASE_SECONDS + 1
        return taken_over

    monkeypatch.setattr(type(one.ledger), "begin", slow)
    one.ledger.fail = {"renew": LeaseLost("taken over meanwhile")}
    with pytest.raises(LeaseLost, match="taken over meanwhile"):
        one.apply()
    assert one.service.writes() == []
