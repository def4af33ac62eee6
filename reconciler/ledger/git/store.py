"""The ledger's home on a git ref: each change is one commit, pushed on top of what it was decided on, or not.

Somebody else may push first: then the push is refused, the ref fetched, and the decision made again on what is there
now. The commit that we know to be the tip is believed until a push or a refusal says otherwise, so a run that holds the
ledger asks the remote once a write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from reconciler.ledger import files
from reconciler.ledger.git.push import Line, Refused, Unreached
from reconciler.ledger.git.repository import KEPT, Broken, PrivateRepository
from reconciler.ledger.git.tree import NoLedger, TreeFiles
from reconciler.ledger.store import Decide, Edits, Files, Result
from reconciler.model.errors import LedgerError, LedgerUnsaved

ATTEMPTS: Final = 3
ATTEMPTS_TO_KEEP: Final = 5
"""Tries of what is lost, or kept on this machine, if it fails."""

_RACES: Final = 20
_LOCK_WAIT: Final = 180.0
_LONGEST_WAIT: Final = 8.0


@dataclass(slots=True)
class _Change(Generic[Result]):
    """A decision on its way; ``made`` are the commits that were tried, and what each of them decided."""

    decide: Decide[Result]
    made: dict[str, Result] = field(default_factory=dict)


class GitStore:
    """Files of one target's ledger on a ref. Safe between threads, processes and machines.

    ``random`` yields numbers from 0 up to 1.
    """

    def __init__(self, folder: Path, line: Line, random: Callable[[], float]) -> None:
        self._folder, self._line, self._random = folder, line, random
        self._lock = threading.RLock()
        self._depth = 0
        self._ready = False
        self._tip: str | None = None
        self._was_seen = False  # iff the remote has ever told its tip
        self._is_known = False  # iff nothing has happened since that makes another tip likely
        self._is_fresh = False  # iff it was asked in the present call
        self._files: tuple[str | None, TreeFiles] | None = None

    @property
    def _repository(self) -> PrivateRepository:
        return self._line.repository

    @property
    def is_far(self) -> bool:
        """Yes: a change is a push."""
        return True

    @property
    def place(self) -> str:
        """The ref and its remote."""
        return f"{self._line.ref} of {self._line.remote.shown}"

    def where(self, path: str) -> str:
        """Name a file by ref and path, as ``git show`` takes it."""
        return f"{self._line.ref}:{path}"

    def view(self) -> Files:
        """Return the files of the remote's tip; a ref that is not there is a ledger before its first run."""
        with self._working():
            return self._repeated(self._looked, ATTEMPTS)

    def kept(self) -> Files | None:
        """Return the files of the commit that was kept."""
        with self._working():
            return self._repaired(self._kept)

    def _kept(self) -> TreeFiles | None:
        commit = self._repository.commit_at(KEPT)
        return None if commit is None else self._repository.files(commit, self._contents)

    def forget_kept(self) -> None:
        """Let the kept commit go."""
        with self._working():
            if self._repository.commit_at(KEPT) is not None:
                self._repository.point(KEPT, None)

    def change(self, decide: Decide[Result], *, keep: bool = False) -> Result:
        """Make a commit of the edits that a decision asks for, and push it.

        Raises LedgerError where the remote cannot be reached or refuses; with ``keep`` then LedgerUnsaved.
        """
        change = _Change(decide)
        with self._working():
            try:
                return self._repeated(lambda: self._attempt(change), ATTEMPTS_TO_KEEP if keep else ATTEMPTS)
            except (Unreached, Refused) as error:
                if keep:
                    self._keep(change, error)
                raise

    def _attempt(self, change: _Change[Result]) -> Result:
        for _ in range(_RACES):
            if not self._is_known:
                self._look()
            if self._tip in change.made:
                return change.made[self._tip]  # ours arrived; the answer to it did not
            result, edits = self._decided(change.decide)
            if not edits.files:
                return result
            base, before = self._tip, self._believed()
            commit = self._repository.commit(base, edits)
            change.made[commit] = result
            if self._sent(commit, base):
                self._files = commit, before.edited(edits.files)
                return result
        raise LedgerError(f"{self._line.ref} of {self._line.remote.shown} moves faster than we can write; try again")

    def _decided(self, decide: Decide[Result]) -> tuple[Result, Edits]:
        """Decide on what we believe; where that is no reason to write, on what the remote has now."""
        try:
            result, edits = decide(self._believed())
            if edits.files or self._is_fresh:
                return result, edits
        except Broken:
            raise
        except LedgerError:
            if self._is_fresh:
                raise
        self._look()
        return decide(self._believed())

    def _sent(self, commit: str, base: str | None) -> bool:
        """Iff git says that a commit is the tip now; else the tip has moved. Raises Unreached, Refused."""
        answer = self._line.send(commit, base)
        if answer.ok:
            self._tip = commit
            return True
        self._is_known = False
        self._look()  # whatever git said of the push: the remote knows, and the tip may be ours all the same
        if self._tip == base:
            self._line.clear_lock()
            raise self._line.why(answer)
        return False

    def _keep(self, change: _Change[Result], error: LedgerError) -> None:
        """Keep what was decided in the private repository; raises LedgerUnsaved, or nothing where it cannot be kept."""
        if not self._was_seen:
            return
        try:
            _, edits = change.decide(self._believed())
            self._repository.point(KEPT, self._repository.commit(self._tip, edits))
        except LedgerError:
            return
        raise LedgerUnsaved(
            f"{error}. What this run has written last is kept on this machine, and the next apply from this clone "
            "sends it; until then the run looks open to others"
        ) from error

    def _look(self) -> None:
        """Ask the remote for its tip."""
        self._is_known = False
        tip = self._line.tip()
        self._tip, self._is_known, self._is_fresh, self._was_seen = tip, True, True, True

    def _looked(self) -> TreeFiles:
        self._look()
        return self._believed()

    def _believed(self) -> TreeFiles:
        """Return the files of the tip that we know of; raises LedgerError for what is no ledger."""
        if self._files is None or self._files[0] != self._tip:
            try:
                self._files = self._tip, self._repository.files(self._tip, self._contents)
            except NoLedger as error:
                raise LedgerError(
                    f"{self._line.ref} of {self._line.remote.shown} holds something else than a ledger, and is left "
                    f"alone: {error}. Give the target another spec.ledger.ref"
                ) from error
        return self._files[1]

    def _contents(self, blobs: Iterable[str]) -> Iterable[bytes]:
        """Return what blobs hold, also where the private repository has lost them."""
        blobs = list(blobs)
        try:
            return list(self._repository.read(blobs))
        except Broken:
            with self._working():
                self._repair()
                self._look()
                return list(self._repository.read(blobs))

    def _repeated(self, attempt: Callable[[], Result], attempts: int) -> Result:
        """Return what an attempt returns; it is made again where the remote did not answer."""
        return Retrying(
            retry=retry_if_exception_type(Unreached),
            stop=stop_after_attempt(attempts),
            wait=self._wait,
            sleep=self._line.sleep,
            reraise=True,
        )(lambda: self._repaired(attempt))

    def _wait(self, state: RetryCallState) -> float:
        # Full jitter, as for the service: runners that were cut off together do not come back together.
        return self._random() * min(_LONGEST_WAIT, float(2 ** (state.attempt_number - 1)))

    def _repaired(self, attempt: Callable[[], Result]) -> Result:
        """Return what an attempt returns; once more in a private repository made anew, if the first was broken."""
        try:
            return attempt()
        except Broken:
            self._repair()
            return attempt()

    def _repair(self) -> None:
        self._repository.make_anew()
        self._is_known, self._files = False, None

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Hold the private repository, against threads and processes: then every lock inside is of a killed git."""
        with self._lock, ExitStack() as held:
            if self._depth == 0:
                held.enter_context(files.locked(self._folder, _LOCK_WAIT))
                self._is_fresh = False
                self._make_ready()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    def _make_ready(self) -> None:
        try:
            self._repository.make_ready()
            if not self._ready and self._repository.is_crowded():
                self._repository.make_anew()
        except OSError as error:
            raise LedgerError(f"cannot write below {self._folder}: {error.strerror or error}") from error
        self._ready = True
