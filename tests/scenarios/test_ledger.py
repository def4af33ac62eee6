"""The ledger: one run at a time, what a dead one left, and files that say what was done and no more."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.bench import NOW, ORGANISATION, SANDBOX, Bench
from support.chain import (
    CONNECTION,
    FLOW,
    apply_chain,
    change,
    changed,
    declare,
    declare_chain,
    objects,
    result,
    statuses,
)

from reconciler.emulator.faults import Fault

KEY = "a-key-of-thirty-two-characters-!"


def test_an_entry_is_what_the_design_says(bench: Bench) -> None:
    """Declared paths as they were applied, references as ids; no secret, only its fingerprint; a seal."""
    bench.environ["RECONCILER_KEY"] = KEY
    ids = apply_chain(bench)
    entry = bench.entry("Connection", "warehouse")
    assert set(entry) == {
        *("formatVersion", "resource", "id", "organisation", "sandbox", "applied", "secrets"),
        *("observed", "protect", "onRemove", "seal"),
    }
    assert entry["formatVersion"] == 1
    assert (entry["resource"], entry["id"]) == ("Connection/warehouse", ids["Connection/warehouse"])
    assert (entry["organisation"], entry["sandbox"]) == (ORGANISATION, SANDBOX)
    applied = changed(CONNECTION)
    del applied["auth"]["params"]["password"]
    assert entry["applied"] == applied
    assert set(entry["secrets"]) == {"/auth/params/password"}
    assert set(entry["secrets"]["/auth/params/password"]) == {"keyId", "hmac"}
    assert (entry["observed"], entry["protect"], entry["onRemove"]) == ({}, False, "orphan")
    flow = bench.entry("Flow", "orders")
    assert flow["applied"]["sourceConnectionIds"] == [ids["SourceConnection/orders"]]
    assert "first-password" not in "".join(text(bench).values())


def test_the_same_apply_leaves_the_same_bytes(bench: Bench) -> None:
    """A second apply without changes touches no file of the ledger."""
    apply_chain(bench)
    before = text(bench)
    bench.apply()
    assert text(bench) == before


def test_a_run_leaves_its_begin_and_end_in_the_history(bench: Bench) -> None:
    """Who, when, what was meant, how it ended; and nothing open."""
    bench.environ |= {"GITHUB_ACTOR": "ann", "GITHUB_RUN_ID": "17"}
    apply_chain(bench)
    past = history(bench)
    assert len(past) == 1
    assert past[0]["begin"]["actor"] == "ann (run 17)"
    assert {intent["resource"]: intent["action"] for intent in past[0]["begin"]["intents"]} == {
        "Connection/warehouse": "create",
        "SourceConnection/orders": "create",
        "TargetConnection/orders": "create",
        "Flow/orders": "create",
    }
    assert {end["status"] for end in past[0]["end"]["outcomes"]} == {"applied"}
    assert past[0]["end"]["takenOver"] is False
    assert not (bench.ledger / "begin.json").exists()


def test_the_intent_is_there_before_the_first_write(bench: Bench) -> None:
    """When the first POST arrives, the begin that announces it is on disk."""
    declare_chain(bench)
    seen: list[Any] = []
    hook(bench, lambda: seen.append(begin(bench)["intents"][0]["resource"]), method="POST")
    bench.apply()
    assert seen == ["Connection/warehouse"]


def test_another_run_holds_the_ledger(bench: Bench) -> None:
    """An unexpired begin keeps others off, and tells whose it is; a plan may still look."""
    apply_chain(bench)
    declare(bench, "Flow/orders", ("description", "Changed"))
    open_run(bench, actor="bob (run 99)", expires=NOW + 10_000)
    ran = bench.run("apply", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert "bob (run 99)" in ran.err
    assert bench.writes() == []
    assert begin(bench)["run"] == "the-other-run"
    assert bench.plan()["summary"]["update"] == 1


def test_an_expired_run_is_taken_over(bench: Bench) -> None:
    """A begin whose time is over is closed in the history, and the apply that takes over says so."""
    apply_chain(bench)
    declare(bench, "Flow/orders", ("description", "Changed"))
    open_run(bench, actor="bob (run 99)", expires=NOW + 1)
    bench.clock.sleep(10)
    ran = bench.run("apply", "--yes")
    assert ran.code == 0
    assert "bob (run 99)" in ran.out + ran.err
    closed = {past["begin"]["run"]: past["end"]["takenOver"] for past in history(bench)}
    assert closed["the-other-run"] is True
    assert sorted(closed.values()) == [False, False, True]
    assert not (bench.ledger / "begin.json").exists()


def test_an_expired_run_is_taken_over_even_if_nothing_is_left_to_do(bench: Bench) -> None:
    """A dead run does not stand in the ledger for ever."""
    apply_chain(bench)
    open_run(bench, actor="bob", expires=NOW + 1)
    bench.clock.sleep(10)
    assert bench.run("apply", "--yes").code == 0
    assert not (bench.ledger / "begin.json").exists()
    assert bench.writes() == []


def test_somebody_applied_between_our_plan_and_our_begin(bench: Bench) -> None:
    """The ledger moved while we planned: nothing is sent, plan again."""
    apply_chain(bench)
    declare(bench, "Flow/orders", ("description", "Changed"))
    path = bench.ledger / "resources" / "Flow" / "orders.json"
    moved = path.read_text(encoding="utf-8").replace("Every day", "Every week")
    hook(bench, lambda: path.write_text(moved, encoding="utf-8"), method="GET", path="^/flows$")
    ran = bench.run("apply", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert "Plan again" in ran.err
    assert bench.writes() == []
    assert not (bench.ledger / "begin.json").exists()


def test_a_run_that_was_taken_over_writes_no_more(bench: Bench) -> None:
    """Another run's begin in the place of ours: what is under way ends, nothing more is sent, and it is said."""
    declare_chain(bench)
    hook(bench, lambda: open_run(bench, actor="bob", expires=NOW + 10_000), method="POST", path="^/connections$")
    report = bench.apply("--concurrency", "1", code=1)
    assert statuses(report)["Connection/warehouse"] == "failed"
    assert statuses(report)["Flow/orders"] == "skipped"
    assert begin(bench)["actor"] == "bob"
    assert [request.path for request in bench.writes()].count("/flows") == 0


