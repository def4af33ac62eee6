"""The ledger's home in a folder: for the emulator, and for manifests outside git.

Beside the files of the ledger stands ``.lock``, held for moments only: begin.json is the lock of a run. Edits are made
one after the other, each file whole or not at all; their order is such that a crash between two of them is no lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.ledger import files
from reconciler.ledger.store import Decide, Files, Result


@dataclass(frozen=True, slots=True)
class _FolderFiles:
    """The files as they are at each look."""

    folder: Path

    def names(self, folder: str) -> list[str]:
        return files.names(self.folder / folder)

    def read(self, path: str) -> bytes | None:
        return files.read(self.folder / path)

    def read_all(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        return ((path, self.read(path)) for path in paths)


class FolderStore:
    """Files of one target's ledger in a folder. Safe between threads and processes of one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def is_far(self) -> bool:
        """No: a change is a file or two on a disk."""
        return False

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._folder)

    def where(self, path: str) -> str:
        """Name a file by its path."""
        return str(self._folder / path)

    def view(self) -> Files:
        """Return the files; a folder that is not there is made by the first change."""
        return _FolderFiles(self._folder)

    def kept(self) -> None:
        """Return nothing: every change is made here."""

    def change(self, decide: Decide[Result], *, keep: bool = False) -> Result:  # noqa: ARG002 - the protocol's
        """Make the edits that a decision asks for, under the lock."""
        with files.locked(self._folder):
            result, edits = decide(self.view())
            for path, content in edits.files.items():
                if content is None:
                    files.delete(self._folder / path)
                else:
                    files.write(self._folder / path, content)
        return result

    def forget_kept(self) -> None:
        """Do nothing: nothing is kept."""
