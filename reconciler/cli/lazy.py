"""Groups of commands that are imported when they are called: ``validate`` starts without the HTTP stack."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any, ClassVar

import click


class LazyGroup(click.Group):
    """Commands by a table of names and first lines of help, so that listing them imports none of them.

    A command ``x-y`` stands as ``command`` in the module ``reconciler.cli.<prefix>x_y``.
    """

    table: ClassVar[Mapping[str, str]] = {}
    prefix: ClassVar[str] = ""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - its signature
        """Import a command."""
        if cmd_name not in self.table:
            return None
        name = f"{self.prefix}{cmd_name.replace('-', '_')}{'_' * iskeyword(cmd_name)}"
        command: Any = importlib.import_module(f"reconciler.cli.{name}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - its signature
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))
