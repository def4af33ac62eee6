"""The ledger's home in a folder: for the emulator, and for manifests outside git.

::

    .lock                               held for moments only; begin.json is the lock of a run
    begin.json                          the run that is open
    resources/<Kind>/<name>.json        an entry a managed resource
    history/<started>-<run>.json        a run that is over, begin and end together
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reconciler.ledger import files
from reconciler.ledger.document import SealState
from reconciler.ledger.format import (
    Scope,
    begin_from_bytes,
    begin_to_bytes,
    entry_from_bytes,
    entry_to_bytes,
    history_from_bytes,
    history_to_bytes,
)
from reconciler.ledger.lease import check_free, check_ours, check_seen, closed_by_other
from reconciler.ledger.seals import all_unsealed, notes_on
from reconciler.ledger.secrecy import told_safely, without_secrets
from reconciler.model.errors import LedgerError, LedgerTampered
from reconciler.model.ledger import Begin, Drop, End, Entry, EntryChange, LedgerState
from reconciler.model.resources import ResourceName
from reconciler.model.secrets import Keys, Redactor

_RUN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class FolderLedger:
    """One target's ledger in a folder. Safe between threads and processes of one machine."""

    def __init__(
        self,
        folder: Path,
        keys: Keys | None,
        organisation: str,
        sandbox: str,
        now: Callable[[], float],
        redactor: Redactor | None = None,
    ) -> None:
        self._folder = folder
        self._keys = keys
        self._scope = Scope(organisation, sandbox)
        self._now = now
        self._redactor = redactor
        self._last_begin: tuple[bytes, Begin] | None = None

    def read(self) -> LedgerState:
        """Return everything, seals checked; a folder that is not there is a ledger before its first run."""
        entries, seals = self._entries()
        notes = notes_on(seals, keyed=self._keys is not None)
        return LedgerState(entries, self._standing(), notes)

    def begin(self, begin: Begin, seen: str | None = None) -> Begin | None:
        """Take the ledger; raises LedgerHeld. Returns the expired begin that was taken over, if there was one.

        ``seen`` is the run that was open when the plan was made; another one is not taken over (LedgerError).
        """
        _history_name(begin)
        with files.locked(self._folder):
            standing = self._standing()
            check_free(standing, self._now())
            check_seen(standing, seen)
            if standing is not None:
                # Closed in the history first: a crash between the two leaves it to be taken over once more.
                self._close(standing, closed_by_other(standing, self._now()))
            self._seal_all()
            files.write(self._begin_path, begin_to_bytes(begin, self._scope, self._keys))
        return standing

    def renew(self, run: str, expires: float) -> None:
        """Prolong our begin; raises LeaseLost."""
        with files.locked(self._folder):
            ours = check_ours(self._standing(), run)
            files.write(self._begin_path, begin_to_bytes(replace(ours, expires=expires), self._scope, self._keys))

    def record(self, run: str, changes: Sequence[EntryChange]) -> None:
        """Write entries under our begin; raises LeaseLost."""
        with files.locked(self._folder):
            check_ours(self._standing(), run)
            for change in changes:
                self._apply(change)

    def end(self, run: str, end: End) -> None:
        """Close our begin and keep the results; raises LeaseLost."""
        with files.locked(self._folder):
            if self._redactor is not None:
                end = told_safely(end, self._redactor)
            self._close(check_ours(self._standing(), run), end)
            files.delete(self._begin_path)

    def unlock(self) -> Begin | None:
        """Let the run that is open expire now, and return it; its intents stay for the next run to take over."""
        with files.locked(self._folder):
            standing = self._standing()
            if standing is not None:
                expired = replace(standing, expires=min(standing.expires, self._now()))
                files.write(self._begin_path, begin_to_bytes(expired, self._scope, self._keys))
        return standing

    def history(self) -> list[tuple[Begin, End | None]]:
        """Return the runs, newest first; one without an end is open."""
        folder = self._folder / "history"
        over = [self._past(folder / name) for name in files.names(folder) if name.endswith(".json")]
        standing = self._standing()
        runs: list[tuple[Begin, End | None]] = [*over, *([(standing, None)] if standing else [])]
        return sorted(runs, key=lambda run: (run[0].started, run[0].run), reverse=True)

    @property
    def _begin_path(self) -> Path:
        return self._folder / "begin.json"

    def _entry_path(self, resource: ResourceName) -> Path:
        return self._folder / "resources" / resource.kind / f"{resource.name}.json"

    def _entries(self) -> tuple[dict[ResourceName, Entry], dict[str, SealState]]:
        resources = self._folder / "resources"
        entries, seals = {}, {}
        for kind in files.names(resources):
            for name in files.names(resources / kind):
                path = resources / kind / name
                content = files.read(path) if name.endswith(".json") else None
                if content is not None:  # None: dropped since the folder was listed
                    entry, seals[str(path)] = self._entry(path, content)
                    entries[entry.resource] = entry
        return entries, seals

    def _entry(self, path: Path, content: bytes) -> tuple[Entry, SealState]:
        entry, seal = entry_from_bytes(content, str(path), self._scope, self._keys)
        if self._entry_path(entry.resource) != path:
            raise LedgerTampered(
                f"{path} holds the entry of {entry.resource}: it was moved by another hand; move it back"
            )
        return entry, seal

    def _standing(self) -> Begin | None:
        content = files.read(self._begin_path)
        if content is None:
            return None
        begin = self._begin_of(content)
        past = self._folder / "history" / _history_name(begin)
        # Ended, but its begin outlived a crash; one taken over stands until the next begin has replaced it.
        ended = files.read(past) is not None and not self._past(past)[1].taken_over
        return None if ended else begin

    def _begin_of(self, content: bytes) -> Begin:
        """Return the begin in a file's content; the last one is kept, since each record looks at it again."""
        if self._last_begin is None or self._last_begin[0] != content:
            begin = begin_from_bytes(content, str(self._begin_path), self._scope, self._keys)
            self._last_begin = content, begin
        return self._last_begin[1]

    def _past(self, path: Path) -> tuple[Begin, End]:
        content = files.read(path)
        if content is None:
            raise LedgerError(f"{path} was deleted while it was read")
        return history_from_bytes(content, str(path), self._scope, self._keys)

    def _close(self, begin: Begin, end: End) -> None:
        path = self._folder / "history" / _history_name(begin)
        files.write(path, history_to_bytes(begin, end, self._scope, self._keys))

    def _apply(self, change: EntryChange) -> None:
        if isinstance(change, Drop):
            files.delete(self._entry_path(change.resource))
            return
        entry = change.entry
        if Scope(entry.organisation, entry.sandbox) != self._scope:
            raise LedgerError(f"the entry of {entry.resource} is of another organisation or sandbox than its ledger")
        if self._redactor is not None:
            entry = without_secrets(entry, self._redactor)
        files.write(self._entry_path(entry.resource), entry_to_bytes(entry, self._keys))

    def _seal_all(self) -> None:
        """Seal a ledger from before there was a key: one sealed entry among the others would accuse these."""
        if self._keys is None:
            return
        entries, seals = self._entries()
        if all_unsealed(seals):
            for entry in entries.values():
                files.write(self._entry_path(entry.resource), entry_to_bytes(entry, self._keys))


def _history_name(begin: Begin) -> str:
    if not _RUN.fullmatch(begin.run):
        raise LedgerError(f"{begin.run!r} is no name of a run: letters, digits, '.', '_' and '-', at most 100")
    return f"{datetime.fromtimestamp(begin.started, UTC):%Y%m%dT%H%M%SZ}-{begin.run}.json"
