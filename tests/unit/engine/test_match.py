"""Which object is which: by id, by the ledger, by a name that one object bears; and what becomes of the gone."""

from __future__ import annotations

import pytest
from unit.engine.fakes import change_of, connection, entry, live, named, plan, ref, snapshot, state, want

from reconciler.diff.outcomes import Cause
from reconciler.engine.drift import drift
from reconciler.engine.match import match
from reconciler.engine.order import graph, in_order, references
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, Intent
from reconciler.model.plan import Action
from reconciler.model.results import DriftStatus

BODY = connection(params={"username": "reader"})


def crm(id="a", **fields):
    return live(Kind.CONNECTION, id, BODY, **fields)


def known(id="a", text="Connection/crm"):
    return entry(text, id, BODY)


def begun(resource, *ids, action="create"):
    return Begin("run-0", "dead", "d", None, 0, 1, (Intent(named(resource), action, None, None, ids),))


def test_a_name_that_one_object_bears_is_adopted():
    """No id, no entry, one object of the name and spec."""
    change = change_of(plan([want("Connection/crm", BODY)], seen=snapshot(crm())), "Connection/crm")
    assert (change.action, change.id, change.causes, change.digest) == (Action.ADOPT, "a", {Cause.ADOPT}, None)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Other"},
        {"connectionSpec": {"id": "other"}},
        {"connectionSpec": "odd"},
        {"name": ["CRM"]},
    ],
    ids=repr,
)
def test_another_name_or_spec_is_another_object(other):
    """Then it is created."""
    planned = plan([want("Connection/crm", BODY)], seen=snapshot(crm(**other)))
    assert change_of(planned, "Connection/crm").action is Action.CREATE


def test_a_manifest_without_a_spec_is_found_by_its_name():
    """Where git names no spec, any of that name will do."""
    planned = plan([want("Connection/crm", {"name": "CRM"})], seen=snapshot(crm()))
    assert change_of(planned, "Connection/crm").id == "a"


def test_several_of_one_name_are_blocked_naming_them():
    """A person has to say which."""
    planned = plan([want("Connection/crm", BODY)], seen=snapshot(crm("b"), crm("a")))
    assert "2 live objects are named 'CRM' (a, b)" in change_of(planned, "Connection/crm").blocked_by


def test_several_manifests_for_one_object_are_blocked():
    """None of them may take it by coming first."""
    wanted = [want("Connection/crm", BODY), want("Connection/crm-2", BODY)]
    planned = plan(wanted, seen=snapshot(crm()))
    for text in ("Connection/crm", "Connection/crm-2"):
        assert "several manifests ask for the one live object named 'CRM' (a)" in change_of(planned, text).blocked_by
    created = plan(wanted)
    assert created.plan.summary["create"] == 2


def test_a_manifest_with_neither_name_nor_id_is_blocked():
    """It could not be found again."""
    planned = plan([want("Connection/crm", {"auth": {}})])
    assert "neither spec.name nor metadata.id" in change_of(planned, "Connection/crm").blocked_by


def test_a_gone_object_is_created_with_cause_drift():
    """The ledger's object is not there any more."""
    planned = plan([want("Connection/crm", BODY)], state(known()))
    change = change_of(planned, "Connection/crm")
    assert (change.action, change.causes) == (Action.CREATE, {Cause.DRIFT})


def test_a_gone_object_gives_way_to_the_one_that_bears_its_name():
    """Somebody's replacement, or ours from a create that was lost; the plan says so."""
    planned = plan([want("Connection/crm", BODY)], state(known()), snapshot(crm("b")))
    change = change_of(planned, "Connection/crm")
    assert (change.action, change.id) == (Action.ADOPT, "b")
    assert change.notes == ("a is gone; adopts b, which bears the name now",)


def test_a_gone_object_with_several_replacements_is_blocked():
    """And still missing for whoever looks for drift."""
    ledger = state(known())
    seen = snapshot(crm("b"), crm("c"))
    planned = plan([want("Connection/crm", BODY)], ledger, seen)
    assert change_of(planned, "Connection/crm").action is Action.BLOCKED
    assert drift(planned, ledger, seen).items[0].status is DriftStatus.MISSING


def test_an_id_that_is_gone_is_blocked_and_missing_in_drift():
    """metadata.id creates nothing."""
    ledger = state(known())
    planned = plan([want("Connection/crm", BODY, id="a")], ledger)
    change = change_of(planned, "Connection/crm")
    assert "metadata.id a does not exist" in change.blocked_by
    report = drift(planned, ledger, snapshot())
    assert [(item.id, item.status) for item in report.items] == [("a", DriftStatus.MISSING)]
    never = drift(plan([want("Connection/crm", BODY, id="z")], ledger), ledger, snapshot())
    assert [item.status for item in never.items] == [DriftStatus.PENDING]


