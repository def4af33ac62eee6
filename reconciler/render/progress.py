"""What a run tells while it runs: a bar on a terminal that leaves nothing behind, silence in a pipe."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from reconciler.render.inert import inert, width

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console
    from rich.progress import Progress, TaskID

_BAR: Final = 20
_LEAST: Final = 8
"""A name of which fewer columns are left says nothing."""


class ConsoleProgress:
    """One bar a stage, on the console of stderr; ``_bars`` is None iff nothing is shown.

    Thread-safe: applies step from several threads.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._open = False
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._stages: dict[str, tuple[int, int, str]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        with self._lock:
            self._open = self._console.is_terminal and self._console.is_interactive
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._open = False
            self._clear()

    def step(self, stage: str, done: int, total: int, what: str) -> None:
        """Show that ``done`` of ``total`` of a stage are over; ``what`` names the last one."""
        with self._lock:
            # Steps of several threads may arrive out of order: a bar never goes back.
            reached = max(done, self._stages[stage][0]) if stage in self._stages else done
            self._stages[stage] = reached, total, inert(what)
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
        done, total, what = self._stages[stage]
        if stage not in self._tasks:
            self._tasks[stage] = bars.add_task(inert(stage), total=total, what="")
        bars.update(self._tasks[stage], completed=done, total=total, what=_ellipsized(what, self._room()))

    def _room(self) -> int:
        """Return how many columns a name may take: a bar of two lines could not be taken away again."""
        stages = max(width(inert(stage)) for stage in self._stages)
        counts = max(2 * len(str(total)) for _, total, _ in self._stages.values()) + 1
        return self._console.width - stages - _BAR - counts - 4


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
