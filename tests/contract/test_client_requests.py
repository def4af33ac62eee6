"""What our client sends, held against Adobe's OpenAPI: path, method, parameters, headers, body."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import Bench
from support.bodies import BATCH
from support.chain import apply_chain, declare
from support.documents import openapi
from support.sent import KNOWN, differences, sent_by_us


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


@pytest.mark.usefixtures("shared")
def test_every_request_is_as_the_openapi_has_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what the table explains, and the table explains nothing that is not there."""
    with sent_by_us(monkeypatch) as sent:
        story(bench)
    calls = {(one.method, one.path.split("/")[1]) for one in sent}
    assert len(calls) >= 20, calls
    for key in (found := differences(sent)):
        assert KNOWN.explains(key), (key, found[key][0])
    assert KNOWN.stale() == []


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
