"""What a run tells while it runs: a bar on a terminal that leaves nothing behind, silence in a pipe."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from reconciler.render.inert import inert, width

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console
    from rich.progress import Progress, TaskID

_BAR: Final = 20
_LEAST: Final = 8
"""A name of which fewer columns are left says nothing."""

_SOON: Final = 1.0
"""Seconds after which a rate says something."""

_MANY: Final = 10
"""A rate that is as high needs no digits behind the point."""


@dataclass(slots=True)
class _Stage:
    """How far a stage is, and since when it goes on; ``count`` are the things that its rate is of."""

    began: float
    done: int
    total: int
    what: str
    count: int

    def rate(self, now: float) -> str:
        """Return how many and how fast: ``1,240 at 310/s``; nothing where the bar says it already."""
        seconds = now - self.began
        many = f"{self.count:,}" if self.count != self.done else ""
        if seconds < _SOON or not self.count:
            return many
        each = self.count / seconds
        return f"{many} at {each:,.0f}/s".strip() if each >= _MANY else f"{many} at {each:.1f}/s".strip()


class ConsoleProgress:
    """One bar a stage, on the console of stderr; ``_bars`` is None iff nothing is shown.

    Thread-safe: applies step from several threads. ``clock`` gives seconds from any beginning.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._open = False
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._stages: dict[str, _Stage] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        with self._lock:
            self._open = self._console.is_terminal and self._console.is_interactive
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._open = False
            self._clear()

    def step(self, stage: str, done: int, total: int, what: str, count: int | None = None) -> None:
        """Show that ``done`` of ``total`` of a stage are over; ``what`` names the last one.

        ``count`` is how many things that were, where it is another number than ``done``.
        """
        count = done if count is None else count
        with self._lock:
            known = self._stages.setdefault(stage, _Stage(self._clock(), done, total, "", count))
            # Steps of several threads may arrive out of order: a bar never goes back.
            known.done, known.count = max(done, known.done), max(count, known.count)
            known.total, known.what = total, inert(what)
            if self._bars is not None:
                self._draw(self._bars, stage)
            else:
                self._show()

    def _show(self) -> None:
        """Start to draw what there is to tell: new bars each time, since old ones would go back to where they were."""
        if not self._open:
            return
        self._bars = _bars(self._console)
        for stage in self._stages:
            self._draw(self._bars, stage)
        self._bars.start()

    def _clear(self) -> None:
        bars, self._bars = self._bars, None
        self._tasks.clear()
        if bars is not None:
            bars.stop()

    def _draw(self, bars: Progress, stage: str) -> None:
        known = self._stages[stage]
        rate = known.rate(self._clock())
        if stage not in self._tasks:
            self._tasks[stage] = bars.add_task(inert(stage), total=known.total, what="")
        told = "  ".join(filter(None, [rate, _ellipsized(known.what, self._room() - len(rate))]))
        bars.update(self._tasks[stage], completed=known.done, total=known.total, what=told)

    def _room(self) -> int:
        """Return how many columns a name may take: a bar of two lines could not be taken away again."""
        stages = max(width(inert(stage)) for stage in self._stages)
        counts = max(2 * len(str(stage.total)) for stage in self._stages.values()) + 1
        return self._console.width - stages - _BAR - counts - 5


def _ellipsized(text: str, room: int) -> str:
    if width(text) <= room:
        return text
    if room < _LEAST:
        return ""
    while width(text) >= room:
        text = text[:-1]
    return f"{text}…"


def _bars(console: Console) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 - see above

    # Nothing is redirected: results on stdout must not end up on stderr because a bar is drawn there.
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(_BAR),
        MofNCompleteColumn(),
        TextColumn("{task.fields[what]}", markup=False, style="dim"),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
