"""What a run that never ended may have made, and nothing manages: git may have moved on since. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from reconciler.diff.document import is_number
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin
from reconciler.model.live import Live
from reconciler.model.plan import Action
from reconciler.model.resources import Notice

MAKING: Final = frozenset({Action.CREATE.value, Action.REPLACE.value})
"""The actions that make an object, as an intent names them."""

_SKEW: Final = 300.0
"""Seconds by which the service's clock may be behind the one of the run."""


def making(begin: Begin | None) -> frozenset[Kind]:
    """Return the kinds of which a run that never ended may have made something."""
    return frozenset(intent.resource.kind for intent in (begin.intents if begin else ()) if intent.action in MAKING)


def unfinished(
    begin: Begin | None, managed: Collection[tuple[Kind, str]], snapshot: Snapshot, now: float
) -> Iterator[Notice]:
    """Tell of objects made since a run began that never ended: one that nobody knows of may be a flow that runs.

    A run that holds the ledger at ``now`` (epoch seconds) may be about to note what it has made.
    """
    if begin is None or begin.expires > now:
        return
    for kind in sorted(making(begin)):
        made = sorted(
            one.id for one in snapshot.all(kind) if (kind, one.id) not in managed and _is_since(one, begin.started)
        )
        if made:
            yield Notice(
                f"run {begin.run} never ended, and may have made {', '.join(made)} in {kind.collection}, which "
                "nothing manages: look at it with drift --unmanaged, and delete it by hand if it is not needed"
            )


def _is_since(live: Live, started: float) -> bool:
    """Iff an object was made since then: ``createdAt`` is in milliseconds (FACTS 7)."""
    made = live.document.get("createdAt")
    return is_number(made) and made >= (started - _SKEW) * 1000
