"""What anybody may read anyway: a secret that is one of these words is none where the word stands for itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.diff.document import MISSING, Json, Missing, is_object, shown
from reconciler.diff.pointer import Path
from reconciler.engine import facts
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.ledger import LedgerState
from reconciler.model.resources import Desired

SERVICE_WORDS: Final = frozenset({
    *facts.STATES, *facts.TRANSIENT_STATES, *facts.SETTLED_OPERATIONS, *facts.FAILED_OPERATIONS,
    "true", "false", "null", "once", "minute", "hour", "day", "week", "month",
})  # fmt: skip
"""Values that the service has of its own (FACTS 8 and 10)."""

LAST_WRITTEN: Final = "last written by"
"""Words of ours that stand beside live ones in one text."""


def of_git(resources: Iterable[Desired]) -> Iterator[str]:
    """Every text and number that git says in plain, names and ids included; a password written into git is none."""
    yield from (*SERVICE_WORDS, LAST_WRITTEN)
    for one in resources:
        yield str(one.name)
        yield one.id or ""
        yield from texts(shown(dict(one.spec)))
        yield from ("/".join(path) for path in paths(shown(dict(one.spec))))


def of_ledger(state: LedgerState) -> Iterator[str]:
    """What was said in plain when it was last applied."""
    for name, entry in state.entries.items():
        yield str(name)
        yield entry.id
        yield from texts(shown(entry.applied))


def of_live(snapshot: Snapshot) -> Iterator[str]:
    """The ids and versions of live objects; of specs, which describe connections and hold none, every text."""
    for kind in Kind:
        for live in snapshot.all(kind):
            yield from (live.id, live.etag or "")
            if kind.is_spec:
                yield from texts(live.document)


def texts(value: Json | Missing) -> Iterator[str]:
    """Every key, text and number of a document."""
    if is_object(value):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif value is not None and value is not MISSING:
        yield str(value)


def paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """The path of every leaf of a document."""
    if is_object(value):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    else:
        yield path
