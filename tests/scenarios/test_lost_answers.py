"""The answer to a write is lost, or is not to be believed: one object, the right state, and no write taken on trust."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from support.bench import CLIENT, SANDBOX, Bench, SteppingClock
from support.chain import (
    BODIES,
    COLLECTIONS,
    CONNECTION,
    CRM_TO_AEP,
    apply_chain,
    change,
    changed,
    declare,
    declare_chain,
    objects,
    patches,
    result,
    statuses,
)

from reconciler.emulator.faults import ConnectionReset, Fault

FLOW, WAREHOUSE = "Flow/orders", "Connection/warehouse"
PATCH_FLOW = {"method": "PATCH", "path": "/flows/"}
PATCH_CONNECTION = {"method": "PATCH", "path": "/connections/"}
POSTS = [*BODIES, "ConnectionSpec/own"]
OWN_SPEC = {"name": "own", "providerId": "0ed90a81-07f4-4586-8190-b40eccef1c5a", "version": "1.0", "type": "rest"}

LOSSES = {
    "reset": lambda faults, **match: faults.reset_after_commit(**match),
    "silence": lambda faults, **match: faults.timeout(committed=True, **match),
    "500": lambda faults, **match: faults.status(500, committed=True, **match),
    "503": lambda faults, **match: faults.status(503, committed=True, **match),
    "a page": lambda faults, **match: faults.body(
        "<html><title>Oops</title></html>", content_type="text/html", **match
    ),
    "half a body": lambda faults, **match: faults.body('{"id": "39f', **match),
    "429": lambda faults, **match: faults.status(429, committed=True, **match),
}
"""Ways to lose the answer to a write that was done."""

NEVER_DONE = {
    "reset": lambda faults, **match: faults.reset_before(**match),
    "silence": lambda faults, **match: faults.timeout(**match),
    "500": lambda faults, **match: faults.status(500, **match),
    "503": lambda faults, **match: faults.status(503, **match),
    "429": lambda faults, **match: faults.status(429, retry_after=7, **match),
}
"""Ways to lose a write that was not done."""


@pytest.mark.parametrize("loss", LOSSES)
def test_a_patch_that_was_done(bench: Bench, loss: str) -> None:
    """The answer to a committed PATCH is lost: the next try meets its 412, sees that it is done, and says so."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    LOSSES[loss](bench.app.faults, **PATCH_FLOW)
    ran = result(bench.apply(), FLOW)
    assert (ran["status"], ran["error"]) == ("applied", None)
    assert ran["attempts"] == len(patches(bench)) or loss == "429"
    assert len(patches(bench)) == 2
    assert bench.live("flows", ids[FLOW])["scheduleParams"]["frequency"] == "week"
    assert_settled(bench)


@pytest.mark.parametrize("loss", NEVER_DONE)
def test_a_patch_that_was_not_done(bench: Bench, loss: str) -> None:
    """The call never reached the service, or was refused for the moment: it is sent again, and holds."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    NEVER_DONE[loss](bench.app.faults, **PATCH_FLOW)
    assert result(bench.apply(), FLOW)["status"] == "applied"
    assert len(patches(bench)) == 2
    assert bench.live("flows", ids[FLOW])["scheduleParams"]["frequency"] == "week"
    assert_settled(bench)


@pytest.mark.assumes(get_lag=0.0)
@pytest.mark.assumes(settle_seconds=0.0)
def test_too_many_requests_are_waited_for_as_long_as_the_service_says(bench: Bench) -> None:
    """A 429 with Retry-After is waited out before the PATCH is sent again."""
    apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    bench.app.faults.status(429, retry_after=17, **PATCH_FLOW)
    slept = bench.clock.slept
    assert result(bench.apply(), FLOW)["status"] == "applied"
    assert bench.clock.slept - slept == 17


def test_a_lost_patch_and_another_writer(bench: Bench) -> None:
    """Our PATCH was done, its answer lost, and then somebody set a declared field: that is a conflict, and stays."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    bench.app.faults.reset_after_commit(**PATCH_FLOW)
    bench.app.faults.concurrent_write(lambda flow: flow["scheduleParams"].update(frequency="hour"), **PATCH_FLOW)
    assert result(bench.apply(code=1), FLOW)["status"] == "conflict"
    assert bench.live("flows", ids[FLOW])["scheduleParams"]["frequency"] == "hour"


