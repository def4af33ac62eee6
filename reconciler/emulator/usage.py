"""Who uses an object, and therefore keeps it from being deleted (FACTS 6, 12)."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.emulator.errors import numbered
from reconciler.emulator.resources import Document, child
from reconciler.emulator.stamps import Service
from reconciler.emulator.store import Record


def require_unused(service: Service, record: Record) -> None:
    """Refuse to delete a base connection of any flow, and a source or target connection of an active one."""
    if record.collection == "connections" and _is_base_of_a_flow(service, record):
        raise numbered("1418-400", f"The base connection with the ID {record.id} is being used in one or more flows.")
    if record.collection in ("sourceConnections", "targetConnections"):
        field = record.collection[: -len("s")] + "Ids"
        active = (flow.body for flow in _flows(service, record) if flow.body.get("state") != "disabled")
        if any(record.id in (flow.get(field) or ()) for flow in active):
            raise numbered("1447-400", f"Found active flows containing id {record.id}.")


def _flows(service: Service, record: Record) -> Iterator[Record]:
    return service.store.scan("flows", record.scope)


def _is_base_of_a_flow(service: Service, record: Record) -> bool:
    ends = {
        end.id
        for collection in ("sourceConnections", "targetConnections")
        for end in service.store.scan(collection, record.scope)
        if end.body.get("baseConnectionId") == record.id
    }
    return any(ends & _ends(flow.body) or record.id in _seeded_bases(flow.body) for flow in _flows(service, record))


def _ends(flow: Document) -> set[str]:
    return {*flow.get("sourceConnectionIds", ()), *flow.get("targetConnectionIds", ())}


def _seeded_bases(flow: Document) -> set[str]:
    """A flow may have been seeded with what it inherits, and without the connections that it inherits it from."""
    attributes: Document = flow.get("inheritedAttributes") or {}
    ends = [*attributes.get("sourceConnections", ()), *attributes.get("targetConnections", ())]
    return {child(end, "baseConnection", "id") for end in ends}
