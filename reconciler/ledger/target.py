"""The ledger of one target: who may write and what is written, the same in every home.

Each method is one change of its store: a pure decision over the files as they are, which a home may run again when
somebody else was faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from reconciler.ledger import titles
from reconciler.ledger.format import Scope, begin_to_bytes, entry_to_bytes, history_to_bytes
from reconciler.ledger.kept import finishing
from reconciler.ledger.lease import check_free, check_named, check_ours, check_seen, closed_by_other, unlocked
from reconciler.ledger.pages import BEGIN, Pages, entry_path, history_path
from reconciler.ledger.seals import all_unsealed, check_unkeyed, notes_on
from reconciler.ledger.secrecy import told_safely, without_secrets
from reconciler.ledger.store import Edited, Edits, Files, Store
from reconciler.model.errors import LedgerError
from reconciler.model.ledger import Begin, Drop, End, EntryChange, LedgerState
from reconciler.model.secrets import Keys, Redactor

KEPT = "the end of a run could not be sent: it is kept on this machine, and the next apply from here sends it"
DROPPED = "the end of a run was kept on this machine, and the ledger has moved on since: it is dropped"


class TargetLedger:
    """One target's ledger in some home. Safe between threads and processes, as its store is."""

    def __init__(
        self,
        store: Store,
        keys: Keys | None,
        organisation: str,
        sandbox: str,
        now: Callable[[], float],
        redactor: Redactor | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._scope = Scope(organisation, sandbox)
        self._now = now
        self._redactor = redactor
        self._pages = Pages(store.where, self._scope, keys)
        self._begun: dict[str, Begin] = {}  # our runs
        self._written: dict[str, set[float]] = {}  # the expiries that we may have given them

    @property
    def is_far(self) -> bool:
        """Iff its home is, see :class:`Store`."""
        return self._store.is_far

    @property
    def place(self) -> str:
        """Where it is, for readers."""
        return self._store.place

    def read(self) -> LedgerState:
        """Return everything, seals checked; a home that is not there is a ledger before its first run.

        An end that is kept on this machine counts for the entries; its run is open until that is sent.
        """
        files, kept = self._store.view(), self._store.kept()
        finished = finishing(self._pages, files, kept)
        entries, seals = self._pages.entries(Edited(files, finished))
        notes = notes_on(seals, keyed=self._keys is not None)
        if kept is not None and not finished:
            self._store.forget_kept()
        kept_notes = () if kept is None else (KEPT if finished else DROPPED,)
        return LedgerState(entries, self._pages.standing(files), (*notes, *kept_notes))

    def begin(self, begin: Begin, seen: str | None = None) -> Begin | None:
        """Take the ledger; raises LedgerHeld, LedgerError. Returns the expired begin that was taken over, if one was.

        ``seen`` is the run that was open when the plan was made; another one is not taken over (LedgerError). An end
        that was kept on this machine is written first.
        """
        history_path(begin)
        kept = self._store.kept()

        def decide(files: Files) -> tuple[Begin | None, Edits]:
            edits = finishing(self._pages, files, kept)
            standing = self._pages.standing(Edited(files, edits))
            check_free(standing, self._now())
            check_seen(standing, seen)
            if standing is not None:
                # Closed in the history first: a crash between the two leaves it to be taken over once more.
                edits |= self._over(standing, closed_by_other(standing, self._now()))
            edits |= self._sealed(Edited(files, edits))
            edits.pop(BEGIN, None)  # stands last: what else is written belongs to the run before
            edits[BEGIN] = begin_to_bytes(begin, self._scope, self._keys)
            return standing, self._told(edits, titles.begins(begin, standing), begin.actor)

        taken_over = self._store.change(decide)
        self._store.forget_kept()
        self._begun[begin.run], self._written[begin.run] = begin, {begin.expires}
        return taken_over

    def renew(self, run: str, expires: float) -> None:
        """Prolong our begin; raises LeaseLost."""
        self.write(run, expires=expires)

    def record(self, run: str, changes: Sequence[EntryChange]) -> None:
        """Write entries under our begin; raises LeaseLost."""
        self.write(run, changes)

    def end(self, run: str, end: End) -> None:
        """Close our begin and keep the results; raises LeaseLost, LedgerUnsaved."""
        self.write(run, end=end)

    def write(
        self, run: str, changes: Sequence[EntryChange] = (), *, expires: float | None = None, end: End | None = None
    ) -> None:
        """Write entries, then prolong or close our begin, all in one change; raises LeaseLost, LedgerUnsaved."""
        if expires is not None:  # before it is known whether the answer will reach us
            self._written.get(run, set()).add(expires)

        def decide(files: Files) -> tuple[None, Edits]:
            begun = self._begun.get(run)
            if end is not None and begun is not None and self._pages.has_ended(files, begun):
                return None, Edits()  # we did it, and the answer was lost
            ours = check_ours(self._pages.standing(files), run, self._written.get(run, ()))
            edits = dict(map(self._edit, changes))
            if end is not None:
                edits |= self._over(ours, end) | {BEGIN: None}
            elif expires is not None:
                edits[BEGIN] = begin_to_bytes(replace(ours, expires=expires), self._scope, self._keys)
            return None, self._told(edits, titles.writes(ours, changes, expires, end), ours.actor)

        self._store.change(decide, keep=end is not None)

    def standing(self) -> Begin | None:
        """Return the run that is open, if one is."""
        return self._pages.standing(self._store.view())

    def unlock(self, run: str | None = None, actor: str = "somebody") -> Begin | None:
        """Let the run that is open expire soon, and return it as it is now; its intents stay for the next run.

        With ``run`` only that one: another one that began meanwhile is nobody's to end (raises LedgerHeld).
        """

        def decide(files: Files) -> tuple[Begin | None, Edits]:
            standing = self._pages.standing(files)
            if standing is None:
                return None, Edits()
            check_named(standing, run)
            ended = unlocked(standing, self._now())
            content = begin_to_bytes(ended, self._scope, self._keys)
            return ended, self._told({BEGIN: content}, titles.unlocks(standing), actor)

        return self._store.change(decide)

    def history(self, limit: int | None = None) -> list[tuple[Begin, End | None]]:
        """Return the runs, newest first, at most ``limit`` of those that are over; one without an end is open."""
        files = self._store.view()
        return self._pages.history(Edited(files, finishing(self._pages, files, self._store.kept())), limit)

    def last_end(self) -> End | None:
        """Return how the last run ended that is over."""
        return next((end for _, end in self.history(1) if end), None)

    def _over(self, begin: Begin, end: End) -> dict[str, bytes | None]:
        if self._redactor is not None:
            end = told_safely(end, self._redactor)
        return {history_path(begin): history_to_bytes(begin, end, self._scope, self._keys)}

    def _edit(self, change: EntryChange) -> tuple[str, bytes | None]:
        if isinstance(change, Drop):
            return entry_path(change.resource), None
        entry = change.entry
        if Scope(entry.organisation, entry.sandbox) != self._scope:
            raise LedgerError(f"the entry of {entry.resource} is of another organisation or sandbox than its ledger")
        if self._redactor is not None:
            entry = without_secrets(entry, self._redactor)
        return entry_path(entry.resource), entry_to_bytes(entry, self._keys)

    def _sealed(self, files: Files) -> Iterator[tuple[str, bytes]]:
        """Seal a ledger from before there was a key: one sealed entry among the others would accuse these.

        Raises LedgerError without the key of a ledger that is sealed.
        """
        entries, seals = self._pages.entries(files)
        if self._keys is None:
            check_unkeyed(seals)
        elif all_unsealed(seals):
            yield from ((entry_path(entry.resource), entry_to_bytes(entry, self._keys)) for entry in entries.values())

    def _told(self, edits: dict[str, bytes | None], title: str, author: str) -> Edits:
        return Edits(edits, title, author, self._now())
