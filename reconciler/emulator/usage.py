"""Who uses an object, and therefore keeps it from being deleted (FACTS 6, 12)."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.emulator.errors import numbered
from reconciler.emulator.inherited import inherited
from reconciler.emulator.resources import Document, child
from reconciler.emulator.stamps import Service
from reconciler.emulator.store import Record


def require_unused(service: Service, record: Record) -> None:
    """Refuse to delete a base connection of any flow, and a source or target connection of an active one."""
    if record.collection == "connections" and any(
        record.id in _bases(service, flow) for flow in _flows(service, record)
    ):
        raise numbered("1418-400", f"The base connection with the ID {record.id} is being used in one or more flows.")
    if record.collection in ("sourceConnections", "targetConnections"):
        field = record.collection[: -len("s")] + "Ids"
        active = (flow.body for flow in _flows(service, record) if flow.body.get("state") != "disabled")
        if any(record.id in (flow.get(field) or ()) for flow in active):
            raise numbered("1447-400", f"Found active flows containing id {record.id}.")


def _flows(service: Service, record: Record) -> Iterator[Record]:
    return service.store.scan("flows", record.scope)


def _bases(service: Service, flow: Record) -> set[str]:
    attributes: Document = inherited(service, flow) or {}
    ends = [*attributes.get("sourceConnections", ()), *attributes.get("targetConnections", ())]
    return {child(end, "baseConnection", "id") for end in ends}
