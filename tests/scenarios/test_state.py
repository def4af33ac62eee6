"""What a PATCH cannot do: states are actions, and what cannot change in place is blocked with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import NOW, Bench
from support.bodies import SALESFORCE, stored
from support.chain import FLOW, apply_chain, change, declare, declare_chain, result, statuses

RESOURCE = "Flow/orders"


def assert_converged(bench: Bench) -> None:
    bench.app.requests.clear()
    assert bench.plan()["changes"] == []
    bench.apply()
    assert bench.writes() == []


@pytest.mark.parametrize("settle", [0.0, 3.0])
def test_a_flow_is_disabled_and_enabled_by_actions(bench: Bench, settle: float) -> None:
    """State is never patched: it is one request of its own, without a body."""
    bench.setting(settle_seconds=settle)
    ids = apply_chain(bench)
    for state, op in (("disabled", "disable"), ("enabled", "enable")):
        declare(bench, RESOURCE, ("state", state))
        update = change(bench.plan(), RESOURCE)
        (request,) = update["requests"]
        path = f"/flows/{ids[RESOURCE]}/action?op={op}"
        assert (request["method"], request["path"], request["body"], request["bytes"]) == ("POST", path, None, 0)
        assert [(field["path"], field["after"]) for field in update["fields"]] == [("/state", state)]
        bench.app.requests.clear()
        assert result(bench.apply(), RESOURCE)["status"] == "applied"
        (write,) = bench.writes()
        assert (write.method, write.path, write.query) == ("POST", f"/flows/{ids[RESOURCE]}/action", {"op": [op]})
        assert bench.live("flows", ids[RESOURCE])["state"] == state
        assert_converged(bench)


@pytest.mark.parametrize("settle", [0.0, 3.0])
def test_a_state_beside_another_change_is_one_more_request(bench: Bench, settle: float) -> None:
    """First the PATCH, then the action; the state is in no body."""
    bench.setting(settle_seconds=settle)
    ids = apply_chain(bench)
    declare(bench, RESOURCE, ("state", "disabled"), ("scheduleParams/frequency", "week"))
    requests = change(bench.plan(), RESOURCE)["requests"]
    assert [request["method"] for request in requests] == ["PATCH", "POST"]
    assert bench.apply()["summary"]["applied"] == 1
    bodies = [write.body for write in bench.writes() if write.method == "PATCH"]
    assert bodies == [[{"op": "replace", "path": "/scheduleParams/frequency", "value": "week"}]]
    live = bench.live("flows", ids[RESOURCE])
    assert (live["state"], live["scheduleParams"]["frequency"]) == ("disabled", "week")
    assert_converged(bench)


def test_a_state_that_a_person_changed_is_drift(bench: Bench) -> None:
    """A declared state is brought back; one that git does not declare is nobody's business."""
    declare_chain(bench)
    declare(bench, RESOURCE, ("state", "enabled"))
    id = result(bench.apply(), RESOURCE)["id"]
    bench.edit("flows", id, lambda flow: flow.update(state="disabled"))
    assert bench.drift(code=2)["summary"]["drifted"] == 1
    assert change(bench.plan(), RESOURCE)["causes"] == ["drift"]
    declare(bench, RESOURCE)
    assert bench.plan()["changes"] == []
    bench.apply()
    assert bench.live("flows", id)["state"] == "disabled"


@pytest.mark.usual
@pytest.mark.assumes(get_lag=0.0)
def test_a_lost_answer_to_an_action_is_looked_at_and_not_repeated(bench: Bench) -> None:
    """Disabling a disabled flow is refused; so we look first."""
    ids = apply_chain(bench)
    declare(bench, RESOURCE, ("state", "disabled"))
    bench.app.faults.reset_after_commit(method="POST", path="/action")
    assert bench.apply()["summary"]["applied"] == 1
    assert bench.live("flows", ids[RESOURCE])["state"] == "disabled"
    assert len(bench.writes()) == 1


