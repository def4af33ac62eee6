"""A new object in the place of one that cannot be changed: when, why not, and what a run that was killed has left."""

from __future__ import annotations

import dataclasses

import pytest
from unit.engine.fakes import change_of, connection, entry, live, named, plan, snapshot, state, vault, want

from reconciler.engine.drift import drift
from reconciler.engine.renewal import moved, retire
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, Intent
from reconciler.model.plan import Action
from reconciler.model.resources import OnImmutable, OnRemove
from reconciler.model.results import DriftStatus

CRM = "Connection/crm"
OLD = connection(params={"username": "reader"})
NEW = {**OLD, "connectionSpec": {"id": "another", "version": "1.0"}}
LEFT = "Connection/crm-replaced-old1"
KNOWN = entry(CRM, "old-1", OLD)


def wanted(spec=NEW, **fields):
    return want(CRM, spec, on_immutable=OnImmutable.REPLACE, **fields)


def crm(id="old-1", spec=OLD, **fields):
    return live(Kind.CONNECTION, id, spec, **fields)


def dead(*known, action="replace", id="old-1"):
    return Begin("run-0", "dead", "d", None, 0, 1, (Intent(named(CRM), action, id, None, known),))


def test_a_replacement_and_its_deletion():
    """The new object is made, then the old one goes: the deletion waits for whoever takes the place."""
    planned = plan([wanted()], state(KNOWN), snapshot(crm()))
    change = change_of(planned, CRM)
    assert (change.action, change.id, [request.method for request in change.requests]) == (
        Action.REPLACE,
        "old-1",
        ["POST"],
    )
    removal = planned.removals[named(LEFT)]
    assert (removal.successor, removal.after) == (named(CRM), {named(CRM)})
    assert removal.step.change.requests[0].path == "/connections/old-1"
    assert change.digest != removal.step.change.digest


def test_what_is_kept_of_the_old_object():
    """Enough to know it again, under a name of its own; no secret of it is sent any more."""
    kept = retire(dataclasses.replace(KNOWN, id="0B1C2D3E-0000", protect=True))
    assert str(kept.resource) == "Connection/crm-replaced-0b1c2d3e"
    assert (kept.applied, kept.secrets, kept.protect, kept.on_remove) == (OLD, {}, False, OnRemove.REPLACED)
    assert len(retire(entry(f"Connection/{'x' * 100}", "old-1", OLD)).resource.name) <= 100


def test_a_list_that_was_not_read_whole():
    """Who else is there is not known."""
    seen = dataclasses.replace(snapshot(crm()), complete=frozenset())
    assert "connections could not be read as a whole" in change_of(plan([wanted()], state(KNOWN), seen), CRM).blocked_by


@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        ({"policy": {"a": 1}}, "/policy"),
        ({"auth": {"specName": "Basic", "params": {"username": "reader", "port": 1}}}, "/auth/params/port"),
        (dict.fromkeys("abcde", 1), "/a, /b, /c and 2 more"),
        ({"policy": None, "description": "", "encryption": {}}, None),
        ({"auth": {"specName": "Basic", "params": {"username": "reader", "inletUrl": "https://x"}}}, None),
        ({"auth": "odd"}, None),
    ],
    ids=repr,
)
def test_what_the_new_object_would_lose(fields, lost):
    """What somebody else has put there, empty things and the service's own left out."""
    change = change_of(plan([wanted()], state(KNOWN), snapshot(crm(**fields))), CRM)
    assert change.action is (Action.BLOCKED if lost else Action.REPLACE)
    if lost:
        assert f"the new object would lose {lost}, which no manifest declares" in change.blocked_by


def test_a_body_that_cannot_be_created_is_not_half_replaced():
    """What forbids a create forbids a replacement."""
    body = {**connection(), "name": "F", "state": "disabled", "flowSpec": {"id": "other"}}
    flow = {**body, "flowSpec": {"id": "one"}, "state": "enabled"}
    seen = snapshot(live(Kind.FLOW, "f", flow))
    change = change_of(
        plan([want("Flow/f", body, on_immutable=OnImmutable.REPLACE)], state(entry("Flow/f", "f", flow)), seen),
        "Flow/f",
    )
    assert "It cannot be replaced: a new flow is created enabled" in change.blocked_by


