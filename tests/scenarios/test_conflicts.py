"""Somebody writes between our plan and our write: what is theirs survives, what is ours and moved is a conflict."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import CLIENT, Bench
from support.chain import CRM_TO_AEP, apply_chain, declare, declare_chain, patches, result, statuses

from reconciler.emulator.faults import Fault

PATCH_FLOW = {"method": "PATCH", "path": "/flows/"}
PATCH_CONNECTION = {"method": "PATCH", "path": "/connections/"}
FLOW, CONNECTION = "Flow/orders", "Connection/warehouse"


def test_an_undeclared_field_survives_a_concurrent_writer(bench: Bench) -> None:
    """A field that git does not declare and somebody set right before our PATCH survives it; the second try holds."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    bench.app.faults.concurrent_write(lambda flow: flow.update(policy={"duleLabels": ["C1"]}), **PATCH_FLOW)
    assert result(bench.apply(), FLOW) == {
        "resource": FLOW,
        "action": "update",
        "status": "applied",
        "id": ids[FLOW],
        "attempts": 2,
        "error": None,
    }
    live = bench.live("flows", ids[FLOW])
    assert live["policy"] == {"duleLabels": ["C1"]}
    assert live["scheduleParams"]["frequency"] == "week"
    assert bench.plan()["changes"] == []


def test_every_try_carries_the_etag_that_it_was_made_from(bench: Bench) -> None:
    """Two writers in a row: each repetition reads again, and names the etag of what it read."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("description", "Every single day"))
    bench.app.faults.concurrent_write(lambda flow: flow.update(policy={}), count=2, **PATCH_FLOW)
    assert result(bench.apply(), FLOW)["attempts"] == 3
    etags = [request.headers["If-Match"] for request in bench.writes()]
    assert len(set(etags)) == len(etags) == 3
    assert bench.live("flows", ids[FLOW])["description"] == "Every single day"


def test_an_undeclared_list_item_shifts_and_the_right_one_is_patched(bench: Bench) -> None:
    """An element that somebody put before ours does not make our patch hit theirs: the index is looked up anew."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("transformations", [{"name": "Mapping", "params": {"mappingId": "another-mapping"}}]))
    theirs = {"name": "Copy", "params": {"deltaColumn": {"name": "changed"}}}
    bench.app.faults.concurrent_write(lambda flow: flow["transformations"].insert(0, theirs), **PATCH_FLOW)
    assert result(bench.apply(), FLOW)["attempts"] == 2
    assert bench.live("flows", ids[FLOW])["transformations"] == [
        theirs,
        {"name": "Mapping", "params": {"mappingId": "another-mapping"}},
    ]


def test_a_declared_field_that_moved_is_a_conflict(bench: Bench) -> None:
    """A declared field that somebody changed since the plan is not overwritten; the report says which, and by whom."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    bench.app.faults.concurrent_write(
        lambda flow: flow["scheduleParams"].update(frequency="hour"), by="eve@AdobeID", client="exc_app", **PATCH_FLOW
    )
    ran = result(bench.apply(code=1), FLOW)
    assert ran["status"] == "conflict"
    assert "/scheduleParams/frequency" in ran["error"]
    assert "eve@AdobeID via exc_app" in ran["error"]
    assert bench.live("flows", ids[FLOW])["scheduleParams"]["frequency"] == "hour"
    assert len(bench.writes()) == 1
    field = bench.plan()["changes"][0]
    assert field["causes"] == ["drift", "git"]


def test_a_declared_field_that_git_leaves_alone_may_conflict_too(bench: Bench) -> None:
    """Any declared field counts, not only the one that the patch is about: what was reviewed is not what is there."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    bench.app.faults.concurrent_write(lambda flow: flow.update(description="By hand"), **PATCH_FLOW)
    ran = result(bench.apply(code=1), FLOW)
    assert (ran["status"], "/description" in ran["error"]) == ("conflict", True)
    assert bench.live("flows", ids[FLOW])["description"] == "By hand"


