"""What every import must leave behind: manifests of which the plan has nothing to send."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from reconciler.manifest.nodes import plain
from reconciler.manifest.reader import read
from support.bench import Bench, Ran


def forget_all(bench: Bench) -> None:
    """Take all manifests but the target's away, and the ledger: what is live stays."""
    for path in sorted(bench.manifests.iterdir()):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "target.json":
            path.unlink()
    shutil.rmtree(bench.ledger, ignore_errors=True)


def files(folder: Path) -> dict[str, str]:
    """Return every file of a folder, hidden ones included."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def manifests(bench: Bench) -> dict[str, Any]:
    """Return every manifest of the folder by Kind/name, as plain data."""
    found = {}
    for path in sorted(bench.manifests.rglob("*.*")):
        documents, problems = read(str(path), path.read_bytes())
        assert problems == []
        for document in map(plain, (one.root for one in documents)):
            found[f"{document['kind']}/{document['metadata']['name']}"] = document
    return found


def import_all(bench: Bench, *arguments: str, code: int = 0) -> Ran:
    """Import, and check that nothing was sent."""
    bench.app.requests.clear()
    ran = bench.run("import", *arguments)
    assert ran.code == code, (ran.code, ran.out, ran.err)
    assert bench.writes() == []
    return ran


def assert_in_sync(bench: Bench, adopted: int | None = None) -> dict[str, Any]:
    """Plan: every resource is adopted without a request, none is blocked, created or changed."""
    ran = bench.run("plan", "--detailed-exitcode", "--format", "json")
    assert ran.code == 0, (ran.out, ran.err)
    plan = ran.json
    assert [change["requests"] for change in plan["changes"]] == [[]] * len(plan["changes"])
    assert {change["action"] for change in plan["changes"]} <= {"adopt"}
    assert adopted in (None, plan["summary"]["adopt"])
    return plan


def assert_idle(bench: Bench) -> None:
    """Import once more: no file changes, and that is said."""
    before = files(bench.manifests)
    ran = import_all(bench)
    assert files(bench.manifests) == before
    assert "0 imported" in ran.out