@pytest.mark.parametrize("what", ["entry", "begin", "history"])
def test_a_broken_seal_is_refused(bench: Bench, what: str) -> None:
    """With a key no file of the ledger can be changed by another hand without being noticed."""
    bench.environ["RECONCILER_KEY"] = KEY
    apply_chain(bench)
    path = bench.ledger / "resources" / "Flow" / "orders.json"
    if what == "begin":
        open_run(bench, actor="bob", expires=NOW + 1)
        path = bench.ledger / "begin.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        document["seal"] = {"keyId": bench.entry("Flow", "orders")["seal"]["keyId"], "hmac": "0" * 64}
        path.write_text(json.dumps(document), encoding="utf-8")
        bench.clock.sleep(10)
    elif what == "entry":
        path.write_text(path.read_text(encoding="utf-8").replace("Every day", "Every week"), encoding="utf-8")
    else:
        path = next((bench.ledger / "history").iterdir())
        path.write_text(path.read_text(encoding="utf-8").replace('"applied"', '"failed"'), encoding="utf-8")
        return
    declare(bench, "Flow/orders", ("description", "Changed"))
    ran = bench.run("apply", "--yes")
    assert (ran.code, ran.out, "seal" in ran.err) == (1, "", True)
    assert bench.writes() == []


def test_a_key_that_comes_later_seals_what_is_there(bench: Bench) -> None:
    """A ledger from before the key is sealed by the next apply that writes; until then it is read."""
    apply_chain(bench)
    bench.environ["RECONCILER_KEY"] = KEY
    declare(bench, "Flow/orders", ("description", "Changed"))
    assert bench.run("apply", "--yes").code == 0
    files = [json.loads(content) for name, content in text(bench).items() if "/resources/" in name]
    assert all(entry["seal"] for entry in files)