def test_dependants_of_a_conflict_are_skipped_and_the_rest_goes_on(bench: Bench) -> None:
    """What needs a resource in conflict is left out, what does not is done; the exit code is 1."""
    ids = apply_chain(bench)
    declare(bench, CONNECTION, ("description", "Moved"))
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    declare(bench, "SourceConnection/orders", ("name", "Orders, all read"))
    declare(bench, "TargetConnection/orders", ("name", "Orders, all stored"))
    bench.app.faults.concurrent_write(lambda live: live.update(description="By hand"), **PATCH_CONNECTION)
    report = bench.apply(code=1)
    assert statuses(report) == {
        CONNECTION: "conflict",
        "SourceConnection/orders": "skipped",
        FLOW: "skipped",
        "TargetConnection/orders": "applied",
    }
    assert report["summary"]["skipped"] == 2
    assert CONNECTION in result(report, "SourceConnection/orders")["error"]
    assert bench.live("flows", ids[FLOW])["scheduleParams"]["frequency"] == "day"


def test_somebody_already_did_what_we_want(bench: Bench) -> None:
    """A 412 behind which live already is what git wants is no conflict: it is done, and nothing more is sent."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    bench.app.faults.concurrent_write(lambda flow: flow["scheduleParams"].update(frequency="week"), **PATCH_FLOW)
    ran = result(bench.apply(), FLOW)
    assert (ran["status"], ran["attempts"], len(bench.writes())) == ("applied", 1, 1)
    assert bench.entry("Flow", "orders")["applied"]["scheduleParams"]["frequency"] == "week"
    assert bench.live("flows", ids[FLOW])["updatedBy"] == "someone@AdobeID"


def test_half_of_it_was_done_by_somebody(bench: Bench) -> None:
    """Of two fields somebody has set one to what git wants: the other one alone is sent."""
    apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"), ("description", "Weekly"))
    bench.app.faults.concurrent_write(lambda flow: flow.update(description="Weekly"), **PATCH_FLOW)
    assert result(bench.apply(), FLOW)["status"] == "applied"
    assert [op["path"] for op in patches(bench)[-1]] == ["/scheduleParams/frequency"]


def test_a_finished_run_moves_the_etag_and_is_no_conflict(bench: Bench) -> None:
    """A run that ends between plan and PATCH rewrites the flow, etag and updatedAt included: read again, sent again."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    _before(bench, lambda app: app.finish_run(ids[FLOW]), **PATCH_FLOW)
    ran = result(bench.apply(), FLOW)
    assert (ran["status"], ran["attempts"]) == ("applied", 2)
    assert "lastRunDetails" in bench.live("flows", ids[FLOW])


