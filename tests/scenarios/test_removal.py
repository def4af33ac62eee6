"""What leaves git leaves the service, what git never declared stays, and what git releases is nobody's business."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import Bench
from support.bodies import BATCH
from support.chain import BODIES, COLLECTIONS, CONNECTION, FLOW, apply_chain, change, changed, declare, statuses

RESOURCE = "Flow/orders"
REST_FLOWS = "6499120c-0b15-42dc-936e-847ea3c24d72"
OTHERS = "0b1c2d3e-0000-4000-8000-0000000000aa"


def without(resource: str, *path: str) -> dict[str, Any]:
    """Return a body of the chain without one field."""
    body = changed(BODIES[resource])
    place = body
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return body


def redeclare(bench: Bench, resource: str, spec: dict[str, Any], **metadata: Any) -> None:
    bench.declare(*resource.split("/"), spec, **metadata)


def live(bench: Bench, ids: dict[str, str], resource: str) -> dict[str, Any]:
    return bench.live(COLLECTIONS[resource.partition("/")[0]], ids[resource])


REMOVABLE = [
    (RESOURCE, ("description",)),
    (RESOURCE, ("transformations",)),
    ("Connection/warehouse", ("description",)),
]


@pytest.mark.parametrize(("resource", "path"), REMOVABLE)
def test_a_field_that_leaves_git_is_removed(bench: Bench, resource: str, path: tuple[str, ...]) -> None:
    """It was ours, so it goes, cause git; the patch removes it alone, with the value that documents show."""
    ids = apply_chain(bench)
    was = live(bench, ids, resource)[path[0]]
    redeclare(bench, resource, without(resource, *path))
    update = change(bench.plan(), resource)
    pointer = "/" + "/".join(path)
    assert update["causes"] == ["git"]
    assert all(field["path"].startswith(pointer) and field["after"] is None for field in update["fields"])
    assert update["requests"][0]["body"] == [{"op": "remove", "path": pointer, "value": was}]
    bench.apply()
    assert path[0] not in live(bench, ids, resource)
    assert bench.plan()["changes"] == []
    assert path[0] not in bench.entry(*resource.split("/"))["applied"]


def test_an_element_of_a_named_list_leaves_alone(bench: Bench) -> None:
    """Transformations are told apart by name: ours goes, somebody else's stays where it is."""
    ids = apply_chain(bench)
    theirs = {"name": "Encryption", "params": {"publicKeyId": "k-1"}}
    bench.edit("flows", ids[RESOURCE], lambda flow: flow["transformations"].append(theirs))
    redeclare(bench, RESOURCE, without(RESOURCE, "transformations"))
    assert bench.apply()["summary"]["applied"] == 1
    assert live(bench, ids, RESOURCE)["transformations"] == [theirs]
    assert bench.plan()["changes"] == []


@pytest.mark.assumes(numbers="echoed")
def test_a_nested_field_leaves_and_its_neighbours_stay(bench: Bench) -> None:
    """A parameter that git lets go is removed; one beside it that somebody else made is not."""
    ids = apply_chain(bench)
    declare(bench, RESOURCE, ("scheduleParams/backfill", True))
    bench.apply()
    bench.edit("flows", ids[RESOURCE], lambda flow: flow["scheduleParams"].update(endTime=1_900_000_000))
    declare(bench, RESOURCE)
    update = change(bench.plan(), RESOURCE)
    assert [field["path"] for field in update["fields"]] == ["/scheduleParams/backfill"]
    bench.apply()
    assert live(bench, ids, RESOURCE)["scheduleParams"] == FLOW["scheduleParams"] | {"endTime": 1_900_000_000}


def test_a_field_that_a_person_already_removed_is_forgotten(bench: Bench) -> None:
    """Nothing is sent for what is gone; the ledger forgets it, and its return is nobody's business."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[RESOURCE], lambda flow: flow.pop("description"))
    redeclare(bench, RESOURCE, without(RESOURCE, "description"))
    assert bench.plan()["changes"] == []
    bench.apply()
    bench.edit("flows", ids[RESOURCE], lambda flow: flow.update(description="Theirs"))
    assert bench.plan()["changes"] == []
    assert bench.writes() == []


def test_a_field_that_drifted_and_left_git_has_both_causes(bench: Bench) -> None:
    """It is removed all the same, and the plan says that it is not what we left."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[RESOURCE], lambda flow: flow.update(description="Theirs"))
    redeclare(bench, RESOURCE, without(RESOURCE, "description"))
    assert change(bench.plan(), RESOURCE)["causes"] == ["drift", "git"]
    bench.apply()
    assert "description" not in live(bench, ids, RESOURCE)


