"""Flow writes that take a while, and etags that move by themselves (FACTS 7, 8, 9, 11)."""

from __future__ import annotations

import pytest

RENAME = [{"op": "Replace", "path": "/name", "value": "New"}]


def code(reply):
    assert reply.status_code == 400, reply.text
    return reply.json()["errorDetails"][:8]


@pytest.fixture
def path(api):
    return f"/flows/{api.flow()[0]}"


def test_settled_at_once(api, clock, path):
    """By default a write has settled when it is answered; lastOperation holds the ops as they were sent."""
    api.patch(path, RENAME)
    last = api.item(path)["lastOperation"]
    now = int(clock.now * 1000)
    assert last == {
        "started": now,
        "updated": now,
        "percentCompleted": 100.0,
        "status": {"value": "completed", "errors": []},
        "ops": RENAME,
        "operation": "update",
    }


def test_ops_are_kept_as_sent(api, path):
    """The flow has the mapping version as a string, the operation as the number that was sent."""
    value = {"name": "Mapping", "params": {"mappingId": "c5f2", "mappingVersion": 2}}
    ops = [{"op": "replace", "path": "/transformations/1", "value": value}]
    api.patch(path, ops)
    item = api.item(path)
    assert item["lastOperation"]["ops"] == ops
    assert item["transformations"][1]["params"]["mappingVersion"] == "2"


def test_settles_later_with_the_same_etag(api, app, clock, path):
    """An unsettled flow shows its write in progress; once settled it still has the etag that the write answered."""
    app.settings.settle_seconds = 5
    etag = api.patch(path, RENAME).json()["etag"]
    before = api.item(path)
    assert before["lastOperation"]["status"]["value"] == "inProgress"
    assert before["lastOperation"]["percentCompleted"] == 0.0
    assert before["lastOperation"]["updated"] == before["lastOperation"]["started"]
    assert (before["state"], before["etag"]) == ("updating", etag)
    assert api.get("/flows", property="state==updating", count="true").json() == {"count": 1}
    clock.now += 5
    after = api.item(path)
    assert after["lastOperation"]["status"]["value"] == "completed"
    assert after["lastOperation"]["updated"] - after["lastOperation"]["started"] == 5000
    assert (after["state"], after["etag"]) == ("enabled", etag)


def test_writes_while_unsettled(api, app, clock, path):
    """A flow in transition takes no update, no delete and no action."""
    app.settings.settle_seconds = 5
    api.patch(path, RENAME)
    assert code(api.patch(path, RENAME)) == "1420-400"
    assert code(api.delete(path)) == "1420-400"
    assert code(api.post(f"{path}/action?op=disable")) == "1421-400"
    clock.now += 5
    assert api.post(f"{path}/action?op=disable").status_code == 200
    assert api.item(path)["state"] == "disabling"
    clock.now += 5
    assert api.item(path)["state"] == "disabled"


def test_new_flows_initialize(api, app, clock):
    """A new flow initializes for a while, in which it may be patched but not disabled."""
    app.settings.settle_seconds = 5
    path = f"/flows/{api.flow()[0]}"
    assert api.item(path)["state"] == "initializing"
    assert code(api.post(f"{path}/action?op=disable")) == "1421-400"
    assert api.patch(path, RENAME).status_code == 200


def test_without_transient_states(api, app, path):
    """With the switch off only lastOperation tells, and nothing is refused."""
    app.settings.settle_seconds = 5
    app.settings.transient_state = False
    api.patch(path, RENAME)
    assert api.item(path)["state"] == "enabled"
    assert api.item(path)["lastOperation"]["status"]["value"] == "inProgress"
    assert api.patch(path, RENAME).status_code == 200


def test_finished_run_rewrites_the_flow(api, app, clock, path):
    """When a run ends, the flow's etag moves by itself, and the service is its last writer."""
    before = api.item(path)
    clock.now += 60
    run = app.finish_run(before["id"])
    after = api.item(path)
    assert after["etag"] != before["etag"]
    assert after["updatedBy"] == "acp_foundation_connectors@AdobeID"
    assert after["updatedAt"] == int(clock.now * 1000)
    assert after["lastRunDetails"]["id"] == run
    assert api.item(f"/runs/{run}")["flowId"] == before["id"]
    assert api.patch(path, RENAME, before["etag"]).status_code == 412


def test_edit_by_a_person(api, app, path):
    """A person's edit moves etag and last writer."""
    before = api.item(path)
    app.edit("flows", before["id"], lambda flow: flow.update(name="By hand"))
    after = api.item(path)
    assert (after["name"], after["updatedBy"], after["updatedClient"]) == ("By hand", "someone@AdobeID", "exc_app")
    assert after["etag"] == after["version"] != before["etag"]


def test_rewrite(api, app, path):
    """An etag may move with nothing else moving."""
    before = api.item(path)
    app.rewrite("flows", before["id"])
    after = api.item(path)
    assert before["etag"] != after["etag"]
    assert {**before, "etag": 0, "version": 0} == {**after, "etag": 0, "version": 0}


def test_edit_of_what_is_not_there(app):
    """An edit of nothing says so."""
    with pytest.raises(Exception, match="flows not found"):
        app.edit("flows", "none", lambda flow: None)
