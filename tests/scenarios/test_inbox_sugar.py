"""``drift --accept`` writes references as references, and a value of the target into the target."""

from __future__ import annotations

import json

from support.bench import Bench
from support.bodies import stored
from support.chain import CONNECTION, LAKE, SOURCE, apply_chain, changed, declare
from support.inbox import ORDERS, YAML, accepted, refused, written


def test_a_reference_is_written_as_one(bench: Bench) -> None:
    """Another id becomes a reference where a manifest manages it, else a bare id, of which a warning tells."""
    ids = apply_chain(bench)
    bench.declare("Connection", "second", changed(CONNECTION, ("name", "Second")))
    bench.apply()
    second = next(one["resource"] for one in [bench.entry("Connection", "second")])
    other = bench.entry("Connection", "second")["id"]
    assert second == "Connection/second"
    bench.app.requests.clear()
    bench.edit("sourceConnections", ids["SourceConnection/orders"], lambda one: one.update(baseConnectionId=other))
    path = bench.manifests / "SourceConnection-orders.json"
    before = path.read_text()
    accepted(bench, "SourceConnection/orders")
    assert path.read_text() == before.replace("Connection/warehouse", "Connection/second")
    bench.seed("connections", stored("theirs", changed(CONNECTION, ("name", "Theirs"), ("auth/params", {}))))
    bench.edit("sourceConnections", ids["SourceConnection/orders"], lambda one: one.update(baseConnectionId="theirs"))
    ran = accepted(bench, "SourceConnection/orders")
    assert json.loads(path.read_text())["spec"]["baseConnectionId"] == "theirs"
    assert "no manifest manages the Connection that /baseConnectionId names now" in ran.out


def test_references_in_a_list(bench: Bench) -> None:
    """What was in the list stays as it is written; what is new is a reference, too, where one can be."""
    path, ids = written(bench)
    bench.declare("SourceConnection", "returns", changed(SOURCE, ("name", "Returns, read")))
    bench.apply()
    bench.app.requests.clear()
    returns = bench.entry("SourceConnection", "returns")["id"]
    bench.edit("flows", ids[ORDERS], lambda flow: flow["sourceConnectionIds"].append(returns))
    accepted(bench, ORDERS)
    line = "  - {ref: SourceConnection/orders}\n"
    assert path.read_text() == YAML.replace(line, f"{line}  - ref: SourceConnection/returns\n")
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(sourceConnectionIds=[returns]))
    accepted(bench, ORDERS)
    assert path.read_text() == YAML.replace(line, "  - ref: SourceConnection/returns\n")


def test_a_value_of_the_target_changes_there(bench: Bench) -> None:
    """It belongs to the target, unless another resource goes by it as well."""
    target = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"}}
    values = {"dataset": "6019e0e7c5dcf718db5ebc71", "other": 1}
    path = bench.write("target.json", target | {"spec": {"emulator": True, "default": True, "values": values}})
    ids = apply_chain(bench)
    sugar = {"valueFrom": {"target": "dataset"}}
    declare(bench, "TargetConnection/orders", ("params/dataSetId", sugar))
    elsewhere = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "dev"}}
    bench.write("dev.json", elsewhere | {"spec": {"sandbox": "dev", "values": values}})
    bench.declare("Connection", "elsewhere", {"description": sugar}, id="x", targets=["dev"])
    bench.edit("targetConnections", ids["TargetConnection/orders"], lambda one: one["params"].update(dataSetId="7f"))
    ran = accepted(bench, "TargetConnection/orders")
    assert json.loads(path.read_text())["spec"]["values"] == values | {"dataset": "7f"}
    assert 'Target/bench\n      ~ /spec/values/dataset  "6019e0e7c5dcf718db5ebc71" → "7f"' in ran.out
    bench.declare("TargetConnection", "second", {
        "name": "Second", "connectionSpec": {"id": LAKE, "version": "1.0"}, "data": {"format": "x"},
        "params": {"dataSetId": sugar},
    })  # fmt: skip
    bench.edit("targetConnections", ids["TargetConnection/orders"], lambda one: one["params"].update(dataSetId="80"))
    refused(
        bench, "TargetConnection/orders",
        "/params/dataSetId is the value dataset of target bench, which several places go by: "
        "TargetConnection/orders at /params/dataSetId, TargetConnection/second at /params/dataSetId",
    )  # fmt: skip


def test_inside_a_value_of_the_target(bench: Bench) -> None:
    """A value may be an object: what differs in it is changed in it; what live lacks goes."""
    target = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"}}
    values = {"params": {"tableName": "orders", "limit": 5}}
    path = bench.write("target.json", target | {"spec": {"emulator": True, "values": values}})
    ids = apply_chain(bench)
    declare(bench, "SourceConnection/orders", ("params", {"valueFrom": {"target": "params"}}))
    source = ids["SourceConnection/orders"]
    bench.edit("sourceConnections", source, lambda one: one["params"].update(limit=5))
    bench.apply()
    bench.edit("sourceConnections", source, lambda one: one.update(params={"tableName": "returns"}))
    accepted(bench, "SourceConnection/orders")
    assert json.loads(path.read_text())["spec"]["values"] == {"params": {"tableName": "returns"}}
