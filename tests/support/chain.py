"""A small estate for scenarios: one table of a database on its way into the lake, and what one asks of a report."""

from __future__ import annotations

import copy
from typing import Any

from support.bench import HEADERS, NOW, Bench

REDSHIFT = "3416976c-a9ca-4bba-901a-1f08f66978ff"
LAKE = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"

PASSWORD = {"valueFrom": {"env": "FLOW_SECRET_DB"}}

CONNECTION: dict[str, Any] = {
    "name": "Warehouse",
    "description": "Where it comes from",
    "connectionSpec": {"id": REDSHIFT, "version": "1.0"},
    "auth": {
        "specName": "Basic Authentication",
        "params": {"server": "db.example.com", "username": "reader", "password": PASSWORD, "database": "sales"},
    },
}
SOURCE: dict[str, Any] = {
    "name": "Orders, read",
    "baseConnectionId": {"ref": "Connection/warehouse"},
    "connectionSpec": {"id": REDSHIFT, "version": "1.0"},
    "data": {"format": "tabular"},
    "params": {"tableName": "orders"},
}
TARGET: dict[str, Any] = {
    "name": "Orders, stored",
    "connectionSpec": {"id": LAKE, "version": "1.0"},
    "data": {"schema": {"id": "https://ns.adobe.com/example/orders", "version": "application/vnd.adobe.xed+json"}},
    "params": {"dataSetId": "6019e0e7c5dcf718db5ebc71"},
}
FLOW: dict[str, Any] = {
    "name": "Orders, daily",
    "description": "Every day",
    "flowSpec": {"id": CRM_TO_AEP, "version": "1.0"},
    "sourceConnectionIds": [{"ref": "SourceConnection/orders"}],
    "targetConnectionIds": [{"ref": "TargetConnection/orders"}],
    "transformations": [{"name": "Mapping", "params": {"mappingId": "0b090130b58b4819afc78b6dc98b484d"}}],
    "scheduleParams": {"startTime": int(NOW) + 1_000_000, "frequency": "day", "interval": 1},
}
BODIES = {
    "Connection/warehouse": CONNECTION,
    "SourceConnection/orders": SOURCE,
    "TargetConnection/orders": TARGET,
    "Flow/orders": FLOW,
}
COLLECTIONS = {
    "Connection": "connections",
    "SourceConnection": "sourceConnections",
    "TargetConnection": "targetConnections",
    "Flow": "flows",
    "ConnectionSpec": "connectionSpecs",
    "FlowSpec": "flowSpecs",
}


def changed(body: dict[str, Any], *changes: tuple[str, Any]) -> dict[str, Any]:
    """Return a body with changes: slashed paths and their values."""
    made = copy.deepcopy(body)
    for path, value in changes:
        *parents, last = path.split("/")
        place = made
        for parent in parents:
            place = place[parent]
        place[last] = value
    return made


def declare(bench: Bench, resource: str, *changes: tuple[str, Any], **metadata: Any) -> None:
    """Write the manifest of one resource of the chain, changed so."""
    kind, name = resource.split("/")
    bench.declare(kind, name, changed(BODIES[resource], *changes), **metadata)


def declare_chain(bench: Bench) -> None:
    """Write the manifests of the chain, and set its secret."""
    bench.environ.setdefault("FLOW_SECRET_DB", "first-password")
    for resource in BODIES:
        declare(bench, resource)


def apply_chain(bench: Bench) -> dict[str, str]:
    """Apply the whole chain, forget the requests, and return the ids by resource."""
    declare_chain(bench)
    report = bench.apply()
    bench.app.requests.clear()
    return {result["resource"]: result["id"] for result in report["results"]}


def result(report: dict[str, Any], resource: str) -> dict[str, Any]:
    """Return one resource's result."""
    return next(one for one in report["results"] if one["resource"] == resource)


def change(plan: dict[str, Any], resource: str) -> dict[str, Any]:
    """Return one resource's change."""
    return next(one for one in plan["changes"] if one["resource"] == resource)


def statuses(report: dict[str, Any]) -> dict[str, str]:
    """Return each resource's status."""
    return {one["resource"]: one["status"] for one in report["results"]}


def objects(bench: Bench, collection: str, name: str | None = None) -> list[dict[str, Any]]:
    """Return the live objects of a collection (with that name), read behind the recorder's back."""
    bench.catch_up()
    before, limit = list(bench.app.requests), "" if collection.endswith("Specs") else "?limit=100"
    played = bench.app.settings
    bench.setting(page_cap=None)  # one page, however short the tool's may be
    found = bench.http.get(f"http://localhost/data/foundation/flowservice/{collection}{limit}", headers=HEADERS)
    bench.app.requests[:], bench.app.settings = before, played
    return [item for item in found.json()["items"] if name in (None, item.get("name"))]


def patches(bench: Bench) -> list[Any]:
    """Return the bodies of the PATCH requests so far."""
    return [request.body for request in bench.writes() if request.method == "PATCH"]
