"""What a run tells while it runs."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import sys
import termios
import threading

from reconciler.render.console import make_console
from reconciler.render.progress import ConsoleProgress

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ENVIRON = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}


def test_a_pipe_hears_nothing():
    """A log full of bars helps nobody."""
    stream = io.StringIO()
    with ConsoleProgress(make_console(stream, ENVIRON)) as progress:
        progress.step("applying", 1, 2, "Flow/x")
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


def test_how_many_and_how_fast(samples):
    """Things that are counted otherwise than the bar are told at once, a rate after a second; a bar never goes back."""
    stream, now = samples.Terminal(), [100.0]
    with ConsoleProgress(make_console(stream, ENVIRON), lambda: now[0]) as progress:
        progress.step("reading", 0, 3, "flows", 0)
        progress.step("reading", 0, 3, "flows", 100)
        now[0] += 4
        progress.step("reading", 1, 3, "connections", 1240)
        progress.step("applying", 1, 500, "Flow/a")
        now[0] += 2
        progress.step("applying", 5, 500, "Flow/b")
        progress.step("applying", 4, 500, "Flow/c")
    shown = ANSI.sub("", stream.getvalue())
    assert re.search(r"reading .* 1/3 +1,240 at 310/s +connections", shown)
    assert re.search(r"applying .* 5/500 +at 2\.5/s +Flow/c", shown)
    assert "4/500" not in shown


def test_a_long_name_is_ellipsized_so_that_a_bar_is_one_line(samples):
    """What is wrapped could not be taken away again; where there is no room at all, the bar says enough."""
    for columns, expected in (("80", "Connection/nnn"), ("36", "1/2")):
        stream = samples.Terminal()
        with ConsoleProgress(make_console(stream, ENVIRON | {"COLUMNS": columns})) as progress:
            progress.step("applying", 1, 2, f"Connection/{'n' * 99}")
        lines = ANSI.sub("", stream.getvalue()).replace("\r", "\n").splitlines()
        assert any(expected in line for line in lines)
        assert max(map(len, lines)) <= int(columns)
        assert ("…" in stream.getvalue()) is (columns == "80")


def test_what_is_told_before_there_is_anything_to_tell_leaves_no_trace(samples):
    """Not even an empty line."""
    stream = samples.Terminal()
    with ConsoleProgress(make_console(stream, ENVIRON)):
        pass
    assert stream.getvalue() == ""


ASKING = """
import os, sys
from reconciler.render.console import make_console
from reconciler.render.progress import ConsoleProgress
with ConsoleProgress(make_console(sys.stderr, os.environ)) as progress:
    progress.step("reading", 1, 9, "Flow/before")
sys.stderr.write("Apply? [y/N] ")
sys.stderr.flush()
sys.stdin.readline()
with ConsoleProgress(make_console(sys.stderr, os.environ)) as progress:
    progress.step("applying", 9, 9, "Flow/after")
print("Plan for prod")
"""


def read_until(terminal, mark, seconds):
    """Return what a terminal shows until it shows a mark, or nothing more for a while, or ends."""
    shown = b""
    while mark not in shown and select.select([terminal], [], [], seconds)[0]:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not more:
            break
        shown += more
    return shown.decode()


def test_a_question_stands_alone_until_it_is_answered():
    """No bar is drawn over it, whatever goes on meanwhile; and the last bar is gone before a result is printed."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 80))
    environ = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "NO_COLOR": "1"}
    with subprocess.Popen([sys.executable, "-c", ASKING], stdin=theirs, stdout=theirs, stderr=theirs, env=environ):
        os.close(theirs)
        before = read_until(ours, b"[y/N] ", 20)
        assert before.endswith("\x1b[2KApply? [y/N] ")
        assert "Flow/before" in before
        assert "Flow/during" not in before
        assert read_until(ours, b"never", 0.5) == ""
        os.write(ours, b"y\n")
        after = read_until(ours, b"Plan for prod\r\n", 20)
    os.close(ours)
    assert after.startswith("y\r\n")
    assert "9/9 Flow/after" in after
    assert after.endswith("\x1b[2KPlan for prod\r\n")


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