@pytest.mark.assumes(secrets="clear")
def test_a_credential_parameter_that_leaves_git_is_removed(bench: Bench) -> None:
    """The whole of the credentials is written without it, secrets and all."""
    ids = apply_chain(bench)
    declare(bench, "Connection/warehouse", ("auth/params/timeout", "30"))
    bench.apply()
    declare(bench, "Connection/warehouse")
    bench.apply()
    params = CONNECTION["auth"]["params"] | {"password": "first-password"}
    assert live(bench, ids, "Connection/warehouse")["auth"]["params"] == params
    assert bench.plan()["changes"] == []


def test_what_only_said_that_something_must_be_absent_has_not_drifted(bench: Bench) -> None:
    """Parameters that are null are not sent; when their element leaves git, that is git's change and nobody else's."""
    apply_chain(bench)
    copying = {"name": "Copy", "params": {"deltaColumn": {"name": None}}}
    declare(bench, RESOURCE, ("transformations", [copying, *FLOW["transformations"]]))
    bench.apply()
    assert bench.plan()["changes"] == []
    declare(bench, RESOURCE)
    assert change(bench.plan(), RESOURCE)["causes"] == ["git"]


REQUIRED = [
    (RESOURCE, ("scheduleParams", "frequency")),
    (RESOURCE, ("scheduleParams", "startTime")),
]


@pytest.mark.parametrize(("resource", "path"), REQUIRED)
def test_a_field_that_the_service_requires_is_not_removed(bench: Bench, resource: str, path: tuple[str, ...]) -> None:
    """It is blocked, says why, and nothing is sent; the rest of the estate goes on."""
    apply_chain(bench)
    redeclare(bench, resource, without(resource, *path))
    declare(bench, "Connection/warehouse", ("description", "Another"))
    blocked = change(bench.plan(), resource)
    assert blocked["action"] == "blocked"
    assert "/" + "/".join(path) in blocked["blockedBy"]
    report = bench.apply(code=1)
    assert statuses(report) == {resource: "blocked", "Connection/warehouse": "applied"}
    assert [write.path.split("/")[1] for write in bench.writes()] == ["connections"]


LET_GO = [
    ("Connection/warehouse", "name", "/name"),
    ("Connection/warehouse", "connectionSpec", "connection"),
    ("Connection/warehouse", "auth", "/auth"),
    (RESOURCE, "name", "/name"),
    (RESOURCE, "flowSpec", "/flowSpec/id"),
    (RESOURCE, "sourceConnectionIds", "/sourceConnectionIds"),
    (RESOURCE, "scheduleParams", "/scheduleParams/startTime"),
    ("SourceConnection/orders", "connectionSpec", "/connectionSpec/id"),
    ("SourceConnection/orders", "data", "/data"),
    ("TargetConnection/orders", "data", "/data"),
]


@pytest.mark.parametrize(("resource", "field", "named"), LET_GO)
def test_what_an_object_cannot_be_without_is_not_let_go_under_an_id(
    bench: Bench, resource: str, field: str, named: str
) -> None:
    """With an id a manifest need not have every field; but what we set and the service needs cannot be taken away."""
    ids = apply_chain(bench)
    redeclare(bench, resource, without(resource, field), id=ids[resource])
    blocked = change(bench.plan(), resource)
    assert blocked["action"] == "blocked"
    assert named in blocked["blockedBy"]


