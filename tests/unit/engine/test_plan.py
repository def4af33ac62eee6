"""The whole plan: what needs what, what is left behind, digests, guards, and what a person is told."""

from __future__ import annotations

import dataclasses
import time
from typing import ClassVar

import pytest
from unit.engine.fakes import (
    KEYS,
    NOW,
    SPEC_ID,
    Quiet,
    change_of,
    connection,
    entry,
    flow,
    live,
    named,
    plan,
    ref,
    secret,
    snapshot,
    state,
    vault,
    want,
)

from reconciler.diff.document import MISSING
from reconciler.engine.credentials import context
from reconciler.engine.drift import drift
from reconciler.engine.guard import check_secrets, check_size
from reconciler.model.errors import PlanRefused, SecretMissing
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action
from reconciler.model.resources import Guards, Location, OnRemove
from reconciler.model.results import DriftStatus
from reconciler.model.secrets import Fingerprint, Keys, Secret

UNKNOWN = Fingerprint(None, None)
APPLIED = connection(params={"username": "reader"})
THERE = connection(params={"username": "reader", "password": "first"})
SOURCE = {"name": "S", "baseConnectionId": ref("Connection/crm"), "connectionSpec": {"id": SPEC_ID}}
OTHER_KEYS = Keys.derive(Secret("other"))


def mark(value, keys=KEYS, id="a"):
    where = context("ORG@AdobeOrg", "bench", id, ("auth", "params", "password"))
    return {"/auth/params/password": keys.fingerprint(where, Secret(value))}


def crm(text="Connection/crm", id="a", secrets=None, **fields):
    secrets = {"/auth/params/password": UNKNOWN} if secrets is None else secrets
    return entry(text, id, APPLIED, secrets=secrets, **fields)


def there(id="a", **fields):
    return live(Kind.CONNECTION, id, {**THERE, **fields})


def digest_of(resources, text="Connection/crm", **around):
    return change_of(plan(resources, **around), text).digest


def test_progress_is_told_now_and_then():
    """Every hundredth resource, so that telling costs nothing."""
    names = [f"Connection/c{at:03}" for at in range(150)]
    told = Quiet()
    planned = plan([want(name, connection(name, params={})) for name in names], progress=told)
    assert planned.plan.summary["create"] == 150
    assert told.steps == [
        ("planning", 0, 150, names[0]),
        ("planning", 100, 150, names[100]),
        ("planning", 150, 150, ""),
    ]
    empty = Quiet()
    plan([], progress=empty)
    assert empty.steps == []


def test_an_estate_of_nothing_says_how_to_begin():
    """Not so where something has left git: that is another story."""
    (told,) = plan([]).plan.notices
    assert "reconciler --target bench import" in told.message
    assert plan([], state(entry("Connection/crm", "a", {"name": "CRM"}))).plan.notices == ()


class TestDigests:
    """What was reviewed in a pull request fits the apply that does it."""

    VALUES = ({"FLOW_SECRET_PASSWORD": "first"}, {"FLOW_SECRET_PASSWORD": "second"}, {})

    def test_of_a_create_they_do_not_depend_on_secrets_or_key(self):
        """Nor on the commit."""
        one = [want("Connection/crm", connection())]
        digests = {digest_of(one, values=values, keys=keys) for values in self.VALUES for keys in (KEYS, None)}
        assert len(digests) == 1
        assert digests != {digest_of([want("Connection/crm", connection("Other"))])}

    def test_of_an_update_they_do_not_depend_on_secrets_key_or_etag(self):
        """A secret that was rotated at the same time is sent with it, and changes no digest."""
        one = [want("Connection/crm", connection("New"))]
        ledger = state(crm(secrets=mark("first")))
        digests = {
            digest_of(one, ledger=ledger, seen=snapshot(there(etag=etag)), values=values, keys=keys)
            for values in self.VALUES
            for keys in (KEYS, OTHER_KEYS, None)
            for etag in ('"1"', '"2"')
        }
        assert len(digests) == 1
        assert None not in digests

    def test_of_a_create_they_do_not_depend_on_which_references_exist(self):
        """Whether the connection is made in this run or was there already, the source connection is the same one."""
        both = [want("Connection/crm", connection()), want("SourceConnection/s", SOURCE)]
        first = digest_of(both, "SourceConnection/s")
        then = digest_of(both, "SourceConnection/s", ledger=state(crm()), seen=snapshot(there()))
        assert first == then

    def test_of_another_object_sandbox_or_organisation_they_are_others(self):
        """What was reviewed for one place says nothing of another."""
        one = want("Connection/crm", connection("New"))
        digests = {digest_of([one], ledger=state(crm(id=id)), seen=snapshot(there(id))) for id in ("a", "b")}
        assert len(digests) == 2

    def test_a_rotation_has_none(self):
        """Nobody can review a value."""
        one, ledger = [want("Connection/crm", connection())], state(crm(secrets=mark("first")))
        planned = plan(one, ledger, snapshot(there()), values={"FLOW_SECRET_PASSWORD": "second"}, keys=KEYS)
        change = change_of(planned, "Connection/crm")
        assert (change.action, change.digest) == (Action.UPDATE, None)
        assert planned.plan.digest == plan([], ledger).plan.digest

    def test_a_forget_has_one(self):
        """An entry that leaves the ledger is a change to review."""
        ledger = state(crm(on_remove=OnRemove.FORGET), crm("Connection/b", "b", on_remove=OnRemove.FORGET))
        changes = plan([], ledger).plan.changes
        assert {change.action for change in changes} == {Action.FORGET}
        assert len({change.digest for change in changes} - {None}) == 2


