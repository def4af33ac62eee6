"""The report as an inbox: each state in every format, with its exit code, what to do next, and who is at work."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.bench import HEADERS, NOW, ORGANISATION, SANDBOX, Bench
from support.bodies import SECRETS, connection, stored
from support.chain import COLLECTIONS, apply_chain, declare

ORDERS, WAREHOUSE = "Flow/orders", "Connection/warehouse"
KEYS = {"resource", "id", "status", "fields", "changedBy", "changedClient", "changedAt"}


def drifted(bench: Bench, ids: dict[str, str]) -> None:
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))


def missing(bench: Bench, ids: dict[str, str]) -> None:
    headers = HEADERS | {"If-Match": bench.live("flows", ids[ORDERS])["etag"]}
    bench.http.delete(f"http://localhost/data/foundation/flowservice/flows/{ids[ORDERS]}", headers=headers)


def pending(bench: Bench, _ids: dict[str, str]) -> None:
    declare(bench, ORDERS, ("description", "Changed"))


def snoozed(bench: Bench, ids: dict[str, str]) -> None:
    drifted(bench, ids)
    ran = bench.run("drift", "--snooze", ORDERS, "--until", "2027-01-20", "--reason", "vendor migrates")
    assert ran.code == 0, ran.err


def orphaned(bench: Bench, _ids: dict[str, str]) -> None:
    (bench.manifests / "Flow-orders.json").unlink()


def unmanaged(bench: Bench, _ids: dict[str, str]) -> None:
    bench.environ |= SECRETS
    bench.seed("connections", stored("0b1c2d3e-0000-4000-8000-000000000009", connection("Theirs")))


def unreadable(bench: Bench, _ids: dict[str, str]) -> None:
    body = json.dumps({"errorCode": "2118-403", "errorMessage": "No permission to view this"})
    bench.app.faults.body(body, status=403, method="GET", path="^/flows", count=50)


@pytest.mark.assumes(delete_seconds=0.0, flow_takes_ends=False)
@pytest.mark.parametrize(
    ("happens", "code"),
    [(drifted, 2), (missing, 2), (pending, 0), (snoozed, 0), (orphaned, 0), (unmanaged, 0), (unreadable, 1)],
)
def test_every_state_is_one_of_its_own(bench: Bench, happens: Callable[..., None], code: int) -> None:
    """Counted, listed and named in each format; the exit code says whether a person is needed."""
    ids = apply_chain(bench)
    happens(bench, ids)
    state = happens.__name__
    report = bench.drift("--unmanaged", code=code)
    assert {key: count for key, count in report["summary"].items() if count} == {
        "inSync": 4 if state == "unmanaged" else 3,
        state: 1,
    }
    assert all(set(one) == KEYS for one in report["resources"])
    (found,) = [one["resource"] for one in report["resources"] if one["status"] == state]
    text, markdown = (bench.run("drift", "--unmanaged", "--format", form) for form in ("text", "markdown"))
    assert (text.code, markdown.code) == (code, code)
    assert f"1 {state}" in text.out
    assert [found, state] in [line.split()[:2] for line in text.out.split("\n")]
    assert f"<code>{found}</code> | {state} |" in markdown.out


def test_a_drift_comes_with_its_commands(bench: Bench) -> None:
    """To be copied: put git's back, keep theirs, leave it for now; nothing of it where nothing has drifted."""
    ids = apply_chain(bench)
    assert "reconciler --target" not in bench.run("drift").out
    drifted(bench, ids)
    out = bench.run("drift").out
    assert "  Put git's back: reconciler --target bench apply\n" in out
    assert f"  Keep theirs: reconciler --target bench drift --accept {ORDERS}\n" in out
    assert f"drift --snooze {ORDERS} --until DATE --reason TEXT\n" in out
    for resource in ids.keys() - {ORDERS}:
        bench.edit(COLLECTIONS[resource.partition("/")[0]], ids[resource], lambda one: one.update(name="Theirs"))
    kept = f"--accept Connection/warehouse --accept {ORDERS} --accept SourceConnection/orders --accept …"
    assert kept in bench.run("drift", "--format", "markdown").out


@pytest.mark.assumes(delete_seconds=0.0)
def test_what_is_missing_can_only_be_put_back(bench: Bench) -> None:
    """There is nothing live to accept, and nothing to snooze."""
    missing(bench, apply_chain(bench))
    out = bench.run("drift").out
    assert "reconciler --target bench apply" in out
    assert "--accept" not in out


