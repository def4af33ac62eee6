"""What lives only in git is held against itself: no service is asked, and no secret is needed."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import Bench

AUTH = {
    "type": "object",
    "properties": {
        "host": {"type": "string", "minLength": 3},
        "port": {"type": "integer", "maximum": 65535},
        "password": {"type": "string", "format": "password", "minLength": 100},
    },
    "required": ["host", "password"],
    "additionalProperties": False,
}
SOURCE = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
SPEC = {
    "name": "generic-crm", "version": "1.0", "providerId": "p", "type": "generic-rest-extractor",
    "authSpec": [{"name": "Basic", "type": "basic", "spec": AUTH}], "sourceSpec": {"name": "s", "spec": SOURCE},
}  # fmt: skip
SCHEDULE = {"type": "object", "properties": {"interval": {"type": "integer", "minimum": 60}}, "required": ["backfill"]}
FLOW_SPEC = {
    "name": "crm-flow", "version": "1.0", "providerId": "p", "sourceConnectionSpecIds": [],
    "targetConnectionSpecIds": [], "scheduleSpec": {"name": "Periodic", "spec": SCHEDULE},
}  # fmt: skip
PASSWORD = {"valueFrom": {"env": "FLOW_SECRET_NOT_SET"}}


def connection(params: dict[str, Any], spec_name: str = "Basic") -> dict[str, Any]:
    spec = {"id": {"ref": "ConnectionSpec/crm"}, "version": "1.0"}
    return {"name": "CRM", "connectionSpec": spec, "auth": {"specName": spec_name, "params": params}}


@pytest.fixture
def crm(bench: Bench) -> Bench:
    bench.declare("ConnectionSpec", "crm", SPEC)
    bench.declare("FlowSpec", "crm", FLOW_SPEC)
    return bench


def refused(bench: Bench) -> str:
    asked = len(bench.app.requests)
    ran = bench.run("validate")
    assert (ran.code, ran.out) == (1, ""), ran
    assert len(bench.app.requests) == asked
    return ran.err


def valid(bench: Bench) -> str:
    asked = len(bench.app.requests)
    ran = bench.run("validate")
    assert ran.code == 0, ran.err
    assert len(bench.app.requests) == asked
    return ran.err


def test_what_fits(crm: Bench) -> None:
    """A secret fits whatever its schema asks: its value is nobody's to look at; numbers may be text (FACTS 17)."""
    crm.declare("Connection", "crm", connection({"host": "abc", "port": "443", "password": PASSWORD}))
    assert valid(crm) == ""


@pytest.mark.parametrize(
    ("params", "place", "told"),
    [
        ({"host": "ab", "password": PASSWORD}, "host", "must have at least 3 characters"),
        ({"host": "abc", "port": 70000, "password": PASSWORD}, "port", "must be at most 65535"),
        ({"host": "abc", "port": "x", "password": PASSWORD}, "port", "must be of type integer"),
        ({"host": "abc", "pasword": PASSWORD, "password": PASSWORD}, "pasword", "is not known there"),
        ({"host": "abc"}, "password", "is required"),
    ],
)
def test_credentials_that_the_spec_does_not_know(crm: Bench, params: dict[str, Any], place: str, told: str) -> None:
    """File, line and column of the value, its path, the rule, the spec and the way out; the plan says the same."""
    path = crm.declare("Connection", "crm", connection(params))
    message = refused(crm)
    assert f"{path}:1:" in message
    assert f"/spec/auth/params/{place} {told}, says connection spec 'generic-crm' (ConnectionSpec/crm)" in message
    assert f"metadata.skipValidation: [/auth/params/{place}]" in message
    (change,) = [one for one in crm.plan()["changes"] if one["resource"] == "Connection/crm"]
    assert told in change["blockedBy"]
    crm.declare("Connection", "crm", connection(params), skipValidation=[f"/auth/params/{place}"])
    assert "says connection spec" not in valid(crm)


def test_all_is_told_at_once(crm: Bench) -> None:
    """Of every resource, once for all targets."""
    target = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "prod"}}
    crm.write("prod.json", {**target, "spec": {"sandbox": "prod"}})
    crm.declare("Connection", "a", connection({"host": "a", "password": PASSWORD}))
    crm.declare("Connection", "b", connection({"host": "abc", "password": PASSWORD}, spec_name="OAuth"))
    message = refused(crm)
    assert message.count("must have at least 3 characters") == 1
    assert message.count("/spec/auth/specName is none of connection spec 'generic-crm'") == 1
    assert "which knows Basic" in message


def test_params_and_schedules_too(crm: Bench) -> None:
    """What a source connection lacks is said and refused nowhere (FACTS 17 shows such); a schedule is refused."""
    reference = {"id": {"ref": "ConnectionSpec/crm"}, "version": "1.0"}
    crm.declare("SourceConnection", "s", {"name": "S", "connectionSpec": reference, "data": {}, "params": {"x": 1}})
    assert "/params/path is required by connection spec 'generic-crm'" in valid(crm)
    flow = {"name": "F", "flowSpec": {"id": {"ref": "FlowSpec/crm"}, "version": "1.0"}, "targetConnectionIds": ["t"]}
    schedule = {"startTime": 1_900_000_000, "frequency": "minute", "interval": 30, "backfill": True}
    flow |= {"sourceConnectionIds": [{"ref": "SourceConnection/s"}], "scheduleParams": schedule}
    crm.declare("Flow", "f", flow)
    assert "/spec/scheduleParams/interval must be at least 60, says flow spec 'crm-flow'" in refused(crm)
    crm.declare("Flow", "f", {**flow, "scheduleParams": {**schedule, "interval": 60}})
    assert "error" not in valid(crm)


@pytest.mark.parametrize("where", ["ConnectionSpec", "Connection", "elsewhere"])
def test_what_may_be_more_than_git_declares_is_not_judged(crm: Bench, where: str) -> None:
    """An object or a spec with an id may hold what no manifest says; of a spec that git has not, nothing is known."""
    body = connection({"host": "a"})
    if where == "ConnectionSpec":
        crm.declare("ConnectionSpec", "crm", SPEC, id="abc")
    if where == "elsewhere":
        body["connectionSpec"]["id"] = "abc"
    crm.declare("Connection", "crm", body, **({"id": "def"} if where == "Connection" else {}))
    assert valid(crm) == ""


def test_a_broken_schema_is_said_and_what_is_left_of_it_counts(crm: Bench) -> None:
    """Adobe's documents hold such (FACTS 14, 15)."""
    broken = {**AUTH, "required": ["host", "nowhere"]}
    crm.declare("ConnectionSpec", "crm", {**SPEC, "authSpec": [{"name": "Basic", "spec": broken}]})
    crm.declare("Connection", "crm", connection({"host": "abc"}))
    assert "connection spec 'generic-crm' (ConnectionSpec/crm) has a schema that is broken in part" in valid(crm)
    crm.declare("Connection", "crm", connection({"host": "a"}))
    assert "must have at least 3 characters" in refused(crm)


def test_doctor_says_the_same(crm: Bench) -> None:
    """Manifests that do not fit each other are told where somebody looks for what is wrong."""
    crm.declare("Connection", "crm", connection({"host": "a", "password": PASSWORD}))
    rows = {row["check"]: row for row in crm.run("doctor", "--format", "json").json["checks"]}
    assert rows["manifests"]["status"] == "failed"
    assert "must have at least 3 characters" in rows["manifests"]["found"]