class TestScope:
    """--only and --exclude."""

    LEDGER = state(crm(on_remove=OnRemove.FORGET), crm("Connection/b", "b", on_remove=OnRemove.FORGET))

    @pytest.mark.parametrize("scope", [{"only": ["Connection/crm"]}, {"exclude": ["Connection/b"]}])
    def test_they_hold_for_what_is_forgotten(self, scope):
        """What is out of scope stays an orphan."""
        planned = plan([], self.LEDGER, snapshot(there(), there("b")), **scope)
        assert set(planned.removals) == {named("Connection/crm")}
        assert [orphan.resource for orphan in planned.plan.orphans] == [named("Connection/b")]

    def test_what_is_out_of_scope_is_unchanged(self):
        """And what needs it, if it does not exist yet, is blocked."""
        both = [want("Connection/crm", connection()), want("SourceConnection/s", SOURCE)]
        planned = plan(both, exclude=["Connection/crm"])
        assert change_of(planned, "Connection/crm").action is Action.UNCHANGED
        assert "left out of this run" in change_of(planned, "SourceConnection/s").blocked_by


def test_what_needs_something_blocked_is_blocked():
    """It cannot get an id in this run; one that exists has its id, blocked or not."""
    both = [want("Connection/crm", {}), want("SourceConnection/s", SOURCE)]
    assert change_of(plan(both), "SourceConnection/s").blocked_by == "needs Connection/crm, which is blocked"
    moved = want("Connection/crm", connection(connectionSpec={"id": "other"}))
    planned = plan([moved, want("SourceConnection/s", SOURCE)], state(crm()), snapshot(there()))
    assert change_of(planned, "Connection/crm").action is Action.BLOCKED
    assert change_of(planned, "SourceConnection/s").action is Action.CREATE


@pytest.mark.parametrize("start", [NOW - 1, NOW, MISSING])
def test_a_new_flow_cannot_be_created_disabled_once_it_would_run(start):
    """It would run before it is disabled; with a start ahead it is two requests."""
    schedule = {"frequency": "day"} | ({} if start is MISSING else {"startTime": start})
    planned = plan([want("Flow/f", flow(state="disabled", scheduleParams=schedule))])
    assert "created enabled" in change_of(planned, "Flow/f").blocked_by
    ahead = change_of(plan([want("Flow/f", flow(state="disabled"))]), "Flow/f")
    assert [request.path for request in ahead.requests] == ["/flows", "/flows/{Flow/f}/action?op=disable"]
    assert "state" not in ahead.requests[0].body
    assert "/state" in [field.path for field in ahead.fields]


def test_a_create_sends_no_nulls_and_marks_what_it_does_not_know():
    """References and secrets that are not at hand are unknown; all of nulls is an empty body."""
    both = [want("Connection/crm", connection(description=None)), want("SourceConnection/s", SOURCE)]
    planned = plan(both, values={"FLOW_SECRET_PASSWORD": "v"})
    one = change_of(planned, "Connection/crm")
    assert "description" not in one.requests[0].body
    assert not any(field.unknown for field in one.fields)
    assert [f.path for f in change_of(planned, "SourceConnection/s").fields if f.unknown] == ["/baseConnectionId"]
    assert [f.path for f in change_of(plan(both), "Connection/crm").fields if f.unknown] == ["/auth"]
    assert change_of(plan([want("Flow/f", {"name": None})]), "Flow/f").requests[0].body == {}