@pytest.mark.parametrize("resource", POSTS)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_create_that_was_done(bench: Bench, resource: str, loss: str) -> None:
    """The answer to a committed POST is lost, whatever the kind: what it made is found, and not made a second time."""
    collection, name = declare_all(bench, resource)
    LOSSES[loss](bench.app.faults, method="POST", path=f"/{collection}$")
    ran = result(bench.apply(), resource)
    assert (ran["status"], ran["attempts"]) == ("applied", 1)
    assert [made["id"] for made in objects(bench, collection, name)] == [ran["id"]]
    assert_settled(bench)


@pytest.mark.parametrize("loss", NEVER_DONE)
@pytest.mark.parametrize("resource", [WAREHOUSE, FLOW])
def test_a_create_that_was_not_done(bench: Bench, resource: str, loss: str) -> None:
    """A POST without effect is sent again, once the service was given its time to show what it may have made."""
    collection, name = declare_all(bench, resource)
    NEVER_DONE[loss](bench.app.faults, method="POST", path=f"/{collection}$")
    slept = bench.clock.slept
    ran = result(bench.apply(), resource)
    assert (ran["status"], ran["attempts"]) == ("applied", 2)
    assert bench.clock.slept - slept >= 44
    assert len(objects(bench, collection, name)) == 1
    assert_settled(bench)


def test_a_create_that_never_works_is_given_up(bench: Bench) -> None:
    """Three POSTs, and no more; what needs the object is skipped, and the next apply makes one object."""
    declare_chain(bench)
    bench.app.faults.status(503, method="POST", path="/connections$", count=3)
    report = bench.apply(code=1)
    assert statuses(report)[WAREHOUSE] == "failed"
    assert statuses(report)[FLOW] == "skipped"
    assert [request.path for request in bench.writes()].count("/connections") == 3
    bench.apply()
    assert len(objects(bench, "connections", "Warehouse")) == 1


def test_a_create_that_shows_late(bench: Bench) -> None:
    """The object of a lost POST appears half a minute later: it is waited for and found."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    declare(bench, WAREHOUSE)
    late = _foreign(bench, "late-one", createdClient=CLIENT)
    bench.app.faults.reset_before(method="POST", path="/connections$")
    appear_after(bench, 30, lambda: bench.seed("connections", late))
    ran = result(bench.apply(), WAREHOUSE)
    assert (ran["status"], ran["id"]) == ("applied", "late-one")
    assert len(objects(bench, "connections", "Warehouse")) == 1


def test_a_lost_create_beside_an_older_object_of_that_name(bench: Bench) -> None:
    """An object of the same name that another resource manages was there before: ours is the one made since."""
    ids = apply_chain(bench)
    bench.declare("Connection", "second", CONNECTION)
    bench.app.faults.reset_after_commit(method="POST", path="/connections$")
    ran = result(bench.apply(), "Connection/second")
    assert ran["status"] == "applied"
    assert {made["id"] for made in objects(bench, "connections", "Warehouse")} == {ids[WAREHOUSE], ran["id"]}
    assert_settled(bench)


def test_a_lost_create_and_two_objects_that_may_be_it(bench: Bench) -> None:
    """Two objects made since with our body: which one is ours cannot be told, so it is blocked, naming both."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    declare(bench, WAREHOUSE)
    appear_after(bench, 0.5, lambda: bench.seed("connections", _foreign(bench, "twin", createdClient=CLIENT)))
    bench.app.faults.reset_after_commit(method="POST", path="/connections$")
    ran = result(bench.apply(code=1), WAREHOUSE)
    made = {made["id"] for made in objects(bench, "connections", "Warehouse")}
    assert (ran["status"], len(made)) == ("blocked", 2)
    assert all(id in ran["error"] for id in made)
    assert "metadata.id" in ran["error"]
    plan = bench.plan()
    assert change(plan, WAREHOUSE)["action"] == "blocked"
    assert all(id in change(plan, WAREHOUSE)["blockedBy"] for id in made)


def test_a_lost_create_does_not_adopt_what_another_client_made(bench: Bench) -> None:
    """An object of the same name that a person made meanwhile is not ours: the POST is sent again."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    declare(bench, WAREHOUSE)
    appear_after(bench, 0.5, lambda: bench.seed("connections", _foreign(bench, "theirs", createdClient="exc_app")))
    bench.app.faults.reset_before(method="POST", path="/connections$")
    ran = result(bench.apply(), WAREHOUSE)
    assert (ran["status"], ran["attempts"]) == ("applied", 2)
    assert ran["id"] != "theirs"


def test_a_lost_create_does_not_take_what_the_same_run_made_for_another_resource(bench: Bench) -> None:
    """Two resources of one body: the one whose POST was lost gets an object of its own, not its sister's."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    declare(bench, WAREHOUSE)
    bench.declare("Connection", "zweite", CONNECTION)
    bench.app.faults.slow(0, method="POST", path="/connections$")
    bench.app.faults.reset_before(method="POST", path="/connections$")
    report = bench.apply("--concurrency", "1")
    assert report["summary"]["applied"] == 2
    assert len({one["id"] for one in report["results"]}) == 2
    assert len(objects(bench, "connections", "Warehouse")) == 2
    assert_settled(bench)


