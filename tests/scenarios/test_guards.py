"""Guards: a plan that touches too much, or a service that shows too little, is asked about before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import TARGET, Bench
from support.chain import TARGET as BODY
from support.chain import apply_chain, changed, declare, objects, result


def estate(bench: Bench, count: int, description: str = "One", changed_from: int = 0) -> None:
    """Declare so many target connections, those from ``changed_from`` on with this description."""
    for at in range(count):
        text = description if at >= changed_from else "One"
        body = changed(BODY, ("name", f"Dataset {at}"), ("description", text))
        bench.declare("TargetConnection", f"dataset-{at:02d}", body)


def applied(bench: Bench, count: int) -> None:
    """Apply so many target connections, and forget the requests."""
    estate(bench, count)
    assert bench.apply()["summary"]["applied"] == count
    bench.app.requests.clear()


def guards(bench: Bench, **guards: int) -> None:
    bench.write("target.json", {**TARGET, "spec": {"emulator": True, "guards": guards}})


def delete(bench: Bench, count: int) -> None:
    """Let somebody delete so many of the target connections."""
    for live in objects(bench, "targetConnections")[:count]:
        bench.app.store.delete(bench.app.store.anywhere("targetConnections", live["id"], None))


def test_more_than_half_of_ten_is_refused(bench: Bench) -> None:
    """From ten managed resources up, a plan that changes more than half of them is refused whole, and says the way."""
    applied(bench, 10)
    estate(bench, 10, "Two", changed_from=4)
    ran = bench.run("apply", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert "6 of 10" in ran.err
    assert "--allow-large" in ran.err
    assert bench.writes() == []
    assert bench.apply("--allow-large")["summary"]["applied"] == 6


def test_half_of_ten_passes(bench: Bench) -> None:
    """Exactly the percentage is within it."""
    applied(bench, 10)
    estate(bench, 10, "Two", changed_from=5)
    assert bench.apply()["summary"]["applied"] == 5


def test_below_ten_a_percentage_says_nothing(bench: Bench) -> None:
    """Nine of nine may change."""
    applied(bench, 9)
    estate(bench, 9, "Two")
    assert bench.apply()["summary"]["applied"] == 9


def test_the_target_says_how_much_may_change(bench: Bench) -> None:
    """The percentage is the target's."""
    applied(bench, 10)
    guards(bench, maxChangesPercent=10)
    estate(bench, 10, "Two", changed_from=8)
    assert bench.run("apply", "--yes").code == 1
    guards(bench, maxChangesPercent=100)
    estate(bench, 10, "Two")
    assert bench.apply()["summary"]["applied"] == 10


@pytest.mark.assumes(get_lag=0.0)
def test_a_first_apply_is_not_large(bench: Bench) -> None:
    """Creating is no change of what is managed: twenty creates beside ten managed resources pass."""
    applied(bench, 10)
    estate(bench, 30)
    assert bench.apply()["summary"]["applied"] == 20


def test_a_plan_may_be_as_large_as_it_likes(bench: Bench) -> None:
    """Guards stand before the apply; the plan shows everything."""
    applied(bench, 10)
    estate(bench, 10, "Two")
    assert bench.plan()["summary"]["update"] == 10


@pytest.mark.parametrize(("managed", "gone", "passes"), [(5, 3, False), (6, 3, True), (4, 2, True), (20, 11, False)])
def test_many_that_are_missing_at_once(bench: Bench, managed: int, gone: int, *, passes: bool) -> None:
    """Three or more, and over half: does this credential see all? Nothing is created before somebody says so."""
    applied(bench, managed)
    delete(bench, gone)
    ran = bench.run("apply", "--yes")
    assert ran.code == (0 if passes else 1)
    if not passes:
        assert f"{gone} of {managed}" in ran.err
        assert "--allow-large" in ran.err
        assert bench.writes() == []
        assert bench.apply("--allow-large")["summary"]["applied"] == gone
    assert len(objects(bench, "targetConnections")) == managed