class TestPasswords:
    """What the connection's own spec marks."""

    MARKS: ClassVar = {"authSpec": [{"name": "Basic", "spec": {"properties": {"zip": {"format": "password"}}}}]}

    def planned(self, value, seen=(), **others):
        one = want("Connection/crm", connection(params={"zip": value}, **others), source=Location("f", 1, 2))
        return plan([one, want("ConnectionSpec/own", {"name": "own", **self.MARKS})], seen=snapshot(*seen))

    @pytest.mark.parametrize("how", ["live", "in git"])
    def test_a_literal_is_masked_and_complained_about(self, how):
        """Known from the live spec or from the manifest that the connection refers to."""
        if how == "live":
            planned = self.planned("p4ss", [live(Kind.CONNECTION_SPEC, SPEC_ID, self.MARKS)])
        else:
            planned = self.planned("p4ss", connectionSpec={"id": ref("ConnectionSpec/own")})
        assert "plain text at /auth/params/zip" in str(planned.plan.notices[0])
        assert "p4ss" not in repr(planned.plan)

    def test_a_number_in_a_password_s_place_is_blocked(self):
        """It cannot be sealed: what is sent for it would be text."""
        seen = [live(Kind.CONNECTION_SPEC, SPEC_ID, self.MARKS)]
        change = change_of(self.planned(7, seen), "Connection/crm")
        assert "/auth/params/zip is a password and a number" in change.blocked_by

    def test_odd_specs_mark_nothing(self):
        """Whatever stands in the place of an id or of a name."""
        odd = connection(params={"zip": "x"}, connectionSpec={"id": ["x"]})
        theirs = live(Kind.CONNECTION, "a", {"name": "CRM", "connectionSpec": {"id": {}}})
        planned = plan([want("Connection/crm", {**odd, "auth": "x"}, id="a")], seen=snapshot(theirs))
        assert change_of(planned, "Connection/crm").action is Action.BLOCKED


class TestLeftBehind:
    """Entries whose manifest has left git."""

    def test_an_orphan_is_named(self):
        """It stays; protect is remembered."""
        (orphan,) = plan([], state(crm(protect=True)), snapshot(there())).plan.orphans
        assert (orphan.resource, orphan.id, orphan.protect) == (named("Connection/crm"), "a", True)

    @pytest.mark.parametrize("id", ["a", None])
    def test_one_whose_object_another_manifest_holds_is_none(self, id):
        """By metadata.id, or by an entry of its own; nor is it forgotten."""
        ledger = state(crm(on_remove=OnRemove.FORGET), *([] if id else [crm("Connection/new")]))
        planned = plan([want("Connection/new", connection(), id=id)], ledger, snapshot(there()))
        assert planned.plan.orphans == ()
        assert planned.removals == {}

    def test_an_entry_stands_for_its_object_also_while_that_is_gone(self):
        """A renamed manifest whose object was deleted leaves no orphan."""
        moved = want("Connection/new", connection("N"), previous_name=named("Connection/crm"))
        assert plan([moved], state(crm())).plan.orphans == ()


