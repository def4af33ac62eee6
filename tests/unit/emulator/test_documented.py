"""Documented calls, replayed as the documents have them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[4] / "shared/flow-service/corpus"
PATCHED = ("connections", "sourceConnections", "targetConnections", "flows")


def requests_of(method):
    """Return the documented request bodies of a method, or nothing where they are not at hand."""
    if not CORPUS.is_dir():
        return [
            pytest.param("", "", marks=pytest.mark.skip(reason="the documented bodies are not part of the repository"))
        ]
    lines = (CORPUS / "index.jsonl").read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return [
        (entry["resource"], entry["file"])
        for entry in entries
        if (entry["method"], entry["kind"], entry["valid_json"]) == (method, "request", True) and not entry.get("sub")
    ]


@pytest.mark.parametrize(("collection", "file"), requests_of("POST"))
def test_documented_posts(api, app, documented, collection, file):
    """Every documented POST is accepted, whatever it leaves out, and comes back as it was sent."""
    app.settings.check_references = False
    body = documented(file)
    reply = api.post(f"/{collection}", body)
    assert reply.status_code == 201, reply.text
    item = api.item(f"/{collection}/{reply.json()['id']}")
    for field in ("name", "params", "scheduleParams", "sourceConnectionIds", "authSpec"):
        assert item.get(field) == body.get(field)


@pytest.mark.parametrize(("collection", "file"), requests_of("PUT"))
def test_documented_puts(api, app, documented, collection, file):
    """Every documented PUT is accepted; the body comes back but for its description."""
    body = documented(file)
    identifier = body.get("id", "f6c0de0c-0a42-4cd9-9139-8768bf2f1b55")
    if api.get(f"/{collection}/{identifier}").status_code == 404:
        app.store.seed(collection, {"id": identifier, "name": "before", "providerId": "p"})
    reply = api.put(f"/{collection}/{identifier}", body)
    assert reply.status_code == 200, reply.text
    assert reply.json()["name"] == body["name"]
    assert "description" not in reply.json()


UPDATE = "aep-en__sources-api-update"
DESTINATIONS = "aep-apis__static-swagger-specs-destinations"
AUDIENCES = f"{DESTINATIONS}/53-flows-get-response.json"
DATASETS = f"{DESTINATIONS}/61-flows-get-response.json"


@pytest.mark.parametrize(
    ("get", "patch"),
    [
        (f"{UPDATE}/01-connections-get-response.json", f"{UPDATE}/02-connections-patch-request.json"),
        (f"{UPDATE}/05-flows-get-response.json", f"{UPDATE}/06-flows-patch-request.json"),
        (f"{UPDATE}-dataflows/01-flows-get-response.json", f"{UPDATE}-dataflows/02-flows-patch-request.json"),
        (f"{UPDATE}-dataflows/01-flows-get-response.json", f"{UPDATE}-dataflows/04-flows-patch-request.json"),
        (f"{DESTINATIONS}/09-connections-get-response.json", f"{DESTINATIONS}/14-connections-patch-request.json"),
        (f"{DESTINATIONS}/09-connections-get-response.json", f"{DESTINATIONS}/15-connections-patch-request.json"),
        (f"{DESTINATIONS}/09-connections-get-response.json", f"{DESTINATIONS}/16-connections-patch-request.json"),
        *[(AUDIENCES, f"{DESTINATIONS}/{number}-flows-patch-request.json") for number in (63, 64, 65, 66, 67)],
    ],
)
def test_documented_patches(api, app, documented, get, patch):
    """A documented PATCH is accepted upon the documented object, with its own etag."""
    collection = get.partition("/")[2].split("-")[1]
    (item,) = documented(get)["items"]
    app.store.seed(collection, item)
    path = f"/{collection}/{item['id']}"
    assert api.item(path) == item
    reply = api.patch(path, documented(patch), item["etag"])
    assert reply.status_code == 200, reply.text
    assert api.item(path)["etag"] == reply.json()["etag"]


def test_the_update_tutorial(api, app, documented):
    """After its PATCH the tutorial's connection is as the tutorial shows it, but for times, people and etags."""
    (before,) = documented(f"{UPDATE}/01-connections-get-response.json")["items"]
    (after,) = documented(f"{UPDATE}/04-connections-get-response.json")["items"]
    app.store.seed("connections", before)
    path = f"/connections/{before['id']}"
    api.patch(path, documented(f"{UPDATE}/02-connections-patch-request.json"), before["etag"])
    after["auth"]["params"]["password"] = "{NEW_PASSWORD}"  # the tutorial's own reply shows the one from before
    moved = {"etag": 0, "version": 0, "updatedAt": 0, "updatedBy": 0, "updatedClient": 0}
    assert {**api.item(path), **moved} == {**after, **moved}


@pytest.mark.parametrize(("now", "status"), [(1668470000, 200), (1668474000, 400)])
def test_the_documented_export_schedule(api, app, clock, documented, now, status):
    """The documented schedule of a dataset export replaces one whose start lies ahead; one that has passed stands."""
    clock.now = now
    (item,) = documented(DATASETS)["items"]
    app.store.seed("flows", item)
    patch = documented(f"{DESTINATIONS}/69-flows-patch-request.json")
    assert api.patch(f"/flows/{item['id']}", patch, item["etag"]).status_code == status
