"""Import takes over what exists: manifests that a person would have written, of which the plan has nothing to send."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.bench import ORGANISATION, TARGET, Bench
from support.bodies import connection, flow, stored, target
from support.chain import apply_chain, declare, declare_chain, objects
from support.imports import assert_idle, assert_in_sync, files, forget_all, import_all, manifests

MODES = ("clear", "masked", "absent")
WORKING_SET = Path(__file__).resolve().parents[2] / "manifests"
SWITCHES: list[dict[str, Any]] = [
    *({"secrets": mode} for mode in MODES),
    {"content_path": "collapsed"},
    {"last_links": "absent", "page_cap": 2},
    {"settle_seconds": 60.0},
    {"settle_seconds": 60.0, "transient_state": False},
    {"quoted_if_match_required": False, "patch_reply": "envelope", "post_spec_reply": "wrapped"},
    {"custom_specs_allowed": False, "auth_leaves": True},
]

FLOW = """\
# Flow, imported from target bench.
apiVersion: reconciler/v1
kind: Flow
metadata:
  name: orders-daily
  id: {{bench: {id}}}
spec:
  name: Orders, daily
  description: Every day
  flowSpec:
    id: 14518937-270c-4525-bdec-c2ba7cce3860
    version: "1.0"
  sourceConnectionIds:
    - {{ref: SourceConnection/orders-read}}
  targetConnectionIds:
    - {{ref: TargetConnection/orders-stored}}
  transformations:
    - name: Mapping
      params:
        mappingId: {{valueFrom: {{target: mapping-orders-daily}}}}
  scheduleParams:
    startTime: 2027-01-26T21:46:40Z
    frequency: day
    interval: 1
  state: enabled
"""
CONNECTION = """\
# Connection, imported from target bench.
apiVersion: reconciler/v1
kind: Connection
metadata:
  name: warehouse
  id: {{bench: {id}}}
spec:
  name: Warehouse
  description: Where it comes from
  connectionSpec:
    id: 3416976c-a9ca-4bba-901a-1f08f66978ff
    version: "1.0"
  auth:
    specName: Basic Authentication
    params:
      server: db.example.com
      username: reader
      password: {{valueFrom: {{env: FLOW_SECRET_WAREHOUSE_PASSWORD}}}}
      database: sales
"""


@pytest.mark.usual
def test_the_chain_as_a_person_would_have_written_it(bench: Bench) -> None:
    """References instead of ids, a secret by name, target values, times for people; one file a resource."""
    ids = apply_chain(bench)
    forget_all(bench)
    ran = import_all(bench)
    assert_in_sync(bench, 4)
    written = files(bench.manifests)
    assert sorted(written) == [
        "connections/warehouse.yaml",
        "flows/orders-daily.yaml",
        "source-connections/orders-read.yaml",
        "target-connections/orders-stored.yaml",
        "target.json",
    ]
    assert written["flows/orders-daily.yaml"] == FLOW.format(id=ids["Flow/orders"])
    assert written["connections/warehouse.yaml"] == CONNECTION.format(id=ids["Connection/warehouse"])
    assert json.loads(written["target.json"])["spec"]["values"] == {
        "dataset-orders-stored": "6019e0e7c5dcf718db5ebc71",
        "mapping-orders-daily": "0b090130b58b4819afc78b6dc98b484d",
        "schema-orders-stored": "https://ns.adobe.com/example/orders",
    }
    path = bench.manifests / "connections" / "warehouse.yaml"
    assert f"{path}  Connection/warehouse  {ids['Connection/warehouse']}\n" in ran.out
    assert f"{bench.manifests / 'target.json'}  Target/bench\n4 imported, 0 already managed\n" in ran.out
    assert "set FLOW_SECRET_WAREHOUSE_PASSWORD.\n" in ran.err
    assert "warning" not in ran.err, "that the specs of the catalogue are named by id is as it should be"
    assert f"reconciler --manifests {bench.manifests} plan, which has nothing to send; then commit" in ran.err


@pytest.mark.parametrize("switch", SWITCHES, ids=", ".join)
def test_the_working_set_however_the_service_behaves(bench: Bench, switch: dict[str, Any]) -> None:
    """What the repository's own manifests have made is imported whole, and plans empty, whatever the service shows."""
    for folder in ("mailchimp", "salesforce", "bigquery"):
        shutil.copytree(WORKING_SET / folder, bench.manifests / folder)
    (bench.manifests / "mailchimp" / "flow-spec.yaml").unlink()
    text = (WORKING_SET / "targets.yaml").read_text(encoding="utf-8")
    bench.write("targets.yaml", text.replace("name: local", "name: bench"))
    (bench.manifests / "target.json").unlink()
    bench.environ |= {f"FLOW_SECRET_SALESFORCE_{key}": f"a-{key}" for key in ("PASSWORD", "TOKEN")}
    bench.environ |= {f"FLOW_SECRET_BIGQUERY_{key}": f"a-{key}" for key in ("CLIENT_SECRET", "REFRESH_TOKEN")}
    bench.apply()
    bench.setting(**switch)
    forget_all(bench)
    bench.write("targets.yaml", text.replace("name: local", "name: bench"))
    import_all(bench)
    assert_in_sync(bench, 6)
    found = manifests(bench)
    assert "ConnectionSpec/mailchimp-source-update-1-0" in found
    assert found["TargetConnection/dataset-of-test1-mytable"]["spec"]["params"] == {
        "dataSetId": {"valueFrom": {"target": "datasetId"}}
    }, "a value that the target has already keeps its name"
    assert files(bench.manifests)["targets.yaml"] == text.replace("name: local", "name: bench")
    params = found["Connection/salesforce"]["spec"]["auth"]["params"]
    assert params["securityToken"] == {"valueFrom": {"env": "FLOW_SECRET_SALESFORCE_SECURITY_TOKEN"}}
    assert_idle(bench)


