"""The three-way comparison: what git wants, what was last applied, what the service answers now.

:func:`compare` walks the declared paths (those in desired or in applied) and says of each what is to be done, and why.
Every other path belongs to somebody else and is not even looked at. The rules of one kind of document (which values
mean the same, which lists are sets) come in as :class:`Rules`; nothing here knows the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from reconciler.diff.document import MISSING, Json, Missing, Opaque, is_object, same
from reconciler.diff.pointer import ROOT, Path, covers, find, format_path, is_named_list, name_token


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

    ``desired`` is MISSING iff the path is no longer declared (of a set it is always what the list is to be, members of
    others included); ``causes`` is empty iff nothing is to be done. ``left`` is what we left there: what a drift is
    measured against.
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
        return [present(element) for element in desired] if is_named_list(desired) else desired
    kept = {key: present(value) for key, value in desired.items()}
    kept = {key: value for key, value in kept.items() if value is not MISSING}
    return kept or MISSING


def _visit(walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing) -> None:
    declared = applied if desired is MISSING else desired
    if any(covers(released, path) for released in walk.rules.released):
        return
    if walk.rules.is_set(path) and isinstance(declared, list):
        _visit_set(walk, path, desired, applied, live)
    elif not _is_composite(declared, live) or _is_explained(walk, path, desired, applied, live):
        _visit_value(walk, path, desired, applied, live)
    elif path and not isinstance(live, type(declared)) and present(desired) is not MISSING:
        _visit_absent(walk, path, desired, applied, live)
    else:
        _visit_parts(walk, path, desired, applied, live)
        if is_object(desired) and not is_object(live) and applied is not MISSING and not is_object(applied):
            _visit(walk, path, MISSING, applied, live)  # nulls alone do not replace what we had there


def _visit_parts(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> None:
    # An element of a named list came with its declaration and leaves with it, whole: without its name the rest of it
    # would be no element of such a list any more.
    elements = is_named_list(applied if desired is MISSING else desired)
    for token, ours, left, theirs in _children(desired, applied, live):
        visit = _leaf if elements and ours is MISSING else _visit
        visit(walk, (*path, token), ours, left, theirs)


def _visit_absent(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> None:
    """Make one change of all that is not there, instead of one a leaf, unless a part of it is settled or released."""
    whole, parts = _declared(walk, path, desired, applied, live), replace(walk, found=[])
    _visit_parts(parts, path, desired, applied, live)
    changes = [part for part in parts.found if part.verdict is Verdict.CHANGE]
    if _released_below(walk, path):
        walk.found.extend([] if _holds_released(walk, path, live) else parts.found)
    elif whole.verdict is not Verdict.CHANGE or format_path(path) in walk.observed:
        walk.found.append(whole)
    elif not changes or any(part.verdict is Verdict.SETTLED for part in parts.found):
        walk.found.extend(parts.found)
    else:
        causes = frozenset[Cause]().union(*(part.causes for part in changes))
        walk.found.append(replace(whole, causes=causes))


def _visit_value(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> None:
    # {} says that an object is there and nothing of what is in it: what we had in it leaves, the rest stays.
    if is_object(desired) and is_object(applied) and is_object(live):
        _visit_parts(walk, path, desired, applied, live)
    if path:  # of the whole document there is nothing to say
        _leaf(walk, path, desired, applied, live)


def _released_below(walk: _Walk, path: Path) -> bool:
    """Iff something inside this one value is released: then the value is, since it cannot be changed in part."""
    return any(covers(path, released) for released in walk.rules.released)


def _holds_released(walk: _Walk, path: Path, live: Json | Missing) -> bool:
    """Iff live, found at path, has something inside that is released."""
    below = (released[len(path) :] for released in walk.rules.released if covers(path, released))
    return any(find(live, rest) is not MISSING for rest in below)


def _is_explained(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> bool:
    """Iff live is a known form of a whole object: then it is one value, and has no parts to compare."""
    return is_object(applied if desired is MISSING else desired) and any(
        ours is not MISSING and walk.rules.explained(path, ours, live) for ours in (desired, applied)
    )


def _is_composite(declared: Json | Missing, live: Json | Missing) -> bool:
    if is_object(declared):
        return bool(declared)
    return is_named_list(declared) and (live is MISSING or live == [] or is_named_list(live))


def _children(*documents: Json | Missing) -> Iterator[tuple[str, Json, Json, Json]]:
    kind = type(next(document for document in documents if document is not MISSING))
    desired, applied, live = (_by_token(document) if isinstance(document, kind) else {} for document in documents)
    for token in [*desired, *(token for token in applied if token not in desired)]:
        yield token, desired.get(token, MISSING), applied.get(token, MISSING), live.get(token, MISSING)


def _by_token(document: Json | Missing) -> Mapping[str, Json]:
    if is_object(document):
        return document
    if is_named_list(document):
        return {name_token(element["name"]): element for element in document}
    return {}


def _leaf(walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing) -> None:
    if any(covers(released, path) for released in walk.rules.released) or _released_below(walk, path):
        return
    judge = _undeclared if desired is MISSING else _forbidden if desired is None else _declared
    walk.found.append(judge(walk, path, desired, applied, live))


def _declared(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> Outcome:
    """The rows of the table in which git wants a value."""
    if _means(walk, path, desired, live) or (desired == {} and is_object(live)):
        verdict = Verdict.IN_SYNC
    elif walk.adopting and walk.rules.explained(path, desired, live):
        verdict = Verdict.SETTLED
    else:
        verdict = Verdict.CHANGE if _causes(walk, path, desired, applied, live) else Verdict.SETTLED
    return _outcome(walk, path, verdict, desired, applied, live)


def _forbidden(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> Outcome:
    """The rows in which git wants nothing to be there."""
    if live is MISSING or live is None:
        verdict = Verdict.IN_SYNC
    else:
        verdict = Verdict.REMOVE if _causes(walk, path, desired, applied, live) else Verdict.SETTLED
    return _outcome(walk, path, verdict, desired, applied, live)


def _undeclared(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> Outcome:
    """The rows in which only applied has the path: git has let it go."""
    never_ours = applied is None or (applied == {} and is_object(live) and live != {})
    gone = live is MISSING or live is None or never_ours
    return _outcome(walk, path, Verdict.FORGET if gone else Verdict.REMOVE, desired, applied, live)


def _outcome(
    walk: _Walk,
    path: Path,
    verdict: Verdict,
    desired: Json | Missing,
    applied: Json | Missing,
    live: Json | Missing,
) -> Outcome:
    acts = verdict in (Verdict.CHANGE, Verdict.REMOVE)
    causes = _causes(walk, path, desired, applied, live) if acts else frozenset[Cause]()
    return Outcome(path, verdict, desired, live, walk.observed.get(format_path(path), applied), causes)


def _causes(
    walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing
) -> frozenset[Cause]:
    """Return why desired and live, which differ, do; empty iff live is the service's own form of what git still says.

    What was not declared before cannot have drifted: we had left nothing there.
    """
    if walk.adopting:
        return frozenset({Cause.ADOPT})
    git = {Cause.GIT} if not _means(walk, path, desired, applied) else set()
    drift = {Cause.DRIFT} if applied is not MISSING and not _is_left(walk, path, applied, live) else set()
    return frozenset(git | drift)


def _is_left(walk: _Walk, path: Path, applied: Json | Missing, live: Json | Missing) -> bool:
    """Iff live is what we left there: the observed form where one is known, else applied or a known form of it.

    Of what we left as an object only the declared parts count.
    """
    if format_path(path) in walk.observed:
        return _means(walk, path, walk.observed[format_path(path)], live)
    if present(applied) is MISSING and not (is_object(applied) and is_object(live)):  # null, or nothing but nulls
        return live is MISSING or live is None
    if walk.rules.explained(path, applied, live):
        return True
    if isinstance(live, type(applied)) and (is_object(applied) or _is_composite(applied, live)):
        return all(_is_left(walk, (*path, key), ours, theirs) for key, ours, _, theirs in _children(applied, {}, live))
    return _means(walk, path, applied, live)


def _means(walk: _Walk, path: Path, ours: Json | Missing, other: Json | Missing) -> bool:
    if ours is MISSING or other is MISSING:
        return ours is other
    if isinstance(ours, Opaque) or isinstance(other, Opaque):
        return same(ours, other)
    return walk.rules.equal(path, ours, other)


def _visit_set(walk: _Walk, path: Path, desired: Json | Missing, applied: Json | Missing, live: Json | Missing) -> None:
    """Compare a list of ids: add ours, keep everybody else's, take out (when pruning) what only we had added."""
    if _released_below(walk, path):
        return
    wanted, owned, there = (value if isinstance(value, list) else [] for value in (desired, applied, live))
    missing = [member for at, member in enumerate(wanted) if member not in there and member not in wanted[:at]]
    leaving = [member for member in owned if member in there and member not in wanted] if walk.rules.prune else []
    merged = [member for member in there if member not in leaving] + missing
    if not missing and not leaving:
        walk.found.append(Outcome(path, Verdict.IN_SYNC, merged, live, live))
        return
    causes = {Cause.DRIFT if member in owned else Cause.GIT for member in missing} | {Cause.GIT for _ in leaving}
    walk.found.append(
        Outcome(path, Verdict.CHANGE, merged, live, live, frozenset({Cause.ADOPT} if walk.adopting else causes))
    )
