"""The forms of replies that the documents leave open: each switch shows (FACTS 3, 6 to 9, 11, 14, 15)."""

from __future__ import annotations

import json

import pytest

from reconciler.emulator import EmulatorApp

RENAME = [{"op": "replace", "path": "/name", "value": "N"}]
SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"


@pytest.mark.parametrize(
    ("mode", "shown"), [("masked", "****"), ("emptied", ""), ("nulled", None), ("hinted", "****st"), ("absent", ...)]
)
def test_secrets(api, app, mode, shown):
    """A password comes back as something else, and what is none as it is."""
    path = f"/connections/{api.connection()}"
    app.settings.secrets = mode
    params = api.item(path)["auth"]["params"]
    assert params.get("password", ...) == shown
    assert params["username"] == "me"


def test_encrypted_secrets(api, app):
    """Another text with every reading, and never the secret."""
    path = f"/connections/{api.connection()}"
    app.settings.secrets = "encrypted"
    readings = {api.item(path)["auth"]["params"]["password"] for _ in range(3)}
    assert len(readings) == 3
    assert not any("first" in reading for reading in readings)


def test_lists_that_show_less(api, app):
    """A GET shows the secret, the list does not."""
    path = f"/connections/{api.connection()}"
    app.settings.list_secrets = "absent"
    (listed,) = api.get("/connections").json()["items"]
    assert "password" not in listed["auth"]["params"]
    assert api.item(path)["auth"]["params"]["password"] == "first"


ENABLE = "Invalid request: The action enable cannot be applied on the current state enabled."
DETAILS = "The action enable cannot be applied on the current state enabled."


@pytest.mark.parametrize(
    ("shape", "place", "body"),
    [
        ("details", "details", {"errorMessage": ENABLE, "errorDetails": f"1422-400: {DETAILS}"}),
        ("details", "message", {"errorMessage": f"1422-400: {ENABLE}", "errorDetails": DETAILS}),
        ("details", "field", {"errorMessage": ENABLE, "errorDetails": DETAILS, "errorCode": "1422-400"}),
        ("details", "absent", {"errorMessage": ENABLE, "errorDetails": DETAILS}),
        ("short", "details", {"errorMessage": ENABLE}),
        ("message", "message", {"message": f"1422-400: {ENABLE}"}),
        (
            "problem",
            "details",
            {"type": "about:blank", "status": 400, "title": ENABLE, "detail": f"1422-400: {DETAILS}"},
        ),
    ],
)
def test_errors(api, app, shape, place, body):
    """A refusal in each documented body, its code in each place."""
    flow = api.flow()[0]
    app.settings.error_shape, app.settings.error_code = shape, place
    reply = api.post(f"/flows/{flow}/action?op=enable")
    assert (reply.status_code, reply.json()) == (400, body)


@pytest.mark.parametrize(("codes", "code"), [("strings", "403010"), ("numbers", 403010)])
def test_gateway_codes(api, app, codes, code):
    """They are text, or numbers."""
    app.settings.gateway_codes = codes
    del api.headers["Authorization"]
    assert api.get("/flows").json() == {"error_code": code, "message": "Oauth token is missing."}


@pytest.mark.parametrize(
    ("form", "start", "end", "sent"),
    [
        ("standard", '"', '0000"', "{}"),
        ("uuid", '"', '"', "{}"),
        ("unquoted", "", "0000", '"{}"'),
        ("weak", 'W/"', '0000"', "{}"),
    ],
)
def test_etags(api, app, form, start, end, sent):
    """Each is taken as it is shown, but for one without quotes, which gets them."""
    app.settings.etag_form = form
    path = f"/connections/{api.connection()}"
    etag = api.item(path)["etag"]
    assert etag.startswith(start)
    assert etag.endswith(end)
    assert api.item(path)["version"] == etag
    bare = etag.removeprefix("W/").strip('"')
    assert api.patch(path, RENAME, bare).status_code == 412
    assert api.patch(path, RENAME, sent.format(etag)).status_code == 200
    assert api.item(path)["etag"] != etag
    app.settings.quoted_if_match_required = False
    assert api.patch(path, RENAME, api.item(path)["etag"].removeprefix("W/").strip('"')).status_code == 200


