"""POST, PATCH, PUT and DELETE of documents (FACTS 4, 6 to 9, 15)."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from reconciler.emulator import drafts, patching, rules, stamps, transitions
from reconciler.emulator.canonical import canonical
from reconciler.emulator.errors import invalid, no_spec_version, not_found, numbered, stale
from reconciler.emulator.resources import DRAFT, PATCHED, Document, child, server_owned
from reconciler.emulator.settings import Settings
from reconciler.emulator.stamps import Call, Service
from reconciler.emulator.store import Record
from reconciler.emulator.usage import require_unused


def need(service: Service, call: Call, collection: str, identifier: str) -> Record:
    """Return a document of the caller's sandbox, or refuse with 404."""
    record = service.store.find(collection, identifier, call.scope)
    if record is None:
        raise not_found(collection, identifier)
    return record


def create(service: Service, call: Call, collection: str, body: Any, *, draft: bool = False) -> Record:
    """Make a document of a POST body."""
    document = copy.deepcopy(require_object(body))
    _require_custom_specs(service, collection)
    _refuse_server_owned(collection, document)
    if service.settings.spec_version_required:
        _require_spec_version(document)
    record = Record(collection, call.scope, str(uuid.uuid4()), document)
    stamps.created(service, call, record)
    if collection in PATCHED:
        record.body["state"] = DRAFT if draft else "enabled"
    if collection == "flows":
        record.body["runs"] = f"/runs?property=flowId=={record.id}"
    canonical(collection, record.body, service.settings)
    rules.check(service, record)
    if draft:
        drafts.require_support(service, record)
    transitions.begin(service, record, "create", [])
    service.store.insert(record)
    return record


def patch(service: Service, call: Call, record: Record, body: Any, *, ignored: bool = False) -> Record:
    """Apply a patch; ``ignored`` is the fault of a service that answers 200 and does not take it."""
    ops = patching.parse(record.collection, body, service.settings)
    transitions.require_changeable(service, record)
    after = canonical(record.collection, patching.apply(record.body, ops, service.settings), service.settings)
    candidate = Record(record.collection, record.scope, record.id, after)
    rules.check(service, candidate, canonical(record.collection, copy.deepcopy(record.body), service.settings))
    if record.collection == "flows":
        rules.check_start_time(service, record.body, after)
    if not ignored:
        record.body = after
    stamps.updated(service, call.actor, record)
    transitions.begin(service, record, "update", body)
    service.store.save(record)
    return record


def replace(service: Service, call: Call, record: Record, body: Any, *, ignored: bool = False) -> Record:
    """Take a PUT body whole, but for what the service owns: tutorials send the id along (FACTS 8)."""
    document = copy.deepcopy(require_object(body))
    _require_custom_specs(service, record.collection)
    owned = server_owned(record.collection)
    kept = {key: value for key, value in record.body.items() if key in owned}
    sent = {key: value for key, value in document.items() if key not in owned}
    candidate = Record(
        record.collection, record.scope, record.id, canonical(record.collection, kept | sent, service.settings)
    )
    rules.check(service, candidate, record.body)
    if not ignored:
        record.body = candidate.body
    stamps.updated(service, call.actor, record)
    service.store.save(record)
    return record


def delete(service: Service, record: Record) -> bool:
    """Take a document away, unless something needs it; a flow leaves its source and target behind (FACTS 12, U).

    Returns whether it is gone at once: otherwise it is on its way out.
    """
    transitions.require_changeable(service, record, deleting=True)
    require_unused(service, record)
    if service.settings.delete_seconds:
        transitions.mark_deleted(service, record)
        return False
    service.store.delete(record)
    if record.collection == "flows" and service.settings.flow_takes_ends:
        _take_ends(service, record)
    return True


def _take_ends(service: Service, flow: Record) -> None:
    """Delete the source and target connections of a flow that has gone, where no other flow has them."""
    for collection in ("sourceConnections", "targetConnections"):
        field = collection[: -len("s")] + "Ids"
        others = {id for other in service.store.scan("flows", flow.scope) for id in other.body.get(field) or ()}
        for identifier in set(flow.body.get(field) or ()) - others:
            if end := service.store.find(collection, identifier, flow.scope):
                service.store.delete(end)


def require_version(record: Record, if_match: str | None, settings: Settings, *, optional: bool = False) -> None:
    """Refuse a write whose If-Match is missing or is not the current etag (FACTS 7)."""
    if if_match is None:
        if optional:
            return
        raise numbered("1403-400", "The header 'If-Match' is missing in the request.")
    current = stamps.current(record)
    quoted = current if current.endswith('"') else f'"{current}"'
    if if_match == quoted:
        return
    if not settings.quoted_if_match_required and if_match == quoted.removeprefix("W/").strip('"'):
        return
    raise stale(if_match, current)


def require_object(body: Any) -> Document:
    """Return a body that is an object with something in it, or refuse it."""
    if body in (None, {}):
        raise numbered("1405-400", "The request body cannot be null or empty.")
    if not isinstance(body, dict):
        raise invalid("The request body is no object.")
    return body


def _require_custom_specs(service: Service, collection: str) -> None:
    if collection == "connectionSpecs" and not service.settings.custom_specs_allowed:
        raise numbered("1426-400", "The user token is unauthorized to create/update the connection spec.")


def _require_spec_version(document: Document) -> None:
    spec = document.get("connectionSpec")
    if isinstance(spec, dict) and "version" not in spec:
        raise no_spec_version()


def _refuse_server_owned(collection: str, document: Document) -> None:
    if collection == "flows" and child(document, "state") is not None:
        raise numbered("1410-400", "State is not allowed in the create flow request.")
    if owned := sorted(server_owned(collection) & document.keys()):
        raise invalid(f"The field {owned[0]} is written by the service alone.")
