"""Where a ledger's files live, as a protocol: a view to read from, and a change that is made whole or told of.

A home (a folder, a git ref) knows of paths and bytes alone. What they mean, and who may write, is decided by pure
functions over a view; a home may run one again when somebody else was faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypeVar

Result = TypeVar("Result")


class Files(Protocol):
    """The files of a ledger at one moment, by paths with slashes. Reading raises LedgerError, never answers empty."""

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted, hidden ones left out; none if there is no folder."""

    def read(self, path: str) -> bytes | None:
        """Return a file's content, None if there is none."""

    def read_all(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield paths with their contents, as fast as the home can."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to be written: contents by path, None to delete, in the order in which they must appear.

    ``title``, ``author`` and ``when`` (epoch seconds) are for a home that tells of its changes.
    """

    files: Mapping[str, bytes | None] = field(default_factory=dict)
    title: str = ""
    author: str = ""
    when: float = 0.0


Decide: TypeAlias = Callable[[Files], tuple[Result, Edits]]
"""A pure function from a view to what its caller wants to know and what is to be written; raises LedgerError."""


class Store(Protocol):
    """A home of one target's ledger. Safe between threads and processes."""

    @property
    def is_far(self) -> bool:
        """Iff a change has a price, so that several are better made as one."""

    @property
    def place(self) -> str:
        """Where it is, for readers."""

    def where(self, path: str) -> str:
        """Name a file for readers."""

    def view(self) -> Files:
        """Return the files as they are now."""

    def kept(self) -> Files | None:
        """Return the files as a change left them that could not leave this machine, None if there was none."""

    def change(self, decide: Decide[Result], *, keep: bool = False) -> Result:
        """Make the edits that a decision asks for; nobody else's come between its look and them.

        With ``keep`` a change that cannot leave this machine is kept for the next run (raises LedgerUnsaved).
        """

    def forget_kept(self) -> None:
        """Let what was kept go."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A view with edits in it that are not made yet."""

    files: Files
    edits: Mapping[str, bytes | None]

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder as they will be."""
        found, above = set(self.files.names(folder)), folder + "/"
        for path, content in self.edits.items():
            name, _, deeper = path.removeprefix(above).partition("/")
            if not path.startswith(above):
                continue
            if content is not None:
                found.add(name)
            elif not deeper:
                found.discard(name)
        return sorted(found)

    def read(self, path: str) -> bytes | None:
        """Return a file's content as it will be."""
        return self.edits[path] if path in self.edits else self.files.read(path)

    def read_all(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield paths with their contents as they will be."""
        paths = list(paths)
        found = dict(self.files.read_all(path for path in paths if path not in self.edits))
        yield from ((path, self.edits[path] if path in self.edits else found[path]) for path in paths)
