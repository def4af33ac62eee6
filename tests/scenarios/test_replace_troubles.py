"""``metadata.onImmutable: replace`` where something came in between: a killed run, somebody's hand, another review."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from scenarios.test_replace import FLOW, NEVER, ORDERS, OTHER, SPEC, WAREHOUSE, calls, lone
from support.bench import Bench
from support.chain import BODIES, REDSHIFT, apply_chain, change, changed, declare, objects, result, statuses

from reconciler.emulator.catalogue import documents
from reconciler.emulator.faults import Fault
from reconciler.engine import create

MOVED = ("description", "Git has moved on")


class Killed(BaseException):
    """What no code of ours catches."""


@pytest.fixture(autouse=True)
def _other_specs(bench: Bench) -> None:
    """Specs beside the one of the chain, which take the same credentials."""
    (spec,) = [document for collection, document in documents() if document["id"] == REDSHIFT]
    for _, id in (SPEC, ("", OTHER)):
        bench.seed("connectionSpecs", {**spec, "id": id, "name": f"like-{id[:4]}"})


def killed_after_post(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Let an apply die when its POST was taken, and its ledger has only begun; return all ids that are live then."""
    kept, ledger, made = bench.folder / "kept", bench.folder / ".reconciler", create._create

    def dying(*arguments: Any) -> Any:
        shutil.copytree(ledger, kept)
        made(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(create, "_create", dying)
        with pytest.raises(Killed):
            bench.run("apply", "--yes")
    shutil.rmtree(ledger)
    shutil.move(kept, ledger)
    bench.clock.time += 400
    return {one["id"] for one in objects(bench, "connections", "Warehouse")}


def test_what_a_killed_run_has_made_is_remembered_before_anything_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that took over fails at it, and has ended: nothing else would tell the next one of the new object."""
    old = lone(bench)
    (new,) = killed_after_post(bench, monkeypatch) - {old}
    declare(bench, WAREHOUSE, SPEC, MOVED, onImmutable="replace")
    bench.app.faults.status(500, method="PATCH", path="/connections", count=100)
    assert result(bench.apply(code=1), WAREHOUSE)["status"] == "failed"
    assert bench.entry("Connection", "warehouse")["id"] == new
    bench.app.faults.clear()
    bench.app.requests.clear()
    bench.apply()
    assert [method for method, _ in calls(bench)] == ["PATCH", "DELETE"]
    (left,) = objects(bench, "connections", "Warehouse")
    assert (left["id"], left["description"]) == (new, MOVED[1])
    assert bench.plan()["changes"] == []


def test_a_killed_run_and_a_new_name_in_git(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The former name's entry makes room for the two that there are."""
    old = lone(bench)
    (new,) = killed_after_post(bench, monkeypatch) - {old}
    (bench.manifests / "Connection-warehouse.json").unlink()
    body = changed(BODIES[WAREHOUSE], SPEC, MOVED)
    bench.declare("Connection", "store", body, onImmutable="replace", previousName="warehouse")
    bench.app.faults.status(500, method="PATCH", path="/connections", count=100)
    bench.apply(code=1)
    names = {path.stem for path in (bench.ledger / "resources" / "Connection").iterdir()}
    assert names == {"store", f"warehouse-replaced-{old.replace('-', '')[:8]}"}
    bench.app.faults.clear()
    bench.apply()
    assert [one["id"] for one in objects(bench, "connections", "Warehouse")] == [new]


@pytest.mark.parametrize(
    "spec", [("connectionSpec/id", OTHER), ("connectionSpec/id", REDSHIFT)], ids=["another", "back"]
)
def test_a_killed_run_and_another_wish(bench: Bench, monkeypatch: pytest.MonkeyPatch, spec: tuple[str, str]) -> None:
    """What it has made fits no manifest any more: nobody deletes it, and it is told of."""
    old = lone(bench)
    (new,) = killed_after_post(bench, monkeypatch) - {old}
    declare(bench, WAREHOUSE, spec)
    told = f"never ended, and may have made {new} in connections, which nothing manages"
    assert told in bench.run("plan").out
    bench.clock.time -= 400
    assert told not in bench.run("plan").out  # for all that is known it is about to note it
    bench.clock.time += 400
    bench.apply(code=1 if spec[1] == OTHER else 0)
    assert new in {one["id"] for one in objects(bench, "connections", "Warehouse")}


def test_a_namesake_of_the_new_spec(bench: Bench) -> None:
    """It may be what a lost POST has made: another one would be one too many, and a person has to tell."""
    old = lone(bench)
    document = {**bench.live("connections", old), "id": "namesake", "connectionSpec": {"id": SPEC[1], "version": "1.0"}}
    bench.seed("connections", document)
    assert "namesake has its name and its new spec already" in change(bench.plan(), WAREHOUSE)["blockedBy"]
    declare(bench, WAREHOUSE, SPEC, onImmutable="replace", id="namesake")
    assert result(bench.apply(), WAREHOUSE)["id"] == "namesake"


def test_a_flow_that_somebody_has_stopped(bench: Bench) -> None:
    """A new one would run: git has to say so."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[FLOW], lambda one: one.update(state="disabled"))
    bench.clock.time += 1_500_000
    declare(bench, FLOW, ("scheduleParams", NEVER), onImmutable="replace")
    assert "the flow is disabled, and the new one would run" in change(bench.plan(), FLOW)["blockedBy"]
    declare(bench, FLOW, ("scheduleParams", NEVER), ("state", "disabled"), onImmutable="replace")
    bench.apply()
    assert [one["state"] for one in objects(bench, "flows")] == ["disabled"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"ignore": ["/description"]},
        {"snooze": {"bench": {"until": "2027-02-20", "reason": "asked Ben", "fields": ["/description"]}}},
    ],
    ids=["ignored", "snoozed"],
)
def test_what_git_leaves_to_others(bench: Bench, metadata: dict[str, Any]) -> None:
    """A new object would have git's value, which nobody has asked for; the live one in the manifest is the way out."""
    old = lone(bench, **metadata)
    bench.edit("connections", old, lambda one: one.update(description="Ben's"))
    reason = "what git says at /description, which metadata.ignore or a snooze leaves as it is live"
    assert reason in change(bench.plan(), WAREHOUSE)["blockedBy"]
    declare(bench, WAREHOUSE, SPEC, ("description", "Ben's"), onImmutable="replace", **metadata)
    bench.apply()
    assert [one["description"] for one in objects(bench, "connections", "Warehouse")] == ["Ben's"]


def test_a_secret_that_git_leaves_to_others(bench: Bench) -> None:
    """Somebody rotates it by hand: git's would be sent again."""
    lone(bench, ignore=["/auth/params/password"])
    assert "what git says at /auth/params/password" in change(bench.plan(), WAREHOUSE)["blockedBy"]


def test_users_of_a_replacement_that_is_refused(bench: Bench) -> None:
    """They were reviewed with the new object, which is not made: they are left out, not sent with the old one."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    declare(bench, WAREHOUSE)
    declare(bench, ORDERS)
    bench.apply()
    bench.app.requests.clear()
    declare(bench, WAREHOUSE, SPEC, onImmutable="replace")
    declare(bench, ORDERS, SPEC, onImmutable="replace")
    bench.run("plan", "--out", str(bench.folder / "reviewed.plan"))
    declare(bench, WAREHOUSE, ("connectionSpec/id", OTHER), onImmutable="replace")
    report = bench.apply(str(bench.folder / "reviewed.plan"), code=1)
    assert sorted(statuses(report).values()) == ["refused", "refused", "skipped", "skipped"]
    assert result(report, ORDERS)["error"] == f"needs {WAREHOUSE}, which ended as refused"
    assert calls(bench) == []


@pytest.mark.usual
def test_a_new_flow_that_failed(bench: Bench) -> None:
    """The next apply keeps the old one, too: it may be the only one that works."""
    ids = apply_chain(bench)
    bench.clock.time += 1_500_000
    declare(bench, FLOW, ("scheduleParams", NEVER), onImmutable="replace")

    def fail(answer: Any) -> Any:
        document = json.loads(answer.get_data())
        for one in document["items"]:
            if one["id"] != ids[FLOW]:
                one["lastOperation"] = {"operation": "create", "status": {"value": "FAILED", "errors": []}}
        answer.set_data(json.dumps(document))
        return answer

    bench.app.faults.add(Fault(after=fail), method="GET", path="/flows", count=1000)
    assert result(bench.apply(code=1), FLOW)["status"] == "failed"
    (blocked,) = bench.plan()["changes"]
    reason = f"cannot be deleted: {FLOW} has taken its place, and the service's last operation ended as FAILED"
    assert blocked["blockedBy"].startswith(reason)
    assert bench.apply(code=1)["summary"]["blocked"] == 1
    assert f"why: {reason}" in bench.run("drift").out
    bench.app.faults.clear()
    bench.apply()
    assert [one["id"] != ids[FLOW] for one in objects(bench, "flows")] == [True]
