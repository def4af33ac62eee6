"""Faults on order."""

from __future__ import annotations

import pytest
import requests

RENAME = [{"op": "replace", "path": "/name", "value": "Ours"}]


@pytest.fixture
def path(api):
    return f"/connections/{api.connection()}"


def test_concurrent_write(api, app, path):
    """Another writer comes just before us: our etag is stale, and the object is theirs."""
    app.faults.concurrent_write(lambda item: item.update(name="Theirs"), method="PATCH")
    assert api.patch(path, RENAME).status_code == 412
    item = api.item(path)
    assert (item["name"], item["updatedBy"], item["updatedClient"]) == ("Theirs", "someone@AdobeID", "exc_app")
    assert api.patch(path, RENAME).status_code == 200


def test_concurrent_write_to_a_spec(api, app):
    """A spec has no etag: the other's write is simply lost."""
    path = "/flowSpecs/6499120c-0b15-42dc-936e-847ea3c24d72"
    item = api.item(path)
    app.faults.concurrent_write(lambda spec: spec["sourceConnectionSpecIds"].append("theirs"), by="x@AdobeID")
    assert api.put(path, item).status_code == 200
    assert api.item(path)["sourceConnectionSpecIds"] == item["sourceConnectionSpecIds"]


def test_concurrent_write_in_our_sandbox(app, another):
    """The other writer is in the sandbox of the call, whatever ids other sandboxes share with it."""
    for sandbox in ("dev", "prod"):
        document = {"id": "t", "name": sandbox, "etag": '"1"'}
        app.store.seed("targetConnections", document, sandbox=sandbox)
    app.faults.concurrent_write(lambda item: item.update(name="theirs"))
    another().get("/targetConnections/t")
    names = [app.store.get("targetConnections", "t", sandbox)["name"] for sandbox in ("dev", "prod")]
    assert names == ["dev", "theirs"]


def test_concurrent_write_elsewhere(api, app, path):
    """On a call that names no object there is nobody to meet."""
    app.faults.concurrent_write(lambda item: item.clear())
    assert api.get("/connections").status_code == 200
    assert app.faults.pending == 0


def test_reset_before(api, app, path):
    """The connection breaks and nothing was done."""
    app.faults.reset_before(method="DELETE")
    with pytest.raises(requests.ConnectionError):
        api.delete(path)
    assert api.get(path).status_code == 200


def test_reset_after_commit(api, app, bodies):
    """The connection breaks and yet the object was made."""
    app.faults.reset_after_commit(method="POST", path="^/connections$")
    with pytest.raises(requests.ConnectionError):
        api.post("/connections", bodies.connection())
    assert api.get("/connections", count="true").json() == {"count": 1}


@pytest.mark.parametrize("committed", [True, False])
def test_timeout(api, app, path, committed):
    """No answer comes, whether or not something was done."""
    app.faults.timeout(committed=committed, method="DELETE")
    with pytest.raises(requests.ReadTimeout):
        api.delete(path)
    assert (api.get(path).status_code == 404) == committed


@pytest.mark.parametrize("committed", [True, False])
def test_status(api, app, path, committed):
    """An error status, with a time to wait, before or after having done what was asked."""
    app.faults.status(503, retry_after=7, committed=committed, method="PATCH", path="/connections/")
    reply = api.patch(path, RENAME)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "7")
    assert reply.json()["errorMessage"] == "503 Service Unavailable"
    assert (api.item(path)["name"] == "Ours") == committed


def test_counts_and_order(api, app):
    """Rules serve their number of calls, first come first served, and others are left alone."""
    app.faults.status(429, count=2, method="GET", path="/flows")
    app.faults.status(500, method="GET")
    assert app.faults.pending == 3
    found = [api.get(path).status_code for path in ("/flows", "/runs", "/flows", "/flows")]
    assert found == [429, 500, 429, 200]
    app.faults.status(500)
    app.faults.clear()
    assert api.get("/flows").status_code == 200


def test_slow(api, app):
    """A slow answer is right in the end."""
    waited = []
    app.settings.sleep = waited.append
    app.faults.slow(30)
    assert api.get("/flows").status_code == 200
    assert waited == [30]


def test_body(api, app):
    """Half a body, or a proxy's page, in place of the answer."""
    app.faults.body(b'{"items": [')
    with pytest.raises(requests.exceptions.JSONDecodeError):
        api.get("/flows").json()
    app.faults.body("<html>", status=502, content_type="text/html")
    reply = api.get("/flows")
    assert (reply.status_code, reply.text, reply.headers["Content-Type"]) == (502, "<html>", "text/html")


def test_ignored_patch(api, app, path):
    """A PATCH is answered as taken, the etag moves, and nothing else has changed."""
    app.faults.ignore_write(method="PATCH")
    before = api.item(path)
    reply = api.patch(path, RENAME)
    assert reply.status_code == 200
    after = api.item(path)
    assert before["etag"] != after["etag"] == reply.json()["etag"]
    assert after["name"] == before["name"]


def test_ignored_put_and_action(api, app):
    """The same of a PUT and of an action."""
    path = f"/flows/{api.flow()[0]}"
    app.faults.ignore_write(method="POST")
    assert api.post(f"{path}/action?op=disable").status_code == 200
    assert api.item(path)["state"] == "enabled"
    spec = "/connectionSpecs/cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
    app.faults.ignore_write(method="PUT")
    assert api.put(spec, {"name": "other", "providerId": "p"}).json()["name"] == "salesforce"
