"""What a look at the surroundings found: one check a row, in the order in which they depend on one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How one check ended; NOT_CHECKED iff an earlier one failed, or it cannot be told or does not apply here."""

    OK = "ok"
    FAILED = "failed"
    WARNING = "warning"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One row: what was looked at, what was found, and where to mend it (empty iff there is nothing to mend)."""

    check: str
    status: Status
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """All rows of one look; ``next`` is the command to run now."""

    checks: tuple[Check, ...]
    next: str

    @property
    def summary(self) -> Mapping[str, int]:
        """How many checks ended how."""
        return {status.value: sum(check.status is status for check in self.checks) for status in Status}

    @property
    def is_well(self) -> bool:
        """Iff nothing failed; a warning is no failure."""
        return all(check.status is not Status.FAILED for check in self.checks)
