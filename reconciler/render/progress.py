"""What a run tells while it runs: a bar on a terminal that leaves nothing behind, silence in a pipe."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reconciler.render.inert import inert

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console
    from rich.progress import Progress, TaskID


class NoProgress:
    """Tells nobody."""

    def step(self, stage: str, done: int, total: int, what: str) -> None:
        """Do nothing."""


class ConsoleProgress:
    """One bar a stage, on the console of stderr; ``_bars`` is None iff nothing is shown.

    Thread-safe: applies step from several threads.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._bars = _bars(self._console)
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            bars, self._bars = self._bars, None
        if bars is not None:
            bars.stop()

    def step(self, stage: str, done: int, total: int, what: str) -> None:
        """Show that ``done`` of ``total`` of a stage are over; ``what`` names the last one."""
        with self._lock:
            if self._bars is None:
                return
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(inert(stage), total=total, what="")
            # Steps of several threads may arrive out of order: a bar never goes back.
            reached = max(done, int(self._bars.tasks[self._position(stage)].completed))
            self._bars.update(self._tasks[stage], completed=reached, total=total, what=inert(what))

    def _position(self, stage: str) -> int:
        return list(self._tasks).index(stage)


def _bars(console: Console) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 - see above

    # Nothing is redirected: results on stdout must not end up on stderr because a bar is drawn there.
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[what]}", markup=False, style="dim"),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