def test_a_blind_credential_creates_nothing(bench: Bench) -> None:
    """Empty lists and 404 for everything that we manage: refused, and the ledger keeps what it knows."""
    applied(bench, 6)
    before = [bench.entry("TargetConnection", f"dataset-{at:02d}") for at in range(6)]
    bench.app.faults.body('{"items": []}', method="GET", path="^/targetConnections$", count=20)
    gone = '{"errorMessage": "targetConnections not found"}'
    bench.app.faults.body(gone, status=404, method="GET", path="^/targetConnections/", count=20)
    bench.clock.time += 60  # what was only just made would be waited for
    assert bench.run("apply", "--yes").code == 1
    assert bench.writes() == []
    assert [bench.entry("TargetConnection", f"dataset-{at:02d}") for at in range(6)] == before


def test_a_permission_that_is_lacking_creates_nothing(bench: Bench) -> None:
    """403 for single objects is unreadable, not missing: blocked, with what the service said."""
    applied(bench, 6)
    bench.app.faults.body('{"items": []}', method="GET", path="^/targetConnections$", count=20)
    lacking = '{"errorMessage": "2120-403 no permission"}'
    bench.app.faults.body(lacking, status=403, method="GET", path="^/targetConnections/", count=20)
    report = bench.apply(code=1)
    assert report["summary"]["blocked"] == 6
    assert bench.writes() == []
    assert bench.drift(code=1)["summary"]["unreadable"] == 6


def test_another_organisation_is_always_an_error(bench: Bench) -> None:
    """The ledger of one organisation is never applied to another, whatever is allowed."""
    variables = {
        "AEP_BASE_URL": "http://127.0.0.1:1",
        "AEP_ACCESS_TOKEN": "a-token",
        "AEP_API_KEY": "a-key",
        "AEP_ORG_ID": "ONE@AdobeOrg",
    }
    bench.write("target.json", {**TARGET, "spec": {"sandbox": "bench"}})
    bench.environ |= variables
    applied(bench, 3)
    bench.environ["AEP_ORG_ID"] = "OTHER@AdobeOrg"
    for command in (("plan",), ("drift",), ("apply", "--yes"), ("apply", "--yes", "--allow-large")):
        ran = bench.run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "ONE@AdobeOrg" in ran.err
    assert bench.writes() == []


def test_another_sandbox_is_an_error(bench: Bench) -> None:
    """A target that is moved to another sandbox does not take its ledger along."""
    bench.write("target.json", {**TARGET, "spec": {"sandbox": "bench"}})
    bench.environ |= {
        "AEP_BASE_URL": "http://127.0.0.1:1",
        "AEP_ACCESS_TOKEN": "a-token",
        "AEP_API_KEY": "a-key",
        "AEP_ORG_ID": "ONE@AdobeOrg",
    }
    applied(bench, 3)
    bench.write("target.json", {**TARGET, "spec": {"sandbox": "prod"}})
    ran = bench.run("apply", "--yes", "--allow-large")
    assert (ran.code, ran.out) == (1, "")
    assert bench.writes() == []


def test_one_object_two_manifests(bench: Bench) -> None:
    """Two manifests that name one id: blocked, nothing is written back and forth."""
    ids = apply_chain(bench)
    bench.declare("TargetConnection", "twin", changed(BODY, ("description", "Mine")), id=ids["TargetConnection/orders"])
    ran = result(bench.apply(code=1), "TargetConnection/orders")
    assert ran["status"] == "blocked"
    assert "TargetConnection/twin" in ran["error"]


def test_scope_leaves_the_rest_alone(bench: Bench) -> None:
    """--only and --exclude: what is out of scope is neither written nor remembered differently."""
    apply_chain(bench)
    declare(bench, "Flow/orders", ("description", "Changed"))
    declare(bench, "Connection/warehouse", ("description", "Changed"))
    before: Any = bench.entry("Connection", "warehouse")
    assert bench.apply("--only", "Flow/orders")["summary"]["applied"] == 1
    assert bench.entry("Connection", "warehouse") == before
    assert bench.plan("--exclude", "Connection/warehouse")["changes"] == []
    assert bench.apply("--exclude", "Flow/orders")["summary"]["applied"] == 1
