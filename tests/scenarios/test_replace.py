"""A new object in the place of one that cannot be changed: ``metadata.onImmutable: replace``."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import NOW, Bench
from support.chain import BODIES, REDSHIFT, apply_chain, change, declare, objects, result, statuses

from reconciler.emulator.catalogue import documents
from reconciler.emulator.faults import Fault

POSTGRES, OTHER = "74a1c565-4e59-48d7-9d67-7c03b8a13137", "6360f136-5980-4111-8bdf-15d29eab3b5a"
WAREHOUSE, ORDERS, FLOW = "Connection/warehouse", "SourceConnection/orders", "Flow/orders"
SPEC = ("connectionSpec/id", POSTGRES)
NEVER = {"startTime": int(NOW) + 2_000_000, "frequency": "day", "interval": 1}


@pytest.fixture(autouse=True)
def _other_specs(bench: Bench) -> None:
    """Specs beside the one of the chain, which take the same credentials."""
    (spec,) = [document for collection, document in documents() if document["id"] == REDSHIFT]
    for id in (POSTGRES, OTHER):
        bench.seed("connectionSpecs", {**spec, "id": id, "name": f"like-{id[:4]}"})


def calls(bench: Bench) -> list[tuple[str, str]]:
    """Return method and collection, or path, of each write."""
    root = "/"
    return [(request.method, request.path.removeprefix(root)) for request in bench.writes()]


def lone(bench: Bench, **metadata: Any) -> str:
    """Apply a connection that nobody uses, then let git want another spec; return the live id."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    declare(bench, WAREHOUSE, **metadata)
    id = bench.apply()["results"][0]["id"]
    bench.app.requests.clear()
    declare(bench, WAREHOUSE, SPEC, **{"onImmutable": "replace", **metadata})
    return str(id)


def test_a_connection_of_another_spec(bench: Bench) -> None:
    """The new one is made, the old one is deleted, and the plan said both."""
    old = lone(bench)
    planned = bench.plan()
    assert planned["summary"] | {"replace": 1, "delete": 1} == planned["summary"]
    replaced, deleted = change(planned, WAREHOUSE), planned["changes"][1]
    assert (replaced["action"], replaced["id"], replaced["causes"]) == ("replace", old, ["git"])
    assert [(field["path"], field["after"]) for field in replaced["fields"]] == [("/connectionSpec/id", POSTGRES)]
    assert [(one["method"], one["path"]) for one in replaced["requests"]] == [("POST", "/connections")]
    assert deleted["resource"] == f"Connection/warehouse-replaced-{old.replace('-', '')[:8]}"
    assert [(one["method"], one["path"]) for one in deleted["requests"]] == [("DELETE", f"/connections/{old}")]
    report = bench.apply()
    new = result(report, WAREHOUSE)["id"]
    assert set(statuses(report).values()) == {"applied"}
    assert calls(bench) == [("POST", "connections"), ("DELETE", f"connections/{old}")]
    assert [one["id"] for one in objects(bench, "connections", "Warehouse")] == [new] != [old]
    assert [path.name for path in (bench.ledger / "resources" / "Connection").iterdir()] == ["warehouse.json"]
    assert bench.entry("Connection", "warehouse")["id"] == new
    assert bench.plan()["changes"] == []


def test_who_refers_to_it_follows(bench: Bench) -> None:
    """A source connection that no flow uses is pointed at the new connection before the old one goes."""
    lone(bench)
    declare(bench, WAREHOUSE)
    declare(bench, ORDERS)
    old = result(bench.apply(), ORDERS)["id"]
    bench.app.requests.clear()
    declare(bench, WAREHOUSE, SPEC, onImmutable="replace")
    followed = change(bench.plan(), ORDERS)
    assert followed["action"] == "update"
    assert followed["fields"][0]["after"] == {"$ref": WAREHOUSE}
    report = bench.apply()
    new = result(report, WAREHOUSE)["id"]
    assert [method for method, _ in calls(bench)] == ["POST", "PATCH", "DELETE"]
    assert bench.live("sourceConnections", old)["baseConnectionId"] == new
    assert bench.plan()["changes"] == []


