"""Carrying a plan out: every step as soon as what it needs is done, independent ones in parallel.

A step that did not end well leaves those that need it out and lets the rest go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from queue import SimpleQueue

from reconciler.engine.hands import Hands
from reconciler.engine.lease import LEASE_SECONDS, Lease
from reconciler.engine.order import graph
from reconciler.engine.plan import Planned
from reconciler.engine.ports import Clock, FlowService, Ledger, Progress, Secrets
from reconciler.engine.remember import Memory, settled_forms
from reconciler.engine.renewal import taken_place
from reconciler.engine.steps import Step
from reconciler.engine.write import Done, Writer
from reconciler.model.errors import LeaseLost, LedgerError, LedgerUnsaved
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Drop, End, Entry, EntryChange, LedgerState, Outcome, Put
from reconciler.model.plan import Action, Change
from reconciler.model.resources import Notice, ResourceName
from reconciler.model.results import ApplyReport, Result, Status


@dataclass(frozen=True, slots=True)
class Run:
    """Who applies, and how. ``id`` is unique; ``actor`` a person or a workflow; ``concurrency`` steps at once."""

    id: str
    actor: str
    settle_seconds: float
    concurrency: int = 4
    lease_seconds: float = LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class World:
    """The ports that an apply works on; ``interrupted`` says whether somebody wants it to end."""

    service: FlowService
    ledger: Ledger
    secrets: Secrets
    clock: Clock
    progress: Progress
    interrupted: Callable[[], bool] = lambda: False


def all_steps(planned: Planned) -> dict[ResourceName, Step]:
    """Return every step of a plan, those of removals included."""
    return {**planned.steps, **{name: removal.step for name, removal in planned.removals.items()}}


@dataclass(slots=True)
class _Running:
    """The steps that are under way, and a queue of those that have ended."""

    names: dict[Future[Done], ResourceName] = field(default_factory=dict)
    ended: SimpleQueue[Future[Done]] = field(default_factory=SimpleQueue)

    def add(self, name: ResourceName, future: Future[Done]) -> None:
        """Watch a step that was handed to the pool."""
        self.names[future] = name
        future.add_done_callback(self.ended.put)


@dataclass(slots=True)
class Execution:
    """One apply on its way."""

    planned: Planned
    state: LedgerState
    world: World
    run: Run
    results: dict[ResourceName, Result] = field(default_factory=dict)
    ids: dict[ResourceName, str] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    interrupted: bool = False
    unsaved: bool = False
    stopped: str | None = None
    finished: int = 0
    bad: dict[ResourceName, ResourceName] = field(default_factory=dict)  # what not to go on from, and because of whom
    waiting: dict[ResourceName, Step] = field(default_factory=dict)
    needs: dict[ResourceName, frozenset[ResourceName]] = field(default_factory=dict)
    wishes: list[EntryChange] = field(default_factory=list)
    entries_of: dict[tuple[Kind, str], list[ResourceName]] = field(default_factory=dict)  # whose each object is

    def __post_init__(self) -> None:
        steps = all_steps(self.planned)
        replaced = {name for name, step in steps.items() if step.change.action is Action.REPLACE}
        self.ids = {name: one.match.live.id for name, one in steps.items() if one.match.live and name not in replaced}
        blocked = {name: step for name, step in steps.items() if step.change.action is Action.BLOCKED}
        self.results = {name: _ended(step.change, Status.BLOCKED) for name, step in blocked.items()}
        for change in self.planned.plan.changes:
            if change.resource in self.planned.refused:
                reason = self.planned.refused[change.resource]
                self.results[change.resource] = _ended(change, Status.REFUSED, reason)
        self.waiting = {name: step for name, step in steps.items() if name not in self.results and _has_work(step)}
        self.needs = graph(step.match.desired for step in self.planned.steps.values())
        self.needs |= {name: removal.after for name, removal in self.planned.removals.items()}
        self.wishes = _wishes(self.planned.steps.values())
        for name, entry in self.state.entries.items():
            self.entries_of.setdefault((name.kind, entry.id), []).append(name)

    def run_all(self, lease: Lease) -> None:
        """Run every step whose needs are met, until none is left or the run is stopped."""
        self._remember_wishes()
        world = self.world
        hands = Hands(world.service, world.clock, world.secrets.value, lease.guard, self.run.settle_seconds)
        writer = Writer(hands, (self.planned.plan.organisation, self.planned.plan.sandbox))
        sorter = TopologicalSorter(self.needs)
        sorter.prepare()
        ready: deque[ResourceName] = deque()
        running = _Running()
        with ThreadPoolExecutor(max_workers=self.run.concurrency) as pool:
            while sorter.is_active():
                ready.extend(sorted(sorter.get_ready()))
                self._look_up()
                # What is handed to the pool is under way: an interrupted run must not have handed it everything.
                while ready and len(running.names) < self.run.concurrency:
                    name = ready.popleft()
                    if self._may_start(name):
                        running.add(name, pool.submit(self._carry_out, writer, name))
                    else:
                        sorter.done(name)
                for name in self._next(running):
                    sorter.done(name)
            self._look_up()

    def _look_up(self) -> None:
        if self.world.interrupted() and not self.stopped:
            self.interrupted, self.stopped = True, "the run was interrupted"

    def _may_start(self, name: ResourceName) -> bool:
        """Say whether a step that is ready runs; one that must not is given its result here.

        What needs something that ended badly is left out, also where what stands between the two needs no change.
        """
        bad = sorted(self._bad_for(name))
        if bad:
            self.bad[name] = bad[0]
        if name not in self.waiting:
            if name in self.results and _is_bad(self.results[name]):
                self.bad[name] = name
            return False
        if self.stopped or bad:
            reason = self.stopped or f"needs {bad[0]}, which ended as {self.results[bad[0]].status}"
            self.results[name] = _ended(self.waiting[name].change, Status.SKIPPED, reason)
            self._tell(name)
            return False
        return True

    def _bad_for(self, name: ResourceName) -> Iterator[ResourceName]:
        """Every resource because of which this one must not be touched.

        What exists is good enough to build upon; to delete what others use, these have to be done with it.
        """
        for need in self.needs[name]:
            if need in self.bad:
                yield self.bad[need]
            elif name in self.planned.removals and need in self.results and not _is_good(self.results[need]):
                yield need

    def _carry_out(self, writer: Writer, name: ResourceName) -> Done:
        done = writer.carry_out(self.waiting[name], self.ids)
        if done.gone:
            self.world.ledger.record(self.run.id, [Drop(name)])
        elif done.entry:
            self.world.ledger.record(self.run.id, self._changes(name, done.entry))
        return done

    def _changes(self, name: ResourceName, entry: Entry) -> list[EntryChange]:
        """Return what the ledger is to change: the entry, and every other one of the object or of a former name."""
        desired = self.planned.steps[name].match.desired
        same_object = [other for other in self.entries_of.get((name.kind, entry.id), ()) if other != name]
        former, entries = desired.previous_name, self.state.entries
        if former and former in entries and name not in entries and former not in self.planned.steps:
            same_object.append(former)
        retired = self.planned.steps[name].retired
        kept = [Put(retired)] if retired else []  # first: whatever happens in between, the old object is not forgotten
        return [*kept, Put(entry), *(Drop(other) for other in dict.fromkeys(same_object))]

    def _next(self, running: _Running) -> list[ResourceName]:
        """Wait for a step to end, if one is under way."""
        if not running.names:
            return []
        future = running.ended.get()
        name = running.names.pop(future)
        self._finished(name, future)
        return [name]

    def _finished(self, name: ResourceName, future: Future[Done]) -> None:
        change = self.waiting[name].change
        try:
            result = future.result().result
        except LedgerError as lost:
            self.stopped = str(lost)
            result = _ended(change, Status.FAILED, str(lost))
        except Exception as bug:  # noqa: BLE001 - one resource's bug must not take the results of the others along
            result = _ended(change, Status.FAILED, f"bug: {type(bug).__name__}: {bug}. Please report it")
        self.results[name] = result
        if _is_bad(result):
            self.bad[name] = name
        if result.id:
            self.ids[name] = result.id
        self._tell(name)

    def _tell(self, name: ResourceName) -> None:
        self.finished += 1
        self.world.progress.step("applying", self.finished, len(self.waiting), str(name))

    def _remember_wishes(self) -> None:
        if self.wishes:
            self.world.ledger.record(self.run.id, self.wishes)

    def end(self) -> None:
        """Close our begin, whatever happened; a lease that was lost is no longer ours to close."""
        outcomes = tuple(
            Outcome(one.resource, one.action.value, one.status.value, one.id, one.attempts, one.error)
            for one in self._sorted()
        )
        try:
            self.world.ledger.end(self.run.id, End(self.run.id, self.world.clock.now(), outcomes))
        except LedgerUnsaved as unsaved:
            self.unsaved = True
            self.notices.append(Notice(str(unsaved)))
        except LeaseLost as lost:
            self.unsaved = True
            self.notices.append(Notice(str(lost)))

    def _sorted(self) -> list[Result]:
        return [self.results[name] for name in sorted(self.results)]

    def report(self, run: str | None) -> ApplyReport:
        """Tell how it ended; steps that only brought the ledger up to date count as unchanged."""
        shown = [result for result in self._sorted() if result.action is not Action.UNCHANGED or not _is_good(result)]
        return ApplyReport(
            self.planned.plan.target,
            run,
            tuple(shown),
            self.planned.plan.unchanged,
            self.interrupted,
            (*self.planned.plan.notices, *self.notices),
            self.unsaved,
        )


def _has_work(step: Step) -> bool:
    """Iff something is to be sent, or the ledger is to learn something."""
    if step.change.action is not Action.UNCHANGED:
        return True
    live, decision, entry = step.match.live, step.decision, step.match.entry
    if live is None or decision is None or entry is None:
        return False
    memory = Memory(entry.organisation, entry.sandbox, step.situation.vault)
    return memory.entry(step.match, live, settled_forms(decision.outcomes, entry)) != entry


def _wishes(steps: Iterable[Step]) -> list[EntryChange]:
    """Return entries with ``protect`` and ``onRemove`` as git has them now, also of what cannot be applied.

    They outlive the manifest. Before them, what a run that never ended has made in the place of another: once this run
    has ended, nothing else tells.
    """
    matches = [step.match for step in steps if step.in_scope]
    found = [
        change for one in matches if one.replaces and one.live for change in taken_place(one, one.replaces, one.live)
    ]
    return found + [
        Put(replace(one.entry, protect=one.desired.protect, on_remove=one.desired.on_remove))
        for one in matches
        if one.entry and (one.entry.protect, one.entry.on_remove) != (one.desired.protect, one.desired.on_remove)
    ]


def _ended(change: Change, status: Status, error: str | None = None) -> Result:
    return Result(change.resource, change.action, status, change.id, 0, error or change.blocked_by)


def _is_good(result: Result) -> bool:
    return result.status in (Status.APPLIED, Status.UNCHANGED)


def _is_bad(result: Result) -> bool:
    """Iff what needs this resource is left out; one that was not touched but exists is as usable as it was.

    Not so one that was to be replaced: what needs it was planned with the new object.
    """
    untouched = result.status in (Status.BLOCKED, Status.REFUSED) and result.action is not Action.REPLACE
    return not _is_good(result) and not (untouched and result.id)
