"""Records in groups, for a home that is far away: what may wait goes with the next push, and threads share one.

What live does not show is pushed before its record returns: the id of an object that was created, and which members of
a flow spec are ours. All else that a killed run loses the next plan finds there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

from reconciler.ledger.target import TargetLedger
from reconciler.model.errors import LeaseLost
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, Drop, End, EntryChange, LedgerState
from reconciler.model.resources import ResourceName

PATIENCE: Final = 10.0
"""Seconds after which a record that may wait has waited long enough; looked at when the next one comes."""

_MAKES: Final = frozenset({"create", "replace"})


class GroupedLedger:
    """A ledger whose records wait for one another. Thread-safe."""

    def __init__(self, ledger: TargetLedger, now: Callable[[], float]) -> None:
        self._ledger = ledger
        self._now = now
        self._ids: dict[ResourceName, str] = {}
        self._makes: frozenset[ResourceName] = frozenset()
        self._state = threading.Lock()  # of all that follows
        self._waiting: list[EntryChange] = []
        self._given = 0  # records so far
        self._written = 0  # of these, how many are where the ledger lives
        self._since = 0.0
        self._writing = threading.Lock()  # held while one thread writes for all

    def read(self) -> LedgerState:
        """Return everything; see :meth:`TargetLedger.read`."""
        state = self._ledger.read()
        self._ids = {name: entry.id for name, entry in state.entries.items()}
        return state

    def begin(self, begin: Begin, seen: str | None = None) -> Begin | None:
        """Take the ledger; see :meth:`TargetLedger.begin`."""
        taken_over = self._ledger.begin(begin, seen)
        self._makes = frozenset(intent.resource for intent in begin.intents if intent.action in _MAKES)
        self._waiting, self._since = [], self._now()
        return taken_over

    def record(self, run: str, changes: Sequence[EntryChange]) -> None:
        """Write entries under our begin, now or with the next write; raises LeaseLost."""
        with self._state:
            urgent = any(self._is_urgent(change) for change in changes)
            self._waiting.extend(changes)
            self._given += 1
            mine = self._given
            self._learn(changes)
            may_wait = not urgent and self._now() - self._since < PATIENCE
        if not may_wait:
            self._write(run, mine)

    def renew(self, run: str, expires: float) -> None:
        """Prolong our begin, and write what waits; raises LeaseLost."""
        self._write(run, expires=expires)

    def end(self, run: str, end: End) -> None:
        """Write what waits, close our begin and keep the results; raises LeaseLost, LedgerUnsaved."""
        self._write(run, end=end)

    def last_end(self) -> End | None:
        """Return how the last run ended that is over."""
        return self._ledger.last_end()

    def _is_urgent(self, change: EntryChange) -> bool:
        """Iff losing it would lose the id of what this run creates, or whose the members of a flow spec are."""
        if isinstance(change, Drop):
            return False
        entry = change.entry
        if entry.resource.kind is Kind.FLOW_SPEC:
            return True
        return entry.resource in self._makes and self._ids.get(entry.resource) != entry.id

    def _learn(self, changes: Sequence[EntryChange]) -> None:
        for change in changes:
            if isinstance(change, Drop):
                self._ids.pop(change.resource, None)
            else:
                self._ids[change.entry.resource] = change.entry.id

    def _write(
        self, run: str, mine: int | None = None, *, expires: float | None = None, end: End | None = None
    ) -> None:
        with self._writing:
            with self._state:
                if mine is not None and self._written >= mine:
                    return  # while we waited for our turn, another thread took ours along
                group, upto, self._waiting = self._waiting, self._given, []
            try:
                self._ledger.write(run, group, expires=expires, end=end)
            except LeaseLost:
                raise  # nothing of it is ours to write any more
            except BaseException:
                with self._state:
                    self._waiting = [*group, *self._waiting]
                raise
            with self._state:
                self._written, self._since = upto, self._now()
