"""One resource on its way to a Desired."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.diff.pointer import Path, format_path
from reconciler.manifest.envelope import Metadata
from reconciler.manifest.manifest import Manifest
from reconciler.manifest.nodes import Mark, nearest
from reconciler.manifest.resolve import Draft
from reconciler.model.resources import Location, Notice, ResourceName, Target


@dataclass(slots=True)
class Work:
    """A manifest, what holds of it on a target, and its draft."""

    manifest: Manifest
    target: Target
    metadata: Metadata
    draft: Draft

    @property
    def name(self) -> ResourceName:
        """Which resource it is."""
        return self.manifest.name

    @property
    def id(self) -> str | None:
        """The id of the object that it adopts here, if it says so."""
        return self.metadata.id_on(self.target.name)

    @property
    def previous(self) -> ResourceName | None:
        """Which resource it was before, if it says so."""
        name = self.metadata.previous_name
        return None if name is None else ResourceName(self.name.kind, name)

    def locate(self, path: Path) -> Location:
        """Return where a key of the metadata stands."""
        metadata = self.manifest.metadata_node(self.target.name)
        return self.draft.document.location(nearest(metadata, path, key=True))

    def complain(self, path: Path, message: str) -> None:
        """Report what is wrong at a path of the metadata."""
        where = format_path(("metadata", *path))
        self.draft.problems.append(self.draft.document.problem(self._metadata(path), f"{where}: {message}"))

    def remark(self, path: Path, message: str) -> None:
        """Point out what is odd at a path of the metadata."""
        where = format_path(("metadata", *path))
        self.draft.notices.append(Notice(f"{where}: {message}", self.draft.document.location(self._metadata(path))))

    def _metadata(self, path: Path) -> Mark:
        return nearest(self.manifest.metadata_node(self.target.name), path)
