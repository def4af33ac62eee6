"""Drift that git has snoozed is left alone, and nothing else is: other drift, other changes, and the day after."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.bench import Bench
from support.chain import FLOW, apply_chain, change, declare, patches
from support.inbox import AFTER, ORDERS, UNTIL, WAREHOUSE, snooze, weekly

from reconciler.emulator.faults import Fault

FREQUENCY = "/scheduleParams/frequency"


def item(report: dict[str, Any], resource: str) -> dict[str, Any]:
    return next(one for one in report["resources"] if one["resource"] == resource)


def test_a_snoozed_field_is_left_alone(bench: Bench) -> None:
    """It is told of and is no drift; plan and apply send nothing, and the ledger goes on knowing what it knew."""
    ids = weekly(bench)
    entry = bench.entry("Flow", "orders")
    report = bench.drift()
    assert {key: count for key, count in report["summary"].items() if count} == {"inSync": 3, "snoozed": 1}
    found = item(report, ORDERS)
    assert (found["status"], found["changedBy"]) == ("snoozed", "someone@AdobeID")
    assert [(one["path"], one["before"], one["after"]) for one in found["fields"]] == [(FREQUENCY, "day", "week")]
    assert "vendor migrates" in bench.run("drift", "--format", "markdown").out
    assert bench.plan("--detailed-exitcode")["changes"] == []
    assert f"{ORDERS} differs at " in bench.run("plan").out
    assert f"is left so until {UNTIL} (snoozed)" in bench.run("plan").out
    bench.apply()
    assert bench.writes() == []
    assert bench.entry("Flow", "orders") == entry
    assert bench.live("flows", ids[ORDERS])["scheduleParams"]["frequency"] == "week"


def test_when_it_is_over_it_is_drift_again(bench: Bench) -> None:
    """The last day counts, in UTC; afterwards a notice says where the snooze stands, and an apply puts git's back."""
    ids = weekly(bench)
    bench.clock.time = 1_800_489_600 - 60  # a minute before the 21st
    assert bench.drift()["summary"]["snoozed"] == 1
    bench.clock.time = 1_800_489_600
    assert item(bench.drift(code=2), ORDERS)["status"] == "drifted"
    ran = bench.run("plan")
    assert f"the snooze of {ORDERS} expired (until {UNTIL}): take it out of metadata.snooze" in ran.out
    assert f"{bench.manifests / 'Flow-orders.json'}:1:" in ran.out
    assert change(bench.plan(), ORDERS)["causes"] == ["drift"]
    bench.apply()
    assert bench.live("flows", ids[ORDERS])["scheduleParams"]["frequency"] == "day"


def test_what_git_changes_besides_is_sent(bench: Bench) -> None:
    """Another field of the resource is written without the snoozed one, which stays as it is and stays drift."""
    ids = weekly(bench)
    document = json.loads((bench.manifests / "Flow-orders.json").read_text())
    document["spec"]["description"] = "Every now and then"
    bench.write("Flow-orders.json", document)
    update = change(bench.plan(), ORDERS)
    assert ([one["path"] for one in update["fields"]], update["causes"]) == (["/description"], ["git"])
    assert f"note: {FREQUENCY} stays as it is live, snoozed until {UNTIL}" in bench.run("plan").out
    bench.apply()
    assert patches(bench) == [[{"op": "replace", "path": "/description", "value": "Every now and then"}]]
    live = bench.live("flows", ids[ORDERS])
    assert (live["description"], live["scheduleParams"]["frequency"]) == ("Every now and then", "week")
    assert bench.entry("Flow", "orders")["applied"]["scheduleParams"]["frequency"] == "day"
    bench.clock.time = AFTER
    (field,) = item(bench.drift(code=2), ORDERS)["fields"]
    assert (field["path"], field["before"], field["after"]) == (FREQUENCY, "day", "week")


def test_git_changes_the_snoozed_field(bench: Bench) -> None:
    """A snooze covers drift alone: what git says anew is sent."""
    ids = weekly(bench)
    path = bench.manifests / "Flow-orders.json"
    path.write_text(path.read_text().replace('"frequency": "day"', '"frequency": "hour"'))
    assert change(bench.plan(), ORDERS)["causes"] == ["drift", "git"]
    bench.apply()
    assert bench.live("flows", ids[ORDERS])["scheduleParams"]["frequency"] == "hour"


def test_other_drift_is_drift(bench: Bench) -> None:
    """What the snooze does not name is drift as ever, is put back, and the snoozed field is still told of."""
    ids = weekly(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(name="Theirs"))
    found = item(bench.drift(code=2), ORDERS)
    assert (found["status"], [one["path"] for one in found["fields"]]) == ("drifted", ["/name"])
    assert f"why: {FREQUENCY} besides, snoozed until {UNTIL}: vendor migrates" in bench.run("drift").out
    bench.apply()
    live = bench.live("flows", ids[ORDERS])
    assert (live["name"], live["scheduleParams"]["frequency"]) == (FLOW["name"], "week")


