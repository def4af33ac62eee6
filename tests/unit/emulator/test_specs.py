"""Connection and flow specs: POST, PUT, and their quirks (FACTS 4, 7, 13, 15)."""

from __future__ import annotations

import pytest

CONTENT_PATH = {"path": "$.members", "skipAttributes": ["_links"]}
AUTH = [{"name": "Basic", "type": "Basic", "spec": {"type": "object"}}]


def spec(**fields):
    return {
        "name": "MailChimp",
        "description": "A text",
        "providerId": "0ed90a81-07f4-4586-8190-b40eccef1c5a",
        "version": "1.0",
        "authSpec": AUTH,
        "sourceSpec": {"attributes": {"contentPath": CONTENT_PATH}},
    } | fields


def test_post_reply(api, clock):
    """A POST answers the whole body, bare: no etag, the version of the spec, no description, authRequired added."""
    reply = api.post("/connectionSpecs", spec())
    assert reply.status_code == 201
    body = reply.json()
    assert body["version"] == "1.0"
    assert not {"etag", "description", "state"} & body.keys()
    assert body["sourceSpec"]["attributes"] == {"contentPath": CONTENT_PATH, "authRequired": True}
    assert body["createdAt"] == body["updatedAt"] == int(clock.now * 1000)
    assert api.item(f"/connectionSpecs/{body['id']}") == body


def test_wrapped_post_reply(api, app):
    """By the other source the body is wrapped."""
    app.settings.post_spec_reply = "wrapped"
    assert api.post("/connectionSpecs", spec()).json()["items"][0]["name"] == "MailChimp"


def test_collapsed_content_path(api, app):
    """By an older reply only the path of the contentPath is shown; stored is what was sent."""
    app.settings.content_path = "collapsed"
    body = api.post("/connectionSpecs", spec()).json()
    assert body["sourceSpec"]["attributes"]["contentPath"] == "$.members"
    stored = app.store.get("connectionSpecs", body["id"])
    assert stored["sourceSpec"]["attributes"]["contentPath"] == CONTENT_PATH
    plain = api.post("/connectionSpecs", spec(sourceSpec={"attributes": {"contentPath": "$.x"}})).json()
    assert plain["sourceSpec"]["attributes"]["contentPath"] == "$.x"


def test_empty_auth_spec(api):
    """An empty authSpec is absent in replies, and no authentication is required then."""
    body = api.post("/connectionSpecs", spec(authSpec=[])).json()
    assert "authSpec" not in body
    assert "authRequired" not in body["sourceSpec"]["attributes"]


def test_put_replaces_the_whole(api, clock):
    """A PUT keeps nothing of before but what the service owns, whatever the body says of that."""
    before = api.post("/connectionSpecs", spec(type="generic-rest")).json()
    clock.now += 1
    path = f"/connectionSpecs/{before['id']}"
    reply = api.put(path, {"id": "other", "createdAt": 1, "name": "N", "providerId": "p"})
    assert reply.status_code == 200
    after = reply.json()
    assert (after["id"], after["createdAt"], after["name"]) == (before["id"], before["createdAt"], "N")
    assert after["updatedAt"] == before["updatedAt"] + 1000
    assert not {"type", "version", "authSpec", "sourceSpec"} & after.keys()
    assert api.item(path) == after


@pytest.mark.parametrize("body", [{"name": "N"}, {"providerId": "p"}, {"name": "N", "providerId": "p", "authSpec": {}}])
def test_refused_specs(api, body):
    """Name and provider are required, and an authSpec is a list."""
    identifier = api.post("/connectionSpecs", spec()).json()["id"]
    assert api.put(f"/connectionSpecs/{identifier}", body).status_code == 400
    assert api.post("/connectionSpecs", body).status_code == 400


def test_put_of_what_is_not_there(api):
    """A PUT creates nothing."""
    assert api.put("/flowSpecs/none", spec()).status_code == 404


def test_user_tokens(api, app):
    """Without the self-serve programme connection specs cannot be written."""
    app.settings.custom_specs_allowed = False
    assert api.post("/connectionSpecs", spec()).json()["errorDetails"].startswith("1426-400")


@pytest.mark.parametrize("spelling", ["transformationSpec", "transformationSpecs", "transformationSpecDTOS"])
def test_transformation_specs(api, spelling):
    """Requests spell it in three ways, replies in one."""
    body = {"name": "F", "providerId": "p", spelling: [{"name": "Mapping"}]}
    reply = api.post("/flowSpecs", body).json()
    assert reply["transformationSpecs"] == [{"name": "Mapping"}]
    assert (spelling == "transformationSpecs") == (spelling in reply)


def test_catalogue_specs_can_be_put(api, another):
    """A flow spec of the catalogue takes one more source, for every sandbox."""
    path = "/flowSpecs/6499120c-0b15-42dc-936e-847ea3c24d72"
    item = api.item(path)
    item["sourceConnectionSpecIds"].append("mine")
    assert api.put(path, item).status_code == 200
    after = another(x_sandbox_name="dev").item(path)
    assert after["sourceConnectionSpecIds"] == item["sourceConnectionSpecIds"]
    assert after["updatedBy"] == "technical@AdobeID"


def test_custom_specs_belong_to_their_sandbox(api, another):
    """A custom spec is seen in the sandbox in which it was made, and there a connection can use it."""
    identifier = api.post("/connectionSpecs", spec(authSpec=[])).json()["id"]
    assert api.connection(connectionSpec={"id": identifier})
    assert another(x_sandbox_name="dev").get(f"/connectionSpecs/{identifier}").status_code == 404


def test_catalogue_replies_add_nothing(api):
    """What the service adds to custom specs it does not add to its own."""
    item = api.item("/connectionSpecs/cfc0fee1-7dc0-40ef-b73e-d8b134c436f5")
    assert "authRequired" not in str(item)
    assert not {"etag", "createdAt"} & item.keys()
