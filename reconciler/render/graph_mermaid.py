"""The graph of an estate as a Mermaid flowchart, which GitHub draws in comments and summaries.

Nothing that a manifest says can be more than text in it: nodes are called n0, n1, …, and of a label every character but
letters, digits, space, slash, hyphen, dot and comma is an entity. What Mermaid would act on (quotes, brackets,
backticks, ``%%{``, tags, semicolons, icons, formulas) so never stands there as itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model.graph import Graph, Node
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action
from reconciler.render.inert import inert
from reconciler.render.words import SYMBOL

_LONGEST: Final = 60
_SHAPE: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.CONNECTION_SPEC: ("[[", "]]"),
    Kind.FLOW_SPEC: ("[[", "]]"),
    Kind.CONNECTION: ("[(", ")]"),
    Kind.SOURCE_CONNECTION: ("[", "]"),
    Kind.TARGET_CONNECTION: ("[", "]"),
    Kind.FLOW: ("([", "])"),
}
_STYLE: Final[Mapping[str, str]] = {
    Action.CREATE.value: "stroke:#1a7f37,stroke-width:3px",
    Action.UPDATE.value: "stroke:#9a6700,stroke-width:3px",
    Action.REPLACE.value: "stroke:#9a6700,stroke-width:3px",
    Action.DELETE.value: "stroke:#cf222e,stroke-width:3px",
    Action.BLOCKED.value: "stroke:#cf222e,stroke-width:3px,stroke-dasharray:2 2",
    "outside": "stroke-dasharray:5 4",
}
"""Strokes alone: the colours of text and ground are the page's, light or dark. Each mark is a symbol in words, too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a chart holds. Mermaid's own are 500 edges and 50,000 characters; more than 150 nodes nobody reads."""

    nodes: int = 150
    edges: int = 400
    characters: int = 40_000


def graph_mermaid(graph: Graph, marks: Mapping[str, Action] | None = None, limits: Limits = Limits()) -> str:
    """Return a graph as a flowchart; an arrow points at what is needed, what is outside git is dashed.

    ``marks`` say, by node, what is to happen to it. What would go beyond the limits is left out in whole groups of
    resources that belong together, unmarked ones first, and a note says how much.
    """
    marks = marks or {}
    kept = _cut(graph, marks, limits)
    number = {node.key: f"n{index}" for index, node in enumerate(kept.nodes)}
    lines = ["flowchart LR"]
    lines += (f"  {number[node.key]}{_box(node, marks.get(node.key))}" for node in kept.nodes)
    lines += (f"  {number[edge.user]} --> {number[edge.needed]}" for edge in kept.edges)
    if missing := len(graph.nodes) - len(kept.nodes):
        note = f"and {missing} more, not drawn - reconciler graph --only Kind/name shows what is around one"
        lines.append(f'  cut["{_text(note, len(note))}"]')
    lines += _styles(kept, marks, number)
    return "\n".join([*lines, ""])


def _box(node: Node, action: Action | None) -> str:
    opening, closing = _SHAPE[node.kind]
    words = [f"{SYMBOL[action]} {node.key}" if action else node.key, *([node.title] if node.title else [])]
    return f'{opening}"{" - ".join(_text(word, _LONGEST) for word in words)}"{closing}'


def _text(text: str, longest: int) -> str:
    text = inert(text)
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(one if _is_plain(one) else f"#{ord(one)};" for one in text)


def _is_plain(character: str) -> bool:
    return character in " /-.," or character.isalnum()


def _styles(graph: Graph, marks: Mapping[str, Action], number: Mapping[str, str]) -> Iterator[str]:
    for name, style in _STYLE.items():
        members = [number[node.key] for node in graph.nodes if _class(node, marks) == name]
        if members:
            yield f"  classDef {name} {style}"
            yield f"  class {','.join(members)} {name}"


def _class(node: Node, marks: Mapping[str, Action]) -> str:
    return marks[node.key].value if node.key in marks else "" if node.is_declared else "outside"


def _cut(graph: Graph, marks: Mapping[str, Action], limits: Limits) -> Graph:
    """Return as much of a graph as fits: groups with a mark first; of the first group that is too big, its middle."""
    groups = sorted(graph.components(), key=lambda group: not any(node.key in marks for node in group))
    room = _Room(graph, marks, limits)
    for group in groups:
        keys = [node.key for node in group if node.is_declared]
        if not room.take(keys) and not room.taken:
            for key in _from_the_middle(graph, keys, marks):
                room.take([key])
    return graph.within(room.taken)


def _from_the_middle(graph: Graph, keys: Iterable[str], marks: Mapping[str, Action]) -> Iterator[str]:
    """Yield keys so that each follows one that it belongs to: what is marked first, then what is around it."""
    waiting = sorted(keys, key=lambda key: key not in marks)
    ring = [key for key in waiting if key in marks] or waiting[:1]
    seen: set[str] = set()
    among = set(waiting)
    while ring:
        new = [key for key in dict.fromkeys(ring) if key not in seen]
        yield from new
        seen.update(new)
        users = [edge.user for key in new for edge in graph.users.get(key, ())]
        needed = [edge.needed for key in new for edge in graph.needs.get(key, ())]
        ring = [key for key in (*users, *needed) if key in among and key not in seen]


class _Room:
    """What has been taken into a chart, and how much more fits."""

    def __init__(self, graph: Graph, marks: Mapping[str, Action], limits: Limits) -> None:
        self.taken: set[str] = set()
        self._graph, self._limits = graph, limits
        self._size = {node.key: len(_box(node, marks.get(node.key))) + 20 for node in graph.nodes}
        self._edges = self._characters = 0

    def take(self, keys: Iterable[str]) -> bool:
        """Take keys and the objects outside git that they name, iff all of them fit; return whether they did."""
        wanted = {key for key in keys if key not in self.taken}
        wanted |= {
            edge.needed
            for key in wanted
            for edge in self._graph.needs.get(key, ())
            if edge.needed not in self.taken and not self._is_declared(edge.needed)
        }
        edges = self._new_edges(wanted)
        characters = sum(self._size[key] for key in wanted) + edges * 20
        fits = (
            len(self.taken) + len(wanted) <= self._limits.nodes
            and self._edges + edges <= self._limits.edges
            and self._characters + characters <= self._limits.characters
        )
        if fits:
            self.taken |= wanted
            self._edges += edges
            self._characters += characters
        return fits

    def _new_edges(self, wanted: set[str]) -> int:
        """Count the edges that joining the taken adds."""
        after = self.taken | wanted
        leaving = sum(edge.needed in after for key in wanted for edge in self._graph.needs.get(key, ()))
        arriving = sum(edge.user in self.taken for key in wanted for edge in self._graph.users.get(key, ()))
        return leaving + arriving

    @staticmethod
    def _is_declared(key: str) -> bool:
        return ":" not in key  # see Node.key: no name in git has a colon
