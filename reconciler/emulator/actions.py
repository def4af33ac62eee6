"""``POST /…/{id}/action?op=…`` (FACTS 1, 6)."""

from __future__ import annotations

from typing import Final

from reconciler.emulator import stamps, transitions
from reconciler.emulator.errors import invalid, numbered
from reconciler.emulator.stamps import Call, Service
from reconciler.emulator.store import Record

_STATES: Final = {"enable": ("disabled", "enabled"), "disable": ("enabled", "disabled")}
_PROVIDER: Final = ("finalize", "finalize_update")


def act(service: Service, call: Call, record: Record, op: str, *, ignored: bool = False) -> Record:
    """Enable or disable a flow; op in any case."""
    action = op.lower()
    if action in _PROVIDER:
        raise numbered("1402-400", f"The action '{action}' is supported for provider requests only.")
    if action == "publish":  # drafts are not emulated: there is nothing that could be published
        raise _not_valid(service, record, action)
    if record.collection != "flows" or action not in _STATES:
        raise invalid(f"Unknown action '{op}'.")
    before, after = _STATES[action]
    current = transitions.state(service, record)
    if current.endswith("ing"):
        raise numbered("1421-400", f"The current state {current} cannot be transitioned.")
    if current != before:
        raise _not_valid(service, record, action)
    if not ignored:
        record.body["state"] = after
    stamps.updated(service, call.actor, record)
    transitions.begin(service, record, action, [])
    service.store.save(record)
    return record


def _not_valid(service: Service, record: Record, action: str) -> Exception:
    current = transitions.state(service, record)
    return numbered("1422-400", f"The action {action} cannot be applied on the current state {current}.")
