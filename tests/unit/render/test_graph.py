"""The graph of an estate in every format; of hostile names nothing is left but text."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.model.graph import Edge, Graph, Node
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action
from reconciler.render.console import make_console
from reconciler.render.graph import graph_json, graph_text
from reconciler.render.graph_dot import graph_dot
from reconciler.render.graph_mermaid import Limits, graph_mermaid
from reconciler.render.inert import inert

SPEC = Node("ConnectionSpec:cfc0", Kind.CONNECTION_SPEC, None, None, "cfc0")
CRM = Node("Connection/crm", Kind.CONNECTION, "crm", "Salesforce", "c1")
FLOW = Node("Flow/nightly", Kind.FLOW, "nightly")
GRAPH = Graph(
    (SPEC, CRM, FLOW),
    (
        Edge("Connection/crm", "ConnectionSpec:cfc0", ("/connectionSpec/id",)),
        Edge("Flow/nightly", "Connection/crm", ("/a", "/b")),
    ),
)
HOSTILE = [
    '"]\n click n0 "javascript:alert(1)"',
    '%%{init: {"securityLevel": "loose"}}%%',
    "`**bold**`",
    "<img src=x onerror=alert(1)>",
    "#quot;] click n0 href",
    "style: #fff; a",
    "ﬂ°°60¶ß",
    "\u2028\u202e\x1b[31m",
    '\\"];x',
    "```",
    "$$x^2$$ fa:fa-ban @{ img }",
    "&lt;b&gt;",
]


def text_of(graph):
    stream = io.StringIO()
    graph_text("prod", graph, make_console(stream, {}))
    return stream.getvalue()


def estate(count, size=3, *, shared=True):
    """Groups of connections in a row, all of one spec that is outside git where it is shared."""
    nodes, edges = [SPEC] if shared else [], []
    for group in range(count):
        row = [f"Connection/c{group:04}-{index:03}" for index in range(size)]
        nodes += [Node(key, Kind.CONNECTION, key.partition("/")[2], "T" * 30) for key in row]
        edges += [Edge(key, SPEC.key, ("/x",)) for key in row if shared]
        edges += [Edge(after, before, ("/y",)) for before, after in pairwise(row)]
    return Graph(tuple(nodes), tuple(edges))


def drawn(chart):
    """The keys of the nodes of a chart, without titles."""
    labels = re.findall(r'^  n\d+\W+"([^"]*)"', chart, re.MULTILINE)
    return [label.replace("#58;", ":").split(" - ")[0] for label in labels]


def test_text_says_who_needs_whom():
    """And where it says so."""
    assert text_of(GRAPH).splitlines() == [
        "Graph of prod  2 resources, 1 object outside git, 2 dependencies",
        "",
        "  ConnectionSpec:cfc0  outside git",
        "      needed by Connection/crm",
        "",
        '  Connection/crm  "Salesforce"  c1',
        "      needs ConnectionSpec:cfc0  at /connectionSpec/id",
        "      needed by Flow/nightly",
        "",
        "  Flow/nightly",
        "      needs Connection/crm  at /a, /b",
    ]


def test_text_counts_in_words():
    """One is no plural."""
    one = Graph((SPEC, CRM), GRAPH.edges[:1])
    assert text_of(one).splitlines()[0] == "Graph of prod  1 resource, 1 object outside git, 1 dependency"


def test_json_holds_all_of_it():
    """Keys sorted, nodes and edges in the graph's order."""
    document = json.loads(graph_json("prod", GRAPH))
    assert document["nodes"][0] == {
        "declared": False,
        "id": "cfc0",
        "key": "ConnectionSpec:cfc0",
        "kind": "ConnectionSpec",
        "name": None,
        "title": None,
    }
    assert document["edges"][1] == {"from": "Flow/nightly", "pointers": ["/a", "/b"], "to": "Connection/crm"}
    assert (document["target"], document["formatVersion"]) == ("prod", 1)


def test_mermaid_points_at_what_is_needed():
    """A shape a kind, dashed what is outside git."""
    assert graph_mermaid(GRAPH).splitlines() == [
        "flowchart LR",
        '  n0[["ConnectionSpec#58;cfc0"]]',
        '  n1[("Connection/crm - Salesforce")]',
        '  n2(["Flow/nightly"])',
        "  n1 --> n0",
        "  n2 --> n1",
        "  classDef outside stroke-dasharray:5 4",
        "  class n0 outside",
    ]


@pytest.mark.parametrize("action", list(Action))
def test_mermaid_marks_what_is_to_happen(action):
    """By a symbol in the label, and by a stroke where something is sent or stopped."""
    chart = graph_mermaid(GRAPH, {"Connection/crm": action})
    assert '("Connection/crm' not in chart or action is Action.UNCHANGED
    quiet = {Action.ADOPT, Action.FORGET, Action.UNCHANGED}
    assert (f"class n1 {action.value}" in chart) is (action not in quiet)


