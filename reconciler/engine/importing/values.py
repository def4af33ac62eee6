"""Ids of other services, of which every sandbox has its own: values of the target, under telling names (8, 11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.engine.importing.naming import unused
from reconciler.model.imports import TargetValue
from reconciler.model.kinds import Kind
from reconciler.model.resources import ResourceName

_DATASET_KEYS: Final = ("dataSetId", "datasetId")
_SCHEMA: Final[Path] = ("data", "schema", "id")
_EVERYWHERE: Final = "https://ns.adobe.com/xdm/"
"""What the ids of Adobe's own schemas begin with: those are the same in every sandbox."""


def what_differs(kind: Kind, path: Path, value: str) -> str | None:
    """Return what an id is of, if every sandbox has its own: dataset, schema, mapping; None for any other value."""
    if not value:
        return None
    if kind in (Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION):
        if path == _SCHEMA:
            return None if value.startswith(_EVERYWHERE) else "schema"
        return "dataset" if path[0] == "params" and path[-1] in _DATASET_KEYS else None
    return "mapping" if kind is Kind.FLOW and path[0] == "transformations" and path[-1] == "mappingId" else None


@dataclass(slots=True)
class Values:
    """The values of a target: ``known`` by name; one value has one name, however many resources read it."""

    known: Mapping[str, Json]
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in sorted(self.known.items(), reverse=True):  # of several names the first remains
            if isinstance(value, str):
                self.names[value] = name

    def leaf(self, what: str, resource: ResourceName, value: str) -> TargetValue:
        """Return the value by its name, as the target has it or as the resource that reads it suggests."""
        if value not in self.names:
            wanted = resource.name if resource.name.startswith(f"{what}-") else f"{what}-{resource.name}"
            self.names[value] = unused(wanted, {*self.known, *self.names.values()})
        return TargetValue(self.names[value], value)
