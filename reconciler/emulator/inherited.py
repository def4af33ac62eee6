"""What flows, source and target connections inherit from the objects they point to (FACTS 8)."""

from __future__ import annotations

from typing import Any

from reconciler.emulator.resources import DATA_LAKE, Document, child
from reconciler.emulator.stamps import Service
from reconciler.emulator.store import Record, Scope


def inherited(service: Service, record: Record) -> Document | None:
    """Return ``inheritedAttributes`` for a reply; a seeded document keeps its own where its parents are not here."""
    stored: Document | None = record.body.get("inheritedAttributes")
    if record.collection == "flows":
        return _of_flow(service, record, stored)
    base = _base(service, record.scope, record.body)
    return {"baseConnection": base} if base else stored


def _of_flow(service: Service, record: Record, stored: Document | None) -> Document:
    body, scope = record.body, record.scope
    sources = [_end(service, scope, "sourceConnections", key) for key in body.get("sourceConnectionIds") or ()]
    targets = [_end(service, scope, "targetConnections", key) for key in body.get("targetConnectionIds") or ()]
    if stored and None in (*sources, *targets):
        return stored
    attributes: Document = {
        "sourceConnections": [end for end in sources if end],
        "targetConnections": [end for end in targets if end],
    }
    properties = _properties(service, record, attributes["targetConnections"])
    return {"properties": properties, **attributes} if properties else attributes


def _end(service: Service, scope: Scope, collection: str, identifier: str) -> Document | None:
    """One end of a flow; where a document left out its connectionSpec, the base connection's stands in (FACTS 17)."""
    record = service.store.find(collection, identifier, scope)
    if record is None:
        return None
    base = _base(service, scope, record.body)
    spec = record.body.get("connectionSpec") or child(base, "connectionSpec")
    end: Document = {"id": identifier}
    if spec:
        end["connectionSpec"] = spec
    if base:
        end["baseConnection"] = base
    if "typeInfo" in record.body:
        end["typeInfo"] = record.body["typeInfo"]
    return end


def _base(service: Service, scope: Scope, body: Document) -> Document | None:
    identifier: Any = body.get("baseConnectionId")
    record = service.store.find("connections", identifier, scope) if isinstance(identifier, str) else None
    return {"id": identifier, "connectionSpec": record.body.get("connectionSpec")} if record else None


def _properties(service: Service, record: Record, targets: list[Document]) -> Document:
    """Whether a flow feeds Platform or leaves it: its flow spec says so, or its target is the data lake (FACTS 5)."""
    identifier = child(record.body, "flowSpec", "id")
    spec = service.store.find("flowSpecs", identifier, record.scope) if isinstance(identifier, str) else None
    attributes = child(spec.body, "attributes") if spec else None
    if child(attributes, "isDestinationFlow") is True:
        return {"isDestinationFlow": True}
    lake = any(child(target, "connectionSpec", "id") == DATA_LAKE for target in targets)
    return {"isSourceFlow": True} if lake or child(attributes, "isSourceFlow") is True else {}
