"""Which home a target's ledger has: a folder beside the manifests, or a ref in git."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.ledger.folder import FolderStore
from reconciler.ledger.git.program import Git
from reconciler.ledger.git.push import Line
from reconciler.ledger.git.remote import Remote, Repository, Token, find_remote, find_repository
from reconciler.ledger.git.repository import PrivateRepository
from reconciler.ledger.git.store import GitStore
from reconciler.ledger.store import Store
from reconciler.model.errors import LedgerError
from reconciler.model.resources import LedgerHome, Target
from reconciler.model.secrets import Redactor

CACHE: Final = "reconciler"
"""The folder of private repositories, in the common folder of the manifests' repository."""


@dataclass(frozen=True, slots=True)
class GitAccess:
    """What a home in git needs around it; ``is_trusted`` says whether a host and port may have the git token."""

    environ: Mapping[str, str]
    redactor: Redactor
    is_trusted: Callable[[str, int], bool]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]


def open_store(target: Target, manifests: Path, folder: Path, access: GitAccess) -> Store:
    """Return where a target's ledger lives: ``folder`` for the emulator and for manifests outside git, else a ref.

    A target that says where its ledger lives is taken at its word. Raises LedgerError where git is needed and does not
    answer, and for a remote that there is none of. Nothing is fetched yet.
    """
    written = target.ledger != LedgerHome()
    in_git = _is_in_git(manifests)
    if written and not in_git:
        raise LedgerError(
            f"target {target.name} has its ledger in git (spec.ledger), and {manifests} is in no repository: clone "
            "one, or take spec.ledger out"
        )
    if not in_git or (target.emulator and not written):
        return FolderStore(folder)
    git = Git.found(access.environ, access.redactor.redact)
    return _git_store(target, git, find_repository(git, manifests), access)


def _is_in_git(folder: Path) -> bool:
    """Iff some folder above has a ``.git``: told without git, which may be what is missing."""
    place = folder.resolve()
    return any((above / ".git").exists() for above in (place, *place.parents))


def _git_store(target: Target, git: Git, repository: Repository, access: GitAccess) -> GitStore:
    token = Token.read(access.environ, access.is_trusted, access.redactor)
    remote = find_remote(git, repository, target.ledger.remote, token, access.redactor)
    ref = target.ledger.ref or f"refs/reconciler/{target.name}"
    folder = repository.common / CACHE / _digest(remote, ref)
    private = folder / "cache.git"
    theirs = git.with_settings(access.environ, remote.settings, remote.protocols, GIT_DIR=str(private))
    line = Line(remote, ref, PrivateRepository(private, theirs, repository.object_format), access.now, access.sleep)
    return GitStore(folder, line, access.random)


def _digest(remote: Remote, ref: str) -> str:
    return hashlib.sha256(f"{remote.key}\n{ref}".encode(errors="surrogateescape")).hexdigest()[:20]