@pytest.mark.assumes(flow_takes_ends=False)
def test_a_chain_is_made_anew_from_below_and_deleted_from_above(bench: Bench) -> None:
    """A source flow does not pick up another source: where all of them may be replaced, all of them are."""
    ids = apply_chain(bench)
    declare(bench, WAREHOUSE, SPEC, onImmutable="replace")
    declare(bench, ORDERS, SPEC, onImmutable="replace")
    declare(bench, FLOW, ("flowSpec/id", "6499120c-0b15-42dc-936e-847ea3c24d72"), onImmutable="replace")
    planned = bench.plan()
    assert planned["summary"] | {"replace": 3, "delete": 3, "blocked": 0} == planned["summary"]
    report = bench.apply()
    assert set(statuses(report).values()) == {"applied"}
    assert calls(bench) == [
        ("POST", "connections"),
        ("POST", "sourceConnections"),
        ("POST", "flows"),
        ("DELETE", f"flows/{ids[FLOW]}"),
        ("DELETE", f"sourceConnections/{ids[ORDERS]}"),
        ("DELETE", f"connections/{ids[WAREHOUSE]}"),
    ]
    (flow,) = objects(bench, "flows")
    assert flow["sourceConnectionIds"] == [result(report, ORDERS)["id"]]
    assert bench.plan()["changes"] == []


def test_a_user_that_cannot_follow_hinders(bench: Bench) -> None:
    """A flow that may not be replaced keeps its source, and that its connection; nothing is sent."""
    apply_chain(bench)
    declare(bench, WAREHOUSE, SPEC, onImmutable="replace")
    blocked = change(bench.plan(), WAREHOUSE)
    assert blocked["action"] == "blocked"
    assert "It cannot be replaced: cannot be deleted: SourceConnection/orders uses it" in blocked["blockedBy"]
    assert bench.apply(code=1)["summary"]["blocked"] == 1
    assert bench.writes() == []


def test_a_user_that_nobody_manages_hinders(bench: Bench) -> None:
    """It would lose what it uses."""
    old = lone(bench)
    foreign = {**BODIES[ORDERS], "id": "by-hand", "baseConnectionId": old, "name": "By hand", "etag": '"1"'}
    bench.seed("sourceConnections", foreign)
    blocked = change(bench.plan(), WAREHOUSE)
    assert "SourceConnection 'By hand' (by-hand), which stays, uses it" in blocked["blockedBy"]


@pytest.mark.assumes(numbers="echoed")
def test_a_start_that_has_passed(bench: Bench) -> None:
    """A new flow begins when git says; the plan warns of what it reads again."""
    ids = apply_chain(bench)
    bench.clock.time += 1_500_000
    declare(bench, FLOW, ("scheduleParams", NEVER), onImmutable="replace")
    replaced = change(bench.plan(), FLOW)
    assert replaced["action"] == "replace"
    assert "with backfill it reads all of it again" in bench.run("plan").out
    bench.apply()
    (flow,) = objects(bench, "flows")
    assert flow["id"] != ids[FLOW]
    assert flow["scheduleParams"]["startTime"] == NEVER["startTime"]


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"protect": True}, "metadata.protect forbids it"),
        ({"onImmutable": "block"}, "or say metadata.onImmutable: replace"),
    ],
)
def test_what_is_not_to_be_replaced(bench: Bench, metadata: dict[str, Any], reason: str) -> None:
    """It stays blocked, with the reason and the way out."""
    lone(bench, **metadata)
    assert reason in change(bench.plan(), WAREHOUSE)["blockedBy"]


def test_an_id_names_the_very_object(bench: Bench) -> None:
    """After a replacement it would name nothing."""
    old = lone(bench)
    declare(bench, WAREHOUSE, SPEC, onImmutable="replace", id=old)
    assert "metadata.id names this very object" in change(bench.plan(), WAREHOUSE)["blockedBy"]


def test_what_is_not_managed_yet(bench: Bench) -> None:
    """An object that was never ours is never deleted."""
    ids = apply_chain(bench)
    bench.clock.time += 1_500_000
    for path in (bench.ledger / "resources").rglob("*.json"):
        path.unlink()
    declare(bench, FLOW, ("scheduleParams", NEVER), onImmutable="replace")
    blocked = change(bench.plan(), FLOW)
    assert (blocked["id"], blocked["action"]) == (ids[FLOW], "blocked")
    assert "It cannot be replaced: it is not managed yet" in blocked["blockedBy"]


