"""``reconciler drift``: what was changed behind git's back."""

from __future__ import annotations

import click

from reconciler.cli.main import CHANGES, DONE, ERROR
from reconciler.cli.options import format_option
from reconciler.cli.show import show
from reconciler.cli.wiring import session
from reconciler.engine.drift import drift
from reconciler.engine.steps import Scope


@click.command("drift")
@click.option("--unmanaged", is_flag=True, help="List the objects that no manifest declares, too.")
@format_option("text", "json", "markdown")
@click.pass_context
def command(ctx: click.Context, unmanaged: bool, form: str) -> int:  # noqa: FBT001 - click passes flags by name
    """Show what was changed behind git's back, and who wrote last. Exits with 2 where something was.

    \b
    Example:
      reconciler --target prod drift --format markdown
    """
    with session(ctx) as here:
        state, snapshot = here.observed(everything=unmanaged)
        planned = here.planned(state, snapshot, Scope())
        report = drift(planned, state, snapshot, unmanaged=unmanaged)
    show(report, form, ctx.obj.environ)
    if not report.readable:
        return ERROR
    return CHANGES if report.drifted else DONE