def test_null_means_that_a_field_must_be_absent(bench: Bench) -> None:
    """Null is not sent on create, removes what is there, and whoever puts it back has drifted."""
    declare(bench, "Connection/warehouse", ("description", None), ("auth/params/timeout", None))
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    id = bench.apply()["results"][0]["id"]
    (create,) = bench.writes()
    assert "description" not in create.body
    assert "timeout" not in create.body["auth"]["params"]
    assert bench.plan()["changes"] == []
    bench.edit("connections", id, lambda one: one.update(description="Theirs"))
    assert bench.drift(code=2)["summary"]["drifted"] == 1
    assert change(bench.plan(), "Connection/warehouse")["causes"] == ["drift"]
    bench.apply()
    assert "description" not in bench.live("connections", id)
    bench.edit("connections", id, lambda one: one["auth"]["params"].update(timeout="30"))
    bench.apply()
    assert "timeout" not in bench.live("connections", id)["auth"]["params"]
    assert bench.plan()["changes"] == []


def test_a_declared_field_that_becomes_null_is_removed(bench: Bench) -> None:
    """From a value to null is a change in git."""
    ids = apply_chain(bench)
    declare(bench, RESOURCE, ("description", None))
    update = change(bench.plan(), RESOURCE)
    assert (update["causes"], update["requests"][0]["body"][0]["op"]) == (["git"], "remove")
    bench.apply()
    assert "description" not in live(bench, ids, RESOURCE)
    assert bench.plan()["changes"] == []


def test_an_ignored_field_is_sent_once_and_never_again(bench: Bench) -> None:
    """It is part of the create; from then on neither git's nor anybody's changes of it count."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    ignore = ["/description", "/auth/params/server"]
    declare(bench, "Connection/warehouse", ignore=ignore)
    id = bench.apply()["results"][0]["id"]
    assert bench.live("connections", id)["description"] == CONNECTION["description"]
    assert "description" not in bench.entry("Connection", "warehouse")["applied"]
    bench.app.requests.clear()
    declare(bench, "Connection/warehouse", ("description", "Another"), ignore=ignore)
    bench.edit("connections", id, lambda one: one["auth"]["params"].update(server="db2.example.com"))
    assert bench.plan()["changes"] == []
    assert bench.drift()["summary"]["inSync"] == 1
    bench.apply()
    assert bench.writes() == []


def test_an_ignored_parameter_survives_a_write_of_the_credentials(bench: Bench) -> None:
    """The whole of the credentials is sent with what is live there, not with what git once said."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    declare(bench, "Connection/warehouse", ignore=["/auth/params/server"])
    id = bench.apply()["results"][0]["id"]
    bench.edit("connections", id, lambda one: one["auth"]["params"].update(server="db2.example.com"))
    declare(bench, "Connection/warehouse", ("auth/params/username", "importer"), ignore=["/auth/params/server"])
    bench.apply()
    params = bench.live("connections", id)["auth"]["params"]
    assert (params["server"], params["username"]) == ("db2.example.com", "importer")


