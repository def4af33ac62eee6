"""The graph of an estate as data."""

from __future__ import annotations

import pytest

from reconciler.model.graph import Edge, Graph, graph_of
from reconciler.model.kinds import Kind
from reconciler.model.resources import Desired, Reference, ResourceName

SPEC = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"


def ref(text):
    return Reference(ResourceName.parse(text))


def desired(text, spec, id=None):
    return Desired(ResourceName.parse(text), spec, id=id)


def chain(prefix, **flow):
    """One flow, its two sides and its connection."""
    return [
        desired(f"Connection/{prefix}", {"name": prefix.upper(), "connectionSpec": {"id": SPEC}}),
        desired(f"SourceConnection/{prefix}", {"baseConnectionId": ref(f"Connection/{prefix}")}),
        desired(f"TargetConnection/{prefix}", {}),
        desired(
            f"Flow/{prefix}",
            {
                "sourceConnectionIds": [ref(f"SourceConnection/{prefix}")],
                "targetConnectionIds": [ref(f"TargetConnection/{prefix}")],
                **flow,
            },
        ),
    ]


def keys(graph):
    return [node.key for node in graph.nodes]


def pairs(graph):
    return {(edge.user, edge.needed) for edge in graph.edges}


def test_references_lead_from_user_to_needed():
    """Each with the pointers at which they stand, one edge a pair."""
    flow = desired("Flow/f", {"sourceConnectionIds": [ref("SourceConnection/s"), "x", ref("SourceConnection/s")]})
    graph = graph_of([flow, desired("SourceConnection/s", {})])
    assert graph.edges == (
        Edge("Flow/f", "SourceConnection/s", ("/sourceConnectionIds/0", "/sourceConnectionIds/2")),
        Edge("Flow/f", "SourceConnection:x", ("/sourceConnectionIds/1",)),
    )


def test_a_node_says_what_is_known_of_it():
    """Kind, name in git, name in the service, id; of what is outside git kind and id."""
    graph = graph_of([desired("Connection/crm", {"name": "CRM", "connectionSpec": {"id": SPEC}}, id="c1")])
    outside, declared = graph.nodes
    assert (declared.kind, declared.name, declared.title, declared.id) == (Kind.CONNECTION, "crm", "CRM", "c1")
    assert (outside.key, outside.name, outside.id) == (f"ConnectionSpec:{SPEC}", None, SPEC)
    assert [node.is_declared for node in graph.nodes] == [False, True]


def test_an_id_that_a_manifest_has_leads_to_that_manifest():
    """Written as an id or as a ref: the same object, if the kind is the same."""
    spec = desired("ConnectionSpec/mine", {}, id=SPEC)
    graph = graph_of([spec, desired("Connection/crm", {"connectionSpec": {"id": SPEC}}), desired("Flow/x", {}, id="x")])
    assert pairs(graph) == {("Connection/crm", "ConnectionSpec/mine")}
    assert f"FlowSpec:{SPEC}" in keys(graph_of([spec, desired("Flow/f", {"flowSpec": {"id": SPEC}})]))


@pytest.mark.parametrize("title", [None, 7, ref("Connection/crm")])
def test_a_title_is_text(title):
    """Anything else is none."""
    graph = graph_of([desired("Flow/f", {"name": title}), desired("Connection/crm", {})])
    assert graph.nodes[-1].title is None


@pytest.mark.parametrize("value", ["", None, 5, {"id": 3}])
def test_what_is_no_id_leads_nowhere(value):
    """Nor does an id in a place where no document has one."""
    graph = graph_of([desired("Flow/f", {"flowSpec": {"id": value}, "policy": {"id": SPEC}})])
    assert graph.edges == ()
    assert keys(graph) == ["Flow/f"]


def test_nobody_needs_itself():
    """An id of its own is no edge."""
    assert graph_of([desired("ConnectionSpec/a", {"connectionSpec": {"id": "i"}}, id="i")]).edges == ()


def test_what_is_touched_and_what_depends_on_it():
    """However far; a key that is none is left out."""
    graph = graph_of([*chain("a"), *chain("b")])
    assert keys(graph.touched(["Connection/a", "Connection/gone"])) == [
        "Connection/a",
        "SourceConnection/a",
        "Flow/a",
    ]
    assert graph.touched([]).nodes == ()


def test_around_a_resource_is_what_it_needs_and_what_needs_it():
    """Not what merely needs the same."""
    graph = graph_of([*chain("a"), *chain("b")])
    around = graph.around(["SourceConnection/a"])
    assert keys(around) == [f"ConnectionSpec:{SPEC}", "Connection/a", "SourceConnection/a", "Flow/a"]
    assert len(around.edges) == 3


def test_near_is_what_is_touched_what_hangs_on_it_and_what_it_needs_at_once():
    """By names alone: nothing of what bodies say, nothing outside git, nobody else."""
    graph = graph_of([*chain("a"), *chain("b")])
    near = graph.near(["SourceConnection/a", "Flow/gone"])
    assert keys(near) == ["Connection/a", "SourceConnection/a", "Flow/a"]
    assert pairs(near) == {("SourceConnection/a", "Connection/a"), ("Flow/a", "SourceConnection/a")}
    assert {(node.title, node.id) for node in near.nodes} == {(None, None)}
    assert graph.near([]) == Graph(())


def test_components_hold_together_by_what_git_declares():
    """A spec of the catalogue that all of them use makes no one group of them; it stands in the first."""
    graph = graph_of([*chain("b"), *chain("a"), desired("Flow/shared", {"sourceConnectionIds": ["z"]})])
    groups = [[node.key for node in group] for group in graph.components()]
    assert groups == [
        [f"ConnectionSpec:{SPEC}", "Connection/a", "SourceConnection/a", "TargetConnection/a", "Flow/a"],
        ["Connection/b", "SourceConnection/b", "TargetConnection/b", "Flow/b"],
        ["SourceConnection:z", "Flow/shared"],
    ]


def test_what_nobody_uses_any_more_is_a_group_of_its_own():
    """As in a graph that was cut down to it."""
    graph = graph_of(chain("a")).within([f"ConnectionSpec:{SPEC}"])
    assert [len(group) for group in graph.components()] == [1]
    assert Graph(()).components() == []


def test_the_same_estate_gives_the_same_graph():
    """In whatever order the files are read."""
    resources = [*chain("a"), *chain("b")]
    assert graph_of(resources) == graph_of(reversed(resources))