class TestNotices:
    """What a person is told besides."""

    def test_without_a_key_rotations_cannot_be_seen(self):
        """Said iff there are secrets."""
        assert "RECONCILER_KEY is not set" in str(plan([want("Connection/c", connection())]).plan.notices[0])
        assert plan([want("Connection/c", APPLIED)]).plan.notices == ()

    def test_with_another_key_neither(self):
        """It names whose secrets, and the way out; so it does for those that were sent when there was no key."""
        wanted = [want("Connection/crm", connection()), want("Connection/b", connection("b"))]
        ledger = state(crm(secrets=mark("first", OTHER_KEYS)), crm("Connection/b", "b"))
        values = {"FLOW_SECRET_PASSWORD": "v"}
        other, none = plan(wanted, ledger, snapshot(there(), there("b")), keys=KEYS, values=values).plan.notices
        assert "secrets of Connection/crm were sent" in str(other)
        assert "secrets of Connection/b were not fingerprinted" in str(none)

    def test_without_the_value_neither(self):
        """It names the variable and whose it is; said iff there is a key, without which nothing is seen anyway."""
        (notice,) = plan([want("Connection/crm", connection())], keys=KEYS).plan.notices
        assert "FLOW_SECRET_PASSWORD (Connection/crm)" in str(notice)

    def test_ledger_notes_are_passed_on(self):
        """They come from its reader."""
        assert str(plan([], dataclasses.replace(state(), notes=("hm",))).plan.notices[0]) == "hm"

    def test_secrets_are_unverified_until_they_are_sent(self):
        """An adoption says so; one that sends them does not."""
        adopted = plan([want("Connection/crm", connection())], seen=snapshot(there()))
        assert "unverified" in change_of(adopted, "Connection/crm").notes[0]
        rotated = plan([want("Connection/crm", connection())], seen=snapshot(there()), rotate=["Connection/crm"])
        assert change_of(rotated, "Connection/crm").notes == (
            "secrets to be sent are not at hand here: /auth/params/password",
        )

    def test_a_description_that_is_not_shown_may_be_lost(self):
        """A PUT of a connection spec that neither git nor live describes."""
        spec = {"name": "N", "providerId": "p"}
        seen = snapshot(live(Kind.CONNECTION_SPEC, "a", {**spec, "providerId": "o"}))
        change = change_of(plan([want("ConnectionSpec/n", spec)], seen=seen), "ConnectionSpec/n")
        assert "may clear it" in change.notes[0]
        described = change_of(
            plan([want("ConnectionSpec/n", {**spec, "description": "d"})], seen=seen), "ConnectionSpec/n"
        )
        assert described.notes == ()


class TestGuards:
    """What has to be asked for by name."""

    def estate(self, count, changed, *, entries=True):
        names = [f"Connection/c{at:02}" for at in range(count)]
        wanted = [
            want(text, {**APPLIED, "name": "New" if at < changed else f"c{at}"}, id=None if entries else f"id{at}")
            for at, text in enumerate(names)
        ]
        lives = [live(Kind.CONNECTION, f"id{at}", {**APPLIED, "name": f"c{at}"}) for at in range(count)]
        ledger = state(*(entry(text, f"id{at}", {**APPLIED, "name": f"c{at}"}) for at, text in enumerate(names)))
        return plan(wanted, ledger if entries else state(), snapshot(*lives))

    @pytest.mark.parametrize(("count", "changed", "refused"), [(10, 6, True), (10, 5, False), (9, 9, False)])
    def test_a_share_of_what_is_managed(self, count, changed, refused):
        """More than half, from ten up."""
        planned = self.estate(count, changed)
        assert planned.plan.summary["update"] == changed
        if refused:
            with pytest.raises(PlanRefused, match="changes 6 of 10 managed"):
                check_size(planned, Guards())
        else:
            check_size(planned, Guards())

    def test_adopting_updates_do_not_count(self):
        """They are not managed yet: an estate taken over with all its fields put right passes."""
        planned = self.estate(12, 12, entries=False)
        assert planned.plan.summary["update"] == 12
        managed = self.estate(10, 0)
        check_size(dataclasses.replace(planned, steps={**planned.steps, **renamed(managed.steps)}), Guards())

    def test_forgetting_counts_as_letting_go(self):
        """Six resources that leave at once are more than five."""
        entries = [crm(f"Connection/c{at}", f"{at}", on_remove=OnRemove.FORGET) for at in range(6)]
        kept = [want("Connection/kept", APPLIED)]
        with pytest.raises(PlanRefused, match="lets 6 resources go"):
            check_size(plan(kept, state(*entries)), Guards())
        check_size(plan(kept, state(*entries[:5])), Guards())

    def test_an_empty_folder_lets_nothing_go(self):
        """Not even one resource: a folder without manifests is more often a mistake than a wish."""
        leaving = crm("Connection/c", "c", on_remove=OnRemove.FORGET)
        with pytest.raises(PlanRefused, match="no manifest declares anything for this target, and 1 managed"):
            check_size(plan([], state(leaving)), Guards())
        check_size(plan([], state(crm("Connection/c", "c"))), Guards())

    @pytest.mark.parametrize(("gone", "there_still", "refused"), [(3, 2, True), (3, 3, False), (2, 0, False)])
    def test_many_missing_at_once(self, gone, there_still, refused):
        """Three or more, and over half: this credential may not see all."""
        total = gone + there_still
        wanted = [want(f"Connection/c{at}", {**APPLIED, "name": f"c{at}"}) for at in range(total)]
        ledger = state(*(entry(f"Connection/c{at}", f"id{at}", {**APPLIED, "name": f"c{at}"}) for at in range(total)))
        lives = [live(Kind.CONNECTION, f"id{at}", {**APPLIED, "name": f"c{at}"}) for at in range(gone, total)]
        planned = plan(wanted, ledger, snapshot(*lives))
        if refused:
            with pytest.raises(PlanRefused, match=f"{gone} of {total} managed objects are missing at once"):
                check_size(planned, Guards())
        else:
            check_size(planned, Guards())

    def test_every_missing_secret_is_named(self):
        """All at once, with where it stands and what is not set; those at hand are not."""
        params = {"password": secret(), "token": secret("/auth/params/token", "FLOW_SECRET_TOKEN")}
        planned = plan([want("Connection/a", connection()), want("Connection/b", connection(params=params))])
        with pytest.raises(SecretMissing) as caught:
            check_secrets(planned, vault({"FLOW_SECRET_TOKEN": "t"}))
        assert str(caught.value).splitlines()[1:] == [
            "  Connection/a /auth/params/password: env FLOW_SECRET_PASSWORD is not set",
            "  Connection/b /auth/params/password: env FLOW_SECRET_PASSWORD is not set",
        ]
        check_secrets(planned, vault({"FLOW_SECRET_TOKEN": "t", "FLOW_SECRET_PASSWORD": "p"}))