def test_a_new_flow_whose_start_has_passed_cannot_be_created_disabled(bench: Bench) -> None:
    """The service creates it enabled, and it would run: blocked, with both ways out, and the rest is applied."""
    declare_chain(bench)
    declare(bench, RESOURCE, ("state", "disabled"), ("scheduleParams/startTime", int(NOW) - 60))
    blocked = change(bench.plan(), RESOURCE)
    assert (blocked["action"], blocked["requests"]) == ("blocked", [])
    assert "startTime" in blocked["blockedBy"]
    report = bench.apply(code=1)
    assert statuses(report) == {
        "Connection/warehouse": "applied",
        "SourceConnection/orders": "applied",
        "TargetConnection/orders": "applied",
        RESOURCE: "blocked",
    }
    assert [write.path for write in bench.writes() if write.path.startswith("/flows")] == []


@pytest.mark.parametrize("settle", [0.0, 3.0])
def test_a_new_flow_whose_start_lies_ahead_is_created_then_disabled(bench: Bench, settle: float) -> None:
    """A create of two requests: the POST without a state, then the action."""
    bench.setting(settle_seconds=settle)
    declare_chain(bench)
    declare(bench, RESOURCE, ("state", "disabled"))
    requests = change(bench.plan(), RESOURCE)["requests"]
    assert [request["method"] for request in requests] == ["POST", "POST"]
    assert "state" not in requests[0]["body"]
    assert requests[1]["path"].endswith("/action?op=disable")
    id = result(bench.apply(), RESOURCE)["id"]
    assert bench.live("flows", id)["state"] == "disabled"
    assert_converged(bench)


def test_a_new_flow_that_is_enabled_needs_no_action(bench: Bench) -> None:
    """A flow begins enabled."""
    declare_chain(bench)
    declare(bench, RESOURCE, ("state", "enabled"))
    assert len(change(bench.plan(), RESOURCE)["requests"]) == 1
    bench.apply()
    assert_converged(bench)


@pytest.mark.assumes(numbers="echoed")
def test_a_start_time_that_lies_ahead_may_change(bench: Bench) -> None:
    """Nothing has run yet."""
    ids = apply_chain(bench)
    declare(bench, RESOURCE, ("scheduleParams/startTime", int(NOW) + 2_000_000))
    assert bench.apply()["summary"]["applied"] == 1
    assert bench.live("flows", ids[RESOURCE])["scheduleParams"]["startTime"] == int(NOW) + 2_000_000
    assert_converged(bench)


def test_a_start_time_that_has_passed_cannot_change(bench: Bench) -> None:
    """Blocked with the reason; all else of the flow may change as soon as git says the live start again."""
    ids = apply_chain(bench)
    bench.clock.time = NOW + 1_500_000
    declare(bench, RESOURCE, ("scheduleParams/startTime", int(NOW) + 2_000_000), ("description", "Every night"))
    blocked = change(bench.plan(), RESOURCE)
    assert blocked["action"] == "blocked"
    assert str(FLOW["scheduleParams"]["startTime"]) in blocked["blockedBy"]
    assert bench.apply(code=1)["summary"]["blocked"] == 1
    assert bench.writes() == []
    declare(bench, RESOURCE, ("description", "Every night"), ("scheduleParams/frequency", "week"))
    assert bench.apply()["summary"]["applied"] == 1
    assert bench.live("flows", ids[RESOURCE])["description"] == "Every night"
    assert_converged(bench)


@pytest.mark.parametrize(("path", "value"), [("connectionSpec/id", SALESFORCE), ("connectionSpec/version", "2.0")])
def test_the_spec_of_a_connection_cannot_change(bench: Bench, path: str, value: str) -> None:
    """The service refuses it (1414), so it is blocked before anything is sent."""
    apply_chain(bench)
    declare(bench, "Connection/warehouse", (path, value), ("description", "Another"))
    blocked = change(bench.plan(), "Connection/warehouse")
    assert blocked["action"] == "blocked"
    assert "another name" in blocked["blockedBy"]
    bench.apply(code=1)
    assert bench.writes() == []


SIDES = [
    ("SourceConnection/orders", "sourceConnections", ("params/tableName", "returns")),
    ("SourceConnection/orders", "sourceConnections", ("data/format", "json")),
    ("TargetConnection/orders", "targetConnections", ("params/dataSetId", "another")),
]


