"""The private bare repository in which a ledger is read and made: a cache, and a place for what could not be sent yet.

It lies in the manifests' repository's common folder, where no work tree sees it. Whatever is broken in it may be thrown
away, but for a commit that was never sent.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from reconciler.ledger.git.program import Git
from reconciler.ledger.git.tree import Contents, TreeFiles
from reconciler.ledger.store import Edits
from reconciler.model.errors import LedgerError

KEPT: Final = "refs/ledger/kept"
TIP: Final = "refs/ledger/tip"
MADE: Final = "refs/ledger/made"

_CROWDED: Final = 30
"""Loose objects in one of 256 folders: more than 7,000 altogether, and the cache is made anew."""


class Broken(LedgerError):
    """The private repository does not answer as a sound one does."""


class PrivateRepository:
    """One ledger's private repository. Every method may raise Broken; whoever calls one holds the repository."""

    def __init__(self, folder: Path, git: Git, object_format: str) -> None:
        self._folder, self._git, self._format = folder, git, object_format
        self._contents: dict[str, bytes] = {}

    @property
    def git(self) -> Git:
        """The git that works in it."""
        return self._git

    def make_ready(self) -> None:
        """Make it if it is not there, and remove the locks of a git that was killed: we hold the one that counts."""
        folder = self._folder
        if not folder.exists():
            self._make()
        elif not (folder / "HEAD").exists():
            self.make_anew()
        for lock in (*folder.glob("*.lock"), *(folder / "refs").rglob("*.lock"), *folder.glob("objects/info/*.lock")):
            lock.unlink(missing_ok=True)

    def make_anew(self) -> None:
        """Throw it away, but for a commit that was kept in it and can still be read."""
        aside = self._folder.with_suffix(".broken")
        shutil.rmtree(aside, ignore_errors=True)
        self._folder.replace(aside)
        self._make()
        quietly = ("--quiet", "--no-tags", "--no-write-fetch-head", "--update-shallow")
        self._git.run("fetch", *quietly, str(aside), f"+{KEPT}:{KEPT}")
        shutil.rmtree(aside, ignore_errors=True)
        self._contents.clear()

    def check(self) -> None:
        """Raise Broken where git does not take it for a repository: then no answer about the remote means anything."""
        self._sound("rev-parse", "--git-dir")

    def is_crowded(self) -> bool:
        """Iff it has grown so that it is better made anew: nothing is ever collected in it."""
        with suppress(OSError):
            return len(list((self._folder / "objects" / "17").iterdir())) > _CROWDED
        return False

    def commit_at(self, ref: str) -> str | None:
        """Return the commit that a ref of ours points to, None if there is no such ref."""
        answer = self._git.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return answer.text if answer.ok else None

    def kind_of(self, name: str) -> str | None:
        """Return what an object is (``commit``, ``tag``), None if it is not here."""
        answer = self._git.run("cat-file", "-t", name)
        return answer.text if answer.ok else None

    def point(self, ref: str, commit: str | None) -> None:
        """Let a ref of ours point to a commit, or be gone."""
        self._sound("update-ref", *(("-d", ref) if commit is None else (ref, commit)))

    def files(self, commit: str | None, contents: Contents) -> TreeFiles:
        """Return a commit's files, their contents to be had from ``contents``; raises NoLedger."""
        if commit is None:
            return TreeFiles({}, contents)
        listed = self._sound("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        return TreeFiles.listed(listed.decode(errors="surrogateescape"), contents)

    def read(self, blobs: Iterable[str]) -> Iterator[bytes]:
        """Yield the contents of blobs, with one process for all of them; raises LedgerError."""
        blobs = list(blobs)
        missing = sorted({blob for blob in blobs if blob not in self._contents})
        if missing:
            out = self._sound("cat-file", "--batch", stdin="\n".join([*missing, ""]).encode())
            self._contents |= zip(missing, _batch(out), strict=True)
        yield from (self._contents[blob] for blob in blobs)

    def commit(self, parent: str | None, edits: Edits) -> str:
        """Make a commit of edits on another one, and return it. One process, no index, no hooks."""
        stream = b"".join(_stream(parent, edits))
        made = self._sound("fast-import", "--quiet", "--force", "--done", stdin=stream).decode().strip()
        if not made:
            raise Broken("git fast-import made no commit")
        return made

    def _make(self) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        # Renamed when it is whole: a process that is killed half way leaves no repository, rather than half of one.
        half = self._folder.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        self._sound("init", "--quiet", "--bare", "--template=", f"--object-format={self._format}", str(half))
        half.replace(self._folder)

    def _sound(self, *arguments: str, stdin: bytes = b"") -> bytes:
        answer = self._git.run(*arguments, stdin=stdin)
        if not answer.ok:
            raise Broken(f"git {arguments[0]} failed in {self._folder}: {answer.reason}")
        return answer.out


def _batch(out: bytes) -> Iterator[bytes]:
    """Yield the contents in what ``cat-file --batch`` wrote."""
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        _, _, size = out[at:end].rpartition(b" ")
        if not size.isdigit():
            raise Broken(f"git cat-file says: {out[at:end].decode(errors='replace')}")
        at = end + 1 + int(size) + 1
        yield out[end + 1 : at - 1]


def _stream(parent: str | None, edits: Edits) -> Iterator[bytes]:
    """Yield the commit as fast-import reads it; ``done`` at its end tells it from the stream of a killed process."""
    author = "".join(" " if one in "<>" or not one.isprintable() else one for one in edits.author).strip() or "unknown"
    person = f"{author} <reconciler@localhost> {int(edits.when)} +0000"
    yield f"feature done\ncommit {MADE}\nmark :1\nauthor {person}\ncommitter {person}\n".encode(errors="replace")
    yield _data(edits.title.encode(errors="replace"))
    if parent is not None:
        yield f"from {parent}\n".encode()
    yield from (_edit(path, content) for path, content in edits.files.items())
    yield b"get-mark :1\ndone\n"


def _edit(path: str, content: bytes | None) -> bytes:
    return f"D {path}\n".encode() if content is None else f"M 100644 inline {path}\n".encode() + _data(content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