def test_an_id_outranks_the_ledger():
    """The old object is let go as it is; the new one is adopted."""
    planned = plan([want("Connection/crm", BODY, id="b")], state(known()), snapshot(crm(), crm("b")))
    change = change_of(planned, "Connection/crm")
    assert (change.action, change.id) == (Action.ADOPT, "b")
    assert change.notes == ("lets a go, which stays as it is, and adopts b, which metadata.id names",)


def test_one_object_has_one_manifest():
    """A second one that names it, or is known by it in the ledger, is blocked."""
    wanted = [want("Connection/crm", BODY, id="a"), want("Connection/other", BODY)]
    planned = plan(wanted, state(known(text="Connection/other")), snapshot(crm()))
    assert "Connection/crm already manages a" in change_of(planned, "Connection/other").blocked_by
    assert change_of(planned, "Connection/crm").id == "a"


def test_what_another_manages_is_not_adopted():
    """Another one is made beside it, and a lost create must not be mixed up with what is there."""
    wanted = [want("Connection/crm", BODY), want("Connection/second", BODY)]
    planned = plan(wanted, state(known()), snapshot(crm()))
    assert change_of(planned, "Connection/second").action is Action.CREATE
    assert planned.steps[named("Connection/second")].match.same_named == ("a",)


def test_what_an_orphan_has_is_not_made_a_second_time():
    """The manifest was renamed, it seems: blocked with the way out."""
    planned = plan([want("Connection/second", BODY)], state(known()), snapshot(crm()))
    assert "add metadata.previousName: crm" in change_of(planned, "Connection/second").blocked_by
    renamed = want("Connection/second", BODY, previous_name=named("Connection/crm"))
    assert change_of(plan([renamed], state(known()), snapshot(crm())), "Connection/second").action is Action.UNCHANGED


def test_a_renamed_manifest_keeps_its_entry():
    """Unless the former name is a manifest's again, or the new one has an entry."""
    former = named("Connection/crm")
    moved = want("Connection/sales", BODY, previous_name=former)
    ledger = state(known())
    assert match([moved], ledger.entries, snapshot(crm()))[moved.name].entry == known()
    both = match([moved, want("Connection/crm", BODY)], ledger.entries, snapshot(crm()))
    assert both[moved.name].entry is None
    newer = known("b", "Connection/sales")
    found = match([moved], {**ledger.entries, newer.resource: newer}, snapshot(crm(), crm("b")))
    assert found[moved.name].entry == newer


def test_intents_tell_what_a_dead_run_has_made():
    """Of two objects of the name, the one that was there before its create is not it."""
    ledger = state(begun=begun("Connection/crm", "a"))
    planned = plan([want("Connection/crm", BODY)], ledger, snapshot(crm(), crm("b")))
    assert change_of(planned, "Connection/crm").id == "b"


@pytest.mark.parametrize("ids", [("a", "b"), ()], ids=["both were there", "neither was there"])
def test_intents_that_do_not_tell_leave_it_blocked(ids):
    """Also those of a write that was no create."""
    for action in ("create", "update"):
        ledger = state(begun=begun("Connection/crm", *ids, action=action))
        planned = plan([want("Connection/crm", BODY)], ledger, snapshot(crm(), crm("b")))
        assert change_of(planned, "Connection/crm").action is Action.BLOCKED


@pytest.mark.parametrize("id", ["a", None])
def test_what_cannot_be_read_is_blocked(id):
    """Unknown is not missing: nothing is planned for it."""
    ledger = state(known())
    seen = snapshot(unreadable={(Kind.CONNECTION, id): "403"})
    planned = plan([want("Connection/crm", BODY)], ledger, seen)
    assert change_of(planned, "Connection/crm").blocked_by == "could not be read: 403"
    assert drift(planned, ledger, seen).items[0].status is DriftStatus.UNREADABLE


def test_needs_come_first():
    """Each after what it refers to, otherwise by name; references are found in every corner."""
    flow = want("Flow/a", {"ids": [ref("SourceConnection/b")], "deep": {"x": ref("FlowSpec/c")}})
    wanted = [flow, want("FlowSpec/c", {}), want("SourceConnection/b", {"baseConnectionId": ref("Connection/none")})]
    assert [str(one.name) for one in in_order(wanted)] == ["FlowSpec/c", "SourceConnection/b", "Flow/a"]
    assert graph(wanted)[named("SourceConnection/b")] == frozenset()
    assert list(references(flow.spec)) == [named("SourceConnection/b"), named("FlowSpec/c")]
    assert list(references("text")) == []
