"""What the engine's tests are made of: short ways to write its values, and a service and a ledger in memory."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonpatch

from reconciler.diff.document import MISSING
from reconciler.engine.apply import apply as apply_plan
from reconciler.engine.credentials import Vault
from reconciler.engine.decide import Decision, Situation, decide
from reconciler.engine.execution import Run, World
from reconciler.engine.plan import Planned, make_plan
from reconciler.engine.ports import Clock
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.steps import Context
from reconciler.model.errors import LedgerError, NotFound, PreconditionFailed
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, Drop, Entry, LedgerState, Put
from reconciler.model.live import Live, Written
from reconciler.model.plan import Scope
from reconciler.model.resources import Desired, Estate, Reference, ResourceName, Target
from reconciler.model.results import ApplyReport
from reconciler.model.secrets import Keys, Secret, SecretOrigin, SecretSlot

NOW = 1_800_000_000.0
WHERE = ("ORG@AdobeOrg", "bench")
CLIENT, PERSON = "our-client", "exc_app"
KEYS = Keys.derive(Secret("root"))
SPEC_ID = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
FLOW_SPEC_ID = "14518937-270c-4525-bdec-c2ba7cce3860"


@dataclass(slots=True)
class ManualClock:
    """Time that passes only when somebody sleeps."""

    time: float = NOW
    naps: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep, lambda: 0.5)


def named(text: str) -> ResourceName:
    return ResourceName.parse(text)


def ref(text: str) -> Reference:
    return Reference(named(text))


def secret(pointer: str = "/auth/params/password", key: str = "FLOW_SECRET_PASSWORD") -> SecretSlot:
    return SecretSlot(pointer, SecretOrigin.ENV, key)


def want(text: str, spec: Mapping[str, Any], **fields: Any) -> Desired:
    return Desired(named(text), spec, **fields)


def live(kind: Kind | str, id: str, document: Mapping[str, Any], **fields: Any) -> Live:
    """Return an object as the service answers it."""
    own = {"id": id, "etag": f'"{id}-1"', "version": f'"{id}-1"', "updatedAt": 1, "updatedBy": "ann@AdobeID"}
    by = {"updatedClient": PERSON, "createdClient": PERSON, "state": "enabled"}
    made = {"id": id, "version": "1.0"} if Kind(kind).is_spec else {**own, **by}
    return Live(Kind(kind), id, {**made, **document, **fields})


def entry(text: str, id: str, applied: Mapping[str, Any], **fields: Any) -> Entry:
    return Entry(named(text), id, *WHERE, applied, **fields)


def vault(values: Mapping[str, str] | None = None, keys: Keys | None = None, passwords: Iterable[str] = ()) -> Vault:
    known = values or {}
    return Vault(lambda slot: Secret(known[slot.key]) if slot.key in known else None, keys, frozenset(passwords))


def situation(**fields: Any) -> Situation:
    return Situation(**{"vault": vault(), "now": NOW, **fields})


def decided(
    kind: str, spec: Mapping[str, Any], document: Mapping[str, Any], applied: Any = MISSING, **fields: Any
) -> Decision:
    """Decide about one object called ``x``; ``applied`` left out is no ledger entry.

    Keywords of an entry (secrets, observed), of a manifest (ignore) and of a situation are told apart.
    """
    ours = {key: fields.pop(key) for key in ("secrets", "observed") if key in fields}
    ignore = fields.pop("ignore", ())
    known = None if applied is MISSING else entry(f"{kind}/x", "x", applied, **ours)
    return decide(want(f"{kind}/x", spec, ignore=ignore), spec, live(kind, "x", document), known, situation(**fields))


def connection(name: str = "CRM", params: Any = None, **fields: Any) -> dict[str, Any]:
    """Return a connection's body; without params it has a user and a secret."""
    params = {"username": "reader", "password": secret()} if params is None else params
    auth = {"specName": "Basic", "params": params}
    return {"name": name, "connectionSpec": {"id": SPEC_ID, "version": "1.0"}, "auth": auth, **fields}


def flow(name: str = "Daily", **fields: Any) -> dict[str, Any]:
    """Return a flow's body that begins a day ahead."""
    schedule = {"startTime": int(NOW) + 86_400, "frequency": "day", "interval": 1}
    ends = {"sourceConnectionIds": ["s"], "targetConnectionIds": ["t"]}
    return {
        "name": name, "flowSpec": {"id": FLOW_SPEC_ID, "version": "1.0"}, **ends, "scheduleParams": schedule, **fields,
    }  # fmt: skip


def snapshot(*lives: Live, unreadable: Mapping[Any, str] | None = None) -> Snapshot:
    objects: dict[Kind, dict[str, Live]] = {kind: {} for kind in Kind}
    for one in lives:
        objects[one.kind][one.id] = one
    return Snapshot(objects, frozenset(Kind), unreadable or {})