def test_a_lost_create_of_an_object_that_was_gone(bench: Bench) -> None:
    """A managed object that somebody deleted is created again; if that is lost for good, the next apply finds it."""
    ids = apply_chain(bench)
    bench.app.store.delete(bench.app.store.anywhere("flows", ids[FLOW], None))
    lose_post_and_lists(bench)
    assert result(bench.apply(code=1), FLOW)["status"] == "failed"
    bench.app.faults.clear()
    bench.app.requests.clear()
    bench.apply()
    assert len(objects(bench, "flows", "Orders, daily")) == 1
    assert_settled(bench)


@pytest.mark.assumes(get_lag=0.0)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_put_that_was_done(bench: Bench, loss: str) -> None:
    """The answer to a committed PUT is lost: it is looked at, found done, and not sent again."""
    own = own_spec(bench)
    bench.declare("FlowSpec", "shared", {"name": "CRMToAEP", "sourceConnectionSpecIds": [own]}, id=CRM_TO_AEP)
    LOSSES[loss](bench.app.faults, method="PUT")
    ran = result(bench.apply(), "FlowSpec/shared")
    assert ran["status"] == "applied"
    assert len(bench.writes()) == (2 if loss == "429" else 1)
    assert ran["attempts"] == 1
    assert bench.live("flowSpecs", CRM_TO_AEP)["sourceConnectionSpecIds"].count(own) == 1
    assert bench.entry("FlowSpec", "shared")["applied"]["sourceConnectionSpecIds"] == [own]
    assert_settled(bench)


@pytest.mark.parametrize("loss", NEVER_DONE)
def test_a_put_that_was_not_done(bench: Bench, loss: str) -> None:
    """A PUT without effect is sent again."""
    own = own_spec(bench)
    bench.declare("FlowSpec", "shared", {"name": "CRMToAEP", "sourceConnectionSpecIds": [own]}, id=CRM_TO_AEP)
    NEVER_DONE[loss](bench.app.faults, method="PUT")
    assert result(bench.apply(), "FlowSpec/shared")["status"] == "applied"
    assert len(bench.writes()) == 2
    assert bench.live("flowSpecs", CRM_TO_AEP)["sourceConnectionSpecIds"].count(own) == 1
    assert_settled(bench)


@pytest.mark.parametrize("loss", LOSSES)
def test_an_action_that_was_done(bench: Bench, loss: str) -> None:
    """The answer to a committed action is lost: the state tells that it was done."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("state", "disabled"))
    LOSSES[loss](bench.app.faults, method="POST", path="/action")
    ran = result(bench.apply(), FLOW)
    assert (ran["status"], ran["attempts"]) == ("applied", 1)
    assert bench.live("flows", ids[FLOW])["state"] == "disabled"
    assert_settled(bench)


@pytest.mark.parametrize("loss", NEVER_DONE)
def test_an_action_that_was_not_done(bench: Bench, loss: str) -> None:
    """An action without effect is sent again."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("state", "disabled"))
    NEVER_DONE[loss](bench.app.faults, method="POST", path="/action")
    assert result(bench.apply(), FLOW)["status"] == "applied"
    assert bench.live("flows", ids[FLOW])["state"] == "disabled"
    assert len(bench.writes()) == 2


@pytest.mark.assumes(secrets="clear")
def test_secrets_whose_answer_was_lost_are_applied(bench: Bench) -> None:
    """After a lost answer to new credentials we are the last writer: they are taken as sent, and remembered."""
    bench.environ["RECONCILER_KEY"] = "a-key-of-thirty-two-characters-!"
    ids = apply_chain(bench)
    bench.environ["FLOW_SECRET_DB"] = "second-password"
    bench.app.faults.reset_after_commit(**PATCH_CONNECTION)
    ran = result(bench.apply(), WAREHOUSE)
    assert (ran["status"], ran["attempts"]) == ("applied", 2)
    assert bench.live("connections", ids[WAREHOUSE])["auth"]["params"]["password"] == "second-password"
    assert_settled(bench)


