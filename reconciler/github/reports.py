"""The contract's JSON of an apply, read back: what a later step of a job says of it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from reconciler.model.errors import UsageError
from reconciler.model.plan import Action
from reconciler.model.resources import ResourceName
from reconciler.model.results import ApplyReport, Result, Status

_STRICT: Final = ConfigDict(strict=True, extra="forbid")


def _resource(value: object) -> object:
    return ResourceName.parse(value) if isinstance(value, str) else value


class _Result(BaseModel):
    model_config = _STRICT
    resource: Annotated[ResourceName, BeforeValidator(_resource)]
    action: Action
    status: Status
    id: str | None
    attempts: int
    error: str | None


class _Report(BaseModel):
    model_config = _STRICT
    summary: dict[str, int]
    results: tuple[_Result, ...]


def apply_report(target: str, content: bytes) -> ApplyReport:
    """Return what ``apply --format json`` wrote; raises UsageError for anything else."""
    try:
        found = _Report.model_validate_json(content)
    except ValidationError as error:
        raise UsageError("this is not what apply --format json writes") from error
    results = tuple(
        Result(one.resource, one.action, one.status, one.id, one.attempts, one.error) for one in found.results
    )
    listed = sum(one.status is Status.UNCHANGED for one in results)
    return ApplyReport(target, None, results, max(0, found.summary.get("unchanged", 0) - listed))
