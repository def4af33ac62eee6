"""Deleting: look once more whether it is what the ledger speaks of, DELETE, and wait until it is gone.

A DELETE carries no etag (FACTS 7), so the look comes right before it. It may be accepted long before it is done
(FACTS 4), and whoever needs the object gone needs to know: only a 404 is the end.
"""

from __future__ import annotations

from typing import Final

from reconciler.engine import facts
from reconciler.engine.hands import TRIES, Conflict, Hands
from reconciler.engine.removal import mismatch
from reconciler.model.errors import NotFound, OutcomeUnknown, Rejected
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry

_FIRST_WAIT: Final = 0.25
_LONGEST_WAIT: Final = 5.0
_BAD_REQUEST: Final = 400


def delete(hands: Hands, entry: Entry) -> str | None:
    """Delete an object, and return what is wrong: None once it is gone. Raises Conflict, LeaseLost, ServiceError."""
    kind, id = entry.resource.kind, entry.id
    for attempt in range(1, TRIES + 1):
        try:
            live = hands.service.get(kind, id)
            if reason := mismatch(entry, live):
                raise Conflict(reason)
            hands.sending("delete")
            hands.service.delete(kind, id)
        except NotFound:
            return None
        except OutcomeUnknown:
            if attempt == TRIES:
                raise
        except Rejected as refused:
            if attempt == TRIES or not _may_pass(refused):
                raise
        else:
            return None if _is_gone(hands, kind, id) else _late(hands)
        hands.pause(attempt)
    raise AssertionError("the last try returns or raises")


def _may_pass(refused: Rejected) -> bool:
    """Iff it is in transition or in use, or gives no code: whether an answer has one is unknown (FACTS 6)."""
    if refused.code is None:
        return refused.status == _BAD_REQUEST
    return refused.code in facts.TRANSITION_CODES | facts.IN_USE_CODES


def _late(hands: Hands) -> str:
    return (
        f"the service accepted the deletion, and still shows the object {hands.settle_seconds:.0f} s later; the next "
        "apply looks again"
    )


def _is_gone(hands: Hands, kind: Kind, id: str) -> bool:
    deadline, wait = hands.clock.now() + hands.settle_seconds, _FIRST_WAIT
    while True:
        late = hands.clock.now() + wait > deadline
        try:
            hands.service.get(kind, id)
        except NotFound:
            return True
        if late:
            return False
        hands.clock.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)
