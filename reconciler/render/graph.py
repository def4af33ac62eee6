"""The graph of an estate: a list for a person, JSON for a program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reconciler.model.graph import Graph, Node
from reconciler.render.lines import BLANK, Line, emit, line
from reconciler.render.plain_json import plain_json

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console

    from reconciler.render.shapes import EdgeShape, GraphShape, NodeShape  # for the type checker alone

FORMAT_VERSION: Final = 1


def graph_text(target: str, graph: Graph, console: Console) -> None:
    """Draw each node with what it needs, and where it says so, and with what needs it."""
    declared = sum(node.is_declared for node in graph.nodes)
    counts = [(declared, "resource"), (len(graph.nodes) - declared, "object"), (len(graph.edges), "dependency")]
    resources, objects, edges = (_counted(count, word) for count, word in counts)
    emit(console, [line(0, ("Graph of ", "bold"), (target, "bold"), f"  {resources}, {objects} outside git, {edges}")])
    for node in graph.nodes:
        emit(console, [BLANK, *_lines(graph, node)])


def graph_json(target: str, graph: Graph) -> bytes:
    """Return a graph as JSON.

    ``{formatVersion, target, nodes: [{key, kind, name, title, id, declared}], edges: [{from, to, pointers}]}``. ``key``
    is ``Kind/name``, or ``Kind:id`` for an object that no manifest declares, whose ``name`` is null. An edge leads from
    the one that needs to the one that is needed, ``pointers`` (JSON Pointers into spec) say where. Keys are sorted;
    nodes stand by kind, those of git before others.
    """
    nodes: list[NodeShape] = [
        {
            "key": node.key,
            "kind": node.kind,
            "name": node.name,
            "title": node.title,
            "id": node.id,
            "declared": node.is_declared,
        }
        for node in graph.nodes
    ]
    edges: list[EdgeShape] = [
        {"from": edge.user, "to": edge.needed, "pointers": list(edge.pointers)} for edge in graph.edges
    ]
    document: GraphShape = {"formatVersion": FORMAT_VERSION, "target": target, "nodes": nodes, "edges": edges}
    return plain_json(document)


def _lines(graph: Graph, node: Node) -> Iterator[Line]:
    title = f'  "{node.title}"' if node.title is not None else ""
    if node.is_declared:
        yield line(2, (node.key, "bold"), title, (f"  {node.id}" if node.id else "", "dim"))
    else:
        yield line(2, node.key, ("  outside git", "dim"))
    for edge in graph.needs.get(node.key, ()):
        yield line(6, "needs ", edge.needed, (f"  at {', '.join(edge.pointers)}", "dim"))
    for edge in graph.users.get(node.key, ()):
        yield line(6, "needed by ", edge.user)


def _counted(count: int, word: str) -> str:
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{count} {word if count == 1 else plural}"
