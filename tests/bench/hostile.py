"""Does any manifest bring the tool down? Mutated ones, read as a pull request brings them.

``python tests/bench/hostile.py 100000 [seed]`` mutates the working set so often, runs ``validate`` on each and ``plan``
on every twentieth, in two processes. None may end otherwise than with 0 or 1, be called a bug, show a traceback, or
take two seconds or 300 MB. What does is written to the folder that is named, to be looked at again.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml

from reconciler.cli.main import run
from reconciler.cli.surroundings import Surroundings
from reconciler.emulator import create_app
from reconciler.emulator.inprocess import WsgiAdapter
from reconciler.model.secrets import Redactor

SET = Path(__file__).resolve().parents[2] / "manifests"
SLOWEST, LARGEST = 2.0, 300 * 1024  # seconds; kibibytes
LONGEST = 6 * 1024 * 1024  # bytes of a mutation: some grow without end, and the tool refuses from 5 MiB on
PLANNED = 20
PROCESSES = 2

SCRAPS = [
    "&a ", "*a", "<<: *a\n", "!!python/object:os.system ", "%YAML 9.9\n", "---\n", "...\n", "- ", "? ",
    ": ", "{", "}",
    "[", "]", "|\n", ">-\n", "'", '"', "\t", "\r", "\r\n", "\x00", "\x1b[31m", "\u202e", "\u200b", "\ufeff", "\u2028",
    "\x85", "\U000e0041", "#", "~", "null", "true", "1.0", "0x1F", "0o17", "1e999", "-.inf", ".nan", "10" * 200,
    "9" * 5000, "-" * 50, "[" * 200, "{a: " * 100, "- " * 100, "::error::x\n", "##[group]x", "${{ secrets.X }}",
    "{ref: Connection/x}", "{ref: Flow/}", "{valueFrom: {env: FLOW_SECRET_X}}",
    "{valueFrom: {file: ../../etc/passwd}}",
    "{valueFrom: {target: dataset}}", "{valueFrom: }", "\\ud800", '"\\uD83D"', "\\x1b", "__proto__: {}\n", "a" * 3000,
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1.5, 2**53, 2**70, 10**400, "", " ", "~", "\x00", "\ud800", "\u202e",
    "x" * 5000, [], {}, [[]],
    [None], {"": ""}, {"ref": "Connection/x"}, {"ref": 1}, {"ref": "Connection/"}, {"valueFrom": {}},
    {"valueFrom": None},
    {"valueFrom": {"env": "AEP_CLIENT_SECRET"}}, {"valueFrom": {"file": "/etc/passwd"}},
    {"valueFrom": {"target": "x"}},
    {"valueFrom": {"env": "FLOW_SECRET_X", "file": "x"}}, "/", "/a/~2", "~1", "[name=x]", "2027-02-30T25:00:00Z",
    "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00+14:00", "10" * 30, "Flow/x", "once", "*", "**" * 50, "(a+)+$",
    {"__proto__": {"x": 1}}, {"<<": {"a": 1}}, [{"name": "x"}, {"name": "x"}], {"name": {"name": {"name": 1}}},
]  # fmt: skip
KEYS = [
    "ref", "valueFrom", "env", "name", "id", "ignore", "targets", "overrides", "snooze", "protect",
    "previousName", "spec",
    "metadata", "onRemove", "auth", "params", "password", "scheduleParams", "startTime", "interval",
    "frequency", "state",
    "backfill", "transformations", "values", "sandbox", "emulator", "guards", "ledger", "settleSeconds",
    "default", "dev",
    "connectionSpec", "version", "authSpec", "properties", "format", "", "/", "~", "__proto__",
    "a\u202eb", "0", "[name=x]",
]  # fmt: skip


class Slow(BaseException):
    """Two seconds have passed; no error, or the boundary would make a message of it."""


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


def corpus() -> dict[str, bytes]:
    """Return the files of the working set by name."""
    return {str(path.relative_to(SET)): path.read_bytes() for path in sorted(SET.rglob("*.yaml"))}


def mutated(files: dict[str, bytes], seed: str) -> tuple[str, bytes]:
    """Return the name of a file and what becomes of it; the same for the same seed."""
    dice = random.Random(seed)
    name = dice.choice(sorted(files))
    mutate = dice.choice([_bytes, _scraps, _lines, _tree, _tree, _tree])
    data = mutate(dice, files[name], files)
    return (name.removesuffix("yaml") + "json" if dice.random() < 0.1 else name), data[:LONGEST]


def _bytes(dice: random.Random, data: bytes, _files: dict[str, bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 5, 50])):
        at = dice.randrange(len(changed))
        changed[at : at + dice.randrange(4)] = dice.randbytes(dice.randrange(4))
        changed = changed or bytearray(b"a")
    return bytes(changed)


def _scraps(dice: random.Random, data: bytes, _files: dict[str, bytes]) -> bytes:
    text = data.decode()
    for _ in range(dice.choice([1, 1, 2, 4])):
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(SCRAPS) + text[at + dice.randrange(8) :]
    return text.encode()


def _lines(dice: random.Random, data: bytes, files: dict[str, bytes]) -> bytes:
    lines = data.split(b"\n")
    other = files[dice.choice(sorted(files))].split(b"\n")
    for _ in range(dice.choice([1, 2, 5])):
        at, end = dice.randrange(len(lines)), dice.randrange(len(lines) + 1)
        insert = dice.choice([[], lines[at:end], other[: dice.randrange(9)], [b" " * dice.randrange(9) + lines[at]]])
        lines[at : at + dice.randrange(3)] = insert * (dice.choice([1, 1, 1, 200]) if len(lines) < 10_000 else 1)
        lines = lines or [b""]
    if dice.random() < 0.1:
        dice.shuffle(lines)
    return b"\n".join(lines)


def _tree(dice: random.Random, data: bytes, _files: dict[str, bytes]) -> bytes:
    documents = list(yaml.safe_load_all(data))
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        parents = [one for one in _containers(documents) if one]
        if not parents:
            break
        _change(dice, dice.choice(parents))
    if dice.random() < 0.5:  # JSON is YAML, and escapes everything
        return "\n---\n".join(json.dumps(document, default=str) for document in documents).encode()
    return yaml.safe_dump_all(documents, allow_unicode=True).encode("utf-8", "surrogatepass")


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


def _change(dice: random.Random, parent: Any) -> None:
    keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    key, what = dice.choice(keys), dice.randrange(6)
    value = copy.deepcopy(dice.choice(VALUES))
    if what == 0:
        del parent[key]
    elif what == 1 and isinstance(parent, dict):
        parent[dice.choice(KEYS)] = value
    elif what == 2:  # deep, or wide
        parent[key] = _nested(dice, parent[key])
    elif what == 3 and isinstance(parent, list):
        parent.extend(copy.deepcopy(parent[key]) for _ in range(dice.choice([1, 2, 300])))
    elif what == 4 and isinstance(parent, dict):
        parent[dice.choice(KEYS)] = parent.pop(key)
    else:
        parent[key] = value


def _nested(dice: random.Random, value: Any) -> Any:
    if dice.random() < 0.3:
        return {f"{dice.choice(KEYS)}{at}": value if at == 0 else at for at in range(500)}
    for _ in range(dice.choice([3, 40, 70, 120])):
        value = {dice.choice(KEYS): value} if dice.random() < 0.5 else [value]
    return value


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
    """Run a command; return how long it took, its exit code and what it wrote. Raises Slow."""
    out = io.StringIO()
    around = Surroundings(Redactor(), {"FLOW_SECRET_X": "x"}, http=bed.http)
    began = time.perf_counter()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        signal.setitimer(signal.ITIMER_REAL, SLOWEST)
        try:
            code = run(["--manifests", str(bed.folder), *command], around)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return time.perf_counter() - began, code, out.getvalue()


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
    """Let the kernel measure from here on: the mutating before it, and the runs before it, are not the tool's."""
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
    tally, before = Tally(), signal.signal(signal.SIGALRM, _ring)
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
    signal.signal(signal.SIGALRM, before)
    return tally


def main(count: int, seed: str) -> int:
    """Try so many, tell, and return the exit code."""
    began = time.perf_counter()
    total = Tally()
    # A process for each thousand: what a process keeps of those before is not what one of them takes.
    parts = [(seed, first, min(first + 1000, count), 1) for first in range(0, count, 1000)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES, maxtasksperchild=1) as pool:
        for part in pool.starmap(work, parts, chunksize=1):
            total.add(part)
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
