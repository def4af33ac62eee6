"""One manifest as read: its envelope checked, its spec still a tree with places."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.manifest.envelope import (
    API_VERSION,
    KINDS,
    TARGET,
    Metadata,
    ResourceEnvelope,
    TargetEnvelope,
)
from reconciler.manifest.hints import did_you_mean, kind_of, quoted
from reconciler.manifest.merge import merge
from reconciler.manifest.nodes import Document, Mark, Node
from reconciler.manifest.wording import check
from reconciler.model.errors import Problem
from reconciler.model.kinds import Kind
from reconciler.model.resources import Location, ResourceName

_EMPTY = Node({}, Mark(1, 1))


@dataclass(frozen=True, slots=True)
class Manifest:
    """One resource as git tells of it, for all targets; ``metadata`` is what holds where no override says else."""

    document: Document
    name: ResourceName
    metadata: Metadata

    @property
    def source(self) -> Location:
        """Where the document begins."""
        return self.document.location(self.document.root.mark)

    @property
    def overridden(self) -> tuple[str, ...]:
        """The targets that it has overrides for."""
        return tuple((self.document.root.get("overrides") or _EMPTY).keys)

    def spec_on(self, target: str) -> Node:
        """The spec on a target, its override merged in."""
        return self._merged("spec", target)

    def metadata_on(self, target: str) -> tuple[Metadata, list[Problem]]:
        """The metadata on a target; what an override makes wrong of it comes as problems."""
        if self._override("metadata", target) is None:
            return self.metadata, []
        merged, problems = check(self.document, self._merged("metadata", target), Metadata, above=("metadata",))
        return merged or self.metadata, problems

    def is_on(self, target: str) -> bool:
        """Iff the resource is wanted on a target."""
        return self.metadata_on(target)[0].is_on(target)

    def metadata_node(self, target: str) -> Node:
        """The metadata on a target, with places."""
        return self._merged("metadata", target)

    def _merged(self, part: str, target: str) -> Node:
        base, override = self.document.root.get(part) or _EMPTY, self._override(part, target)
        return base if override is None else merge(base, override)

    def _override(self, part: str, target: str) -> Node | None:
        overrides = self.document.root.get("overrides") or _EMPTY
        override = (overrides.get(target) or _EMPTY).get(part)
        return override if override is not None and override.is_mapping else None


@dataclass(frozen=True, slots=True)
class TargetManifest:
    """One target as git tells of it."""

    document: Document
    name: str
    envelope: TargetEnvelope


def read_manifest(document: Document) -> tuple[Manifest | TargetManifest | None, list[Problem]]:
    """Return what a document declares, and what is wrong with its envelope.

    Where something is, the manifest serves only to look for more mistakes; None if it does not even serve for that.
    """
    wrong = _check_head(document)
    kind = (document.root.get("kind") or _EMPTY).value
    if kind not in KINDS:
        return None, wrong
    manifest, problems = _read_target(document) if kind == TARGET else _read_resource(document, Kind(kind))
    return manifest, [*wrong, *problems]


def _check_head(document: Document) -> list[Problem]:
    """Check apiVersion and kind: without a kind nobody can tell what the rest should be."""
    root = document.root
    if not root.is_mapping:
        return [document.problem(root, f"a manifest is a mapping of apiVersion, kind, metadata and spec; found "
                                       f"{kind_of(root.value)}")]  # fmt: skip
    problems = []
    version, kind = root.get("apiVersion"), root.get("kind")
    if version is None or version.value != API_VERSION:
        found = "it is missing" if version is None else f"found {quoted(version.value)}"
        problems.append(document.problem(version or root, f"apiVersion must be {API_VERSION}; {found}"))
    if kind is None:
        problems.append(document.problem(root, f"kind is missing; it is one of {', '.join(KINDS)}"))
    elif not isinstance(kind.value, str) or kind.value not in KINDS:
        hint = did_you_mean(str(kind.value), KINDS)
        problems.append(document.problem(kind, f"unknown kind {quoted(kind.value)}; {hint}"))
    return problems


def _read_target(document: Document) -> tuple[TargetManifest | None, list[Problem]]:
    envelope, problems = check(document, document.root, TargetEnvelope)
    if envelope is None:
        return None, problems
    if (envelope.spec.sandbox is None) is not envelope.spec.emulator:
        at = document.root.get("spec") or document.root
        return None, [document.problem(at, "a target is either sandbox: NAME or emulator: true; write exactly one")]
    return TargetManifest(document, envelope.metadata.name, envelope), []


def _read_resource(document: Document, kind: Kind) -> tuple[Manifest | None, list[Problem]]:
    envelope, problems = check(document, document.root, ResourceEnvelope)
    problems += _check_overrides(document)
    metadata = envelope.metadata if envelope else _supposed(document)
    return (Manifest(document, ResourceName(kind, metadata.name), metadata) if metadata else None), problems


def _supposed(document: Document) -> Metadata | None:
    """Return metadata that stand in for wrong ones, so that the spec is checked in the same run.

    The name is the one that is written, right or wrong: references to it are not wrong as well. For an id that is
    written stands one that is nobody else's.
    """
    metadata, spec = document.root.get("metadata") or _EMPTY, document.root.get("spec") or Node(None, Mark(1, 1))
    name = (metadata.get("name") or _EMPTY).value
    if not spec.is_mapping:
        return None
    object_id = None if metadata.get("id") is None else str(document.location(document.root.mark))
    return Metadata.model_construct(name=name if isinstance(name, str) else "", id=object_id)


def _check_overrides(document: Document) -> list[Problem]:
    """Name and id are a resource's identity, which no merge patch can change; a snooze names its target anyway."""
    overrides = document.root.get("overrides") or _EMPTY
    return [
        document.problem(
            metadata.keys[key], f"/overrides/{target}/metadata/{key}: an override cannot change it; {hint}"
        )
        for target, override in overrides.children()
        if (metadata := override.get("metadata")) is not None
        for key, hint in FIXED.items()
        if key in metadata.keys
    ]


FIXED = {
    "name": "write a manifest of its own, with metadata.targets",
    "id": "write metadata.id as a map from target to id",
    "snooze": "metadata.snooze is a map from target to what is snoozed there",
}
