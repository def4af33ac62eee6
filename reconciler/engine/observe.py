"""Reading what is live: lists in parallel, never one call a resource.

A kind whose managed objects are all known and few is read in one call by their ids; any other is listed whole, for
only then a name can be told to be unique. A managed object that a batch does not hold is confirmed by a GET: 404 is
missing (what the last run has only just made may be late: :mod:`reconciler.engine.latecomers`), 403 is unreadable.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from reconciler.diff.document import is_object
from reconciler.engine.match import SPEC_OF, entry_of
from reconciler.engine.ports import Progress, Readable
from reconciler.engine.removal import USERS
from reconciler.engine.snapshot import Snapshot
from reconciler.model.errors import NotFound, Unauthorised
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry
from reconciler.model.live import Live
from reconciler.model.resources import Desired, OnImmutable, OnRemove, ResourceName

BATCH: Final = 50
"""Ids in one call: about 2,000 characters of query, which every proxy on the way takes."""

_ID: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._~-]{0,199}")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to read of one kind: these ids; everything iff ``whole``, ``sure`` iff what it lacks must not exist."""

    kind: Kind
    ids: frozenset[str]
    whole: bool
    sure: bool = False


@dataclass(slots=True)
class _Read:
    kind: Kind
    objects: dict[str, Live] = field(default_factory=dict)
    complete: bool = False
    unreadable: dict[tuple[Kind, str | None], str] = field(default_factory=dict)


@dataclass(slots=True)
class _Counter:
    """How far the reads are, told from several threads: ``done`` of ``total`` reads, and how many objects so far."""

    progress: Progress
    total: int
    done: int = 0
    objects: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def counted(self, service: Readable, wanted: _Wanted) -> _Read:
        """Read, and tell of every page."""
        self._tell(wanted.kind)
        read = _read(service, wanted, lambda objects: self._tell(wanted.kind, objects=objects))
        self._tell(wanted.kind, done=1)
        return read

    def _tell(self, kind: Kind, done: int = 0, objects: int = 0) -> None:
        with self.lock:
            self.done += done
            self.objects += objects
            self.progress.step("reading", self.done, self.total, kind.collection, self.objects)


def observe(
    service: Readable,
    resources: Collection[Desired],
    entries: Mapping[ResourceName, Entry],
    progress: Progress,
    *,
    everything: bool = False,
    prune: bool = False,
    unsure: Collection[Kind] = (),
) -> Snapshot:
    """Read all that a plan for these resources needs to know; ``everything`` lists all kinds whole.

    With ``prune`` that includes whoever may use what has left git, and always whoever may use what is replaced.
    ``unsure`` are kinds of which somebody may have made what nobody knows of: they are listed whole, too.

    Raises ServiceError where the service cannot be asked at all; what one permission hides is unreadable instead.
    """
    names = {resource.name for resource in resources}
    left = {name.kind for name in entries if prune and name not in names}
    renewed = {one.name.kind for one in resources if one.on_immutable is OnImmutable.REPLACE}
    left |= renewed | {entry.resource.kind for entry in entries.values() if entry.on_remove is OnRemove.REPLACED}
    whole = renewed.union(unsure, Kind if everything else (), *(USERS.get(kind, ()) for kind in left))
    wanted = list(_wanted(resources, entries, whole))
    counter = _Counter(progress, len(wanted))
    with ThreadPoolExecutor(max_workers=max(1, len(wanted))) as pool:
        reads = list(pool.map(lambda one: counter.counted(service, one), wanted))
    return Snapshot(
        {read.kind: read.objects for read in reads},
        frozenset(read.kind for read in reads if read.complete),
        {key: reason for read in reads for key, reason in read.unreadable.items()},
    )


def _wanted(
    resources: Collection[Desired], entries: Mapping[ResourceName, Entry], all_of: Collection[Kind]
) -> Iterable[_Wanted]:
    names = {resource.name for resource in resources}
    for kind in Kind:
        ours = [resource for resource in resources if resource.name.kind is kind]
        ids = {entry.id for entry in entries.values() if entry.resource.kind is kind}
        unknown = False
        for resource in ours:
            entry = entry_of(resource, entries, names)
            unknown |= resource.id is None and entry is None
            ids |= {resource.id} if resource.id else set()
        ids |= _spec_ids(resources, kind)
        whole = kind in all_of or unknown or len(ids) > BATCH or (kind is Kind.FLOW and _feeds_flows(names))
        if whole or ids:
            yield _Wanted(kind, frozenset(ids), whole, sure=unknown or kind in all_of)


def _spec_ids(resources: Collection[Desired], kind: Kind) -> set[str]:
    """Return the specs of a kind that resources are made from: they hold schemas, and say what is a password.

    What cannot be an id, a placeholder of a document say, is not asked for: the service refuses it where it is sent.
    """
    field = {Kind.CONNECTION_SPEC: "connectionSpec", Kind.FLOW_SPEC: "flowSpec"}.get(kind)
    specs = [one.spec.get(field) for one in resources if field and SPEC_OF.get(one.name.kind) == field]
    ids = [spec.get("id") for spec in specs if is_object(spec)]
    return {id for id in ids if isinstance(id, str) and _ID.fullmatch(id)}


def _feeds_flows(names: Iterable[ResourceName]) -> bool:
    """Iff flows that we do not manage matter too: they may use the source and target connections that we do."""
    return any(name.kind in (Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION) for name in names)


def _read(service: Readable, wanted: _Wanted, told: Callable[[int], None]) -> _Read:
    read = _Read(wanted.kind)
    try:
        ids = None if wanted.whole else sorted(wanted.ids)
        found = service.list(wanted.kind, ids, told, sure=wanted.sure)
    except Unauthorised as refused:
        if refused.status != 403 or not _is_permission(refused):  # noqa: PLR2004 - the HTTP status, named in FACTS 6
            raise
        read.unreadable[wanted.kind, None] = str(refused)
        return read
    read.objects = {live.id: live for live in found}
    missing = sorted(wanted.ids - read.objects.keys())
    if missing and not wanted.whole:
        return _read(service, _Wanted(wanted.kind, wanted.ids, whole=True), told)
    read.complete = wanted.whole
    for id in missing:
        _confirm(service, wanted.kind, id, read)
    return read


def _is_permission(refused: Unauthorised) -> bool:
    """Iff one permission is lacking, rather than the token, the key or the organisation: those the gateway refuses.

    The gateway's codes have six digits (FACTS 6): 403010 and their like.
    """
    return re.fullmatch(r"[0-9]{6}", refused.code or "") is None


def _confirm(service: Readable, kind: Kind, id: str, read: _Read) -> None:
    try:
        read.objects[id] = service.get(kind, id)
    except NotFound:
        return
    except Unauthorised as refused:
        read.unreadable[kind, id] = str(refused)
