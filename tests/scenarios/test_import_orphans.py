"""An object whose manifest has left git comes back by an import as it was last said to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.bench import TARGET, Bench
from support.bodies import target
from support.chain import objects
from support.imports import assert_in_sync, files, import_all, manifests


def undeclare(bench: Bench) -> None:
    """Let every manifest but the target's leave git."""
    for path in bench.manifests.rglob("*.*"):
        if path.name != "target.json":
            path.unlink()


def said(bench: Bench) -> dict[str, dict[str, Any]]:
    """Return what the manifests say of deleting."""
    return {
        name: {key: value for key, value in one["metadata"].items() if key in ("protect", "onRemove")}
        for name, one in manifests(bench).items()
    }


def test_what_was_protected_stays_so(bench: Bench) -> None:
    """A protected object outlives the import, the apply after it, and the prune after its manifest has left again."""
    bench.declare("TargetConnection", "kept", target("Kept"), protect=True)
    bench.declare("TargetConnection", "let-go", target("Let go"), onRemove="forget")
    bench.declare("TargetConnection", "plain", target("Plain"))
    bench.apply()
    undeclare(bench)
    import_all(bench)
    assert said(bench) == {
        "Target/bench": {},
        "TargetConnection/kept": {"protect": True},
        "TargetConnection/let-go": {"onRemove": "forget"},
        "TargetConnection/plain": {},
    }
    assert "  protect: true\n" in files(bench.manifests)["target-connections/kept.yaml"]
    assert assert_in_sync(bench, 0)["summary"]["unchanged"] == 3
    bench.apply()
    assert bench.entry("TargetConnection", "kept")["protect"] is True
    undeclare(bench)
    bench.declare("TargetConnection", "further", target("Further"))
    bench.apply("--prune")
    assert sorted(one["name"] for one in objects(bench, "targetConnections")) == ["Further", "Kept", "Let go"]


def test_protected_under_another_name(bench: Bench) -> None:
    """The name is another target's by now: what the ledger remembers goes by the object, not by its name."""
    bench.declare("TargetConnection", "kept", target("Kept"), protect=True)
    bench.apply()
    bench.write("other.json", {**TARGET, "metadata": {"name": "other"}})
    bench.declare("TargetConnection", "kept", target("Other"), targets=["other"])
    assert bench.run("--target", "bench", "import").code == 0
    assert said(bench)["TargetConnection/kept-bench"] == {"protect": True}
    assert said(bench)["TargetConnection/kept"] == {}


def test_an_entry_of_another_object(bench: Bench) -> None:
    """What was said of one object holds of no other, though it has its name."""
    bench.declare("TargetConnection", "kept", target("Kept"), protect=True)
    bench.apply()
    (lived,) = objects(bench, "targetConnections")
    undeclare(bench)
    bench.seed("targetConnections", {**lived, "id": "another", "name": "Second"})
    import_all(bench, "--id", "another")
    assert said(bench) == {"Target/bench": {}, "TargetConnection/second": {}}


def test_into_another_folder(bench: Bench, tmp_path: Path) -> None:
    """There nobody has said anything yet, and the ledger speaks; over a manifest that is there, that one does."""
    bench.declare("TargetConnection", "kept", target("Kept"), protect=True)
    bench.apply()
    path = bench.declare("TargetConnection", "kept", target("Kept"))
    import_all(bench, "--out", str(tmp_path / "elsewhere"))
    assert "  protect: true\n" in files(tmp_path / "elsewhere")["target-connections/kept.yaml"]
    import_all(bench, "--overwrite")
    assert "protect" not in path.read_text()
