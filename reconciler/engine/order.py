"""Who needs whom: the order of a plan comes from its references.

::

    ConnectionSpec <- FlowSpec <----------------+
         ^                                      |
    Connection <- SourceConnection <----+       |
         ^                              +---- Flow
         +------- TargetConnection <----+

An arrow points at what has to exist first. Only references that the manifests make count; the drawing shows the usual.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter

from reconciler.diff.document import Json
from reconciler.model.references import references as places
from reconciler.model.resources import Desired, ResourceName


def references(document: Json) -> Iterator[ResourceName]:
    """Every resource that a desired document refers to."""
    return (reference.resource for _, reference in places(document))


def graph(resources: Iterable[Desired]) -> dict[ResourceName, frozenset[ResourceName]]:
    """Return for each resource those that it needs; what is not among the resources is left out."""
    wanted = {resource.name: resource for resource in resources}
    return {name: frozenset(references(wanted[name].spec)) & wanted.keys() for name in sorted(wanted)}


def in_order(resources: Iterable[Desired]) -> list[Desired]:
    """Return the resources, each after those that it needs, otherwise by name.

    Raises graphlib.CycleError; validation has refused cycles before.
    """
    wanted = {resource.name: resource for resource in resources}
    sorter = TopologicalSorter(graph(wanted.values()))
    sorter.prepare()
    ordered: list[Desired] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered.extend(wanted[name] for name in ready)
        sorter.done(*ready)
    return ordered
