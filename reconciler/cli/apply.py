"""``reconciler apply``: do what the plan says."""

from __future__ import annotations

import sys
import uuid

import click

from reconciler.cli.interruption import noted
from reconciler.cli.main import DONE, ERROR, INTERRUPTED
from reconciler.cli.options import format_option, scope, scope_options
from reconciler.cli.show import show, show_text
from reconciler.cli.wiring import Session, actor, session
from reconciler.engine.apply import Run, World, apply
from reconciler.engine.guard import check_secrets, check_size
from reconciler.engine.plan import Planned
from reconciler.model.errors import UsageError
from reconciler.model.resources import ResourceName


@click.command("apply")
@click.option("--yes", is_flag=True, help="Do not ask.")
@format_option("text", "json", "markdown")
@click.option("--concurrency", type=click.IntRange(1, 32), default=4, show_default=True, help="Writes at once.")
@click.option("--allow-large", is_flag=True, help="Pass the target's guards.")
@scope_options
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one a command-line option
    ctx: click.Context,
    yes: bool,  # noqa: FBT001 - click passes flags by name
    form: str,
    concurrency: int,
    allow_large: bool,  # noqa: FBT001 - click passes flags by name
    only: tuple[ResourceName, ...],
    exclude: tuple[ResourceName, ...],
    rotate: tuple[ResourceName, ...],
    prune: bool,  # noqa: FBT001 - click passes flags by name
) -> int:
    """Bring the target to what git says, and remember it.

    \b
    Example:
      reconciler --target prod apply --yes
    """
    with session(ctx) as here:
        state, snapshot = here.observed(prune=prune)
        planned = here.planned(state, snapshot, scope(only, exclude, rotate, prune=prune))
        if not allow_large:
            check_size(planned, here.target.guards)
        check_secrets(planned, here.secrets)
        if not (yes or _agreed(planned, here)):
            click.echo("not agreed to: nothing was sent", err=True)
            return ERROR
        run = Run(uuid.uuid4().hex, actor(here.environ), here.target.settle_seconds, concurrency)
        with here.telling() as progress, noted() as interrupted:
            world = World(here.service, here.ledger, here.secrets, here.clock, progress, interrupted)
            report = apply(planned, state, world, run)
    show(report, form, ctx.obj.environ)
    if report.interrupted:
        return INTERRUPTED
    return DONE if report.succeeded else ERROR


def _agreed(planned: Planned, here: Session) -> bool:
    """Let a person see the plan and agree to it; raises UsageError where there is nobody to ask.

    All of it goes to stderr: what stdout is redirected to gets the report alone, and the person still sees the plan.
    """
    if not planned.plan.changes:
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("apply asks before it writes, and there is no terminal to ask on: say --yes")
    show_text(planned.plan, sys.stderr, here.environ)
    click.echo(f"Apply this to {here.target.name}? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
