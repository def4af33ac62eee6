"""What a comparison says: the verdict on each declared path, why, and the rules that it went by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from reconciler.diff.document import MISSING, Json, Missing, is_object, same
from reconciler.diff.pointer import Path, is_named_list


class Verdict(StrEnum):
    """What is to be done about a declared path."""

    IN_SYNC = "in sync"  # live means what desired says
    SETTLED = "settled"  # live is the service's own form of what we sent
    CHANGE = "change"
    REMOVE = "remove"
    FORGET = "forget"  # no longer declared and already gone
    SNOOZED = "snoozed"  # drifted, and to be left as it is for a while


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


def present(desired: Json) -> Json | Missing:
    """Return what of a desired value is to exist: nulls say "must be absent", and objects of only nulls say no more."""
    if desired is None:
        return MISSING
    if not is_object(desired) or not desired:
        return [present(element) for element in desired] if is_named_list(desired) else desired
    kept = {key: present(value) for key, value in desired.items()}
    kept = {key: value for key, value in kept.items() if value is not MISSING}
    return kept or MISSING