class TestDrift:
    """Live beside what we left."""

    def report(self, wanted, ledger, *lives, unmanaged=False):
        seen = snapshot(*lives)
        found = drift(plan(wanted, ledger, seen), ledger, seen, unmanaged=unmanaged)
        return {item.resource: item for item in found.items}

    def test_who_wrote_last_is_told(self):
        """And what is odd about it is not."""
        one = want("Connection/crm", connection())
        found = self.report([one], state(crm()), there(name="Moved"))["Connection/crm"]
        assert (found.status, found.changed_by, found.changed_client) == (DriftStatus.DRIFTED, "ann@AdobeID", "exc_app")
        assert [(f.path, f.before, f.after) for f in found.fields] == [("/name", "CRM", "Moved")]
        odd = there(name="Moved", updatedBy=[], updatedClient={}, updatedAt="x")
        found = self.report([one], state(crm()), odd)["Connection/crm"]
        assert (found.changed_by, found.changed_client, found.changed_at) == (None, None, None)

    def test_what_waits_for_an_apply_is_pending(self):
        """Changed in git, not created, or blocked."""
        wanted = [
            want("Connection/crm", connection("New")),
            want("Connection/none", connection("none")),
            want("Connection/blocked", {}),
            want("Connection/fine", connection("CRM"), id="b"),
        ]
        found = self.report(wanted, state(crm()), there(), there("b"))
        statuses = {text: item.status for text, item in found.items()}
        pending = dict.fromkeys(["Connection/crm", "Connection/none", "Connection/blocked"], DriftStatus.PENDING)
        assert statuses == {**pending, "Connection/fine": DriftStatus.IN_SYNC}

    def test_what_must_be_absent_and_is_there_has_drifted(self):
        """What we left was nothing. Without an entry what git says is the best that is known."""
        one = want("Connection/crm", connection(description=None))
        ledger = state(dataclasses.replace(crm(), applied={**APPLIED, "description": None}))
        found = self.report([one], ledger, there(description="d"))["Connection/crm"]
        assert [(f.path, f.before, f.after) for f in found.fields] == [("/description", MISSING, "d")]
        found = self.report([want("Connection/crm", connection("X"), id="a")], state(), there())["Connection/crm"]
        assert [(f.path, f.before) for f in found.fields] == [("/name", "X")]

    def test_no_secret_is_shown(self):
        """Neither one that git had, nor one under a secret's name."""
        params = {"username": "reader", "sshKey": "git-key", "deep": {"a": 1}}
        ledger = state(
            entry("Connection/crm", "a", connection(params=params), secrets={"/auth/params/deep/was": UNKNOWN})
        )
        theirs = {"username": "x", "sshKey": "live-key", "deep": [{"token": "in-clear"}]}
        one = want("Connection/crm", connection(params=params))
        found = self.report([one], ledger, live(Kind.CONNECTION, "a", connection(params=theirs)))["Connection/crm"]
        assert {f.path: f.sensitive for f in found.fields} == {
            "/auth/params/username": False, "/auth/params/sshKey": True, "/auth/params/deep": False,
        }  # fmt: skip
        assert not any(word in repr(found) for word in ("git-key", "live-key", "in-clear"))

    def test_a_secret_that_left_git_is_not_shown_where_its_parent_drifts(self):
        """The path is known to have been one."""
        was = {"/auth/params/keys/0": UNKNOWN}
        ledger = state(entry("Connection/crm", "a", connection(params={"keys": []}), secrets=was))
        one = want("Connection/crm", connection(params={"keys": []}))
        theirs = live(Kind.CONNECTION, "a", connection(params={"keys": ["in-clear"]}))
        found = self.report([one], ledger, theirs)["Connection/crm"]
        assert "in-clear" not in repr(found)

    def test_orphans_are_looked_at(self):
        """There, gone, or not to be read."""
        ledger = state(crm(), crm("Connection/b", "b"), entry("Flow/f", "f", {}))
        seen = snapshot(there(), unreadable={(Kind.FLOW, None): "403"})
        found = drift(plan([], ledger, seen), ledger, seen)
        assert [item.status for item in found.items] == [
            DriftStatus.MISSING, DriftStatus.ORPHANED, DriftStatus.UNREADABLE,
        ]  # fmt: skip
        assert not found.readable

    def test_the_unmanaged_are_named_when_asked_for(self):
        """Everybody else's objects, but for specs; managed ones and orphans are none of them."""
        wanted = [want("Connection/new", connection("New"), id="n")]
        lives = [there(), there("n"), there("z", name=7), live(Kind.CONNECTION_SPEC, "s", {})]
        found = self.report(wanted, state(crm()), *lives, unmanaged=True)
        assert [text for text, item in found.items() if item.status is DriftStatus.UNMANAGED] == ["Connection/z"]
        assert found["Connection/z"].detail is None