def begun(bench: Bench, expires: float) -> None:
    """Let another run have begun."""
    document: dict[str, Any] = {
        "formatVersion": 1, "organisation": ORGANISATION, "sandbox": SANDBOX, "run": "run-7", "actor": "bob",
        "plan": "0" * 64, "commit": None, "started": NOW, "expires": expires, "intents": [], "seal": None,
    }  # fmt: skip
    (bench.ledger / "begin.json").write_text(json.dumps(document), encoding="utf-8")


def test_during_an_apply_the_report_says_so(bench: Bench) -> None:
    """What differs may be its work: it is said in every format, and neither accepted nor snoozed."""
    ids = apply_chain(bench)
    drifted(bench, ids)
    begun(bench, NOW + 10_000)
    said = "run run-7 of bob is applying since 2027-01-15T08:00:00Z: what differs may be its work"
    assert said in bench.run("drift").out
    assert said in bench.run("drift", "--format", "markdown").out
    ran = bench.run("drift", "--format", "json")
    assert (ran.code, said in ran.err) == (2, True)
    assert set(ran.json) == {"summary", "resources"}
    before = (bench.manifests / "Flow-orders.json").read_bytes()
    for words in (("--accept", ORDERS), ("--snooze", ORDERS, "--until", "2027-01-20", "--reason", "x")):
        ran = bench.run("drift", *words)
        assert (ran.code, ran.out) == (1, "")
        assert "run run-7 of bob is applying: what differs may be its work. Look again when it has ended" in ran.err
    assert (bench.manifests / "Flow-orders.json").read_bytes() == before


def test_after_an_apply_that_never_ended(bench: Bench) -> None:
    """Nobody is at work any more, and something may be half done."""
    ids = apply_chain(bench)
    drifted(bench, ids)
    begun(bench, NOW + 1)
    bench.clock.sleep(10)
    said = "run run-7 of bob began at 2027-01-15T08:00:00Z and never ended: what differs may be its work"
    assert said in bench.run("drift").out
    assert bench.run("drift", "--accept", ORDERS).code == 0


def test_a_file_that_changes_meanwhile_is_not_overwritten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody saves the manifest while we look: theirs stays."""
    from reconciler.manifest.editing import drafts  # noqa: PLC0415 - for this test alone

    ids = apply_chain(bench)
    drifted(bench, ids)
    path = bench.manifests / "Flow-orders.json"
    checked = drafts.Drafts.checked

    def saved(self: Any) -> Any:
        made = checked(self)
        path.write_text(path.read_text() + "\n")
        return made

    monkeypatch.setattr(drafts.Drafts, "checked", saved)
    ran = bench.run("drift", "--accept", ORDERS)
    assert (ran.code, ran.out) == (1, "")
    assert "was changed by somebody else meanwhile: nothing was written" in ran.err
    assert path.read_text().endswith("\n")
    assert "week" not in path.read_text()


def test_a_folder_that_may_not_be_written(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's answer is a message; nothing is left behind."""
    ids = apply_chain(bench)
    drifted(bench, ids)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    ran = bench.run("drift", "--accept", ORDERS)
    assert (ran.code, ran.out) == (1, "")
    assert "No space left on device" in ran.err
    assert not list(bench.manifests.glob(".*"))
    assert "week" not in (bench.manifests / "Flow-orders.json").read_text()


def test_manifests_that_are_wrong_elsewhere(bench: Bench) -> None:
    """What would not hold on another target is not written, and the reader's own words say why."""
    ids = apply_chain(bench)
    other = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "dev"}, "spec": {"sandbox": "dev"}}
    bench.write("dev.json", other)
    target = json.loads((bench.manifests / "target.json").read_text())
    bench.write("target.json", target | {"spec": target["spec"] | {"default": True}})
    path = bench.manifests / "Flow-orders.json"
    document = json.loads(path.read_text())
    document["overrides"] = {"dev": {"spec": {"scheduleParams": {"interval": 1}}}}
    path.write_text(json.dumps(document))
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(
        scheduleParams={"startTime": flow["scheduleParams"]["startTime"], "frequency": "once"}
    ))  # fmt: skip
    ran = bench.run("drift", "--accept", ORDERS)
    assert (ran.code, ran.out) == (1, "")
    assert "written back the manifests would be wrong, so nothing was written" in ran.err
    assert "a flow that runs once has no interval" in ran.err
    assert json.loads(path.read_text()) == document
