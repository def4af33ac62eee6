"""Saving a plan as a pull request does."""

from __future__ import annotations

from support.bench import Bench, Ran

KEY = "a-key-of-more-than-thirty-two-characters"


def save(bench: Bench, *arguments: str, name: str = "bench.plan") -> str:
    """Save a plan as a pull request does, without any secret, and return its file."""
    secrets = {name: bench.environ.pop(name) for name in list(bench.environ) if name.startswith("FLOW_SECRET")}
    path = str(bench.folder / name)
    ran = bench.run("plan", "--out", path, *arguments)
    assert ran.code == 0, ran.err
    bench.environ |= secrets
    return path


def refused(bench: Bench, *arguments: str) -> Ran:
    """Run a command that must end before anything is sent or shown."""
    bench.app.requests.clear()
    ran = bench.run(*arguments)
    assert (ran.code, ran.out) == (1, "")
    assert bench.writes() == []
    return ran
