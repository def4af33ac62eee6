"""The ledger's files as the model's values, and back: the one format of both homes.

What is read is outside data, so it is checked strictly: an unknown key, or a number where a text belongs, is an error
that names the file.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError
from pydantic.alias_generators import to_camel

from reconciler.diff.document import MISSING, Json, Missing
from reconciler.ledger.document import FORMAT_VERSION, Purpose, SealState, check, to_bytes
from reconciler.model.errors import LedgerError, LedgerTampered
from reconciler.model.ledger import Begin, End, Entry, Intent, Outcome
from reconciler.model.resources import OnRemove, ResourceName
from reconciler.model.secrets import Fingerprint, Keys


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose ledger it is: a file of another organisation or sandbox has been put where it does not belong."""

    organisation: str
    sandbox: str


def _resource(value: object) -> object:
    return ResourceName.parse(value) if isinstance(value, str) else value


_Resource = Annotated[ResourceName, BeforeValidator(_resource), PlainSerializer(str)]
_Moment = Annotated[float, Field(ge=0, le=253_402_300_799)]  # up to the year 9999, the last that a date can say


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class _Seal(_Model):
    key_id: str
    hmac: str


class _File(_Model):
    format_version: int
    organisation: str
    sandbox: str
    seal: _Seal | None = None


class _Fingerprint(_Model):
    key_id: str | None
    hmac: str | None


class _Value(_Model):
    value: Any


class _Absent(_Model):
    absent: Literal[True]


class _Entry(_File):
    resource: _Resource
    id: str = Field(min_length=1)
    applied: dict[str, Any]
    secrets: dict[str, _Fingerprint]
    observed: dict[str, _Value | _Absent]
    protect: bool
    on_remove: OnRemove


class _Intent(_Model):
    resource: _Resource
    action: str
    id: str | None
    digest: str | None
    known: tuple[str, ...]


class _Run(_Model):
    run: str
    actor: str
    plan: str
    commit: str | None
    started: _Moment
    expires: _Moment
    intents: tuple[_Intent, ...]


class _Begin(_File, _Run):
    pass


class _Outcome(_Model):
    resource: _Resource
    action: str
    status: str
    id: str | None
    attempts: int
    error: str | None


class _End(_Model):
    run: str
    finished: _Moment
    outcomes: tuple[_Outcome, ...]
    taken_over: bool


class _History(_File):
    begin: _Run
    end: _End


_AnyFile = TypeVar("_AnyFile", bound=_File)


def entry_to_bytes(entry: Entry, keys: Keys | None) -> bytes:
    """Return the file of an entry."""
    model = _Entry(
        **_head(Scope(entry.organisation, entry.sandbox)),
        resource=entry.resource,
        id=entry.id,
        applied=dict(entry.applied),
        secrets={at: _Fingerprint(key_id=print_.key_id, hmac=print_.hmac) for at, print_ in entry.secrets.items()},
        observed={at: _observed(value) for at, value in entry.observed.items()},
        protect=entry.protect,
        on_remove=entry.on_remove,
    )
    return _to_bytes(model, Purpose.ENTRY, keys)


def entry_from_bytes(content: bytes, where: str, scope: Scope, keys: Keys | None) -> tuple[Entry, SealState]:
    """Return the entry in a file and what its seal told; raises LedgerError, LedgerTampered."""
    model, seal = _from_bytes(_Entry, Purpose.ENTRY, content, where, scope, keys)
    entry = Entry(
        resource=model.resource,
        id=model.id,
        organisation=model.organisation,
        sandbox=model.sandbox,
        applied=model.applied,
        secrets={at: Fingerprint(print_.key_id, print_.hmac) for at, print_ in model.secrets.items()},
        observed={at: MISSING if isinstance(seen, _Absent) else seen.value for at, seen in model.observed.items()},
        protect=model.protect,
        on_remove=model.on_remove,
    )
    return entry, seal


def begin_to_bytes(begin: Begin, scope: Scope, keys: Keys | None) -> bytes:
    """Return the file of the begin that is open."""
    return _to_bytes(_Begin(**_head(scope), **_run(begin)), Purpose.BEGIN, keys)


def begin_from_bytes(content: bytes, where: str, scope: Scope, keys: Keys | None) -> Begin:
    """Return the begin in a file; raises LedgerError, LedgerTampered."""
    return _begin(_from_bytes(_Begin, Purpose.BEGIN, content, where, scope, keys)[0])


def history_to_bytes(begin: Begin, end: End, scope: Scope, keys: Keys | None) -> bytes:
    """Return the file of a run that is over."""
    outcomes = tuple(_Outcome(**asdict(outcome) | {"resource": outcome.resource}) for outcome in end.outcomes)
    over = _End(run=end.run, finished=end.finished, outcomes=outcomes, taken_over=end.taken_over)
    return _to_bytes(_History(**_head(scope), begin=_Run(**_run(begin)), end=over), Purpose.HISTORY, keys)


def history_from_bytes(content: bytes, where: str, scope: Scope, keys: Keys | None) -> tuple[Begin, End]:
    """Return the run in a file; raises LedgerError, LedgerTampered."""
    model = _from_bytes(_History, Purpose.HISTORY, content, where, scope, keys)[0]
    outcomes = tuple(Outcome(o.resource, o.action, o.status, o.id, o.attempts, o.error) for o in model.end.outcomes)
    return _begin(model.begin), End(model.end.run, model.end.finished, outcomes, model.end.taken_over)


def _head(scope: Scope) -> dict[str, Any]:
    return {"format_version": FORMAT_VERSION, "organisation": scope.organisation, "sandbox": scope.sandbox}


def _observed(value: Json | Missing) -> _Value | _Absent:
    return _Absent(absent=True) if value is MISSING else _Value(value=value)


def _run(begin: Begin) -> dict[str, Any]:
    intents = tuple(
        _Intent(resource=i.resource, action=i.action, id=i.id, digest=i.digest, known=i.known) for i in begin.intents
    )
    return {
        "run": begin.run,
        "actor": begin.actor,
        "plan": begin.plan,
        "commit": begin.commit,
        "started": begin.started,
        "expires": begin.expires,
        "intents": intents,
    }


def _begin(run: _Run) -> Begin:
    intents = tuple(Intent(i.resource, i.action, i.id, i.digest, i.known) for i in run.intents)
    return Begin(run.run, run.actor, run.plan, run.commit, run.started, run.expires, intents)


def _to_bytes(model: _File, purpose: Purpose, keys: Keys | None) -> bytes:
    return to_bytes(model.model_dump(mode="json", by_alias=True, exclude={"seal"}), purpose, keys)


def _from_bytes(
    model: type[_AnyFile], purpose: Purpose, content: bytes, where: str, scope: Scope, keys: Keys | None
) -> tuple[_AnyFile, SealState]:  # fmt: skip
    seal = check(content, purpose, keys, where)
    try:
        file = model.model_validate_json(content)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
        raise LedgerError(f"{where} is no {purpose.value.replace('-', ' ')}: {problems}") from error
    found = Scope(file.organisation, file.sandbox)
    if found != scope:
        raise LedgerTampered(
            f"{where} belongs to sandbox {found.sandbox!r} of {found.organisation!r}, and this ledger to "
            f"{scope.sandbox!r} of {scope.organisation!r}: correct AEP_ORG_ID or the target's sandbox; if it was put "
            "there by another hand, take it out"
        )
    return file, seal
