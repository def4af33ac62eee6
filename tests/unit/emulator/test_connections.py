"""Base connections: what a POST needs, what a GET shows (FACTS 4, 6, 8, 14)."""

from __future__ import annotations

import re

import pytest

STREAMING = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb"
BIG_QUERY = "3c9b37f8-13a6-43d8-bad3-b863b941fedd"
S3 = "ecadc60c-7455-4d87-84dc-2a0e293d997b"


def test_post_and_get(api, clock, bodies):
    """A POST answers id, etag and a location; the GET has the body as sent, and what the service owns."""
    reply = api.post("/connections", bodies.connection())
    assert reply.status_code == 201
    assert reply.json().keys() == {"id", "etag"}
    identifier = reply.json()["id"]
    assert reply.headers["Location"].endswith(f"/connections/{identifier}")
    item = api.item(f"/connections/{identifier}")
    assert bodies.connection().items() <= item.items()
    assert item["state"] == "enabled"
    assert item["createdAt"] == item["updatedAt"] == int(clock.now * 1000)
    assert item["createdBy"] == item["updatedBy"] == "technical@AdobeID"
    assert item["createdClient"] == item["updatedClient"] == "an-api-key"
    assert (item["sandboxName"], item["imsOrgId"]) == ("prod", "emulator@AdobeOrg")
    assert item["etag"] == item["version"] == reply.json()["etag"]


def test_etag_form(api, clock, bodies):
    """The quotes are part of the etag, and it ends in the second of the write."""
    etag = api.post("/connections", bodies.connection()).json()["etag"]
    assert re.fullmatch(r'"[0-9a-f]{8}-0000-0200-0000-([0-9a-f]{8})0000"', etag)
    assert int(etag[-13:-5], 16) == int(clock.now)


def test_missing_version_is_filled_in(api, bodies):
    """A connectionSpec without version comes back with one; another version is kept as sent."""
    identifier = api.connection(connectionSpec={"id": bodies.connection()["connectionSpec"]["id"]})
    assert api.item(f"/connections/{identifier}")["connectionSpec"]["version"] == "1.0"


@pytest.mark.parametrize("spec", [None, {}, {"version": "1.0"}, {"id": "{SPEC_ID}"}, {"id": 5}])
def test_unknown_spec(api, bodies, spec):
    """A spec that is not there is refused in a shape of its own."""
    body = bodies.connection(connectionSpec=spec)
    reply = api.post("/connections", body)
    assert (reply.status_code, reply.json()) == (400, {"message": "Please provide a valid spec id"})


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        ({"specName": "Other", "params": {}}, "1415-400"),
        ({"params": {}}, "1415-400"),
        ({"specName": "Basic Authentication", "params": {"username": "me"}}, "password"),
        ({"specName": "Basic Authentication", "params": ["me"]}, "no object"),
        (
            {
                "specName": "Basic Authentication",
                "params": {"username": "a", "password": "b", "securityToken": "c", "environmentUrl": None},
            },
            "null",
        ),
        ("Basic Authentication", "wrong type"),
    ],
)
def test_auth_must_fit_its_spec(api, bodies, auth, words):
    """The auth spec exists, its required params are there, and none is null."""
    reply = api.post("/connections", bodies.connection(auth=auth))
    assert reply.status_code == 400
    assert words in reply.json()["errorDetails"]


def test_required_names_that_no_property_has(api, bodies):
    """A spec may require names that it does not describe; nobody can give those."""
    auth = {"specName": "Access Key", "params": {"s3AccessKey": "a", "s3SecretKey": "b"}}
    assert api.connection(connectionSpec={"id": S3}, auth=auth)


def test_broken_auth_schema(api, app, bodies):
    """A spec whose schema is broken checks nothing."""
    broken = [{"name": "Any", "spec": {"type": 5}}, {"name": "None"}, {"name": "List", "spec": {"properties": []}}]
    app.store.seed("connectionSpecs", {"id": "broken", "name": "x", "authSpec": broken})
    for name in ("Any", "None"):
        assert api.connection(connectionSpec={"id": "broken"}, auth={"specName": name, "params": {"a": 1}})
    app.settings.secrets = "masked"
    identifier = api.connection(connectionSpec={"id": "broken"}, auth={"specName": "List", "params": {}})
    assert api.item(f"/connections/{identifier}")["auth"]["params"] == {}


