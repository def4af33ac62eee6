"""A saved plan as a document, and back: the contract's JSON of a plan, and besides what a plan has more than that.

What is read is outside data, so it is checked strictly: an unknown key, or a number where a text belongs, is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError
from pydantic.alias_generators import to_camel

from reconciler.diff.document import MISSING, Json, Missing, is_object, shown
from reconciler.diff.outcomes import Cause
from reconciler.ledger.document import FORMAT_VERSION
from reconciler.ledger.key_order import in_order, orders
from reconciler.model.graph import Graph
from reconciler.model.plan import Action, Change, FieldChange, Orphan, Plan, Request, SavedPlan, Scope
from reconciler.model.resources import Location, Notice, ResourceName
from reconciler.model.schedule_runs import Timetables
from reconciler.model.secrets import MASK

_SIDES: Final = ("before", "after")
_Side: TypeAlias = Literal["before", "after"]


def _resource(value: object) -> object:
    return ResourceName.parse(value) if isinstance(value, str) else value


_Resource = Annotated[ResourceName, BeforeValidator(_resource), PlainSerializer(str)]


class _Model(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        ser_json_inf_nan="constants",  # not null: what JSON cannot say is for the writer to refuse
    )


_Order: TypeAlias = dict[str, tuple[str, ...]]
"""The keys of objects that do not have them sorted, by JSON Pointer."""


class _Field(_Model):
    """One field; ``absent`` are the sides that were not there: null is a value. Pointers start with a side."""

    path: str
    before: Any
    after: Any
    absent: tuple[_Side, ...]
    sensitive: bool
    unknown: bool
    order: _Order


class _Request(_Model):
    method: str
    path: str
    if_match: str | None
    body: Any
    bytes: int
    order: _Order


class _Change(_Model):
    resource: _Resource
    id: str | None
    action: Action
    causes: tuple[Cause, ...]
    fields: tuple[_Field, ...]
    requests: tuple[_Request, ...]
    blocked_by: str | None
    digest: str | None
    notes: tuple[str, ...]
    timetables: Timetables | None


class _Orphan(_Model):
    resource: _Resource
    id: str
    protect: bool


class _Location(_Model):
    file: str
    line: int
    column: int


class _Notice(_Model):
    message: str
    location: _Location | None


class _Scope(_Model):
    only: tuple[_Resource, ...] | None
    exclude: tuple[_Resource, ...]
    rotate: tuple[_Resource, ...]
    prune: bool


class _Seal(_Model):
    key_id: str
    hmac: str


class _SavedPlan(_Model):
    format_version: int
    target: str
    organisation: str
    sandbox: str
    commit: str | None
    made: Annotated[float, Field(ge=0, le=253_402_300_799)]  # up to the year 9999, the last that a date can say
    scope: _Scope
    summary: dict[str, int]
    unchanged: int = Field(ge=0)
    changes: tuple[_Change, ...]
    orphans: tuple[_Orphan, ...]
    notices: tuple[_Notice, ...]
    digest: str
    graph: Graph
    seal: _Seal | None


def to_document(saved: SavedPlan) -> dict[str, Json]:
    """Return a saved plan as plain JSON without a seal, stand-ins for references and secrets."""
    plan = saved.plan
    model = _SavedPlan(
        format_version=FORMAT_VERSION,
        target=plan.target,
        organisation=plan.organisation,
        sandbox=plan.sandbox,
        commit=plan.commit,
        made=saved.made,
        scope=_scope(saved.scope),
        summary=dict(plan.summary),
        unchanged=plan.unchanged,
        changes=tuple(map(_change, plan.changes)),
        orphans=tuple(_Orphan(resource=one.resource, id=one.id, protect=one.protect) for one in plan.orphans),
        notices=tuple(map(_notice, plan.notices)),
        digest=plan.digest,
        graph=saved.graph,
        seal=None,
    )
    return model.model_dump(mode="json", by_alias=True, exclude={"seal"})


def from_json(content: bytes) -> SavedPlan:
    """Return the saved plan in a file's content, whatever its seal; raises ValueError, whose text says what is wrong.

    A document that says one thing twice, and not the same, is not looked for here: compare it with
    :func:`to_document` of what was read.
    """
    try:
        model = _SavedPlan.model_validate_json(content)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)[:3])
        raise ValueError("; ".join(problems)) from error
    plan = Plan(
        target=model.target,
        organisation=model.organisation,
        sandbox=model.sandbox,
        commit=model.commit,
        changes=tuple(map(_change_of, model.changes)),
        unchanged=model.unchanged,
        orphans=tuple(Orphan(one.resource, one.id, one.protect) for one in model.orphans),
        digest=model.digest,
        notices=tuple(map(_notice_of, model.notices)),
    )
    return SavedPlan(plan, _scope_of(model.scope), model.made, model.graph)


def _scope(scope: Scope) -> _Scope:
    return _Scope(
        only=None if scope.only is None else tuple(sorted(scope.only)),
        exclude=tuple(sorted(scope.exclude)),
        rotate=tuple(sorted(scope.rotate)),
        prune=scope.prune,
    )


def _scope_of(scope: _Scope) -> Scope:
    only = None if scope.only is None else frozenset(scope.only)
    return Scope(only, frozenset(scope.exclude), frozenset(scope.rotate), scope.prune)


def _change(change: Change) -> _Change:
    return _Change(
        resource=change.resource,
        id=change.id,
        action=change.action,
        causes=tuple(sorted(change.causes)),
        fields=tuple(map(_field, change.fields)),
        requests=tuple(map(_request, change.requests)),
        blocked_by=change.blocked_by,
        digest=change.digest,
        notes=change.notes,
        timetables=change.timetables,
    )


def _change_of(change: _Change) -> Change:
    return Change(
        change.resource,
        change.id,
        change.action,
        frozenset(change.causes),
        tuple(map(_field_of, change.fields)),
        tuple(map(_request_of, change.requests)),
        change.blocked_by,
        change.digest,
        change.notes,
        change.timetables,
    )


def _field(field: FieldChange) -> _Field:
    side = _stand_in if field.sensitive else _plain
    before, after = side(field.before), side(field.after)
    return _Field(
        path=field.path,
        before=before,
        after=after,
        absent=tuple(_absent(field)),
        sensitive=field.sensitive,
        unknown=field.unknown,
        order=orders(before, ("before",)) | orders(after, ("after",)),
    )


def _absent(field: FieldChange) -> Iterable[_Side]:
    if field.before is MISSING:
        yield "before"
    if field.after is MISSING:
        yield "after"


def _field_of(field: _Field) -> FieldChange:
    before, after = (
        MISSING if side in field.absent else in_order(getattr(field, side), field.order, (side,)) for side in _SIDES
    )
    return FieldChange(field.path, before, after, field.sensitive, field.unknown)


def _plain(value: Json | Missing) -> Json:
    return None if value is MISSING else shown(value)


def _stand_in(value: Json | Missing) -> Json:
    """Return a secret's stand-in; a mask for anything else that stands where only a stand-in may."""
    plain = _plain(value)
    known = plain is None or (is_object(plain) and plain.keys() == {"$secret"})
    return plain if known else MASK


def _request(request: Request) -> _Request:
    body = shown(request.body)
    return _Request(
        method=request.method,
        path=request.path,
        if_match=request.if_match,
        body=body,
        bytes=request.bytes,
        order=orders(body),
    )


def _request_of(request: _Request) -> Request:
    return Request(request.method, request.path, in_order(request.body, request.order), request.if_match)


def _notice(notice: Notice) -> _Notice:
    place = notice.location
    location = _Location(file=place.file, line=place.line, column=place.column) if place else None
    return _Notice(message=notice.message, location=location)


def _notice_of(notice: _Notice) -> Notice:
    place = notice.location
    return Notice(notice.message, Location(place.file, place.line, place.column) if place else None)