def test_credentials_go_whole_with_the_snoozed_parameter(bench: Bench) -> None:
    """They are written as one, and what is snoozed in them goes as it is live."""
    bench.environ["RECONCILER_KEY"] = "a-key-of-thirty-two-characters-!"
    ids = apply_chain(bench)
    bench.edit("connections", ids[WAREHOUSE], lambda one: one["auth"]["params"].update(username="root"))
    snooze(bench, WAREHOUSE)
    assert bench.plan()["changes"] == []
    bench.environ["FLOW_SECRET_DB"] = "second-password"
    bench.apply()
    (body,) = patches(bench)
    assert [(op["path"], op["value"]["username"], op["value"]["password"]) for op in body] == [
        ("/auth/params", "root", "second-password")
    ]
    assert bench.entry("Connection", "warehouse")["applied"]["auth"]["params"]["username"] == "reader"
    assert item(bench.drift(), WAREHOUSE)["status"] == "snoozed"


@pytest.mark.assumes(numbers="echoed")
def test_the_ancestor_that_is_sent_carries_it(bench: Bench) -> None:
    """Where the service takes only the whole schedule, the snoozed leaf in it is the live one."""
    ids = weekly(bench)
    path = bench.manifests / "Flow-orders.json"
    path.write_text(path.read_text().replace('"interval": 1', '"interval": 3'))
    bench.app.faults.body(
        json.dumps({"errorCode": "1455-400", "errorMessage": "no such field"}), status=400, method="PATCH", count=1
    )
    bench.apply()
    assert [[op["path"] for op in body] for body in patches(bench)] == [
        ["/scheduleParams/interval"],
        ["/scheduleParams"],
    ]
    assert patches(bench)[-1][0]["value"]["frequency"] == "week"
    assert bench.live("flows", ids[ORDERS])["scheduleParams"]["interval"] == 3


def test_a_spec_is_put_with_the_snoozed_value(bench: Bench) -> None:
    """A PUT repeats the whole object, snoozed paths as they are; a shared list keeps what others made of it."""
    before = {
        "id": "shared",
        "name": "Shared",
        "providerId": "p",
        "version": "1.0",
        "sourceConnectionSpecIds": ["theirs"],
    }
    bench.seed("flowSpecs", before)
    spec = {"name": "Shared", "providerId": "p", "sourceConnectionSpecIds": ["a"], "attributes": {"x": 1, "y": 1}}
    bench.declare("FlowSpec", "shared", spec, id="shared")
    bench.apply()
    bench.edit("flowSpecs", "shared", lambda one: one.update(sourceConnectionSpecIds=["theirs"]))
    bench.edit("flowSpecs", "shared", lambda one: one["attributes"].update(y=2))
    snooze(bench, "FlowSpec/shared")
    path = bench.manifests / "FlowSpec-shared.json"
    path.write_text(path.read_text().replace('"x": 1', '"x": 5'))
    bench.apply()
    live = bench.live("flowSpecs", "shared")
    assert (live["attributes"], live["sourceConnectionSpecIds"]) == ({"x": 5, "y": 2}, ["theirs"])
    assert item(bench.drift(), "FlowSpec/shared")["status"] == "snoozed"
    bench.clock.time = AFTER
    found = {one["path"]: one["before"] for one in item(bench.drift(code=2), "FlowSpec/shared")["fields"]}
    assert found.keys() == {"/attributes/y", "/sourceConnectionSpecIds"}


def test_a_snoozed_state(bench: Bench) -> None:
    """A flow that somebody switched off stays off."""
    apply_chain(bench)
    declare(bench, ORDERS, ("state", "enabled"))
    bench.apply()
    id = bench.entry("Flow", "orders")["id"]
    bench.edit("flows", id, lambda flow: flow.update(state="disabled"))
    snooze(bench, ORDERS)
    bench.apply()
    assert bench.live("flows", id)["state"] == "disabled"
    assert bench.writes() == []


def test_somebody_moves_it_while_we_write(bench: Bench) -> None:
    """A snoozed field that moves between plan and write is no conflict: it is carried as it is by then."""
    ids = weekly(bench)
    path = bench.manifests / "Flow-orders.json"
    path.write_text(path.read_text().replace("Every day", "Every week"))

    def move() -> None:
        bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="hour"))

    bench.app.faults.add(Fault(lambda _app, _path, _environ: move()), method="PATCH")
    bench.apply()
    live = bench.live("flows", ids[ORDERS])
    assert (live["description"], live["scheduleParams"]["frequency"]) == ("Every week", "hour")


def test_what_the_service_made_of_it_stays_known(bench: Bench) -> None:
    """The form of its own that the service had given our value is what a later drift is measured by."""
    ids = apply_chain(bench)
    path = bench.ledger / "resources" / "Flow" / "orders.json"
    entry = json.loads(path.read_text())
    entry["observed"] = {"/name": {"value": "ORDERS"}}
    path.write_text(json.dumps(entry))
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(name="By hand"))
    assert item(bench.drift(code=2), ORDERS)["fields"][0]["before"] == "ORDERS"
    snooze(bench, ORDERS)
    bench.apply()
    assert bench.entry("Flow", "orders")["observed"] == entry["observed"]
    manifest = bench.manifests / "Flow-orders.json"
    manifest.write_text(manifest.read_text().replace("Every day", "Every week"))
    bench.apply()
    assert bench.entry("Flow", "orders")["observed"] == entry["observed"]
    bench.clock.time = AFTER
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(name="ORDERS"))
    assert item(bench.drift(), ORDERS)["status"] == "inSync"
