"""``reconciler plan``: what an apply would send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli.html import show_html
from reconciler.cli.main import CHANGES, DONE
from reconciler.cli.options import format_option, scope, scope_options
from reconciler.cli.output import annotate_errors, show
from reconciler.cli.planfiles import warn
from reconciler.cli.wiring import session
from reconciler.engine.drift import under_way
from reconciler.engine.guard import check_size
from reconciler.engine.plan import Planned
from reconciler.ledger import plan_file
from reconciler.model.errors import PlanRefused
from reconciler.model.graph import NO_GRAPH, Graph, graph_of
from reconciler.model.plan import Plan, SavedPlan
from reconciler.model.resources import Estate, Guards, Location, Notice, ResourceName
from reconciler.model.secrets import Keys, Redactor


@click.command("plan")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan, to be reviewed and applied."
)
@format_option("text", "json", "markdown", "html")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@scope_options
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one a command-line option
    ctx: click.Context,
    out: Path | None,
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
      reconciler --target prod plan --out prod.plan && reconciler apply prod.plan
      reconciler --target prod plan --format html > plan.html
    """
    asked = scope(only, exclude, rotate, prune=prune)
    with session(ctx) as here:
        state, snapshot = here.observed(prune=prune)
        planned = here.planned(state, snapshot, asked)
        plan = _with_guards(planned, here.target.guards)
        plan = replace(plan, notices=(*plan.notices, *under_way(state.open, here.clock.now())))
        near = _near(plan, here.estate) if out is not None or form == "html" else NO_GRAPH
        saved = SavedPlan(plan, asked, here.clock.now(), near)
        if out is not None:
            _save(out, saved, ctx.obj.plan_keys(), here.redactor)
    annotate_errors(_blocked(plan, here.estate), ctx.obj.environ)
    if form == "html":
        show_html(plan, saved.made, saved.graph, ctx.obj.environ, ctx.obj.redactor)
    else:
        show(plan, form, ctx.obj.environ, ctx.obj.redactor)
    return CHANGES if detailed_exitcode and plan.has_changes else DONE


def _near(plan: Plan, estate: Estate) -> Graph:
    """Return who needs whom around what the plan touches."""
    return graph_of(estate.resources).near(str(change.resource) for change in plan.changes)


def _blocked(plan: Plan, estate: Estate) -> Iterator[tuple[str, Location | None]]:
    """Yield why each resource is blocked, and where its manifest stands."""
    places = {resource.name: resource.source for resource in estate.resources}
    for change in plan.changes:
        if change.blocked_by is not None:
            yield f"{change.resource} is blocked: {change.blocked_by}", places.get(change.resource)


def _save(out: Path, saved: SavedPlan, keys: Keys | None, redactor: Redactor) -> None:
    plan_file.save(out, saved, keys, redactor)
    if keys is None:
        warn(f"{out} is not sealed, so that nobody can tell whether it was changed: set RECONCILER_KEY")


def _with_guards(planned: Planned, guards: Guards) -> Plan:
    """Return the plan with a notice where an apply would refuse it: better told in the review than after the merge."""
    try:
        check_size(planned, guards)
    except PlanRefused as refused:
        return replace(planned.plan, notices=(*planned.plan.notices, Notice(f"an apply would refuse this: {refused}")))
    return planned.plan
