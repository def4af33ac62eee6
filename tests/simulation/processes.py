"""Runs of the tool as forked processes, which end at a boundary between two effects if they are told to.

This is a program: it stays single-threaded, so that it can fork, and tells what it found as JSON on stdout.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from support.bench import NOW, SteppingClock

from reconciler.cli.main import run
from reconciler.cli.surroundings import Surroundings
from reconciler.emulator.inprocess import WsgiAdapter
from reconciler.engine.ports import Clock
from reconciler.ledger.git.program import Answer, Git
from reconciler.model.secrets import Redactor
from simulation.world import ENVIRON, World, duplicates, first_estate, second_estate

APPLY = ("apply", "--yes", "--prune", "--format", "json")
LEASE = 1000.0
"""More seconds than any lease lasts."""

GIVEN_UP = ("hold on the ledger was lost", "does not hold the ledger any more")


@dataclass(slots=True)
class Boundaries:
    """The moments before and after each effect; at the one that is asked for, the process is killed or stopped.

    One that goes on after it was stopped finds that ``LEASE`` seconds have passed.
    """

    clock: SteppingClock
    signal_at: int | None = None
    signal: int = signal.SIGKILL
    passed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, what: str) -> None:
        """Be at a boundary; a stop counts those after a write to the service alone, where nothing is locked."""
        with self.lock:
            stops = self.signal == signal.SIGSTOP
            counted = [one for one in self.passed if is_after_write(one) or not stops]
            if len(counted) == self.signal_at and (is_after_write(what) or not stops):
                # To this thread: a signal to the process may reach another one, and this one would go on meanwhile.
                signal.pthread_kill(threading.get_ident(), self.signal)
                self.clock.sleep(LEASE)
            self.passed.append(what)

    def around(self, what: str, effect: Callable[[], Any]) -> Any:
        """Do something that has an effect."""
        self.at(f"before {what}")
        result = effect()
        self.at(f"after {what}")
        return result


class WatchedAdapter(WsgiAdapter):
    """The way to the service, with a boundary around each write."""

    def __init__(self, app: Any, boundaries: Boundaries) -> None:
        super().__init__(app)
        self.boundaries = boundaries

    def send(self, request: requests.PreparedRequest, *arguments: Any, **keywords: Any) -> requests.Response:
        """Send a request."""
        send = lambda: super(WatchedAdapter, self).send(request, *arguments, **keywords)  # noqa: E731 - needs super
        if request.method == "GET":
            return send()
        return self.boundaries.around(f"{request.method} {request.path_url}", send)


def watch_files(boundaries: Boundaries) -> None:
    """Put a boundary around each file of the ledger that is put in place or deleted."""
    for name in ("replace", "unlink"):
        usual = getattr(Path, name)

        def watched(path: Path, *arguments: Any, usual: Any = usual, name: str = name, **keywords: Any) -> Any:
            return boundaries.around(f"{name} {path.name}", lambda: usual(path, *arguments, **keywords))

        setattr(Path, name, watched)


def watch_git(boundaries: Boundaries) -> None:
    """Put a boundary around each push."""
    usual = Git.run

    def watched(git: Git, *arguments: str, **keywords: Any) -> Answer:
        done = lambda: usual(git, *arguments, **keywords)  # noqa: E731 - called at once
        return boundaries.around("push", done) if arguments[0] == "push" else done()

    Git.run = watched  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that is over: its exit code, negative for a signal, and what it said."""

    code: int
    out: str
    err: str
    boundaries: list[str]


@dataclass(frozen=True, slots=True)
class Process:
    """A run of the tool in a process of its own; ``signal_at`` is the boundary at which it gets the signal."""

    world: World
    arguments: tuple[str, ...]
    now: float
    signal_at: int | None = None
    signal: int = signal.SIGKILL
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def told(self) -> Path:
        """Where it says at its end what it said and did."""
        return self.world.folder / f"told-{'-'.join(self.arguments[:1])}-{self.signal_at}"

    def start(self) -> int:
        """Start it, and return its process id."""
        self.told.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            os._exit(self._run())
        return child

    def end(self, child: int) -> Ended:
        """Wait for its end."""
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        told = json.loads(self.told.read_text(encoding="utf-8")) if self.told.exists() else ("", "", [])
        return Ended(code, *told)

    def _run(self) -> int:
        out, err, clock = io.StringIO(), io.StringIO(), SteppingClock(self.now)
        boundaries = Boundaries(clock, self.signal_at, self.signal)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), self.world.service(clock.now) as app:
            (watch_git if self.world.git else watch_files)(boundaries)
            http = requests.Session()
            http.mount("http://", WatchedAdapter(app, boundaries))
            times = Clock(clock.now, clock.sleep, random.Random(1).random)
            around = Surroundings(Redactor(), ENVIRON | self.environ, times, http)
            code = run(["--manifests", str(self.world.manifests), *self.arguments], around)
        self.told.write_text(json.dumps([out.getvalue(), err.getvalue(), boundaries.passed]), encoding="utf-8")
        return code