@pytest.mark.assumes(get_lag=0.0)
@pytest.mark.parametrize(("storms", "status"), [(5, "applied"), (6, "failed"), (50, "failed")])
def test_a_storm_of_writers_is_given_up_after_five_repetitions(bench: Bench, storms: int, status: str) -> None:
    """One try and at most five repetitions, with waits between them; then it failed, and the next apply does it."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    _before(bench, lambda app: app.finish_run(ids[FLOW]), count=storms, **PATCH_FLOW)
    slept = bench.clock.slept
    report = bench.apply(code=0 if status == "applied" else 1)
    assert result(report, FLOW)["status"] == status
    assert len(bench.writes()) == 6
    assert bench.clock.slept > slept
    bench.app.faults.clear()
    again = bench.apply()
    assert again["summary"]["unchanged" if status == "applied" else "applied"] >= 1
    assert bench.live("flows", ids[FLOW])["scheduleParams"]["frequency"] == "week"


@pytest.mark.assumes(secrets="clear")
def test_credentials_whose_object_was_written_since_are_a_conflict(bench: Bench) -> None:
    """Live secrets cannot be compared: if somebody wrote the connection since the plan, nothing is overwritten."""
    ids = apply_chain(bench)
    declare(bench, CONNECTION, ("auth/params/server", "db2.example.com"))
    bench.app.faults.concurrent_write(
        lambda live: live["auth"]["params"].update(password="theirs"), by="eve@AdobeID", **PATCH_CONNECTION
    )
    ran = result(bench.apply(code=1), CONNECTION)
    assert (ran["status"], ran["attempts"]) == ("conflict", 1)
    assert "eve@AdobeID" in ran["error"]
    live = bench.live("connections", ids[CONNECTION])["auth"]["params"]
    assert (live["password"], live["server"]) == ("theirs", "db.example.com")


def test_credentials_of_which_the_etag_alone_moved_are_sent_again(bench: Bench) -> None:
    """The service rewrites a connection by itself, updatedAt unchanged (FACTS 7): that is no conflict."""
    ids = apply_chain(bench)
    declare(bench, CONNECTION, ("auth/params/server", "db2.example.com"))
    _before(bench, lambda app: app.rewrite("connections", ids[CONNECTION]), **PATCH_CONNECTION)
    ran = result(bench.apply(), CONNECTION)
    assert (ran["status"], ran["attempts"]) == ("applied", 2)
    assert bench.live("connections", ids[CONNECTION])["auth"]["params"]["server"] == "db2.example.com"


@pytest.mark.assumes(secrets="clear")
def test_a_name_is_patched_although_somebody_wrote_the_credentials(bench: Bench) -> None:
    """A patch that sends no credentials does not care who wrote the connection, as long as its fields stand."""
    ids = apply_chain(bench)
    declare(bench, CONNECTION, ("description", "Moved"))
    bench.app.faults.concurrent_write(lambda live: live["auth"]["params"].update(password="theirs"), **PATCH_CONNECTION)
    assert result(bench.apply(), CONNECTION)["status"] == "applied"
    live = bench.live("connections", ids[CONNECTION])
    assert (live["auth"]["params"]["password"], live["description"]) == ("theirs", "Moved")


@pytest.mark.assumes(get_lag=0.0)
def test_a_spec_that_moved_between_plan_and_put_is_a_conflict(bench: Bench) -> None:
    """Specs have no etag: they are compared right before the PUT, and a declared field that moved stops it."""
    id = _own_spec(bench)
    _own_spec(bench, type="generic-soap", apply=False)
    _between(
        bench,
        f"/connectionSpecs/{id}$",
        lambda app: app.edit("connectionSpecs", id, lambda spec: spec.update(type="by-hand")),
    )
    ran = result(bench.apply(code=1), "ConnectionSpec/own")
    assert (ran["status"], "/type" in ran["error"]) == ("conflict", True)
    assert bench.writes() == []
    assert bench.live("connectionSpecs", id)["type"] == "by-hand"


@pytest.mark.assumes(get_lag=0.0)
def test_an_undeclared_part_of_a_spec_survives_the_put(bench: Bench) -> None:
    """What somebody added to a spec between plan and PUT is in the PUT."""
    id = _own_spec(bench)
    _own_spec(bench, type="generic-soap", apply=False)
    _between(
        bench,
        f"/connectionSpecs/{id}$",
        lambda app: app.edit("connectionSpecs", id, lambda spec: spec.update(settings={"kept": True})),
    )
    assert result(bench.apply(), "ConnectionSpec/own")["status"] == "applied"
    live = bench.live("connectionSpecs", id)
    assert (live["settings"], live["type"]) == ({"kept": True}, "generic-soap")


@pytest.mark.assumes(get_lag=0.0)
def test_a_concurrent_member_of_a_shared_list_is_kept(bench: Bench) -> None:
    """An id that somebody registered in the flow spec between plan and PUT stays registered."""
    own = _own_spec(bench)
    bench.declare("FlowSpec", "shared", _membership(own), id=CRM_TO_AEP)
    _between(bench, f"/flowSpecs/{CRM_TO_AEP}$", _registers("theirs"))
    assert result(bench.apply(), "FlowSpec/shared")["status"] == "applied"
    members = bench.live("flowSpecs", CRM_TO_AEP)["sourceConnectionSpecIds"]
    assert members[-2:] == ["theirs", own]
    assert bench.entry("FlowSpec", "shared")["applied"]["sourceConnectionSpecIds"] == [own]


def test_a_member_lost_to_another_writers_put_is_merged_again(bench: Bench) -> None:
    """Another writer's PUT, made from before ours, takes our member away: the read after finds it, and merges again."""
    own = _own_spec(bench)
    bench.declare("FlowSpec", "shared", _membership(own), id=CRM_TO_AEP)
    _after_put(bench, lambda spec: spec["sourceConnectionSpecIds"].__setitem__(-1, "theirs"))
    assert result(bench.apply(), "FlowSpec/shared")["attempts"] == 2
    assert bench.live("flowSpecs", CRM_TO_AEP)["sourceConnectionSpecIds"][-2:] == ["theirs", own]
    assert bench.plan()["changes"] == []