def test_specs_with_etags(api, app):
    """A PUT without the etag is a 400, with another one a 412; also of specs from before."""
    old = api.post("/flowSpecs", {"name": "f", "providerId": "p"}).json()
    app.settings.spec_etags = True
    made = api.post("/connectionSpecs", {"name": "c", "providerId": "p"}).json()
    path, body = f"/connectionSpecs/{made['id']}", {"name": "d", "providerId": "p"}
    assert api.put(path, body).json()["errorDetails"].startswith("1403-400")
    assert api.put(path, body, **{"If-Match": '"x"'}).status_code == 412
    reply = api.put(path, body, **{"If-Match": made["etag"]})
    assert (reply.status_code, reply.json()["name"]) == (200, "d")
    assert reply.json()["etag"] == api.item(path)["etag"] != made["etag"]
    assert "version" not in api.item(path)
    path = f"/flowSpecs/{old['id']}"
    assert api.put(path, body).status_code == 400
    assert api.put(path, body, **{"If-Match": api.item(path)["etag"]}).status_code == 200


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("completed", {"value": "inProgress", "errors": []}, {"value": "completed", "errors": []}),
        (
            "enum",
            {"value": "IN_PROGRESS", "errors": [], "properties": None},
            {"value": "COMPLETED", "errors": [], "properties": None},
        ),
        (
            "queued",
            {"value": "QUEUED", "errors": [], "properties": None},
            {"value": "SUCCESS", "errors": [], "properties": None},
        ),
    ],
)
def test_operations(api, app, clock, words, before, after):
    """The words of an operation in progress, and of one that is over."""
    app.settings.operation_words, app.settings.settle_seconds = words, 5
    path = f"/flows/{api.flow()[0]}"
    assert api.item(path)["lastOperation"]["status"] == before
    clock.now += 5
    assert api.item(path)["lastOperation"]["status"] == after


def test_no_operations(api, app):
    """Nothing tells whether a write has settled."""
    app.settings.operation_words, app.settings.settle_seconds = "absent", 5
    path = f"/flows/{api.flow()[0]}"
    assert "lastOperation" not in api.item(path)
    app.settings.settle_seconds = 0
    assert "lastOperation" not in api.get("/flows").json()["items"][0]


@pytest.mark.parametrize(
    ("words", "shown"),
    [("named", "updating"), ("inProgress", "inProgress"), ("pending", "pending"), ("finalizing", "enabled-finalizing")],
)
def test_states_on_their_way(api, app, clock, words, shown):
    """However it is called, it takes no other write."""
    path = f"/flows/{api.flow()[0]}"
    app.settings.transient_words, app.settings.settle_seconds = words, 5
    api.patch(path, RENAME)
    assert api.item(path)["state"] == shown
    assert api.patch(path, RENAME).json()["errorDetails"].startswith("1420-400")
    assert api.delete(path).json()["errorDetails"].startswith("1420-400")
    assert api.post(f"{path}/action?op=disable").json()["errorDetails"].startswith("1421-400")
    clock.now += 5
    assert api.item(path)["state"] == "enabled"


@pytest.mark.parametrize(("versions", "shown"), [("strings", "0"), ("echoed", 0)])
def test_mapping_versions(api, app, versions, shown):
    """0 comes back as a string, or as it was sent."""
    app.settings.mapping_versions = versions
    path = f"/flows/{api.flow()[0]}"
    assert api.item(path)["transformations"][1]["params"]["mappingVersion"] == shown


def test_the_order_of_keys(api, app, bodies):
    """As they were sent, or sorted."""
    path = f"/connections/{api.made('connections', bodies.connection())}"
    assert list(api.item(path)["auth"]["params"]) == ["username", "password", "securityToken"]
    app.settings.key_order = "sorted"
    assert list(api.item(path)["auth"]["params"]) == ["password", "securityToken", "username"]
    text = api.get(path).text
    assert text == json.dumps(json.loads(text), sort_keys=True)


@pytest.mark.parametrize(("unit", "lifetime"), [("seconds", 86399), ("milliseconds", 86399000)])
def test_the_unit_of_a_lifetime(session, app: EmulatorApp, unit, lifetime):
    """A day, in seconds or in milliseconds."""
    app.settings.expires_in = unit
    form = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "secret"}
    reply = session.post("http://emulator.test/ims/token/v3", data=form, timeout=5)
    assert reply.json()["expires_in"] == lifetime
