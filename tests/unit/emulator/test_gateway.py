"""What a call must carry before a resource is looked at (FACTS 2, 6)."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Authorization", 403, "403010"),
        ("x-api-key", 403, "403000"),
        ("x-gw-ims-org-id", 400, "400003"),
    ],
)
def test_gateway_headers(api, header, status, code):
    """Without a header of the gateway's the call never reaches the service, and the answer has the gateway's shape."""
    del api.headers[header]
    reply = api.get("/connections")
    assert (reply.status_code, reply.json()["error_code"]) == (status, code)


@pytest.mark.parametrize("authorization", ["Bearer other", "Bearer ", "Basic right"])
def test_wrong_token(api, app, authorization):
    """A token other than the valid one is a 401; the right one passes."""
    app.settings.token = "right"
    api.headers["Authorization"] = authorization
    reply = api.get("/connections")
    assert (reply.status_code, reply.json()["error_code"]) == (401, "401013")
    api.headers["Authorization"] = "Bearer right"
    assert api.get("/connections").status_code == 200


def test_wrong_organisation(api, app):
    """Another organisation than the one configured is refused."""
    app.settings.organisation = "mine@AdobeOrg"
    assert api.get("/flows").json()["error_code"] == "403025"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-sandbox-name": ""}, "2105-400"),
        ({"x-sandbox-name": "*"}, "2111-403"),
        ({"x-sandbox-id": "8da3ef09"}, "2110-400"),
    ],
)
def test_sandbox_headers(api, headers, code):
    """The sandbox is named, by its name, and is one."""
    reply = api.call("GET", "/flows", headers=headers)
    assert reply.json()["errorDetails"].startswith(code)
    assert str(reply.status_code) == code[-3:]


def test_sandboxes_that_exist(api, app):
    """With the sandboxes told, another name is a 404."""
    app.settings.sandboxes = frozenset({"dev"})
    reply = api.get("/flows")
    assert (reply.status_code, reply.json()["errorDetails"][:8]) == (404, "2100-404")
    app.settings.sandboxes = frozenset({"prod"})
    assert api.get("/flows").status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_content_type(api, content_type):
    """A body that is not declared as JSON is refused in the problem form."""
    reply = api.call("POST", "/connections", data=b"{}", headers={"Content-Type": content_type})
    assert reply.status_code == 400
    assert reply.json()["title"] == "BadRequestError"


@pytest.mark.parametrize("raw", [b"{", b'{"name": NaN}', b"\xff"])
def test_bodies_are_json(api, raw):
    """What is not JSON by its standard is a 400."""
    reply = api.call("POST", "/connections", data=raw, headers={"Content-Type": "application/json; charset=utf-8"})
    assert reply.status_code == 400
    assert "not JSON" in reply.json()["errorDetails"]


def test_content_type_on_a_get(api):
    """A GET may say that it is JSON, as clients do, without having a body."""
    assert api.call("GET", "/flows", headers={"Content-Type": "application/json"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/auditHistory", 404),
        ("DELETE", "/flowSpecs/1", 405),
        ("PATCH", "/connectionSpecs/1", 405),
        ("PUT", "/flows/1", 405),
        ("PUT", "/connections/1", 405),
        ("HEAD", "/flows", 405),
        ("OPTIONS", "/flows", 405),
        ("POST", "/runs/1/action", 404),
        ("GET", "/connections/1/explore", 404),
    ],
)
def test_calls_that_no_source_shows(api, method, path, status):
    """What no source documents, or what is not emulated, is a 404 or a 405."""
    assert api.call(method, path).status_code == status


def test_sandboxes_are_apart(api, another):
    """An object of one sandbox or organisation is in no other, while catalogue specs are in all."""
    identifier = api.connection()
    for other in (another(x_sandbox_name="dev"), another(x_gw_ims_org_id="other@AdobeOrg")):
        assert other.get(f"/connections/{identifier}").status_code == 404
        assert other.get("/connections").json()["items"] == []
        assert other.get("/flowSpecs").json()["items"]


def test_requests_are_recorded_without_the_token(api, app, session):
    """Tests can count calls by method, path, query, headers and body; credentials are not kept."""
    api.call("GET", "/flows", params=[("property", "a==1"), ("property", "b==2")])
    api.post("/connections", {"name": "x"})
    form = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "hidden"}
    session.post("http://emulator.test/ims/token/v3", data=form, timeout=5)
    api.call("POST", "/flows", data=b"\xffraw", headers={"Content-Type": "text/plain"})
    first, second, third, fourth = app.requests
    assert (first.method, first.path, first.query) == ("GET", "/flows", {"property": ["a==1", "b==2"]})
    assert "Authorization" not in first.headers
    assert first.headers["X-Sandbox-Name"] == "prod"
    assert second.body == {"name": "x"}
    assert (third.path, third.body) == ("/ims/token/v3", None)
    assert fourth.body == "\ufffdraw"
    app.requests.clear()
    app.settings.record = False
    api.get("/flows")
    assert app.requests == []
