"""What was changed behind git's back is told from what git changed, and from what the service does by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.bench import CLIENT, HEADERS, NOW, ORGANISATION, SANDBOX, Bench
from support.bodies import SECRETS, connection, stored
from support.chain import FLOW, apply_chain, change, changed, declare, declare_chain

FLOW_NAME, CONNECTION = "Flow/orders", "Connection/warehouse"
ELSEWHERE = "0b1c2d3e-0000-4000-8000-000000000009"


def item(report: dict[str, Any], resource: str) -> dict[str, Any]:
    return next(one for one in report["resources"] if one["resource"] == resource)


def delete(bench: Bench, collection: str, id: str) -> None:
    """Let a person delete an object in the UI."""
    headers = HEADERS | {"If-Match": bench.live(collection, id)["etag"]}
    bench.http.delete(f"http://localhost/data/foundation/flowservice/{collection}/{id}", headers=headers)


def counts(report: dict[str, Any]) -> dict[str, int]:
    return {status: count for status, count in report["summary"].items() if count}


def test_an_estate_as_it_was_left_is_in_sync(bench: Bench) -> None:
    """Right after an apply there is no drift, and looking sends nothing."""
    apply_chain(bench)
    report = bench.drift()
    assert counts(report) == {"inSync": 4}
    assert bench.writes() == []


def test_an_edit_in_the_ui_is_listed_with_its_last_writer(bench: Bench) -> None:
    """Each declared field that differs, from what we left to what is there, and who wrote the object last, and when."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[FLOW_NAME], lambda flow: flow.update(name="Hand-made"))
    bench.edit("flows", ids[FLOW_NAME], lambda flow: flow["scheduleParams"].update(frequency="week"))
    report = bench.drift(code=2)
    assert counts(report) == {"inSync": 3, "drifted": 1}
    found = item(report, FLOW_NAME)
    assert [(field["path"], field["before"], field["after"]) for field in found["fields"]] == [
        ("/name", FLOW["name"], "Hand-made"),
        ("/scheduleParams/frequency", "day", "week"),
    ]
    assert (found["id"], found["status"]) == (ids[FLOW_NAME], "drifted")
    assert (found["changedBy"], found["changedClient"]) == ("someone@AdobeID", "exc_app")
    assert found["changedAt"] == bench.live("flows", ids[FLOW_NAME])["updatedAt"]
    assert found["changedAt"] >= NOW * 1000


def test_the_plan_brings_a_drift_back_with_its_cause(bench: Bench) -> None:
    """What drifted is written as git has it, cause drift; afterwards nothing is left."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[FLOW_NAME], lambda flow: flow["scheduleParams"].update(frequency="week"))
    update = change(bench.plan(), FLOW_NAME)
    assert (update["causes"], [field["path"] for field in update["fields"]]) == (
        ["drift"],
        ["/scheduleParams/frequency"],
    )
    bench.apply()
    assert bench.live("flows", ids[FLOW_NAME])["scheduleParams"]["frequency"] == "day"
    assert bench.plan()["changes"] == []
    assert counts(bench.drift()) == {"inSync": 4}


def test_a_field_that_a_person_removed_is_drift(bench: Bench) -> None:
    """What we left and is gone is shown as such, and put back with an add."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[FLOW_NAME], lambda flow: flow.pop("description"))
    (field,) = item(bench.drift(code=2), FLOW_NAME)["fields"]
    assert (field["path"], field["before"], field["after"]) == ("/description", FLOW["description"], None)
    (request,) = change(bench.plan(), FLOW_NAME)["requests"]
    assert request["body"] == [{"op": "add", "path": "/description", "value": FLOW["description"]}]


def test_a_change_in_git_is_pending_and_no_drift(bench: Bench) -> None:
    """Live is as we left it: what git says since then waits for an apply, and nobody is to blame."""
    apply_chain(bench)
    declare(bench, FLOW_NAME, ("scheduleParams/frequency", "week"))
    report = bench.drift()
    assert counts(report) == {"inSync": 3, "pending": 1}
    assert item(report, FLOW_NAME)["fields"] == []
    assert change(bench.plan(), FLOW_NAME)["causes"] == ["git"]


def test_a_manifest_that_was_never_applied_is_pending(bench: Bench) -> None:
    """What does not exist yet has not drifted."""
    apply_chain(bench)
    bench.environ |= SECRETS
    bench.declare("Connection", "crm", connection())
    assert counts(bench.drift()) == {"inSync": 4, "pending": 1}


