"""``reconciler show``: a saved plan, as it was when it was made."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.html import show_html
from reconciler.cli.options import format_option
from reconciler.cli.output import show
from reconciler.cli.planfiles import warn
from reconciler.ledger import plan_file
from reconciler.model.secrets import Redactor


@click.command("show")
@click.argument("planfile", type=click.Path(path_type=Path))
@format_option("text", "json", "markdown", "html")
@click.pass_context
def command(ctx: click.Context, planfile: Path, form: str) -> None:
    """Show a plan that was saved with plan --out, as plan did. Needs neither manifests nor the service.

    \b
    Example:
      reconciler show prod.plan --format html > plan.html
    """
    saved, warning = plan_file.load(planfile, ctx.obj.plan_keys(), unverified=True)
    warn(warning)
    if form == "html":
        show_html(saved.plan, saved.made, saved.graph, ctx.obj.environ, Redactor())
    else:
        show(saved.plan, form, ctx.obj.environ, Redactor())  # what was saved knows no secret
