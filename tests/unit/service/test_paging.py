"""A list is read whole or not at all."""

import pytest

from reconciler.model.errors import BadAnswer, NotFound, Rejected, Unauthorised, Unreachable
from reconciler.model.kinds import Kind
from reconciler.service import paging

FOUR = [Kind.CONNECTION, Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION, Kind.FLOW]
SPECS = [Kind.CONNECTION_SPEC, Kind.FLOW_SPEC]


def items(*ids):
    return [{"id": id, "name": id} for id in ids]


def page(ids, href=None):
    return 200, {"items": items(*ids), "_links": {"next": {"href": href}} if href else {}}


def ids_of(found):
    return [item.id for item in found]


@pytest.mark.parametrize("kind", FOUR)
def test_the_four_kinds_are_read_in_pages_of_a_hundred(client, script, kind):
    """The largest page that FACTS 5 allows."""
    script.play(page(["a"]))
    assert ids_of(client.list(kind)) == ["a"]
    assert script.paths == [f"GET /{kind.collection}?limit=100"]


@pytest.mark.parametrize("kind", SPECS)
def test_lists_of_specs_have_no_parameters(client, script, kind):
    """FACTS 5: they declare none, and a parameter that is not known fails with 1451."""
    script.play(page(["a"]))
    client.list(kind)
    assert script.paths == [f"GET /{kind.collection}"]


def test_ids_are_filtered_for_in_one_call(client, script):
    """The documented filter, sorted and each id once; nothing else is let through."""
    script.play(page(["b", "a", "x"]), page(["s"]))
    assert ids_of(client.list(Kind.FLOW, ["b", "a", "b"])) == ["b", "a"]
    assert ids_of(client.list(Kind.FLOW_SPEC, {"s"})) == ["s"]
    assert script.paths == ["GET /flows?limit=100&property=id==a,b", "GET /flowSpecs?property=id==s"]


def test_no_ids_need_no_call(client, script):
    """Nothing asked for is nothing read."""
    assert client.list(Kind.FLOW, []) == []
    assert script.requests == []


def test_many_ids_are_asked_for_by_the_hundred(client, script):
    """An address has a length that gateways take."""
    ids = [f"id-{number:03}" for number in range(250)]
    script.play(page(ids[:100]), page(ids[100:200]), page(ids[200:]))
    assert ids_of(client.list(Kind.FLOW, ids)) == ids
    assert len(script.requests) == 3


def test_pages_follow_by_token_with_our_own_parameters(client, script):
    """FACTS 5: whether the others must be repeated is unknown, so they are."""
    script.play(
        page(["a"], "/flows?continuationToken=T1"), page(["b"], "/flows?limit=7&continuationToken=T2"), page(["c"])
    )
    assert ids_of(client.list(Kind.FLOW)) == ["a", "b", "c"]
    assert script.paths == [
        "GET /flows?limit=100",
        "GET /flows?limit=100&continuationToken=T1",
        "GET /flows?limit=100&continuationToken=T2",
    ]


def test_a_token_that_wants_to_be_alone(client, script):
    """FACTS 5: a service that refuses what we repeat beside a token is asked without it, from then on."""
    script.play(
        page(["a"], "/flows?continuationToken=T1"),
        (400, {"errorMessage": "1451-400"}),
        page(["b"], "/flows?continuationToken=T2"),
        page(["c"]),
    )
    assert ids_of(client.list(Kind.FLOW)) == ["a", "b", "c"]
    assert script.paths[1:] == [
        "GET /flows?limit=100&continuationToken=T1",
        "GET /flows?continuationToken=T1",
        "GET /flows?continuationToken=T2",
    ]


@pytest.mark.parametrize("kind", SPECS)
def test_specs_page_too_where_the_service_says_so(client, script, kind):
    """`_links` is handled everywhere."""
    script.play(page(["a"], f"/{kind.collection}?continuationToken=T"), page(["b"]))
    assert ids_of(client.list(kind)) == ["a", "b"]


