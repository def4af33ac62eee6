"""Creating: one POST, and never a second one while the first may have worked.

A POST has no idempotency key (FACTS 6). When its answer is lost, the service is given time, then asked what it has: the
one object made since, with our body and by our client, is ours; none means that it was never made; anything else is for
a person to tell apart.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from reconciler.diff.document import Json, same
from reconciler.engine.decide import outcomes_of
from reconciler.engine.facts import rules
from reconciler.engine.hands import Ambiguous, Hands, Sent
from reconciler.engine.match import Match, is_alike
from reconciler.model.errors import OutcomeUnknown
from reconciler.model.kinds import Kind
from reconciler.model.live import Live

_POSTS: Final = 3
_FIRST_WAIT: Final = 1.0


@dataclass(slots=True)
class Creations:
    """What this run has created, for its writers to share.

    Creates of one kind and name go one after another: after a lost answer, what a sister has just made could otherwise
    be taken for ours.
    """

    taken: set[str] = field(default_factory=set)
    _turns: dict[tuple[Kind, Json], threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, one: Match) -> threading.Lock:
        """Return the lock to hold while creating."""
        with self._lock:
            return self._turns.setdefault((one.desired.name.kind, str(one.spec.get("name"))), threading.Lock())


def create(hands: Hands, one: Match, body: Json, creations: Creations) -> Sent:
    """Create an object, once. Raises Ambiguous, LeaseLost, ServiceError."""
    with creations.turn(one):
        sent = _create(hands, one, body, creations.taken)
        creations.taken.add(sent.id)
        return sent


def _create(hands: Hands, one: Match, body: Json, taken: Collection[str]) -> Sent:
    kind = one.desired.name.kind
    for attempt in range(1, _POSTS + 1):
        hands.sending("create")
        try:
            written = hands.service.create(kind, body)
        except OutcomeUnknown:
            made = _made_after_all(hands, one, taken)
            if made:
                return Sent(made.id, None, None, attempt, secrets=True)
            if attempt == _POSTS:
                raise
        else:
            return Sent(written.id, None, written, attempt, secrets=True)
    raise AssertionError("the last try returns or raises")


def _made_after_all(hands: Hands, one: Match, taken: Collection[str]) -> Live | None:
    """Return the object that a lost POST has made, or None once the service has had its time and shows none."""
    suspects: list[Live] = []
    for _ in _looks(hands):
        suspects = [live for live in _suspects(hands, one) if live.id not in taken]
        ours = [live for live in suspects if _is_ours(one, live)]
        if len(ours) == 1 == len(suspects):
            return ours[0]
    if suspects:
        ids = ", ".join(sorted(live.id for live in suspects))
        raise Ambiguous(
            f"the answer to the create was lost, and {ids} may be what it made: say which one is meant with metadata.id"
        )
    return None


def _looks(hands: Hands) -> Iterator[None]:
    """Yield whenever it is time to look: after one second, two, four …, and last when ``settle_seconds`` are over."""
    deadline, wait, last = hands.clock.now() + hands.settle_seconds, _FIRST_WAIT, False
    while not last:
        left = deadline - hands.clock.now()
        last = left <= wait
        hands.clock.sleep(max(0.0, min(wait, left)))
        wait *= 2
        yield
    hands.guard()


def _suspects(hands: Hands, one: Match) -> list[Live]:
    """Return the objects of that name and spec that our client has made and that were not there before."""
    return [
        live
        for live in hands.service.list(one.desired.name.kind, sure=True)
        if live.id not in one.same_named
        and is_alike(one.desired.name.kind, one.spec, live.document)
        and live.document.get("createdClient") in (None, hands.service.client)
    ]


def _is_ours(one: Match, live: Live) -> bool:
    """Iff the object has every path of our body, or a form of it that the service is known to show."""
    explained = rules(one.desired.name.kind).explained
    return all(
        outcome.path == ("state",)
        or explained(outcome.path, outcome.desired, outcome.live)
        or same(outcome.live, outcome.desired)
        for outcome in outcomes_of(one.desired, one.spec, live, None)
        if outcome.causes
    )
