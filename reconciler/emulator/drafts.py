"""Drafts: made with ``?mode=draft``, published by an action (FACTS 12)."""

from __future__ import annotations

from typing import Any

from reconciler.emulator import transitions
from reconciler.emulator.errors import invalid
from reconciler.emulator.resources import DRAFT, child
from reconciler.emulator.stamps import Service
from reconciler.emulator.store import Record
from reconciler.emulator.views import connection_spec, flow_spec


def require_support(service: Service, record: Record) -> None:
    """Refuse a draft that the source's spec does not know: its ``isDraftModeSupported`` must be true.

    The documents look at the specs of the source and the flow. Their own draft of a target connection is one of the
    data lake, of which they do not say that it supports any.
    """
    if record.collection == "targetConnections" or not service.settings.check_references:
        return
    spec = flow_spec(service, record) if record.collection == "flows" else connection_spec(service, record)
    if child(spec, "attributes", "isDraftModeSupported") is not True:
        raise invalid("The spec does not support drafts.")


def published(service: Service, record: Record) -> str:
    """Return the state of a draft that is published; refused while something it is made of is a draft itself."""
    if record.body.get("state") != DRAFT:
        raise transitions.not_valid(service, record, "publish")
    for collection, identifier in _parents(record):
        parent = service.store.find(collection, identifier, record.scope)
        if parent and parent.body.get("state") == DRAFT:
            raise invalid(f"{collection} {identifier} is a draft, and has to be published before.")
    return "enabled"


def _parents(record: Record) -> list[tuple[str, Any]]:
    body = record.body
    if record.collection == "flows":
        sources = [("sourceConnections", identifier) for identifier in body.get("sourceConnectionIds") or ()]
        return sources + [("targetConnections", identifier) for identifier in body.get("targetConnectionIds") or ()]
    return [("connections", body["baseConnectionId"])] if body.get("baseConnectionId") else []
