"""Runs (FACTS 1, 4, 8, 10, 11)."""

from __future__ import annotations

import pytest

from reconciler.emulator.stamps import CONNECTORS


@pytest.fixture
def once(api):
    return api.flow(scheduleParams={"startTime": 1_700_003_600, "frequency": "once"})[0]


def test_on_demand(api, once):
    """A run on demand rewrites its flow, and may write its delta column into it."""
    before = api.item(f"/flows/{once}")
    column = {"name": "changedAt"}
    reply = api.post("/runs", {"flowId": once, "params": {"startTime": "1663735590", "deltaColumn": column}})
    assert reply.status_code == 201
    assert reply.json().keys() == {"id", "etag"}
    run = api.item(f"/runs/{reply.json()['id']}")
    assert run["etag"] == reply.json()["etag"]
    assert "version" not in run
    assert run["metrics"]["statusSummary"]["status"] == "success"
    assert run["flowSpec"] == before["flowSpec"]
    flow = api.item(f"/flows/{once}")
    assert flow["etag"] != before["etag"]
    assert flow["updatedBy"] == CONNECTORS.by
    assert flow["transformations"][0]["params"]["deltaColumn"] == column


def test_on_demand_without_a_column(api, once):
    """A run without a delta column leaves the transformations alone."""
    before = api.item(f"/flows/{once}")
    api.post("/runs", {"flowId": once})
    assert api.item(f"/flows/{once}")["transformations"] == before["transformations"]


@pytest.mark.parametrize(("body", "code"), [({"flowId": "none"}, "1439-400"), ({"x": 1}, "1439-400"), ({}, "1405")])
def test_refused_runs(api, body, code):
    """A run needs a flow that exists."""
    reply = api.post("/runs", body)
    assert reply.status_code == 400
    assert reply.json()["errorDetails"].startswith(code)


def test_only_once_flows(api):
    """A flow with a periodic schedule cannot be run on demand."""
    assert api.post("/runs", {"flowId": api.flow()[0]}).status_code == 400


def test_lists(api, app, once):
    """Runs of a flow are found in both documented ways."""
    other = api.flow()[0]
    mine = [app.finish_run(once) for _ in range(3)]
    app.finish_run(other)
    assert [run["id"] for run in api.get("/runs", property=f"flowId=={once}").json()["items"]] == mine
    first = api.get(f"/flows/{once}/runs", limit=2).json()
    second = api.get(first["_links"]["next"]["href"], property=f"flowId=={once}").json()
    assert [run["id"] for run in first["items"] + second["items"]] == mine
    assert api.get("/runs", count="true").json() == {"count": 4}
    assert api.get("/flows/none/runs").status_code == 404


def test_put(api, app, once):
    """A run is replaced with its etag."""
    run = api.item(f"/runs/{app.finish_run(once)}")
    path = f"/runs/{run['id']}"
    assert api.put(path, {"flowId": once}).status_code == 400
    reply = api.put(path, {"flowId": once, "status": "x"}, **{"If-Match": run["etag"]})
    assert reply.status_code == 200
    after = api.item(path)
    assert (after["status"], after["etag"]) == ("x", reply.json()["etag"])
    assert "metrics" not in after


def test_run_again(api, app, clock, once):
    """A run that is triggered again rewrites its flow once more."""
    run = app.finish_run(once)
    before, path = api.item(f"/flows/{once}"), f"/runs/{run}/action"
    clock.now += 60
    reply = api.post(f"{path}?op=RE_TRIGGER")
    assert reply.status_code == 200
    assert reply.json() == {"id": run, "etag": api.item(f"/runs/{run}")["etag"]}
    after = api.item(f"/flows/{once}")
    assert after["etag"] != before["etag"]
    assert after["lastRunDetails"]["completedAtUTC"] == int(clock.now * 1000)
    assert api.post(f"{path}?op=enable").status_code == 400
    assert api.post(f"{path}?op=re_trigger&subOp=APPLY").status_code == 400


def test_run_again_what_has_no_flow(api, app, once):
    """The flow has to be there."""
    run = app.finish_run(once)
    assert api.delete(f"/flows/{once}").status_code == 204
    assert api.post(f"/runs/{run}/action?op=RE_TRIGGER").json()["errorDetails"].startswith("1439-400")
