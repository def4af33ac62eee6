"""Where an import writes: never over what it was not told to, all of it or nothing, and comments stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.bench import TARGET, Bench
from support.bodies import connection, flow, stored, target
from support.chain import apply_chain, changed, declare
from support.imports import assert_in_sync, files, forget_all, import_all, manifests

from reconciler.manifest.editing.rewriting import CannotRewrite

MANIFEST = """\
# Ours.
apiVersion: reconciler/v1
kind: Connection
metadata: {name: sales, protect: true, targets: [bench]}
spec:
  name: Warehouse
  connectionSpec: {id: 3416976c-a9ca-4bba-901a-1f08f66978ff, version: "1.0"}
  auth: {params: {password: {valueFrom: {env: FLOW_SECRET_DB}}}}
"""


def test_a_file_that_stands_in_the_way(bench: Bench) -> None:
    """A file of the name that is something else stays, and the manifest gets another name."""
    bench.seed("connections", stored("c-1", connection()))
    mine = bench.write("connections/crm.yaml", MANIFEST.replace("Warehouse", "Nowhere"))
    bench.write("connections/crm-2.yaml", "# nothing here yet\n")
    import_all(bench)
    assert mine.read_text(encoding="utf-8").startswith("# Ours.")
    assert "connections/crm-3.yaml" in files(bench.manifests)
    assert "Connection/crm" in manifests(bench)


def test_over_what_is_managed(bench: Bench) -> None:
    """Told so, an import writes a manifest anew: its name, its metadata and its secrets' sources stay."""
    ids = apply_chain(bench)
    forget_all(bench)
    bench.write("mine.yaml", MANIFEST)
    import_all(bench, "--kind", "Connection")
    assert files(bench.manifests)["mine.yaml"] == MANIFEST
    ran = import_all(bench, "--kind", "Connection", "--overwrite")
    assert ran.out.endswith("0 imported, 1 written over, 0 already managed\n")
    assert manifests(bench)["Connection/sales"]["metadata"] == {
        "name": "sales",
        "id": {"bench": ids["Connection/warehouse"]},
        "protect": True,
        "targets": ["bench"],
    }
    spec = manifests(bench)["Connection/sales"]["spec"]
    assert spec["description"] == "Where it comes from"
    assert spec["auth"]["params"]["password"] == {"valueFrom": {"env": "FLOW_SECRET_DB"}}
    assert_in_sync(bench, 1)
    ran = import_all(bench, "--kind", "Connection", "--overwrite")
    assert ran.out == "0 imported, 1 already managed\n"


def test_over_json_with_an_id(bench: Bench) -> None:
    """A JSON file stays one, an id that is one text stays so, and a password in clear gets a variable."""
    ids = apply_chain(bench)
    clear = ("auth/params/password", "in-clear-in-git")
    declare(bench, "Connection/warehouse", clear, id=ids["Connection/warehouse"])
    declare(bench, "Flow/orders", ("description", "Changed in git"), id=ids["Flow/orders"])
    import_all(bench, "--overwrite", "--id", ids["Connection/warehouse"])
    document = json.loads((bench.manifests / "Connection-warehouse.json").read_text(encoding="utf-8"))
    assert document["metadata"] == {"name": "warehouse", "id": ids["Connection/warehouse"]}
    assert document["spec"]["auth"]["params"]["password"] == {"valueFrom": {"env": "FLOW_SECRET_WAREHOUSE_PASSWORD"}}
    assert bench.plan()["summary"]["update"] == 1, "what git changed in another is not touched"


@pytest.mark.parametrize("case", ["several documents", "overrides"])
def test_what_is_not_written_over(bench: Bench, case: str) -> None:
    """A file with other manifests, or with overrides of other targets, is left alone, with a notice."""
    apply_chain(bench)
    forget_all(bench)
    other = "---\n" + MANIFEST.replace("sales", "other").replace("Warehouse", "Other")
    extra = {"several documents": other, "overrides": "overrides: {bench: {spec: {description: Mine}}}\n"}
    text = MANIFEST + extra[case]
    bench.write("mine.yaml", text)
    ran = import_all(bench, "--kind", "Connection", "--overwrite")
    assert files(bench.manifests)["mine.yaml"] == text
    assert f"warning: {bench.manifests / 'mine.yaml'}" in ran.err
    assert "is left alone: " in ran.err
    assert ran.out == "0 imported, 1 already managed\n"


