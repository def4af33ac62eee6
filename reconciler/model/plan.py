"""The plan as data: what would be sent, why, and what it would change. Executor and renderers interpret it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.diff.document import Json, Missing, wire_bytes
from reconciler.diff.outcomes import Cause
from reconciler.model.graph import NO_GRAPH, Graph
from reconciler.model.resources import Notice, ResourceName
from reconciler.model.schedule_runs import Timetables


class Action(StrEnum):
    """What is to happen to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"
    FORGET = "forget"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One declared path that differs.

    ``path`` is a JSON Pointer into the spec, with ``[name=X]`` for an element of a named list. ``before`` is live,
    MISSING iff the path is not there; ``after`` is wanted, MISSING iff it is to go. Iff ``sensitive``, neither is ever
    a value, but the secret's stand-in where there is one. Iff ``unknown``, a value is not known while planning (a
    reference to what does not exist yet, a secret that is not at hand).
    """

    path: str
    before: Json | Missing
    after: Json | Missing
    sensitive: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it would be sent; ``path`` starts after ``/data/foundation/flowservice``."""

    method: str
    path: str
    body: Json | None = None
    if_match: str | None = None

    @property
    def bytes(self) -> int:
        """The bytes of the compact UTF-8 body as shown; 0 without one."""
        return 0 if self.body is None else len(wire_bytes(self.body))


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one resource, and why.

    ``blocked_by`` is set iff the action is BLOCKED. ``digest`` is None iff there is nothing in the change that somebody
    could review: an adoption without requests, or a rotation, where only secret values change. ``notes`` say what a
    person should know besides. ``timetables`` is there iff the change is one of a flow with a schedule.
    """

    resource: ResourceName
    id: str | None
    action: Action
    causes: frozenset[Cause] = frozenset()
    fields: tuple[FieldChange, ...] = ()
    requests: tuple[Request, ...] = ()
    blocked_by: str | None = None
    digest: str | None = None
    notes: tuple[str, ...] = ()
    timetables: Timetables | None = None

    @property
    def is_change(self) -> bool:
        """Iff something would be sent, or cannot be: an adoption that sends nothing is none."""
        return bool(self.requests) or self.action is Action.BLOCKED


@dataclass(frozen=True, slots=True)
class Orphan:
    """A managed object whose manifest has left git; it stays live, and is told of until somebody decides."""

    resource: ResourceName
    id: str
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an apply would do on one target, sorted by resource.

    ``commit`` is git's, None outside a repository. ``digest`` stands for all changes that a person can review.
    """

    target: str
    organisation: str
    sandbox: str
    commit: str | None
    changes: tuple[Change, ...]
    unchanged: int
    orphans: tuple[Orphan, ...]
    digest: str
    notices: tuple[Notice, ...] = ()

    @property
    def summary(self) -> Mapping[str, int]:
        """Resources by action."""
        counts = Counter(change.action for change in self.changes)
        return {action.value: counts[action] for action in Action} | {"unchanged": self.unchanged}

    @property
    def has_changes(self) -> bool:
        """Iff ``--detailed-exitcode`` is to say 2."""
        return any(change.is_change for change in self.changes)


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody asked for on the command line; ``only`` None means all.

    ``prune``: what is managed and has left git is deleted.
    """

    only: frozenset[ResourceName] | None = None
    exclude: frozenset[ResourceName] = frozenset()
    rotate: frozenset[ResourceName] = frozenset()
    prune: bool = False

    def holds(self, resource: ResourceName) -> bool:
        """Iff the resource may change in this run."""
        return resource not in self.exclude and (self.only is None or resource in self.only)


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan that was kept to be reviewed, with what was asked for when it was made.

    ``made`` is epoch seconds. References and secrets stand in it as what is shown for them. ``graph`` is what it
    touches, and what hangs on that.
    """

    plan: Plan
    scope: Scope
    made: float
    graph: Graph = NO_GRAPH
