"""The life of an estate under every variant of the service alone; ``tests/bench/variants.py`` plays all scenarios."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.bench import HEADERS, Bench
from support.chain import COLLECTIONS, PASSWORD, apply_chain, change, declare, declare_chain, objects, result, statuses
from support.variants import VARIANTS

TOGETHER = {
    "lists_and_gets_lag": {"list_lag": 5.0, "get_lag": 3.0, "settle_seconds": 4.0},
    "pages_and_lists_lag": {"page_cap": 1, "pages_lose": True, "list_lag": 5.0},
    "late_and_untold": {"settle_seconds": 5.0, "operation_words": "absent", "error_code": "absent"},
    "late_deletes_and_lag": {"delete_seconds": 5.0, "get_lag": 5.0, "error_shape": "short"},
}
"""Variants that make each other worse."""

FLOWS = "http://localhost/data/foundation/flowservice/flows/"
SPEC = "11111111-0000-4000-8000-000000000009"


@pytest.fixture(params=[*VARIANTS, *TOGETHER])
def played(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """A bench on which the service behaves so."""
    changes: dict[str, Any] = {**VARIANTS, **TOGETHER}[request.param]
    bench.setting(**changes)
    return bench


def test_an_estate_lives(played: Bench) -> None:
    """Made, changed in git and by hand, rotated, disabled, deleted: each apply ends well, and leaves nothing to do."""
    ids = apply_chain(played)
    assert played.plan()["changes"] == []
    declare(played, "Connection/warehouse", ("description", "Changed"))
    declare(played, "Flow/orders", ("scheduleParams/interval", 2), ("description", "Changed"), ("state", "disabled"))
    assert set(statuses(played.apply()).values()) == {"applied"}
    assert played.plan()["changes"] == []
    flow = played.live("flows", ids["Flow/orders"])
    assert (str(flow["scheduleParams"]["interval"]), flow["state"]) == ("2", "disabled")
    played.edit("connections", ids["Connection/warehouse"], lambda body: body.update(description="By hand"))
    assert change(played.plan(), "Connection/warehouse")["causes"] == ["drift"]
    played.environ["FLOW_SECRET_DB"] = "second-password"
    report = played.apply("--rotate", "Connection/warehouse")
    assert result(report, "Connection/warehouse")["status"] == "applied"
    stored = played.app.store.get("connections", ids["Connection/warehouse"])
    assert (stored["description"], stored["auth"]["params"]["password"]) == ("Changed", "second-password")
    assert played.plan()["changes"] == []
    for path in played.manifests.glob("*-*.json"):
        path.unlink()
    report = played.apply("--prune", "--allow-large")
    assert set(statuses(report).values()) == {"applied"}
    assert not any(objects(played, COLLECTIONS[name.split("/")[0]]) for name in ids)
    assert played.plan("--prune")["changes"] == []


def test_specs_live(played: Bench) -> None:
    """A spec is made and changed, and a shared list keeps the member that somebody else put in."""
    own = {"name": "own", "providerId": "p", "version": "1.0", "attributes": {"isSource": True}}
    played.declare("ConnectionSpec", "own", own)
    flow_spec = {"sourceConnectionSpecIds": [{"ref": "ConnectionSpec/own"}]}
    played.seed("flowSpecs", {"id": SPEC, "name": "rest", "providerId": "p", "sourceConnectionSpecIds": ["theirs"]})
    played.declare("FlowSpec", "rest", flow_spec, id=SPEC)
    assert set(statuses(played.apply()).values()) == {"applied"}
    assert played.plan()["changes"] == []
    made = played.entry("ConnectionSpec", "own")["id"]
    assert played.live("flowSpecs", SPEC)["sourceConnectionSpecIds"] == ["theirs", made]
    played.declare("ConnectionSpec", "own", {**own, "attributes": {"isSource": False}})
    report = played.apply()
    assert (result(report, "ConnectionSpec/own")["status"], len(report["results"])) == ("applied", 1)
    assert played.live("connectionSpecs", made)["attributes"]["isSource"] is False
    assert played.plan()["changes"] == []


def test_what_is_live_is_taken_over(played: Bench) -> None:
    """A connection of that name is adopted with nothing sent, its secret unseen; a second one is never made."""
    ids = apply_chain(played)
    for path in (played.ledger / "resources").rglob("*.json"):
        path.unlink()
    declare(played, "Connection/warehouse", ("auth/params/password", PASSWORD))
    played.app.requests.clear()
    played.apply()
    assert played.writes() == []
    assert played.entry("Connection", "warehouse")["id"] == ids["Connection/warehouse"]
    assert len(objects(played, "connections")) == 1
    assert played.plan()["changes"] == []


@pytest.mark.assumes(delete_seconds=0.0)
def test_a_plan_right_after_an_apply(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is late, and a GET that another machine answers: that is no reason to make anything again."""
    bench.setting(list_lag=5.0, get_lag=0.0)
    declare_chain(bench)
    monkeypatch.setattr(Bench, "catch_up", lambda _bench: None)
    id = result(bench.apply(), "Flow/orders")["id"]
    bench.app.faults.body(json.dumps({"errorMessage": "no such flow"}), status=404, path=f"/flows/{id}$", count=2)
    assert bench.plan()["changes"] == []
    bench.clock.time += 60
    bench.http.delete(FLOWS + id, headers=HEADERS | {"If-Match": bench.live("flows", id)["etag"]})
    bench.clock.time += 6
    before = bench.clock.slept
    assert change(bench.plan(), "Flow/orders")["action"] == "create"
    assert bench.clock.slept == before  # what is gone is told at once
