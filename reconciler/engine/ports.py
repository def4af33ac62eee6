"""What the engine needs of the world, as protocols; the siblings satisfy them, ``cli/wiring.py`` puts them in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reconciler.diff.document import Json
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, End, EntryChange, LedgerState
from reconciler.model.live import Live, Written
from reconciler.model.secrets import Secret, SecretSlot


class Readable(Protocol):
    """What can be read of a Flow Service. Every call may raise the ServiceError family."""

    def list(
        self,
        kind: Kind,
        ids: Collection[str] | None = None,
        told: Callable[[int], None] | None = None,
        *,
        sure: bool = False,
    ) -> list[Live]:
        """Every object of the kind, or those of the given ids in one call; whole or not at all (raises BadAnswer).

        ``told`` hears of each page, with the number of its objects. ``sure``, of every object: what is not in it does
        not exist, which pages alone cannot say.
        """

    def get(self, kind: Kind, id: str) -> Live:
        """One object; raises NotFound, Unauthorised."""


class FlowService(Readable, Protocol):
    """Flow Service for one organisation and sandbox.

    Every call may raise the ServiceError family. Reads are repeated inside until they hold or the run's budget is
    spent. Writes are not: what became of one whose answer was lost, the engine finds out. A body may hold
    :class:`~reconciler.model.secrets.Secret` leaves.
    """

    @property
    def organisation(self) -> str:
        """The organisation of every call, ``…@AdobeOrg``."""

    @property
    def sandbox(self) -> str:
        """The sandbox of every call."""

    @property
    def client(self) -> str:
        """The API key, as the service shows it in ``createdClient`` and ``updatedClient``."""

    def create(self, kind: Kind, body: Json) -> Written:
        """POST; raises Rejected, OutcomeUnknown."""

    def patch(self, kind: Kind, id: str, ops: Sequence[Mapping[str, Any]], etag: str) -> Written:
        """PATCH with If-Match; raises PreconditionFailed, Rejected, OutcomeUnknown."""

    def put(self, kind: Kind, id: str, body: Json, etag: str | None = None) -> Written:
        """PUT of a spec, whole, guarded where it has an etag; raises PreconditionFailed, Rejected, OutcomeUnknown."""

    def act(self, kind: Kind, id: str, op: str) -> Written:
        """POST …/action?op=…; raises Rejected, OutcomeUnknown."""

    def delete(self, kind: Kind, id: str) -> None:
        """DELETE; it may be accepted long before it is done (202). Raises NotFound, Rejected, OutcomeUnknown."""


class Ledger(Protocol):
    """One target's ledger."""

    def read(self) -> LedgerState:
        """Everything, seals checked; raises LedgerError, never answers empty for what could not be read."""

    def begin(self, begin: Begin, seen: str | None = None) -> Begin | None:
        """Take the ledger; raises LedgerHeld. Returns the expired begin that was taken over, if there was one.

        ``seen`` is the run that was open when the plan was made. Another one that began and expired since is not taken
        over (raises LedgerError): the plan knows nothing of what it did.
        """

    def renew(self, run: str, expires: float) -> None:
        """Prolong our begin; raises LeaseLost."""

    def record(self, run: str, changes: Sequence[EntryChange]) -> None:
        """Write entries under our begin; raises LeaseLost."""

    def end(self, run: str, end: End) -> None:
        """Close our begin and keep the results; raises LeaseLost, LedgerUnsaved (they are kept for the next run)."""

    def last_end(self) -> End | None:
        """How the last run ended that is over; raises LedgerError."""


class Secrets(Protocol):
    """Where secret values come from."""

    def value(self, slot: SecretSlot) -> Secret | None:
        """The value, or None where the variable or file is not there; raises UsageError where it is not allowed."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as an argument: epoch seconds, and a sleep that tests can skip."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]


class Progress(Protocol):
    """Told of what happens while it happens."""

    def step(self, stage: str, done: int, total: int, what: str, count: int | None = None) -> None:
        """``done`` of ``total`` of a stage (ledger, reading, planning, applying) are over; ``what`` names the last one.

        ``count`` is how many things that were so far, where it is another number than ``done``.
        """
