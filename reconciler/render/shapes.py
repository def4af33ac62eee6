"""What every JSON output looks like: types that the renderers are checked against, and that its JSON Schema comes from.

Imported by the renderers for the type checker alone, so that pydantic is not loaded to print a plan. Every object is
closed and has all of its keys: an output that has one more or one less breaks the types, the schema and a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from reconciler.diff.document import Json
from reconciler.diff.outcomes import Cause
from reconciler.model.health import Status as HealthStatus
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action
from reconciler.model.results import DriftStatus, Status

_CLOSED: Final = ConfigDict(extra="forbid")


def _counts(*keys: str) -> WithJsonSchema:
    """Return the schema of an object that has one count a key."""
    count = {"type": "integer", "minimum": 0}
    return WithJsonSchema(
        {
            "type": "object",
            "properties": dict.fromkeys(keys, count),
            "required": list(keys),
            "additionalProperties": False,
        }
    )


def _values(of: type[StrEnum]) -> list[str]:
    return [member.value for member in of]


Counts: TypeAlias = Mapping[str, int]
Version: TypeAlias = Literal[1]
Resource = Annotated[str, Field(pattern=f"^({'|'.join(Kind)})/[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=120)]
"""``Kind/name``."""

Milliseconds = Annotated[int, Field(description="epoch milliseconds")]
Pointer = Annotated[str, Field(pattern="^/", description="a JSON Pointer into spec, [name=X] for a named element")]


@with_config(_CLOSED)
class FieldShape(TypedDict):
    """One declared path that differs; what is sensitive never shows a value."""

    path: str
    before: Json
    after: Json
    sensitive: bool
    unknown: bool


@with_config(_CLOSED)
class RequestShape(TypedDict):
    """One request as it would be sent; the path starts after the base of the service."""

    method: Annotated[str, Field(pattern="^(POST|PATCH|PUT|DELETE)$")]
    path: Annotated[str, Field(pattern="^/")]
    ifMatch: str | None
    body: Json
    bytes: Annotated[int, Field(ge=0)]


@with_config(_CLOSED)
class ChangeShape(TypedDict):
    """What is to happen to one resource."""

    resource: Resource
    id: str | None
    action: Action
    causes: list[Cause]
    fields: list[FieldShape]
    requests: list[RequestShape]
    blockedBy: str | None
    digest: str | None


@with_config(_CLOSED)
class OrphanShape(TypedDict):
    """A managed object whose manifest has left git."""

    resource: Resource
    id: str
    protect: bool


@with_config(_CLOSED)
class PlanShape(TypedDict):
    """Output of plan and of show with --format json."""

    formatVersion: Version
    target: str
    commit: str | None
    summary: Annotated[Counts, _counts(*_values(Action))]
    changes: list[ChangeShape]
    orphans: list[OrphanShape]
    digest: str


@with_config(_CLOSED)
class ResultShape(TypedDict):
    """How one resource ended."""

    resource: Resource
    action: Action
    status: Status
    id: str | None
    attempts: Annotated[int, Field(ge=0, description="tries of the write")]
    error: str | None


@with_config(_CLOSED)
class ApplyShape(TypedDict):
    """Output of apply with --format json."""

    summary: Annotated[Counts, _counts(*_values(Status))]
    results: list[ResultShape]


@with_config(_CLOSED)
class DriftItemShape(TypedDict):
    """Where one resource stands; fields go from what was left to what is live."""

    resource: str
    id: str | None
    status: DriftStatus
    fields: list[FieldShape]
    changedBy: str | None
    changedClient: str | None
    changedAt: Milliseconds | None


@with_config(_CLOSED)
class DriftShape(TypedDict):
    """Output of drift with --format json."""

    summary: Annotated[Counts, _counts(*_values(DriftStatus))]
    resources: list[DriftItemShape]


@with_config(_CLOSED)
class IntentShape(TypedDict):
    """One write that a run meant to send."""

    resource: Resource
    action: str
    id: str | None
    digest: str | None


@with_config(_CLOSED)
class OutcomeShape(TypedDict):
    """How one resource of a run ended; a newer version may have more words for it."""

    resource: Resource
    action: str
    status: str
    id: str | None
    attempts: Annotated[int, Field(ge=0)]
    error: str | None


@with_config(_CLOSED)
class RunShape(TypedDict):
    """One apply: who, when, of which commit, how it ended."""

    run: str
    actor: str
    plan: str
    commit: str | None
    startedAt: Milliseconds
    expiresAt: Milliseconds
    finishedAt: Milliseconds | None
    state: Literal["open", "ended", "takenOver"]
    summary: Mapping[str, int]
    intents: list[IntentShape]
    outcomes: list[OutcomeShape]


@with_config(_CLOSED)
class HistoryShape(TypedDict):
    """Output of history with --format json, the newest run first."""

    formatVersion: Version
    target: str
    runs: list[RunShape]


@with_config(_CLOSED)
class CheckShape(TypedDict):
    """One thing that was looked at, and where to mend it."""

    check: str
    status: HealthStatus
    found: str
    mend: str | None


@with_config(_CLOSED)
class HealthShape(TypedDict):
    """Output of doctor with --format json."""

    checks: list[CheckShape]
    next: str
    summary: Annotated[Counts, _counts(*_values(HealthStatus))]


@with_config(_CLOSED)
class TargetShape(TypedDict):
    """One target; sandbox is null iff it is the embedded emulator."""

    name: str
    sandbox: str | None
    emulator: bool
    default: bool


@with_config(_CLOSED)
class NodeShape(TypedDict):
    """One resource (Kind/name), or one object that no manifest declares (Kind:id)."""

    key: str
    kind: Kind
    name: str | None
    title: str | None
    id: str | None
    declared: bool


EdgeShape = TypedDict("EdgeShape", {"from": str, "to": str, "pointers": list[Pointer]})  # from is a word of Python
EdgeShape.__doc__ = "From the one that needs to the one that is needed, and where it says so."
EdgeShape.__pydantic_config__ = _CLOSED  # type: ignore[attr-defined]  # what with_config does to a class


@with_config(_CLOSED)
class GraphShape(TypedDict):
    """Output of graph with --format json."""

    formatVersion: Version
    target: str
    nodes: list[NodeShape]
    edges: list[EdgeShape]


OUTPUTS: Final[Mapping[str, Any]] = {
    "plan": PlanShape,
    "apply": ApplyShape,
    "drift": DriftShape,
    "history": HistoryShape,
    "doctor": HealthShape,
    "targets": list[TargetShape],
    "graph": GraphShape,
}
"""What each command prints with ``--format json``."""
