"""What a reply shows of a stored document (FACTS 4, 8, 14, 15)."""

from __future__ import annotations

from typing import Any

from reconciler.emulator import secrets, stamps, transitions
from reconciler.emulator.inherited import inherited
from reconciler.emulator.resources import SPECS, Document, child
from reconciler.emulator.settings import Settings
from reconciler.emulator.stamps import Service
from reconciler.emulator.store import CATALOGUE, Record


def shown(service: Service, record: Record, *, listed: bool = False) -> Document:
    """Return the document of a reply, a list's or another; the stored one is left as it is."""
    if record.collection in SPECS:
        return _spec(service.settings, record)
    if record.collection == "connections":
        mode = service.settings.secrets
        if listed and service.settings.list_secrets == "absent":
            mode = "absent"
        return record.body if mode == "clear" else secrets.hide(record.body, connection_spec(service, record), mode)
    body = transitions.in_progress(service, record) if transitions.unsettled(service, record) else dict(record.body)
    if service.settings.operation_words == "absent":
        body.pop("lastOperation", None)
    attributes = inherited(service, record) if record.collection != "runs" else None
    return {**body, "inheritedAttributes": attributes} if attributes else body


def connection_spec(service: Service, record: Record) -> Document | None:
    """Return the spec that a document's ``connectionSpec`` names, if it is here."""
    return _named(service, record, "connectionSpecs", child(record.body, "connectionSpec", "id"))


def flow_spec(service: Service, record: Record) -> Document | None:
    """Return the spec that a flow's ``flowSpec`` names, if it is here."""
    return _named(service, record, "flowSpecs", child(record.body, "flowSpec", "id"))


def _named(service: Service, record: Record, collection: str, identifier: Any) -> Document | None:
    found = service.store.find(collection, identifier, record.scope) if isinstance(identifier, str) else None
    return found.body if found else None


def _spec(settings: Settings, record: Record) -> Document:
    """A spec's reply: no description, no empty authSpec, and keys of the service's own (FACTS 15)."""
    body = {**record.body, "etag": stamps.current(record)} if settings.spec_etags else dict(record.body)
    if settings.spec_description == "omitted":
        body.pop("description", None)
    if "transformationSpecs" in body:
        body[settings.transformation_specs] = body.pop("transformationSpecs")
    if body.get("authSpec") == []:
        del body["authSpec"]
    attributes = child(body, "sourceSpec", "attributes")
    if isinstance(attributes, dict):
        body["sourceSpec"] = {**body["sourceSpec"], "attributes": _source_attributes(settings, record, attributes)}
    return body


def _source_attributes(settings: Settings, record: Record, attributes: Document) -> Document:
    attributes = dict(attributes)
    path = child(attributes, "contentPath", "path")
    if settings.content_path == "collapsed" and path is not None:
        attributes["contentPath"] = path
    if record.scope != CATALOGUE and record.body.get("authSpec"):
        attributes["authRequired"] = True
    return attributes
