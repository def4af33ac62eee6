"""Snoozed drift: what git has decided to leave alone for a while, and what to say once the while is over. Pure.

A snooze covers drift alone. What git changes is changed, and what the snooze does not name is drift as ever. The ledger
goes on knowing what it knew of the field, so that it is drift again when the snooze is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from reconciler.diff.document import Json
from reconciler.diff.outcomes import Cause, Outcome, Verdict
from reconciler.engine import facts
from reconciler.model.resources import Desired, Notice, Snooze

LONGEST: Final = 367 * 86_400
"""Seconds, a year and the last day: what is to stay otherwise for longer belongs into the manifest."""


def in_force(resource: Desired, now: float) -> Desired:
    """Return a resource without its snooze where that is over, or ends too far ahead; ``now`` is epoch seconds."""
    snooze = resource.snooze
    return resource if snooze is None or 0 < snooze.ends - now <= LONGEST else replace(resource, snooze=None)


def notices(resources: Iterable[Desired], now: float) -> list[Notice]:
    """Tell of every snooze that is over, or that is not in force since it ends too far ahead."""
    return [
        Notice(_not_in_force(resource, resource.snooze, now), resource.snooze.source)
        for resource in resources
        if resource.snooze and in_force(resource, now).snooze is None
    ]


def _not_in_force(resource: Desired, snooze: Snooze, now: float) -> str:
    if snooze.ends <= now:
        return f"the snooze of {resource.name} expired (until {snooze.until}): take it out of metadata.snooze"
    return (
        f"the snooze of {resource.name} lasts until {snooze.until}, more than a year ahead: it is not in force. Write "
        "a nearer day, or what is live into the manifest"
    )


def left_alone(outcome: Outcome, resource: Desired, live: Mapping[str, Json]) -> Outcome:
    """Return an outcome as snoozed iff it is drift and nothing else, on a path that git has snoozed."""
    snooze = resource.snooze
    if snooze is None or outcome.causes != {Cause.DRIFT}:
        return outcome
    paths = [facts.canonical_path(resource.name.kind, path, live) for path in snooze.paths]
    if not replace(snooze, paths=tuple(paths)).covers(outcome.path):
        return outcome
    return replace(outcome, verdict=Verdict.SNOOZED, causes=frozenset())
