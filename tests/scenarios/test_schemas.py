"""What does not fit the schemas of the service's specs is blocked before it is sent."""

from __future__ import annotations

import json

from support.bench import Bench
from support.bodies import AHEAD, BATCH, SECRETS, connection, flow, source, target


def chain(bench: Bench, **fields) -> None:
    bench.environ |= SECRETS
    bench.declare("Connection", "crm", connection())
    bench.declare("SourceConnection", "orders", source({"ref": "Connection/crm"}))
    bench.declare("TargetConnection", "lake", target())
    ends = [{"ref": "SourceConnection/orders"}], [{"ref": "TargetConnection/lake"}]
    bench.declare("Flow", "daily", flow(*ends, **fields.pop("spec", {})), **fields)


def blocked(plan: dict) -> dict[str, str]:
    return {one["resource"]: one["blockedBy"] for one in plan["changes"] if one["action"] == "blocked"}


def test_a_schedule_that_lacks_what_is_required_is_blocked(bench: Bench) -> None:
    """The place, the pointer, the rule, the spec and the way out are told; the rest of the plan goes on."""
    chain(bench, spec={"scheduleParams": {"startTime": AHEAD, "frequency": "day"}})
    (reason,) = blocked(bench.plan()).values()
    assert "Flow-daily.json:1:" in reason
    assert "/spec/scheduleParams/interval is required" in reason
    assert "flow spec 'CRMToAEP' (14518937-270c-4525-bdec-c2ba7cce3860)" in reason
    assert "metadata.skipValidation: [/scheduleParams/interval]" in reason


def test_skip_validation_has_it_left_alone(bench: Bench) -> None:
    """A person may know better than the schema."""
    schedule = {"startTime": AHEAD, "frequency": "day"}
    chain(bench, spec={"scheduleParams": schedule}, skipValidation=["/scheduleParams"])
    assert blocked(bench.plan()) == {}


def test_strings_that_mean_numbers_fit(bench: Bench) -> None:
    """Documents mix both (FACTS 10, 17), and a mapping's version is sent as 0 where text is asked for."""
    mapping = {"name": "Mapping", "params": {"mappingId": "m", "mappingVersion": 0}}
    schedule = {"startTime": str(AHEAD), "frequency": "minute", "interval": "15", "backfill": "true"}
    chain(bench, spec={"scheduleParams": schedule, "transformations": [mapping]})
    assert blocked(bench.plan()) == {}


def test_an_unknown_way_to_authenticate_is_blocked_naming_those_that_are_known(bench: Bench) -> None:
    """It would be refused with 1415; what needs the connection is blocked with it."""
    chain(bench)
    body = connection()
    bench.declare("Connection", "crm", body | {"auth": body["auth"] | {"specName": "OAuth"}})
    found = blocked(bench.plan())
    assert "/spec/auth/specName" in found["Connection/crm"]
    assert "knows Basic Authentication" in found["Connection/crm"]
    assert found["Flow/daily"] == "needs SourceConnection/orders, which is blocked"


def test_no_value_shows_in_what_is_told(bench: Bench) -> None:
    """Path and rule are named, whatever stands there."""
    chain(bench)
    body = connection()
    params = {"password": body["auth"]["params"]["password"], "username": 4711_4711}
    bench.declare("Connection", "crm", body | {"auth": body["auth"] | {"params": params}})
    reason = blocked(bench.plan())["Connection/crm"]
    assert "/spec/auth/params/securityToken is required" in reason
    assert "/spec/auth/params/username must be of type string" in reason
    assert "47114711" not in reason
    assert "first-password" not in reason