def test_importing_again_changes_nothing(bench: Bench) -> None:
    """The second import finds everything managed, before and after it was applied."""
    apply_chain(bench)
    forget_all(bench)
    import_all(bench)
    assert_idle(bench)
    bench.apply()
    ran = import_all(bench)
    assert ran.out == "0 imported, 4 already managed\n"
    assert ran.err == ""


def test_what_a_manifest_manages_is_left_alone(bench: Bench) -> None:
    """By id, by the ledger, by its one name: each is managed, and is what the others refer to."""
    ids = apply_chain(bench)
    declared = files(bench.manifests)
    ran = import_all(bench)
    assert ran.out == "0 imported, 4 already managed\n"
    assert files(bench.manifests) == declared
    shutil.rmtree(bench.ledger)  # now the connection is found by its name alone
    for path in bench.manifests.glob("*-*.json"):
        if path.name != "Connection-warehouse.json":
            path.unlink()
    declare(bench, "TargetConnection/orders", id=ids["TargetConnection/orders"])
    ran = import_all(bench)
    assert "2 imported, 2 already managed" in ran.out
    found = manifests(bench)
    assert found["SourceConnection/orders-read"]["spec"]["baseConnectionId"] == {"ref": "Connection/warehouse"}
    assert found["Flow/orders-daily"]["spec"]["targetConnectionIds"] == [{"ref": "TargetConnection/orders"}]
    assert_in_sync(bench, 4)


def test_an_object_whose_manifest_has_left_git(bench: Bench) -> None:
    """It comes back under the name that the ledger has for it, and plans as if it had never left."""
    apply_chain(bench)
    for path in bench.manifests.glob("*-*.json"):
        path.unlink()
    import_all(bench)
    plan = assert_in_sync(bench, 0)
    assert plan["summary"]["unchanged"] == 4
    assert plan["orphans"] == []
    assert "Connection/warehouse" in manifests(bench)


def test_what_no_manifest_can_say_of_what_left_git(bench: Bench) -> None:
    """Somebody gave the object a description that no file may hold: a plan would remove it, so it is left out."""
    ids = apply_chain(bench)
    for path in bench.manifests.glob("*-*.json"):
        path.unlink()
    bench.edit("flows", ids["Flow/orders"], lambda flow: flow.update(description="\u202eevil"))
    ran = import_all(bench, code=1)
    assert f"error: Flow {ids['Flow/orders']} cannot be a manifest: a plan would change it" in ran.err
    assert "3 imported" in ran.out
    assert_in_sync(bench)


