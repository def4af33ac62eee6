"""Every error that a person can meet, in one tree.

::

    ReconcilerError                 one clear message; exit code 1
    ├── UsageError                  the command line or the environment asks for something that cannot be
    ├── ManifestErrors              all that is wrong with the manifests, each with file, line and column
    ├── LedgerError                 the ledger cannot be read or written
    │   ├── LedgerHeld              an unexpired begin of somebody else
    │   ├── LeaseLost               our own begin was taken over: stop writing
    │   ├── LedgerUnsaved           what was done is kept on this machine alone, until its next run
    │   └── LedgerTampered          a seal does not fit, or another organisation or sandbox
    ├── PlanFileError               a saved plan cannot be written, read or trusted, or is of somewhere else
    ├── PlanRefused                 a guard: the plan is larger than what may pass unasked
    ├── SecretMissing               an apply must send a secret that is not there
    ├── GitHubError                 GitHub's API: it cannot be reached, refuses, or answers what it should not
    │   ├── GitHubNotFound          404, 410
    │   └── GitHubUnclear           something was to be made, and it may or may not have happened
    ├── InternalError               a check of our own failed: a bug, found before anything was sent
    └── ServiceError                Flow Service, or the way to it
        ├── Unreachable             nothing was sent, or the request may be repeated and still failed
        ├── OutcomeUnknown          a write may or may not have happened
        ├── Unauthorised            401, 403: token, key, organisation or permission
        ├── NotFound                404
        ├── PreconditionFailed      412: the etag moved
        ├── Rejected                another 4xx: the service refused the request for good
        └── BadAnswer               an answer that is not what Flow Service sends

Expected refusals (a blocked resource, a conflict) are values of the plan and its results, not exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reconciler.model.resources import Location

_SHOWN: Final = 1000
"""Problems in one message: a log with more is read by nobody."""


class ReconcilerError(Exception):
    """One clear message: what, where, what to do."""


class UsageError(ReconcilerError):
    """The command line or the environment asks for something that cannot be."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a manifest, and what to do about it."""

    location: Location
    message: str

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


class ManifestErrors(ReconcilerError):
    """All that is wrong with the manifests; never empty."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        heading = f"{count} problem{'s' if count != 1 else ''} in the manifests"
        shown = [f"  {problem}" for problem in self.problems[:_SHOWN]]
        more = [f"  and {count - _SHOWN} more: mend these first"] if count > _SHOWN else []
        super().__init__("\n".join([heading, *shown, *more]))


class LedgerError(ReconcilerError):
    """The ledger cannot be read or written."""


class LedgerHeld(LedgerError):
    """Another run holds the ledger."""


class LeaseLost(LedgerError):
    """Our begin was taken over or could not be renewed: nothing more may be written."""


class LedgerUnsaved(LedgerError):
    """What was done could not be sent to where the ledger lives: it is kept on this machine, and its next run does."""


class LedgerTampered(LedgerError):
    """A seal does not fit, or the ledger is of another organisation or sandbox."""


class PlanFileError(ReconcilerError):
    """A saved plan cannot be written, read or trusted, or is of another target, organisation or sandbox."""


class PlanRefused(ReconcilerError):
    """The plan is larger than what may pass unasked."""


class SecretMissing(ReconcilerError):
    """An apply must send a secret whose value is not there."""


class GitHubError(ReconcilerError):
    """GitHub cannot be reached, refuses, or answers what it should not."""


class GitHubNotFound(GitHubError):
    """404 or 410."""


class GitHubUnclear(GitHubError):
    """A POST whose answer was lost or was a 5xx: it may have happened."""


class InternalError(ReconcilerError):
    """A check of our own failed: a bug, found before anything was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message}. Nothing was sent for it. This is a bug in the reconciler: please report it")


class ServiceError(ReconcilerError):
    """Flow Service, or the way to it.

    ``status`` is the HTTP status or None; ``code`` the numbered code (``1403-400``, ``403010``) where one was found.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Unreachable(ServiceError):
    """No answer, and nothing can have been written."""


class OutcomeUnknown(ServiceError):
    """A write was sent and its answer was lost or was a 5xx: it may have happened."""


class Unauthorised(ServiceError):
    """401 or 403."""


class NotFound(ServiceError):
    """404."""


class PreconditionFailed(ServiceError):
    """412: the object was written since its etag was read."""


class Rejected(ServiceError):
    """Another 4xx: the request as it stands will never be taken."""


class BadAnswer(ServiceError):
    """An answer that is not what Flow Service sends: not JSON, no items, a page that breaks off."""
