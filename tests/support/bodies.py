"""Bodies that scenarios are made of: what a manifest declares, and the same as the service would store it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.bench import NOW, ORGANISATION, SANDBOX

SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
DATA_LAKE = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
BATCH = "0ed90a81-07f4-4586-8190-b40eccef1c5a"

AHEAD, PAST = int(NOW) + 86_400, int(NOW) - 86_400
"""A start time that lies a day ahead of the bench's clock, and one that passed a day before it."""

SECRETS = {"FLOW_SECRET_PASSWORD": "first-password", "FLOW_SECRET_TOKEN": "first-token"}
PASSWORD = {"valueFrom": {"env": "FLOW_SECRET_PASSWORD"}}
TOKEN = {"valueFrom": {"env": "FLOW_SECRET_TOKEN"}}


def connection(name: str = "CRM", **fields: Any) -> dict[str, Any]:
    """Return a Salesforce connection with secrets from the environment."""
    params = {"username": "reader", "password": PASSWORD, "securityToken": TOKEN}
    auth = {"specName": "Basic Authentication", "params": params}
    return {"name": name, "connectionSpec": {"id": SALESFORCE, "version": "1.0"}, "auth": auth, **fields}


def source(base: Any, name: str = "Orders", **fields: Any) -> dict[str, Any]:
    """Return a source connection over a base connection: an id or a ref."""
    spec = {"id": SALESFORCE, "version": "1.0"}
    read = {"data": {"format": "tabular"}, "params": {"tableName": "Orders"}}
    return {"name": name, "baseConnectionId": base, "connectionSpec": spec, **read, **fields}


def target(name: str = "Lake", **fields: Any) -> dict[str, Any]:
    """Return a target connection into the data lake."""
    schema = {"id": "https://ns.example.com/orders", "version": "application/vnd.adobe.xed-full+json;version=1"}
    spec = {"id": DATA_LAKE, "version": "1.0"}
    return {"name": name, "connectionSpec": spec, "data": {"schema": schema}, "params": {"dataSetId": "5c0e"}, **fields}


def flow(sources: list[Any], targets: list[Any], name: str = "Daily", **fields: Any) -> dict[str, Any]:
    """Return a flow that starts a day ahead and runs every day."""
    ends = {"sourceConnectionIds": sources, "targetConnectionIds": targets}
    schedule = {"startTime": AHEAD, "frequency": "day", "interval": 1}
    return {
        "name": name,
        "flowSpec": {"id": CRM_TO_AEP, "version": "1.0"},
        **ends,
        "scheduleParams": schedule,
        **fields,
    }


def in_clear(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with the values of its secrets, as it goes over the wire."""
    names = {name: {"valueFrom": {"env": name}} for name in SECRETS}

    def value(of: Any) -> Any:
        known = next((name for name, sugar in names.items() if of == sugar), None)
        if known:
            return SECRETS[known]
        return {key: value(inner) for key, inner in of.items()} if isinstance(of, dict) else of

    return value(dict(spec))


def stored(id: str, spec: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a body as the service stores it, with what only the service writes."""
    etag = f'"{id[:8]:0<8}-0000-0200-0000-5f3f23450000"'
    made = {"createdAt": 1_597_973_312_000, "updatedAt": 1_597_973_312_000}
    by = {
        "createdBy": "ann@AdobeID",
        "updatedBy": "ann@AdobeID",
        "createdClient": "exc_app",
        "updatedClient": "exc_app",
    }
    home = {"sandboxName": SANDBOX, "imsOrgId": ORGANISATION}
    own = {"id": id, **made, **by, **home, "state": "enabled", "version": etag, "etag": etag}
    return {**in_clear(spec), **own, **fields}
