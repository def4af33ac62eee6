"""What has to be asked for by name: plans that touch too much, and a service that shows less than it did."""

from __future__ import annotations

from typing import Final

from reconciler.engine.credentials import slots
from reconciler.engine.plan import Planned
from reconciler.engine.ports import Secrets
from reconciler.engine.removal import Removal
from reconciler.model.errors import PlanRefused, SecretMissing
from reconciler.model.plan import Action
from reconciler.model.resources import Guards, OnRemove

_FROM: Final = 10
"""Below so many managed resources a percentage says nothing."""

_MISSING_AT_ONCE: Final = 3


def check_size(planned: Planned, guards: Guards) -> None:
    """Raise PlanRefused where a plan changes, deletes or misses more than may pass unasked."""
    counts = planned.plan.summary
    leaving = counts["delete"] + counts["forget"]
    if leaving > guards.max_deletes:
        raise PlanRefused(
            f"the plan lets {leaving} resources go, and the target's guards allow {guards.max_deletes}: read it again, "
            "then say --allow-large"
        )
    if not planned.steps and leaving:
        raise PlanRefused(
            f"no manifest declares anything for this target, and {leaving} managed resources would go: is the folder "
            "complete? If it is meant, say --allow-large"
        )
    steps = [step for step in planned.steps.values() if step.match.entry]
    replaced = sum(1 for removal in planned.removals.values() if _is_replaced(removal))  # counted as a replace already
    managed = len(steps) + len(planned.removals) - replaced
    changed = counts["delete"] - replaced + sum(step.change.action in (Action.UPDATE, Action.REPLACE) for step in steps)
    if managed >= _FROM and changed * 100 > managed * guards.max_changes_percent:
        raise PlanRefused(
            f"the plan changes {changed} of {managed} managed resources, more than {guards.max_changes_percent} %: "
            "read it again, then say --allow-large"
        )
    _check_missing(planned, managed)


def _check_missing(planned: Planned, managed: int) -> None:
    """Refuse to create everything anew when a credential sees less than the one before did."""
    gone = [str(name) for name, step in planned.steps.items() if step.match.gone]
    pruned = [(name, one.step.match) for name, one in planned.removals.items() if one.step.match.live is None]
    gone += [str(name) for name, one in pruned if one.entry and one.entry.on_remove is OnRemove.ORPHAN]
    if len(gone) >= _MISSING_AT_ONCE and len(gone) * 2 > managed:
        raise PlanRefused(
            f"{len(gone)} of {managed} managed objects are missing at once ({', '.join(gone[:3])}, …). Does this "
            "credential see all of this sandbox? If they are really gone, say --allow-large"
        )


def _is_replaced(removal: Removal) -> bool:
    entry = removal.step.match.entry
    return removal.step.change.action is Action.DELETE and entry is not None and entry.on_remove is OnRemove.REPLACED


def check_secrets(planned: Planned, secrets: Secrets) -> None:
    """Raise SecretMissing where a secret that has to be sent is not at hand; names all of them.

    Raises UsageError where one may not be read at all.
    """
    missing = {
        (str(name), slot.pointer, f"{slot.origin} {slot.key}")
        for name, step in planned.steps.items()
        for request in step.change.requests
        for _, slot in slots(request.body)
        if secrets.value(slot) is None
    }
    if missing:
        lines = [f"  {name} {pointer}: {origin} is not set" for name, pointer, origin in sorted(missing)]
        raise SecretMissing("\n".join(["secrets that have to be sent are missing; nothing was sent", *lines]))
