"""Reads that lag behind writes: what documents were like some seconds ago (FACTS 16, U).

Writes always meet the documents as they are. Nothing is kept while no read lags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reconciler.emulator.settings import Settings
from reconciler.emulator.store import CATALOGUE, Record, Scope, Store


@dataclass(frozen=True, slots=True)
class _Was:
    """A document as it was until a moment; None: it was not there yet."""

    until: float
    collection: str
    scope: Scope
    id: str
    record: Record | None


class Past:
    """What the documents of a store were like, as far back as a read may lag."""

    def __init__(self, store: Store, settings: Callable[[], Settings]) -> None:
        self._store = store
        self._settings = settings
        self._was: list[_Was] = []
        store.on_change = self._note

    def _note(self, record: Record, before: Callable[[], Record | None], at: float | None) -> None:
        lag = max(self._settings().list_lag, self._settings().get_lag)
        if lag:
            now = self._settings().clock()
            self._was = [was for was in self._was if was.until > now - lag]
            self._was.append(_Was(now if at is None else at, record.collection, record.scope, record.id, before()))

    def find(self, collection: str, identifier: str, scope: Scope) -> Record | None:
        """Return what a GET sees under an id."""
        for was in self._shown_still(collection, scope, self._settings().get_lag):
            if was.id == identifier:
                return was.record
        return self._store.find(collection, identifier, scope)

    def scan(self, collection: str, scope: Scope, after: int = 0) -> Iterator[Record]:
        """Yield what a list sees, in the order of its making, from behind a sequence number."""
        earlier = {
            was.id: was.record for was in reversed(self._shown_still(collection, scope, self._settings().list_lag))
        }
        if not earlier:
            yield from self._store.scan(collection, scope, after)
            return
        current = [record for record in self._store.scan(collection, scope) if record.id not in earlier]
        past = [record for record in earlier.values() if record]
        yield from (record for record in sorted(current + past, key=lambda one: one.seq) if record.seq > after)

    def _shown_still(self, collection: str, scope: Scope, lag: float) -> list[_Was]:
        """Return what such a read still shows, the earliest state of an object first."""
        if not lag or not self._was:
            return []
        since = self._settings().clock() - lag
        seen = (scope, CATALOGUE)
        return [was for was in self._was if was.until > since and was.collection == collection and was.scope in seen]
