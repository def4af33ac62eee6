"""What it costs to look: lists or batches, never a call a resource."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from support.bench import HEADERS, Bench
from support.bodies import SECRETS, connection, flow, source, stored, target
from support.chain import apply_chain, change

pytestmark = pytest.mark.usual

CONNECTION, SOURCE, TARGET = (str(UUID(int=at)) for at in (1, 2, 3))


def paths(bench: Bench) -> Counter[str]:
    """Count the reads by path."""
    return Counter(request.path for request in bench.reads())


def flow_id(at: int) -> str:
    return str(UUID(int=1000 + at))


def adopt_flows(bench: Bench, count: int) -> None:
    """Make a connection, its ends and that many flows live, declare them all, and adopt them."""
    bench.environ |= SECRETS
    bench.seed("connections", stored(CONNECTION, connection()))
    bench.seed("sourceConnections", stored(SOURCE, source(CONNECTION)))
    bench.seed("targetConnections", stored(TARGET, target()))
    bench.declare("Connection", "crm", connection())
    bench.declare("SourceConnection", "orders", source({"ref": "Connection/crm"}))
    bench.declare("TargetConnection", "lake", target())
    manifests = []
    for at in range(count):
        body = flow([SOURCE], [TARGET], f"Flow {at}")
        bench.seed("flows", stored(flow_id(at), body))
        metadata = {"name": f"flow-{at}"}
        manifests.append({"apiVersion": "reconciler/v1", "kind": "Flow", "metadata": metadata, "spec": body})
    bench.write("flows.yaml", *manifests)
    assert bench.apply()["summary"]["applied"] == count + 3
    assert bench.writes() == []
    bench.app.requests.clear()


def test_500_unchanged_flows_cost_the_list_calls(bench: Bench) -> None:
    """A plan of 500 flows reads five pages of flows, and one batch each of what is known by id; so does an apply."""
    adopt_flows(bench, 500)
    expected = {"/flows": 5, "/connections": 1, "/connectionSpecs": 1, "/sourceConnections": 1, "/targetConnections": 1}
    expected["/flowSpecs"] = 1
    assert bench.plan()["summary"]["unchanged"] == 503
    assert paths(bench) == expected
    assert all(request.query["limit"] == ["100"] for request in bench.reads() if request.path == "/flows")
    bench.app.requests.clear()
    assert bench.apply()["summary"]["unchanged"] == 503
    assert paths(bench) == expected
    assert bench.writes() == []
    bench.app.requests.clear()
    assert bench.drift()["summary"]["inSync"] == 503
    assert paths(bench) == expected


def test_few_known_objects_are_read_in_one_batch_a_kind(bench: Bench) -> None:
    """Ids that the ledger knows are asked for by name, all of a kind in one call, whatever else lives there."""
    bench.environ |= SECRETS
    for at in range(3):
        bench.declare("Connection", f"c-{at}", connection(f"C {at}"))
    for at in range(250):
        bench.seed("connections", stored(flow_id(at), connection(f"Somebody's {at}")))
    ids = sorted(result["id"] for result in bench.apply()["results"])
    bench.app.requests.clear()
    assert bench.plan()["changes"] == []
    assert paths(bench) == {"/connections": 1, "/connectionSpecs": 1}
    (batch,) = [request for request in bench.reads() if request.path == "/connections"]
    assert batch.query["property"] == [f"id=={','.join(ids)}"]


def test_an_update_reads_back_and_nothing_more(bench: Bench) -> None:
    """One changed connection costs the batch, the PATCH, and one look at what it did."""
    bench.environ |= SECRETS
    bench.declare("Connection", "crm", connection())
    bench.declare("Connection", "other", connection("Other"))
    ids = {result["resource"]: result["id"] for result in bench.apply()["results"]}
    bench.app.requests.clear()
    bench.declare("Connection", "crm", connection(description="Customers"))
    bench.apply()
    crm = f"/connections/{ids['Connection/crm']}"
    calls = [(request.method, request.path) for request in bench.app.requests]
    assert sorted(calls[:2]) == [("GET", "/connectionSpecs"), ("GET", "/connections")]
    assert calls[2:] == [("PATCH", crm), ("GET", crm)]


@pytest.mark.assumes(delete_seconds=0.0)
def test_a_managed_object_that_a_batch_lacks_is_confirmed(bench: Bench) -> None:
    """A 404 of the object itself makes it a create again, with cause drift; the list alone would not be believed."""
    ids = apply_chain(bench)
    flow = ids["Flow/orders"]
    bench.http.delete(f"http://localhost/data/foundation/flowservice/flows/{flow}", headers=HEADERS)
    bench.app.requests.clear()
    bench.clock.time += 60  # what was only just made would be waited for
    gone = change(bench.plan(), "Flow/orders")
    assert (gone["action"], gone["causes"], gone["id"]) == ("create", ["drift"], None)
    assert paths(bench)[f"/flows/{flow}"] == 1
    report = bench.apply()
    assert report["summary"]["applied"] == 1
    assert bench.entry("Flow", "orders")["id"] not in ("", flow)
    assert bench.plan()["changes"] == []


@pytest.mark.parametrize("kind", ["connections", "flows"])
def test_a_list_that_is_short_by_mistake_creates_nothing(bench: Bench, kind: str) -> None:
    """A list that leaves a managed object out is corrected by asking for the object."""
    ids = apply_chain(bench)
    bench.app.faults.body('{"items": []}', method="GET", path=f"/{kind}$", count=2)
    planned = bench.plan()
    assert planned["changes"] == []
    assert planned["summary"]["unchanged"] == len(ids)
