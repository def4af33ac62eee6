"""``reconciler plan``: what an apply would send."""

from __future__ import annotations

import click

from reconciler.cli.main import CHANGES, DONE
from reconciler.cli.options import format_option, scope, scope_options
from reconciler.cli.show import show
from reconciler.cli.wiring import session
from reconciler.model.resources import ResourceName


@click.command("plan")
@format_option("text", "json", "markdown")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@scope_options
@click.pass_context
def command(
    ctx: click.Context,
    form: str,
    detailed_exitcode: bool,  # noqa: FBT001 - click passes flags by name
    only: tuple[ResourceName, ...],
    exclude: tuple[ResourceName, ...],
    rotate: tuple[ResourceName, ...],
) -> int:
    """Show what an apply would send, and why. Sends nothing; needs no secrets.

    \b
    Example:
      reconciler --target prod plan --only Flow/orders
    """
    with session(ctx) as here:
        planned = here.planned(*here.observed(), scope(only, exclude, rotate))
    show(planned.plan, form, ctx.obj.environ)
    return CHANGES if detailed_exitcode and planned.plan.has_changes else DONE
