"""Real git repositories: a bare one that everybody pushes to, and clones of it."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.ledger.home import GitAccess, open_store
from reconciler.ledger.target import TargetLedger
from reconciler.model.resources import LedgerHome, Target
from reconciler.model.secrets import Keys, Redactor

REF = "refs/reconciler/prod"
ENVIRON = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
IDENTITY = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")


def git(*arguments: str, cwd: Path, **variables: str) -> str:
    """Run git as a person would, and return what it says."""
    ran = subprocess.run(
        ["git", *IDENTITY, *arguments],
        cwd=cwd, check=False, capture_output=True, text=True, env={**os.environ, **variables},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.rstrip("\n")


@dataclass
class Forge:
    """A bare repository called ``remote.git`` with one commit of manifests, in a folder with a space in its name."""

    folder: Path
    environ: dict[str, str] = field(default_factory=lambda: dict(ENVIRON))
    redactor: Redactor = field(default_factory=Redactor)
    slept: list[float] = field(default_factory=list)
    trusted: frozenset[str] = frozenset()
    now: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        shutil.copytree(_pattern(), self.folder)

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    def repository(self, name: str) -> Path:
        """Make a repository with one commit of manifests, and no remote."""
        return shutil.copytree(_pattern() / "seed", self.folder / name)

    def clone(self, name: str, *options: str) -> Path:
        """Clone the bare repository."""
        git("clone", "-q", *options, self.remote.as_uri(), name, cwd=self.folder)
        return self.folder / name

    def ledger(self, clone: Path, keys: Keys | None = None, **home: str) -> TargetLedger:
        """Open the ledger of target ``prod``, as a run in a clone would."""
        access = GitAccess(
            self.environ,
            self.redactor,
            lambda host, port: host in self.trusted,
            self.now,
            self.slept.append,
            lambda: 0.5,
        )
        target = Target("prod", "prod", ledger=LedgerHome(**home))
        store = open_store(target, clone / "manifests", self.folder / "unused", access)
        return TargetLedger(store, keys, "org", "prod", self.now, self.redactor)

    def wrap(self, script: str) -> None:
        """Put a script in the place of git; ``$GIT`` in it is the real one, ``$1`` what it is asked."""
        real = subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout.strip()
        place = self.folder / "bin"
        place.mkdir(exist_ok=True)
        (place / "git").write_text(f'#!/bin/sh\nGIT="{real}"\n{script}\nexec "$GIT" "$@"\n')
        (place / "git").chmod(stat.S_IRWXU)
        self.environ = {**ENVIRON, "PATH": f"{place}{os.pathsep}{ENVIRON['PATH']}"}

    def unwrap(self) -> None:
        """Let git be git again."""
        (self.folder / "bin" / "git").unlink()

    def hook(self, name: str, script: str) -> None:
        """Give the bare repository a rule of its own."""
        path = self.remote / "hooks" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(stat.S_IRWXU)

    def log(self, ref: str = REF, form: str = "%s", cwd: Path | None = None) -> list[str]:
        """Return the subjects of a ref's commits, the first one first."""
        return git("log", "--reverse", f"--format={form}", ref, cwd=cwd or self.remote).splitlines()

    def tree(self, ref: str = REF, cwd: Path | None = None) -> list[str]:
        """Return the files of a ref."""
        return git("ls-tree", "-r", "--name-only", ref, cwd=cwd or self.remote).splitlines()


@functools.cache
def _pattern() -> Path:
    """Make what every forge is a copy of, once a process: git is slow to start."""
    folder = Path(tempfile.mkdtemp(prefix="forge"))
    atexit.register(shutil.rmtree, folder)
    git("init", "-q", "-b", "main", "seed", cwd=folder)
    seed = folder / "seed"
    (seed / "manifests").mkdir()
    (seed / "manifests" / "one.yaml").write_text("one\n")
    git("add", "-A", cwd=seed)
    git("commit", "-q", "-m", "manifests", cwd=seed)
    git("clone", "-q", "--bare", "seed", "remote.git", cwd=folder)
    git("remote", "remove", "origin", cwd=folder / "remote.git")
    return folder


def snapshot(clone: Path) -> Mapping[str, object]:
    """Return all of a repository that a ledger must leave alone: files byte for byte, refs, settings, state."""
    folder = clone / ".git"
    files = {
        str(path.relative_to(clone)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in clone.rglob("*")
        if path.is_file() and not {"reconciler", "objects"} & set(path.relative_to(clone).parts)
    }
    return {
        "files": files,
        "names": sorted(path.name for path in folder.iterdir() if path.name != "reconciler"),
        "refs": [line for line in git("for-each-ref", cwd=clone).splitlines() if "refs/reconciler/" not in line],
        "status": git("status", "--porcelain", "--branch", cwd=clone, GIT_OPTIONAL_LOCKS="0"),
        "shallow": git("rev-parse", "--is-shallow-repository", cwd=clone),
    }


CUT_OFF = '[ "$1" = ls-remote -o "$1" = push -o "$1" = fetch ] && { echo "fatal: Connection reset" >&2; exit 128; }'
"""A script of a git that reaches no remote."""


def once(script: str) -> str:
    """Return the script of a git that pushes in some other way, once."""
    return f'[ "$1" = push ] && mkdir "$0.done" 2>/dev/null && {{ {script}; }}'


def cache(clone: Path) -> Path:
    """Return the private repository of the one ledger that a clone has opened."""
    (found,) = (clone / ".git" / "reconciler").glob("*/cache.git")
    return found