@pytest.mark.parametrize(
    ("href", "token"),
    [
        ("/flows?continuationToken=abc==", "abc=="),
        ("/flows?continuationToken=abc%3D%3D", "abc=="),
        ("/flows?continuationToken=a%26b%23c%25d", "a&b#c%d"),
        ("/flows?continuationToken=a%2Bb", "a+b"),
        ("/flows?continuationToken=a%20b", "a b"),
        ("/flows?continuationToken=a b", "a b"),
        ("/flows?continuationToken=%C3%A9", "é"),
        ("/flows?continuationToken=é", "é"),
        ("/flows?limit=20&continuationToken=T&count=true", "T"),
        ("/data/foundation/flowservice/flows?continuationToken=T", "T"),
        ("flows?continuationToken=T", "T"),
        ("?continuationToken=T", "T"),
        ("https://evil.example/flows?continuationToken=T", "T"),
        ("//evil.example/flows?continuationToken=T", "T"),
        ("/flows?%63ontinuationToken=T", "T"),
        ('/flows?continuationToken={"a":["b","c"]}', '{"a":["b","c"]}'),
    ],
)
def test_only_the_token_of_a_link_is_followed(client, script, href, token):
    """Whatever its host, path and quoting: the next request goes where the first went, with the same token."""
    script.play(page(["a"], href), page(["b"]))
    assert ids_of(client.list(Kind.FLOW)) == ["a", "b"]
    assert script.requests[1].url.startswith("http://localhost:8080/data/foundation/flowservice/flows?limit=100&")
    assert script.query(1)["continuationToken"] == [token]


@pytest.mark.parametrize("links", [None, {}, {"next": None}, {"next": {}}, {"next": {"href": None}}])
def test_the_last_page_names_no_next(client, script, links):
    """FACTS 5: no `_links`, an empty one, or one without a next."""
    script.play((200, {"items": items("a"), "_links": links}))
    assert ids_of(client.list(Kind.FLOW)) == ["a"]


@pytest.mark.parametrize(
    "links",
    [
        [],
        "x",
        {"next": []},
        {"next": "/flows?x=T"},
        {"next": {"href": 7}},
        {"next": {"href": ""}},
        {"next": {"href": "/flows"}},
        {"next": {"href": "/flows?continuationToken="}},
        {"next": {"href": "http://[?continuationToken=T"}},
    ],
)
def test_a_next_page_that_cannot_be_had_breaks_the_list(client, script, links):
    """There is more, so what was read is no list."""
    script.play(*[(200, {"items": items("a"), "_links": links})] * 3)
    with pytest.raises(BadAnswer, match="broke off at page 1"):
        client.list(Kind.FLOW)


@pytest.mark.parametrize(
    "body", [[], None, {}, {"items": None}, {"items": {}}, {"items": [{}]}, {"items": [{"id": 7}]}, {"items": ["a"]}]
)
def test_a_page_without_items_breaks_the_list(client, script, body):
    """Half a list is not an answer; every item has an id."""
    script.play(page(["a"], "/flows?continuationToken=T"), *[(200, body)] * 3)
    with pytest.raises(BadAnswer, match="broke off at page 2"):
        client.list(Kind.FLOW)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"errorMessage": "expired token"}, Rejected),
        (403, None, Unauthorised),
        (404, {"errorMessage": "sandbox not found"}, Rejected),
        (302, None, BadAnswer),
    ],
)
def test_a_page_that_is_refused_breaks_the_list(client, script, status, body, kind):
    """The refusal comes through; a 404 is never taken for an empty list or for a missing object."""
    tries = 2 if status == 400 else 1  # the second without our own parameters
    script.play(page(["a"], "/flows?continuationToken=T"), *[(status, body)] * tries)
    with pytest.raises(kind) as caught:
        client.list(Kind.FLOW)
    assert not isinstance(caught.value, NotFound)
    assert ("check AEP_BASE_URL" in str(caught.value)) == (status == 404)


def test_a_page_that_stays_away_breaks_the_list(client, script):
    """A page is tried as any read is, then the list is given up."""
    script.play(page(["a"], "/flows?continuationToken=T"), *[(503, None)] * 5)
    with pytest.raises(Unreachable):
        client.list(Kind.FLOW)


def test_a_page_that_comes_after_all_completes_the_list(client, script):
    """Trouble on one page costs that page's repetition, not the list."""
    script.play(page(["a"], "/flows?continuationToken=T"), (503, None), (200, b"<html>"), page(["b"]))
    assert ids_of(client.list(Kind.FLOW)) == ["a", "b"]


def test_an_object_that_comes_twice_is_one(client, script):
    """Pages are no snapshot: the first sight of an object counts."""
    script.play(
        (200, {"items": [{"id": "a", "n": 1}], "_links": {"next": {"href": "/flows?continuationToken=T"}}}),
        (200, {"items": [{"id": "a", "n": 2}, {"id": "b"}]}),
    )
    found = client.list(Kind.FLOW)
    assert [(item.id, item.document.get("n")) for item in found] == [("a", 1), ("b", None)]


def test_pages_in_a_circle_are_no_list(client, script):
    """A token that comes twice would never end."""
    script.play(*[page(["a"], f"/flows?continuationToken={token}") for token in ("T", "U", "T")])
    with pytest.raises(BadAnswer, match="circle"):
        client.list(Kind.FLOW)


