"""What of a drifted resource could be written into its manifest: the live values, or why that cannot be. Pure.

Whatever is taken becomes what git wants, so that the plan for it is empty afterwards. Nothing that is or may be a
secret is ever taken: what is in git is there for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reconciler.diff.document import MISSING, Json, Missing, is_object
from reconciler.diff.outcomes import Cause, Outcome, Verdict
from reconciler.diff.pointer import Path, covers, find, format_path, is_named_list, name_token
from reconciler.engine import facts
from reconciler.engine.credentials import items
from reconciler.engine.decide import Decision
from reconciler.engine.drift import drifted_outcomes
from reconciler.engine.fields import masked
from reconciler.engine.plan import Planned
from reconciler.engine.steps import Step
from reconciler.model.credential_text import holds_credentials
from reconciler.model.inbox import Taking
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.plan import FieldChange
from reconciler.model.resources import ResourceName


class NotAccepted(Exception):
    """The live values of a resource cannot become what git wants; the text says why, and what to do."""


def takings(name: ResourceName, step: Step) -> tuple[Taking, ...]:
    """Return what is to be written into a resource's manifest, sorted by path; empty iff nothing has drifted.

    Raises NotAccepted.
    """
    live, decision = _known(name, step)
    drifted = drifted_outcomes(step)
    emptied = {outcome.path[:-1] for outcome in drifted if _is_emptied(outcome.path[:-1], drifted, decision)}
    found = [outcome for outcome in drifted if outcome.path[:-1] not in emptied]
    found += [_whole(path, live, decision) for path in emptied]
    return tuple(sorted((_taking(outcome, step) for outcome in found), key=lambda taking: taking.path))


def _is_emptied(path: Path, drifted: Sequence[Outcome], decision: Decision) -> bool:
    """Iff a list of named objects would lose every one: an empty list says that there is none, also of others."""
    said = find(dict(decision.desired), path)
    gone = {outcome.path for outcome in drifted if outcome.live is MISSING}
    return is_named_list(said) and all((*path, name_token(element["name"])) in gone for element in said)


def _whole(path: Path, live: Live, decision: Decision) -> Outcome:
    """Return a list as one value that has drifted."""
    return Outcome(path, Verdict.CHANGE, find(dict(decision.desired), path), find(dict(live.document), path))


def snoozable(name: ResourceName, step: Step) -> tuple[Path, ...]:
    """Return the paths of a resource that are drift and nothing else, sorted; those that are snoozed already as well.

    Empty iff nothing has drifted. Raises NotAccepted.
    """
    _, decision = _known(name, step)
    if step.match.entry is None:
        if drifted_outcomes(step):
            raise NotAccepted(
                f"{name} is not in the ledger yet, and what was never applied cannot be snoozed: accept it, or apply it"
            )
        return ()
    drifted = [outcome for outcome in drifted_outcomes(step) if outcome.causes == {Cause.DRIFT}]
    if not drifted and (changed := drifted_outcomes(step)):
        paths = ", ".join(format_path(outcome.path) for outcome in changed)
        raise NotAccepted(f"git has changed {paths} of {name}, too; a snooze covers drift alone: accept it, or apply")
    return tuple(sorted(_in_git(outcome.path, step) for outcome in (*drifted, *decision.snoozed)))


def has_come_true(planned: Planned, name: ResourceName, paths: Sequence[Path]) -> bool:
    """Iff in a plan that was made anew nothing of a resource has drifted, and nothing is to be done at these paths."""
    step = planned.steps[name]
    if step.decision is None or drifted_outcomes(step):
        return False
    left = [_in_git(outcome.path, step) for outcome in step.decision.outcomes if outcome.causes]
    return not any(path in paths for path in left)


def ids_of(planned: Planned) -> dict[tuple[Kind, str], ResourceName]:
    """Return whose each live object is."""
    lives = {name: step.match.live for name, step in planned.steps.items()}
    return {(live.kind, live.id): name for name, live in lives.items() if live}


def _known(name: ResourceName, step: Step) -> tuple[Live, Decision]:
    """Return what is live of a resource and what it needs; raises NotAccepted where that is not known."""
    one = step.match
    if one.unreadable:
        raise NotAccepted(f"{name} {one.blocked}")
    if one.gone:
        raise NotAccepted(
            f"{name} is missing, and only fields can be accepted or snoozed: apply creates it again; or remove its "
            "manifest"
        )
    if one.live is None or step.decision is None:
        reason = one.blocked or step.change.blocked_by or "is not created yet: nothing is live to accept or snooze"
        raise NotAccepted(f"{name} {reason}")
    return one.live, step.decision


def _taking(outcome: Outcome, step: Step) -> Taking:
    path, value = _in_git(outcome.path, step), _value(outcome, step)
    if _is_secret(outcome, step):
        raise NotAccepted(
            f"{step.match.desired.name}: {format_path(path)} is or holds a secret, and a live secret is never written "
            "into git: write it with valueFrom, or put git's back with an apply"
        )
    for inner in _credentials_in(value, path):
        raise NotAccepted(
            f"{step.match.desired.name}: the live value of {format_path(inner)} holds credentials, and those are never "
            f"written into git: {_way_out(inner)}"
        )
    before = MISSING if outcome.desired is None else outcome.desired
    return Taking(path, value, find(dict(step.match.spec), path), FieldChange(format_path(path), before, value))


def _credentials_in(value: Json | Missing, path: Path) -> Iterator[Path]:
    """Every path at which a text has a password or a key in it."""
    if isinstance(value, str) and holds_credentials(value):
        yield path
    elif is_object(value) or isinstance(value, list):
        for token, inner in items(value):
            yield from _credentials_in(inner, (*path, token))


def _way_out(path: Path) -> str:
    """Say what to do: a manifest has a secret by its name, and only below credentials."""
    if any(covers(root, path) for root in facts.CREDENTIALS):
        return "write the whole value with valueFrom (env or file), or put git's back with an apply"
    return "take them out of it in the service, or put git's back with an apply"


def _is_secret(outcome: Outcome, step: Step) -> bool:
    """Iff a path is a secret or may be one, or has such a path below it, in git, in the ledger or live."""
    removed = step.decision.secrets.removed if step.decision else ()
    vault = replace(step.situation.vault, were_secret=frozenset(removed))
    return vault.is_sensitive(outcome.path) or any(
        masked(value, outcome.path, vault) != value for value in (outcome.live, outcome.desired)
    )


def _value(outcome: Outcome, step: Step) -> Json | Missing:
    """Return what git is to say at a path, so that live means the same."""
    kind, live = step.match.desired.name.kind, outcome.live
    if outcome.path in facts.set_paths(kind):
        # Ours is what we added: a member that somebody took out leaves the manifest, everybody else's stay out of it.
        wanted, there = find(dict(step.match.spec), _in_git(outcome.path, step)), _members(live)
        owned = _members(find(dict(step.match.entry.applied), outcome.path) if step.match.entry else wanted)
        return [id for id in _members(wanted) if id in there or id not in owned]
    if kind is Kind.FLOW and outcome.path == ("state",):
        if not isinstance(live, str) or live not in facts.STATES:
            raise NotAccepted(f"{step.match.desired.name}: the flow is {live!r}, which no manifest can ask for")
        return facts.STATES[live]
    return MISSING if live is MISSING or live is None else _without_nulls(live)


def _without_nulls(value: Json) -> Json:
    """Return a value without its null members, which would say "must be absent"; in a list they are part of it."""
    if not is_object(value):
        return value
    return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}


def _in_git(path: Path, step: Step) -> Path:
    """Return a path as the manifest writes it: some fields have several names, and live answers another (FACTS 15)."""
    return facts.canonical_path(step.match.desired.name.kind, path, step.match.desired.spec)


def _members(value: Json | Missing) -> list[Json]:
    return value if isinstance(value, list) else []
