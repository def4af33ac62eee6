"""Does any secret get out? Fifty canaries a world, all commands in all formats, and whatever may go wrong with a call.

``python tests/bench/canaries.py 1000 [seed]`` lets so many commands run, twenty in each world, in two processes, under
faults by chance. What was printed, every file that was written, every object of git and every command line of a child
are searched for the canaries as they are and in base64. It ends with 1 if one was found, or if a command crashed.
"""

from __future__ import annotations

import functools
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.canaries import Leak, world
from support.canary_days import day

COMMANDS = 20
PROCESSES = 2


def play(seed: str) -> tuple[str, int, list[Leak], list[str]]:
    """Play one world; return its seed, how many commands ran, what leaked and what crashed."""
    with tempfile.TemporaryDirectory() as folder, world(Path(folder) / "w", seed) as made:
        day(made, COMMANDS)
    return seed, made.runs, made.leaks, made.crashes


def main() -> int:
    """Play as many worlds as it takes, and tell what was found."""
    wanted, seed = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "0"
    seeds = [f"{seed}-{number}" for number in range(-(-wanted // COMMANDS))]
    begun, runs, bad = time.monotonic(), 0, 0
    tell = functools.partial(print, flush=True)
    with multiprocessing.Pool(PROCESSES) as pool:
        for name, count, leaks, crashes in pool.imap_unordered(play, seeds):
            runs += count
            bad += len(leaks) + len(crashes)
            for role, number in Counter((leak.role, leak.where) for leak in leaks).items():
                tell(f"world {name}: {number} times {role[0]} in {role[1]}")
            for leak in leaks[:3]:
                tell(f"  … {leak.around!r}")
            for crash in crashes:
                tell(f"world {name}: crashed: {crash}")
    tell(f"{runs} commands in {len(seeds)} worlds, {time.monotonic() - begun:.0f} s: {bad} canaries found or crashes")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