def test_only_what_changes_is_blamed(bench: Bench) -> None:
    """An update is not held up by a live schedule that does not fit and that nobody touches, but by what it brings."""
    schedule = {"startTime": AHEAD, "frequency": "minute", "interval": 15}
    chain(bench, spec={"scheduleParams": schedule})
    results = {one["resource"]: one["id"] for one in bench.apply()["results"]}
    bench.edit("flows", results["Flow/daily"], lambda live: live["scheduleParams"].pop("interval"))
    released = {"ignore": ["/scheduleParams/interval"]}
    chain(bench, spec={"scheduleParams": schedule, "description": "More"}, **released)
    assert bench.plan()["summary"]["update"] == 1
    mapping = {"name": "Mapping", "params": {"mappingId": 5}}
    chain(bench, spec={"scheduleParams": schedule, "transformations": [mapping]}, **released)
    reason = blocked(bench.plan())["Flow/daily"]
    assert "/spec/transformations/[name=Mapping]/params/mappingId must be of type string" in reason
    assert "scheduleParams" not in reason


def test_a_live_schema_that_is_broken_is_told_of_once(bench: Bench) -> None:
    """Amazon's spec requires names that it does not describe (FACTS 14): its connections are not held up by that."""
    spec = {"id": "ecadc60c-7455-4d87-84dc-2a0e293d997b", "version": "1.0"}
    auth = {
        "specName": "Access Key",
        "params": {"s3AccessKey": "a", "s3SecretKey": {"valueFrom": {"env": "FLOW_SECRET_A"}}},
    }
    for name in ("one", "two"):
        bench.declare("Connection", name, {"name": name, "connectionSpec": spec, "auth": auth})
    plan = bench.plan()
    assert plan["summary"]["create"] == 2
    ran = bench.run("plan")
    assert (ran.out + ran.err).count("broken in part") == 1


def test_a_spec_that_is_only_in_git_counts(bench: Bench) -> None:
    """Its connections are held against it before it exists; what fits it is made with it."""
    schema = {"type": "object", "properties": {"host": {"type": "string"}}, "required": ["host"]}
    entry = {"name": "Open", "type": "Open", "spec": schema}
    bench.declare(
        "ConnectionSpec", "ours", {"name": "ours", "providerId": BATCH, "version": "1.0", "authSpec": [entry]}
    )
    spec = {"id": {"ref": "ConnectionSpec/ours"}, "version": "1.0"}
    bench.declare("Connection", "a", {"name": "A", "connectionSpec": spec, "auth": {"specName": "Open", "params": {}}})
    reason = blocked(bench.plan())["Connection/a"]
    assert "/spec/auth/params/host is required" in reason
    assert "connection spec 'ours' (ConnectionSpec/ours)" in reason
    params = {"host": "example.com"}
    bench.declare(
        "Connection", "a", {"name": "A", "connectionSpec": spec, "auth": {"specName": "Open", "params": params}}
    )
    assert {one["status"] for one in bench.apply()["results"]} == {"applied"}
    assert blocked(bench.plan()) == {}


def test_a_value_of_an_override_is_told_where_it_stands(bench: Bench) -> None:
    """The line is that of the override, whose value counts on this target."""
    override = {"bench": {"spec": {"params": {"dataSetId": 5}}}}
    document = {"apiVersion": "reconciler/v1", "kind": "TargetConnection", "metadata": {"name": "lake"}}
    text = json.dumps(document | {"spec": target(), "overrides": override}, indent=1)
    path = bench.write("lake.json", text)
    line = next(at for at, one in enumerate(text.splitlines(), 1) if '"dataSetId": 5' in one)
    (reason,) = blocked(bench.plan()).values()
    assert f"{path.name}:{line}:" in reason
    assert "/spec/params/dataSetId must be of type string" in reason


def test_specs_that_cannot_be_read_hold_nothing_up(bench: Bench) -> None:
    """It is said once, and the service has the last word."""
    chain(bench, spec={"scheduleParams": {"startTime": AHEAD, "frequency": "day"}})
    bench.app.faults.status(403, method="GET", path="/(connection|flow)Specs", count=20)
    assert bench.plan()["summary"]["create"] == 4
    ran = bench.run("plan")
    assert (ran.out + ran.err).count("not checked against their specs") == 1
