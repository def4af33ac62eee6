"""What the last run made and what may not show yet: no document promises that a write can be read at once (FACTS 16).

A plan right after an apply would take such an object for one that somebody has deleted, and make it again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from reconciler.engine.ports import Clock, FlowService
from reconciler.engine.settle import read_back
from reconciler.model.errors import NotFound
from reconciler.model.kinds import Kind
from reconciler.model.ledger import End
from reconciler.model.live import Live
from reconciler.model.plan import Action

_MAKES = frozenset({Action.CREATE, Action.REPLACE})


@dataclass(slots=True)
class Patient:
    """Reads a service, and tells late from missing: what was made shows within ``settle_seconds``, or never.

    ``last_end`` is asked at most once, and only if something does not show. Safe to use from several threads.
    """

    service: FlowService
    last_end: Callable[[], End | None]
    settle_seconds: float
    clock: Clock
    _made: tuple[frozenset[str], float] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def list(
        self,
        kind: Kind,
        ids: Collection[str] | None = None,
        told: Callable[[int], None] | None = None,
        *,
        sure: bool = False,
    ) -> list[Live]:
        """Return what a list shows; what it lacks is for :meth:`get` to tell."""
        return self.service.list(kind, ids, told, sure=sure)

    def get(self, kind: Kind, id: str) -> Live:
        """Return an object as soon as it shows; raises NotFound once it is missing, ServiceError, LedgerError."""
        try:
            return self.service.get(kind, id)
        except NotFound:
            made, until = self._known()
            seconds = until - self.clock.now()
            if id not in made or seconds <= 0:
                raise
            return read_back(self.service, id, kind, self.clock, seconds).live

    def _known(self) -> tuple[frozenset[str], float]:
        with self._lock:
            if self._made is None:
                end = self.last_end()
                outcomes = end.outcomes if end else ()
                made = frozenset(one.id for one in outcomes if one.id is not None and one.action in _MAKES)
                self._made = made, (end.finished if end else 0) + self.settle_seconds
            return self._made
