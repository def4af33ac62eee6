"""Whether a document may be as a POST or PATCH would have it (FACTS 6, 8, 10)."""

from __future__ import annotations

from typing import Any, Final

from reconciler.emulator.canonical import mapping_params
from reconciler.emulator.errors import bad_spec_id, invalid, numbered
from reconciler.emulator.resources import Document, child
from reconciler.emulator.schemas import violations, without_unknown_required
from reconciler.emulator.secrets import chosen_auth
from reconciler.emulator.stamps import Service
from reconciler.emulator.store import Record
from reconciler.emulator.views import connection_spec, flow_spec

_REQUIRED: Final = {
    "connections": ("name", "connectionSpec"),
    "sourceConnections": (
        "name",
    ),  # connectionSpec and data are required on paper, documents leave them out (FACTS 17)
    "targetConnections": (),
    "flows": ("flowSpec", "sourceConnectionIds", "targetConnectionIds"),
    "connectionSpecs": ("name", "providerId"),
    "flowSpecs": ("name", "providerId"),
    "runs": ("flowId",),
}
_TYPES: Final[dict[str, type]] = {
    "name": str,
    "description": str,
    "connectionSpec": dict,
    "flowSpec": dict,
    "auth": dict,
    "baseConnectionId": str,
    "sourceConnectionIds": list,
    "targetConnectionIds": list,
    "transformations": list,
    "scheduleParams": dict,
    "authSpec": list,
}
_ENDS: Final = (("sourceConnectionIds", "sourceConnections"), ("targetConnectionIds", "targetConnections"))


def check(service: Service, record: Record, before: Document | None = None) -> None:
    """Refuse a document that the service would not store.

    Of a document that was there before only what changes is looked at: it may have been seeded from a documented reply,
    without the objects that it points to.
    """
    _check_fields(record)
    changed = {field for field, value in record.body.items() if before is None or before.get(field) != value}
    if record.collection == "connections":
        _check_connection(service, record, changed)
    elif record.collection == "flows":
        _check_flow(service, record, changed)
        _check_ends(service, record, before or {})
    elif record.collection in ("sourceConnections", "targetConnections"):
        _check_end(service, record, changed)


def _check_fields(record: Record) -> None:
    for field in _REQUIRED[record.collection]:
        if record.body.get(field) in (None, "", [], {}):
            raise bad_spec_id() if _is_base_spec(record, field) else invalid(f"The field {field} is missing.")
    for field, wanted in _TYPES.items():
        if field in record.body and not isinstance(record.body[field], wanted):
            raise invalid(f"The field {field} has the wrong type.")


def _is_base_spec(record: Record, field: str) -> bool:
    return record.collection == "connections" and field == "connectionSpec"


def _check_connection(service: Service, record: Record, changed: set[str]) -> None:
    spec = connection_spec(service, record)
    if "connectionSpec" in changed and spec is None and service.settings.check_references:
        raise bad_spec_id()
    if child(spec, "authSpec") and "auth" in changed:
        _check_auth(service, spec, record.body["auth"])


def _check_auth(service: Service, spec: Document | None, auth: Document) -> None:
    """A connection names one auth spec and gives what that requires; params may be gone whole (FACTS 9, 14)."""
    name = auth.get("specName")
    chosen = chosen_auth(spec, name)
    if chosen is None:
        raise numbered("1415-400", f"The auth spec '{name}' could not be found for the connection spec.")
    params = auth.get("params")
    if params is None:
        return
    if not isinstance(params, dict):
        raise invalid("The auth params are no object.")
    if not service.settings.check_schemas:
        return
    if wrong := violations(without_unknown_required(chosen.get("spec")), params):
        raise invalid(f"The auth params do not fit: {'; '.join(wrong)}")


def _check_end(service: Service, record: Record, changed: set[str]) -> None:
    if not service.settings.check_references:
        return
    if "connectionSpec" in changed and connection_spec(service, record) is None:
        raise numbered("1413-400", "The spec id provided is invalid.")
    if "baseConnectionId" in changed:
        _require(service, record, "connections", record.body["baseConnectionId"])


def _check_flow(service: Service, record: Record, changed: set[str]) -> None:
    spec = flow_spec(service, record)
    if "flowSpec" in changed and spec is None and service.settings.check_references:
        raise numbered("1413-400", "The spec id provided is invalid.")
    _check_mappings(record.body)
    if "scheduleParams" in changed and service.settings.check_schemas:
        _check_schedule(spec, record.body["scheduleParams"])


def _check_ends(service: Service, record: Record, before: Document) -> None:
    for field, collection in _ENDS:
        identifiers = record.body[field]
        if not all(isinstance(identifier, str) for identifier in identifiers):
            raise invalid(f"The field {field} holds something that is no id.")
        for identifier in identifiers if service.settings.check_references else ():
            if identifier not in before.get(field, ()):
                _require(service, record, collection, identifier)


def _check_mappings(body: Document) -> None:
    for params in mapping_params(body):
        version = params.get("mappingVersion", "0")
        text = str(version) if isinstance(version, int) and not isinstance(version, bool) else version
        if not (isinstance(text, str) and text.isascii() and text.isdigit()):
            raise numbered("1412-400", "Invalid mapping version in request.")


def _check_schedule(spec: Document | None, schedule: Document) -> None:
    """The flow spec's own schema decides; streaming specs have none (FACTS 10)."""
    schema = child(spec, "scheduleSpec", "spec")
    if schema is not None and (wrong := violations(schema, schedule)):
        raise invalid(f"The scheduleParams do not fit: {'; '.join(wrong)}")


def _require(service: Service, record: Record, collection: str, identifier: Any) -> None:
    if not isinstance(identifier, str) or service.store.find(collection, identifier, record.scope) is None:
        raise invalid(f"{collection} not found with id = [{identifier}]")


def check_start_time(service: Service, before: Document, after: Document) -> None:
    """A start time stands once it has passed, for enabled and disabled flows alike (FACTS 10)."""
    start = _seconds(child(before, "scheduleParams", "startTime"))
    if start is None or start > service.settings.clock():
        return
    if _seconds(child(after, "scheduleParams", "startTime")) != start:
        raise invalid("The startTime cannot be changed once it has passed.")


def _seconds(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