def context(
    values: Mapping[str, str] | None = None, keys: Keys | None = None, *, prune: bool = False, **scope: Any
) -> Context:
    names = {key: frozenset(map(named, texts)) for key, texts in scope.items()}
    return Context(*WHERE, NOW, vault(values).value, keys, scope=Scope(prune=prune, **names))


def state(*entries: Entry, begun: Begin | None = None) -> LedgerState:
    return LedgerState({one.resource: one for one in entries}, begun)


def plan(
    resources: Iterable[Desired],
    ledger: LedgerState | None = None,
    seen: Snapshot | None = None,
    progress: Any = None,
    **around: Any,
) -> Planned:
    estate = Estate(Target("bench", None, emulator=True), tuple(resources))
    return make_plan(estate, ledger or state(), seen or snapshot(), context(**around), progress)


def change_of(planned: Planned, text: str) -> Any:
    """Return a resource's change, unchanged ones included."""
    step = planned.steps.get(named(text))
    return step.change if step else next(one for one in planned.plan.changes if one.resource == named(text))


@dataclass(slots=True)
class FakeService:
    """Flow Service in memory, strict about etags.

    ``script`` holds per method what its next calls do instead: an exception is raised, a function is called with the
    service and the call's arguments (and answers, or raises; ``do`` does the call as usual), None does as usual.
    """

    objects: dict[tuple[Kind, str], dict[str, Any]] = field(default_factory=dict)
    organisation: str = WHERE[0]
    sandbox: str = WHERE[1]
    client: str = CLIENT
    script: dict[str, list[Any]] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    made: int = 0
    sure: list[Kind] = field(default_factory=list)
    clock: ManualClock = field(default_factory=ManualClock)

    @classmethod
    def of(cls, *lives: Live) -> FakeService:
        return cls({(one.kind, one.id): copy.deepcopy(dict(one.document)) for one in lives})

    def snapshot(self) -> Snapshot:
        return snapshot(*(self._live(kind, id) for kind, id in self.objects))

    def writes(self, method: str | None = None) -> list[tuple[Any, ...]]:
        reads = ("list", "get")
        return [call for call in self.calls if call[0] not in reads and method in (None, call[0])]

    def do(self, method: str, *arguments: Any) -> Any:
        return getattr(self, f"_{method}")(*arguments)

    def _call(self, method: str, *arguments: Any) -> Any:
        self.calls.append((method, *arguments))
        waiting = self.script.get(method)
        scripted = waiting.pop(0) if waiting else None
        if isinstance(scripted, BaseException):
            raise scripted
        return scripted(self, *arguments) if scripted else self.do(method, *arguments)

    def list(self, kind: Kind, ids: Any = None, told: Any = None, *, sure: bool = False) -> list[Live]:
        if sure:
            self.sure.append(kind)
        found = self._call("list", kind, ids)
        if told:
            told(len(found))
        return found

    def get(self, kind: Kind, id: str) -> Live:
        return self._call("get", kind, id)

    def create(self, kind: Kind, body: Any) -> Written:
        return self._call("create", kind, revealed(body))

    def patch(self, kind: Kind, id: str, ops: Any, etag: str) -> Written:
        return self._call("patch", kind, id, revealed(list(ops)), etag)

    def put(self, kind: Kind, id: str, body: Any, etag: str | None = None) -> Written:
        return self._call("put", kind, id, revealed(body), *([] if etag is None else [etag]))

    def act(self, kind: Kind, id: str, op: str) -> Written:
        return self._call("act", kind, id, op)

    def delete(self, kind: Kind, id: str) -> None:
        self._call("delete", kind, id)

    def _delete(self, kind: Kind, id: str) -> None:
        self._get(kind, id)
        del self.objects[kind, id]

    def _live(self, kind: Kind, id: str) -> Live:
        return Live(kind, id, copy.deepcopy(self.objects[kind, id]))

    def _list(self, kind: Kind, ids: Any) -> list[Live]:
        found = [id for owner, id in self.objects if owner is kind and (ids is None or id in ids)]
        return [self._live(kind, id) for id in found]

    def _get(self, kind: Kind, id: str) -> Live:
        if (kind, id) not in self.objects:
            raise NotFound(f"no {kind.collection} with id {id}", status=404)
        return self._live(kind, id)

    def _create(self, kind: Kind, body: Any) -> Written:
        self.made += 1
        id = f"made-{self.made}"
        self.objects[kind, id] = {**body, "id": id, "createdClient": self.client, "state": "enabled"}
        return self._stored(kind, id)

    def _patch(self, kind: Kind, id: str, ops: Any, etag: str) -> Written:
        if self._get(kind, id).etag != etag:
            raise PreconditionFailed("stale", status=412)
        self.objects[kind, id] = jsonpatch.apply_patch(self.objects[kind, id], ops)
        return self._stored(kind, id)

    def _put(self, kind: Kind, id: str, body: Any, etag: str | None = None) -> Written:
        if self._get(kind, id).etag != etag:
            raise PreconditionFailed("stale", status=412)
        kept = {key: self.objects[kind, id][key] for key in ("etag", "updatedAt") if key in self.objects[kind, id]}
        self.objects[kind, id] = {**body, "id": id, **kept}
        return self._stored(kind, id)

    def _act(self, kind: Kind, id: str, op: str) -> Written:
        self._get(kind, id)
        self.objects[kind, id]["state"] = f"{op}d"
        return self._stored(kind, id)

    def edit(self, kind: Kind, id: str, client: str = PERSON, **fields: Any) -> Written:
        """Let somebody write an object."""
        self.objects[kind, id] |= fields
        return self._stored(kind, id, client)

    def _stored(self, kind: Kind, id: str, client: str | None = None) -> Written:
        document = self.objects[kind, id]
        document["updatedAt"] = document.get("updatedAt", 0) + 1
        document["updatedClient"] = client or self.client
        if kind.is_spec:
            if "etag" in document:
                document["etag"] = f'"{id}-{document["updatedAt"]}"'
            return Written(id, document.get("etag"), copy.deepcopy(document))
        document["etag"] = f'"{id}-{document["updatedAt"]}"'
        return Written(id, document["etag"])


