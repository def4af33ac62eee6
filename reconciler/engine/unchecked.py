"""Which secrets could not be compared with what was sent, and why: a rotation of theirs would not be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reconciler.engine.credentials import slots
from reconciler.engine.steps import Context
from reconciler.model.ledger import LedgerState
from reconciler.model.resources import Estate, Notice
from reconciler.model.secrets import Fingerprint

_NAMED: Final = 3
_NO_KEY: Final = "RECONCILER_KEY is not set: a secret that was rotated cannot be told from one that was not"
_NOT_AT_HAND: Final = "not set here, so that a rotation cannot be seen (usual in a pull request): {}"
_OTHER_KEY: Final = (
    "RECONCILER_KEY is another one than when the secrets of {} were sent: whether they were rotated since cannot be "
    "told until --rotate sends them again"
)
_NO_FINGERPRINT: Final = (
    "the secrets of {} were not fingerprinted when they were last applied, for want of RECONCILER_KEY or of a value: "
    "whether they were rotated since cannot be told. What is set now counts as sent from the next apply on; --rotate "
    "sends it"
)


def unchecked_secrets(estate: Estate, ledger: LedgerState, context: Context) -> list[Notice]:
    """Tell of all secrets whose rotation would not be seen here; a rotation is seen by its fingerprint alone."""
    if context.keys is None:
        declared = any(True for resource in estate.resources for _ in slots(dict(resource.spec)))
        return [Notice(_NO_KEY)] if declared else []
    ours = context.keys.id
    found = [
        (_NOT_AT_HAND, _not_at_hand(estate, context)),
        (_OTHER_KEY, _marked(estate, ledger, lambda mark: mark.key_id not in (None, ours))),
        (_NO_FINGERPRINT, _marked(estate, ledger, lambda mark: mark.key_id is None)),
    ]
    return [Notice(text.format(_few(names))) for text, names in found if names]


def _not_at_hand(estate: Estate, context: Context) -> list[str]:
    return [
        f"{slot.key} ({resource.name})"
        for resource in estate.resources
        for _, slot in slots(dict(resource.spec))
        if context.secret(slot) is None
    ]


def _marked(estate: Estate, ledger: LedgerState, holds: Callable[[Fingerprint], bool]) -> list[str]:
    """Return the resources that have a secret with such a fingerprint in the ledger."""
    entries = ((str(one.name), ledger.entries.get(one.name)) for one in estate.resources)
    return [name for name, entry in entries if entry and any(map(holds, entry.secrets.values()))]


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(sorted(names)[:_NAMED]) + more
