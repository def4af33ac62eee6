"""``reconciler history``: who applied what, and when."""

from __future__ import annotations

import sys

import click

from reconciler.cli.options import format_option
from reconciler.cli.output import write_document
from reconciler.cli.wiring import ledger_alone


@click.command("history")
@format_option("text", "json")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Runs to show, the newest ones.")
@click.pass_context
def command(ctx: click.Context, form: str, limit: int) -> None:
    """Show who applied what, and when. Reads the ledger alone: needs AEP_ORG_ID, and no credentials.

    \b
    Example:
      reconciler --target prod history --limit 5
    """
    from reconciler.render.console import make_console  # noqa: PLC0415 - rich is slow to import
    from reconciler.render.history import history_json, history_text  # noqa: PLC0415

    target, ledger = ledger_alone(ctx)
    runs = ledger.history(limit)[:limit]
    if form == "json":
        write_document(history_json(target.name, runs).decode())
    else:
        history_text(target.name, runs, ctx.obj.clock.now(), make_console(sys.stdout, ctx.obj.environ))
