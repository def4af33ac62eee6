"""A folder's files on their way to be rewritten: changed in memory, read back, and only then put in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.diff.document import Json
from reconciler.diff.pointer import format_path
from reconciler.disk import write_file
from reconciler.manifest import reader
from reconciler.manifest.editing.rewriting import CannotRewrite, rewrite
from reconciler.manifest.folder import Manifests, load
from reconciler.manifest.nodes import Document, nearest, plain
from reconciler.model.errors import ManifestErrors, UsageError
from reconciler.model.resources import Location


@dataclass(frozen=True, slots=True)
class Drafts:
    """The files of a folder that were changed, and what they were read as; nothing is written before :meth:`write`."""

    folder: Path
    changed: dict[str, bytes] = field(default_factory=dict)
    read: dict[str, bytes] = field(default_factory=dict)

    def manifests(self) -> Manifests:
        """Return the manifests as they would be; raises ManifestErrors, UsageError."""
        return load(self.folder, self.changed)

    def checked(self) -> Manifests:
        """Return the manifests as they would be, whole on every target; raises UsageError where they would not be."""
        try:
            manifests = self.manifests()
            manifests.validate()
        except ManifestErrors as errors:
            raise UsageError(f"written back the manifests would be wrong, so nothing was written. {errors}") from errors
        return manifests

    def document(self, file: str, kind: str, name: str) -> Json:
        """Return what a document of a file says, as plain JSON; raises UsageError where it is not there any more."""
        return plain(self._found(file, kind, name)[1].root)

    def rewrite(self, file: str, kind: str, name: str, wanted: Json) -> None:
        """Make a document say what is wanted; raises UsageError where the file would have to be formatted anew."""
        at, document = self._found(file, kind, name)
        try:
            self.changed[file] = rewrite(file, self._bytes(file), at, wanted)
        except CannotRewrite as error:
            place = document.location(nearest(document.root, error.path, key=True))
            raise UsageError(
                f"{place}: {format_path(error.path)}: {error}. Nothing was written: make the change by hand"
            ) from error

    def locate(self, file: str, kind: str, name: str, path: tuple[str, ...]) -> Location:
        """Return where a path of a document stands, or its nearest ancestor."""
        document = self._found(file, kind, name)[1]
        return document.location(nearest(document.root, path, key=True))

    def write(self) -> None:
        """Put every changed file in place, whole or not at all; raises UsageError where one changed meanwhile."""
        for file in sorted(self.changed):
            if Path(file).read_bytes() != self.read[file]:
                raise UsageError(f"{file} was changed by somebody else meanwhile: nothing was written. Try again")
        for file, data in sorted(self.changed.items()):
            write_file(Path(file), data)

    def _bytes(self, file: str) -> bytes:
        if file not in self.read:
            self.read[file] = Path(file).read_bytes()
        return self.changed.get(file, self.read[file])

    def _found(self, file: str, kind: str, name: str) -> tuple[int, Document]:
        documents, _ = reader.read(file, self._bytes(file))
        for at, document in enumerate(documents):
            said: Json = plain(document.root)
            if isinstance(said, Mapping) and said.get("kind") == kind and said["metadata"]["name"] == name:
                return at, document
        raise UsageError(f"{file} was changed meanwhile, and does not declare {kind}/{name} any more: try again")
