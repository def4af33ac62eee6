"""The part of an estate that is touched, as a picture: what is touched, what depends on it, what it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model.graph import Edge, Graph, Node
from reconciler.model.kinds import Kind
from reconciler.render.html.cards import Card
from reconciler.render.html.fields import Clean
from reconciler.render.html.layout import place as heights_of

MOST: Final = 60
"""Nodes that are drawn: a picture of more is none that anybody reads."""

BOX: Final = (190, 40)
_SHEET: Final = 1_046
"""As wide as a page is on a large screen: as long as it fits, nobody has to scroll."""

_ACROSS: Final = 268
_DOWN: Final = 54
_TOP: Final = 30
_MARGIN: Final = 2
_LABEL: Final = 23

_COLUMNS: Final[tuple[tuple[str, tuple[Kind, ...]], ...]] = (
    ("Connection specs", (Kind.CONNECTION_SPEC,)),
    ("Flow specs", (Kind.FLOW_SPEC,)),
    ("Connections", (Kind.CONNECTION,)),
    ("Sources and targets", (Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION)),
    ("Flows", (Kind.FLOW,)),
)
"""What is needed stands left of what needs it (FACTS 12: the order in which objects are made)."""

_SHORT: Final = {
    Kind.CONNECTION_SPEC: "connection spec",
    Kind.FLOW_SPEC: "flow spec",
    Kind.CONNECTION: "connection",
    Kind.SOURCE_CONNECTION: "source",
    Kind.TARGET_CONNECTION: "target",
    Kind.FLOW: "flow",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A node as it is drawn; ``tone`` is the colour of what happens to it, ``affected`` or ``near``.

    ``anchor`` is there iff the page tells of it. ``needs`` and ``users`` are the keys of its drawn neighbours.
    """

    key: str
    x: float
    y: float
    kind: str
    label: str
    tone: str
    symbol: str
    word: str
    anchor: str | None
    needs: tuple[str, ...]
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a column."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture; ``cut`` nodes of the touched part are not in it."""

    boxes: tuple[Box, ...]
    lines: tuple[str, ...]
    headings: tuple[Heading, ...]
    width: float
    height: float
    touched: int
    cut: int
    box: tuple[int, int] = BOX


def picture(graph: Graph, cards: Iterable[Card], clean: Clean) -> Picture | None:
    """Draw what cards tell of, all that depends on it, and what it needs at once; None where the graph has none of it.

    Only what a manifest declares is drawn: a catalogue's spec has an id and no name.
    """
    told = {card.resource: card for card in cards}
    near = graph.near(told)
    touched = [node.key for node in near.nodes if node.key in told]
    if not touched:
        return None
    affected = near.dependants(touched)
    kept = _kept(near, set(touched), affected)
    shown = near.within(kept)
    columns = _columns(shown)
    heights = heights_of([[node.key for node in nodes] for _, nodes in columns], _pairs(shown))
    across = min(_ACROSS, (_SHEET - BOX[0] - 2 * _MARGIN) // max(1, len(columns) - 1))
    spots = {
        node.key: (_MARGIN + across * at, round(_TOP + _DOWN * heights[node.key], 1))
        for at, (_, nodes) in enumerate(columns)
        for node in nodes
    }
    boxes = tuple(_box(node, spots, shown, told, affected, clean) for node in shown.nodes)
    return Picture(
        boxes=boxes,
        lines=tuple(_line(edge, spots) for edge in shown.edges),
        headings=tuple(Heading(_MARGIN + across * at, title) for at, (title, _) in enumerate(columns)),
        width=across * (len(columns) - 1) + BOX[0] + 2 * _MARGIN,
        height=max(y for _, y in spots.values()) + BOX[1] + _MARGIN,
        touched=len(touched),
        cut=len(near.nodes) - len(kept),
    )


def _kept(graph: Graph, touched: Collection[str], affected: Collection[str]) -> Collection[str]:
    """Return the nodes that are drawn: whole groups that hang together while there is room, else what matters most."""
    kept: list[str] = []
    for group in sorted(graph.components(), key=lambda nodes: not any(node.key in touched for node in nodes)):
        keys = [node.key for node in group]
        if len(kept) + len(keys) > MOST:
            keys.sort(key=lambda key: (key not in touched, key not in affected))
            keys = keys[: MOST - len(kept)] if not kept else []
        kept += keys
    return set(kept)


def _columns(graph: Graph) -> list[tuple[str, list[Node]]]:
    """Return the columns that are not empty: groups that hang together stand together, and what one node needs."""
    order = {node.key: at for at, node in enumerate(graph.nodes)}
    group = {node.key: at for at, nodes in enumerate(graph.components()) for node in nodes}

    def place(node: Node) -> tuple[int, int, int]:
        users = (order[edge.user] for edge in graph.users.get(node.key, ()))
        return group[node.key], min(users, default=order[node.key]), order[node.key]

    found = ((title, sorted((one for one in graph.nodes if one.kind in kinds), key=place)) for title, kinds in _COLUMNS)
    return [(title, nodes) for title, nodes in found if nodes]


def _pairs(graph: Graph) -> list[tuple[str, str]]:
    return [(edge.user, edge.needed) for edge in graph.edges]


def _box(
    node: Node,
    spots: Mapping[str, tuple[float, float]],
    shown: Graph,
    told: Mapping[str, Card],
    affected: Collection[str],
    clean: Clean,
) -> Box:
    card = told.get(node.key)
    tone, symbol, word = ("affected", "↳", "depends on it") if node.key in affected else ("near", "", "is needed")
    if card:
        tone, symbol, word = card.tone, card.symbol, card.word
    name = clean(node.name or node.key)
    return Box(
        key=node.key,
        x=spots[node.key][0],
        y=spots[node.key][1],
        kind=_SHORT[node.kind],
        label=name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…",
        tone=tone,
        symbol=symbol,
        word=word,
        anchor=card.anchor if card else None,
        needs=tuple(edge.needed for edge in shown.needs.get(node.key, ())),
        users=tuple(edge.user for edge in shown.users.get(node.key, ())),
    )


def _line(edge: Edge, spots: Mapping[str, tuple[float, float]]) -> str:
    """Return the path of a curve from the right of what is needed to the left of what needs it."""
    (x, y), (to_x, to_y) = spots[edge.needed], spots[edge.user]
    x, y, to_y = x + BOX[0], y + BOX[1] / 2, to_y + BOX[1] / 2
    if to_x < x:  # in one column, or back: around the right side
        return f"M{x:g} {y:g}C{x + 40:g} {y:g} {to_x + BOX[0] + 40:g} {to_y:g} {to_x + BOX[0]:g} {to_y:g}"
    middle = (to_x - x) / 2
    return f"M{x:g} {y:g}C{x + middle:g} {y:g} {to_x - middle:g} {to_y:g} {to_x:g} {to_y:g}"
