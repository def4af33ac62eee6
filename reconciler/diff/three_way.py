"""The three-way comparison: what git wants, what was last applied, what the service answers now.

:func:`compare` walks the declared paths (those in desired or in applied) and says of each what is to be done, and why.
Every other path belongs to somebody else and is not even looked at. The rules of one kind of document (which values
mean the same, which lists are sets) come in as :class:`Rules`; nothing here knows the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.diff.document import MISSING, Json, Missing, Opaque, is_object, same
from reconciler.diff.pointer import ROOT, Path, covers, format_path, is_named_list, name_token


class Verdict(StrEnum):
    """What is to be done about a declared path."""

    IN_SYNC = "in sync"  # live means what desired says
    SETTLED = "settled"  # live is the service's own form of what we sent
    CHANGE = "change"
    REMOVE = "remove"
    FORGET = "forget"  # no longer declared and already gone


class Cause(StrEnum):
    """Why a path changes."""

    GIT = "git"  # desired is not what was applied
    DRIFT = "drift"  # live is not what we left
    ADOPT = "adopt"  # nothing was applied yet


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one declared path.

    ``desired`` is MISSING iff the path is no longer declared; ``causes`` is empty iff nothing is to be done. ``left``
    is what we left there: what a drift is measured against.
    """

    path: Path
    verdict: Verdict
    desired: Json | Missing
    live: Json | Missing
    left: Json | Missing = MISSING
    causes: frozenset[Cause] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a comparison has to know of the documents.

    ``equal(path, a, b)``: the two mean the same. ``explained(path, ours, live)``: the service is known to show ours in
    that form. ``is_set(path)``: a list of ids of which we own only what we added. ``released``: paths that are never
    compared. ``prune``: members of sets that were ours leave with their declaration.
    """

    equal: Callable[[Path, Json, Json], bool] = lambda _path, ours, live: same(ours, live)
    explained: Callable[[Path, Json, Json | Missing], bool] = lambda _path, _ours, _live: False
    is_set: Callable[[Path], bool] = lambda _path: False
    released: tuple[Path, ...] = ()
    prune: bool = False


@dataclass(frozen=True, slots=True)
class _Walk:
    rules: Rules
    observed: Mapping[str, Json | Missing]
    adopting: bool
    found: list[Outcome] = field(default_factory=list)


def compare(
    desired: Json,
    applied: Json | Missing,
    live: Json,
    observed: Mapping[str, Json | Missing] | None = None,
    rules: Rules | None = None,
) -> list[Outcome]:
    """Compare the declared paths of three documents; the outcomes come in the order of desired, then of applied.

    ``applied`` is MISSING iff there is no ledger entry: then whatever differs is an adoption. ``observed`` holds the
    service's own form, by JSON Pointer, where it was seen to differ from applied (MISSING: it leaves the path out).
    """
    walk = _Walk(rules or Rules(), observed or {}, applied is MISSING)
    _visit(walk, ROOT, desired, applied, live)
    return walk.found


def present(desired: Json) -> Json | Missing:
    """Return what of a desired value is to exist: nulls say "must be absent", and objects of only nulls say no more."""
    if desired is None:
        return MISSING
    if not is_object(desired) or not desired:
        return [present(item) if is_object(item) else item for item in desired] if is_named_list(desired) else desired
    kept = {key: present(value) for key, value in desired.items()}
    kept = {key: value for key, value in kept.items() if value is not MISSING}
    return kept or MISSING


def _visit(walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing) -> None:
    if any(covers(released, path) for released in walk.rules.released):
        return
    if walk.rules.is_set(path) and (isinstance(desired, list) or isinstance(applied, list)):
        _visit_set(walk, path, desired, applied, live)
    elif live is MISSING and path and desired is not MISSING and present(desired) is not MISSING:
        _leaf(walk, path, desired, applied, live)  # one change for all that is not there, instead of one a leaf
    elif _is_composite(desired, live) or (desired is MISSING and _is_composite(applied, live)):
        for token, *values in _children(desired, applied, live):
            _visit_child(walk, (*path, token), *values)
    elif not _released_below(walk, path):
        _leaf(walk, path, desired, applied, live)


def _visit_child(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> None:
    # An element of a named list came with its declaration and leaves with it, whole: without its name the rest of it
    # would be no element of such a list any more.
    if path[-1].startswith("[name=") and desired is MISSING:
        _leaf(walk, path, desired, applied, live)
    else:
        _visit(walk, path, desired, applied, live)


def _released_below(walk: _Walk, path: Path) -> bool:
    """Iff something inside this one value is released: then the value is, since it cannot be changed in part."""
    return any(covers(path, released) for released in walk.rules.released)


def _is_composite(declared: Json | Missing, live: Json | Missing) -> bool:
    if is_object(declared):
        return bool(declared)
    return is_named_list(declared) and (live is MISSING or live == [] or is_named_list(live))


def _children(*documents: Json | Missing) -> Iterator[tuple[str, Json, Json, Json]]:
    desired, applied, live = ({} if doc is MISSING else _by_token(doc) for doc in documents)
    for token in [*desired, *(token for token in applied if token not in desired)]:
        yield token, desired.get(token, MISSING), applied.get(token, MISSING), live.get(token, MISSING)


def _by_token(document: Json) -> Mapping[str, Json]:
    if is_object(document):
        return document
    if is_named_list(document):
        return {name_token(element["name"]): element for element in document}
    return {}


def _leaf(walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing) -> None:
    left = walk.observed.get(format_path(path), applied)
    if desired is MISSING:
        outcome = _undeclared(walk, path, applied, live, left)
    elif desired is None:
        outcome = _forbidden(walk, path, applied, live, left)
    else:
        outcome = _declared(walk, path, desired, applied, live, left)
    walk.found.append(outcome)


def _declared(
    walk: _Walk, path: Path, desired: Json, applied: Json | Missing, live: Json | Missing, left: Json | Missing
) -> Outcome:
    """The rows of the table in which git wants a value."""
    if live is not MISSING and walk.rules.equal(path, desired, live):
        return Outcome(path, Verdict.IN_SYNC, desired, live, left)
    if walk.adopting:
        if walk.rules.explained(path, desired, live):
            return Outcome(path, Verdict.SETTLED, desired, live, left)
        return Outcome(path, Verdict.CHANGE, desired, live, left, frozenset({Cause.ADOPT}))
    unchanged_in_git = _means(walk, path, desired, applied)
    causes = {Cause.GIT} if not unchanged_in_git else set()
    if not _is_left(walk, path, applied, live, left):
        causes.add(Cause.DRIFT)
    if not causes:
        return Outcome(path, Verdict.SETTLED, desired, live, left)
    return Outcome(path, Verdict.CHANGE, desired, live, left, frozenset(causes))


def _forbidden(walk: _Walk, path: Path, applied: Json | Missing, live: Json | Missing, left: Json | Missing) -> Outcome:
    """The rows in which git wants nothing to be there."""
    if live is MISSING or live is None:
        return Outcome(path, Verdict.IN_SYNC, None, live, left)
    if walk.adopting:
        return Outcome(path, Verdict.REMOVE, None, live, left, frozenset({Cause.ADOPT}))
    causes = {Cause.DRIFT} if applied is None else {Cause.GIT}
    if applied not in (None, MISSING) and not _is_left(walk, path, applied, live, left):
        causes.add(Cause.DRIFT)
    return Outcome(path, Verdict.REMOVE, None, live, left, frozenset(causes))


def _undeclared(
    walk: _Walk, path: Path, applied: Json | Missing, live: Json | Missing, left: Json | Missing
) -> Outcome:
    """The rows in which only applied has the path: git has let it go."""
    if live is MISSING or live is None or applied is None:
        return Outcome(path, Verdict.FORGET, MISSING, live, left)
    causes = {Cause.GIT}
    if not _holds(walk, path, applied, live) and not _is_left(walk, path, applied, live, left):
        causes.add(Cause.DRIFT)
    return Outcome(path, Verdict.REMOVE, MISSING, live, left, frozenset(causes))


def _is_left(walk: _Walk, path: Path, applied: Json | Missing, live: Json | Missing, left: Json | Missing) -> bool:
    """Iff live is what we left there: the observed form where one is known, else applied or a known form of it."""
    if format_path(path) in walk.observed:
        return _means(walk, path, left, live)
    if applied is None:
        return live is MISSING or live is None
    if applied is not MISSING and walk.rules.explained(path, applied, live):
        return True
    return _means(walk, path, applied, live)


def _means(walk: _Walk, path: Path, ours: Json | Missing, other: Json | Missing) -> bool:
    if ours is MISSING or other is MISSING:
        return ours is other
    if isinstance(ours, Opaque) or isinstance(other, Opaque):
        return same(ours, other)
    return walk.rules.equal(path, ours, other)


def _holds(walk: _Walk, path: Path, applied: Json, live: Json) -> bool:
    """Iff all that applied declares below path is in live, whatever else is there."""
    if is_object(applied) and is_object(live):
        return all(key in live and _holds(walk, (*path, key), value, live[key]) for key, value in applied.items())
    return _means(walk, path, applied, live)


def _visit_set(walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing) -> None:
    """Compare a list of ids: add ours, keep everybody else's, take out (when pruning) what only we had added."""
    wanted, owned, there = (value if isinstance(value, list) else [] for value in (desired, applied, live))
    missing = [member for member in wanted if member not in there]
    leaving = [member for member in owned if member in there and member not in wanted] if walk.rules.prune else []
    merged = [member for member in there if member not in leaving] + missing
    if not missing and not leaving:
        walk.found.append(Outcome(path, Verdict.IN_SYNC, merged, live, live))
        return
    causes = {Cause.DRIFT if member in owned else Cause.GIT for member in missing} | {Cause.GIT for _ in leaving}
    walk.found.append(
        Outcome(path, Verdict.CHANGE, merged, live, live, frozenset({Cause.ADOPT} if walk.adopting else causes))
    )
