"""Updating: one PATCH with the etag that the plan read, or for specs, which have none, a PUT between two reads.

A moved etag means: read again, compare again. Runs move it by themselves (FACTS 7), so only a declared field that
moved is a conflict. A lost answer is no answer: the same PATCH is sent again, and its 412 tells that the first one, or
somebody else, got there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.diff.document import Json, same
from reconciler.diff.outcomes import Outcome
from reconciler.diff.pointer import find, format_path
from reconciler.engine import facts
from reconciler.engine.decide import Decision, agrees, comparable, counted, decide
from reconciler.engine.fields import last_writer
from reconciler.engine.hands import TRIES, Conflict, Hands, Sent
from reconciler.engine.settle import Passed, read_back, read_past
from reconciler.engine.steps import Step
from reconciler.model.errors import BadAnswer, OutcomeUnknown, PreconditionFailed, Rejected
from reconciler.model.kinds import Kind
from reconciler.model.live import Live, Written
from reconciler.model.resources import ResourceName

_BAD_REQUEST = 400


@dataclass(slots=True)
class _Attempt:
    """A PATCH on its way: what it is made from, and whether an earlier try may have been taken.

    Until the ``deadline`` (epoch seconds) a reading may still be one from before another's write.
    """

    live: Live
    decision: Decision
    deadline: float
    uncertain: bool = False
    documented_only: bool = False


def patch(hands: Hands, step: Step, live: Live, decision: Decision, ids: Mapping[ResourceName, str]) -> Sent:
    """Send the planned PATCH until it holds. Raises Conflict, LeaseLost, SecretMissing, ServiceError."""
    now = _Attempt(live, decision, hands.clock.now() + hands.settle_seconds)
    for attempt in range(1, TRIES + 1):
        ops = [hands.fill(op.wire(), ids) for op in now.decision.patch]
        hands.sending("patch")
        try:
            written = hands.service.patch(live.kind, live.id, ops, _etag(now.live))
        except PreconditionFailed:
            done = _after_moved(hands, step, now, attempt)
            if done:
                return done
            if attempt == TRIES:
                raise
        except OutcomeUnknown:
            now.uncertain = True
            if attempt == TRIES:
                raise
        except Rejected as refused:
            _after_refused(hands, step, now, refused)
            if attempt == TRIES:
                raise
        else:
            return Sent(live.id, now.live, written, attempt, _sends_secrets(now.decision))
        hands.pause(attempt)
    raise AssertionError("the last try returns or raises")


def _etag(live: Live) -> str:
    if live.etag is None:
        raise BadAnswer(f"the service shows no etag for {live.kind.collection}/{live.id}, and a PATCH needs one")
    return live.etag


def _sends_secrets(decision: Decision) -> bool:
    return any(op.path in facts.CREDENTIALS for op in decision.patch)


def _after_moved(hands: Hands, step: Step, now: _Attempt, attempt: int) -> Sent | None:
    """Look at what moved the etag: return what is done already, prepare the next try, or raise Conflict."""
    fresh = read_past(hands.service, now.live, hands.clock, now.deadline)
    situation = replace(step.situation, documented_only=now.documented_only)
    decision = decide(step.match.desired, step.match.spec, fresh, step.match.entry, situation)
    secrets = _sends_secrets(now.decision)
    if decision.blocked:
        raise Conflict(f"{last_writer(fresh)} changed it since the plan, and now it is blocked: {decision.blocked}")
    ours = secrets and now.uncertain and _is_own_write(hands, now, fresh)
    if not decision.patch or ours:
        return Sent(now.live.id, now.live, Written(fresh.id, fresh.etag), attempt, ours)
    if moved := _moved(now.live, now.decision, fresh):
        raise Conflict(
            f"{last_writer(fresh)} changed {', '.join(moved)} since the plan; nothing was overwritten. Plan again to "
            "see it"
        )
    if secrets and not same(fresh.document.get("updatedAt"), now.live.document.get("updatedAt")):
        raise Conflict(
            f"{last_writer(fresh)} wrote the object since the plan, and whether that changed its secrets cannot be "
            "seen; nothing was overwritten. Plan again, and rotate or --rotate if the secrets are to be sent"
        )
    now.live, now.decision = fresh, decision
    return None


def _moved(seen: Live, decision: Decision, fresh: Live) -> list[str]:
    """Return the declared paths that are neither what the plan saw nor what git wants."""
    if agrees(seen, fresh, decision):
        return []
    before, after = comparable(seen), comparable(fresh)
    rules = facts.rules(fresh.kind)

    def is_moved(outcome: Outcome) -> bool:
        there = find(after, outcome.path)
        return not same(find(before, outcome.path), there) and not rules.equal(outcome.path, outcome.desired, there)

    return [format_path(outcome.path) for outcome in counted(fresh.kind, decision) if is_moved(outcome)]


def _is_own_write(hands: Hands, now: _Attempt, fresh: Live) -> bool:
    """Iff a PATCH of ours whose answer was lost is what moved the object.

    Live secrets cannot be compared, so the rest has to tell: our client wrote last, and everything beside the
    credentials is as our PATCH would leave it.
    """
    moved = not same(fresh.document.get("updatedAt"), now.live.document.get("updatedAt"))
    ours = fresh.document.get("updatedClient") == hands.service.client
    return moved and ours and same(_without_credentials(now.decision.wanted), _without_credentials(comparable(fresh)))


def _without_credentials(document: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in document.items() if all(key != root[0] for root in facts.CREDENTIALS)}


def _after_refused(hands: Hands, step: Step, now: _Attempt, refused: Rejected) -> None:
    """Prepare another form of a refused PATCH, or raise: it waits for a transition, or turns to documented paths.

    A path that no document shows is tried as it is; after a definite 400 its nearest documented ancestor is (FACTS 9).
    Whether an answer has a code is unknown (FACTS 6): where it has none, the object says if it is in transition.
    """
    if refused.code in facts.TRANSITION_CODES:
        return
    if refused.status != _BAD_REQUEST:
        raise refused
    if _turned_to_documented(step, now):
        return
    live = hands.service.get(now.live.kind, now.live.id) if refused.code is None else None
    if live is None or not facts.is_transient(live.document.get("state")):
        raise refused


def _turned_to_documented(step: Step, now: _Attempt) -> bool:
    """Make the patch anew of documented paths; false iff it was so already, or cannot be."""
    undocumented = any(not facts.is_documented(now.live.kind, op.path) for op in now.decision.patch)
    if now.documented_only or not undocumented:
        return False
    situation = replace(step.situation, documented_only=True)
    decision = decide(step.match.desired, step.match.spec, now.live, step.match.entry, situation)
    if decision.blocked or not decision.patch:
        return False
    now.documented_only, now.decision = True, decision
    return True


def put(hands: Hands, step: Step, live: Live, planned: Decision, ids: Mapping[ResourceName, str]) -> Sent:
    """Send a spec whole: compare right before, read right after, and merge again what a race has lost.

    Raises Conflict, LeaseLost, ServiceError.
    """
    sent: Sent | None = None
    before: Live | None = None  # what our first PUT was made from: members that were not in it are ours to own
    passed = Passed()
    for attempt in range(1, TRIES + 1):
        fresh = read_back(hands.service, live.id, live, hands.clock, hands.settle_seconds, passed).live
        if sent and passed.shows(fresh):
            return sent  # a reading from before our PUT, to the last: it says nothing of a race
        decision = decide(step.match.desired, step.match.spec, fresh, step.match.entry, step.situation)
        if decision.put is None or (sent and not _lost_race(decision)):
            return sent or Sent(live.id, before or fresh, None, attempt - 1)
        if not sent and (moved := _moved(live, planned, fresh)):
            raise Conflict(f"{last_writer(fresh)} changed {', '.join(moved)} since the plan; nothing was overwritten")
        hands.sending("put")
        before = before or fresh
        try:
            written = hands.service.put(live.kind, live.id, hands.fill(decision.put, ids), fresh.etag)
            sent = Sent(live.id, before, written, attempt)
            passed |= Passed.by(fresh, written)
        except (OutcomeUnknown, PreconditionFailed):
            if attempt == TRIES:
                raise
            hands.pause(attempt)
    return sent or Sent(live.id, live, None, TRIES)


def _lost_race(decision: Decision) -> bool:
    """Iff members of a shared list that we just put in are not there: another writer's PUT came from before ours."""
    shared = facts.set_paths(Kind.FLOW_SPEC)
    return any(outcome.path in shared and outcome.causes for outcome in decision.outcomes)
