"""Secrets are taken out of the values of a result, and of nothing else."""

from __future__ import annotations

import pytest

from reconciler.diff.document import MISSING
from reconciler.model.credential_text import WHOLE
from reconciler.model.health import Check, Health
from reconciler.model.health import Status as HealthStatus
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action, Change, FieldChange, Plan, Request
from reconciler.model.resources import Notice, Reference, ResourceName
from reconciler.model.results import ApplyReport, DriftItem, DriftReport, DriftStatus, Result, Status
from reconciler.model.secrets import MASK, Redactor, SecretOrigin, SecretSlot
from reconciler.model.veil import Veil

NAME, SPEC = ResourceName(Kind.SOURCE_CONNECTION, "orders"), ResourceName(Kind.CONNECTION_SPEC, "orders")
URL, MASKED = "https://u:{}@h/", f"https://u:{MASK}@h/"
SLOT = SecretSlot("/auth/params/password", SecretOrigin.ENV, "FLOW_SECRET_A")


@pytest.fixture
def veil():
    redactor = Redactor()
    redactor.learn_all(["sunshine", "hunter-2-two", "orders"])
    redactor.publish(["orders"])
    return Veil(redactor)


def plan(*changes):
    return Plan("dev", "org", "dev", None, changes, 0, (), "", (Notice("hunter-2-two"),))


def change(*fields, name=NAME, **more):
    return Change(name, "hunter-2-two", Action.UPDATE, fields=fields, digest="sunshine", **more)


def test_values_lose_their_secrets_and_names_stay(veil):
    """What is live and what is sent; not what the resource, its path and its digest are called."""
    body = {"a": ["x sunshine", 1, None, True], "orders": "orders", "hunter-2-two": URL.format("p4")}
    one = change(
        FieldChange("/sunshine", "sunshine", URL.format("p4")),
        requests=(Request("PUT", "/hunter-2-two", body, "hunter-2-two"),),
        blocked_by="it is hunter-2-two, or sunshine",
        notes=("hunter-2-two",),
    )
    (shown,) = veil.plan(plan(one)).changes
    assert shown.fields == (FieldChange("/sunshine", MASK, MASKED),)
    (request,) = shown.requests
    assert request.body == {"a": [f"x {MASK}", 1, None, True], "orders": "orders", MASK: MASKED}
    assert (request.path, request.if_match, shown.id, shown.digest) == (
        *["/hunter-2-two", "hunter-2-two"],
        "hunter-2-two",
        "sunshine",
    )
    assert (shown.blocked_by, shown.notes) == (f"it is {MASK}, or sunshine", (MASK,))
    assert veil.over(plan(one)).notices == (Notice(MASK),)


def test_of_a_patch_only_the_values_are_looked_at(veil):
    """Op and path are ours, whatever a password is called."""
    patch = [
        {"op": "replace", "path": "/sunshine", "value": "sunshine"},
        {"op": "remove", "path": "/sunshine"},
        "sunshine",
    ]
    (shown,) = veil.plan(plan(change(requests=(Request("PATCH", "/x", patch),)))).changes
    assert shown.requests[0].body == [{"op": "replace", "path": "/sunshine", "value": MASK}, *patch[1:]]
    (deleted,) = veil.plan(plan(change(requests=(Request("DELETE", "/x"),)))).changes
    assert deleted.requests[0].body is None


def test_stand_ins_stay(veil):
    """Of secrets and references, also read back from a file; not an object of the service that looks like one."""
    stands = {"a": SLOT, "b": Reference(NAME), "c": SLOT.shown(), "d": Reference(NAME).shown(), "e": MISSING}
    (shown,) = veil.plan(plan(change(FieldChange("/params", stands, {"$secret": "p4ss", "$ref": 1})))).changes
    assert shown.fields[0].before == stands
    assert shown.fields[0].after == {"$secret": WHOLE, "$ref": 1}
    (shown,) = veil.plan(plan(change(FieldChange("/params", {"$secret": "p4ss"}, {"$ref": "sunshine"})))).changes
    assert (shown.fields[0].before, shown.fields[0].after) == ({"$secret": WHOLE}, {"$ref": MASK})


