"""The folder that an import writes to: what it holds, which of its files may be written over, which names are free."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.manifest import reader
from reconciler.manifest.folder import Manifests, load
from reconciler.manifest.manifest import Manifest
from reconciler.model.errors import UsageError
from reconciler.model.imports import Imported
from reconciler.model.resources import Notice, Target


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder that is written to, as it is now; ``manifests`` is None iff it holds none yet.

    ``target`` is as this folder has it: where it has none, without values.
    """

    path: Path
    target: Target
    manifests: Manifests | None = None

    @property
    def alone(self) -> bool:
        """Iff the target is the only one that manifests of this folder can be for."""
        return self.manifests is None or len(self.manifests.targets) <= 1

    def manifest(self, one: Imported) -> Manifest | None:
        """Return the manifest that an object is written over, None where it gets one of its own."""
        known = self.manifests.resources if self.manifests else ()
        return next((manifest for manifest in known if manifest.name == one.name), None)


def open_folder(path: Path, target: Target) -> Folder:
    """Look at a folder that manifests are to be written to; one that does not exist, or is empty, is fine.

    Raises ManifestErrors for what stands there already, UsageError where it knows other targets and not this one.
    """
    without_values = replace(target, values={})
    if not path.exists() or not _holds_files(path):
        return Folder(path, without_values)
    manifests = load(path)
    if not manifests.targets:
        return Folder(path, without_values, manifests)
    ours = manifests.target(target.name)
    if (ours.sandbox, ours.emulator) != (target.sandbox, target.emulator):
        raise UsageError(f"target {target.name} of {path} is another one than that of the manifests: import elsewhere")
    return Folder(path, ours, manifests)


def _holds_files(path: Path) -> bool:
    if not path.is_dir():
        raise UsageError(f"{str(path)!r} is no folder: name one to import into")
    return any(not entry.name.startswith(".") for entry in path.iterdir())


def hands_off(folder: Folder, one: Imported) -> Notice | None:
    """Return why a manifest that stands there is not written over, None where it may be."""
    manifest = folder.manifest(one)
    if manifest is None:
        return None
    file = manifest.source.file
    documents, _ = reader.read(file, Path(file).read_bytes())
    if len(documents) > 1:
        return Notice(f"{file} is left alone: it holds other manifests besides {one.name}", manifest.source)
    if manifest.overridden:
        return Notice(f"{file} is left alone: {one.name} has overrides, which an import cannot tell", manifest.source)
    return None


def free(stem: Path, taken: Collection[str] = ()) -> str:
    """Return a YAML file of that name that does not exist, nor is taken; with a number behind it where need be."""
    number, path = 2, stem.with_name(f"{stem.name}.yaml")
    while os.path.lexists(path) or str(path) in taken:
        number, path = number + 1, stem.with_name(f"{stem.name}-{number}.yaml")
    return str(path)
