"""POST /…/search (FACTS 1): as far as it is known how one asks."""

from __future__ import annotations

import pytest


def code(reply):
    assert reply.status_code == 400, reply.text
    return reply.json()["errorDetails"]


def test_pages(api):
    """A search for everything lists everything, in order and page by page."""
    made = {api.connection(name=f"c{at}") for at in range(5)}
    body = {"limit": 3, "orderby": "-name"}
    first = api.post("/connections/search", body).json()
    assert [item["name"] for item in first["items"]] == ["c4", "c3", "c2"]
    link = first["_links"]["next"]["href"]
    assert link.startswith("/connections/search?continuationToken=")
    second = api.post(link, body).json()
    assert {item["id"] for item in first["items"] + second["items"]} == made
    assert second["_links"] == {}
    assert [item["name"] for item in api.post(link, {"queryString": ""}).json()["items"]] == ["c1", "c0"]
    assert [item["name"] for item in api.post(link, {"limit": 1}).json()["items"]] == ["c1"]


def test_count(api):
    """How many there are, in the place of what there is."""
    api.connection()
    assert api.post("/connections/search", {"count": True}).json() == {"count": 1}
    assert api.post("/flows/search", {"count": True}).json() == {"count": 0}
    assert code(api.post("/connections/search", {"count": True, "limit": 1})).startswith("1401-400")
    assert len(api.post("/connections/search", {"count": False, "limit": 1}).json()["items"]) == 1


def test_specs(api):
    """Flow specs come in one piece, with no link and no token."""
    reply = api.post("/flowSpecs/search", {"count": False}).json()
    assert reply == {"items": api.get("/flowSpecs").json()["items"]}
    assert api.post("/flowSpecs/search", {"limit": 2}).json() == {"items": reply["items"][:2]}
    assert api.post("/flowSpecs/search", {"count": True}).json() == {"count": len(reply["items"])}
    assert code(api.post("/flowSpecs/search?continuationToken=x", {"limit": 2})).startswith("1451-400")


@pytest.mark.parametrize(
    ("collection", "body"),
    [
        ("connections", {"queryString": "name==a"}),
        ("flows", {"projectionFields": "name"}),
        ("flowSpecs", {"groupByProperty": "name"}),
        ("connections", {"projectionFields": ""}),
        ("flows", {"groupByProperty": ""}),
        ("flows", {"limit": 0}),
        ("flows", {"limit": 1001}),
        ("flows", {"limit": True}),
        ("flows", {"limit": "5"}),
        ("flows", {"orderby": "#"}),
        ("flows", {}),
        ("flows", []),
    ],
)
def test_refused(api, collection, body):
    """What no source says how to write is refused, like what is wrong."""
    assert api.post(f"/{collection}/search", body).status_code == 400


def test_nowhere_else(api):
    """Source and target connections have no search."""
    assert api.post("/sourceConnections/search", {"limit": 1}).status_code in (404, 405)
