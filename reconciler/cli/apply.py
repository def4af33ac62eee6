"""``reconciler apply``: do what the plan says."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli import planfiles
from reconciler.cli.interruption import noted
from reconciler.cli.main import DONE, ERROR, INTERRUPTED
from reconciler.cli.options import format_option, scope, scope_options
from reconciler.cli.output import annotate_errors, show, show_text
from reconciler.cli.planfiles import PlanFiles
from reconciler.cli.wiring import Session, actor, session
from reconciler.engine.apply import apply
from reconciler.engine.execution import Run, World
from reconciler.engine.guard import check_secrets, check_size
from reconciler.engine.plan import Planned
from reconciler.engine.review import name_rotations, review, to_do
from reconciler.model.errors import UsageError
from reconciler.model.ledger import LedgerState
from reconciler.model.plan import Scope
from reconciler.model.resources import Estate, Location, Notice, ResourceName
from reconciler.model.results import ApplyReport
from reconciler.model.veil import Veil


@click.command("apply")
@click.argument("files", nargs=-1, metavar="[PLANFILE]...", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--reviewed",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Do only what stands in a plan in DIR (*.plan): nothing, where it is empty.",
)
@format_option("text", "json", "markdown")
@click.option("--concurrency", type=click.IntRange(1, 32), default=4, show_default=True, help="Writes at once.")
@click.option("--allow-large", is_flag=True, help="Pass the target's guards.")
@scope_options
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one a command-line option
    ctx: click.Context,
    files: tuple[Path, ...],
    yes: bool,  # noqa: FBT001 - click passes flags by name
    reviewed: Path | None,
    form: str,
    concurrency: int,
    allow_large: bool,  # noqa: FBT001 - click passes flags by name
    only: tuple[ResourceName, ...],
    exclude: tuple[ResourceName, ...],
    rotate: tuple[ResourceName, ...],
    prune: bool,  # noqa: FBT001 - click passes flags by name
) -> int:
    """Bring the target to what git says, and remember it.

    With one or several PLANFILEs, made by plan --out: plan again as they were planned, and do only the changes that
    stand in one of them. Every other one is refused and named.

    \b
    Example:
      reconciler --target prod apply --yes
      reconciler apply prod.plan
    """
    asked = scope(only, exclude, rotate, prune=prune)
    plans = _reviewed(ctx, files, reviewed, asked)
    with session(ctx) as here:
        state, planned = _planned(here, asked, plans)
        doing = to_do(planned)
        if not allow_large:
            check_size(doing, here.target.guards)
        check_secrets(doing, here.secrets)
        if not (yes or _agreed(doing, planned, here)):
            click.echo("not agreed to: nothing was sent", err=True)
            return ERROR
        report = _applied(planned, state, here, concurrency)
    show(report, form, ctx.obj.environ, ctx.obj.redactor)
    annotate_errors(_ended_badly(report, here.estate), ctx.obj.environ)
    if report.interrupted:
        return INTERRUPTED
    return DONE if report.succeeded else ERROR


def _reviewed(ctx: click.Context, files: tuple[Path, ...], folder: Path | None, asked: Scope) -> PlanFiles | None:
    """Return the plans that were reviewed, None where all may be done; their target is the target from here on."""
    if folder is not None:
        files = (*files, *sorted(folder.glob("*.plan")))
    if not files and folder is None:
        return None
    if asked != Scope():
        raise click.UsageError(
            "--only, --exclude, --rotate and --prune are those that a PLANFILE was made with: give them to plan", ctx
        )
    reviewed = planfiles.read(files, ctx.obj)
    ctx.obj = replace(ctx.obj, target=reviewed.target or ctx.obj.target)
    return reviewed


def _planned(here: Session, asked: Scope, reviewed: PlanFiles | None) -> tuple[LedgerState, Planned]:
    """Plan from what is live now, with all refused that is in none of the reviewed plans, if there are any."""
    if reviewed is None:
        state, snapshot = here.observed(prune=asked.prune)
        return state, name_rotations(here.planned(state, snapshot, asked))
    reviewed.check_where(here.service.organisation, here.service.sandbox)
    state, snapshot = here.observed(prune=reviewed.prune)
    known = {resource.name for resource in here.estate.resources}
    known |= state.entries.keys() if reviewed.prune else set()
    planned = here.planned(state, snapshot, reviewed.scope(known))
    return state, name_rotations(review(planned, reviewed.plans))


def _ended_badly(report: ApplyReport, estate: Estate) -> Iterator[tuple[str, Location | None]]:
    """Yield what happened to each resource that did not end well, and where its manifest stands."""
    places = {resource.name: resource.source for resource in estate.resources}
    for one in report.results:
        if one.error is not None:
            yield f"{one.resource} {one.status}: {one.error}", places.get(one.resource)


def _agreed(doing: Planned, planned: Planned, here: Session) -> bool:
    """Let a person see what will be done, and agree to it; raises UsageError where there is nobody to ask.

    All of it goes to stderr: what stdout is redirected to gets the report alone, and the person still sees the plan.
    """
    if not doing.plan.changes:
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("apply asks before it writes, and there is no terminal to ask on: say --yes")
    refused = [Notice(f"refused: {name}: {reason}") for name, reason in sorted(planned.refused.items())]
    shown = replace(doing.plan, notices=(*doing.plan.notices, *refused))
    show_text(Veil(here.redactor).plan(shown), sys.stderr, here.environ)
    click.echo(f"Apply this to {here.target.name}? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _applied(planned: Planned, state: LedgerState, here: Session, concurrency: int) -> ApplyReport:
    run = Run(uuid.uuid4().hex, actor(here.environ), here.target.settle_seconds, concurrency)
    with here.telling() as progress, noted() as interrupted:
        world = World(here.service, here.ledger, here.secrets, here.clock, progress, interrupted)
        return apply(planned, state, world, run)
