"""What an import makes of a live object: a manifest to be, with its references, secrets and target values as leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.diff.document import Json, Opaque
from reconciler.diff.pointer import Path
from reconciler.model.kinds import Kind
from reconciler.model.resources import OnRemove, ResourceName

ObjectKey: TypeAlias = tuple[Kind, str]
"""What tells a live object from every other: its kind and its id."""


@dataclass(frozen=True, slots=True)
class TargetValue(Opaque):
    """A leaf that becomes ``{valueFrom: {target: NAME}}``; ``value`` is what it is on the target imported from."""

    name: str
    value: str

    def shown(self) -> Json:
        """Stand in as the sugar that a manifest has for it."""
        return {"valueFrom": {"target": self.name}}


@dataclass(frozen=True, slots=True)
class Imported:
    """One live object as a manifest would have it.

    ``comments`` are for the reader of the file, a line each; ``protect`` and ``on_remove`` are as they were last said.
    """

    name: ResourceName
    id: str
    spec: Mapping[str, Json]
    comments: tuple[str, ...] = ()
    protect: bool = False
    on_remove: OnRemove = OnRemove.ORPHAN

    @property
    def key(self) -> ObjectKey:
        """The object that it is of."""
        return self.name.kind, self.id


@dataclass(frozen=True, slots=True)
class Omissions:
    """What has to stay out of the manifests, and why: whole objects, and paths of specs."""

    objects: Mapping[ObjectKey, str] = field(default_factory=dict)
    paths: Mapping[ObjectKey, Mapping[Path, str]] = field(default_factory=dict)
