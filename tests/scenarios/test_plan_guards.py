"""Guards beside saved plans: they look at what will be done, and not at what is refused."""

from __future__ import annotations

import pytest
from support.bench import Bench
from support.chain import declare, declare_chain, objects, result, statuses
from support.saving import KEY, refused, save

CRM, SOURCE, LAKE, DAILY = "Connection/warehouse", "SourceConnection/orders", "TargetConnection/orders", "Flow/orders"


@pytest.fixture
def keyed(bench: Bench) -> Bench:
    """A bench with a key."""
    bench.environ["RECONCILER_KEY"] = KEY
    return bench


def declare_one(bench: Bench, at: int, description: str) -> None:
    body = {"name": f"t {at}", "description": description, "params": {"dataSetId": "a"}}
    bench.declare("TargetConnection", f"t-{at}", body)


def delete_one(bench: Bench, at: int) -> None:
    [live] = objects(bench, "targetConnections", f"t {at}")
    bench.app.store.delete(bench.app.store.anywhere("targetConnections", live["id"], None))


def test_guards_count_what_will_be_done(keyed: Bench) -> None:
    """Reviewed changes pass them like all others; refused ones are not counted."""
    for at in range(12):
        declare_one(keyed, at, "One")
    keyed.apply()
    for at in range(4):
        declare_one(keyed, at, "Two")
    small = save(keyed, name="small.plan")
    for at in range(12):
        declare_one(keyed, at, "Two")
    large = save(keyed, name="large.plan")
    assert "12 of 12" in refused(keyed, "apply", large, "--yes").err
    report = keyed.apply(small, code=1)
    assert (report["summary"]["applied"], report["summary"]["refused"]) == (4, 8)
    for at in range(12):
        declare_one(keyed, at, "Three")
    assert "12 of 12" in refused(keyed, "apply", "--yes").err
    assert keyed.apply(small, code=1)["summary"]["refused"] == 12
    for at in range(12):
        declare_one(keyed, at, "Two")
    assert keyed.apply(large, "--allow-large")["summary"]["applied"] == 8


def test_what_is_gone_and_refused_is_not_counted(keyed: Bench) -> None:
    """It is not made again, so that nobody has to be asked for it; what was reviewed is done."""
    for at in range(5):
        declare_one(keyed, at, "One")
    keyed.apply()
    declare_one(keyed, 4, "Two")
    (keyed.manifests / "TargetConnection-t-3.json").unlink()
    plan = save(keyed, "--prune")
    for at in range(3):
        delete_one(keyed, at)
    assert "3 of 4" in refused(keyed, "apply", "--yes").err
    report = keyed.apply(plan, code=1)
    assert (report["summary"]["applied"], report["summary"]["refused"]) == (2, 3)
    assert "it would be a create, since live has changed" in result(report, "TargetConnection/t-0")["error"]


def test_what_left_git_and_is_gone_and_refused_is_not_counted(keyed: Bench) -> None:
    """Only the ledger would forget it; that was not reviewed either."""
    for at in range(5):
        declare_one(keyed, at, "One")
    keyed.apply()
    (keyed.manifests / "TargetConnection-t-3.json").unlink()
    plan = save(keyed, "--prune")
    for at in range(3):
        (keyed.manifests / f"TargetConnection-t-{at}.json").unlink()
        delete_one(keyed, at)
    assert "3 of 5" in refused(keyed, "apply", "--prune", "--yes").err
    report = keyed.apply(plan, code=1)
    assert (report["summary"]["applied"], report["summary"]["refused"]) == (1, 3)
    assert "it would be a resource to forget, since git has changed" in result(report, "TargetConnection/t-0")["error"]


def test_a_secret_is_needed_for_what_is_sent_alone(keyed: Bench) -> None:
    """What is refused needs none."""
    declare_chain(keyed)
    plan = save(keyed)
    declare(keyed, CRM, ("name", "Slipped in"))
    del keyed.environ["FLOW_SECRET_DB"]
    assert statuses(keyed.apply(plan, code=1)) == {
        CRM: "refused", SOURCE: "skipped", LAKE: "applied", DAILY: "skipped",
    }  # fmt: skip
    declare(keyed, CRM)
    assert "FLOW_SECRET_DB" in refused(keyed, "apply", plan, "--yes").err
