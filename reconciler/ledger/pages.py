"""A view of files read as a ledger: its entries, the begin that stands, the runs that are over.

::

    begin.json                          the run that is open
    resources/<Kind>/<name>.json        an entry a managed resource
    history/<started>-<run>.json        a run that is over, begin and end together
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from reconciler.ledger.document import SealState
from reconciler.ledger.format import Scope, begin_from_bytes, entry_from_bytes, history_from_bytes
from reconciler.ledger.store import Files
from reconciler.model.errors import LedgerError, LedgerTampered
from reconciler.model.ledger import Begin, End, Entry
from reconciler.model.resources import ResourceName
from reconciler.model.secrets import Keys

BEGIN: Final = "begin.json"
RESOURCES: Final = "resources"
HISTORY: Final = "history"
FOLDERS: Final = frozenset({RESOURCES, HISTORY})

_RUN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def entry_path(resource: ResourceName) -> str:
    """Return where a resource's entry stands."""
    return f"{RESOURCES}/{resource.kind}/{resource.name}.json"


def history_path(begin: Begin) -> str:
    """Return where a run will stand when it is over; raises LedgerError for a run whose name no file can have."""
    if not _RUN.fullmatch(begin.run):
        raise LedgerError(f"{begin.run!r} is no name of a run: letters, digits, '.', '_' and '-', at most 100")
    return f"{HISTORY}/{datetime.fromtimestamp(begin.started, UTC):%Y%m%dT%H%M%SZ}-{begin.run}.json"


class Pages:
    """Reads views; ``where`` names a file in its errors. Every method raises LedgerError and LedgerTampered."""

    def __init__(self, where: Callable[[str], str], scope: Scope, keys: Keys | None) -> None:
        self.where, self.scope, self.keys = where, scope, keys
        self._last_begin: tuple[bytes, Begin] | None = None

    def entries(self, files: Files) -> tuple[dict[ResourceName, Entry], dict[str, SealState]]:
        """Return every entry, and what its seal told by the file's name for readers."""
        paths = [f"{RESOURCES}/{kind}/{name}" for kind in files.names(RESOURCES) for name in _entries(files, kind)]
        entries, seals = {}, {}
        for path, content in files.read_all(paths):
            if content is not None:  # None: dropped since the folder was listed
                entry, seals[self.where(path)] = self._entry(path, content)
                entries[entry.resource] = entry
        return entries, seals

    def standing(self, files: Files) -> Begin | None:
        """Return the begin that is open, if one is."""
        content = files.read(BEGIN)
        if content is None:
            return None
        begin = self._begin(content)
        # Ended, but its begin outlived a crash; one taken over stands until the next begin has replaced it.
        return None if self.has_ended(files, begin) else begin

    def has_ended(self, files: Files, begin: Begin) -> bool:
        """Iff a run has written an end of its own."""
        path = history_path(begin)
        content = files.read(path)
        return content is not None and not self._past(path, content)[1].taken_over

    def history(self, files: Files, limit: int | None = None) -> list[tuple[Begin, End | None]]:
        """Return the runs, newest first, of those that are over at most ``limit``; one without an end is open."""
        # The names begin with the time: the newest are known before any is read.
        names = [name for name in reversed(files.names(HISTORY)) if name.endswith(".json")]
        over = files.read_all(f"{HISTORY}/{name}" for name in islice(names, limit))
        standing = self.standing(files)
        runs: list[tuple[Begin, End | None]] = [self._past(path, content) for path, content in over]
        runs += [(standing, None)] if standing else []
        return sorted(runs, key=lambda run: (run[0].started, run[0].run), reverse=True)

    def _begin(self, content: bytes) -> Begin:
        """Return the begin in a file's content; the last one is kept, since each record looks at it again."""
        if self._last_begin is None or self._last_begin[0] != content:
            self._last_begin = content, begin_from_bytes(content, self.where(BEGIN), self.scope, self.keys)
        return self._last_begin[1]

    def _entry(self, path: str, content: bytes) -> tuple[Entry, SealState]:
        where = self.where(path)
        entry, seal = entry_from_bytes(content, where, self.scope, self.keys)
        if entry_path(entry.resource) != path:
            raise LedgerTampered(
                f"{where} holds the entry of {entry.resource}: it was moved by another hand; move it back"
            )
        return entry, seal

    def _past(self, path: str, content: bytes | None) -> tuple[Begin, End]:
        if content is None:
            raise LedgerError(f"{self.where(path)} was deleted while it was read")
        return history_from_bytes(content, self.where(path), self.scope, self.keys)


def _entries(files: Files, kind: str) -> Iterator[str]:
    return (name for name in files.names(f"{RESOURCES}/{kind}") if name.endswith(".json"))
