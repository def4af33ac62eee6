"""Taking over what is there: by id, by a name that only one object has, or back into a ledger that was lost."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from support.bench import Bench
from support.bodies import BATCH, SECRETS, connection, in_clear, stored
from support.chain import FLOW, SOURCE, apply_chain, change, changed, declare, result, statuses

FIRST, SECOND = "0b1c2d3e-0000-4000-8000-000000000001", "0b1c2d3e-0000-4000-8000-000000000002"
CRM = "Connection/crm"


def seed(bench: Bench, id: str = FIRST, name: str = "CRM", **fields: Any) -> None:
    bench.environ |= SECRETS
    bench.seed("connections", stored(id, connection(name, **fields)))


def assert_adopts(bench: Bench, resource: str, id: str) -> None:
    """Plan and apply an adoption: it is counted, it is no change, nothing is sent, and then it is managed."""
    planned = bench.plan("--detailed-exitcode")
    adoption = change(planned, resource)
    assert (adoption["action"], adoption["id"], adoption["requests"], adoption["fields"]) == ("adopt", id, [], [])
    assert adoption["causes"] == ["adopt"]
    assert planned["summary"]["adopt"] == 1
    report = bench.apply()
    assert result(report, resource) | {"status": "applied", "id": id} == result(report, resource)
    assert bench.writes() == []
    kind, name = resource.split("/")
    assert bench.entry(kind, name)["id"] == id
    assert bench.plan()["changes"] == []


def test_an_object_is_adopted_by_its_id(bench: Bench) -> None:
    """metadata.id takes over an object whatever it is called, as far as the manifest speaks of it."""
    seed(bench, name="Made in the UI", description="By hand")
    bench.declare("Connection", "crm", {"description": "By hand"}, id=FIRST)
    assert_adopts(bench, CRM, FIRST)
    assert bench.entry("Connection", "crm")["applied"] == {"description": "By hand"}


def test_an_object_is_adopted_by_the_id_of_its_target(bench: Bench) -> None:
    """An id map gives each target its own object; where it names none, the name decides."""
    seed(bench, FIRST)
    seed(bench, SECOND)
    bench.write(
        "elsewhere.json",
        {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "prod"}, "spec": {"sandbox": "prod"}},
    )
    target = bench.manifests / "target.json"
    target.write_text(target.read_text().replace('"emulator": true', '"emulator": true, "default": true'))
    bench.declare("Connection", "crm", connection(), id={"bench": SECOND, "prod": FIRST})
    assert_adopts(bench, CRM, SECOND)


def test_an_object_is_adopted_by_its_unique_name(bench: Bench) -> None:
    """Without an id, the one object of that name and spec is the one that is meant."""
    seed(bench, FIRST)
    seed(bench, SECOND, name="Another")
    other_spec = {"connectionSpec": {"id": "38ad80fe-8b06-4938-94f4-d4ee80266b07", "version": "1.0"}}
    bench.seed("connections", stored("0b1c2d3e-0000-4000-8000-000000000003", connection() | other_spec))
    bench.declare("Connection", "crm", connection())
    assert_adopts(bench, CRM, FIRST)


def test_an_ambiguous_name_is_blocked_and_names_the_ids(bench: Bench) -> None:
    """Two objects of one name are for a person to tell apart; everything else goes on."""
    seed(bench, FIRST)
    seed(bench, SECOND)
    bench.declare("Connection", "crm", connection())
    bench.declare("Connection", "other", connection("Other"))
    bench.declare("SourceConnection", "orders", changed(SOURCE, ("baseConnectionId", {"ref": CRM})))
    ran = bench.run("plan", "--format", "json", "--detailed-exitcode")
    assert ran.code == 2
    blocked = change(ran.json, CRM)
    assert (blocked["action"], blocked["requests"]) == ("blocked", [])
    assert FIRST in blocked["blockedBy"]
    assert SECOND in blocked["blockedBy"]
    assert CRM in change(ran.json, "SourceConnection/orders")["blockedBy"]
    report = bench.apply(code=1)
    assert statuses(report) == {CRM: "blocked", "Connection/other": "applied", "SourceConnection/orders": "blocked"}
    assert [request.method for request in bench.writes()] == ["POST"]


def test_an_ambiguous_name_alone_is_a_change_for_the_exit_code(bench: Bench) -> None:
    """A plan that can do nothing because of it still says 2."""
    seed(bench, FIRST)
    seed(bench, SECOND)
    bench.declare("Connection", "crm", connection())
    assert bench.run("plan", "--detailed-exitcode").code == 2


def test_an_adoption_with_differences_is_an_update_with_cause_adopt(bench: Bench) -> None:
    """What git says otherwise is sent with the adoption, and secrets stay as they are."""
    seed(bench, description="By hand")
    bench.declare("Connection", "crm", connection(description="From git"))
    update = change(bench.plan(), CRM)
    assert (update["action"], update["causes"]) == ("update", ["adopt"])
    assert update["requests"][0]["body"] == [{"op": "replace", "path": "/description", "value": "From git"}]
    assert bench.run("plan", "--detailed-exitcode").code == 2
    assert bench.apply()["summary"]["applied"] == 1
    assert bench.plan()["changes"] == []


def test_a_spec_in_the_service_s_own_form_is_adopted_as_it_is(bench: Bench) -> None:
    """A description that no reply shows and a contentPath that has collapsed to its path are no difference."""
    bench.setting(content_path="collapsed")
    attributes = {"contentPath": {"path": "$.items", "skipAttributes": ["count"]}}
    spec = {"name": "Own", "providerId": BATCH, "description": "Ours", "sourceSpec": {"attributes": attributes}}
    bench.seed("connectionSpecs", {"id": FIRST, "version": "1.0", **spec})
    bench.declare("ConnectionSpec", "own", spec)
    assert_adopts(bench, "ConnectionSpec/own", FIRST)


def test_another_metadata_id_wins_over_the_ledger(bench: Bench) -> None:
    """The plan says that the old object is let go, as it is, and that the one that is named is adopted."""
    seed(bench, FIRST)
    bench.declare("Connection", "crm", connection())
    bench.apply()
    seed(bench, SECOND, description="The one that is meant")
    bench.declare("Connection", "crm", connection(), id=SECOND)
    text = bench.run("plan").out
    assert FIRST in text
    assert SECOND in text
    assert_adopts(bench, CRM, SECOND)
    assert bench.live("connections", FIRST)["name"] == "CRM"


def test_an_id_that_does_not_exist_is_blocked(bench: Bench) -> None:
    """An id that nobody has is a mistake; nothing is created in its place."""
    bench.environ |= SECRETS
    bench.declare("Connection", "crm", connection(), id=FIRST)
    blocked = change(bench.plan(), CRM)
    assert blocked["action"] == "blocked"
    assert FIRST in blocked["blockedBy"]
    assert bench.apply(code=1)["summary"]["blocked"] == 1
    assert bench.writes() == []


def test_one_object_has_one_manifest(bench: Bench) -> None:
    """A second manifest of a name that is managed does not adopt the same object: it makes another."""
    seed(bench)
    bench.declare("Connection", "crm", connection())
    bench.apply()
    bench.declare("Connection", "twin", connection())
    planned = bench.plan()
    assert [(one["resource"], one["action"]) for one in planned["changes"]] == [("Connection/twin", "create")]


class TestSecrets:
    """Adopting writes no secret: whether the live one is ours cannot be told."""

    ROTATED = SECRETS | {"FLOW_SECRET_PASSWORD": "second-password"}

    @pytest.fixture
    def adopted(self, bench: Bench) -> Bench:
        bench.environ["RECONCILER_KEY"] = "a key of the fingerprints"
        seed(bench)
        bench.declare("Connection", "crm", connection())
        assert "unverified" in bench.run("plan").out
        assert_adopts(bench, CRM, FIRST)
        bench.app.requests.clear()
        return bench

    def sent_params(self, bench: Bench) -> dict[str, Any]:
        (write,) = bench.writes()
        ((operation),) = write.body
        assert operation["path"] == "/auth/params"
        return operation["value"]

    def test_they_are_sent_when_they_rotate(self, adopted: Bench) -> None:
        """A new value in the environment is sent, once, with all the other parameters."""
        adopted.environ |= self.ROTATED
        (rotation,) = adopted.plan()["changes"]
        assert [field["path"] for field in rotation["fields"]] == ["/auth/params/password"]
        assert rotation["digest"] is None
        adopted.apply()
        assert self.sent_params(adopted) == in_clear(connection())["auth"]["params"] | {"password": "second-password"}
        assert adopted.plan()["changes"] == []

    def test_they_are_sent_when_somebody_asks(self, adopted: Bench) -> None:
        """--rotate sends them though nothing has changed, and once."""
        adopted.apply("--rotate", CRM)
        assert self.sent_params(adopted) == in_clear(connection())["auth"]["params"]
        assert adopted.plan()["changes"] == []

    def test_they_are_sent_with_another_parameter(self, adopted: Bench) -> None:
        """A change beside them sends the whole of the credentials."""
        adopted.declare("Connection", "crm", changed(connection(), ("auth/params/username", "importer")))
        adopted.apply()
        assert self.sent_params(adopted) == in_clear(connection())["auth"]["params"] | {"username": "importer"}
        assert adopted.plan()["changes"] == []

    def test_they_are_not_sent_with_anything_else(self, adopted: Bench) -> None:
        """A new description is a new description."""
        adopted.declare("Connection", "crm", connection(description="Customers"))
        adopted.apply()
        (write,) = adopted.writes()
        assert [operation["path"] for operation in write.body] == ["/description"]

    def test_without_a_key_a_rotation_is_not_seen(self, bench: Bench) -> None:
        """Then the plan says so."""
        seed(bench)
        bench.declare("Connection", "crm", connection())
        bench.apply()
        bench.environ |= self.ROTATED
        assert bench.plan()["changes"] == []
        assert "RECONCILER_KEY" in bench.run("plan").out


def test_a_lost_ledger_is_rebuilt_and_creates_nothing(bench: Bench) -> None:
    """Manifests and live objects are enough: names find everything again, and nothing is sent."""
    ids = apply_chain(bench)
    entries = {resource: bench.entry(*resource.split("/")) for resource in ids}
    shutil.rmtree(bench.ledger)
    planned = bench.plan("--detailed-exitcode")
    assert planned["summary"]["adopt"] == len(ids)
    assert planned["summary"]["create"] == 0
    report = bench.apply()
    assert {one["resource"]: one["id"] for one in report["results"]} == ids
    assert bench.writes() == []
    for resource, entry in entries.items():
        rebuilt = bench.entry(*resource.split("/"))
        assert {key: rebuilt[key] for key in ("id", "applied")} == {key: entry[key] for key in ("id", "applied")}
    assert bench.plan()["changes"] == []


def test_a_previous_name_moves_the_entry_and_sends_nothing(bench: Bench) -> None:
    """A renamed manifest goes on managing the same object; the entry under the old name is gone."""
    ids = apply_chain(bench)
    (bench.manifests / "Flow-orders.json").unlink()
    bench.declare("Flow", "purchases", FLOW, previousName="orders")
    planned = bench.plan()
    assert planned["changes"] == []
    assert planned["orphans"] == []
    assert bench.apply()["summary"]["unchanged"] == len(ids)
    assert bench.writes() == []
    assert bench.entry("Flow", "purchases")["id"] == ids["Flow/orders"]
    assert not (bench.ledger / "resources" / "Flow" / "orders.json").exists()
    assert bench.plan()["changes"] == []


def test_a_previous_name_with_a_change_sends_the_change_alone(bench: Bench) -> None:
    """Moving and changing at once is one PATCH of the same object."""
    ids = apply_chain(bench)
    (bench.manifests / "Flow-orders.json").unlink()
    bench.declare("Flow", "purchases", changed(FLOW, ("description", "Every night")), previousName="orders")
    bench.apply()
    (write,) = bench.writes()
    assert (write.method, write.path) == ("PATCH", f"/flows/{ids['Flow/orders']}")
    assert not (bench.ledger / "resources" / "Flow" / "orders.json").exists()
    assert bench.plan()["changes"] == []


def test_a_manifest_that_leaves_git_is_an_orphan_and_comes_back(bench: Bench) -> None:
    """An orphan stays live and remembered; its manifest's return needs no write."""
    ids = apply_chain(bench)
    (bench.manifests / "Flow-orders.json").unlink()
    planned = bench.plan("--detailed-exitcode")
    assert [(one["resource"], one["id"]) for one in planned["orphans"]] == [("Flow/orders", ids["Flow/orders"])]
    assert planned["changes"] == []
    bench.apply()
    assert bench.live("flows", ids["Flow/orders"])["name"] == FLOW["name"]
    declare(bench, "Flow/orders")
    assert bench.plan()["changes"] == []
    assert bench.writes() == []


def test_a_manifest_that_is_to_be_forgotten_leaves_the_ledger(bench: Bench) -> None:
    """onRemove: forget lets the object go, as it is."""
    ids = apply_chain(bench)
    declare(bench, "Flow/orders", onRemove="forget")
    bench.apply()
    (bench.manifests / "Flow-orders.json").unlink()
    planned = bench.plan("--detailed-exitcode")
    assert planned["summary"]["forget"] == 1
    bench.apply()
    assert bench.writes() == []
    assert not (bench.ledger / "resources" / "Flow" / "orders.json").exists()
    assert bench.live("flows", ids["Flow/orders"])["id"] == ids["Flow/orders"]
    assert bench.plan()["orphans"] == []
