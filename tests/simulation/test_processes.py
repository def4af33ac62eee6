"""A run may end anywhere, killed or paused for too long: the next one finishes, and nothing is there twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
HOMES = ["folder", "git"]


def simulate(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run the simulation in a process that may fork, and return what it tells."""
    command = [sys.executable, "-m", "simulation.processes", str(folder), *arguments]
    environ = os.environ | {"PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def wrong(told: dict[str, Any]) -> dict[str, list[str]]:
    return {at: problems for at, problems in told["found"].items() if problems}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Cut the boundaries into shares; usually one of each home's is taken, which --whole makes all of them."""
    whole = metafunc.config.getoption("--whole")
    if "share" in metafunc.fixturenames:
        shares = [(home, f"{part}/{parts}") for home, parts in (("folder", 2), ("git", 4)) for part in range(parts)]
        metafunc.parametrize(("home", "share"), shares if whole else [("folder", "0/2"), ("git", "0/4")])
    elif "home" in metafunc.fixturenames:
        paused = metafunc.function is test_paused_after_every_write
        metafunc.parametrize("home", ["folder"] if paused and not whole else HOMES)


def test_killed_at_every_boundary(tmp_path: Path, home: str, share: str) -> None:
    """Creates, updates, a rotation, actions, a PUT, a rename, a replacement, deletes, and every note in the ledger."""
    told = simulate(tmp_path, home, "killed", share)
    assert wrong(told) == {}
    part, parts = map(int, share.split("/"))
    assert len(told["found"]) == len(told["boundaries"][part::parts])
    for effect in ("POST", "PATCH", "PUT", "DELETE", "op=disable", "push" if home == "git" else "begin.json"):
        assert any(effect in boundary for boundary in told["boundaries"])


def test_paused_after_every_write(tmp_path: Path, home: str) -> None:
    """A machine that slept past its lease comes back after another run took over: it sends nothing more."""
    told = simulate(tmp_path, home, "paused", "0/1")
    assert wrong(told) == {}
    assert len(told["found"]) >= 10


def test_killed_twice_with_many_writes_at_once(tmp_path: Path, home: str) -> None:
    """The run that takes over is killed as well; by chance, with the seed of the simulation."""
    told = simulate(tmp_path, home, "6", "0/1")
    assert wrong(told) == {}
    assert len(told["found"]) == 6
