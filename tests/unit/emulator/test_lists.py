"""Lists: filter, sort, count, page (FACTS 5, 17)."""

from __future__ import annotations

import pytest


@pytest.fixture
def names(app):
    """Seven connections a to g, every other one disabled."""
    for number, name in enumerate("dgbaecf"):
        state = "enabled" if number % 2 else "disabled"
        app.store.seed("connections", {"id": f"id-{name}", "name": name, "state": state, "rank": number, "etag": '"1"'})
    return "dgbaecf"


def pages(api, path, **params):
    """Follow the links as clients do: the service base, then the path that the link has."""
    reply = api.get(path, **params).json()
    found = [[item["name"] for item in reply["items"]]]
    while "next" in reply.get("_links", {}):
        reply = api.get(reply["_links"]["next"]["href"]).json()
        found.append([item["name"] for item in reply["items"]])
    return found


def joined(found):
    return ["".join(page) for page in found]


def test_pages_follow_the_order_of_making(api, names):
    """Every item comes once, in pages of the size asked for."""
    assert joined(pages(api, "/connections", limit=3)) == ["dgb", "aec", "f"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"orderby": "name"}, ["abc", "def", "g"]),
        ({"orderby": "+name"}, ["abc", "def", "g"]),
        ({"orderby": "-name"}, ["gfe", "dcb", "a"]),
        ({"orderby": "state"}, ["dbe", "fga", "c"]),
        ({"orderby": "-state"}, ["gac", "dbe", "f"]),
        ({"orderby": "-rank"}, ["fce", "abg", "d"]),
        ({"orderby": "nowhere"}, ["dgb", "aec", "f"]),
        ({"property": "state==disabled"}, ["dbe", "f"]),
        ({"property": "state==disabled", "orderby": "-name"}, ["fed", "b"]),
        ({"property": ["state==enabled", "name!=a"]}, ["gc"]),
    ],
)
def test_pages_under_filters_and_orders(api, names, params, expected):
    """The token carries filter and order: no page repeats or loses an item."""
    assert joined(pages(api, "/connections", limit=3, **params)) == expected


def test_pages_while_others_write(api, app, names):
    """An item made or deleted between two pages neither repeats nor hides another."""
    first = api.get("/connections", limit=3, orderby="name").json()
    api.delete("/connections/id-a")
    app.store.seed("connections", {"id": "id-aa", "name": "aa"})
    second = api.get(first["_links"]["next"]["href"]).json()
    assert [item["name"] for item in second["items"]] == ["d", "e", "f"]


def test_the_link(api, names):
    """The link is relative to the service base, token first, free of what a naive parser would trip over."""
    href = api.get("/connections", limit=2, property="state!=x").json()["_links"]["next"]["href"]
    path, _, token = href.partition("?continuationToken=")
    assert path == "/connections"
    assert token
    assert not set("=%&+") & set(token)


def test_parameters_may_be_repeated_beside_the_token(api, names):
    """A client that repeats its own parameters gets the next page as well; a new limit counts."""
    href = api.get("/connections", limit=2, orderby="name").json()["_links"]["next"]["href"]
    reply = api.get(href, limit=4, orderby="name", count="False").json()
    assert [item["name"] for item in reply["items"]] == ["c", "d", "e", "f"]


def test_last_page(api, app, names):
    """The last page has empty links, by the other source none at all, or some without a next."""
    assert api.get("/connections").json()["_links"] == {}
    app.settings.last_links = "absent"
    assert "_links" not in api.get("/connections").json()
    app.settings.last_links = "self"
    assert api.get("/connections").json()["_links"] == {"self": {"href": "/connections"}}


def test_default_limit(api, app, names):
    """A page without a limit has the configured size."""
    app.settings.default_limit = 4
    assert len(api.get("/connections").json()["items"]) == 4


def test_spec_lists_come_whole(api, app):
    """Lists of specs know no limit: one reply, no links."""
    app.settings.default_limit = 1
    reply = api.get("/connectionSpecs").json()
    assert len(reply["items"]) > 5
    assert "_links" not in reply


@pytest.mark.parametrize("word", ["true", "True"])
def test_count(api, names, word):
    """A count has no items, and counts what the filters leave."""
    assert api.get("/connections", count=word).json() == {"count": 7}
    assert api.get("/connections", count=word, property="state==disabled").json() == {"count": 4}


@pytest.mark.parametrize("word", ["false", "False"])
def test_no_count(api, names, word):
    """Saying that no count is wanted may go with a limit, as clients do."""
    assert len(api.get("/connections", count=word, limit=2).json()["items"]) == 2


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/connections", {"count": "true", "limit": 5}, "1401-400"),
        ("/connections", {"orderby": "#id"}, "1433-400"),
        ("/connections", {"orderby": "*name"}, "1432-400"),
        ("/connections", {"orderby": ""}, "1432-400"),
        ("/connections", {"stray": "1"}, "1451-400"),
        ("/connections", {"start": "0"}, "1451-400"),
        ("/connectionSpecs", {"limit": 5}, "1451-400"),
        ("/flowSpecs", {"orderby": "name"}, "1451-400"),
        ("/flowSpecs", {"count": "true"}, "1451-400"),
        ("/flows/1", {"property": "a==b"}, "1451-400"),
        ("/connections", {"count": "maybe"}, ""),
        ("/connections", {"limit": 0}, ""),
        ("/connections", {"limit": 101}, ""),
        ("/connections", {"limit": "ten"}, ""),
        ("/connections", {"limit": "9" * 5000}, ""),
        ("/connections", {"continuationToken": "nonsense"}, ""),
        ("/connections", {"continuationToken": "eJyrrgUAAXUA-Q"}, ""),
    ],
)
def test_refused_lists(api, path, params, code):
    """What a list cannot do is a 400, with its code where one is documented."""
    reply = api.get(path, **params)
    assert reply.status_code == 400
    assert reply.json()["errorDetails"].startswith(code)


def test_limit_at_its_bounds(api, names):
    """One and a hundred are the bounds."""
    assert len(api.get("/connections", limit=1).json()["items"]) == 1
    assert len(api.get("/connections", limit=100).json()["items"]) == 7


def test_more_documents_than_a_chunk(api, app):
    """A long list is complete: the store reads in pieces, the caller in others."""
    for number in range(300):
        app.store.seed("connections", {"id": str(number), "name": str(number)})
    found = pages(api, "/connections", limit=100)
    assert [name for page in found for name in page] == [str(number) for number in range(300)]
