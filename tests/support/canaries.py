"""A world with a secret in every place that can hold one, in which everything that is said and kept is searched.

What tells a canary is its core, letters and digits that no quoting changes; around it stand the characters that some
layer would quote, escape, wrap or cut at. The search is made without anything of the tool's own.
"""

from __future__ import annotations

import base64
import io
import random
import re
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from support.bench import NOW, SANDBOX, Bench, SteppingClock
from support.clones import git

ODD = ["", "\"'", "\\", "ü", " ", "%41", "+/=", "\n", "{}", "<&>", "日本", "$x", "`id`", '"}', "%", "#:", "|", "*_"]
ROLES = {
    "client_secret": 1, "token": 1, "key": 1, "git_token": 1, "proxy": 1, "remote": 1,
    "variable": 12, "file": 4, "literal": 4, "live": 8, "theirs": 6, "text": 6, "echoed": 4,
}  # fmt: skip
"""How many canaries stand where; fifty in all."""

_PLAIN = frozenset({"client_secret", "token", "git_token", "proxy", "remote", "text", "echoed"})
"""Roles in which a secret is a word of ASCII: a header's value, a part of a URL, what is found by its form."""


class Canary(NamedTuple):
    """One secret: its role, what tells it, and the value as it is set."""

    role: str
    core: str
    value: str


class Leak(NamedTuple):
    """A canary that was found: where, and what stands around it."""

    role: str
    where: str
    around: str


def canaries(dice: random.Random) -> list[Canary]:
    """Return fifty secrets that have nothing in common."""
    found = []
    for role, count in ROLES.items():
        for _ in range(count):
            core = "Cn" + "".join(dice.choices(string.ascii_letters + string.digits, k=14)) + "7"
            odd = "" if role in _PLAIN else dice.choice(ODD)
            found.append(Canary(role, core, f"{core}{odd}" if dice.random() < 0.5 else f"{odd}{core}"))
    return found


def forms(core: str) -> set[str]:
    """Return a core as it is, and what base64 has of it wherever it begins."""
    found = {core}
    for before in range(3):
        coded = base64.b64encode(bytes(before) + core.encode()).decode()
        found.add(coded[4 if before else 0 : (before + len(core)) // 3 * 4])
    return found


class Capture:
    """Standard output and error of this process, to be read like pytest's."""

    def __init__(self) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()

    def readouterr(self) -> Capture.Read:
        """Return what was printed since the last time."""
        read = self.Read(self.out.getvalue(), self.err.getvalue())
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        return read

    class Read(NamedTuple):
        """What was printed."""

        out: str
        err: str


@dataclass
class World:
    """One bench, its canaries, and every command line and output since it was made."""

    bench: Bench
    dice: random.Random
    secrets: list[Canary]
    in_git: bool
    leaks: list[Leak] = field(default_factory=list)
    runs: int = 0
    crashes: list[str] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    _turn: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words = {form: one for one in self.secrets for form in forms(one.core)}
        self._words = words
        self._pattern = re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))

    def take(self, role: str) -> str:
        """Return one secret of a role, each in its turn."""
        ours = [one for one in self.secrets if one.role == role]
        at = self._turn[role] = self._turn.get(role, -1) + 1
        return ours[at % len(ours)].value

    def run(self, *words: str) -> None:
        """Run a command, and search what it printed."""
        try:
            ran = self.bench.run(*words)
        except BaseException as error:  # noqa: BLE001 - that nothing gets past the boundary is a part of the promise
            self.crashes.append(f"{words}: {error!r}")
            return
        self.runs += 1
        if "bug:" in ran.err or "Traceback" in ran.err:
            self.crashes.append(f"{words}: {ran.err[-500:]}")
        self.search(f"stdout of {words}", ran.out)
        self.search(f"stderr of {words}", ran.err)

    def reached(self) -> set[str]:
        """Return the roles of the canaries that the service has among what it was sent or given."""
        held = "\0".join(str(live["auth"]["params"]) for live in self.bench.app.store.documents("connections", SANDBOX))
        return {self._words[match[0]].role for match in self._pattern.finditer(held)}

    def search(self, where: str, text: str, allowed: frozenset[str] = frozenset()) -> None:
        """Search one text for every canary; roles in ``allowed`` may stand there."""
        for match in self._pattern.finditer(text):
            role = self._words[match[0]].role
            if role not in allowed:
                self.leaks.append(Leak(role, where, text[max(0, match.start() - 80) : match.end() + 40]))

    def search_files(self, root: Path) -> None:
        """Search every file below the world's root, names and git objects included, for what must not be there."""
        for path in sorted(root.rglob("*")):
            parts = path.relative_to(root).parts
            self.search("a file's name", str(path))
            if "secrets" in parts or not path.is_file() or (".git" in parts and "objects" in parts):
                continue
            allowed = {"literal"} if "manifests" in parts else {"remote"} if parts[-2:] == (".git", "config") else set()
            with suppress(FileNotFoundError):
                self.search(str(path), path.read_bytes().decode("utf-8", "replace"), frozenset(allowed))
        for repository in {path.parent for path in root.rglob("objects")}:
            batch = ["cat-file", "--batch-all-objects", "--batch", "--unordered"]
            said = subprocess.run(["git", *batch], cwd=repository, capture_output=True, check=True)
            self.search(f"objects of {repository}", said.stdout.decode("utf-8", "replace"))


@contextmanager
def world(root: Path, seed: str) -> Iterator[World]:
    """Make a world in an empty folder; nothing that is printed or started in it goes unseen."""
    dice = random.Random(seed)
    secrets = canaries(dice)
    in_git = dice.random() < 0.3
    desk = root / "desk"
    desk.mkdir(parents=True)
    (root / "tmp").mkdir()
    if in_git:
        git("init", "-q", "--bare", "remote.git", cwd=root)
        git("init", "-q", "-b", "main", cwd=desk)
        git("remote", "add", "origin", (root / "remote.git").as_uri(), cwd=desk)
    capture, outer = Capture(), (sys.stdout, sys.stderr, tempfile.tempdir, subprocess.Popen.__init__)
    bench = Bench(desk, capture, clock=SteppingClock(NOW))  # type: ignore[arg-type] # all that a bench asks of it
    made = World(bench, dice, secrets, in_git)

    def started(process: Any, args: Any, *more: Any, **options: Any) -> None:
        made.search("a command line", args if isinstance(args, str) else "\0".join(map(str, args)))
        outer[3](process, args, *more, **options)

    sys.stdout, sys.stderr, tempfile.tempdir = capture.out, capture.err, str(root / "tmp")
    subprocess.Popen.__init__ = started  # type: ignore[method-assign] # whoever starts a process tells what it is called
    try:
        yield made
        made.held = made.reached()
        made.search_files(root)
    finally:
        sys.stdout, sys.stderr, tempfile.tempdir = outer[:3]
        subprocess.Popen.__init__ = outer[3]  # type: ignore[method-assign] # as it was
        bench.close()