def revealed(body: Any) -> Any:
    if isinstance(body, Secret):
        return body.reveal()
    if isinstance(body, Mapping):
        return {key: revealed(value) for key, value in body.items()}
    return [revealed(value) for value in body] if isinstance(body, list) else body


def then_raise(error: BaseException) -> Callable[..., Any]:
    """Do the call, and lose its answer."""

    def call(service: FakeService, *arguments: Any) -> Any:
        service.do(service.calls[-1][0], *arguments)
        raise error

    return call


@dataclass(slots=True)
class FakeLedger:
    """A ledger in memory that keeps what was called; ``fail`` raises the error when the method is called."""

    entries: dict[ResourceName, Entry] = field(default_factory=dict)
    open: Begin | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    fail: dict[str, BaseException] = field(default_factory=dict)
    taken_over: Begin | None = None
    ended: Any = None

    @classmethod
    def of(cls, known: LedgerState) -> FakeLedger:
        return cls(dict(known.entries), known.open)

    def _called(self, method: str, *arguments: Any) -> None:
        self.calls.append((method, *arguments))
        if method in self.fail:
            raise self.fail[method]

    def named(self, method: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == method]

    def read(self) -> LedgerState:
        return LedgerState(dict(self.entries), self.open)

    def begin(self, begin: Begin, seen: str | None = None) -> Begin | None:
        self._called("begin", begin, seen)
        before = self.open
        if before and before.run != seen:
            raise LedgerError("the plan knows nothing of that run")
        self.open = begin
        return before

    def renew(self, run: str, expires: float) -> None:
        self._called("renew", run, expires)

    def record(self, run: str, changes: Any) -> None:
        self._called("record", run, tuple(changes))
        for change in changes:
            if isinstance(change, Put):
                self.entries[change.entry.resource] = change.entry
            elif isinstance(change, Drop):
                self.entries.pop(change.resource, None)

    def end(self, run: str, end: Any) -> None:
        self._called("end", run, end)
        self.open = None
        self.ended = end

    def last_end(self) -> Any:
        return self.ended


@dataclass(slots=True)
class Quiet:
    """Progress that keeps what it was told."""

    steps: list[tuple[Any, ...]] = field(default_factory=list)

    def step(self, *told: Any) -> None:
        self.steps.append(told)


@dataclass(slots=True)
class Stage:
    """An estate, a service and a ledger, to plan and apply on."""

    resources: list[Desired]
    service: FakeService = field(default_factory=FakeService)
    known: LedgerState = field(default_factory=LedgerState)
    values: dict[str, str] = field(default_factory=lambda: {"FLOW_SECRET_PASSWORD": "first"})
    keys: Keys | None = KEYS
    settle: float = 0
    clock: ManualClock = field(default_factory=ManualClock)
    progress: Quiet = field(default_factory=Quiet)
    ledger: FakeLedger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = FakeLedger.of(self.known)

    def plan(self, **around: Any) -> Planned:
        seen = self.service.snapshot()
        return plan(self.resources, self.ledger.read(), seen, values=self.values, keys=self.keys, **around)

    def apply(
        self,
        planned: Planned | None = None,
        concurrency: int = 1,
        interrupted: Callable[[], bool] = lambda: False,
        **around: Any,
    ) -> ApplyReport:
        planned = planned or self.plan(**around)
        held = vault(self.values)
        world = World(self.service, self.ledger, held, self.clock.clock, self.progress, interrupted)
        run = Run("run-1", "tester", self.settle, concurrency)
        return apply_plan(planned, self.ledger.read(), world, run)

    def declare(self, *resources: Desired) -> None:
        for one in resources:
            self.resources = [known for known in self.resources if known.name != one.name] + [one]


def statuses(report: ApplyReport) -> dict[str, str]:
    return {str(result.resource): result.status.value for result in report.results}


def without(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}