def test_another_folder(bench: Bench) -> None:
    """It is written alone, with a target of its own, and can be planned as it is; a second import goes on there."""
    apply_chain(bench)
    before = files(bench.manifests)
    elsewhere = bench.folder / "parent" / "elsewhere"
    ran = import_all(bench, "--out", str(elsewhere), "--kind", "TargetConnection")
    assert files(bench.manifests) == before
    assert f"{elsewhere / 'targets.yaml'}  Target/bench\n" in ran.out
    assert f"reconciler --manifests {elsewhere} plan" in ran.err
    ran = bench.run("--manifests", str(elsewhere), "plan", "--detailed-exitcode")
    assert (ran.code, "1 to adopt" in ran.out) == (0, True)
    text = files(elsewhere)["targets.yaml"]
    assert text == (
        "# Where the manifests of this folder go; values are what differs from target to target.\n"
        "apiVersion: reconciler/v1\nkind: Target\nmetadata:\n  name: bench\nspec:\n  emulator: true\n  default: true\n"
        "  values:\n    dataset-orders: 6019e0e7c5dcf718db5ebc71\n"
        "    schema-orders: https://ns.adobe.com/example/orders\n"
    )
    ran = import_all(bench, "--out", str(elsewhere))
    assert "3 imported, 1 already managed" in ran.out
    ran = import_all(bench, "--out", str(elsewhere))
    assert ran.out == "0 imported, 4 already managed\n"
    ran = bench.run("--manifests", str(elsewhere), "plan", "--detailed-exitcode")
    assert (ran.code, "4 to adopt" in ran.out) == (0, True)


def test_another_folder_without_a_target(bench: Bench) -> None:
    """Manifests that stand there count, and the folder gets the target that it lacks."""
    ids = apply_chain(bench)
    elsewhere = bench.folder / "elsewhere"
    elsewhere.mkdir()
    text = MANIFEST.replace("targets: [bench]", f"id: {ids['Connection/warehouse']}")
    (elsewhere / "mine.yaml").write_text(text, encoding="utf-8")
    ran = import_all(bench, "--out", str(elsewhere))
    assert "3 imported, 1 already managed" in ran.out
    ran = bench.run("--manifests", str(elsewhere), "plan", "--detailed-exitcode")
    assert (ran.code, "1 to adopt" in ran.out, "3 unchanged" in ran.out) == (0, True, True), ran.out


def test_another_folder_with_the_same_ledger(bench: Bench) -> None:
    """A manifest there that asks by name for what the ledger knows by another is for a person to sort out."""
    apply_chain(bench)
    elsewhere = bench.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.yaml").write_text(MANIFEST.replace(", targets: [bench]", ""), encoding="utf-8")
    ran = import_all(bench, "--out", str(elsewhere))
    assert "is left out: Connection/sales may mean it" in ran.err
    assert "3 imported, 0 already managed" in ran.out


def test_a_sandbox_of_its_own(bench: Bench) -> None:
    """The target that is made for a folder is the sandbox that was read."""
    bench.environ |= {"AEP_BASE_URL": "http://localhost", "AEP_ACCESS_TOKEN": "t", "AEP_API_KEY": "k"}
    bench.environ |= {"AEP_ORG_ID": "EMULATOR@AdobeOrg"}
    bench.write("target.json", {**TARGET, "metadata": {"name": "prod"}, "spec": {"sandbox": "bench"}})
    bench.seed("flows", stored("f-1", flow([], [])))
    elsewhere = bench.folder / "elsewhere"
    (elsewhere / ".git").mkdir(parents=True)
    import_all(bench, "--out", str(elsewhere))
    assert "spec:\n  sandbox: bench\n  default: true\n" in files(elsewhere)["targets.yaml"]


def test_folders_that_are_none(bench: Bench) -> None:
    """A file in the folder's place, or a folder that means another sandbox, is refused before anything is written."""
    bench.seed("connections", stored("c-1", connection()))
    ran = import_all(bench, "--out", str(bench.manifests / "target.json"), code=1)
    assert "is no folder" in ran.err
    elsewhere = bench.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "t.json").write_text(json.dumps({**TARGET, "spec": {"sandbox": "x"}}), encoding="utf-8")
    ran = import_all(bench, "--out", str(elsewhere), code=1)
    assert "is another one than that of the manifests" in ran.err
    (elsewhere / "t.json").write_text(json.dumps({**TARGET, "metadata": {"name": "x"}}), encoding="utf-8")
    ran = import_all(bench, "--out", str(elsewhere), code=1)
    assert "there is no target 'bench'" in ran.err
    assert len(files(elsewhere)) == 1


HEAD = "apiVersion: reconciler/v1\nkind: Target\nmetadata: {name: bench}\n"
COMMENTED = """\
# Where.
apiVersion: reconciler/v1
kind: Target  # of ours
metadata: {name: bench}
spec:
  emulator: true   # no account
  values:
    region: eu   # kept
  settleSeconds: 45
"""
SECOND = """\
apiVersion: reconciler/v1
kind: Target
metadata: {name: a}
spec: {sandbox: a}
---
# Ours.
apiVersion: reconciler/v1
kind: Target
metadata: {name: bench}
spec: {emulator: true, default: true}
"""
TARGETS = {
    "yaml": (COMMENTED, "    region: eu   # kept\n    dataset-lake: 5c0e\n"),
    "no values": (HEAD + "spec:\n  emulator: true\n", "values:"),
    "flow": (HEAD + "spec: {emulator: true, values: {a: b}}\n", "values: {a: b, dataset-lake: 5c0e"),
    "another first": (SECOND, "---\n# Ours.\n"),
}