def test_connection_without_auth(api, bodies):
    """No source says that a connection must have credentials."""
    body = bodies.connection()
    del body["auth"]
    assert api.post("/connections", body).status_code == 201


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, ""),
        ({"name": 5}, ""),
        ({"etag": "x"}, ""),
        ({"state": "enabled"}, ""),
        ({"version": "1.0"}, ""),
    ],
)
def test_refused_fields(api, bodies, change, code):
    """A name is needed, and what the service owns is never in a write."""
    assert api.post("/connections", bodies.connection(**change)).status_code == 400


@pytest.mark.parametrize("raw", [b"", b"{}", b"null"])
def test_empty_body(api, raw):
    """An empty body has its own code."""
    reply = api.call("POST", "/connections", data=raw, headers={"Content-Type": "application/json"})
    assert reply.json()["errorDetails"].startswith("1405-400")


def test_body_that_is_no_object(api):
    """A POST of a list is refused."""
    assert api.post("/connections", [1]).status_code == 400


def test_streaming_inlet(api):
    """The service adds the inlet of a streaming connection, and keeps it when the params are replaced whole."""
    params = {"sourceId": "s", "dataType": "xdm", "name": "n"}
    auth = {"specName": "Streaming Connection", "params": params}
    identifier = api.connection(connectionSpec={"id": STREAMING, "version": "1.0"}, auth=auth, providerId="521eee4d")
    before = api.item(f"/connections/{identifier}")["auth"]["params"]
    assert before.keys() == {*params, "inletUrl", "inletId"}
    op = {"op": "replace", "path": "/auth/params", "value": {**params, "name": "other", "inletId": "mine"}}
    assert api.patch(f"/connections/{identifier}", [op]).status_code == 200
    assert api.item(f"/connections/{identifier}")["auth"]["params"] == {**before, "name": "other"}


def test_not_found(api):
    """A 404 names the collection and the id."""
    reply = api.get("/connections/none")
    assert reply.status_code == 404
    message = "connections not found with id = [none]"
    assert reply.json() == {"errorMessage": message, "errorDetails": message}


class TestSecrets:
    """How password fields are shown (FACTS 14: unknown)."""

    @pytest.fixture
    def shown(self, api, app):
        extra = {"specName": "x", "params": {"accessToken": "s", "kind": "RSA"}}
        identifier = api.connection(encryption=extra)

        def look(mode):
            app.settings.secrets = mode
            return api.item(f"/connections/{identifier}")

        return look

    def test_clear(self, shown):
        """In clear, as the tutorials' text has it."""
        assert shown("clear")["auth"]["params"]["password"] == "first"

    def test_masked(self, shown):
        """Masked: the keys are there."""
        item = shown("masked")
        assert item["auth"]["params"] == {"username": "me", "password": "****", "securityToken": "****"}
        assert item["encryption"]["params"] == {"accessToken": "****", "kind": "RSA"}

    def test_absent(self, shown):
        """Absent: a partial view, as the OpenAPI has it, also in lists."""
        assert shown("absent")["auth"]["params"] == {"username": "me"}

    def test_the_spec_decides(self, api, app):
        """A field is secret when its auth spec says so, whatever its name."""
        app.settings.secrets = "absent"
        properties = {"pin": {"type": "string", "format": "password"}, "user": {"type": "string"}}
        spec = {"name": "P", "spec": {"type": "object", "properties": properties}}
        app.store.seed("connectionSpecs", {"id": "p", "name": "p", "authSpec": [spec]})
        auth = {"specName": "P", "params": {"pin": "1", "user": "me"}}
        identifier = api.connection(connectionSpec={"id": "p"}, auth=auth)
        assert api.get("/connections").json()["items"][0]["auth"]["params"] == {"user": "me"}
        assert app.store.get("connections", identifier)["auth"] == auth
