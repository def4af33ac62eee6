"""What a change of the ledger is called, for whoever looks through ``git log``: a subject, then facts a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reconciler.ledger.lease import moment
from reconciler.model.ledger import Begin, Drop, End, EntryChange, Put


def begins(begin: Begin, taken_over: Begin | None) -> str:
    """Say who begins, and what is meant."""
    facts = [
        f"run {begin.run}",
        f"plan {begin.plan}",
        *([f"commit {begin.commit}"] if begin.commit else []),
        f"until {moment(begin.expires)}",
        *([f"takes over from run {taken_over.run} of {taken_over.actor}"] if taken_over else []),
        *(f"{intent.action} {intent.resource}" for intent in begin.intents),
    ]
    return _message(f"Begin: {begin.actor} means to write {_count(len(begin.intents), 'resource')}", facts)


def writes(ours: Begin, changes: Sequence[EntryChange], expires: float | None, end: End | None) -> str:
    """Say what a run tells of itself."""
    facts = [f"run {ours.run}"]
    recorded = [_recorded(change) for change in changes]
    if end is not None:
        counts = Counter(outcome.status for outcome in end.outcomes)
        told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        return _message(f"End: {told or 'nothing was done'}", [*facts, *recorded])
    if changes:
        more = f" and {len(recorded) - 1} more" if len(recorded) > 1 else ""
        return _message(f"Record: {recorded[0]}{more}", [*facts, *recorded[1:]])
    return _message(f"Renew: until {moment(expires or ours.expires)}", facts)


def unlocks(standing: Begin) -> str:
    """Say whose begin was ended by hand."""
    return _message(f"Unlock: run {standing.run} of {standing.actor}", [f"began {moment(standing.started)}"])


def _recorded(change: EntryChange) -> str:
    if isinstance(change, Put):
        return f"{change.entry.resource} is {change.entry.id}"
    return _dropped(change)


def _dropped(change: Drop) -> str:
    return f"{change.resource} is forgotten"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _message(subject: str, facts: Sequence[str]) -> str:
    return "\n".join([" ".join(subject.split()), "", *(" ".join(fact.split()) for fact in facts), ""])