def test_what_a_dead_run_has_made_takes_the_place():
    """Nothing is created again, and the old object goes as planned."""
    planned = plan([wanted()], dataclasses.replace(state(KNOWN), open=dead()), snapshot(crm(), crm("new-1", NEW)))
    change = change_of(planned, CRM)
    assert (change.action, change.id) == (Action.ADOPT, "new-1")
    assert "in the place of old-1, by a run that never ended" in change.notes
    assert planned.steps[named(CRM)].retired == retire(KNOWN)
    assert planned.removals[named(LEFT)].step.change.action is Action.DELETE


@pytest.mark.parametrize("begun", [dead("new-1"), dead(action="update"), dead(id="other")], ids=repr)
def test_what_was_there_before_is_nobodys_replacement(begun):
    """Another object of the name, or another intent: it is not ours, and what a lost POST has made looks like it."""
    planned = plan([wanted()], dataclasses.replace(state(KNOWN), open=begun), snapshot(crm(), crm("new-1", NEW)))
    change = change_of(planned, CRM)
    assert (change.action, change.id) == (Action.BLOCKED, "old-1")
    assert "new-1 has its name and its new spec already, and nothing manages that" in change.blocked_by


def test_a_namesake_that_another_manifest_manages():
    """It can be mixed up with nothing: no suspect when an answer is lost."""
    other = want("Connection/other", NEW)
    known = state(KNOWN, entry("Connection/other", "new-1", NEW))
    planned = plan([wanted(), other], known, snapshot(crm(), crm("new-1", NEW)))
    assert change_of(planned, CRM).action is Action.REPLACE
    assert planned.steps[named(CRM)].match.same_named == ("new-1",)


def test_two_that_it_may_have_made():
    """A person has to tell them apart."""
    seen = snapshot(crm(), crm("new-1", NEW), crm("new-2", NEW))
    change = change_of(plan([wanted()], dataclasses.replace(state(KNOWN), open=dead()), seen), CRM)
    assert change.action is Action.BLOCKED
    assert "one of new-1, new-2 in the place of old-1" in change.blocked_by


def test_an_old_object_that_is_left():
    """It is deleted without --prune, and not called drift of anybody."""
    known = state(entry(CRM, "new-1", NEW), retire(KNOWN))
    seen = snapshot(crm(), crm("new-1", NEW))
    planned = plan([wanted()], known, seen)
    assert [(str(one.resource), one.action) for one in planned.plan.changes] == [(LEFT, Action.DELETE)]
    items = {item.resource: item for item in drift(planned, known, seen).items}
    assert (items[LEFT].status, items[LEFT].detail) == (
        DriftStatus.PENDING, "another object has taken its place; the next apply deletes it",
    )  # fmt: skip
    assert change_of(plan([wanted()], known, snapshot(crm("new-1", NEW))), LEFT).action is Action.FORGET


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [("enabled", "disabled", ["/state"]), ("enabling", "enabled", []), ("enabled", "enabled", [])],
)
def test_a_flow_that_was_stopped_since(before, after, told):
    """The new one would run; a state that only arrives is no news."""
    seen, fresh = (live(Kind.FLOW, "f", {"name": "F"}, state=state) for state in (before, after))
    assert moved(seen, fresh, vault(), holds_secrets=False) == told


def test_a_list_and_a_get_may_show_a_secret_each_in_its_way():
    """What is no secret counts, and what the service hides in one of the two does not."""
    params = {"username": "reader", "password": "clear"}
    seen = crm(auth={"specName": "Basic", "params": {"username": "reader"}})
    for shown in ("****", None, "", "clear"):
        fresh = crm(auth={"specName": "Basic", "params": params | {"password": shown}})
        assert moved(seen, fresh, vault(), holds_secrets=True) == []
    fresh = crm(auth={"specName": "Basic", "params": params | {"username": "writer"}})
    assert moved(seen, fresh, vault(), holds_secrets=True) == ["/auth"]
    bare = {key: value for key, value in OLD.items() if key != "auth"}
    assert moved(crm(spec=bare), crm(auth={"params": {"password": "clear"}}), vault(), holds_secrets=True) == []
    assert moved(crm(), crm(updatedAt=2), vault(), holds_secrets=True) == ["it, and its secrets perhaps"]
    assert moved(crm(), crm(updatedAt=2), vault(), holds_secrets=False) == []
