"""After a write: wait until the service has done it, read it back, and judge whether it was taken.

A 200 may come before the work is done (FACTS 9), and the service shows some values in a form of its own (FACTS 15). So
a path that differs after a write is the service's own form only where a known row says so, or where the write has
settled, nobody wrote since, and the value is not the one from before. Any other difference means that it was not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.diff.document import MISSING, Json, Missing, is_object, same
from reconciler.diff.outcomes import Verdict
from reconciler.diff.pointer import Path, find, format_path
from reconciler.engine import facts
from reconciler.engine.decide import comparable, outcomes_of
from reconciler.engine.match import Match
from reconciler.engine.ports import Clock, FlowService
from reconciler.engine.remember import snoozed_forms
from reconciler.model.errors import NotFound
from reconciler.model.kinds import Kind
from reconciler.model.live import Live, Written

_FIRST_WAIT: Final = 0.25
_LONGEST_WAIT: Final = 5.0


@dataclass(frozen=True, slots=True)
class Settled:
    """An object read back; ``done`` iff its last operation is over, ``failure`` says how that failed."""

    live: Live
    done: bool
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a write: the service's own forms by pointer, and the declared paths that it did not take.

    ``sure`` iff the reading is known to show our write. Where it is not (an answer may come without an etag, FACTS 4),
    what was not taken may only be late.
    """

    observed: Mapping[str, Json | Missing]
    not_taken: tuple[Path, ...]
    sure: bool = True

    @property
    def stands(self) -> bool:
        """Iff another reading would show nothing else."""
        return self.sure or not self.not_taken


@dataclass(frozen=True, slots=True)
class Passed:
    """What an object looked like until our write was taken: its stamps (:func:`stamp`), which a late reading shows."""

    stamps: frozenset[Json] = frozenset()

    @classmethod
    def by(cls, before: Live | None, *written: Written | None) -> Passed:
        """Return the stamps of before a write and between several; nothing where the answers do not tell."""
        *earlier, last = (_stamp(one.etag, one.document) if one else None for one in written)
        stamps = {stamp for stamp in earlier if stamp is not None}
        if before:
            stamps.add(_stamp(before.etag, before.document))
        return cls(frozenset(stamps - {last}) if last is not None else frozenset())

    def __or__(self, other: Passed) -> Passed:
        """Return what an object looked like until the later of two writes."""
        return Passed(self.stamps | other.stamps)

    def shows(self, live: Live) -> bool:
        """Iff a reading is from before our write: no document promises that a write can be read at once (FACTS 16)."""
        return _stamp(live.etag, live.document) in self.stamps


def _stamp(etag: str | None, document: Mapping[str, Json] | None) -> Json:
    """Return what every write moves: the etag, or for specs, which have none, ``updatedAt``; None before the first."""
    return etag if etag is not None else (document or {}).get("updatedAt")


def read_back(
    service: FlowService,
    id: str,
    before: Live | Kind,
    clock: Clock,
    seconds: float,
    passed: Passed = Passed(),
    *,
    taken: Callable[[Settled], bool] = lambda _: True,
) -> Settled:
    """Read an object until it shows our write and its last operation is over, for at most so many seconds.

    ``before`` is the object from before the write (its kind: created); an operation that it shows is not ours.
    ``taken`` may ask for another reading of what looks done. Raises ServiceError.
    """
    kind = before if isinstance(before, Kind) else before.kind
    earlier = None if isinstance(before, Kind) else before.document.get("lastOperation")
    deadline, wait = clock.now() + seconds, _FIRST_WAIT
    while True:
        late = clock.now() + wait > deadline
        try:
            live = service.get(kind, id)
            done, failure = (False, None) if passed.shows(live) else _operation(live, earlier)
            settled = Settled(live, done, failure)
            if late or (done and (failure is not None or taken(settled))):
                return settled
        except NotFound:
            # No document promises that what was just created can be read at once (FACTS 16).
            if late or not isinstance(before, Kind):
                raise
        clock.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)


def read_past(service: FlowService, live: Live, clock: Clock, deadline: float) -> Live:
    """Read an object that is known to have moved on, until that shows or the deadline (epoch seconds) is over.

    Raises ServiceError.
    """
    passed, wait = Passed(frozenset({_stamp(live.etag, live.document)})), _FIRST_WAIT
    while passed.shows(fresh := service.get(live.kind, live.id)) and clock.now() + wait <= deadline:
        clock.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)
    return fresh


def failure_of(live: Live) -> str | None:
    """Return how the last operation of an object failed, None where it did not or is under way."""
    return _operation(live, None)[1]


def _operation(live: Live, earlier: Json) -> tuple[bool, str | None]:
    """Say whether the last operation is over, and how it failed if it did."""
    if live.kind is not Kind.FLOW:
        return True, None
    operation = live.document.get("lastOperation")
    status = operation.get("status") if is_object(operation) else None
    value = status.get("value") if is_object(status) else None
    over = isinstance(value, str) and value.lower() in facts.FAILED_OPERATIONS | facts.SETTLED_OPERATIONS
    if not isinstance(value, str) or (over and same(operation, earlier)):
        # It says nothing of our write: then the state has to (FACTS 9).
        return not facts.is_transient(live.document.get("state")), None
    if value.lower() in facts.FAILED_OPERATIONS:
        return True, f"the service's last operation ended as {value}: {status.get('errors')}" if status else value
    return value.lower() in facts.SETTLED_OPERATIONS, None


def judge(
    one: Match, before: Live | None, settled: Settled, written: Written | None, *, prune: bool = False
) -> Judgement:
    """Judge the declared paths of a resource that was just written; ``before`` is None iff it was created."""
    observed: dict[str, Json | Missing] = {}
    not_taken: list[Path] = []
    explained = facts.rules(one.desired.name.kind).explained
    untouched = _nobody_since(settled.live, written)
    own_write = settled.done and untouched
    then = comparable(before) if before else {}
    outcomes = outcomes_of(one.desired, one.spec, settled.live, one.entry, prune=prune)
    for outcome in outcomes:
        known = outcome.desired is not MISSING and explained(outcome.path, outcome.desired, outcome.live)
        moved = outcome.live is not MISSING and not same(outcome.live, find(then, outcome.path))
        own_form = own_write and moved and outcome.verdict is not Verdict.REMOVE
        if outcome.verdict is Verdict.SETTLED or (outcome.causes and (known or own_form)):
            observed[format_path(outcome.path)] = outcome.live
        elif outcome.causes:
            not_taken.append(outcome.path)
    return Judgement(observed | snoozed_forms(outcomes, one.entry), tuple(not_taken), untouched)


def _nobody_since(live: Live, written: Written | None) -> bool:
    """Iff the object is as our write left it: by its etag, or for specs, which have none, by ``updatedAt``."""
    if written is None:
        return False
    if live.etag is not None:
        return live.etag == written.etag
    stamp = (written.document or {}).get("updatedAt")
    return stamp is not None and same(live.document.get("updatedAt"), stamp)
