"""Reading what is live: batches, whole lists where names count, and a GET for what a batch lacks."""

from __future__ import annotations

import pytest
from unit.engine.fakes import SPEC_ID, FakeService, Quiet, connection, entry, live, named, ref, want

from reconciler.engine.observe import BATCH, observe
from reconciler.model.errors import BadAnswer, Unauthorised
from reconciler.model.kinds import Kind

C = Kind.CONNECTION
BODY = {"name": "CRM"}
DENIED = Unauthorised("not allowed", status=403, code="2118-403")


def known(*ids, kind="Connection"):
    return {named(f"{kind}/{id}"): entry(f"{kind}/{id}", id, BODY) for id in ids}


def lists(service):
    return {call[1]: call[2] for call in service.calls if call[0] == "list"}


def look(service, resources, entries=None, **how):
    return observe(service, resources, entries or {}, Quiet(), **how)


def test_known_ids_are_read_in_one_call():
    """Sorted, by the ledger and by metadata.id; other kinds are not read at all."""
    service = FakeService.of(live(C, "b", BODY), live(C, "a", BODY), live(C, "z", BODY))
    seen = look(service, [want("Connection/b", BODY), want("Connection/x", BODY, id="a")], known("b"))
    assert lists(service) == {C: ["a", "b"]}
    assert {one.id for one in seen.all(C)} == {"a", "b"}
    assert seen.complete == frozenset()


@pytest.mark.parametrize(
    ("resources", "ids"),
    [
        ([want("Connection/new", BODY)], ()),
        ([want("Connection/new", BODY)], ("a",)),
        ([], tuple(f"id{at}" for at in range(BATCH + 1))),
    ],
    ids=["a name", "a name beside an id", "too many ids"],
)
def test_a_kind_of_which_a_name_is_asked_is_read_whole(resources, ids):
    """Only then a name can be told to be unique; so is one with more ids than a call takes."""
    service = FakeService.of(*(live(C, id, BODY) for id in ids))
    seen = look(service, resources, known(*ids))
    assert lists(service) == {C: None}
    assert seen.complete == {C}
    assert service.sure == ([C] if resources else [])  # ids that it lacks are confirmed one by one


def test_everything_is_read_when_asked_for():
    """All six kinds; progress is told when each begins and ends, and of each page."""
    service, progress = FakeService.of(live(C, "a", {}), live(C, "b", {})), Quiet()
    observe(service, [], {}, progress, everything=True)
    assert set(lists(service)) == set(service.sure) == set(Kind)
    done = [step[1] for step in progress.steps]
    assert done == sorted(done)
    assert len(done) == 3 * 6
    assert progress.steps[-1][0:3] == ("reading", 6, 6)
    assert progress.steps[-1][-1] == 2


def test_nothing_is_read_for_nothing():
    """No resource, no entry, no call."""
    service = FakeService()
    look(service, [])
    assert service.calls == []


@pytest.mark.parametrize("kind", ["SourceConnection", "TargetConnection"])
def test_all_flows_are_read_where_they_may_use_what_changes(kind):
    """Also those that nobody manages."""
    service = FakeService()
    look(service, [want(f"{kind}/s", BODY, id="a")])
    assert lists(service)[Kind.FLOW] is None


def test_a_former_name_is_known_by_its_entry():
    """No list for it."""
    service = FakeService.of(live(C, "a", BODY))
    look(service, [want("Connection/new", BODY, previous_name=named("Connection/a"))], known("a"))
    assert lists(service) == {C: ["a"]}


def test_the_specs_of_connections_are_read():
    """They say what is a password; what cannot be an id is not asked for."""
    odd = [{"id": value} for value in ("{ID}", "", "a b", 7, ["x"], ref("ConnectionSpec/own"))]
    specs = [{"id": SPEC_ID}, *odd, "text", None]
    wanted = [want(f"Connection/c{at}", connection(connectionSpec=spec), id="a") for at, spec in enumerate(specs)]
    service = FakeService.of(live(C, "a", BODY), live(Kind.CONNECTION_SPEC, SPEC_ID, {}))
    look(service, [*wanted, want("Flow/f", {"connectionSpec": {"id": "other"}}, id="f")])
    assert lists(service)[Kind.CONNECTION_SPEC] == [SPEC_ID]


def test_what_a_batch_lacks_is_looked_for_in_the_list_then_asked_for():
    """404 is missing; what a GET shows is there; 403 is unreadable."""
    service = FakeService.of(live(C, "a", BODY), live(C, "hidden", BODY), live(C, "denied", BODY))

    def short(service, kind, ids):
        return [one for one in service.do("list", kind, ids) if one.id == "a"]

    def denied(service, kind, id):
        if id == "denied":
            raise DENIED
        return service.do("get", kind, id)

    service.script = {"list": [short, short], "get": [denied] * 3}
    seen = look(service, [], known("a", "hidden", "denied", "gone"))
    assert [call[2] for call in service.calls if call[0] == "list"] == [["a", "denied", "gone", "hidden"], None]
    assert {one.id for one in seen.all(C)} == {"a", "hidden"}
    assert seen.unreadable_reason(C, "denied") == "not allowed"
    assert seen.unreadable_reason(C, "gone") is seen.unreadable_reason(C, None) is None
    assert seen.complete == {C}


def test_a_kind_that_one_permission_hides_is_unreadable():
    """All of it; the others are read."""
    service = FakeService.of(live(Kind.FLOW, "f", BODY))
    service.script["list"] = [DENIED]
    seen = look(service, [want("Connection/c", BODY)])
    assert seen.unreadable_reason(C, "any") == seen.unreadable_reason(C, None) == "not allowed"
    assert seen.find(C, "any") is None


def test_a_refusal_without_a_code_is_no_gateway_s():
    """OpenAPI declares 403 without a body: the kind is unreadable, and the others are read."""
    service = FakeService.of(live(Kind.FLOW, "f", BODY))
    service.script["list"] = [Unauthorised("unsaid", status=403)]
    assert look(service, [want("Connection/c", BODY)]).unreadable_reason(C, None) == "unsaid"


@pytest.mark.parametrize(
    "error",
    [
        Unauthorised("token", status=401, code="2118-403"),
        Unauthorised("key", status=403, code="403000"),
        BadAnswer("half a list"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_at_all_is_an_error(error):
    """Token, key or organisation, or a list that broke: no snapshot is made of it."""
    service = FakeService()
    service.script["list"] = [error]
    with pytest.raises(type(error), match=str(error)):
        look(service, [want("Connection/c", BODY)])