@pytest.mark.parametrize(("resource", "collection", "edit"), SIDES)
def test_what_a_live_source_flow_reads_or_writes_cannot_change(
    bench: Bench, resource: str, collection: str, edit: tuple[str, Any]
) -> None:
    """The flow would not pick it up; but its name and description carry no data, and may change."""
    ids = apply_chain(bench)
    declare(bench, resource, edit)
    blocked = change(bench.plan(), resource)
    assert blocked["action"] == "blocked"
    assert f"/{edit[0]}" in blocked["blockedBy"]
    assert bench.apply(code=1)["summary"]["blocked"] == 1
    assert bench.writes() == []
    declare(bench, resource, ("name", "Renamed"), ("description", "Every order"))
    assert bench.apply()["summary"]["applied"] == 1
    live = bench.live(collection, ids[resource])
    assert (live["name"], live["description"]) == ("Renamed", "Every order")
    assert_converged(bench)


def test_a_flow_of_somebody_else_counts_too(bench: Bench) -> None:
    """A source connection that a flow uses which no manifest declares is as blocked."""
    ids = apply_chain(bench)
    (bench.manifests / "Flow-orders.json").unlink()
    declare(bench, "SourceConnection/orders", ("params/tableName", "returns"))
    assert change(bench.plan(), "SourceConnection/orders")["action"] == "blocked"
    bench.app.store.delete(bench.app.store.anywhere("flows", ids[RESOURCE]))
    assert change(bench.plan(), "SourceConnection/orders")["action"] == "update"


@pytest.mark.assumes(leaf_patches=True)
def test_an_unused_source_connection_may_change(bench: Bench) -> None:
    """Where no flow uses it, it is patched in place."""
    ids = apply_chain(bench)
    (bench.manifests / "Flow-orders.json").unlink()
    bench.app.store.delete(bench.app.store.anywhere("flows", ids[RESOURCE]))
    declare(bench, "SourceConnection/orders", ("params/tableName", "returns"))
    assert bench.apply()["summary"]["applied"] == 1
    assert bench.live("sourceConnections", ids["SourceConnection/orders"])["params"] == {"tableName": "returns"}


DESTINATION = "4f8e1c2a-0000-4000-8000-000000000001"
STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
EXPORT = "71471eba-b620-49e4-90fd-23f1fa0174d8"
FLOW_ID = "4f8e1c2a-0000-4000-8000-000000000002"


INHERITED = [
    {"properties": {"isDestinationFlow": True}, "targetConnections": [{"id": DESTINATION}]},
    {"targetConnections": [{"id": DESTINATION, "connectionSpec": {"id": STORE, "version": "1.0"}}]},
]


@pytest.mark.parametrize("inherited", INHERITED)
def test_the_target_connection_of_a_destination_is_patched_in_place(bench: Bench, inherited: dict[str, Any]) -> None:
    """Destination flows read it at every run: /params is patched, one key at a time (the documents show both)."""
    body = {"name": "Bucket", "connectionSpec": {"id": STORE, "version": "1.0"}, "params": {"path": "a", "mode": "S3"}}
    bench.seed("targetConnections", stored(DESTINATION, body))
    ends = {"sourceConnectionIds": ["s-1"], "targetConnectionIds": [DESTINATION]}
    export = {"name": "Export", "flowSpec": {"id": EXPORT, "version": "1.0"}, **ends}
    bench.seed("flows", stored(FLOW_ID, export, inheritedAttributes=inherited))
    bench.declare("TargetConnection", "bucket", body)
    bench.apply()
    changed = body | {"params": {"path": "b", "mode": "S3", "format": "csv"}}
    bench.declare("TargetConnection", "bucket", changed)
    update = change(bench.plan(), "TargetConnection/bucket")
    (request,) = update["requests"]
    assert all(operation["path"].startswith("/params") for operation in request["body"])
    assert bench.apply()["summary"]["applied"] == 1
    assert bench.live("targetConnections", DESTINATION)["params"] == changed["params"]
    assert_converged(bench)