def test_git_and_a_person_changed_the_same_field(bench: Bench) -> None:
    """Both causes are named, and the drift is measured from what we left, not from what git says by now."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[FLOW_NAME], lambda flow: flow["scheduleParams"].update(frequency="hour"))
    declare(bench, FLOW_NAME, ("scheduleParams/frequency", "week"))
    update = change(bench.plan(), FLOW_NAME)
    assert update["causes"] == ["drift", "git"]
    (field,) = item(bench.drift(code=2), FLOW_NAME)["fields"]
    assert (field["before"], field["after"]) == ("day", "hour")


def test_a_person_made_the_change_that_git_wants(bench: Bench) -> None:
    """Live means what desired says: no write, no drift, and the ledger advances."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[FLOW_NAME], lambda flow: flow["scheduleParams"].update(frequency="week"))
    declare(bench, FLOW_NAME, ("scheduleParams/frequency", "week"))
    assert counts(bench.drift()) == {"inSync": 4}
    assert bench.plan()["changes"] == []
    bench.apply()
    assert bench.writes() == []
    assert bench.entry("Flow", "orders")["applied"]["scheduleParams"]["frequency"] == "week"
    bench.edit("flows", ids[FLOW_NAME], lambda flow: flow["scheduleParams"].update(frequency="day"))
    assert change(bench.plan(), FLOW_NAME)["causes"] == ["drift"]


def test_a_finished_run_is_no_drift(bench: Bench) -> None:
    """A run moves etag, updatedAt and updatedBy of its flow, and no declared field."""
    ids = apply_chain(bench)
    before = bench.live("flows", ids[FLOW_NAME])["etag"]
    bench.app.finish_run(ids[FLOW_NAME])
    assert bench.live("flows", ids[FLOW_NAME])["etag"] != before
    assert counts(bench.drift()) == {"inSync": 4}
    assert bench.plan()["changes"] == []


def test_an_undeclared_field_is_no_drift(bench: Bench) -> None:
    """What git does not declare belongs to somebody else, and survives our next write."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[FLOW_NAME], lambda flow: flow.update(policy={"duleLabels": ["C1"]}))
    bench.edit("connections", ids[CONNECTION], lambda one: one["auth"]["params"].update(timeout="30"))
    assert counts(bench.drift()) == {"inSync": 4}
    assert bench.plan()["changes"] == []
    declare(bench, FLOW_NAME, ("description", "Every night"))
    declare(bench, CONNECTION, ("auth/params/server", "db2.example.com"))
    bench.apply()
    assert bench.live("flows", ids[FLOW_NAME])["policy"] == {"duleLabels": ["C1"]}
    assert bench.live("connections", ids[CONNECTION])["auth"]["params"]["timeout"] == "30"


def test_a_secret_that_looks_otherwise_is_no_drift(bench: Bench) -> None:
    """Live secrets are never looked at: masked, absent or changed in the UI, they cannot be told."""
    ids = apply_chain(bench)
    bench.edit("connections", ids[CONNECTION], lambda one: one["auth"]["params"].update(password="from-the-ui"))
    ran = bench.run("drift", "--format", "json")
    assert ran.code == 0
    assert "from-the-ui" not in ran.out + ran.err


def test_a_changed_parameter_beside_a_secret_is_drift(bench: Bench) -> None:
    """The user name is no secret, and shown."""
    ids = apply_chain(bench)
    bench.edit("connections", ids[CONNECTION], lambda one: one["auth"]["params"].update(username="root"))
    (field,) = item(bench.drift(code=2), CONNECTION)["fields"]
    assert (field["path"], field["before"], field["after"]) == ("/auth/params/username", "reader", "root")


@pytest.mark.assumes(delete_seconds=0.0, flow_takes_ends=False)
def test_a_deleted_object_is_missing(bench: Bench) -> None:
    """What is gone is missing, a drift; the plan creates it again."""
    ids = apply_chain(bench)
    delete(bench, "flows", ids[FLOW_NAME])
    report = bench.drift(code=2)
    assert counts(report) == {"inSync": 3, "missing": 1}
    assert item(report, FLOW_NAME)["id"] == ids[FLOW_NAME]


@pytest.mark.assumes(delete_seconds=0.0, flow_takes_ends=False)
def test_many_objects_missing_at_once_are_not_created_again_unasked(bench: Bench) -> None:
    """A credential that has become blind must not duplicate an estate: that needs --allow-large."""
    ids = apply_chain(bench)
    for resource, collection in (
        (FLOW_NAME, "flows"),
        ("SourceConnection/orders", "sourceConnections"),
        ("TargetConnection/orders", "targetConnections"),
    ):
        delete(bench, collection, ids[resource])
    bench.app.requests.clear()
    refused = bench.run("apply", "--yes")
    assert refused.code == 1
    assert "--allow-large" in refused.err
    assert bench.writes() == []
    assert bench.apply("--allow-large")["summary"]["applied"] == 3


@pytest.mark.assumes(delete_seconds=0.0, flow_takes_ends=False)
def test_an_object_whose_manifest_has_left_git_is_an_orphan(bench: Bench) -> None:
    """It is told of, and is no drift; when it is deleted, too, it is missing."""
    ids = apply_chain(bench)
    (bench.manifests / "Flow-orders.json").unlink()
    report = bench.drift()
    assert counts(report) == {"inSync": 3, "orphaned": 1}
    assert item(report, FLOW_NAME)["id"] == ids[FLOW_NAME]
    delete(bench, "flows", ids[FLOW_NAME])
    assert counts(bench.drift(code=2)) == {"inSync": 3, "missing": 1}


def test_what_no_manifest_speaks_of_is_listed_on_demand(bench: Bench) -> None:
    """--unmanaged names everybody else's objects with their last writer, and is no drift."""
    apply_chain(bench)
    bench.seed("connections", stored(ELSEWHERE, connection("Theirs")))
    assert counts(bench.drift()) == {"inSync": 4}
    report = bench.drift("--unmanaged")
    assert counts(report) == {"inSync": 4, "unmanaged": 1}
    found = item(report, f"Connection/{ELSEWHERE}")
    assert (found["id"], found["changedBy"]) == (ELSEWHERE, "ann@AdobeID")


