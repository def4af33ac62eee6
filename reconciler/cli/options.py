"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from reconciler.manifest.hints import closest
from reconciler.model.kinds import Kind
from reconciler.model.plan import Scope
from reconciler.model.resources import ResourceName

_Command = TypeVar("_Command", bound=Callable[..., Any])


class ResourceType(click.ParamType[ResourceName]):
    """``Kind/name`` on the command line."""

    name = "K/N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ResourceName:
        """Read ``Kind/name``, or fail with what is wrong with it."""
        try:
            return value if isinstance(value, ResourceName) else ResourceName.parse(value)
        except ValueError as error:
            kind, slash, _ = value.partition("/")
            close = closest(kind, Kind) if slash and kind not in set(Kind) else None
            self.fail(f"{error}; did you mean {close}/…?" if close else str(error), param, ctx)


def scope_options(command: _Command) -> _Command:
    """Add ``--only``, ``--exclude``, ``--rotate`` and ``--prune``."""
    kind = ResourceType()
    command = click.option("--prune", is_flag=True, help="Delete what is managed and has left git.")(command)
    for name, text in (
        ("--rotate", "Send this resource's secrets again."),
        ("--exclude", "Leave this resource as it is."),
        ("--only", "Change this resource alone."),
    ):
        command = click.option(name, multiple=True, type=kind, metavar="KIND/NAME", help=f"{text} Repeatable.")(command)
    return command


def scope(
    only: tuple[ResourceName, ...],
    exclude: tuple[ResourceName, ...],
    rotate: tuple[ResourceName, ...],
    *,
    prune: bool = False,
) -> Scope:
    """Return what was asked for."""
    return Scope(frozenset(only) if only else None, frozenset(exclude), frozenset(rotate), prune)


def format_option(*formats: str) -> Callable[[_Command], _Command]:
    """Add ``--format``."""
    return click.option(
        "--format", "form", type=click.Choice(formats), default=formats[0], show_default=True, help="How to show it."
    )
