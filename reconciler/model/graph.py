"""Who needs whom, as data: the resources of an estate, the objects outside git that they name, and each reference.

Made of what git wants alone: nothing is asked of the service. A reference by id leads to the manifest that has this id
as its ``metadata.id``, else to a node of its own: an object that no manifest declares, such as a spec of Adobe's
catalogue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, TypeAlias

from reconciler.diff.pointer import Path, format_path
from reconciler.model.kinds import Kind
from reconciler.model.references import kind_at, leaves
from reconciler.model.resources import Desired, Reference, ResourceName

_Further: TypeAlias = Callable[[str], Iterable[str]]
"""The keys of the nodes one step further on."""


@dataclass(frozen=True, slots=True)
class Node:
    """One resource, or one object outside git.

    ``key`` is unique: ``Kind/name`` for a resource, ``Kind:id`` for an object outside git, whose ``name`` is None.
    ``title`` is what the service calls it, where git says so; ``id`` the object's, where a manifest knows it.
    """

    key: str
    kind: Kind
    name: str | None
    title: str | None = None
    id: str | None = None

    @property
    def is_declared(self) -> bool:
        """Iff a manifest declares it."""
        return self.name is not None


@dataclass(frozen=True, slots=True)
class Edge:
    """``user`` needs ``needed`` (keys of nodes), at these JSON Pointers into the user's spec."""

    user: str
    needed: str
    pointers: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """Nodes by kind, in each what git declares first, then by key; edges in their order.

    Every edge joins two of the nodes.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = field(default=())

    @cached_property
    def needs(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges from each node, by key."""
        return _by_key((edge.user, edge) for edge in self.edges)

    @cached_property
    def users(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges to each node, by key."""
        return _by_key((edge.needed, edge) for edge in self.edges)

    def within(self, keys: Collection[str]) -> Graph:
        """Return the graph of these nodes alone."""
        nodes = tuple(node for node in self.nodes if node.key in keys)
        edges = tuple(edge for edge in self.edges if edge.user in keys and edge.needed in keys)
        return Graph(nodes, edges)

    def dependants(self, keys: Iterable[str]) -> frozenset[str]:
        """Return these nodes and all that depends on them, however far; keys that are no node's are left out."""
        return self._reached(keys, lambda key: (edge.user for edge in self.users.get(key, ())))

    def requirements(self, keys: Iterable[str]) -> frozenset[str]:
        """Return these nodes and all that they need, however far; keys that are no node's are left out."""
        return self._reached(keys, lambda key: (edge.needed for edge in self.needs.get(key, ())))

    def around(self, keys: Iterable[str]) -> Graph:
        """Return the graph of these nodes, all that they need and all that depends on them."""
        wanted = list(keys)
        return self.within(self.requirements(wanted) | self.dependants(wanted))

    def touched(self, keys: Iterable[str]) -> Graph:
        """Return the graph of what is touched and all that depends on it: what a reviewer should look at."""
        return self.within(self.dependants(keys))

    def near(self, keys: Iterable[str]) -> Graph:
        """Return the graph of what is touched, all that depends on it, and what it needs at once.

        Of declared nodes alone, by their names: what a picture shows, and what is kept with a plan.
        """
        declared = self.within({node.key for node in self.nodes if node.is_declared})
        touched = list(keys)
        needed = (edge.needed for key in touched for edge in declared.needs.get(key, ()))
        near = declared.within({*declared.dependants(touched), *needed})
        return Graph(tuple(replace(node, title=None, id=None) for node in near.nodes), near.edges)

    def components(self) -> list[tuple[Node, ...]]:
        """Return the nodes in groups that have no edge between them but by way of what is outside git.

        Those of a group stand in the graph's order, the groups in that of their first nodes. An object outside git
        stands in the first group that uses it: one spec of the catalogue does not make one group of a whole estate.
        """
        declared = {node.key for node in self.nodes if node.is_declared}
        group: dict[str, int] = {}
        for node in self.nodes:
            if node.key in declared and node.key not in group:
                number = len(group)  # unique, and in order
                for key in self._reached([node.key], lambda key: self._beside(key, declared)):
                    group[key] = number
        for node in self.nodes:
            if node.key not in declared:
                group[node.key] = min((group[edge.user] for edge in self.users.get(node.key, ())), default=len(group))
        grouped: dict[int, list[Node]] = defaultdict(list)
        for node in self.nodes:
            grouped[group[node.key]].append(node)
        return [tuple(grouped[number]) for number in sorted(grouped)]

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(node.key for node in self.nodes)

    def _beside(self, key: str, among: Collection[str]) -> Iterator[str]:
        yield from (edge.needed for edge in self.needs.get(key, ()) if edge.needed in among)
        yield from (edge.user for edge in self.users.get(key, ()) if edge.user in among)

    def _reached(self, keys: Iterable[str], further: _Further) -> frozenset[str]:
        reached: set[str] = set()
        waiting = [key for key in keys if key in self._keys]
        while waiting:
            key = waiting.pop()
            if key not in reached:
                reached.add(key)
                waiting.extend(further(key))
        return frozenset(reached)


NO_GRAPH: Final = Graph(())


def graph_of(resources: Iterable[Desired]) -> Graph:
    """Return the graph of what git wants on a target."""
    wanted = sorted(resources, key=lambda resource: resource.name)
    declared = {str(one.name): _declared(one) for one in wanted}
    owners = {(one.name.kind, one.id): str(one.name) for one in wanted if one.id is not None}
    outside: dict[str, Node] = {}
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in wanted:
        for path, kind, id_or_name in _named(one):
            key = _key(kind, id_or_name, owners)
            if key not in declared:
                outside.setdefault(key, Node(key, kind, None, None, str(id_or_name)))
            if key != str(one.name):
                places[str(one.name), key].append(format_path(path))
    nodes = sorted([*declared.values(), *outside.values()], key=_place)
    order = {node.key: index for index, node in enumerate(nodes)}
    pairs = sorted(places, key=lambda pair: (order[pair[0]], order[pair[1]]))
    return Graph(tuple(nodes), tuple(Edge(user, needed, tuple(places[user, needed])) for user, needed in pairs))


def _declared(one: Desired) -> Node:
    title = one.spec.get("name")
    return Node(str(one.name), one.name.kind, one.name.name, title if isinstance(title, str) else None, one.id)


def _named(one: Desired) -> Iterator[tuple[Path, Kind, ResourceName | str]]:
    """Yield where a spec names other objects: each by its place, its kind, and its name in git or its id."""
    for path, leaf in leaves(one.spec):
        kind = kind_at(path)
        if isinstance(leaf, Reference):
            yield path, leaf.resource.kind, leaf.resource
        elif kind is not None and isinstance(leaf, str) and leaf:
            yield path, kind, leaf


def _key(kind: Kind, id_or_name: ResourceName | str, owners: Mapping[tuple[Kind, str], str]) -> str:
    if isinstance(id_or_name, ResourceName):
        return str(id_or_name)
    return owners.get((kind, id_or_name), f"{kind}:{id_or_name}")


def _place(node: Node) -> tuple[int, bool, str]:
    return list(Kind).index(node.kind), not node.is_declared, node.key


def _by_key(pairs: Iterable[tuple[str, Edge]]) -> Mapping[str, tuple[Edge, ...]]:
    found: dict[str, list[Edge]] = defaultdict(list)
    for key, edge in pairs:
        found[key].append(edge)
    return {key: tuple(edges) for key, edges in found.items()}