def test_of_two_members_one_is_lost_and_both_are_ours(bench: Bench) -> None:
    """The ledger owns every member that we brought, also the one that the race left in place."""
    own, other = _own_spec(bench), _own_spec(bench, name="other")
    bench.declare("FlowSpec", "shared", _membership(own, other), id=CRM_TO_AEP)
    _after_put(bench, lambda spec: spec["sourceConnectionSpecIds"].remove(other))
    assert result(bench.apply(), "FlowSpec/shared")["status"] == "applied"
    assert sorted(bench.entry("FlowSpec", "shared")["applied"]["sourceConnectionSpecIds"]) == sorted([own, other])


@pytest.mark.assumes(get_lag=0.0)
def test_a_member_that_somebody_registered_meanwhile_is_theirs(bench: Bench) -> None:
    """We own only what our PUT brought: an id registered by hand between plan and PUT is not ours to take away."""
    own = _own_spec(bench)
    bench.declare("FlowSpec", "shared", _membership(own), id=CRM_TO_AEP)
    _between(bench, f"/flowSpecs/{CRM_TO_AEP}$", _registers(own))
    assert result(bench.apply(), "FlowSpec/shared")["status"] == "applied"
    assert bench.writes() == []
    assert bench.entry("FlowSpec", "shared")["applied"].get("sourceConnectionSpecIds", []) == []


def test_an_object_deleted_between_plan_and_patch_has_failed(bench: Bench) -> None:
    """A PATCH of what is not there any more is a failure that says so; nothing is created in its place unasked."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    _before(bench, lambda app: app.store.delete(app.store.anywhere("flows", ids[FLOW], None)), **PATCH_FLOW)
    ran = result(bench.apply(code=1), FLOW)
    assert (ran["status"], ids[FLOW] in ran["error"]) == ("failed", True)
    assert bench.plan()["summary"]["create"] == 1


def test_the_client_of_the_bench_is_the_one_that_the_service_shows(bench: Bench) -> None:
    """What these scenarios call ours is what the service writes into updatedClient."""
    declare_chain(bench)
    report = bench.apply()
    assert bench.live("flows", result(report, FLOW)["id"])["updatedClient"] == CLIENT


def _before(bench: Bench, act: Any, **match: Any) -> None:
    """Let something happen to the service right before a call is handled."""
    bench.app.faults.add(Fault(lambda app, _path, _environ: act(app) and None), **match)


def _between(bench: Bench, path: str, act: Any) -> None:
    """Let something happen right before an object is read by its id, which is after the plan."""
    _before(bench, act, method="GET", path=path)


def _after_put(bench: Bench, mutate: Any) -> None:
    """Let another writer's PUT land right after ours, before we read again."""

    def after(response: Any) -> Any:
        bench.app.edit("flowSpecs", CRM_TO_AEP, mutate)
        return response

    bench.app.faults.add(Fault(after=after), method="PUT")


def _registers(id: str) -> Any:
    return lambda app: app.edit("flowSpecs", CRM_TO_AEP, lambda spec: spec["sourceConnectionSpecIds"].append(id))


def _membership(*ids: str) -> dict[str, Any]:
    return {"name": "CRMToAEP", "sourceConnectionSpecIds": list(ids)}


def _own_spec(bench: Bench, name: str = "own", type: str = "generic-rest", *, apply: bool = True) -> str:
    """Declare a connection spec of our own, apply it, and return its id."""
    provider = "0ed90a81-07f4-4586-8190-b40eccef1c5a"
    bench.declare("ConnectionSpec", name, {"name": name, "providerId": provider, "version": "1.0", "type": type})
    if not apply:
        return ""
    id = result(bench.apply(), f"ConnectionSpec/{name}")["id"]
    bench.app.requests.clear()
    return id
