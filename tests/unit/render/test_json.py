"""The contract's JSON."""

from __future__ import annotations

import dataclasses
import json
import random

import pytest

from reconciler.diff.document import MISSING
from reconciler.model.secrets import MASK
from reconciler.render.json import apply_json, drift_json, plan_json


def test_a_plan_has_exactly_the_keys_of_the_contract(samples):
    """Scripts rely on these keys; one more or one fewer is a break."""
    document = json.loads(plan_json(samples.FULL))
    assert set(document) == {"formatVersion", "target", "commit", "summary", "changes", "orphans", "digest"}
    assert document["summary"] == {
        "create": 1, "update": 1, "replace": 0, "delete": 0, "adopt": 1, "forget": 0, "unchanged": 5, "blocked": 1,
    }  # fmt: skip
    keys = {"resource", "id", "action", "causes", "fields", "requests", "blockedBy", "digest"}
    assert all(set(change) == keys for change in document["changes"])
    assert {key for change in document["changes"] for field in change["fields"] for key in field} == {
        "path", "before", "after", "sensitive", "unknown",
    }  # fmt: skip
    assert {"resource": "Flow/old", "id": samples.FLOW_ID, "protect": False} in document["orphans"]
    assert document["formatVersion"] == 1


def test_a_change_shows_what_would_be_sent(samples):
    """What is missing is null, a secret and a reference are stand-ins, bytes counts the body as shown."""
    update, create = json.loads(plan_json(samples.plan(samples.UPDATE, samples.CREATE)))["changes"]
    assert update["causes"] == ["drift", "git"]
    assert update["fields"][1] == {
        "path": "/description", "before": "by hand", "after": None, "sensitive": False, "unknown": False,
    }  # fmt: skip
    assert update["fields"][3]["after"] == samples.STAND_IN
    [request] = update["requests"]
    assert set(request) == {"method", "path", "ifMatch", "body", "bytes"}
    assert request["bytes"] == len(json.dumps(request["body"], separators=(",", ":")))
    assert create["requests"][0]["body"]["baseConnectionId"] == {"$ref": "Connection/salesforce-crm"}
    assert create["id"] is None


def test_an_apply_has_exactly_the_keys_of_the_contract(samples):
    """Every status is counted, the unchanged ones by the report's own count too."""
    document = json.loads(apply_json(samples.APPLY))
    assert set(document) == {"summary", "results"}
    assert document["summary"] == {
        "applied": 1, "failed": 0, "conflict": 1, "refused": 0, "blocked": 0, "skipped": 1, "unchanged": 5,
    }  # fmt: skip
    assert document["results"][0] == {
        "resource": "Connection/salesforce-crm", "action": "update", "status": "applied",
        "id": samples.ID, "attempts": 3, "error": None,
    }  # fmt: skip


def test_a_drift_has_exactly_the_keys_of_the_contract(samples):
    """In-sync resources are listed as well: a script may want to count them by kind."""
    document = json.loads(drift_json(samples.DRIFT))
    assert set(document) == {"summary", "resources"}
    assert document["summary"] == {
        "inSync": 1, "drifted": 1, "missing": 1, "unmanaged": 0, "pending": 0, "snoozed": 0, "orphaned": 0,
        "unreadable": 0,
    }  # fmt: skip
    keys = {"resource", "id", "status", "fields", "changedBy", "changedClient", "changedAt"}
    assert all(set(item) == keys for item in document["resources"])


def test_the_same_plan_gives_the_same_bytes_in_whatever_order_it_was_made(samples):
    """Keys and resources are sorted, the indent is two spaces, the last byte a newline."""
    changes = list(samples.FULL.changes)
    random.Random(1).shuffle(changes)
    shuffled = dataclasses.replace(samples.FULL, changes=tuple(changes), orphans=samples.FULL.orphans[::-1])
    assert plan_json(shuffled) == plan_json(samples.FULL)
    assert plan_json(samples.FULL).startswith(b'{\n  "changes": [\n    {\n')
    assert plan_json(samples.FULL).endswith(b"}\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2**70, 2**70),
        (-(2**70), -(2**70)),
        ("\ud800 \u202e", "\ud800 \u202e"),
        (float("nan"), None),
        ([2**70, float("inf"), MISSING], [2**70, None, None]),
        ({1: (True, 1.5)}, {"1": [True, 1.5]}),
        (b"bytes", "b'bytes'"),
    ],
)
def test_no_value_ends_the_run(samples, value, expected):
    """Integers of any size, half surrogates, what is no JSON at all: there is always a document."""
    field = samples.FieldChange("/x", value, MISSING)
    change = samples.Change(samples.CRM, None, samples.Action.UPDATE, fields=(field,))
    [shown] = json.loads(plan_json(samples.plan(change)))["changes"]
    assert shown["fields"][0]["before"] == expected


def test_json_is_inert_in_a_terminal_and_a_log(samples):
    """What would act on a terminal or an Actions log is written as JSON's escape for it: the value stays the same."""
    text = plan_json(samples.plan(samples.hostile_change())).decode()
    assert "##[" not in text
    assert not {"\x1b", "\u202e", "\x9b"} & set(text)
    assert not any(line.strip().startswith("::") for line in text.splitlines())
    [change] = json.loads(text)["changes"]
    assert change["fields"][0]["before"] == change["id"] == samples.HOSTILE


def test_letters_stay_letters(samples):
    """Only what is hidden is escaped."""
    change = dataclasses.replace(samples.ADOPTED, blocked_by="größer 日本 😀")
    assert "größer 日本 😀" in plan_json(samples.plan(change)).decode()


def test_a_sensitive_field_never_shows_a_value(samples):
    """Should a value end up where only a stand-in may be, it is masked."""
    field = samples.FieldChange("/auth/params/password", "leaked", {"deep": "leaked"}, sensitive=True)
    output = plan_json(samples.plan(dataclasses.replace(samples.UPDATE, fields=(field,)))).decode()
    assert "leaked" not in output
    assert MASK in output
    assert "hunter2" not in plan_json(samples.FULL).decode()
