"""Reads that are not as one would have them: short pages, lost objects, what was there before (FACTS 5, 16)."""

from __future__ import annotations

import pytest

RENAME = [{"op": "replace", "path": "/name", "value": "N"}]


def pages(api, path):
    """Return the ids of a list, page by page."""
    found, answer = [], api.get(path).json()
    while True:
        found.append([item["id"] for item in answer["items"]])
        if "next" not in answer.get("_links", {}):
            return found
        answer = api.get(answer["_links"]["next"]["href"]).json()


@pytest.fixture
def made(api):
    return [api.connection(name=f"c{at}") for at in range(7)]


def test_a_page_may_be_shorter_than_asked_for(api, app, made):
    """The service's own limit counts, and is the caller's again on the next page."""
    app.settings.page_cap = 3
    assert pages(api, "/connections?limit=100") == [made[:3], made[3:6], made[6:]]
    assert pages(api, "/connections?limit=2")[0] == made[:2]
    link = api.get("/connections?limit=100").json()["_links"]["next"]["href"]
    app.settings.page_cap = None
    assert [item["id"] for item in api.get(link).json()["items"]] == made[3:]


def test_connections_without_links(api, app, made):
    """Their list ends at a full page and does not say that there is more; other lists do."""
    app.settings.connection_links = False
    assert api.get("/connections?limit=3").json().keys() == {"items"}
    assert api.get("/connections?limit=7").json()["_links"] == {}
    app.settings.page_cap = 2
    assert len(api.get("/connections?limit=5").json()["items"]) == 5
    for at in range(2):
        api.made("targetConnections", {"name": f"t{at}", "connectionSpec": {"id": LAKE}})
    assert "next" in api.get("/targetConnections?limit=1").json()["_links"]


LAKE = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"


def test_pages_that_lose_objects(api, app, made):
    """Some readings lack an object in the middle, never the same for long, and a single page lacks none."""
    app.settings.pages_lose = True
    readings = [[id for page in pages(api, "/connections?limit=2") for id in page] for _ in range(12)]
    assert any(len(reading) < len(made) for reading in readings)
    assert set().union(*readings) == set(made)
    assert pages(api, "/connections") == [made]


@pytest.mark.parametrize(("listed", "got"), [(5.0, 0.0), (0.0, 5.0)])
def test_reads_that_lag(api, app, clock, listed, got):
    """What was made, changed and deleted shows late in lists, or in GETs; writes meet it at once."""
    old = api.connection(name="old")
    gone = api.connection(name="gone")
    clock.now += 60
    app.settings.list_lag, app.settings.get_lag = listed, got

    def names():
        """Return what either way of reading shows."""
        ids = (old, gone, new)
        by_id = [reply.json()["items"][0] for reply in (api.get(f"/connections/{id}") for id in ids) if reply.ok]
        by_list = api.get("/connections").json()["items"]
        assert [api.get("/connections", count="true").json()["count"]] == [len(by_list)]
        return [[item["name"] for item in found] for found in (by_list, by_id)]

    etag = api.item(f"/connections/{old}")["etag"]
    etag = api.patch(f"/connections/{old}", RENAME, etag).json()["etag"]
    new = api.connection(name="new")
    assert api.delete(f"/connections/{gone}").status_code == 204
    before, after = ["old", "gone"], ["N", "new"]
    assert names() == ([before, after] if listed else [after, before])
    clock.now += 3
    ops = [{"op": "replace", "path": "/name", "value": "M"}]
    assert api.patch(f"/connections/{old}", ops, etag).status_code == 200
    last = ["M", "new"]
    assert names() == ([before, last] if listed else [last, before])
    clock.now += 3
    assert names() == ([after, last] if listed else [last, after])
    clock.now += 3
    assert names() == [last, last]


def test_a_late_list_keeps_its_order_and_its_pages(api, app, clock, made):
    """It is the list that was, page by page."""
    clock.now += 60
    app.settings.list_lag = 5.0
    api.delete(f"/connections/{made[2]}")
    api.connection(name="late")
    assert pages(api, "/connections?limit=3") == [made[:3], made[3:6], made[6:]]


def test_what_takes_its_time_to_go_lags_too(api, app, clock):
    """A deletion that is done by itself shows late as well."""
    path = f"/connections/{api.connection()}"
    clock.now += 60
    app.settings.delete_seconds, app.settings.get_lag = 5.0, 5.0
    api.delete(path)
    clock.now += 6
    api.get("/flows")
    assert api.item(path)["state"] == "delete-finalizing"
    clock.now += 6
    assert api.get(path).status_code == 404


def test_a_deletion_shows_late_from_when_it_was_done(api, app, clock):
    """Not from when somebody first looked."""
    path = f"/connections/{api.connection()}"
    clock.now += 60
    app.settings.delete_seconds, app.settings.get_lag = 5.0, 5.0
    api.delete(path)
    clock.now += 11
    assert api.get(path).status_code == 404
