"""A flow's writes take a while: ``lastOperation``, the transient states, and what they forbid (FACTS 6, 7, 8, 9).

A write stores the document as it will be once it has settled, and when that is. Readers before then are shown a write
in progress. So settling writes nothing, and the etag that the write answered still is the flow's afterwards.
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.emulator.errors import Refusal, numbered
from reconciler.emulator.resources import DRAFT, Document
from reconciler.emulator.stamps import Service
from reconciler.emulator.store import Record

_TRANSIENT: Final = {
    "create": "initializing",
    "update": "updating",
    "enable": "enabling",
    "disable": "disabling",
    "publish": "initializing",
}
_OPERATION_WORDS: Final = {
    "completed": ("inProgress", "completed"),
    "enum": ("IN_PROGRESS", "COMPLETED"),
    "queued": ("QUEUED", "SUCCESS"),
}
DELETING: Final = "delete-finalizing"
"""The state of what is on its way out (FACTS 8)."""

_CHANGEABLE: Final = ("enabled", "disabled", "initializing")


def begin(service: Service, record: Record, operation: str, ops: list[Any]) -> None:
    """Note what was just done to a flow, and when it will have settled."""
    if record.collection != "flows":
        return
    started = service.now_ms()
    seconds = 0.0 if record.body.get("state") == DRAFT else service.settings.settle_seconds
    record.settles_at = service.settings.clock() + seconds
    record.body["lastOperation"] = {
        "started": started,
        "updated": started + int(seconds * 1000),
        "percentCompleted": 100.0,
        "status": _status(service, done=True),
        "ops": ops,
        "operation": operation,
    }


def _status(service: Service, *, done: bool) -> Document:
    words = service.settings.operation_words
    value = _OPERATION_WORDS.get(words, _OPERATION_WORDS["completed"])[done]
    return {"value": value, "errors": []} | ({} if words == "completed" else {"properties": None})


def mark_deleted(service: Service, record: Record) -> None:
    """Note that a document is on its way out, and when it will be gone."""
    record.settles_at = service.settings.clock() + service.settings.delete_seconds
    record.body["state"] = DELETING
    service.store.save(record)


def sweep(service: Service) -> None:
    """Take away what has been on its way out for long enough."""
    if service.settings.delete_seconds:
        service.store.delete_where_state(DELETING, service.settings.clock())


def unsettled(service: Service, record: Record) -> bool:
    """Iff the last write of a flow is still in progress."""
    return record.body.get("state") != DELETING and record.settles_at > service.settings.clock()


def in_progress(service: Service, record: Record) -> Document:
    """Return an unsettled flow as a reader sees it."""
    last = record.body["lastOperation"]
    shown = {**last, "updated": last["started"], "percentCompleted": 0.0}
    shown["status"] = _status(service, done=False)
    return {**record.body, "state": state(service, record), "lastOperation": shown}


def state(service: Service, record: Record) -> str:
    """Return the state that a document shows now."""
    settled: str = record.body.get("state", "enabled")
    if unsettled(service, record) and service.settings.transient_state:
        named = _TRANSIENT.get(record.body["lastOperation"]["operation"], settled)
        words = service.settings.transient_words
        return {"named": named, "finalizing": f"{settled}-finalizing"}.get(words, words)
    return settled


def _draft_may(service: Service, *, deleting: bool) -> bool:
    """Iff drafts take an update, or a delete (FACTS 6 against 12)."""
    allowed = service.settings.draft_changes
    return allowed == "free" or (allowed == "patched" and not deleting)


def in_transition(service: Service, record: Record) -> bool:
    """Iff a document is on its way from one state to another; seeded ones tell by how their state is written."""
    return (unsettled(service, record) and service.settings.transient_state) or state(service, record).endswith("ing")


def not_valid(service: Service, record: Record, action: str) -> Refusal:
    """Return the refusal of an action that has no meaning in the current state."""
    current = state(service, record)
    return numbered("1422-400", f"The action {action} cannot be applied on the current state {current}.")


def require_changeable(service: Service, record: Record, *, deleting: bool = False) -> None:
    """Refuse an update or delete of what is in transition, on its way out, or a draft that stands."""
    current = state(service, record)
    if current in _CHANGEABLE or (current == DRAFT and _draft_may(service, deleting=deleting)):
        return
    if in_transition(service, record):
        raise numbered("1420-400", f"The current state {current} cannot be updated.")
    raise numbered("1416-400", "Delete or update can only be applied in enabled, disabled or initializing state.")
