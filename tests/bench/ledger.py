"""How long a ledger in git takes, on a bare remote on the same disk.

``python tests/bench/ledger.py 2000`` reads so many entries, the first time and again, and then writes one small run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reconciler.ledger.grouped import GroupedLedger
from reconciler.ledger.home import GitAccess, open_store
from reconciler.ledger.target import TargetLedger
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, End, Entry, Intent, Put
from reconciler.model.resources import ResourceName, Target
from reconciler.model.secrets import Redactor

SPEC = {"name": "n", "auth": {"specName": "Basic", "params": {"tables": ["orders"] * 10}}}


def git(folder: Path, *arguments: str) -> None:
    """Run git."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def ledger(clone: Path) -> GroupedLedger:
    """Return the ledger as an apply opens it."""
    access = GitAccess(dict(os.environ), Redactor(), lambda _host, _port: False, time.time, time.sleep, lambda: 0.5)
    store = open_store(Target("prod", "prod"), clone, clone / "unused", access)
    return GroupedLedger(TargetLedger(store, None, "ORG@AdobeOrg", "prod", time.time, Redactor()), time.time)


def entry(at: int, **more: object) -> Entry:
    """Return one entry."""
    name = ResourceName(Kind.CONNECTION, f"c{at}")
    return Entry(name, f"id-{at}", "ORG@AdobeOrg", "prod", SPEC | more)


def begin(run: str) -> Begin:
    """Return a run that changes what is there."""
    intent = Intent(entry(0).resource, "update", "id-0", None)
    return Begin(run, "bench", "digest", None, time.time(), time.time() + 300, (intent,))


def main(count: int) -> None:
    """Measure, and tell."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        git(Path(folder), "init", "--bare", "remote.git")
        git(Path(folder), "clone", "remote.git", "clone")
        first = ledger(clone)
        first.read()
        first.begin(begin("first"))
        first.record("first", [Put(entry(at)) for at in range(count)])
        first.end("first", End("first", time.time()))
        git(Path(folder), "clone", "remote.git", "another")
        another = ledger(Path(folder) / "another")
        for what in ("the first time", "again"):
            began = time.perf_counter()
            found = len(another.read().entries)
            sys.stdout.write(f"read {found} entries {what}: {time.perf_counter() - began:.2f} s\n")
        began = time.perf_counter()
        another.begin(begin("second"))
        for at in range(10):
            another.record("second", [Put(entry(at, more=at))])
        another.end("second", End("second", time.time()))
        sys.stdout.write(f"begin, ten records, end: {time.perf_counter() - began:.2f} s\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
