"""Who may write: pure rules over the begin that is open. It is the lock and the record of intent in one."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.model.errors import LeaseLost, LedgerError, LedgerHeld
from reconciler.model.ledger import Begin, End


def check_free(standing: Begin | None, now: float) -> None:
    """Raise LedgerHeld iff another run's begin stands and has not expired."""
    if standing is not None and now < standing.expires:
        raise LedgerHeld(
            f"the ledger is held by run {standing.run} of {standing.actor} since {moment(standing.started)}, until "
            f"{moment(standing.expires)} unless it is renewed; wait for it: after that time the next apply takes over"
        )


def check_seen(standing: Begin | None, seen: str | None) -> None:
    """Raise LedgerError iff the begin that stands is of a run that the plan knows nothing of."""
    if standing is not None and standing.run != seen:
        raise LedgerError(
            f"run {standing.run} of {standing.actor} began at {moment(standing.started)} and never ended, after this "
            "plan was made; nothing was sent. Plan again"
        )


def check_ours(standing: Begin | None, run: str) -> Begin:
    """Return our begin; raises LeaseLost iff it does not stand any more.

    An expired one that nobody took over still is ours: nobody has written since.
    """
    if standing is None:
        raise LeaseLost(
            f"run {run} does not hold the ledger any more: it was ended or unlocked; nothing more is written"
        )
    if standing.run != run:
        raise LeaseLost(
            f"run {run} does not hold the ledger any more: run {standing.run} of {standing.actor} took it over at "
            f"{moment(standing.started)}; nothing more is written"
        )
    return standing


def closed_by_other(expired: Begin, now: float) -> End:
    """Return the end of a run that could not write its own: how its resources ended is not known."""
    return End(expired.run, now, taken_over=True)


def moment(seconds: float) -> str:
    """Return epoch seconds for readers."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
