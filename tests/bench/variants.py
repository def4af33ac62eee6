"""The whole scenario suite under every variant of the emulator, and under every pair of them.

``python tests/bench/variants.py pairs`` runs the rows of a covering array: each row sets all switches at once, and any
two values of any two switches stand together in at least one row. ``singles`` runs each variant alone and tells which
one a failure belongs to; ``row 3`` runs one row. Further words go to pytest.
"""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

from allpairspy import AllPairs

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support.variants import VARIANTS  # noqa: E402 - the tests are no package

SLOW = "tests/scenarios/test_converges.py::test_every_estate_converges_and_so_does_every_edit"


def switches() -> list[list[str]]:
    """Return the variants by what they change, each list beginning with the default, which has no name."""
    by_fields = sorted(VARIANTS, key=lambda name: (sorted(VARIANTS[name]), name))
    return [["", *group] for _, group in groupby(by_fields, key=lambda name: sorted(VARIANTS[name]))]


def rows() -> list[str]:
    """Return the rows of the covering array, as comma lists."""
    return [",".join(filter(None, row)) for row in AllPairs(switches())]


def check(names: list[str], options: list[str]) -> int:
    """Run the scenarios once for each comma list; return how many runs failed."""
    failed = 0
    for number, variant in enumerate(names):
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--variant={variant}", "--deselect", SLOW]
        command += options or ["tests/scenarios"]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        lines = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        end = ran.stdout.strip().rpartition("\n")[2]
        tell("\n  ".join([f"{number} {variant or 'default'}: {end} ({time.monotonic() - started:.0f} s)", *lines]))
        failed += ran.returncode != 0
    return failed


def tell(text: str) -> None:
    """Say it now: a run takes minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(what: str = "pairs", *options: str) -> int:
    """Run what was asked for."""
    if what == "row":
        number, *rest = options
        return check([rows()[int(number)]], rest)
    names = rows() if what == "pairs" else sorted(VARIANTS)
    tell(f"{len(names)} runs over {len(VARIANTS)} variants of {len(switches())} switches")
    failed = check(names, list(options))
    tell(f"{len(names) - failed} of {len(names)} runs passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
