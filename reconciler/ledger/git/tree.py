"""The files of one commit of a ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from reconciler.ledger.files import LARGEST
from reconciler.ledger.pages import BEGIN, FOLDERS
from reconciler.model.errors import LedgerError

Blob: TypeAlias = str | bytes
"""A file: the name of its blob, or its content where that is known."""

Contents: TypeAlias = Callable[[Iterable[str]], Iterable[bytes]]
"""Yields what blobs hold."""

_FILE_MODES: Final = frozenset({"100644", "100755"})


class NoLedger(LedgerError):
    """A commit holds something else than a ledger."""


@dataclass(frozen=True)
class TreeFiles:
    """Files by path."""

    blobs: Mapping[str, Blob]
    contents: Contents

    @classmethod
    def listed(cls, listing: str, contents: Contents) -> TreeFiles:
        """Read what ``ls-tree -r -l -z`` wrote; raises NoLedger."""
        blobs: dict[str, Blob] = {}
        for line in filter(None, listing.split("\0")):
            head, _, path = line.partition("\t")
            mode, _, blob, size = head.split()
            folder, slash, _ = path.partition("/")
            if mode not in _FILE_MODES or not (path == BEGIN or (slash and folder in FOLDERS)):
                raise NoLedger(f"there is {path}")
            if int(size) > LARGEST:  # before it is read
                raise NoLedger(f"{path} is larger than {LARGEST >> 20} MiB")
            blobs[path] = blob
        return cls(blobs, contents)

    def edited(self, edits: Mapping[str, bytes | None]) -> TreeFiles:
        """Return the files as edits leave them."""
        blobs = dict(self.blobs)
        for path, content in edits.items():
            if content is None:
                blobs.pop(path, None)
            else:
                blobs[path] = content
        return TreeFiles(blobs, self.contents)

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted, hidden ones left out."""
        return [name for name in self._folders.get(folder, ()) if not name.startswith(".")]

    def read(self, path: str) -> bytes | None:
        """Return a file's content, None if there is none."""
        ((_, content),) = self.read_all([path])
        return content

    def read_all(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield paths with their contents, read at once."""
        paths = list(paths)
        found = {path: self.blobs.get(path) for path in paths}
        unread = [blob for blob in found.values() if isinstance(blob, str)]
        contents = dict(zip(unread, self.contents(unread), strict=True)) if unread else {}
        for path, blob in found.items():
            yield path, contents[blob] if isinstance(blob, str) else blob

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """The names in each folder, sorted."""
        found: dict[str, set[str]] = {}
        for path in self.blobs:
            while path:
                path, _, name = path.rpartition("/")  # noqa: PLW2901 - one step up each time
                found.setdefault(path, set()).add(name)
        return {folder: sorted(names) for folder, names in found.items()}
