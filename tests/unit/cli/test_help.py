"""What the command line says of itself."""

from __future__ import annotations

import importlib
import subprocess
import sys
from keyword import iskeyword

import click
import pytest

from reconciler.cli.main import _COMMANDS


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_the_commands(call, option):
    """All of them, in the order in which they are met."""
    ran = call(option)
    assert (ran.code, ran.err) == (0, "")
    listed = ran.out[ran.out.index("Commands:") :].splitlines()[1:]
    assert [line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "] == list(_COMMANDS)


def test_the_list_says_what_the_commands_say():
    """It is written out so that nothing is imported for it, and must stay the first line of each help."""
    for name, text in _COMMANDS.items():
        command = importlib.import_module(f"reconciler.cli.{name}{'_' * iskeyword(name)}").command
        assert command.help.replace("\n", " ").startswith(text)


def test_version(call):
    """Name and version, as they are on PyPI."""
    assert call("--version").out == "reconciler, version 0.1.0\n"


@pytest.mark.parametrize("name", ["", *_COMMANDS])
def test_every_help_has_an_example(call, name):
    """Of the command itself."""
    ran = call(*filter(None, [name, "--help"]))
    assert ran.code == 0
    example = ran.out.partition("Example:\n")[2].split("\n\n")[0]
    assert f" {name}".rstrip() in example
    assert "reconciler " in example


def loaded_by(*arguments):
    """Return which of the heavy packages are loaded once a command is over."""
    script = f"""
import sys
from reconciler.cli.main import run
from reconciler.cli.surroundings import Surroundings
assert run({list(arguments)!r}, Surroundings()) == 0
print("LOADED", *sorted({{"requests", "pydantic", "rich", "deepdiff", "flask", "yaml"}} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return result.stdout.splitlines()[-1].split()[1:]


def test_help_starts_at_once():
    """It loads nothing that takes long."""
    assert loaded_by("--help") == []


def test_validate_starts_without_the_http_stack(bench):
    """Manifests need a YAML parser and their types."""
    assert loaded_by("--manifests", str(bench.manifests), "validate") == ["pydantic", "yaml"]


def test_unknown_commands_are_none_of_ours():
    """The group has the commands of the table, and no file of the package besides."""
    group = importlib.import_module("reconciler.cli.main").cli
    assert group.get_command(click.Context(group), "wiring") is None
    assert group.list_commands(click.Context(group)) == list(_COMMANDS)
