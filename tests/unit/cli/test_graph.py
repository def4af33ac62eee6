"""``reconciler graph`` on the bench."""

from __future__ import annotations

import pytest
from support.chain import declare_chain


@pytest.mark.parametrize(
    ("form", "start"),
    [("text", "Graph of bench  4 resources, "), ("mermaid", "flowchart LR\n"), ("dot", "digraph estate {\n")],
)
def test_every_format(bench, form, start):
    """Of the manifests alone: nothing is asked of the service."""
    declare_chain(bench)
    ran = bench.run("graph", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(start)
    assert ran.out.endswith("\n")
    assert bench.app.requests == []


def test_json(bench):
    """Nodes and edges; the flow needs its two sides and its spec."""
    declare_chain(bench)
    graph = bench.run("graph", "--format", "json").json
    needed = [edge["to"] for edge in graph["edges"] if edge["from"] == "Flow/orders"]
    assert [key for key in needed if "/" in key] == ["SourceConnection/orders", "TargetConnection/orders"]
    assert any(key.startswith("FlowSpec:") for key in needed)
    assert all(node["declared"] is (node["name"] is not None) for node in graph["nodes"])


def test_only_shows_what_is_around(bench):
    """What the resource needs and what depends on it, nothing besides."""
    declare_chain(bench)
    bench.declare("Connection", "other", {"name": "Other", "connectionSpec": {"id": "x", "version": "1.0"}})
    graph = bench.run("graph", "--format", "json", "--only", "Connection/warehouse").json
    shown = {node["key"] for node in graph["nodes"] if node["declared"]}
    assert shown == {"Connection/warehouse", "SourceConnection/orders", "Flow/orders"}


def test_only_what_is_declared(bench):
    """Any other name is an error."""
    declare_chain(bench)
    ran = bench.run("graph", "--only", "Flow/gone", "--only", "Connection/gone")
    assert ran.code == 1
    assert ran.err == "error: no manifest declares Connection/gone, Flow/gone on target bench\n"
