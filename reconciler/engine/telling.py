"""What a person should know of a step besides its fields and requests. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.diff.document import MISSING, Json
from reconciler.diff.outcomes import Cause, Verdict
from reconciler.diff.pointer import find, format_path
from reconciler.engine import facts
from reconciler.engine.credentials import slots
from reconciler.engine.decide import Decision
from reconciler.engine.fields import last_writer
from reconciler.engine.match import Match
from reconciler.engine.public import LAST_WRITTEN
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.resources import Notice

_ENDS: Final = frozenset({"sourceConnectionIds", "targetConnectionIds"})


def change_notes(one: Match, live: Live, decision: Decision) -> list[str]:
    """Return what a person should know of an update or an adoption besides its fields."""
    notes: list[str] = []
    if Cause.DRIFT in decision.causes:
        notes.append(f"{LAST_WRITTEN} {last_writer(live)}")
    if one.desired.snooze and decision.snoozed:
        paths = ", ".join(format_path(outcome.path) for outcome in decision.snoozed)
        notes.append(f"{paths} stays as it is live, snoozed until {one.desired.snooze.until}")
    declared = [format_path(path) for path, _ in slots(dict(one.spec))]
    sends = any(op.path in facts.CREDENTIALS for op in decision.patch)
    if one.entry is None and declared and not sends:
        notes.append(f"secrets are unverified until they are sent: {', '.join(declared)}")
    missing = sorted(format_path(path) for path in decision.secrets.unknown)
    if missing and sends:
        notes.append(f"secrets to be sent are not at hand here: {', '.join(missing)}")
    ends = {outcome.path[0] for outcome in decision.outcomes if outcome.causes} & _ENDS
    if live.kind is Kind.FLOW and ends and facts.is_source_flow(live.document):
        notes.append(
            f"documents show a change of {', '.join(sorted(ends))} for flows out of the platform alone: whether this "
            "one picks it up is not known. Look at its next run, or have the flow replaced (metadata.onImmutable)"
        )
    hides_description = decision.put is not None and live.kind is Kind.CONNECTION_SPEC
    if hides_description and "description" not in one.spec and "description" not in live.document:
        notes.append(
            "the service does not show a connection spec's description, and this write may clear it: declare it"
        )
    return notes


def snoozed_notices(one: Match, decision: Decision) -> Iterator[Notice]:
    """Tell of what is left as it is, though git says something else."""
    paths = [format_path(outcome.path) for outcome in decision.outcomes if outcome.verdict is Verdict.SNOOZED]
    if paths and one.desired.snooze:
        until = one.desired.snooze.until
        yield Notice(f"{one.desired.name} differs at {', '.join(paths)}, and is left so until {until} (snoozed)")


def staying_notices(one: Match, live: Live, *, prune: bool) -> Iterator[Notice]:
    """Tell of what was ours in a shared list and is not declared any more."""
    for path in facts.set_paths(one.desired.name.kind):
        owned = find(dict(one.entry.applied), path) if one.entry else MISSING
        wanted, there = find(dict(one.spec), path), find(live.document, path)
        left = [id for id in _members(owned) if id not in _members(wanted) and id in _members(there)]
        if left and not prune:
            text = f"{one.desired.name} no longer lists {', '.join(left)} in {format_path(path)}: --prune takes it out"
            yield Notice(text, one.desired.locate(path))


def _members(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