def forbid(bench: Bench, path: str, count: int = 10) -> None:
    """Let the service refuse a read for want of a permission."""
    body = json.dumps({"errorCode": "2118-403", "errorMessage": "No permission to view this"})
    bench.app.faults.body(body, status=403, method="GET", path=path, count=count)


def test_what_may_not_be_read_is_unreadable_and_an_error(bench: Bench) -> None:
    """A kind that one permission hides is not missing; the others are looked at all the same."""
    ids = apply_chain(bench)
    bench.edit("connections", ids[CONNECTION], lambda one: one.update(description="By hand"))
    forbid(bench, "^/flows")
    report = bench.drift(code=1)
    assert item(report, FLOW_NAME)["status"] == "unreadable"
    assert item(report, CONNECTION)["status"] == "drifted"


@pytest.mark.parametrize("command", [("plan", "--detailed-exitcode"), ("apply", "--yes")])
def test_what_may_not_be_read_is_blocked_and_not_created(bench: Bench, command: tuple[str, ...]) -> None:
    """Nothing is planned for what is not known."""
    apply_chain(bench)
    forbid(bench, "^/flows")
    ran = bench.run(*command, "--format", "json")
    assert ran.code == (2 if command[0] == "plan" else 1)
    assert bench.writes() == []
    found = ran.json["changes" if command[0] == "plan" else "results"]
    assert [(one["resource"], one.get("status", one["action"])) for one in found] == [(FLOW_NAME, "blocked")]


def test_one_object_that_may_not_be_read_is_unreadable(bench: Bench) -> None:
    """A managed id that a list lacks and whose GET is forbidden is not missing."""
    ids = apply_chain(bench)
    bench.app.faults.body('{"items": []}', method="GET", path="^/connections$", count=2)
    forbid(bench, f"^/connections/{ids[CONNECTION]}")
    report = bench.drift(code=1)
    assert item(report, CONNECTION)["status"] == "unreadable"


def test_a_wrong_token_is_an_error_and_no_drift(bench: Bench) -> None:
    """Where nothing can be read there is no report."""
    apply_chain(bench)
    body = json.dumps({"error_code": "401013", "message": "Oauth token is not valid"})
    bench.app.faults.body(body, status=401, method="GET", count=50)
    ran = bench.run("drift", "--format", "json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err


def test_a_change_of_ours_is_no_drift_afterwards(bench: Bench) -> None:
    """Our own client as the last writer, values as we left them: in sync."""
    ids = apply_chain(bench)
    bench.declare("Flow", "orders", changed(FLOW, ("description", "Every night")))
    bench.apply()
    assert bench.live("flows", ids[FLOW_NAME])["updatedClient"] == CLIENT
    assert counts(bench.drift()) == {"inSync": 4}


def test_what_leaves_by_itself_is_pending(bench: Bench) -> None:
    """Its manifest has left git, and the next apply forgets it: nothing drifted, and it is told of."""
    declare_chain(bench)
    declare(bench, "Flow/orders", onRemove="forget")
    bench.apply()
    (bench.manifests / "Flow-orders.json").unlink()
    found = {one["resource"]: one["status"] for one in bench.drift()["resources"]}
    assert found["Flow/orders"] == "pending"
    assert "the next apply forgets it" in bench.run("drift").out


def test_a_plan_tells_of_a_run_that_is_open(bench: Bench) -> None:
    """And of what it does not look at: "no changes" is said of the rest alone."""
    apply_chain(bench)
    begin = {
        "run": "r",
        "actor": "bob",
        "plan": "",
        "commit": None,
        "started": NOW,
        "expires": NOW + 900,
        "intents": [],
    }
    head = {"formatVersion": 1, "organisation": ORGANISATION, "sandbox": SANDBOX, "seal": None}
    (bench.ledger / "begin.json").write_text(json.dumps(head | begin), encoding="utf-8")
    ran = bench.run("plan", "--only", "Flow/orders")
    assert "run r of bob is applying since" in ran.out
    assert "3 resources left out by --only or --exclude" in ran.out
    assert "No changes to send to bench" in ran.out
    assert "1 resource left out" in bench.run("plan", "--exclude", "Flow/orders").out
