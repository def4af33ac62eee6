"""What every write has in common: leave to send, values filled in, patience, and its outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.diff.document import Json, Opaque, replace_opaque
from reconciler.engine import facts
from reconciler.engine.ports import Clock, FlowService
from reconciler.model.errors import InternalError, NotFound, OutcomeUnknown, Rejected, SecretMissing
from reconciler.model.kinds import Kind
from reconciler.model.live import Live, Written
from reconciler.model.resources import Reference, ResourceName
from reconciler.model.secrets import Secret, SecretSlot

TRIES: Final = 6
"""One write and at most five repetitions."""

_LONGEST_PAUSE: Final = 8.0
_BAD_REQUEST: Final = 400


class Conflict(Exception):
    """Somebody changed a declared field since the plan; it is not overwritten."""


class Ambiguous(Exception):
    """A create whose answer was lost, and more than one object, or another one, that it may have made."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A write that is known to have been taken.

    ``before`` is the object from before it (None: created), ``written`` its answer (None: lost), ``attempts`` the
    tries, ``secrets`` whether they were part of it.
    """

    id: str
    before: Live | None
    written: Written | None
    attempts: int
    secrets: bool = False


@dataclass(frozen=True, slots=True)
class Hands:
    """The service and the leave to write to it, for one step.

    ``guard`` raises LeaseLost where nothing may be sent any more; ``tries`` are the writes that were sent.
    """

    service: FlowService
    clock: Clock
    secret: Callable[[SecretSlot], Secret | None]
    guard: Callable[[], None]
    settle_seconds: float
    tries: list[str] = field(default_factory=list)

    def sending(self, what: str) -> None:
        """Note that a write is about to be sent; raises LeaseLost where it must not be."""
        self.guard()
        self.tries.append(what)

    def fill(self, document: Json, ids: Mapping[ResourceName, str]) -> Json:
        """Return a body with ids for references and values for secrets; raises SecretMissing."""

        def value(leaf: Opaque) -> Json:
            if isinstance(leaf, Reference) and leaf.resource in ids:
                return ids[leaf.resource]
            if isinstance(leaf, SecretSlot):
                return self._secret(leaf)
            raise InternalError(f"{leaf!r} has no value yet")

        return replace_opaque(document, value)

    def _secret(self, slot: SecretSlot) -> Secret:
        secret = self.secret(slot)
        if secret is None:
            raise SecretMissing(f"{slot.pointer} has to be sent, and its {slot.origin} {slot.key} is not set")
        return secret

    def pause(self, attempt: int) -> None:
        """Wait before the next try: exponential, full jitter."""
        self.clock.sleep(self.clock.random() * min(_LONGEST_PAUSE, 0.5 * 2**attempt))

    def act(self, kind: Kind, id: str, op: str) -> Written:
        """Enable or disable; an answer that was lost, or a state that is on its way, is looked at before trying again.

        Raises ServiceError.
        """
        wanted = f"{op}d"
        for attempt in range(1, TRIES + 1):
            self.sending(op)
            try:
                return self.service.act(kind, id, op)
            except (OutcomeUnknown, Rejected) as failure:
                live = self._readable(kind, id)
                state = live.document.get("state") if live else None
                if live and facts.STATES.get(str(state)) == wanted:
                    return Written(id, live.etag)
                # Whether a refusal has a code is unknown (FACTS 6), and whether a reading is late, too (FACTS 16).
                untold = failure.code is None and failure.status == _BAD_REQUEST
                passing = isinstance(failure, OutcomeUnknown) or untold or failure.code in facts.TRANSITION_CODES
                if not passing or attempt == TRIES:
                    raise
            self.pause(attempt)
        raise AssertionError("the last try returns or raises")

    def _readable(self, kind: Kind, id: str) -> Live | None:
        """Return an object, or None: no document promises that what was just created can be read at once (FACTS 16)."""
        try:
            return self.service.get(kind, id)
        except NotFound:
            return None
