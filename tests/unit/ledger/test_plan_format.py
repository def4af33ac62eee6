"""Saved plans: what was written is read, to the last null."""

from __future__ import annotations

import io
import json
from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import given, settings
from support.plans import CRM, SAVED, UPDATE, saved_plans

from reconciler.diff.document import MISSING
from reconciler.ledger import plan_file
from reconciler.model.plan import Action, Change, FieldChange, Request
from reconciler.model.resources import Reference
from reconciler.model.secrets import MASK, Keys, Redactor, Secret, SecretOrigin, SecretSlot
from reconciler.render.console import make_console
from reconciler.render.json import plan_json
from reconciler.render.markdown import plan_markdown
from reconciler.render.text import plan_text

KEYS = Keys.derive(Secret("root"))
SLOT = SecretSlot("/auth/params/password", SecretOrigin.ENV, "FLOW_SECRET_PASSWORD")
STAND_IN = {"$secret": "/auth/params/password"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "prod.plan"


def write(path, saved=SAVED, keys=KEYS, redactor=None):
    plan_file.save(path, saved, keys, redactor or Redactor())
    return path.read_bytes()


def exact(value):
    """What two values share only if they are the same by JSON type and by the order of keys too."""
    if is_dataclass(value):
        return type(value), [exact(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, dict):
        return [(key, exact(inner)) for key, inner in value.items()]
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return list(map(exact, value)) if isinstance(value, list | tuple) else repr(value)


def drawn(plan):
    """The plan as a person reads it."""
    stream = io.StringIO()
    plan_text(plan, make_console(stream, {}))
    return stream.getvalue()


@given(saved_plans)
@settings(deadline=None)
def test_what_was_written_is_read(tmp_path_factory, saved):
    """To the last null, and shown in every format as before."""
    path = tmp_path_factory.getbasetemp() / "any.plan"
    write(path, saved)
    read, warning = plan_file.load(path, KEYS)
    assert (read, warning) == (saved, None)
    assert exact(read.plan) == exact(saved.plan)
    for form in (plan_json, plan_markdown, drawn):
        assert form(read.plan) == form(saved.plan)


def test_a_reference_and_a_secret_stand_as_what_is_shown(path):
    """They read as they were shown, and show as they were shown."""
    field = FieldChange("/auth/params/password", MISSING, SLOT, sensitive=True, unknown=True)
    base = FieldChange("/baseConnectionId", MISSING, Reference(CRM), unknown=True)
    body = {"baseConnectionId": Reference(CRM), "auth": {"params": {"password": SLOT}}}
    change = Change(CRM, None, Action.CREATE, fields=(field, base), requests=(Request("POST", "/connections", body),))
    saved = replace(SAVED, plan=replace(SAVED.plan, changes=(change,)))
    write(path, saved)
    read = plan_file.load(path, KEYS)[0].plan
    assert read.changes[0].fields[0].after == STAND_IN
    assert read.changes[0].requests[0].body["baseConnectionId"] == {"$ref": "Connection/crm"}
    for form in (plan_json, plan_markdown, drawn):
        assert form(read) == form(saved.plan)


def test_a_value_in_the_place_of_a_stand_in_is_masked(path):
    """A plan has none; should it ever, the file has not."""
    field = FieldChange("/auth/params/password", "written", MISSING, sensitive=True)
    write(path, replace(SAVED, plan=replace(SAVED.plan, changes=(replace(UPDATE, fields=(field,)),))))
    assert plan_file.load(path, KEYS)[0].plan.changes[0].fields[0].before == MASK


def test_the_same_plan_is_the_same_bytes(path):
    """With the contract's keys in it, and more."""
    content = write(path)
    assert write(path) == content
    document = json.loads(content)
    contract = json.loads(plan_json(SAVED.plan))
    assert contract.keys() - document.keys() == set()
    assert document["summary"] == contract["summary"]
    [change], [shown] = document["changes"], contract["changes"]
    for kind in ("fields", "requests"):
        for more, one in zip(change[kind], shown[kind], strict=True):
            assert {key: more[key] for key in one} == one
    assert {**change, "fields": 0, "requests": 0} == {
        **shown,
        "fields": 0,
        "requests": 0,
        "notes": ["a note"],
        "timetables": None,
    }
    assert document["scope"]["prune"] is True
    assert document["made"] == 1_800_000_000.25
