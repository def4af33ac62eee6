"""The one boundary: every end becomes an exit code and at most one message."""

from __future__ import annotations

import gc
import io
import os
import runpy
import sys

import click
import pytest

from reconciler.cli.main import main
from reconciler.model.errors import ReconcilerError
from reconciler.model.secrets import Redactor
from reconciler.render.sink import RedactingStream


def raising(error):
    def body(**_):
        raise error

    return body


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["--nonsense"],
        ["plan", "--nonsense"],
        ["plan", "more"],
        ["plan", "--format", "yaml"],
        ["plan", "--only", "Flow"],
        ["plan", "--only", "Flow/UPPER"],
        ["apply", "--concurrency", "0"],
        ["emulate", "--port", "65536"],
    ],
)
def test_a_usage_error_is_1(call, arguments):
    """Click's own code would be 2, which means changes here."""
    ran = call(*arguments)
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("Usage: reconciler")


@pytest.mark.parametrize("option", ["--target", "--manifests"])
def test_an_option_that_stands_too_late(call, option):
    """It is told where it belongs, and no other option is proposed for it."""
    ran = call("plan", option, "prod")
    assert ran.code == 1
    assert f"{option} stands before the command: reconciler {option} VALUE plan" in ran.err
    assert "Did you mean" not in ran.err


def test_a_usage_error_does_nothing_to_the_terminal(call):
    """What was typed or pasted is shown, and no control character of it is sent."""
    ran = call("plan", "\x1b]0;title\x07")
    assert "\\x1b]0;title\\x07" in ran.err
    assert "\x1b" not in ran.err


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_130(call, command, interruption):
    """As a shell says it for a program that Ctrl-C has ended."""
    command(raising(interruption))
    ran = call("targets")
    assert (ran.code, ran.out, ran.err) == (130, "", "interrupted\n")


def test_an_interruption_in_disguise_is_130(call, command):
    """Ctrl-C that hits a lock of threading leaves it as a RuntimeError: that is no bug of ours."""

    def body(**_):
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("release unlocked lock")

    command(body)
    assert (ran := call("targets")).code == 130
    assert ran.err == "interrupted\n"


def test_an_expected_error_is_one_message(call, command):
    """Its lines stay lines; nothing in them acts on the terminal."""
    command(raising(ReconcilerError("this is wrong:\n  a.yaml:1: \x1b[31mred")))
    ran = call("targets")
    assert (ran.code, ran.out, ran.err) == (1, "", "error: this is wrong:\n  a.yaml:1: \\x1b[31mred\n")


def test_an_unexpected_error_is_a_bug(call, command):
    """One line without a traceback, and without the secret that is in it."""
    redactor = Redactor()
    redactor.learn("sesame")  # a word that a text of ours may hold; what a bug says may be anybody's
    command(raising(ValueError("it is sesame")))
    ran = call("targets", redactor=redactor)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "bug: ValueError: it is •••. Please report it\n"


def test_an_answer_of_the_machine_is_no_bug(call, command):
    """A full disk, a folder that is somebody else's."""
    command(raising(PermissionError(13, "Permission denied", ".reconciler/dev/.lock")))
    ran = call("targets")
    assert (ran.code, ran.err) == (1, "error: [Errno 13] Permission denied: '.reconciler/dev/.lock'\n")


def test_debugging_shows_where_the_bug_is(call, command):
    """``RECONCILER_DEBUG`` shows where, after the message, and by way of the redacted stream."""
    redactor = Redactor()
    redactor.learn("hunter")
    command(raising(ValueError("here is hunter")))
    shown = call("targets", environ={"RECONCILER_DEBUG": "1"}, redactor=redactor).err
    assert shown.startswith("bug: ValueError: here is •••. Please report it\nTraceback")
    assert shown.endswith("ValueError: here is •••\n\n")


def test_streams_are_restored(call, command):
    """Whatever happened in between; while it runs, they are redacted."""
    seen = []
    command(lambda **_: seen.append((sys.stdout, sys.stderr)))
    before = sys.stdout, sys.stderr
    for body in (None, raising(ValueError()), raising(KeyboardInterrupt()), raising(BrokenPipeError())):
        if body:
            command(body)
        call("targets")
        assert (sys.stdout, sys.stderr) == before
    assert {type(stream).__name__ for stream in seen[0]} == {"RedactingStream"}


def test_what_a_command_returns_is_the_code(call, command):
    """An integer is one; anything else is done."""
    for returned, code in ((2, 2), (0, 0), (None, 0), ("text", 0)):
        command(lambda _returned=returned, **_: _returned)
        assert call("targets").code == code


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_reader_that_has_gone(call, command, monkeypatch, name):
    """It is no bug; and what is still in the stream makes no noise when Python closes it."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, name, stream)
        command(lambda **_: click.echo("x" * 100_000, err=name == "stderr"))
        ran = call("targets")
        stream.write("the rest")
    assert (ran.code, ran.err) == (1, "")


def test_streams_that_were_closed_before(call, command, monkeypatch):
    """``>&-`` leaves None in their place: what goes there is nobody's."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    command(lambda **_: click.echo("heard by nobody"))
    assert call("targets").code == 0
    command(raising(BrokenPipeError()))
    assert call("targets").code == 1


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environ", "message"),
    [({}, "\x1b[31m\x1b[1merror:\x1b[0m wrong\n"), ({"NO_COLOR": "1"}, "error: wrong\n")],
)
def test_colour_on_a_terminal(call, command, monkeypatch, environ, message):
    """The word alone is red there, unless colours are not wanted."""
    command(raising(ReconcilerError("wrong")))
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert call("targets", environ=environ).code == 1
    assert terminal.getvalue() == message


def test_main_exits_with_the_code(monkeypatch, capsys):
    """The console script's function, on this process's arguments and environment."""
    with pytest.raises(SystemExit) as end:
        main(["nonsense"])
    assert end.value.code == 1
    monkeypatch.setattr(sys, "argv", ["reconciler", "--version"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert capsys.readouterr().out == "reconciler, version 0.1.0\n"


def test_it_runs_as_a_module(monkeypatch, capsys):
    """``python -m reconciler`` is the same program."""
    monkeypatch.setattr(sys, "argv", ["reconciler", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("reconciler", run_name="__main__")
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("reconciler, version ")


def test_ctrl_c_while_it_is_loaded(monkeypatch, capsys):
    """A person who is quick sees no traceback either."""

    class Impatient:
        """A finder of modules in whose work Ctrl-C falls."""

        def find_spec(self, name, *_rest):
            if name == "reconciler.cli.main":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "reconciler.cli.main")
    monkeypatch.setattr(sys, "meta_path", [Impatient(), *sys.meta_path])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("reconciler", run_name="__main__")
    assert end.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_run_leaves_nothing_behind(call):
    """Neither the streams of runs that are over nor the secrets that they know: a process may make many."""

    def streams():
        gc.collect()
        return sum(isinstance(one, RedactingStream) for one in gc.get_objects())

    before = streams()
    for arguments in (["--help"], ["targets"], ["nonsense"]):
        call(*arguments)
    assert streams() == before