@pytest.mark.parametrize("declared", [True, False])
def test_a_newly_ignored_field_is_released(bench: Bench, declared: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Whether or not git still declares it: it is not removed, not compared, and the ledger lets go of it."""
    ids = apply_chain(bench)
    spec = FLOW if declared else without(RESOURCE, "description")
    redeclare(bench, RESOURCE, spec, ignore=["/description"])
    assert bench.plan()["changes"] == []
    bench.apply()
    assert "description" not in bench.entry("Flow", "orders")["applied"]
    bench.edit("flows", ids[RESOURCE], lambda flow: flow.update(description="Theirs"))
    assert bench.plan()["changes"] == []
    assert bench.writes() == []
    assert live(bench, ids, RESOURCE)["description"] == "Theirs"


class TestMembersOfASharedList:
    """A flow spec is shared by an organisation: of its lists of ids we own what we brought, and nothing else."""

    def members(self, bench: Bench) -> list[str]:
        return bench.live("flowSpecs", REST_FLOWS)["sourceConnectionSpecIds"]

    def register(self, bench: Bench, *ids: Any) -> None:
        bench.declare("FlowSpec", "rest", {"sourceConnectionSpecIds": list(ids)}, id=REST_FLOWS)

    @pytest.fixture
    def registered(self, bench: Bench) -> tuple[Bench, list[str], str]:
        bench.edit("flowSpecs", REST_FLOWS, lambda spec: spec.setdefault("sourceConnectionSpecIds", []).append(OTHERS))
        before = self.members(bench)
        bench.declare("ConnectionSpec", "own", {"name": "Own", "providerId": BATCH, "version": "1.0"})
        self.register(bench, {"ref": "ConnectionSpec/own"})
        id = next(one["id"] for one in bench.apply()["results"] if one["resource"] == "ConnectionSpec/own")
        return bench, before, id

    def test_ours_joins_the_others_in_order(self, registered: tuple[Bench, list[str], str]) -> None:
        """Every member that was there stays where it was, and ours comes last."""
        bench, before, id = registered
        assert self.members(bench) == [*before, id]
        assert bench.entry("FlowSpec", "rest")["applied"] == {"sourceConnectionSpecIds": [id]}
        assert bench.plan()["changes"] == []

    def test_other_members_come_and_go_unseen(self, registered: tuple[Bench, list[str], str]) -> None:
        """That is no drift, and no reason to write."""
        bench, _, id = registered
        bench.edit("flowSpecs", REST_FLOWS, lambda spec: spec.update(sourceConnectionSpecIds=["new-one", id]))
        assert bench.drift()["summary"]["drifted"] == 0
        assert bench.plan()["changes"] == []

    def test_ours_is_put_back_beside_the_others(self, registered: tuple[Bench, list[str], str]) -> None:
        """Whoever took it out has drifted; the members that came meanwhile stay."""
        bench, _, id = registered
        bench.edit("flowSpecs", REST_FLOWS, lambda spec: spec.update(sourceConnectionSpecIds=["new-one"]))
        assert bench.drift(code=2)["summary"]["drifted"] == 1
        assert change(bench.plan(), "FlowSpec/rest")["causes"] == ["drift"]
        bench.apply()
        assert self.members(bench) == ["new-one", id]

    def test_a_member_that_was_there_before_is_not_ours(self, registered: tuple[Bench, list[str], str]) -> None:
        """Declaring somebody else's member sends nothing and makes it nobody's."""
        bench, before, id = registered
        bench.app.requests.clear()
        self.register(bench, {"ref": "ConnectionSpec/own"}, OTHERS)
        assert bench.plan()["changes"] == []
        bench.apply()
        assert bench.writes() == []
        assert bench.entry("FlowSpec", "rest")["applied"] == {"sourceConnectionSpecIds": [id]}
        assert self.members(bench) == [*before, id]

    def test_no_member_leaves_unasked(self, registered: tuple[Bench, list[str], str]) -> None:
        """Even ours stays when git lets go of it: taking it out breaks every flow of that source."""
        bench, before, id = registered
        bench.app.requests.clear()
        self.register(bench, OTHERS)
        bench.apply()
        assert bench.writes() == []
        assert self.members(bench) == [*before, id]

    @pytest.mark.assumes(get_lag=0.0)
    def test_a_member_that_comes_while_we_write_is_kept(self, registered: tuple[Bench, list[str], str]) -> None:
        """No etag guards a spec: we look right before the PUT, and merge into what is there."""
        bench, before, id = registered
        self.register(bench, {"ref": "ConnectionSpec/own"}, "one-more")
        add = {"method": "GET", "path": f"^/flowSpecs/{REST_FLOWS}$"}
        bench.app.faults.concurrent_write(lambda spec: spec["sourceConnectionSpecIds"].append("concurrent"), **add)
        assert bench.apply()["summary"]["applied"] == 1
        assert self.members(bench) == [*before, id, "concurrent", "one-more"]

    def test_a_race_that_was_lost_is_run_again(self, registered: tuple[Bench, list[str], str]) -> None:
        """Another client's PUT from before ours takes our member out: the look afterwards sees it, and puts it back."""
        bench, before, id = registered
        self.register(bench, {"ref": "ConnectionSpec/own"}, "one-more")
        theirs = [*before, id, "concurrent"]
        bench.app.faults.slow(0, method="GET", path=f"^/flowSpecs/{REST_FLOWS}$")
        again = {"method": "GET", "path": f"^/flowSpecs/{REST_FLOWS}$"}
        bench.app.faults.concurrent_write(lambda spec: spec.update(sourceConnectionSpecIds=theirs), **again)
        assert bench.apply()["summary"]["applied"] == 1
        assert self.members(bench) == [*theirs, "one-more"]
        assert bench.plan()["changes"] == []
