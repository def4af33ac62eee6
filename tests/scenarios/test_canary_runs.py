"""Secrets in every place, all commands, and troubles by chance: a short form of ``tests/bench/canaries.py``."""

from __future__ import annotations

import base64
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.canaries import Leak, World, canaries, world
from support.canary_days import day

from reconciler.model.secrets import Redactor
from reconciler.service import foreign

COMMANDS = 15


def played(root: Path, seed: str, commands: int = COMMANDS) -> World:
    """Play a world to its end."""
    with world(root, seed) as made:
        day(made, commands)
    return made


@pytest.mark.parametrize("seed", ["suite-0", "suite-1"])
def test_no_secret_gets_out(tmp_path: Path, seed: str) -> None:
    """Of fifty, in no output, no file, no object of git, no command line; and no command crashes."""
    made = played(tmp_path / "w", seed)
    assert made.leaks == []
    assert made.crashes == []
    assert made.runs == COMMANDS
    assert made.held >= {"variable", "file", "literal"}


def test_there_are_fifty(tmp_path: Path) -> None:
    """None is a part of another; each is its own."""
    found = canaries(random.Random("any"))
    assert len(found) == 50
    assert not any(one.core in other.value for one in found for other in found if one is not other)


def unmasked(_: object, text: str) -> str:
    return text


@pytest.mark.parametrize("fences", [["redact", "redact_finished"], ["redact_data"], ["knows"]])
def test_a_fence_that_is_missing_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fences: list[str]) -> None:
    """Without what masks what others say, what is live, or what keeps secrets out of files, canaries are found."""
    for name in fences:
        gone: Callable[..., object] = (lambda _self, _text: False) if name == "knows" else unmasked
        monkeypatch.setattr(Redactor, name, gone)
    found: list[Leak] = []
    for number in range(12):
        found += played(tmp_path / str(number), f"blind-{number}", 12).leaks
        if found:
            break
    assert found


@pytest.mark.usual
def test_credentials_without_their_form_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what cuts them out of the service's words."""
    monkeypatch.setattr(foreign, "mask_credentials", lambda text: text)
    found: list[Leak] = []
    for number in range(12):
        found += played(tmp_path / str(number), f"quoted-{number}", 12).leaks
        if found:
            break
    assert {leak.role for leak in found} >= {"echoed"}


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize("place", ["stdout", "file", "name", "object", "process"])
def test_a_planted_secret_is_found(tmp_path: Path, place: str, *, coded: bool) -> None:
    """In every sink, as it is and behind a user in base64."""
    root = tmp_path / "w"
    with world(root, "planted") as made:
        secret = next(one for one in made.secrets if one.role == "variable").value
        text = base64.urlsafe_b64encode(f"user:{secret}".encode()).decode() if coded else secret
        name = text if coded else "".join(filter(str.isalnum, text))
        if place == "stdout":
            made.search("stdout", text)
        elif place == "file":
            (root / "note").write_text(f"x{text}x", encoding="utf-8")
        elif place == "name":
            (root / name).touch()
        elif place == "object":
            subprocess.run(["git", "init", "-q", str(root / "repo")], check=True)
            hashing = ["git", "hash-object", "-w", "--stdin"]
            subprocess.run(hashing, cwd=root / "repo", input=text.encode(), check=True, capture_output=True)
        else:
            subprocess.run([sys.executable, "-c", "", name], check=True)
    assert [leak.role for leak in made.leaks] == ["variable"]
