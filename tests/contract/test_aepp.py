"""A client that is not ours, made for the live service, works against the emulator: aepp, from PyPI.

Not among the test dependencies, since it brings pandas along: ``pip install aepp`` and run this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.bench import NOW, ORGANISATION, SANDBOX
from support.bodies import AHEAD, CRM_TO_AEP, DATA_LAKE, SALESFORCE

from reconciler.emulator import create_app
from reconciler.emulator.server import running
from reconciler.emulator.settings import Settings

pytestmark = pytest.mark.filterwarnings("default")
aepp = pytest.importorskip("aepp", reason="aepp is not installed: it is no dependency of ours")

AUTH = {"specName": "Basic Authentication", "params": {"username": "u", "password": "p", "securityToken": "t"}}
MAPPING = {"name": "Mapping", "params": {"mappingId": "0b09", "mappingVersion": 0}}


@pytest.fixture
def app() -> Iterator[Any]:
    settings = Settings(clock=lambda: NOW, client_id="an-id", client_secret="a-secret", default_limit=2)
    made = create_app(":memory:", settings)
    yield made
    made.close()


@pytest.fixture
def flows(app: Any) -> Iterator[Any]:
    """Their Flow Service, on a server of its own; it asks IMS for its token first."""
    from aepp import flowservice  # noqa: PLC0415 - see importorskip

    with running(app) as base:
        config = {
            "org_id": ORGANISATION, "client_id": "an-id", "secret": "a-secret", "scopes": "openid", "sandbox": SANDBOX,
            "environment": "prod", "token": "", "date_limit": 0, "oauthTokenEndpointV2": f"{base}/ims/token/v3",
        }  # fmt: skip
        header = {"Accept": "application/json", "Content-Type": "application/json", "x-api-key": "an-id"}
        header |= {"x-gw-ims-org-id": ORGANISATION, "x-sandbox-name": SANDBOX}
        client = flowservice.FlowService(config=config, header=header)
        client.endpoint = f"{base}/data/foundation/flowservice"
        yield client
        client.connector.session.close()


def chain(flows: Any, number: int = 0) -> dict[str, str]:
    """Make a connection, its source and target, and a flow between them; return the ids."""
    spec = {"id": SALESFORCE, "version": "1.0"}
    base = flows.createConnection({"name": f"C{number}", "connectionSpec": spec, "auth": AUTH})["id"]
    source = flows.createSourceConnection(
        {
            "name": f"S{number}", "baseConnectionId": base, "connectionSpec": spec, "data": {"format": "tabular"},
            "params": {"tableName": "Account"},
        }
    )["id"]  # fmt: skip
    lake = {
        "name": f"T{number}",
        "connectionSpec": {"id": DATA_LAKE, "version": "1.0"},
        "data": {"format": "parquet_xdm"},
    }
    target = flows.createTargetConnection(data=lake | {"params": {"dataSetId": "5f71"}})["id"]
    flow = flows.createFlow(
        flow_spec_id=CRM_TO_AEP,
        obj={
            "name": f"F{number}", "flowSpec": {"id": CRM_TO_AEP, "version": "1.0"}, "sourceConnectionIds": [source],
            "targetConnectionIds": [target], "transformations": [MAPPING],
            "scheduleParams": {"startTime": AHEAD, "frequency": "day", "interval": 1},
        },
    )["id"]  # fmt: skip
    return {"connection": base, "source": source, "target": target, "flow": flow}


def test_it_creates_reads_changes_and_deletes(flows: Any) -> None:
    """The whole life of a flow and what is below it, as the live service would have it."""
    ids = chain(flows)
    flow = flows.getFlow(ids["flow"])
    assert (flow["name"], flow["sourceConnectionIds"]) == ("F0", [ids["source"]])
    assert flows.getConnection(ids["connection"])["name"] == "C0"
    assert flows.connectionTest(ids["connection"])
    assert flows.getSourceConnection(ids["source"])["baseConnectionId"] == ids["connection"]
    assert flows.getTargetConnection(ids["target"])["params"] == {"dataSetId": "5f71"}

    change = [{"op": "Replace", "path": "/scheduleParams/frequency", "value": "week"}]
    assert flows.updateFlow(ids["flow"], flow["etag"], change)["id"] == ids["flow"]
    assert flows.getFlow(ids["flow"])["scheduleParams"]["frequency"] == "week"
    assert "does not match the current version" in str(flows.updateFlow(ids["flow"], flow["etag"], change))
    for action, state in (("disable", "disabled"), ("enable", "enabled")):
        flows.postFlowAction(ids["flow"], action)
        assert flows.getFlow(ids["flow"])["state"] == state

    flows.deleteFlow(ids["flow"])
    flows.deleteSourceConnection(ids["source"])
    flows.deleteTargetConnection(ids["target"])
    flows.deleteConnection(ids["connection"])
    assert [flows.getFlows(), flows.getConnections(), flows.getSourceConnections(), flows.getTargetConnections()] == [
        []
    ] * 4


def test_it_reads_every_page(flows: Any) -> None:
    """Its own way to take the token out of the link, and its own parameters beside it."""
    made = [chain(flows, number) for number in range(5)]
    assert {one["id"] for one in flows.getFlows(limit=2, n_results="inf")} == {one["flow"] for one in made}
    assert {one["id"] for one in flows.getConnections(limit=2, n_results="inf")} == {one["connection"] for one in made}
    assert {one["id"] for one in flows.getSourceConnections(n_results="inf")} == {one["source"] for one in made}
    assert {one["id"] for one in flows.getTargetConnections(n_results="inf")} == {one["target"] for one in made}
    assert len(flows.getFlows(onlySources=True)) == 2 + 3  # it follows the pages, up to its hundred
    assert flows.getFlows(onlyDestinations=True) == []
    assert [one["id"] for one in flows.getFlows(filterSourceIds=[made[3]["source"]])] == [made[3]["flow"]]


def test_it_knows_the_specs(flows: Any) -> None:
    """By name and by id, as the catalogue has them."""
    assert flows.getConnectionSpecsMap()["salesforce"] == SALESFORCE
    assert flows.getConnectionSpecIdFromName("salesforce") == SALESFORCE
    assert [one["name"] for one in flows.getConnectionSpec(SALESFORCE)["items"]] == ["salesforce"]
    assert any(one["id"] == CRM_TO_AEP for one in flows.getFlowSpecs())
    assert flows.getFlowSpec(CRM_TO_AEP)["name"] == "CRMToAEP"


def test_it_reads_runs(app: Any, flows: Any) -> None:
    """Of a flow that has run."""
    ids = chain(flows)
    run = app.finish_run(ids["flow"])
    assert [one["id"] for one in flows.getRuns(prop=f"flowId=={ids['flow']}")] == [run]
    assert flows.getRun(run)[0]["id"] == run
