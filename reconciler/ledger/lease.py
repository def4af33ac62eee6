"""Who may write: pure rules over the begin that is open. It is the lock and the record of intent in one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from reconciler.model.errors import LeaseLost, LedgerError, LedgerHeld
from reconciler.model.ledger import Begin, End

TO_NOTICE: Final = 110.0
"""Seconds that a run which was unlocked is given to notice: it renews its hold every 100."""


def check_free(standing: Begin | None, now: float) -> None:
    """Raise LedgerHeld iff another run's begin stands and has not expired."""
    if standing is not None and now < standing.expires:
        shorter = " If that run is surely dead, reconciler unlock shortens the wait"
        raise LedgerHeld(
            f"the ledger is held by run {standing.run} of {standing.actor} since {moment(standing.started)}, until "
            f"{moment(standing.expires)} unless it is renewed; wait for it: after that time the next apply takes over."
            f"{shorter if now + TO_NOTICE < standing.expires else ''}"
        )


def check_seen(standing: Begin | None, seen: str | None) -> None:
    """Raise LedgerError iff the begin that stands is of a run that the plan knows nothing of."""
    if standing is not None and standing.run != seen:
        raise LedgerError(
            f"run {standing.run} of {standing.actor} began at {moment(standing.started)} and never ended, after this "
            "plan was made; nothing was sent. Plan again"
        )


def check_ours(standing: Begin | None, run: str, written: Collection[float] = ()) -> Begin:
    """Return our begin; raises LeaseLost iff it does not stand any more as we wrote it.

    An expired one that nobody took over still is ours: nobody has written since. ``written`` are the expiries that we
    gave it, where we know them: another one is of somebody who unlocked it.
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
    if written and standing.expires not in written:
        raise LeaseLost(f"run {run} does not hold the ledger any more: it was unlocked; nothing more is written")
    return standing


def check_named(standing: Begin, run: str | None) -> None:
    """Raise LedgerHeld iff another run stands than the one that somebody saw and means to end."""
    if run not in (None, standing.run):
        raise LedgerHeld(
            f"run {run} is over, and run {standing.run} of {standing.actor} holds the ledger since "
            f"{moment(standing.started)}; nothing was unlocked"
        )


def unlocked(standing: Begin, now: float) -> Begin:
    """Return a begin that expires soon, and not at a time that its holder wrote: so it notices, however late it is.

    Not at once: a holder that is alive looks at the ledger when it renews, and must not find another one writing.
    """
    return replace(standing, expires=max(0.0, min(now + TO_NOTICE, standing.expires - 1)))


def closed_by_other(expired: Begin, now: float) -> End:
    """Return the end of a run that could not write its own: how its resources ended is not known."""
    return End(expired.run, now, taken_over=True)


def moment(seconds: float) -> str:
    """Return epoch seconds for readers."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
