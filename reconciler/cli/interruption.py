"""Ctrl-C and being told to end, while something is written: noted, and acted on where nothing is left half done."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noted() -> Iterator[Callable[[], bool]]:
    """Yield whether the process was told to end since; told a second time, it ends at once (KeyboardInterrupt).

    An exception out of nowhere could hit the moment between a write and its note in the ledger, and one that hits a
    lock of ``threading`` leaves it as a RuntimeError. So the first signal only is remembered.
    """
    told: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if told:
            signal.default_int_handler(number, frame)
        told.append(number)

    usual = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
