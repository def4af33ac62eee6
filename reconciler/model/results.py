"""How an apply ended, resource by resource, and what a look for drift has found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.plan import Action, FieldChange
from reconciler.model.resources import Notice, ResourceName
from reconciler.model.schedule_runs import Timetables


class Status(StrEnum):
    """How one resource of an apply ended."""

    APPLIED = "applied"
    FAILED = "failed"  # the service refused it, or took it and shows something else
    CONFLICT = "conflict"  # somebody changed a declared field since the plan; not overwritten
    REFUSED = "refused"  # not in the reviewed plan
    BLOCKED = "blocked"  # cannot be done in place, or is ambiguous
    SKIPPED = "skipped"  # something that it needs did not end well, or the run was stopped
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Result:
    """One resource's end; ``attempts`` counts the tries of its write, ``error`` says what happened and what to do."""

    resource: ResourceName
    action: Action
    status: Status
    id: str | None = None
    attempts: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """An apply that is over, its results sorted by resource; ``unchanged`` counts those that needed nothing.

    ``unsaved`` iff its end could not be written where the ledger lives: what the ledger knows may lag behind.
    """

    target: str
    run: str | None
    results: tuple[Result, ...]
    unchanged: int
    interrupted: bool = False
    notices: tuple[Notice, ...] = ()
    unsaved: bool = False

    @property
    def summary(self) -> Mapping[str, int]:
        """Resources by status."""
        counts = Counter(result.status for result in self.results)
        return {status.value: counts[status] for status in Status} | {
            "unchanged": counts[Status.UNCHANGED] + self.unchanged
        }

    @property
    def succeeded(self) -> bool:
        """Iff nothing is left that a person has to look at."""
        return not self.unsaved and all(one.status in (Status.APPLIED, Status.UNCHANGED) for one in self.results)


class DriftStatus(StrEnum):
    """Where one resource stands between what was last applied and what the service answers."""

    IN_SYNC = "inSync"
    DRIFTED = "drifted"
    MISSING = "missing"
    UNMANAGED = "unmanaged"
    PENDING = "pending"  # changed in git, not applied yet; live is as we left it
    SNOOZED = "snoozed"
    ORPHANED = "orphaned"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class DriftItem:
    """One resource; ``fields`` go from what we left (before) to live (after); ``changed_at`` is epoch milliseconds.

    Who changed it is the object's last writer: the service keeps one for the object, not one a field. ``timetables`` is
    there iff a flow with a schedule has drifted or is missing.
    """

    resource: str
    id: str | None
    status: DriftStatus
    fields: tuple[FieldChange, ...] = ()
    changed_by: str | None = None
    changed_client: str | None = None
    changed_at: int | None = None
    detail: str | None = None
    timetables: Timetables | None = None


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What was found, sorted by resource; ``commit`` is that of the manifests, None outside a repository."""

    target: str
    items: tuple[DriftItem, ...]
    notices: tuple[Notice, ...] = ()
    organisation: str = ""
    sandbox: str = ""
    commit: str | None = None

    @property
    def summary(self) -> Mapping[str, int]:
        """Resources by status."""
        counts = Counter(item.status for item in self.items)
        return {status.value: counts[status] for status in DriftStatus}

    @property
    def drifted(self) -> bool:
        """Iff live is not what we left somewhere."""
        return any(item.status in (DriftStatus.DRIFTED, DriftStatus.MISSING) for item in self.items)

    @property
    def readable(self) -> bool:
        """Iff everything could be read."""
        return all(item.status is not DriftStatus.UNREADABLE for item in self.items)