def test_a_value_whose_key_is_a_secrets_is_not_shown(veil):
    """Wherever it stands, but in a spec, where such a key is a property's; nothing and numbers are shown."""
    value = {"apiKey": "abc", "list": [{"token": "abc"}], "password": "", "pin": 1, "secret": None}
    fields = (FieldChange("/params", MISSING, value), FieldChange("/params/headers/0/token", "abc", "abd"))
    (shown,) = veil.plan(plan(change(*fields))).changes
    assert shown.fields[0].after == {**value, "apiKey": WHOLE, "list": [{"token": WHOLE}]}
    assert (shown.fields[1].before, shown.fields[1].after) == (WHOLE, WHOLE)
    assert shown.notes == ("what differs at /params/headers/0/token is a credential, which is not shown",)
    (shown,) = veil.plan(plan(change(*fields, name=SPEC))).changes
    assert (shown.fields, shown.notes) == (fields, ())
    patch = [{"op": "add", "path": "/params/apiKey", "value": "abc"}]
    (shown,) = veil.plan(plan(change(requests=(Request("PATCH", "/x", patch),)))).changes
    assert shown.requests[0].body[0]["value"] == WHOLE


def test_sensitive_fields_are_stand_ins_already(veil):
    """They are left as they are."""
    field = FieldChange("/auth/params/password", SLOT.shown(), SLOT.shown(), sensitive=True)
    assert veil.plan(plan(change(field))).changes[0].fields == (field,)


def test_it_is_said_where_only_a_credential_differs(veil):
    """Else a reader would see a change from a value to itself."""
    field = FieldChange("/params/url", URL.format("p4"), URL.format("p5"))
    item = DriftItem("SourceConnection/orders", "1", DriftStatus.DRIFTED, (field,), "sunshine", "sunshine", 1)
    (shown,) = veil.over(DriftReport("dev", (item,), (Notice("hunter-2-two"),))).items
    assert shown.fields[0].before == shown.fields[0].after == MASKED
    assert shown.detail == "what differs at /params/url is a credential, which is not shown"
    assert (shown.changed_by, shown.changed_client) == (MASK, MASK)
    spec = DriftItem(
        "ConnectionSpec/a", "1", DriftStatus.PENDING, (FieldChange("/token", "a", "b"),), detail="hunter-2-two"
    )
    (shown,) = veil.over(DriftReport("dev", (spec,))).items
    assert (shown.fields, shown.detail, shown.changed_by) == (spec.fields, MASK, None)
    quiet = DriftItem("Flow/a", "1", DriftStatus.IN_SYNC)
    assert veil.over(DriftReport("dev", (quiet,))).items == (quiet,)


def test_errors_and_checks_lose_their_secrets(veil):
    """Sentences that may quote somebody."""
    results = (
        Result(NAME, Action.UPDATE, Status.FAILED, error=f"no: {URL.format('p4')}"),
        Result(NAME, Action.UPDATE, Status.APPLIED),
    )
    report = veil.over(ApplyReport("dev", None, results, 0, notices=(Notice("hunter-2-two"),)))
    assert [one.error for one in report.results] == [f"no: {MASKED}", None]
    assert report.notices == (Notice(MASK),)
    health = veil.health(Health((Check("git", HealthStatus.FAILED, "hunter-2-two", URL.format("p4")),), "plan"))
    assert health.checks == (Check("git", HealthStatus.FAILED, MASK, MASKED),)


def test_an_id_is_masked_whole_or_not_at_all():
    """A part of it that is somebody's password says nothing; a secret that looks like an id is one."""
    redactor = Redactor()
    redactor.learn_all(["0c8e1f6a", "11111111-5b7d-4a39-9d1e-7f60a2b4c8d3"])
    veil = Veil(redactor)
    assert veil.value("0c8e1f6a-5b7d-4a39-9d1e-7f60a2b4c8d3") == "0c8e1f6a-5b7d-4a39-9d1e-7f60a2b4c8d3"
    assert veil.value("11111111-5b7d-4a39-9d1e-7f60a2b4c8d3") == MASK
    assert veil.value("x 0c8e1f6a") == f"x {MASK}"


def test_what_was_veiled_stays_as_it_is(veil):
    """A saved plan is shown as it was."""
    one = plan(change(FieldChange("/params", {"apiKey": "abc", "b": URL.format("p4")}, "sunshine")))
    assert veil.plan(veil.plan(one)) == veil.plan(one)