def test_an_apply_without_the_key_of_the_ledger_sends_nothing(bench: Bench) -> None:
    """What it wrote there would stop every run that has the key; the plan is shown, and the key makes it go on."""
    bench.environ["RECONCILER_KEY"] = KEY
    apply_chain(bench)
    declare(bench, "Flow/orders", ("description", "Changed"))
    del bench.environ["RECONCILER_KEY"]
    assert bench.run("plan").code == 0
    ran = bench.run("apply", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert "the ledger is sealed, and RECONCILER_KEY is not set here" in ran.err
    assert bench.writes() == []
    bench.environ["RECONCILER_KEY"] = KEY
    assert bench.run("apply", "--yes").code == 0
    assert [request.method for request in bench.writes()] == ["PATCH"]


def test_a_lost_ledger_is_rebuilt_without_creating_anything(bench: Bench) -> None:
    """From manifests and live: everything is adopted, nothing sent."""
    ids = apply_chain(bench)
    for path in sorted((bench.ledger / "resources").rglob("*.json")):
        path.unlink()
    report = bench.apply()
    assert {one["action"] for one in report["results"]} == {"adopt"}
    assert {one["resource"]: one["id"] for one in report["results"]} == ids
    assert bench.writes() == []
    assert bench.plan()["changes"] == []


def test_a_create_that_died_with_its_run(bench: Bench) -> None:
    """The POST was done, the process died before it could note the id: the next run finds the object by its name."""
    declare_chain(bench)
    ids = crash(bench, "flows")
    bench.clock.sleep(1000)
    report = bench.apply()
    assert result(report, "Flow/orders")["action"] == "adopt"
    assert result(report, "Flow/orders")["id"] in ids
    assert len(objects(bench, "flows", "Orders, daily")) == 1


def test_a_create_that_died_beside_an_older_object_of_that_name(bench: Bench) -> None:
    """Of two objects of one name the intents tell which one was there before: the other one is what the run made."""
    declare_chain(bench)
    bench.apply()
    older = bench.entry("Flow", "orders")["id"]
    bench.declare("Flow", "second", FLOW)
    ids = crash(bench, "flows")
    forget(bench, "Flow", "orders")  # nobody manages the older one any more, so by name alone there are two
    (bench.manifests / "Flow-orders.json").unlink()
    assert len(objects(bench, "flows", "Orders, daily")) == 2
    bench.clock.sleep(1000)
    assert change(bench.plan(), "Flow/second")["action"] == "adopt"
    ran = result(bench.apply(), "Flow/second")
    assert ran["id"] in ids - {older}
    assert len(objects(bench, "flows", "Orders, daily")) == 2


def test_a_second_create_of_a_deleted_object_that_died(bench: Bench) -> None:
    """A managed object was deleted by hand, its new create died with the run: it is not created a third time."""
    ids = apply_chain(bench)
    bench.app.store.delete(bench.app.store.anywhere("flows", ids["Flow/orders"], None))
    crash(bench, "flows")
    bench.clock.sleep(1000)
    bench.apply()
    assert len(objects(bench, "flows", "Orders, daily")) == 1
    assert bench.plan()["changes"] == []


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C means what it means at a terminal, also in a worker that has it switched off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_what_is_under_way_and_starts_nothing_more(bench: Bench) -> None:
    """Exit 130; the object that was just being made is remembered, the begin closed, the rest skipped."""
    declare_chain(bench)
    hook(bench, press_ctrl_c, method="POST", path="^/connections$")
    ran = bench.run("apply", "--yes", "--format", "json")
    assert ran.code == 130
    assert statuses(ran.json)["Flow/orders"] == "skipped"
    assert not (bench.ledger / "begin.json").exists()
    assert len(history(bench)) == 1
    assert bench.entry("Connection", "warehouse")["id"] == objects(bench, "connections", "Warehouse")[0]["id"]
    assert bench.apply()["summary"]["applied"] >= 2
    assert len(objects(bench, "connections", "Warehouse")) == 1


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_while_planning(bench: Bench) -> None:
    """Exit 130, nothing sent, nothing left open, no traceback."""
    declare_chain(bench)
    hook(bench, lambda: os.kill(os.getpid(), signal.SIGINT), method="GET", path="^/connections$")
    ran = bench.run("apply", "--yes")
    assert (ran.code, ran.out) == (130, "")
    assert "Traceback" not in ran.err
    assert bench.writes() == []


def press_ctrl_c() -> None:
    """Interrupt the process, once its main thread does what it does nearly all the time: wait."""
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.1)


class Crash(BaseException):
    """The process is gone."""


def crash(bench: Bench, collection: str) -> set[str]:
    """Let an apply die right after a POST was done, its begin left open; return the ids that are there then."""
    path, kept = bench.ledger / "begin.json", []

    def before(_app: Any, _path: str, _environ: Any) -> None:
        kept.append(path.read_bytes())

    def after(_: Any) -> Any:
        raise Crash

    bench.app.faults.add(Fault(before, after), method="POST", path=f"^/{collection}$")
    with pytest.raises(Crash):
        bench.apply()
    # A process that is gone closes nothing: what the unwinding stack has closed is opened again.
    path.write_bytes(kept[0])
    run = json.loads(kept[0])["run"]
    for past in (bench.ledger / "history").glob(f"*-{run}.json"):
        past.unlink()
    bench.app.requests.clear()
    return {item["id"] for item in objects(bench, collection)}


def hook(bench: Bench, act: Callable[[], object], **match: Any) -> None:
    """Let something happen when a call arrives."""
    bench.app.faults.add(Fault(lambda _app, _path, _environ: act() and None), **match)


def open_run(bench: Bench, actor: str, expires: float) -> None:
    """Let another run begin."""
    document = {
        "formatVersion": 1,
        "organisation": ORGANISATION,
        "sandbox": SANDBOX,
        "run": "the-other-run",
        "actor": actor,
        "plan": "0" * 64,
        "commit": None,
        "started": NOW,
        "expires": expires,
        "intents": [],
        "seal": None,
    }
    (bench.ledger / "begin.json").write_text(json.dumps(document), encoding="utf-8")


def begin(bench: Bench) -> dict[str, Any]:
    return json.loads((bench.ledger / "begin.json").read_text(encoding="utf-8"))


def history(bench: Bench) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((bench.ledger / "history").iterdir())]


def text(bench: Bench) -> dict[str, str]:
    """Return every file of the ledger but its lock."""
    files = (path for path in bench.ledger.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path): path.read_text(encoding="utf-8") for path in files}


def forget(bench: Bench, kind: str, name: str) -> None:
    (bench.ledger / "resources" / kind / f"{name}.json").unlink()
