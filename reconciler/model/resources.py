"""What git says: targets, and for one target the desired form of each resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Self

from reconciler.diff.document import Json, Opaque
from reconciler.diff.pointer import Path, covers
from reconciler.model.kinds import Kind

NAME = re.compile(r"(?=.{1,100}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True, order=True)
class ResourceName:
    """A resource's identity in git, e.g. ``Connection/salesforce-crm``."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``Kind/name``; raises ValueError, whose text names what is wrong."""
        kind, slash, name = text.partition("/")
        if not slash or kind not in set(Kind):
            raise ValueError(f"expected Kind/name with a kind of {', '.join(Kind)}, got {text!r}")
        if not NAME.fullmatch(name):
            raise ValueError(f"a name is lower-case letters, digits and inner hyphens, at most 100: {name!r}")
        return cls(Kind(kind), name)


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file, counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Reference(Opaque):
    """A leaf that becomes the id of another resource."""

    resource: ResourceName

    def shown(self) -> Json:
        """Stand in as ``{"$ref": "Kind/name"}``."""
        return {"$ref": str(self.resource)}


@dataclass(frozen=True, slots=True)
class Guards:
    """What a plan may touch before somebody has to say that it was meant."""

    max_deletes: int = 5
    max_changes_percent: int = 50


@dataclass(frozen=True, slots=True)
class LedgerHome:
    """Where a target's ledger lives when it lives in git."""

    ref: str | None = None
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One sandbox of one organisation, or the embedded emulator.

    ``sandbox`` is None iff ``emulator`` is true.
    """

    name: str
    sandbox: str | None
    emulator: bool = False
    default: bool = False
    values: Mapping[str, Json] = field(default_factory=dict)
    guards: Guards = Guards()
    settle_seconds: float = 45
    ledger: LedgerHome = LedgerHome()
    source: Location | None = None


class OnRemove(StrEnum):
    """What becomes of a live object whose manifest leaves git.

    REPLACED is no wish of a manifest: another object has taken the place of this one, which is to be deleted.
    """

    ORPHAN = "orphan"
    FORGET = "forget"
    REPLACED = "replaced"


class OnImmutable(StrEnum):
    """What is done about a change that the service cannot make in place."""

    BLOCK = "block"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Snooze:
    """Drift that is left alone for a while, by a decision in git.

    ``ends`` is epoch seconds, ``until`` the same as git writes it; ``paths`` are those of the spec, and what is below.
    """

    paths: tuple[Path, ...]
    ends: float
    until: str
    reason: str
    source: Location | None = None

    def covers(self, path: Path) -> bool:
        """Iff a path of the spec is one of them, or lies below one."""
        return any(covers(one, path) for one in self.paths)


@dataclass(frozen=True, slots=True)
class Desired:
    """One resource as git wants it on one target.

    ``spec`` is the POST body of Flow Service with :class:`Reference` and
    :class:`~reconciler.model.secrets.SecretSlot` leaves; null means "must be absent". A flow's ``state`` stands in it.
    ``ignore`` are paths that are sent on create, then never compared. ``snooze`` is there also when it is over.
    ``skip_validation`` are paths below which nothing is held against the service's schemas.
    """

    name: ResourceName
    spec: Mapping[str, Json]
    id: str | None = None
    previous_name: ResourceName | None = None
    protect: bool = False
    on_remove: OnRemove = OnRemove.ORPHAN
    on_immutable: OnImmutable = OnImmutable.BLOCK
    ignore: tuple[Path, ...] = ()
    skip_validation: tuple[Path, ...] = ()
    snooze: Snooze | None = None
    source: Location | None = None
    positions: Mapping[Path, Location] = field(default_factory=dict)

    def locate(self, path: Path) -> Location | None:
        """Return where in the manifest the nearest declared ancestor of a spec path was written."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, self.source)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should see, which stops nothing."""

    message: str
    location: Location | None = None

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


@dataclass(frozen=True, slots=True)
class Estate:
    """All that git wants on one target, and what was odd about it."""

    target: Target
    resources: tuple[Desired, ...]
    notices: tuple[Notice, ...] = ()
    folder: FilePath | None = None
