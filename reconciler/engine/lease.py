"""Our hold on the ledger while we write: renewed in the background, and checked before every write.

A runner that was paused (a laptop closed, a machine frozen) comes back with a lease that somebody may have taken over.
So the guard looks at the clock too: past the expiry that was last confirmed, nothing more is sent.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

from reconciler.engine.ports import Clock, Ledger
from reconciler.model.errors import LeaseLost, ReconcilerError

LEASE_SECONDS: Final = 300.0


class Lease:
    """A context in which our begin is kept alive; entered after ``Ledger.begin``."""

    def __init__(
        self, ledger: Ledger, run: str, clock: Clock, seconds: float = LEASE_SECONDS, expires: float | None = None
    ) -> None:
        self._ledger, self._run, self._clock, self._seconds = ledger, run, clock, seconds
        # As our begin says: that may have been a while ago, where writing it took its time.
        self._expires = clock.now() + seconds if expires is None else expires
        self._lost: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        if self._expires - self._clock.now() < self._seconds * 2 / 3:  # before the first turn in the background
            self._renew()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def guard(self) -> None:
        """Raise LeaseLost where nothing may be sent any more."""
        if self._lost is None and self._clock.now() >= self._expires:
            self._lost = "it expired before it could be renewed"
        if self._lost is not None:
            raise LeaseLost(f"the hold on the ledger was lost: {self._lost}. Nothing more was sent; apply again")

    def _keep(self) -> None:
        while not self._stop.wait(self._seconds / 3):
            try:
                self._renew()
            except LeaseLost as lost:
                self._lost = str(lost)
                return
            except ReconcilerError:
                continue  # the next turn may do better; the guard stops us at the expiry

    def _renew(self) -> None:
        expires = self._clock.now() + self._seconds
        self._ledger.renew(self._run, expires)
        self._expires = expires
