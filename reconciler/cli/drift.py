"""``reconciler drift``: what was changed behind git's back, and what becomes of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import click

from reconciler.cli import inbox
from reconciler.cli.html import show_html
from reconciler.cli.main import CHANGES, DONE, ERROR
from reconciler.cli.options import ResourceType, format_option
from reconciler.cli.output import show
from reconciler.cli.wiring import session
from reconciler.engine.drift import drift, under_way
from reconciler.model.graph import graph_of
from reconciler.model.inbox import InboxReport
from reconciler.model.resources import ResourceName

_RESOURCES: Final[dict[str, Any]] = {"multiple": True, "type": ResourceType(), "metavar": "KIND/NAME"}


@click.command("drift")
@click.option("--unmanaged", is_flag=True, help="List the objects that no manifest declares, too.")
@format_option("text", "json", "markdown", "html")
@click.option("--accept", **_RESOURCES, help="Write this resource's live values into its manifest. Repeatable.")
@click.option("--snooze", **_RESOURCES, help="Leave this resource's drift alone until a day. Repeatable.")
@click.option(
    "--until", metavar="DATE", help="Last day of a snooze in UTC, or a time with a zone; at most a year ahead."
)
@click.option("--reason", metavar="TEXT", help="Why it is snoozed: for whoever reads the manifest.")
@click.pass_context
def command(
    ctx: click.Context,
    unmanaged: bool,  # noqa: FBT001 - click passes flags by name
    form: str,
    accept: tuple[ResourceName, ...],
    snooze: tuple[ResourceName, ...],
    until: str | None,
    reason: str | None,
) -> int:
    """Show what was changed behind git's back, and who wrote last. Exits with 2 where something was.

    With --accept and --snooze it changes manifests, for you to commit, and sends nothing; it exits with 0 once that is
    done.

    \b
    Example:
      reconciler --target prod drift --format markdown
      reconciler --target prod drift --accept Flow/orders
      reconciler --target prod drift --snooze Flow/orders --until 2027-01-31 --reason 'vendor migrates'
    """
    wish = _wish(ctx, accept, snooze, until, reason)
    with session(ctx) as here:
        found, done = inbox.Found.look(here, everything=unmanaged), None
        if accept:
            found, done = inbox.accept(found, accept)
        elif wish:
            found, done = inbox.snooze(found, snooze, wish)
        report = drift(found.planned, found.state, found.snapshot, unmanaged=unmanaged)
        report = replace(report, notices=(*report.notices, *under_way(found.state.open, here.clock.now())))
    if done:
        _tell(done, form, ctx.obj.environ)
    if form == "html":
        show_html(report, here.clock.now(), graph_of(here.estate.resources), ctx.obj.environ, ctx.obj.redactor)
    else:
        show(report, form, ctx.obj.environ, ctx.obj.redactor)
    if done:
        return DONE
    if not report.readable:
        return ERROR
    return CHANGES if report.drifted else DONE


def _wish(
    ctx: click.Context,
    accept: tuple[ResourceName, ...],
    snooze: tuple[ResourceName, ...],
    until: str | None,
    reason: str | None,
) -> inbox.Wish | None:
    """Return what is wished of a snooze, None where nothing is; raises click.UsageError."""
    if accept and snooze:
        raise click.UsageError("--accept and --snooze: one at a time")
    if not snooze:
        if until is not None or reason is not None:
            raise click.UsageError("--until and --reason belong to --snooze KIND/NAME")
        return None
    return inbox.Wish.of(until, reason, ctx.obj.clock.now())


def _tell(done: InboxReport, form: str, environ: Mapping[str, str]) -> None:
    """Show what was written: ahead of a report for people, beside one for programs and pages."""
    from reconciler.render.console import make_console  # noqa: PLC0415 - rich is slow to import
    from reconciler.render.inbox import inbox_text  # noqa: PLC0415 - the same

    inbox_text(done, make_console(sys.stdout if form == "text" else sys.stderr, environ))