@pytest.mark.assumes(secrets="clear")
def test_secrets_whose_answer_was_lost_and_a_person_writing_then(bench: Bench) -> None:
    """If somebody else is the last writer, whose secrets are there cannot be seen: a conflict, nothing overwritten."""
    bench.environ["RECONCILER_KEY"] = "a-key-of-thirty-two-characters-!"
    ids = apply_chain(bench)
    bench.environ["FLOW_SECRET_DB"] = "second-password"
    bench.app.faults.reset_after_commit(**PATCH_CONNECTION)
    bench.app.faults.concurrent_write(lambda live: live["auth"]["params"].update(password="theirs"), **PATCH_CONNECTION)
    assert result(bench.apply(code=1), WAREHOUSE)["status"] == "conflict"
    assert bench.live("connections", ids[WAREHOUSE])["auth"]["params"]["password"] == "theirs"
    assert bench.plan()["summary"]["update"] == 1


@pytest.mark.assumes(secrets="clear")
def test_secrets_that_were_never_sent_are_sent_again(bench: Bench) -> None:
    """A reset before the service saw the credentials: the same PATCH goes out again."""
    bench.environ["RECONCILER_KEY"] = "a-key-of-thirty-two-characters-!"
    ids = apply_chain(bench)
    bench.environ["FLOW_SECRET_DB"] = "second-password"
    bench.app.faults.reset_before(**PATCH_CONNECTION)
    assert result(bench.apply(), WAREHOUSE)["attempts"] == 2
    assert bench.live("connections", ids[WAREHOUSE])["auth"]["params"]["password"] == "second-password"


@pytest.mark.parametrize(
    ("resource", "path", "value", "method"),
    [
        (FLOW, "scheduleParams/frequency", "week", "PATCH"),
        (WAREHOUSE, "description", "Moved", "PATCH"),
        (FLOW, "state", "disabled", "POST"),
    ],
)
def test_a_write_that_the_service_ignored(bench: Bench, resource: str, path: str, value: str, method: str) -> None:
    """The service says yes and does nothing: that is failed, and failed again; once it does, it is applied."""
    apply_chain(bench)
    declare(bench, resource, (path, value))
    for _ in range(2):
        bench.app.faults.ignore_write(method=method, path=f"/{COLLECTIONS[resource.split('/', maxsplit=1)[0]]}/")
        ran = result(bench.apply(code=1), resource)
        assert (ran["status"], f"/{path}" in ran["error"]) == ("failed", True)
    assert change(bench.plan(), resource)["causes"] == ["git"]
    assert result(bench.apply(), resource)["status"] == "applied"
    assert_settled(bench)


def test_a_put_that_the_service_ignored(bench: Bench) -> None:
    """The same for a spec: an ignored PUT is failed, and failed again."""
    own = own_spec(bench)
    bench.declare("FlowSpec", "shared", {"name": "CRMToAEP", "sourceConnectionSpecIds": [own]}, id=CRM_TO_AEP)
    for _ in range(2):
        bench.app.faults.ignore_write(method="PUT", count=6)
        assert result(bench.apply(code=1), "FlowSpec/shared")["status"] == "failed"
        bench.app.faults.clear()
    assert result(bench.apply(), "FlowSpec/shared")["status"] == "applied"


