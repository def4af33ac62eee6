"""The drift inbox: live values that become what git wants, and drift that is left alone for a while.

Both write manifests and nothing else. What is written is first read back by the reader and planned anew, in memory:
either it comes true, or no file is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from reconciler.cli.wiring import Session, check_known
from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.engine.accepting import NotAccepted, has_come_true, ids_of, snoozable, takings
from reconciler.engine.plan import Planned
from reconciler.engine.public import texts
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.snoozing import LONGEST
from reconciler.manifest.snoozes import check_reason, end_of
from reconciler.model.errors import UsageError
from reconciler.model.inbox import InboxReport, Taking, Written
from reconciler.model.ledger import LedgerState
from reconciler.model.plan import Scope
from reconciler.model.resources import ResourceName

if TYPE_CHECKING:  # imported when something is written
    from reconciler.manifest.editing.drafts import Drafts


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a target has found."""

    here: Session
    state: LedgerState
    snapshot: Snapshot
    planned: Planned

    @classmethod
    def look(cls, here: Session, *, everything: bool = False) -> Found:
        """Read ledger and service, and compare. Raises ReconcilerError."""
        state, snapshot = here.observed(everything=everything)
        return cls(here, state, snapshot, here.planned(state, snapshot, Scope()))

    def with_drafts(self, drafts: Drafts) -> Found:
        """Compare the manifests as they would be with what was read before."""
        manifests = drafts.checked()
        here = replace(self.here, estate=manifests.estate(manifests.targets[self.here.target.name]))
        return replace(self, here=here, planned=here.planned(self.state, self.snapshot, Scope()))


@dataclass(frozen=True, slots=True)
class Wish:
    """How long drift is to be left alone, and why."""

    until: str
    reason: str

    @classmethod
    def of(cls, until: str | None, reason: str | None, now: float) -> Wish:
        """Check what the command line says; raises click.UsageError."""
        if until is None or reason is None:
            raise click.UsageError("--snooze needs --until DATE and --reason TEXT")
        try:
            left = end_of(until) - now
        except ValueError as error:
            raise click.UsageError(f"--until {until}: {error}") from error
        try:
            check_reason(reason)
        except ValueError as error:
            raise click.UsageError(f"--reason: {error}") from error
        if left <= 0:
            raise click.UsageError(f"--until {until} has passed: name a day to come")
        if left > LONGEST:
            raise click.UsageError(f"--until {until} is more than a year ahead: name a nearer day, or --accept it")
        return cls(until, reason)


def accept(found: Found, names: Sequence[ResourceName]) -> tuple[Found, InboxReport]:
    """Write the drifted values of these resources into their manifests; return what a look would find now.

    Raises ReconcilerError, and then has written nothing.
    """
    from reconciler.manifest.editing import accepting  # noqa: PLC0415 - needed where something is written

    drafts = _drafts(found, names)
    written: list[Written] = []
    remarks: list[str] = []
    taken: dict[ResourceName, list[Path]] = {}
    for name in dict.fromkeys(names):
        values = _takings(found, name)
        if not values:
            remarks.append(_nothing(found, name))
            continue
        fields, warnings = accepting.accept(drafts, found.here.target, name, values, ids_of(found.planned))
        written += fields
        remarks += warnings
        taken[name] = [taking.path for taking in values]
    after = _proven(found, drafts, taken)
    drafts.write()
    return after, InboxReport(tuple(written), tuple(remarks))


def snooze(found: Found, names: Sequence[ResourceName], wish: Wish) -> tuple[Found, InboxReport]:
    """Write into the manifests of these resources that their drift is left alone; return what a look would find now.

    Raises ReconcilerError, and then has written nothing.
    """
    from reconciler.manifest.editing import snoozing  # noqa: PLC0415 - needed where something is written

    _refuse_secrets(found, "the reason", wish.reason)
    drafts = _drafts(found, names)
    written: list[Written] = []
    remarks: list[str] = []
    for name in dict.fromkeys(names):
        paths = _snoozable(found, name)
        if paths:
            target = found.here.target.name
            written.append(snoozing.snooze(drafts, target, name, paths, wish.until, wish.reason))
        else:
            remarks.append(_nothing(found, name))
    after = _proven(found, drafts, {})
    drafts.write()
    return after, InboxReport(tuple(written), tuple(remarks))


def _drafts(found: Found, names: Iterable[ResourceName]) -> Drafts:
    """Return drafts of the manifests; raises UsageError where it cannot be told what has drifted."""
    from reconciler.manifest.editing.drafts import Drafts  # noqa: PLC0415 - needed where something is written

    check_known(found.here.estate, Scope(only=frozenset(names)))
    begun, folder = found.state.open, found.here.estate.folder
    if begun and begun.expires > found.here.clock.now():
        raise UsageError(
            f"run {begun.run} of {begun.actor} is applying: what differs may be its work. Look again when it has ended"
        )
    if folder is None:
        raise AssertionError("what was loaded came from a folder")
    return Drafts(folder)


def _takings(found: Found, name: ResourceName) -> tuple[Taking, ...]:
    try:
        values = takings(name, found.planned.steps[name])
    except NotAccepted as reason:
        raise UsageError(f"{reason}. Nothing was written") from reason
    for taking in values:
        _refuse_secrets(found, f"{name}: the live value of {taking.shown.path}", taking.value)
    return values


def _snoozable(found: Found, name: ResourceName) -> tuple[Path, ...]:
    try:
        return snoozable(name, found.planned.steps[name])
    except NotAccepted as reason:
        raise UsageError(f"{reason}. Nothing was written") from reason


def _nothing(found: Found, name: ResourceName) -> str:
    """Say that there is nothing to write for a resource."""
    snoozed = found.planned.steps[name].match.desired.snooze
    if snoozed and found.planned.steps[name].decision:
        return f"{name} has not drifted, but for what is snoozed until {snoozed.until}: nothing was written for it"
    return f"{name} has not drifted: nothing was written for it"


def _refuse_secrets(found: Found, what: str, value: Json) -> None:
    """Refuse to write a known secret into git, wherever it has got to."""
    if any(found.here.redactor.redact_data(text) != text for text in texts(value)):
        raise UsageError(f"{what} holds a secret, which is never written into git. Nothing was written")


def _proven(found: Found, drafts: Drafts, taken: Mapping[ResourceName, Sequence[Path]]) -> Found:
    """Return what a look would find with the drafts; raises UsageError unless they do what they are to do, alone."""
    if not drafts.changed:
        return found
    after = found.with_drafts(drafts)
    for name, paths in taken.items():
        if not has_come_true(after.planned, name, paths):
            raise UsageError(f"{name} would still differ with the live values in its manifest. Nothing was written")
    for name, step in after.planned.steps.items():
        before = found.planned.steps[name].change.requests
        if name not in taken and step.change.requests and step.change.requests != before:
            raise UsageError(f"{name} would change, too. Nothing was written: change the manifests by hand")
    return after
