"""Manifests held against the schemas of those specs that live only in git: no service is asked.

Iff neither the object nor its spec has an id, all that there will be of both is in git, and the plan of a new object
would be blocked for the same reason. What has an id may be more than git declares, so nothing can be said of it here.
"""

from __future__ import annotations

from typing import Final

from reconciler.diff.pointer import format_path
from reconciler.engine.credentials import Vault
from reconciler.engine.match import Match
from reconciler.engine.schemas.book import Book
from reconciler.engine.schemas.judging import Judge
from reconciler.engine.snapshot import Snapshot
from reconciler.model.errors import Problem
from reconciler.model.plan import Scope
from reconciler.model.resources import Estate, Location, Notice

_NO_SECRETS: Final = Vault(lambda _slot: None)


def misfits(estate: Estate) -> tuple[list[Problem], list[Notice]]:
    """Return what does not fit its spec in git, and what is odd about those specs."""
    whole = [Match(one, one.spec) for one in estate.resources if one.id is None]
    judge = Judge(Book.of(whole, Snapshot(), Scope()))
    problems = [
        Problem(
            one.desired.locate(path) or Location(str(one.desired.name), 1, 1), f"{format_path(('spec', *path))} {told}"
        )
        for one in whole
        for path, told in judge.misfits(one, _NO_SECRETS)
    ]
    return problems, judge.notices()
