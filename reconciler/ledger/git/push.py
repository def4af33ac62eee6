"""Talking to the remote: what it has, fetching it, and sending a commit on top of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.ledger.git.program import Answer, Git
from reconciler.ledger.git.remote import NAME, Remote
from reconciler.ledger.git.repository import TIP, PrivateRepository
from reconciler.model.errors import LedgerError

LOCK_AGE: Final = 10.0
"""Seconds after which a lock on the ledger's ref in the user's own repository is that of a killed git."""

_REJECTED: Final = re.compile(r"^!\t[^\t]*\t(.*)$", re.MULTILINE)
_LOCKED: Final = re.compile(r"lock|failed to update ref|reference already exists", re.IGNORECASE)
_FOR_GOOD: Final = re.compile(
    r"error: 40[0134]|\b40[134]\b|denied|[Aa]uthentication failed|could not read (Username|Password)|not found|"
    r"does not appear to be a git repository|does not exist|transport '\w*' not allowed|not permitted|No such file"
)
"""Reasons that are the same a second later."""


class Unreached(LedgerError):
    """The remote did not answer as it should; it may the next time."""


class Refused(LedgerError):
    """The remote will not, however often it is asked."""


@dataclass(frozen=True, slots=True)
class Line:
    """The way to one ref of one remote, from a private repository."""

    remote: Remote
    ref: str
    repository: PrivateRepository
    now: Callable[[], float]
    sleep: Callable[[float], None]

    @property
    def _git(self) -> Git:
        return self.repository.git

    def tip(self) -> str | None:
        """Return the remote's commit, which is here from now on; None iff the remote says that it has no such ref.

        Raises Unreached, Refused, Broken; LedgerError for a ref that holds no commit.
        """
        answer = self._git.run("ls-remote", "--quiet", NAME, self.ref)
        if not answer.ok:
            self.repository.check()
            raise self._failed("read", answer.reason)
        found = [line.split("\t") for line in answer.text.splitlines()]
        tip = next((name for name, ref in found if ref == self.ref), None)
        if tip is None or self.repository.kind_of(tip) == "commit":
            return tip
        return self._fetched()

    def _fetched(self) -> str:
        shallow = ("--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--update-shallow", "--no-auto-gc")
        answer = self._git.run("fetch", *shallow, NAME, f"+{self.ref}:{TIP}")
        if not answer.ok:  # the remote has just answered, so it may be our repository
            self.repository.make_anew()
            answer = self._git.run("fetch", *shallow, NAME, f"+{self.ref}:{TIP}")
        if not answer.ok:
            raise self._failed("read", answer.reason)
        tip = self._git.run("rev-parse", "--verify", TIP).text
        kind = self.repository.kind_of(tip)
        if kind != "commit":
            raise LedgerError(f"{self.ref} of {self.remote.shown} holds a {kind}, and no ledger; it is left alone")
        return tip

    def send(self, commit: str, base: str | None) -> Answer:
        """Push a commit in the place of ``base`` (None: where nothing was), and of nothing else."""
        lease = f"--force-with-lease={self.ref}:{base or ''}"
        plainly = ("--quiet", "--porcelain", "--no-verify", "--no-recurse-submodules")
        return self._git.run("push", *plainly, lease, NAME, f"{commit}:{self.ref}")

    def why(self, answer: Answer) -> LedgerError:
        """Return the error for a push that failed though nobody else was faster: Unreached or Refused."""
        rejected = _REJECTED.search(answer.text)
        if rejected is None or _LOCKED.search(rejected[1] + answer.reason):
            return self._failed("written", "; ".join(filter(None, (rejected and rejected[1], answer.reason))))
        return Refused(
            f"{self.remote.shown} refused the push of {self.ref}: {rejected[1]}: {answer.reason}. Allow whoever "
            "applies to push there, or give the target another spec.ledger"
        )

    def clear_lock(self) -> None:
        """Wait for a lock on the ref in the user's own repository, and remove it when it has been there too long.

        Of another repository nothing is removed: whoever serves that has locks that we know nothing of.
        """
        lock = None if self.remote.own is None else Path(f"{self.remote.own / self.ref}.lock")
        while lock is not None and (since := _changed(lock)) is not None:
            if self.now() - since > LOCK_AGE:
                lock.unlink(missing_ok=True)
                return
            self.sleep(1.0)

    def _failed(self, verb: str, reason: str) -> LedgerError:
        kind = Refused if _FOR_GOOD.search(reason) else Unreached
        return kind(f"the ledger {self.ref} of {self.remote.shown} cannot be {verb}: {reason}{self.remote.hint}")


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None