def test_what_nobody_declares_would_be_lost(bench: Bench) -> None:
    """Somebody's own description and parameters are not in git: nothing is made without them."""
    old = lone(bench)
    bench.edit("connections", old, lambda one: one.update(policy={"duleLabels": ["C1"]}))
    bench.edit("connections", old, lambda one: one["auth"]["params"].update(port="5439"))
    blocked = change(bench.plan(), WAREHOUSE)["blockedBy"]
    assert "the new object would lose /auth/params/port, /policy, which no manifest declares" in blocked


def test_a_refused_replacement_deletes_nothing(bench: Bench) -> None:
    """A reviewed plan of another replacement does not allow the deletion either."""
    lone(bench)
    bench.run("plan", "--out", str(bench.folder / "reviewed.plan"))
    declare(bench, WAREHOUSE, ("connectionSpec/id", OTHER), onImmutable="replace")
    report = bench.apply(str(bench.folder / "reviewed.plan"), code=1)
    assert set(statuses(report).values()) == {"refused"}
    assert bench.writes() == []


def test_a_reviewed_replacement(bench: Bench) -> None:
    """Both changes have a digest of their own."""
    old = lone(bench)
    bench.run("plan", "--out", str(bench.folder / "reviewed.plan"))
    assert set(statuses(bench.apply(str(bench.folder / "reviewed.plan"))).values()) == {"applied"}
    assert [one["id"] for one in objects(bench, "connections", "Warehouse")] != [old]


def test_an_old_object_that_would_not_go(bench: Bench) -> None:
    """The new one is in use; the next apply deletes the old one, without --prune, and drift tells of it meanwhile."""
    old = lone(bench)
    bench.app.faults.status(500, method="DELETE", path="/connections", count=100)
    report = bench.apply(code=1)
    assert result(report, WAREHOUSE)["status"] == "applied"
    left = f"Connection/warehouse-replaced-{old.replace('-', '')[:8]}"
    assert result(report, left)["status"] == "failed"
    bench.app.faults.clear()
    assert bench.plan("--only", WAREHOUSE)["orphans"] == []
    (told,) = [one for one in bench.drift()["resources"] if one["resource"] == left]
    assert (told["status"], told["id"]) == ("pending", old)
    assert statuses(bench.apply()) == {left: "applied"}
    assert [one["id"] for one in objects(bench, "connections", "Warehouse")] == [
        bench.entry("Connection", "warehouse")["id"]
    ]
    assert REDSHIFT not in str(objects(bench, "connections", "Warehouse"))


def test_an_answer_that_was_lost(bench: Bench) -> None:
    """The new object is found again, and not made twice."""
    old = lone(bench)
    bench.app.faults.reset_after_commit(method="POST", path="/connections")
    bench.apply()
    (made,) = objects(bench, "connections", "Warehouse")
    assert made["id"] != old
    assert bench.plan()["changes"] == []


@pytest.mark.usual
@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda one: one.update(description="By hand"), "changed /description since the plan"),
        (lambda one: None, "changed it, and its secrets perhaps since the plan"),
    ],
    ids=["a field", "a secret, perhaps"],
)
def test_somebody_else_was_there_meanwhile(bench: Bench, edit: Any, told: str) -> None:
    """What a person has changed since the plan is not lost: nothing is made, and nothing deleted."""
    old = lone(bench)
    bench.app.faults.add(
        Fault(after=lambda answer: edited(bench, old, edit, answer)), method="GET", path="/connections"
    )
    report = bench.apply(code=1)
    assert result(report, WAREHOUSE)["status"] == "conflict"
    assert told in result(report, WAREHOUSE)["error"]
    assert bench.writes() == []


def edited(bench: Bench, id: str, edit: Any, answer: Any) -> Any:
    bench.edit("connections", id, edit)
    return answer


def test_a_live_flow_that_gets_another_source(bench: Bench) -> None:
    """Whether a flow into the platform picks it up no document says (FACTS 9), and the plan does."""
    apply_chain(bench)
    declare(bench, ORDERS, ("params/tableName", "orders_v2"), onImmutable="replace")
    assert change(bench.plan(), FLOW)["action"] == "update"
    assert "whether this one picks it up is not known" in " ".join(bench.run("plan").out.split())
    declare(bench, FLOW, ("description", "Another"))
    declare(bench, ORDERS)
    assert "picks it up" not in bench.run("plan").out
