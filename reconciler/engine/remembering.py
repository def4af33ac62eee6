"""What an apply changes in the ledger alone: nothing is sent for it, and a reviewer has to see it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from reconciler.engine.match import Match
from reconciler.model.resources import Notice, OnRemove

_NAMED: Final = 5


def remembering(matches: Iterable[Match]) -> list[Notice]:
    """Tell of new names in git, and of what is to become of resources whose manifest leaves git one day."""
    known = [(one.desired, one.entry) for one in matches if one.entry]
    renamed = [f"{one.name} (was {entry.resource})" for one, entry in known if entry.resource != one.name]
    guarded = [str(one.name) for one, entry in known if one.protect and not entry.protect]
    bared = [str(one.name) for one, entry in known if entry.protect and not one.protect]
    kept = [
        str(one.name) for one, entry in known if one.on_remove != entry.on_remove and one.on_remove is OnRemove.FORGET
    ]
    dropped = [
        str(one.name) for one, entry in known if one.on_remove != entry.on_remove and one.on_remove is OnRemove.ORPHAN
    ]
    told = (
        ("renamed in git, which touches nothing live: {}", renamed),
        ("protected from now on: {}", guarded),
        ("no longer protected: {}", bared),
        ("forgotten from now on when the manifest leaves git: {}", kept),
        ("no longer forgotten when the manifest leaves git, but deleted with --prune: {}", dropped),
    )
    return [Notice(text.format(_named(names))) for text, names in told if names]


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(sorted(names)[:_NAMED]) + more
