"""What a run tells while it runs."""

from __future__ import annotations

import io
import subprocess
import sys
import threading

from reconciler.render.console import make_console
from reconciler.render.progress import ConsoleProgress, NoProgress

ENVIRON = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}


def test_a_pipe_hears_nothing():
    """A log full of bars helps nobody."""
    stream = io.StringIO()
    with ConsoleProgress(make_console(stream, ENVIRON)) as progress:
        progress.step("applying", 1, 2, "Flow/x")
    NoProgress().step("applying", 1, 2, "Flow/x")
    assert stream.getvalue() == ""


def test_a_terminal_sees_a_bar_that_goes_away(samples):
    """Names are shown as they are, and stdout stays stdout's."""
    stream, stdout = samples.Terminal(), sys.stdout
    with ConsoleProgress(make_console(stream, ENVIRON)) as progress:
        assert sys.stdout is stdout
        progress.step("reading", 1, 2, "[bold]x[/bold] {y} \x1b[31m")
        progress.step("applying", 2, 2, "Flow/x")
        progress.step("reading", 2, 2, "[bold]x[/bold] {y} \x1b[31m")
    output = stream.getvalue()
    assert "[bold]x[/bold] {y} \\x1b[31m" in output
    assert "2/2" in output
    assert output.endswith("\x1b[2K")


def test_a_dumb_terminal_hears_nothing(samples):
    """It cannot take a bar away again."""
    stream = samples.Terminal()
    with ConsoleProgress(make_console(stream, {"TERM": "dumb"})) as progress:
        progress.step("reading", 1, 2, "x")
    assert stream.getvalue() == ""


def test_steps_come_from_several_threads_and_in_any_order(samples):
    """A bar never goes back, and a step after the end is nothing."""
    with ConsoleProgress(make_console(samples.Terminal(), ENVIRON)) as progress:
        threads = [threading.Thread(target=progress.step, args=("applying", at, 20, "x")) for at in range(20, 0, -1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert progress._bars.tasks[0].completed == 20
    progress.step("applying", 1, 20, "late")


def test_starting_up_imports_neither_rich_nor_deepdiff():
    """They take longer to import than everything else together."""
    script = """
import sys
import reconciler.render.text, reconciler.render.markdown, reconciler.render.console, reconciler.render.progress
import reconciler.render.json, reconciler.render.sink
print(sorted({"rich", "deepdiff"} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
