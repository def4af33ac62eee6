"""The contract's JSON: sorted keys, sorted resources, the same bytes for the same input."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import orjson

from reconciler.diff.document import Json, Missing, Opaque
from reconciler.model.plan import Change, FieldChange, Orphan, Plan, Request
from reconciler.model.results import ApplyReport, DriftItem, DriftReport, Result
from reconciler.model.secrets import MASK
from reconciler.render.inert import is_hidden

if TYPE_CHECKING:  # pydantic is not loaded to print a plan
    from reconciler.render.shapes import (
        ApplyShape,
        ChangeShape,
        DriftItemShape,
        DriftShape,
        FieldShape,
        OrphanShape,
        PlanShape,
        RequestShape,
        ResultShape,
    )

FORMAT_VERSION: Final = 1
_SUSPECT: Final = re.compile(r"[^\n -~]|(?<=#)#(?=\[)")


def plan_json(plan: Plan) -> bytes:
    """Return a plan as the contract's JSON."""
    document: PlanShape = {
        "formatVersion": FORMAT_VERSION,
        "target": plan.target,
        "commit": plan.commit,
        "summary": plan.summary,
        "changes": [_change(change) for change in sorted(plan.changes, key=_place)],
        "orphans": [_orphan(orphan) for orphan in sorted(plan.orphans, key=_place)],
        "digest": plan.digest,
    }
    return _dumped(document)


def apply_json(report: ApplyReport) -> bytes:
    """Return how an apply ended as the contract's JSON."""
    results = [_result(result) for result in sorted(report.results, key=_place)]
    document: ApplyShape = {"summary": report.summary, "results": results}
    return _dumped(document)


def drift_json(report: DriftReport) -> bytes:
    """Return what a look for drift found as the contract's JSON; ``changedAt`` is epoch milliseconds."""
    resources = [_drift_item(item) for item in sorted(report.items, key=_place)]
    document: DriftShape = {"summary": report.summary, "resources": resources}
    return _dumped(document)


def _place(item: Change | Orphan | Result | DriftItem) -> tuple[str, str]:
    return str(item.resource), item.id or ""


def _change(change: Change) -> ChangeShape:
    return {
        "resource": str(change.resource),
        "id": change.id,
        "action": change.action,
        "causes": sorted(change.causes),
        "fields": [_field(field) for field in change.fields],
        "requests": [_request(request) for request in change.requests],
        "blockedBy": change.blocked_by,
        "digest": change.digest,
    }


def _field(field: FieldChange) -> FieldShape:
    show = _masked if field.sensitive else _plain
    return {
        "path": field.path,
        "before": show(field.before),
        "after": show(field.after),
        "sensitive": field.sensitive,
        "unknown": field.unknown,
    }


def _request(request: Request) -> RequestShape:
    return {
        "method": request.method,
        "path": request.path,
        "ifMatch": request.if_match,
        "body": request.body,
        "bytes": request.bytes,
    }


def _orphan(orphan: Orphan) -> OrphanShape:
    return {"resource": str(orphan.resource), "id": orphan.id, "protect": orphan.protect}


def _result(result: Result) -> ResultShape:
    return {
        "resource": str(result.resource),
        "action": result.action,
        "status": result.status,
        "id": result.id,
        "attempts": result.attempts,
        "error": result.error,
    }


def _drift_item(item: DriftItem) -> DriftItemShape:
    return {
        "resource": item.resource,
        "id": item.id,
        "status": item.status,
        "fields": [_field(field) for field in item.fields],
        "changedBy": item.changed_by,
        "changedClient": item.changed_client,
        "changedAt": item.changed_at,
    }


def _masked(value: Json | Missing) -> Json:
    """Return a secret's stand-in; a mask for anything else that stands where only a stand-in may."""
    stand_in = _plain(value)
    known = stand_in is None or (isinstance(stand_in, dict) and stand_in.keys() == {"$secret"})
    return stand_in if known else MASK


def _plain(value: Json | Missing) -> Json:
    """Return value in JSON's own types: null for what is missing or no JSON number, else the text of what is odd."""
    if isinstance(value, Opaque):
        return _plain(value.shown())
    if isinstance(value, Mapping):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, Missing) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _dumped(document: Json) -> bytes:
    document = _plain(document)
    try:
        text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode()
    except orjson.JSONEncodeError:  # an integer of more than 64 bits, half a surrogate pair, deep nesting
        text = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False)
    return (_SUSPECT.sub(_escaped, text) + "\n").encode()


def _escaped(match: re.Match[str]) -> str:
    """Write a character that a terminal or a log would act on as JSON's escape for it: the same value, inert."""
    character = match[0]
    if character != "#" and not is_hidden(character):
        return character
    return json.dumps(character)[1:-1] if character != "#" else "\\u0023"