@pytest.mark.parametrize("case", TARGETS)
def test_values_in_place(bench: Bench, case: str) -> None:
    """However the target's manifest is written, values are put into it, and all else stays as it is."""
    text, wanted = TARGETS[case]
    (bench.manifests / "target.json").unlink()
    path = bench.write("here/targets.yaml", text)
    bench.seed("targetConnections", stored("t-1", target()))
    import_all(bench)
    after = path.read_text(encoding="utf-8")
    assert wanted in after
    assert manifests(bench)["Target/bench"]["spec"]["values"]["dataset-lake"] == "5c0e"
    kept = [line for line in text.splitlines() if not line.startswith("spec: {")]
    assert [line for line in kept if line not in after] == []
    assert_in_sync(bench, 1)


def test_a_target_that_cannot_be_added_to(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a value has no place in the target's manifest, the ids stand in the manifests themselves, with a notice."""
    (bench.manifests / "target.json").unlink()
    text = "apiVersion: reconciler/v1\nkind: Target\nmetadata: {name: bench}\nspec: {emulator: true}\n"
    path = bench.write("targets.yaml", text)
    bench.seed("targetConnections", stored("t-1", target()))
    monkeypatch.setattr("reconciler.manifest.editing.drafts.rewrite", _no_place)
    ran = import_all(bench)
    assert manifests(bench)["TargetConnection/lake"]["spec"]["params"] == {"dataSetId": "5c0e"}
    assert path.read_text(encoding="utf-8") == text
    assert f"the values of target bench cannot be added to {path}" in ran.err
    assert_in_sync(bench, 1)


def _no_place(*_: Any) -> bytes:
    raise CannotRewrite(("spec", "values"), "there is no room")


def test_one_value_one_name(bench: Bench) -> None:
    """Whoever reads a value reads it by one name; a name that is taken gets a number; Adobe's schemas are no values."""
    bench.write(
        "target.json", {**TARGET, "spec": {"emulator": True, "values": {"b": "one", "a": "one", "dataset-x": 1}}}
    )
    schema = {"schema": {"id": "https://ns.adobe.com/xdm/context/profile", "version": "1"}}
    bench.seed("targetConnections", stored("t-1", target("A", params={"dataSetId": "one"})))
    bench.seed("targetConnections", stored("t-2", target("X", params={"datasetId": "two"}, data=schema)))
    bench.seed("targetConnections", stored("t-3", target("Y", params={"dataSetId": "two"})))
    bench.seed(
        "targetConnections",
        stored("t-4", target("Dataset Z", params={"dataSetId": "four", "list": [{"datasetId": ""}]})),
    )
    import_all(bench)
    specs = {name.split("/")[1]: one["spec"] for name, one in manifests(bench).items()}
    assert specs["a"]["params"]["dataSetId"] == {"valueFrom": {"target": "a"}}
    assert specs["x"]["params"]["datasetId"] == {"valueFrom": {"target": "dataset-x-2"}}
    assert specs["y"]["params"]["dataSetId"] == {"valueFrom": {"target": "dataset-x-2"}}
    assert specs["dataset-z"]["params"]["dataSetId"] == {"valueFrom": {"target": "dataset-z"}}
    assert specs["x"]["data"] == schema
    assert_in_sync(bench, 4)


def test_an_import_that_breaks_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was written until then is whole and refers to nothing that is missing; a second import goes on."""
    apply_chain(bench)
    forget_all(bench)
    replace, done = Path.replace, []

    def full(path: Path, other: Path) -> Path:
        if len(done) == 2:
            raise OSError(28, "No space left on device")
        done.append(other)
        return replace(path, other)

    monkeypatch.setattr(Path, "replace", full)
    ran = import_all(bench, code=1)
    assert "orders-read.yaml: No space left on device" in ran.err
    monkeypatch.undo()
    assert sorted(files(bench.manifests)) == ["connections/warehouse.yaml", "target.json"]
    assert_in_sync(bench, 1)
    ran = import_all(bench)
    assert "3 imported, 1 already managed" in ran.out
    assert_in_sync(bench, 4)


def test_modes_of_files(bench: Bench) -> None:
    """A file that is written over keeps its mode, one that is made is as the umask has it."""
    bench.seed("targetConnections", stored("t-1", target()))
    path = bench.manifests / "target.json"
    path.chmod(0o640)
    import_all(bench)
    assert path.stat().st_mode & 0o777 == 0o640
    made = bench.manifests / "target-connections" / "lake.yaml"
    assert made.stat().st_mode & 0o400


def test_manifests_that_are_broken_already(bench: Bench) -> None:
    """Nothing is read or written while the manifests have problems of their own."""
    bench.seed("connections", stored("c-1", connection()))
    bench.write("broken.yaml", "spec: [\n")
    ran = import_all(bench, code=1)
    assert "broken.yaml" in ran.err
    assert bench.reads() == []
    assert changed({"a": 1}, ("a", 2)) == {"a": 2}
