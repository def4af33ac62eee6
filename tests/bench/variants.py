"""The scenario suite under every variant of the emulator, and under every pair of them.

``python tests/bench/variants.py pairs`` runs the rows of a covering array: each row sets all switches at once, and any
two values of any two switches stand together in at least one row. ``singles`` runs each variant alone, or those that
are named (``singles gets_lag lists_lag``); ``row 3 7`` runs some rows; ``rows`` shows them. With ``--shares 4`` a test
of many inputs (words, troubles, hosts) plays a quarter of them in each run, and each of them in every fourth. What
pytest is to run besides, or how, stands behind ``--``; without paths there, all scenarios but those of ``LEFT_OUT``.

Each run of a clean checkout is remembered with its commit in ``build/variants.jsonl``. So what was broken off goes on
where it was; ``--again`` runs everything anew. At the end every failed test stands with the variants that it failed
under, and with those among them that it never passed under: the suspects.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from allpairspy import AllPairs

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support.variants import VARIANTS  # noqa: E402 - the tests are no package

LEFT_OUT = [
    # a property of minutes, whose neighbours play the same
    "--deselect=tests/scenarios/test_converges.py::test_every_estate_converges_and_so_does_every_edit",
    # every variant in turn already
    "--ignore=tests/scenarios/test_variants.py",
    # no Flow Service, or one in a process of its own that no variant reaches
    "--ignore=tests/scenarios/test_html_browser.py",
    "--ignore=tests/scenarios/test_workflows.py",
    "--ignore=tests/scenarios/test_workflows_run.py",
]
MEMORY = Path("/dev/shm")
RESULTS = ROOT / "build" / "variants.jsonl"
MANY = 8  # suspects: too many to be told by name
PASSED, FAILED, NO_TESTS = 0, 1, 5  # pytest's exit codes that say how tests ended


@dataclass(frozen=True)
class Ran:
    """One run of the scenarios: ``variant`` is a comma list, ``end`` pytest's last line or why it broke off."""

    commit: str
    variant: str
    options: list[str]
    finished: bool
    failed: list[str]
    end: str
    seconds: int


def switches() -> list[list[str]]:
    """Return the variants by what they change, each list beginning with the default, which has no name.

    The longest list comes first: the covering array then has a quarter fewer rows than in any other order tried.
    """
    by_fields = sorted(VARIANTS, key=lambda name: (sorted(VARIANTS[name]), name))
    groups = [["", *group] for _, group in groupby(by_fields, key=lambda name: sorted(VARIANTS[name]))]
    return sorted(groups, key=len, reverse=True)


def rows() -> list[str]:
    """Return the rows of the covering array, as comma lists."""
    return [",".join(filter(None, row)) for row in AllPairs(switches())]


def commit() -> str:
    """Return what the checkout holds: its commit, and a mark where it was changed since."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def remembered() -> Iterator[Ran]:
    """Yield the runs that came to their end."""
    lines = RESULTS.read_text("utf-8").splitlines() if RESULTS.exists() else []
    yield from (Ran(**json.loads(line)) for line in lines)


def dealt(names: list[str], options: list[str], shares: int) -> list[tuple[str, list[str]]]:
    """Return each comma list with its options: of tests with many inputs, each run takes another share."""
    return [
        (name, [*([f"--share={number % shares + 1}/{shares}"] if shares > 1 else []), *options])
        for number, name in enumerate(names)
    ]


def run(variant: str, options: list[str], workers: int, timeout: float) -> Ran:
    """Run the scenarios once."""
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--dist", "worksteal"]
    command += ["-p", "no:cacheprovider", f"--variant={variant}", *LEFT_OUT, *options]
    command += [] if any(option.startswith("tests/") for option in options) else ["tests/scenarios"]
    try:
        with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:  # files cost a third of the time
            command.append(f"--basetemp={place}/scenarios")
            ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired:
        end = f"broken off after {timeout:.0f} s"
        return Ran(commit(), variant, options, finished=False, failed=[], end=end, seconds=int(timeout))
    lines = ran.stdout.splitlines()
    failed = [line.split(" - ")[0].split(" ", 1)[1] for line in lines if line.startswith(("FAILED ", "ERROR "))]
    end = lines[-1] if lines else ran.stderr.strip().rpartition("\n")[2]
    finished = ran.returncode in (PASSED, FAILED, NO_TESTS)
    return Ran(commit(), variant, options, finished, failed, end, int(time.monotonic() - started))


def check(runs: list[tuple[str, list[str]]], workers: int, timeout: float, *, again: bool) -> list[Ran]:
    """Run the scenarios once for each comma list and its options, but for those that ran at this commit already."""
    before = {} if again else {(one.commit, one.variant, *one.options): one for one in remembered()}
    done: list[Ran] = []
    RESULTS.parent.mkdir(exist_ok=True)
    for number, (variant, options) in enumerate(runs):
        known = before.get((commit(), variant, *options))
        ran = known or run(variant, options, workers, timeout)
        if ran.finished and not known and not ran.commit.endswith("-dirty"):
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(ran)) + "\n")
        mark = "as before: " if known else "" if ran.finished else "NOT FINISHED: "
        tell("\n    ".join([f"{number} {variant or 'default'}: {mark}{ran.end} ({ran.seconds} s)", *ran.failed]))
        done.append(ran)
    return done


def summary(done: Iterable[Ran]) -> Iterator[str]:
    """Say of every failed test under which variants it failed, and which of those it never passed under."""
    finished = [ran for ran in done if ran.finished]
    failed_in: dict[str, list[Ran]] = defaultdict(list)
    for ran in finished:
        for test in ran.failed:
            failed_in[test].append(ran)
    for test, failures in sorted(failed_in.items()):
        alike = [ran for ran in finished if any(ran.options == failed.options for failed in failures)]
        passed = [set(ran.variant.split(",")) for ran in alike if ran not in failures]
        common = set[str].intersection(*(set(ran.variant.split(",")) for ran in failures))
        suspects = sorted(name for name in common - set[str]().union(*passed) if name)
        told = f"{len(suspects)} variants" if len(suspects) > MANY else ", ".join(suspects) or "a pair"
        yield f"{test}\n    failed in {len(failures)} of {len(finished)}; suspects: {told}"


def tell(text: str) -> None:
    """Say it now: a run takes minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run what was asked for; 1 if a run failed or did not come to its end."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("what", choices=["pairs", "singles", "row", "rows"])
    parser.add_argument("names", nargs="*", help="variants, or numbers of rows; all without any")
    parser.add_argument("--workers", type=int, default=2, help="of pytest")
    parser.add_argument("--timeout", type=float, default=7200, help="seconds for one run")
    parser.add_argument("--shares", type=int, default=1, help="play the inputs of a test in turn, in so many runs")
    parser.add_argument("--again", action="store_true", help="also what ran at this commit already")
    asked = parser.parse_intermixed_args(arguments[:at])
    if asked.what == "rows":
        tell("\n".join(f"{number} {row or 'default'}" for number, row in enumerate(rows())))
        return 0
    names = asked.names or sorted(VARIANTS) if asked.what == "singles" else rows()
    runs = dealt(names, arguments[at + 1 :], asked.shares)
    if asked.what == "row":
        runs = [runs[int(number)] for number in asked.names]
    tell(f"{len(runs)} runs over {len(VARIANTS)} variants of {len(switches())} switches, at {commit()}")
    done = check(runs, asked.workers, asked.timeout, again=asked.again)
    tell("\n".join(summary(done)))
    good = sum(ran.finished and not ran.failed for ran in done)
    tell(f"{good} of {len(done)} runs passed")
    return 0 if good == len(done) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