def test_two_objects_that_one_manifest_may_mean(bench: Bench) -> None:
    """Which of them it means is for a person to say: with manifests for both, the first one would be created anew."""
    declare(bench, "Connection/warehouse")
    for at in "ab":
        bench.seed("connections", stored(f"{at}{at}{at}{at}", connection("Warehouse", connectionSpec={"id": at})))
        body = connection("Warehouse")
        body["connectionSpec"]["id"] = "3416976c-a9ca-4bba-901a-1f08f66978ff"
        bench.seed("connections", stored(f"{at}-alike", body))
    ran = import_all(bench)
    assert "2 imported, 0 already managed" in ran.out, "those of another spec"
    for at in "ab":
        assert f"warning: Connection {at}-alike is left out: Connection/warehouse may mean it" in ran.err
    assert bench.plan()["summary"]["create"] == 0


def test_an_empty_sandbox(bench: Bench) -> None:
    """Nothing to import is no error."""
    ran = import_all(bench)
    assert (ran.out, ran.err) == ("0 imported, 0 already managed: there is nothing to import\n", "")


def test_nothing_fits(bench: Bench) -> None:
    """A selection that is misspelt is told from a sandbox that is empty."""
    bench.seed("connections", stored("a", connection("Warehouse")))
    ran = bench.run("import", "--name", "Werehouse")
    assert ran.out == "0 imported, 0 already managed: nothing that can be imported fits what was asked for\n"


def test_the_first_target(bench: Bench) -> None:
    """Whoever begins with nothing is told with what to begin."""
    (bench.manifests / "target.json").unlink()
    told = bench.run("import").err
    assert "Begin with the target" in told
    (bench.manifests / "targets.yaml").write_text(
        told.partition("targets.yaml:\n")[2].replace("sandbox: dev", "emulator: true")
    )
    assert import_all(bench).out == "0 imported, 0 already managed: there is nothing to import\n"


@pytest.mark.usual
def test_objects_by_the_hundred(bench: Bench) -> None:
    """Reading goes by pages, never by object; what shows on several is counted, so that none is left out."""
    for at in range(120):
        bench.seed("flows", stored(f"f-{at}", flow([], [], f"Flow {at}")))
    import_all(bench)
    assert len(bench.reads()) == 2 + 1 + 5
    assert_in_sync(bench, 120)
    assert len(objects(bench, "flows")) == 100, "of a page"


def test_declared_and_not_created_yet(bench: Bench) -> None:
    """A manifest that waits for its first apply keeps its name and its plan."""
    bench.seed("connections", stored("c-1", connection("Warehouse")))
    declare_chain(bench)
    import_all(bench)
    assert "Connection/warehouse-c1" in manifests(bench)
    assert bench.plan()["summary"]["create"] == 4


def test_two_targets_in_one_folder(bench: Bench) -> None:
    """What is imported is for its target alone; the other's objects of one name are told apart by its name."""
    spec = {"sandbox": "dev"}
    bench.write("dev.json", {**TARGET, "metadata": {"name": "dev"}, "spec": spec})
    bench.environ |= {"AEP_BASE_URL": "http://localhost", "AEP_ACCESS_TOKEN": "t", "AEP_API_KEY": "k"}
    bench.environ |= {"AEP_ORG_ID": ORGANISATION}
    bench.write("target.json", {**TARGET, "spec": {**TARGET["spec"], "default": True}})
    for sandbox in ("bench", "dev"):
        body = {**stored(f"c-{sandbox}", connection()), "sandboxName": sandbox}
        bench.app.store.seed("connections", body, sandbox=sandbox, organisation=ORGANISATION)
        lake = stored(f"t-{sandbox}", target(params={"dataSetId": f"set-{sandbox}"}))
        bench.app.store.seed("targetConnections", lake, sandbox=sandbox, organisation=ORGANISATION)
    import_all(bench)
    assert_in_sync(bench, 2)
    ran = bench.run("--target", "dev", "import")
    assert ran.code == 0, ran.err
    assert "--target dev plan" in ran.err
    found = manifests(bench)
    assert found["Connection/crm"]["metadata"]["targets"] == ["bench"]
    assert found["Connection/crm-dev"]["metadata"] == {"name": "crm-dev", "id": {"dev": "c-dev"}, "targets": ["dev"]}
    assert "targets: [dev]\n" in files(bench.manifests)["connections/crm-dev.yaml"]
    assert found["Target/dev"]["spec"]["values"]["dataset-lake-dev"] == "set-dev"
    assert_in_sync(bench, 2)
    ran = bench.run("--target", "dev", "plan", "--detailed-exitcode")
    assert ran.code == 0, ran.out
    assert bench.run("validate").code == 0
