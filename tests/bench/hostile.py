"""Does any manifest bring the tool down? Mutated ones, read as a pull request brings them.

``python tests/bench/hostile.py 100000 [seed]`` mutates the working set so often, runs ``validate`` on each and ``plan``
on every twentieth, in two processes. None may end otherwise than with 0 or 1, be called a bug, show a traceback, or
take 300 MB or two seconds (of the processor, so that what else the machine does counts for nothing). What does is
written to the folder that is named, to be looked at again.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import resource
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as a script it is in no package

from bench.mutations import corpus, mutated

from reconciler.cli.main import run
from reconciler.cli.surroundings import Surroundings
from reconciler.emulator import create_app
from reconciler.emulator.inprocess import WsgiAdapter
from reconciler.model.secrets import Redactor

SLOWEST, LARGEST = 2.0, 300 * 1024  # seconds; kibibytes
HANGS = 60.0  # seconds by the clock: whoever waits uses no processor
PART = 1000
PLANNED = 20
PROCESSES = 2


class Slow(BaseException):
    """Its time is over; no error, or the boundary would make a message of it."""


@dataclass(slots=True)
class Tally:
    """What came of some manifests; ``failures`` holds what was wrong with each, and its file."""

    runs: int = 0
    codes: dict[int, int] = field(default_factory=dict)
    slowest: float = 0.0
    memory: int = 0
    failures: list[tuple[str, str, bytes]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what another process found."""
        self.runs += other.runs
        self.slowest, self.memory = max(self.slowest, other.slowest), max(self.memory, other.memory)
        self.failures += other.failures
        for code, count in other.codes.items():
            self.codes[code] = self.codes.get(code, 0) + count


@dataclass(slots=True)
class Bed:
    """One process's folder, service and clockwork."""

    folder: Path
    files: dict[str, bytes]
    http: requests.Session

    def lay(self) -> None:
        """Write the working set."""
        for name, data in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def put(self, name: str, data: bytes | None) -> None:
        """Let one file be so; None is as it was."""
        original = name if name in self.files else name.removesuffix("json") + "yaml"
        (self.folder / original).unlink(missing_ok=True)
        (self.folder / name).unlink(missing_ok=True)
        path = self.folder / (original if data is None else name)
        path.write_bytes(self.files[original] if data is None else data)


def tried(bed: Bed, *command: str) -> tuple[float, int, str]:
    """Run a command; return how long the processor was at it, its exit code and what it wrote. Raises Slow."""
    out = io.StringIO()
    around = Surroundings(Redactor(), {"FLOW_SECRET_X": "x"}, http=bed.http)
    began = time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        signal.setitimer(signal.ITIMER_PROF, SLOWEST)
        signal.setitimer(signal.ITIMER_REAL, HANGS)
        try:
            code = run(["--manifests", str(bed.folder), *command], around)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
    return time.process_time() - began, code, out.getvalue()


def wrong(bed: Bed, command: tuple[str, ...], tally: Tally) -> str | None:
    """Run a command and count it; return what is wrong with how it went."""
    _forget_peak()
    try:
        took, code, text = _patiently(bed, *command)
    except Slow:
        return "slow, twice"
    except BaseException as error:  # noqa: BLE001 - whatever passes the boundary is what is looked for
        return f"{type(error).__name__}: {error}"
    peak = _peak()
    tally.runs += 1
    tally.codes[code] = tally.codes.get(code, 0) + 1
    tally.slowest, tally.memory = max(tally.slowest, took), max(tally.memory, peak)
    if code not in (0, 1) or "bug:" in text or "Traceback" in text:
        return f"code {code}: {text[:500]}"
    return f"{peak // 1024} MB" if peak > LARGEST else None


def _patiently(bed: Bed, *command: str) -> tuple[float, int, str]:
    """Try once more what was slow: the machine may have been busy. Raises Slow."""
    try:
        return tried(bed, *command)
    except Slow:
        return tried(bed, *command)


def _forget_peak() -> None:
    """Let the kernel measure from here on: the mutating before it is not the tool's."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Return the most memory that this process has held since then, in kibibytes; where there is no /proc, ever."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _ring(_signal: int, _frame: object) -> None:
    raise Slow


def work(seed: str, first: int, count: int, step: int) -> Tally:
    """Try every so-manieth manifest; called in a process of its own, or in a test's main thread."""
    tally, before = Tally(), {one: signal.signal(one, _ring) for one in (signal.SIGALRM, signal.SIGPROF)}
    app = create_app(":memory:")
    with tempfile.TemporaryDirectory() as folder, requests.Session() as http:
        http.mount("http://", WsgiAdapter(app))
        bed = Bed(Path(folder) / "manifests", corpus(), http)
        bed.lay()
        for at in range(first, count, step):
            name, data = mutated(bed.files, f"{seed}:{at}")
            bed.put(name, data)
            for command in (("validate",), *([("--target", "local", "plan")] if at % PLANNED == 0 else [])):
                if problem := wrong(bed, command, tally):
                    tally.failures.append((f"{command[-1]} of {seed}:{at}: {problem}", name, data))
            bed.put(name, None)
            app.requests.clear()
    app.store.close()
    for one, handler in before.items():
        signal.signal(one, handler)
    return tally


def _work(part: tuple[str, int, int, int]) -> Tally:
    return work(*part)


def main(count: int, seed: str) -> int:
    """Try so many, tell, and return the exit code."""
    began = time.perf_counter()
    total = Tally()
    # In two processes that live to the end: what a run leaves behind would be seen, too.
    parts = [(seed, first, min(first + PART, count), 1) for first in range(0, count, PART)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        for part in pool.imap_unordered(_work, parts):
            total.add(part)
            print(f"{total.runs} runs, {len(total.failures)} failures", file=sys.stderr)  # noqa: T201 - it is a script
    kept = Path(tempfile.mkdtemp(prefix="hostile-")) if total.failures else None
    for at, (problem, name, data) in enumerate(total.failures):
        path = kept / f"{at}-{Path(name).name}"  # type: ignore[operator]  # there is one iff there are failures
        path.write_bytes(data)
        print(f"{path}: {problem}")  # noqa: T201 - it is a script
    codes = ", ".join(f"{times} ended with {code}" for code, times in sorted(total.codes.items()))
    print(  # noqa: T201 - it is a script
        f"{count} manifests, {total.runs} runs: {codes}; slowest {total.slowest:.2f} s, at most "
        f"{total.memory // 1024} MB, {len(total.failures)} failures; {time.perf_counter() - began:.0f} s"
    )
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500, sys.argv[2] if len(sys.argv) > 2 else "1"))