def renamed(steps):
    return {dataclasses.replace(name, name=f"managed-{name.name}"): step for name, step in steps.items()}


def estate_of(flows):
    """Return so many flows with a source and a target connection each, wanted and as they are live."""
    wanted, lives, entries = [], [], []
    for at in range(flows):
        source = {"name": f"s{at}", "connectionSpec": {"id": SPEC_ID}, "params": {"t": at}, "data": {"format": "x"}}
        target = {"name": f"t{at}", "connectionSpec": {"id": SPEC_ID}, "params": {"t": at}, "data": {"format": "x"}}
        ends = {"sourceConnectionIds": [f"S{at}"], "targetConnectionIds": [f"T{at}"]}
        refs = {
            "sourceConnectionIds": [ref(f"SourceConnection/s{at}")],
            "targetConnectionIds": [ref(f"TargetConnection/t{at}")],
        }
        mapping = [{"name": "Mapping", "params": {"mappingId": "m", "mappingVersion": 0}}]
        body = flow(f"f{at}", transformations=mapping)
        three = (
            ("SourceConnection", f"s{at}", f"S{at}", source, source),
            ("TargetConnection", f"t{at}", f"T{at}", target, target),
            ("Flow", f"f{at}", f"F{at}", {**body, **refs}, {**body, **ends}),
        )
        for kind, name, id, spec, document in three:
            moved = {**document, "name": f"{document['name']} moved"} if at % 2 else document
            wanted.append(want(f"{kind}/{name}", spec))
            lives.append(live(kind, id, moved))
            entries.append(entry(f"{kind}/{name}", id, document))
    return wanted, state(*entries), snapshot(*lives)


def seconds_to_plan(flows):
    wanted, ledger, seen = estate_of(flows)
    before = time.process_time()
    planned = plan(wanted, ledger, seen)
    took = time.process_time() - before
    assert planned.plan.summary["update"] == flows // 2 * 3
    return took


def test_planning_takes_time_in_proportion():
    """Four times the flows take about four times as long, and 500 flows a moment: nothing is quadratic."""
    seconds_to_plan(20)
    small, large = seconds_to_plan(125), seconds_to_plan(500)
    assert large < max(10 * small, 0.5)
    assert large < 10
