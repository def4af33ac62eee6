"""Drafts: made, changed, published in their order (FACTS 12)."""

from __future__ import annotations

import pytest

FILES, FILES_FLOW = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"
RENAME = [{"op": "replace", "path": "/name", "value": "N"}]


@pytest.fixture
def drafts(api, app, bodies):
    """A whole chain of drafts; returns the paths from the flow down."""
    attributes = {"attributes": {"isDraftModeSupported": True}}
    app.store.seed("connectionSpecs", {"id": FILES, "name": "files", **attributes})
    app.store.seed("flowSpecs", {"id": FILES_FLOW, "name": "files", **attributes})
    spec = {"connectionSpec": {"id": FILES, "version": "1.0"}}

    def made(collection, body):
        return api.post(f"/{collection}?mode=draft", body).json()["id"]

    base = made("connections", bodies.connection(auth={"specName": "x"}, **spec))
    source = made("sourceConnections", bodies.source(base, **spec))
    target = made("targetConnections", bodies.target(baseConnectionId=base))
    flow = made("flows", bodies.flow(source, target, flowSpec={"id": FILES_FLOW}))
    return [f"/flows/{flow}", f"/targetConnections/{target}", f"/sourceConnections/{source}", f"/connections/{base}"]


def test_a_draft(api, drafts):
    """It says that it is one, also where writes take their time."""
    for path in drafts:
        assert api.item(path)["state"] == "draft"


def test_a_draft_settles_at_once(api, app, bodies, drafts):
    """Nothing starts to run: there is nothing to initialize."""
    app.settings.settle_seconds = 5
    ends = [path.rpartition("/")[2] for path in drafts]
    reply = api.post("/flows?mode=draft", bodies.flow(ends[2], ends[1], flowSpec={"id": FILES_FLOW}))
    assert api.item(f"/flows/{reply.json()['id']}")["state"] == "draft"


def test_published_from_below(api, drafts):
    """Nothing is published before what it is made of; then it is enabled, with a new etag."""
    for path in drafts[:3]:
        assert api.post(f"{path}/action?op=publish").status_code == 400
    for path in reversed(drafts):
        before = api.item(path)["etag"]
        reply = api.post(f"{path}/action?op=PUBLISH")
        assert reply.status_code == 200, reply.text
        item = api.item(path)
        assert item["state"] == "enabled"
        assert before != item["etag"] == reply.json()["etag"]
        assert api.post(f"{path}/action?op=publish").json()["errorDetails"].startswith("1422-400")


def test_a_published_flow_initializes(api, app, drafts):
    """From then on it is a flow like any other."""
    for path in drafts[:0:-1]:
        api.post(f"{path}/action?op=publish")
    app.settings.settle_seconds = 5
    api.post(f"{drafts[0]}/action?op=publish")
    assert api.item(drafts[0])["state"] == "initializing"


@pytest.mark.parametrize(
    ("changes", "patched", "deleted"), [("patched", 200, 400), ("refused", 400, 400), ("free", 200, 204)]
)
def test_changes(api, app, drafts, changes, patched, deleted):
    """A draft takes a PATCH, a DELETE, both or nothing; enabling is for what is published."""
    app.settings.draft_changes = changes
    assert api.post(f"{drafts[0]}/action?op=enable").json()["errorDetails"].startswith("1422-400")
    for path in drafts:
        reply = api.patch(path, RENAME)
        assert reply.status_code == patched
        assert reply.status_code == 200 or reply.json()["errorDetails"].startswith("1416-400")
    assert api.delete(drafts[0]).status_code == deleted


def test_specs_that_know_no_drafts(api, app, bodies):
    """The source's connection spec and the flow spec must support them; a target of the data lake always may be one."""
    _, source, target, base = api.flow()
    assert api.post("/connections?mode=draft", bodies.connection()).status_code == 400
    assert api.post("/sourceConnections?mode=draft", bodies.source(base)).status_code == 400
    assert api.post("/flows?mode=draft", bodies.flow(source, target)).status_code == 400
    assert api.post("/targetConnections?mode=draft", bodies.target()).status_code == 201
    app.settings.check_references = False
    assert api.post("/connections?mode=draft", bodies.connection()).status_code == 201


@pytest.mark.parametrize(
    ("path", "body"), [("/connections?mode=final", {}), ("/connectionSpecs?mode=draft", {}), ("/runs?mode=draft", {})]
)
def test_other_modes(api, path, body):
    """There is one mode, and what is replaced whole has none."""
    assert api.post(path, body).status_code == 400
