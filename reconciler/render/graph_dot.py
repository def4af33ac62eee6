"""The graph of an estate for Graphviz."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.model.graph import Graph, Node
from reconciler.model.kinds import Kind
from reconciler.render.inert import inert

_SHAPE: Final[Mapping[Kind, str]] = {
    Kind.CONNECTION_SPEC: "component",
    Kind.FLOW_SPEC: "component",
    Kind.CONNECTION: "cylinder",
    Kind.SOURCE_CONNECTION: "box",
    Kind.TARGET_CONNECTION: "box",
    Kind.FLOW: "oval",
}


def graph_dot(graph: Graph) -> str:
    """Return a graph in Graphviz' language; an arrow points at what is needed, what is outside git is dashed."""
    number = {node.key: f"n{index}" for index, node in enumerate(graph.nodes)}
    nodes = [f"  {number[node.key]} [{_attributes(node)}];" for node in graph.nodes]
    edges = [f"  {number[edge.user]} -> {number[edge.needed]};" for edge in graph.edges]
    return "\n".join(["digraph estate {", "  rankdir=LR;", *nodes, *edges, "}", ""])


def _attributes(node: Node) -> str:
    label = _text(node.key) if node.title is None else f"{_text(node.key)}\\n{_text(node.title)}"
    return f'shape={_SHAPE[node.kind]}, label="{label}"{"" if node.is_declared else ", style=dashed"}'


def _text(text: str) -> str:
    """Return text as it stands between double quotes: no escape, quote or entity of its own is left in it."""
    return inert(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
