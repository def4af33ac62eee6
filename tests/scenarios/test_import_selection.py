"""What an import takes and what it leaves out: selectors, objects on their way, specs, and what cannot be read."""

from __future__ import annotations

import pytest
from support.bench import ORGANISATION, Bench
from support.bodies import SALESFORCE, connection, flow, source, stored
from support.imports import assert_in_sync, files, import_all, manifests

SELECTED = {
    (): ["Connection/crm", "Connection/lake-account", "Flow/daily", "SourceConnection/orders"],
    ("--kind", "Flow"): ["Flow/daily"],
    ("--kind", "Flow", "--kind", "SourceConnection"): ["Flow/daily", "SourceConnection/orders"],
    ("--id", "c-1"): ["Connection/crm"],
    ("--id", "c-1", "--id", "f-1"): ["Connection/crm", "Flow/daily"],
    ("--name", "*a*"): ["Connection/lake-account", "Flow/daily"],
    ("--name", "CRM", "--name", "Da?ly"): ["Connection/crm", "Flow/daily"],
    ("--name", "*a*", "--kind", "Connection"): ["Connection/lake-account"],
    ("--kind", "ConnectionSpec"): [],
    ("--kind", "FlowSpec"): [],
    ("--name", "salesforce"): [],
    ("--name", "salesforce", "--kind", "ConnectionSpec"): ["ConnectionSpec/salesforce"],
    ("--id", SALESFORCE): ["ConnectionSpec/salesforce"],
    ("--name", "none"): [],
}


@pytest.mark.parametrize("selectors", SELECTED, ids=" ".join)
def test_selectors(bench: Bench, selectors: tuple[str, ...]) -> None:
    """Selectors of one sort widen, of several sorts narrow; Adobe's own specs come only when they are meant."""
    bench.seed("connections", stored("c-1", connection("CRM")))
    bench.seed("connections", stored("c-2", connection("Lake account")))
    bench.seed("sourceConnections", stored("s-1", source("c-1")))
    bench.seed("flows", stored("f-1", flow(["s-1"], [], "Daily")))
    ran = import_all(bench, *selectors)
    assert sorted(manifests(bench).keys() - {"Target/bench"}) == SELECTED[selectors]
    assert f"{len(SELECTED[selectors])} imported, 0 already managed" in ran.out
    assert_in_sync(bench, len(SELECTED[selectors]))


def test_an_id_that_is_not_there(bench: Bench) -> None:
    """It is an error, and nothing is written: the rest of what was asked for may be wrong, too."""
    bench.seed("connections", stored("c-1", connection()))
    ran = import_all(bench, "--id", "c-1", "--id", "c-2", code=1)
    assert ran.err == "error: sandbox bench shows no such object: c-2\n"
    assert list(files(bench.manifests)) == ["target.json"]
    ran = import_all(bench, "--id", "c-1", "--kind", "Flow", code=1)
    assert "no such object: c-1" in ran.err


def test_a_part_refers_by_id_to_what_is_not_imported(bench: Bench) -> None:
    """The id stands in the manifest, with a notice; imported later, it is what the next ones refer to."""
    for at in (1, 2):
        bench.seed("sourceConnections", stored(f"s-{at}", source("c-1", f"Orders {at}")))
    bench.seed("connections", stored("c-1", connection()))
    ran = import_all(bench, "--id", "s-1")
    assert "warning: SourceConnection/orders-1 names Connection c-1 by its id" in ran.err
    import_all(bench)
    specs = {name: one["spec"] for name, one in manifests(bench).items() if name.startswith("Source")}
    assert specs["SourceConnection/orders-1"]["baseConnectionId"] == "c-1"
    assert specs["SourceConnection/orders-2"]["baseConnectionId"] == {"ref": "Connection/crm"}
    assert_in_sync(bench, 3)


