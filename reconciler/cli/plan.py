"""``reconciler plan``: what an apply would send."""

from __future__ import annotations

from dataclasses import replace

import click

from reconciler.cli.main import CHANGES, DONE
from reconciler.cli.options import format_option, scope, scope_options
from reconciler.cli.show import show
from reconciler.cli.wiring import session
from reconciler.engine.guard import check_size
from reconciler.engine.plan import Planned
from reconciler.model.errors import PlanRefused
from reconciler.model.plan import Plan
from reconciler.model.resources import Guards, Notice, ResourceName


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
    prune: bool,  # noqa: FBT001 - click passes flags by name
) -> int:
    """Show what an apply would send, and why. Sends nothing; needs no secrets.

    \b
    Example:
      reconciler --target prod plan --only Flow/orders
    """
    with session(ctx) as here:
        planned = here.planned(*here.observed(prune=prune), scope(only, exclude, rotate, prune=prune))
        plan = _with_guards(planned, here.target.guards)
    show(plan, form, ctx.obj.environ)
    return CHANGES if detailed_exitcode and plan.has_changes else DONE


def _with_guards(planned: Planned, guards: Guards) -> Plan:
    """Return the plan with a notice where an apply would refuse it: better told in the review than after the merge."""
    try:
        check_size(planned, guards)
    except PlanRefused as refused:
        return replace(planned.plan, notices=(*planned.plan.notices, Notice(f"an apply would refuse this: {refused}")))
    return planned.plan
