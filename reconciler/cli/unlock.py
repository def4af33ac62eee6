"""``reconciler unlock``: end a begin whose run will never come back."""

from __future__ import annotations

import sys

import click

from reconciler.cli.main import DONE, ERROR
from reconciler.cli.surroundings import Surroundings
from reconciler.cli.wiring import actor, ledger_alone
from reconciler.ledger.lease import moment
from reconciler.model.errors import UsageError
from reconciler.model.ledger import Begin


@click.command("unlock")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, yes: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """End the hold of a run that will never come back.

    The next apply may take over less than two minutes later, and looks at what the run did: so long a run that is alive
    after all has to notice that it must write no more. Reads and writes the ledger alone: needs AEP_ORG_ID, and no
    credentials.

    \b
    Example:
      reconciler --target prod unlock
    """
    around: Surroundings = ctx.obj
    target, ledger = ledger_alone(ctx)
    standing = ledger.standing()
    if standing is None:
        click.echo(f"no run holds the ledger of {target.name}")
        return DONE
    _show(standing, around)
    if not (yes or _agreed(target.name)):
        click.echo("not agreed to: the ledger is as it was", err=True)
        return ERROR
    unlocked = ledger.unlock(standing.run, actor(around.environ))
    if unlocked is None:
        click.echo(f"the run ended meanwhile; no run holds the ledger of {target.name}")
        return DONE
    when = "" if unlocked.expires <= around.clock.now() else f" after {moment(unlocked.expires)}"
    click.echo(f"unlocked: run {unlocked.run} of {unlocked.actor}; apply again{when} to finish what it began")
    return DONE


def _show(standing: Begin, around: Surroundings) -> None:
    from reconciler.render.console import make_console  # noqa: PLC0415 - rich is slow to import
    from reconciler.render.history import open_text  # noqa: PLC0415

    open_text(standing, around.clock.now(), make_console(sys.stderr, around.environ))


def _agreed(target: str) -> bool:
    """Let a person agree; raises UsageError where there is nobody to ask."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("unlock asks before it ends a run, and there is no terminal to ask on: say --yes")
    click.echo(f"Unlock the ledger of {target}? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
