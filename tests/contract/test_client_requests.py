"""What our client sends, held against Adobe's OpenAPI: path, method, parameters, headers, body."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from support.bench import Bench
from support.bodies import BATCH
from support.chain import apply_chain, declare
from support.documents import Table, openapi

PATCHED = ("sourceConnections", "targetConnections", "flows")
KNOWN = Table(
    {
        ("PATCH", "/connections/{id}", "no such operation"): "X FACTS 1: only the OpenAPI ends it in a slash",
        ("DELETE", "/connections/{id}", "no such operation"): "X FACTS 1: only the OpenAPI ends it in a slash",
        ("POST", "/flows/{id}/action", "query subOp is missing"): "X FACTS 1: in no tutorial's call",
        (
            "POST",
            "/flows",
            "body /scheduleParams/interval: type",
        ): "X FACTS 10: integer to the flow spec, echoed as sent",
        (
            "PUT",
            "/connectionSpecs/{id}",
            "body /attributes/category: type",
        ): "X FACTS 17: documented bodies have texts there",
        (
            "PUT",
            "/flowSpecs/{id}",
            "body /attributes/isSourceFlow: type",
        ): "X FACTS 17: documented bodies have flags there",
    }
    | {("PATCH", f"/{one}/{{id}}", "body /[*]/op: enum"): "X FACTS 9: lower case in every tutorial" for one in PATCHED}
    | {
        ("PATCH", f"/{one}/{{id}}", "body /[*]/value: type"): "X FACTS 9: documented values are texts, too"
        for one in PATCHED
    }
)


def story(bench: Bench) -> None:
    """Create, read, change, switch, drift, put right, delete; specs as well; imports and the doctor."""
    ids = apply_chain(bench)
    bench.run("doctor")
    bench.plan()
    declare(bench, "Connection/warehouse", ("description", "changed"), ("auth/params/username", "another"))
    declare(bench, "SourceConnection/orders", ("name", "Renamed"))
    declare(bench, "TargetConnection/orders", ("name", "Renamed"))
    declare(
        bench, "Flow/orders", ("scheduleParams/frequency", "week"), ("description", "Weekly"), ("state", "disabled")
    )
    bench.apply()
    declare(bench, "Flow/orders", ("transformations", [{"name": "Mapping", "params": {"mappingId": "m"}}]))
    bench.apply()
    bench.edit("flows", ids["Flow/orders"], lambda body: body.update(name="By hand"))
    bench.drift(code=2)
    bench.apply()
    custom = {"name": "Custom", "providerId": BATCH, "version": "1.0", "type": "generic", "authSpec": []}
    flow_spec = {"name": "CustomFlow", "providerId": BATCH, "sourceConnectionSpecIds": [{"ref": "ConnectionSpec/own"}]}
    bench.declare("ConnectionSpec", "own", custom | {"description": "Ours"})
    bench.declare("FlowSpec", "own", flow_spec)
    bench.apply()
    bench.declare("ConnectionSpec", "own", custom | {"description": "Ours, again", "attributes": {"category": "crm"}})
    bench.declare("FlowSpec", "own", flow_spec | {"attributes": {"isSourceFlow": True}})
    bench.apply()
    bench.run("import", "--kind", "Flow", "--out", str(bench.folder / "imported"))
    for path in bench.manifests.glob("*-orders.json"):
        path.unlink()
    (bench.manifests / "Connection-warehouse.json").unlink()
    bench.apply("--prune", "--allow-large")


def differences(bench: Bench) -> dict[tuple[str, str, str], list[Any]]:
    found: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for one in bench.app.requests:
        parts = one.path.strip("/").split("/")
        template = "/".join(["", parts[0], *(["{id}", *parts[2:]] if len(parts) > 1 else [])])
        for problem in openapi().problems(one):
            found[one.method, template, problem].append(one)
    return found


@pytest.mark.usefixtures("shared")
def test_every_request_is_as_the_openapi_has_it(bench: Bench) -> None:
    """But for what the table explains, and the table explains nothing that is not there."""
    sent: list[Any] = []
    bench.app.requests = Kept(sent)
    story(bench)
    bench.app.requests = sent
    calls = {(one.method, one.path.split("/")[1]) for one in sent}
    assert len(calls) >= 20, calls
    for key in (found := differences(bench)):
        assert KNOWN.explains(key), (key, found[key][0])
    assert KNOWN.stale() == []


class Kept(list[Any]):
    """A list of requests that nobody empties: what is cleared was kept elsewhere."""

    def __init__(self, kept: list[Any]) -> None:
        super().__init__()
        self._kept = kept

    def append(self, request: Any) -> None:
        super().append(request)
        self._kept.append(request)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"method": "PUT"}, "no such operation"),
        ({"query": {"limt": ["1"]}}, "query limt is unknown"),
        ({"headers": {}}, "header x-api-key is missing"),
        ({"body": {"name": 5}}, "body /name: type"),
        ({"body": None}, "body is missing"),
    ],
)
def test_what_is_otherwise_is_found(changes: dict[str, Any], problem: str) -> None:
    """The check can fail: on a wrong method, parameter, header and body."""
    headers = {"x-api-key": "k", "x-gw-ims-org-id": "o", "x-sandbox-name": "s", "Content-Type": "application/json"}
    good = {"method": "POST", "path": "/flows", "query": {}, "headers": headers, "body": {"name": "F"}}
    request = type("Request", (), {**good, **changes})
    assert problem in list(openapi().problems(request))