LINE = re.compile(
    r"flowchart LR|  n\d+(?:\[\[|\[\(|\(\[|\[)\"(?:[^\W_]|[ /.,-]|#\d+;)*\"(?:\]\]|\)\]|\]\)|\])"
    r"|  n\d+ --> n\d+|  classDef [a-z]+ [a-z0-9:,# -]+|  class n\d+(?:,n\d+)* [a-z]+"
)


@given(st.text(max_size=200), st.sampled_from(Action))
@example("`", Action.CREATE)
@example("a\u202eb\u115f", Action.CREATE)
@example(" ".join(HOSTILE), Action.UPDATE)
def test_mermaid_is_inert(text, action):
    """Whatever a title or an id says: every line is one that we write, and a label has nothing that Mermaid reads."""
    hostile = Graph((Node("Flow/a", Kind.FLOW, "a", text), Node(f"Flow:{text}", Kind.FLOW, None, None, text)))
    hostile = Graph(hostile.nodes, (Edge("Flow/a", f"Flow:{text}", ("/x",)),))
    chart = graph_mermaid(hostile, {"Flow/a": action})
    lines = chart.split("\n")
    assert all(LINE.fullmatch(line) for line in lines[:-1]), chart
    assert (len(lines), lines[-1]) == (len(chart.splitlines()) + 1, "")
    assert sum(" --> " in line for line in lines) == 1
    shown = [re.sub(r"#(\d+);", lambda match: chr(int(match[1])), line) for line in lines]
    assert [inert(line) for line in shown] == shown


def test_mermaid_shows_the_text_that_it_makes_inert():
    """Entities are the characters themselves, once Mermaid has read them; what is too long is cut."""
    chart = graph_mermaid(Graph((Node("Flow/a", Kind.FLOW, "a", 'x "<b>" é 漢' + "y" * 80),)))
    label = re.search(r'"(.*)"', chart)[1]
    shown = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label)
    assert shown == 'Flow/a - x "<b>" é 漢' + "y" * 48 + "…"


def test_a_big_estate_is_cut_by_groups():
    """Groups are whole; the note counts the rest; what many share does not glue them together."""
    graph = estate(700)
    chart = graph_mermaid(graph)
    kept = drawn(chart)
    assert 140 <= len(kept) <= 150
    assert len(kept) % 3 == 1  # whole groups, and the shared spec
    assert f"and {len(graph.nodes) - len(kept)} more, not drawn" in chart
    assert len(chart) < 45_000


def test_what_is_marked_is_drawn_first():
    """Of the groups with a mark."""
    graph = estate(700)
    assert "c0650" not in graph_mermaid(graph)
    chart = graph_mermaid(graph, {"Connection/c0650-001": Action.DELETE})
    assert all(f"Connection/c0650-00{index}" in chart for index in range(3))


def test_of_one_group_that_is_too_big_the_middle_is_drawn():
    """What is marked and what is around it; without a mark, from the first on."""
    graph = estate(1, 400, shared=False)
    marked = graph_mermaid(graph, {"Connection/c0000-200": Action.UPDATE}, Limits(nodes=5))
    assert drawn(marked)[:2] == ["Connection/c0000-198", "Connection/c0000-199"]
    assert "and 395 more" in marked
    assert drawn(graph_mermaid(graph, limits=Limits(nodes=2))) == ["Connection/c0000-000", "Connection/c0000-001"]


@pytest.mark.parametrize("limits", [Limits(edges=10), Limits(characters=1000)])
def test_every_limit_holds(limits):
    """Edges and characters as well as nodes."""
    chart = graph_mermaid(estate(50, shared=False), limits=limits)
    assert chart.count("-->") <= limits.edges
    assert len(chart) <= limits.characters + 300
    assert "more, not drawn" in chart


def test_dot_draws_the_same():
    """Dashed what is outside git, a title on a line of its own."""
    assert graph_dot(GRAPH).splitlines() == [
        "digraph estate {",
        "  rankdir=LR;",
        '  n0 [shape=component, label="ConnectionSpec:cfc0", style=dashed];',
        '  n1 [shape=cylinder, label="Connection/crm\\nSalesforce"];',
        '  n2 [shape=oval, label="Flow/nightly"];',
        "  n1 -> n0;",
        "  n2 -> n1;",
        "}",
    ]


DOT = re.compile(r'  n0 \[shape=oval, label="Flow/a\\n(?:[^"\\]|\\\\|\\")*"\];')


@given(st.text(max_size=100))
@example(" ".join(HOSTILE))
@example("\\")
def test_dot_is_inert(text):
    """No title ends its quotes, nor has an escape or an entity that Graphviz would read."""
    chart = graph_dot(Graph((Node("Flow/a", Kind.FLOW, "a", text),)))
    assert len(chart.splitlines()) == 4
    assert DOT.fullmatch(chart.splitlines()[2])
    assert not re.search(r"&(?!amp;)", chart)


def test_text_and_json_are_inert():
    """As everything that is shown."""
    hostile = Graph((Node("Flow/a", Kind.FLOW, "a", "".join(HOSTILE) + "##[error]"),))
    for shown in (text_of(hostile), graph_json("prod", hostile).decode()):
        assert not re.search(r"[^\n -~]", shown.replace("ﬂ°°60¶ß", ""))
        assert "##[" not in shown
