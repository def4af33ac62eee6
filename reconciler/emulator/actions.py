"""``POST /…/{id}/action?op=…`` (FACTS 1, 6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.emulator import drafts, stamps, transitions
from reconciler.emulator.errors import invalid, numbered
from reconciler.emulator.stamps import Call, Service
from reconciler.emulator.store import Record

_STATES: Final = {"enable": ("disabled", "enabled"), "disable": ("enabled", "disabled")}
_PROVIDER: Final = ("finalize", "finalize_update")
_SUB_OPS: Final = ("apply", "rollback", "progress")


def act(service: Service, call: Call, record: Record, op: str, *, ignored: bool = False) -> Record:
    """Enable or disable a flow, or publish a draft; op in any case."""
    action = op.lower()
    if action in _PROVIDER:
        raise numbered("1402-400", f"The action '{action}' is supported for provider requests only.")
    if action == "publish":
        after = drafts.published(service, record)
    elif record.collection == "flows" and action in _STATES:
        after = _switched(service, record, action)
    else:
        raise invalid(f"Unknown action '{op}'.")
    if not ignored:
        record.body["state"] = after
    stamps.updated(service, call.actor, record)
    transitions.begin(service, record, action, [])
    service.store.save(record)
    return record


def refuse_sub_ops(names: Iterable[str]) -> None:
    """Refuse a sub-operation that does not exist. OAS calls them required, no documented call has one (FACTS 1)."""
    if unknown := [name for name in names if name.lower() not in _SUB_OPS]:
        raise invalid(f"Unknown sub-operation '{unknown[0]}'.")


def _switched(service: Service, record: Record, action: str) -> str:
    before, after = _STATES[action]
    current = transitions.state(service, record)
    if transitions.in_transition(service, record):
        raise numbered("1421-400", f"The current state {current} cannot be transitioned.")
    if current != before:
        raise transitions.not_valid(service, record, action)
    return after