@pytest.mark.assumes(delete_seconds=0.0)
def test_objects_on_their_way(bench: Bench) -> None:
    """Drafts and what is being deleted are left out; of a flow on its way, the state is the one that it goes to."""
    states = [
        "enabled",
        "disabled",
        "enabling",
        "disabled-finalizing",
        "updating",
        "failed",
        "draft",
        "delete-finalizing",
    ]
    for state in states:
        bench.seed("flows", stored(f"f-{state}", flow([], [], f"Flow {state}"), state=state))
    stateless = stored("f-none", flow([], [], "Flow none"))
    del stateless["state"]
    bench.seed("flows", stateless)
    bench.seed("connections", stored("c-1", connection("Sketch"), state="DRAFT"))
    bench.seed("connections", stored("not an id", connection("Odd")))
    ran = import_all(bench)
    assert "warning: Connection not an id has an id that no manifest can hold: left out" in ran.err
    found = {
        name.split("-", 1)[1]: one["spec"].get("state") for name, one in manifests(bench).items() if "Flow" in name
    }
    assert found == {
        "enabled": "enabled",
        "disabled": "disabled",
        "enabling": "enabled",
        "disabled-finalizing": "disabled",
        "updating": None,
        "failed": None,
        "none": None,
    }
    assert "warning: Flow f-draft is a draft: publish it first: left out" in ran.err
    assert "warning: Connection c-1 is a draft" in ran.err
    assert "warning: Flow f-delete-finalizing is being deleted: left out" in ran.err
    assert "Flow/flow-updating: /state is left out, and so not managed: 'updating' is neither" in ran.err
    assert_in_sync(bench, 7)


def test_specs_of_the_organisation(bench: Bench) -> None:
    """A spec is imported that carries our organisation, or that our client made; not one of somebody else."""
    spec = {"name": "Own", "providerId": "p", "version": "1.0"}
    bench.seed("connectionSpecs", {**spec, "id": "own", "imsOrgId": ORGANISATION})
    bench.seed("connectionSpecs", {**spec, "id": "made", "createdClient": "flow-reconciler"})
    bench.seed(
        "connectionSpecs", {**spec, "id": "theirs", "imsOrgId": "ELSE@AdobeOrg", "createdClient": "flow-reconciler"}
    )
    bench.seed("connectionSpecs", {**spec, "id": "adobes", "createdClient": "acp_foundation_connectors"})
    bench.seed("connections", stored("c-1", connection(connectionSpec={"id": "own", "version": "1.0"})))
    lists = {"sourceConnectionSpecIds": ["own", "adobes"], "targetConnectionSpecIds": ["theirs"]}
    bench.seed("flowSpecs", {**spec, **lists, "id": "shared"})
    bench.seed("flowSpecs", {**spec, **lists, "id": "ours", "imsOrgId": ORGANISATION})
    import_all(bench)
    found = manifests(bench)
    ids = {name: one["metadata"]["id"]["bench"] for name, one in found.items() if "Target/" not in name}
    assert sorted(ids.values()) == ["c-1", "made", "ours", "own"]
    name = next(name for name, id in ids.items() if id == "own")
    assert found["Connection/crm"]["spec"]["connectionSpec"] == {"id": {"ref": name}, "version": "1.0"}
    assert found["FlowSpec/own"]["spec"]["sourceConnectionSpecIds"] == [{"ref": name}, "adobes"]
    assert (
        "description: a later change clears it" in files(bench.manifests)[f"connection-specs/{name.split('/')[1]}.yaml"]
    )
    import_all(bench, "--id", "shared")
    assert_in_sync(bench, 5)
    shared = next(one["spec"] for one in manifests(bench).values() if one["metadata"].get("id") == {"bench": "shared"})
    assert shared["sourceConnectionSpecIds"] == [{"ref": name}], "the members of others are theirs"
    assert "targetConnectionSpecIds" not in shared


def test_what_cannot_be_read(bench: Bench) -> None:
    """The rest is imported, and the exit code says that it was not all."""
    bench.seed("connections", stored("c-1", connection()))
    bench.seed("flows", stored("f-1", flow([], [])))
    forbid(bench, "/flows")
    ran = import_all(bench, code=1)
    assert "1 imported" in ran.out
    assert "error: flows could not be read: " in ran.err
    assert import_all(bench, "--kind", "Connection").code == 0


def test_passwords_that_nobody_can_tell(bench: Bench) -> None:
    """Where connection specs cannot be read, connections are left out: any parameter may be a password."""
    bench.seed("connections", stored("c-1", connection()))
    bench.seed("flows", stored("f-1", flow([], [])))
    forbid(bench, "/connectionSpecs")
    ran = import_all(bench, code=1)
    assert "error: Connection c-1 is left out: without its spec nobody can tell what is a password" in ran.err
    assert manifests(bench).keys() == {"Target/bench", "Flow/daily"}


def forbid(bench: Bench, path: str) -> None:
    """Let the service refuse a list for lack of a permission."""
    bench.app.faults.status(403, path=f"^{path}$", count=99)
