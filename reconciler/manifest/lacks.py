"""What is wrong on a target, and in the same place on others, too: said once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.manifest.hints import closest, known_are
from reconciler.model.errors import Problem
from reconciler.model.resources import Location, ResourceName, Target


@dataclass(frozen=True, slots=True)
class MissingValue:
    """A manifest asks for a value that a target does not have."""

    location: Location
    value: str

    def on(self, targets: list[Target]) -> str:
        """Say which targets lack the value, and what it may have been meant to be."""
        lacking = f"{_names(targets)} {'have' if len(targets) > 1 else 'has'} no value {self.value!r}"
        known = {name for target in targets for name in target.values}
        if close := closest(self.value, known):
            return f"{lacking}; did you mean {close!r}?"
        return f"{lacking}: add it to spec.values there; {known_are(known)}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A reference leads to a resource that is not on the target."""

    location: Location
    resource: ResourceName

    def on(self, targets: list[Target]) -> str:
        """Say from which targets the resource is left out."""
        return f"{self.resource} is not on {_names(targets)}: its metadata.targets leaves that out"


Lack: TypeAlias = MissingValue | LeftOut


def told(lacks: Iterable[tuple[Target, Lack]]) -> Iterator[Problem]:
    """Every lack once, with all the targets that it was found on."""
    found: dict[Lack, dict[str, Target]] = {}
    for target, lack in lacks:
        found.setdefault(lack, {})[target.name] = target
    for lack, targets in found.items():
        yield Problem(lack.location, lack.on([targets[name] for name in sorted(targets)]))


def _names(targets: list[Target]) -> str:
    return f"target{'s' * (len(targets) > 1)} {', '.join(target.name for target in targets)}"