def test_pages_without_end_are_no_list(client, script, monkeypatch):
    """There is a bound to what is read."""
    monkeypatch.setattr(paging, "MOST_PAGES", 3)
    script.play(*[page(["a"], f"/flows?continuationToken={token}") for token in "TUV"])
    with pytest.raises(BadAnswer, match="does not end"):
        client.list(Kind.FLOW)


def test_a_filtered_list_may_be_the_bare_object(client, script):
    """FACTS 4: one document shows that; without a filter it is no list."""
    script.play((200, {"id": "s", "name": "CRM"}), *[(200, {"id": "s"})] * 3)
    assert ids_of(client.list(Kind.FLOW_SPEC, ["s"])) == ["s"]
    with pytest.raises(BadAnswer):
        client.list(Kind.FLOW_SPEC)


class TestSure:
    """What is not in the list must not exist: a list of several pages is held against the service's own count."""

    def read(self, client, script, *lines, kind=Kind.FLOW):
        script.play(*lines)
        return ids_of(client.list(kind, sure=True))

    def test_one_page_is_sure(self, client, script):
        """Nothing can have moved."""
        assert self.read(client, script, page(["a"])) == ["a"]
        assert len(script.requests) == 1

    def test_several_pages_are_counted(self, client, script):
        """One call more, without the limit that cannot stand beside it (1401)."""
        pages = (page(["a"], "/flows?continuationToken=T"), page(["b"]))
        assert self.read(client, script, *pages, (200, {"count": 2})) == ["a", "b"]
        assert script.paths[-1] == "GET /flows?count=true"

    def test_what_one_reading_lacks_another_has(self, client, script):
        """Every object that was seen counts, as it was seen last."""
        first = (page(["a"], "/flows?continuationToken=T"), page(["c"]))
        second = (page(["a", "b"], "/flows?continuationToken=U"), page([]))
        count = (200, {"count": 3})
        assert self.read(client, script, *first, count, *second, count) == ["a", "c", "b"]

    def test_the_last_reading_counts(self, client, script):
        """Not the first."""
        old, new = {"id": "a", "name": "old"}, {"id": "a", "name": "new"}
        link = {"next": {"href": "/flows?continuationToken=T"}}
        script.play(
            (200, {"items": [old], "_links": link}),
            page([]),
            (200, {"count": 2}),
            (200, {"items": [new], "_links": link}),
            page(["b"]),
            (200, {"count": 2}),
        )
        assert [item.document["name"] for item in client.list(Kind.FLOW, sure=True)] == ["new", "b"]

    def test_a_full_page_without_links(self, client, script):
        """OAS has no links in lists of connections: a hundred may be all, or not."""
        hundred = [f"c{at}" for at in range(100)]
        count = (200, {"count": 100})
        found = self.read(client, script, (200, {"items": items(*hundred)}), count, kind=Kind.CONNECTION)
        assert found == hundred

    def test_a_list_that_stays_short(self, client, script):
        """Is none."""
        cut = (200, {"items": items(*(f"c{at}" for at in range(100)))})
        with pytest.raises(BadAnswer, match="counts 101 objects, and 3 readings have shown 100"):
            self.read(client, script, *[cut, (200, {"count": 101})] * 3, kind=Kind.CONNECTION)

    def test_a_list_is_read_on_as_long_as_that_brings_something_new(self, client, script):
        """However many readings that are."""
        readings = [
            answer
            for at in "abcde"
            for answer in (page([at], "/flows?continuationToken=T"), page([]), (200, {"count": 5}))
        ]
        assert sorted(self.read(client, script, *readings)) == list("abcde")

    def test_lists_of_specs_come_in_one_piece(self, client, script):
        """However long: they declare no limit and no count."""
        long = [f"s{at}" for at in range(150)]
        assert self.read(client, script, page(long), kind=Kind.FLOW_SPEC) == long

    @pytest.mark.parametrize("count", [{}, [], {"count": "2"}, {"count": True}])
    def test_a_count_that_is_none(self, client, script, count):
        """Cannot be believed."""
        pages = (page(["a"], "/flows?continuationToken=T"), page(["b"]))
        with pytest.raises(BadAnswer, match="holds no count"):
            self.read(client, script, *pages, *[(200, count)] * 3)

    def test_progress_hears_of_the_first_reading(self, client, script):
        """What is read again is no more objects."""
        told = []
        first = (page(["a", "b"], "/flows?continuationToken=T"), page(["c"]))
        second = (page(["a", "d"], "/flows?continuationToken=T"), page(["b", "c"]))
        script.play(*first, (200, {"count": 4}), *second, (200, {"count": 4}))
        assert ids_of(client.list(Kind.FLOW, None, told.append, sure=True)) == ["a", "b", "c", "d"]
        assert told == [2, 1]
