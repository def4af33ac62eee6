"""The runs of a ledger: a table for a person, JSON for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from reconciler.model.ledger import Begin, End, Outcome
from reconciler.render.lines import BLANK, Line, Part, Screen, emit, line, table
from reconciler.render.plain_json import plain_json

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console

    from reconciler.render.shapes import HistoryShape, OutcomeShape, RunShape  # for the type checker alone

FORMAT_VERSION: Final = 1
Run: TypeAlias = tuple[Begin, End | None]
State: TypeAlias = Literal["open", "ended", "takenOver"]

_WELL: Final = frozenset({"applied", "unchanged"})
_NAMED: Final = 8
_OPEN: Final = "open"
_EXPIRED: Final = "open, expired"
_TAKEN_OVER: Final = "taken over"
_STYLE: Final = {_OPEN: "bold yellow", _EXPIRED: "bold yellow", _TAKEN_OVER: "bold red"}


def history_text(target: str, runs: Sequence[Run], now: float, console: Console) -> None:
    """Draw runs, the newest first: who, when, of which commit, how it ended, and what of it went wrong."""
    emit(console, [line(0, ("Applies to ", "bold"), (target, "bold")), BLANK])
    if not runs:
        emit(console, [line(2, "none yet")])
        return
    head = [(title, "dim") for title in ("BEGAN", "BY", "COMMIT", "ENDED", "RUN")]
    title, *rows = table(Screen.of(console), 2, [head, *(_row(run, now) for run in runs)], [4, 2])
    emit(console, title)
    for (begin, end), lines in zip(runs, rows, strict=True):
        emit(console, [*lines, *_details(begin, end)])


def open_text(begin: Begin, now: float, console: Console) -> None:
    """Draw the run that is open: whose it is, since when, until when, and what it meant to do."""
    expiry = "renewed until" if now < begin.expires else "expired"
    since = f"since {moment(begin.started)}, {expiry} {moment(begin.expires)}"
    emit(console, [line(0, ("Run ", "bold"), (begin.run, "bold"), f" of {begin.actor}, {since}")])
    emit(console, (line(2, f"{intent.action} {intent.resource}", *_id(intent.id)) for intent in begin.intents))


def history_json(target: str, runs: Sequence[Run]) -> bytes:
    """Return runs as JSON, the newest first.

    ``{formatVersion, target, runs: [{run, actor, plan, commit, startedAt, expiresAt, finishedAt, state, intents:
    [{resource, action, id, digest}], summary: {status: count}, outcomes: [{resource, action, status, id, attempts,
    error}]}]}``. ``state`` is ``open``, ``ended`` or ``takenOver``; moments are epoch milliseconds, ``finishedAt`` null
    while a run is open. Keys and resources are sorted.
    """
    document: HistoryShape = {"formatVersion": FORMAT_VERSION, "target": target, "runs": [_run(*run) for run in runs]}
    return plain_json(document)


def moment(seconds: float) -> str:
    """Return epoch seconds for readers."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _row(run: Run, now: float) -> list[Part]:
    begin, end = run
    ended = _ended(begin, end, now)
    bad = end is not None and any(outcome.status not in _WELL for outcome in end.outcomes)
    style = _STYLE.get(ended, "bold red" if bad else "green")
    return [
        (moment(begin.started), ""),
        (begin.actor, "bold"),
        ((begin.commit or "")[:12], "dim"),
        (ended, style),
        (begin.run, "dim"),
    ]


def _ended(begin: Begin, end: End | None, now: float) -> str:
    if end is None:
        return _OPEN if now < begin.expires else _EXPIRED
    if end.taken_over:
        return _TAKEN_OVER
    # An end notes only those unchanged resources whose entry moved on: their number would contradict the apply's own.
    counts = {status: count for status, count in _counts(end.outcomes).items() if status != "unchanged"}
    return ", ".join(f"{count} {status}" for status, count in counts.items()) or "nothing to do"


def _details(begin: Begin, end: End | None) -> Iterator[Line]:
    """Yield what needs a look: what a run that never ended meant to do, and what went wrong in one that did."""
    if end is None or end.taken_over:
        yield from (line(6, f"meant to {intent.action} {intent.resource}", *_id(intent.id)) for intent in begin.intents)
        return
    done = [
        f"{one.action} {one.resource}" for one in sorted(end.outcomes, key=lambda one: one.resource) if _is_done(one)
    ]
    if done:
        more = f" and {len(done) - _NAMED} more" if len(done) > _NAMED else ""
        yield line(6, (", ".join(done[:_NAMED]) + more, "dim"))
    for outcome in sorted(end.outcomes, key=lambda one: one.resource):
        if outcome.status not in _WELL:
            error = f": {outcome.error}" if outcome.error else ""
            yield line(6, (f"{outcome.status} ", "red"), f"{outcome.resource}{error}")


def _is_done(outcome: Outcome) -> bool:
    return outcome.status == "applied"


def _id(id: str | None) -> Iterator[Part]:
    if id:
        yield f"  {id}", "dim"


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    counts = Counter(outcome.status for outcome in outcomes)
    return dict(sorted(counts.items()))


def _run(begin: Begin, end: End | None) -> RunShape:
    state: State = "open" if end is None else "takenOver" if end.taken_over else "ended"
    outcomes = () if end is None else end.outcomes
    return {
        "run": begin.run,
        "actor": begin.actor,
        "plan": begin.plan,
        "commit": begin.commit,
        "startedAt": _milliseconds(begin.started),
        "expiresAt": _milliseconds(begin.expires),
        "finishedAt": None if end is None else _milliseconds(end.finished),
        "state": state,
        "summary": _counts(outcomes),
        "intents": [
            {"resource": str(one.resource), "action": one.action, "id": one.id, "digest": one.digest}
            for one in sorted(begin.intents, key=lambda one: one.resource)
        ],
        "outcomes": [_outcome(outcome) for outcome in sorted(outcomes, key=lambda one: one.resource)],
    }


def _outcome(outcome: Outcome) -> OutcomeShape:
    return {
        "resource": str(outcome.resource),
        "action": outcome.action,
        "status": outcome.status,
        "id": outcome.id,
        "attempts": outcome.attempts,
        "error": outcome.error,
    }


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