def forked(world: World, arguments: tuple[str, ...], now: float, kill_at: int | None = None, **environ: str) -> Ended:
    """Run the tool in a process of its own, to its end or until it is killed."""
    process = Process(world, arguments, now, kill_at, environ=environ)
    return process.end(process.start())


def prepare(world: World) -> None:
    """Apply the first estate, declare the second, and keep that."""
    world.make()
    first_estate(world)
    applied = forked(world, (*APPLY, "--allow-large"), NOW)
    if applied.code:
        raise SystemExit(applied.err + applied.out)
    second_estate(world)
    world.save("before")


ROTATED = {"FLOW_SECRET_DB": "second-password"}


def undisturbed(world: World, *extra: str) -> tuple[Ended, dict[str, list[str]]]:
    """Apply the second estate as a whole: the boundaries that it passes, and what is live afterwards."""
    world.restore("before")
    ended = forked(world, (*APPLY, *extra), NOW + LEASE, **ROTATED)
    if ended.code:
        raise SystemExit(ended.err + ended.out)
    return ended, world.objects()


def killed(world: World, expected: dict[str, list[str]], kills: list[int], *extra: str) -> Iterator[str]:
    """Kill a run at a boundary, and those that follow it at others; then say what the next one did not put right."""
    world.restore("before")
    now = NOW + LEASE
    for kill in kills:
        run = forked(world, (*APPLY, *extra), now, kill, **ROTATED)
        if run.code not in (-signal.SIGKILL, 0):
            yield f"the killed run ended with {run.code}: {run.err}"
        now += LEASE
    after = forked(world, APPLY, now, None, **ROTATED)
    if after.code:
        yield f"the next apply ended with {after.code}: {after.err}{after.out}"
    yield from not_converged(world, expected, now + LEASE)


def paused(world: World, expected: dict[str, list[str]], at: int, *extra: str) -> Iterator[str]:
    """Stop a run right after one of its writes, let another take over, and let the first go on: it must not write."""
    world.restore("before")
    sleeper = Process(world, (*APPLY, *extra), NOW + LEASE, at, signal.SIGSTOP, ROTATED)
    child = sleeper.start()
    os.waitpid(child, os.WUNTRACED)
    soon = forked(world, APPLY, NOW + LEASE + 30, None, **ROTATED)
    if "the ledger is held by run" not in soon.err or soon.boundaries:
        yield f"another run at once was not held off: {soon}"
    after = forked(world, APPLY, NOW + 2 * LEASE, None, **ROTATED)
    if after.code:
        yield f"the run that took over ended with {after.code}: {after.err}{after.out}"
    os.kill(child, signal.SIGCONT)
    ended = sleeper.end(child)
    if ended.code != 1 or not any(words in ended.out + ended.err for words in GIVEN_UP):
        yield f"the run that came back ended with {ended.code}: {ended.err}{ended.out}"
    more = [what for what in ended.boundaries if is_after_write(what)][at + 1 :]
    if more:
        yield f"the run that came back did more: {more}"
    yield from not_converged(world, expected, NOW + 3 * LEASE)


def not_converged(world: World, expected: dict[str, list[str]], now: float) -> Iterator[str]:
    """Say what differs between the world and one in which nothing went wrong."""
    quiet = forked(world, ("plan", "--prune", "--detailed-exitcode"), now, None, **ROTATED)
    if quiet.code or "Orphans" in quiet.out:
        yield f"the plan afterwards ended with {quiet.code}: {quiet.err}{quiet.out}"
    found = world.objects()
    yield from (f"twice: {one}" for one in duplicates(found))
    for collection, documents in expected.items():
        if found[collection] != documents:
            yield f"{collection}: {found[collection]} instead of {documents}"


def main(folder: str, home: str, what: str, share: str) -> None:
    """Do one of three things, of which this process takes a share (``0/2``).

    ``killed``: end a run at every boundary. ``paused``: stop one after every write. A number: end so many runs, and
    those that take over from them, at boundaries of chance.
    """
    world = World(Path(folder), git=home == "git")
    prepare(world)
    one = ("--concurrency", "1")
    ended, expected = undisturbed(world, *one)
    part, parts = map(int, share.split("/"))
    found: dict[str, list[str]] = {}
    if what.isdigit():
        chance = random.Random(part)
        for _ in range(int(what) // parts):
            kills = [chance.randrange(len(ended.boundaries)) for _ in range(2)]
            found[str(kills)] = list(killed(world, expected, kills))
    else:
        boundaries = [name for name in ended.boundaries if what == "killed" or is_after_write(name)]
        for at in range(part, len(boundaries), parts):
            check = killed(world, expected, [at], *one) if what == "killed" else paused(world, expected, at, *one)
            found[f"{at} {boundaries[at]}"] = list(check)
    json.dump({"boundaries": ended.boundaries, "found": found}, sys.stdout)


def is_after_write(boundary: str) -> bool:
    """Iff the service has just been written to."""
    return boundary.startswith(("after POST", "after PATCH", "after PUT", "after DELETE"))


if __name__ == "__main__":
    main(*sys.argv[1:])
