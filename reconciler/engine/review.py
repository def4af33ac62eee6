"""What of a plan may be done when plans were reviewed before: exactly the changes whose digest is in one of them. Pure.

The plan that is made now is what decides, and the reviewed ones allow: their commit and their etags do not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from reconciler.diff.document import MISSING, Json, is_object, same, shown
from reconciler.diff.outcomes import Cause
from reconciler.diff.pointer import format_path
from reconciler.engine.plan import Planned
from reconciler.model.plan import Action, Change, FieldChange, Plan, Scope
from reconciler.model.resources import Notice, ResourceName

_TOLD: Final[Mapping[Action, str]] = {
    Action.CREATE: "a create",
    Action.UPDATE: "an update",
    Action.REPLACE: "a replace",
    Action.DELETE: "a delete",
    Action.ADOPT: "an adoption that sends nothing",
    Action.FORGET: "a resource to forget",
    Action.UNCHANGED: "unchanged",
    Action.BLOCKED: "blocked",
}
_BECAUSE: Final[Mapping[Cause, str]] = {
    Cause.GIT: "git has changed",
    Cause.DRIFT: "live has changed",
    Cause.ADOPT: "it is not managed yet",
}
_PATHS: Final = 5
_NAMES: Final = 20


def merged_scope(scopes: Sequence[Scope], known: Collection[ResourceName]) -> Scope:
    """Return what several plans (at least one) were made for, taken together.

    Whatever one of them looked at is looked at. Names that nothing knows any more are left out: what was reviewed of
    them is no longer needed.
    """
    names = frozenset(known)
    asked = [scope.only for scope in scopes if scope.only is not None]
    return Scope(
        only=names.intersection(frozenset[ResourceName]().union(*asked)) if len(asked) == len(scopes) else None,
        exclude=names.intersection(*(scope.exclude for scope in scopes)),
        rotate=names.intersection(frozenset[ResourceName]().union(*(scope.rotate for scope in scopes))),
        prune=any(scope.prune for scope in scopes),
    )


def review(planned: Planned, plans: Sequence[Plan]) -> Planned:
    """Return the plan with every change refused that is in none of the reviewed plans, and why.

    A change without a digest needs no review: nobody can review a secret's value, and an adoption sends nothing.
    """
    allowed = {change.digest for plan in plans for change in plan.changes if change.digest}
    seen: dict[ResourceName, list[Change]] = {}
    for plan in plans:
        for change in plan.changes:
            seen.setdefault(change.resource, []).append(change)
    refused = {
        change.resource: _why(change, seen.get(change.resource, ()))
        for change in planned.plan.changes
        if change.digest and change.digest not in allowed and not _is_rest(change, seen.get(change.resource, ()))
    }
    refused |= {  # what is not replaced is not deleted either, whatever was reviewed of that
        name: f"goes with {removal.successor}, which is refused"
        for name, removal in planned.removals.items()
        if removal.successor in refused and name not in refused
    }
    notices = (*planned.plan.notices, *_no_longer_needed(planned.plan, seen))
    return replace(planned, plan=replace(planned.plan, notices=notices), refused=refused)


def _is_rest(change: Change, reviewed: Sequence[Change]) -> bool:
    """Iff a change is what is left of a reviewed deletion that was made, and could not be noted: nothing is sent."""
    deleted = any(one.action is Action.DELETE and one.id == change.id for one in reviewed)
    return deleted and change.action is Action.FORGET and not change.requests


def to_do(planned: Planned) -> Planned:
    """Return what of a plan will be done: as if nothing had to change about what is refused."""
    refused = planned.refused
    steps = {
        name: replace(
            step,
            change=Change(name, step.change.id, Action.UNCHANGED),
            match=replace(step.match, gone=False),  # not missed: it is not made again
        )
        if name in refused
        else step
        for name, step in planned.steps.items()
    }
    removals = {name: removal for name, removal in planned.removals.items() if name not in refused}
    changes = tuple(change for change in planned.plan.changes if change.resource not in refused)
    return Planned(replace(planned.plan, changes=changes), steps, removals)


def name_rotations(planned: Planned) -> Planned:
    """Return the plan with a notice of the secrets that are sent again: no review can show them."""
    rotated = [
        f"{name} {', '.join(map(format_path, sorted(step.decision.secrets.rotated)))}"
        for name, step in sorted(planned.steps.items())
        if name not in planned.refused
        and step.change.requests
        and step.decision is not None
        and step.decision.secrets.rotated
    ]
    if not rotated:
        return planned
    notice = Notice(f"secrets that are sent again, which no review can show: {'; '.join(rotated)}")
    return replace(planned, plan=replace(planned.plan, notices=(*planned.plan.notices, notice)))


def _no_longer_needed(plan: Plan, seen: Mapping[ResourceName, Sequence[Change]]) -> Iterator[Notice]:
    """Tell of what was reviewed and has nothing left to do: done already, or undone in git."""
    open_still = {change.resource for change in plan.changes if change.digest or change.blocked_by is not None}
    done = [str(name) for name in sorted(seen) if name not in open_still and any(one.digest for one in seen[name])]
    if done:
        more = f" and {len(done) - _NAMES} more" if len(done) > _NAMES else ""
        yield Notice(f"reviewed, and no longer needed: {', '.join(done[:_NAMES])}{more}")


def _why(change: Change, reviewed: Sequence[Change]) -> str:
    """Say why a change is not one that was reviewed, as exactly as what was reviewed allows."""
    if not reviewed:
        because = " and ".join(text for cause, text in _BECAUSE.items() if cause in change.causes)
        return f"not in the reviewed plans: it would be {_told(change)}, since {because}"
    # Of several the one that is nearest; of equally near ones the last, as files are given in the order of time.
    nearest = min(reversed(reviewed), key=lambda one: (one.action is not change.action, len(_changed(one, change))))
    return f"reviewed as {_told(nearest)}; {'; '.join(_differences(nearest, change))}"


def _told(change: Change) -> str:
    told = _TOLD[change.action]
    return f"{told} of {_listed([field.path for field in change.fields])}" if change.action is Action.UPDATE else told


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _PATHS} more" if len(paths) > _PATHS else ""
    return ", ".join(path or "all of it" for path in paths[:_PATHS]) + more


def _differences(reviewed: Change, change: Change) -> list[str]:
    if reviewed.action is not change.action:
        return [f"now it would be {_told(change)}"]
    found = [f"{what} {_listed(paths)}" for what, paths in _by_kind(reviewed, change).items()]
    if reviewed.id != change.id:
        found.append(f"it is another object now: {change.id}")
    return found or ["what would be sent for it is not the same any more"]


def _by_kind(reviewed: Change, change: Change) -> dict[str, list[str]]:
    before, now = _fields(reviewed), _fields(change)
    found: dict[str, list[str]] = {}
    for path in _changed(reviewed, change):
        if path not in before:
            kind = "now it would also change"
        elif path not in now:
            kind = "it would no longer change"
        elif not _agree(before[path].after, now[path].after):
            kind = "git now has another value for"
        else:
            kind = "live has changed since at"
        found.setdefault(kind, []).append(path)
    return found


def _changed(reviewed: Change, change: Change) -> list[str]:
    """Return the paths at which two changes of one resource differ, sorted."""
    before, now = _fields(reviewed), _fields(change)
    return sorted(
        path
        for path in before.keys() | now.keys()
        if path not in before
        or path not in now
        or not _agree(before[path].before, now[path].before)
        or not _agree(before[path].after, now[path].after)
    )


def _fields(change: Change) -> dict[str, FieldChange]:
    """Return a change's fields by path, without the secrets that are only sent again: they make no difference."""
    return {
        field.path: field
        for field in change.fields
        if not field.sensitive or field.before is MISSING or field.after is MISSING
    }


def _agree(reviewed: Json, now: Json) -> bool:
    """Iff two values are one, as far as can be told: a reference may have become an id since."""
    if is_object(reviewed) and reviewed.keys() == {"$ref"}:
        return isinstance(now, str) or same(reviewed, shown(now))
    if is_object(reviewed) and is_object(now):
        return reviewed.keys() == now.keys() and all(_agree(reviewed[key], now[key]) for key in reviewed)
    if isinstance(reviewed, list) and isinstance(now, list):
        return len(reviewed) == len(now) and all(map(_agree, reviewed, now))
    return same(reviewed, shown(now))