@pytest.mark.assumes(numbers="echoed")
def test_an_undocumented_leaf_falls_back_to_its_documented_ancestor(bench: Bench) -> None:
    """No document patches an interval alone: refused with 400, the whole schedule is sent, which documents show."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/interval", 2))
    bench.app.faults.status(400, **PATCH_FLOW)
    ran = result(bench.apply(), FLOW)
    assert (ran["status"], ran["attempts"]) == ("applied", 2)
    assert [[op["path"] for op in patch] for patch in patches(bench)] == [
        ["/scheduleParams/interval"],
        ["/scheduleParams"],
    ]
    assert (
        bench.live("flows", ids[FLOW])["scheduleParams"]
        == changed(BODIES[FLOW], ("scheduleParams/interval", 2))["scheduleParams"]
    )


def test_a_documented_path_that_is_refused_has_failed(bench: Bench) -> None:
    """A 400 for what documents show is final: one try."""
    apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    bench.app.faults.status(400, **PATCH_FLOW)
    ran = result(bench.apply(code=1), FLOW)
    assert (ran["status"], len(patches(bench))) == ("failed", 1)


def test_a_refused_ancestor_has_failed(bench: Bench) -> None:
    """When the documented form is refused as well, it is over: two tries."""
    apply_chain(bench)
    declare(bench, FLOW, ("scheduleParams/interval", 2))
    bench.app.faults.status(400, count=2, **PATCH_FLOW)
    ran = result(bench.apply(code=1), FLOW)
    assert (ran["status"], len(patches(bench))) == ("failed", 2)


@pytest.mark.assumes(operation_words="completed")
def test_a_write_that_fails_later(bench: Bench) -> None:
    """A 200 whose operation fails while it settles is a failure that says what the service said."""
    ids = apply_chain(bench)
    declare(bench, FLOW, ("description", "Weekly"))
    fail_operation(bench, ids[FLOW])
    ran = result(bench.apply(code=1), FLOW)
    assert (ran["status"], "quota" in ran["error"]) == ("failed", True)


def test_a_write_that_settles_slowly(bench: Bench) -> None:
    """A flow takes its seconds: the apply waits, then enables or disables what was in transition until then."""
    ids = apply_chain(bench)
    bench.setting(settle_seconds=6.0)
    declare(bench, FLOW, ("description", "Weekly"), ("state", "disabled"))
    assert result(bench.apply(), FLOW)["status"] == "applied"
    live = bench.live("flows", ids[FLOW])
    assert (live["description"], live["state"]) == ("Weekly", "disabled")
    assert_settled(bench)


def assert_settled(bench: Bench) -> None:
    """Nothing is left to do, and a second apply sends nothing."""
    bench.app.requests.clear()
    assert bench.plan()["changes"] == []
    bench.apply()
    assert bench.writes() == []


def declare_all(bench: Bench, resource: str) -> tuple[str, str]:
    """Declare the chain and a connection spec; return a resource's collection and its name at the service."""
    declare_chain(bench)
    bench.declare("ConnectionSpec", "own", OWN_SPEC)
    body = BODIES.get(resource, OWN_SPEC)
    return COLLECTIONS[resource.split("/", maxsplit=1)[0]], body["name"]


def own_spec(bench: Bench) -> str:
    """Apply a connection spec of our own, and return its id."""
    bench.declare("ConnectionSpec", "own", OWN_SPEC)
    id = result(bench.apply(), "ConnectionSpec/own")["id"]
    bench.app.requests.clear()
    return id


def _foreign(bench: Bench, id: str, **fields: Any) -> dict[str, Any]:
    """Return a connection as our POST would have made it, by another hand."""
    body = copy.deepcopy(CONNECTION)
    body["auth"]["params"]["password"] = "first-password"
    stamp = int(bench.clock.time * 1000)
    etag = f'"{id}"'
    owned = {"createdAt": stamp, "updatedAt": stamp, "createdBy": "x@AdobeID", "updatedBy": "x@AdobeID"}
    return {
        **body,
        **owned,
        "id": id,
        "etag": etag,
        "version": etag,
        "state": "enabled",
        "sandboxName": SANDBOX,
        **fields,
    }


@dataclass(slots=True)
class AlarmClock(SteppingClock):
    """A clock that lets something happen once, when so much time has been slept."""

    due: float = 0.0
    act: Callable[[], object] | None = None

    def sleep(self, seconds: float) -> None:
        SteppingClock.sleep(self, seconds)
        if self.act and self.slept >= self.due:
            act, self.act = self.act, None
            act()


def appear_after(bench: Bench, seconds: float, act: Callable[[], object]) -> None:
    """Let something happen once so much time has been slept."""
    bench.clock = AlarmClock(bench.clock.time, due=seconds, act=act)
    bench.setting(clock=bench.clock.now)


def lose_post_and_lists(bench: Bench) -> None:
    """Lose the answer to a committed POST of a flow, and let every list of flows fail from then on."""

    def after(_: Any) -> Any:
        bench.app.faults.status(503, method="GET", path="/flows$", count=100)
        raise ConnectionReset("reset after commit")

    bench.app.faults.add(Fault(after=after), method="POST", path="/flows$")


def fail_operation(bench: Bench, id: str) -> None:
    """Let the operation that the next PATCH of a flow starts fail later."""
    status = {"value": "failed", "errors": [{"message": "quota exceeded"}]}

    def after(response: Any) -> Any:
        bench.edit("flows", id, lambda flow: flow["lastOperation"].update(status=status))
        return response

    bench.app.faults.add(Fault(after=after), **PATCH_FLOW)
