"""``reconciler targets``: what the manifests can be applied to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import format_option
from reconciler.cli.output import write_document
from reconciler.manifest import load
from reconciler.model.resources import Target

if TYPE_CHECKING:  # for the type checker alone
    from reconciler.render.shapes import TargetShape


@click.command("targets")
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, form: str) -> None:
    """List the targets.

    \b
    Example:
      reconciler targets --format json     for a matrix in a workflow
    """
    targets = [target for _, target in sorted(load(ctx.obj.folder).targets.items())]
    if form == "json":
        write_document(json.dumps([_shown(target) for target in targets], sort_keys=True) + "\n")
        return
    for target in targets:
        where = f"sandbox {target.sandbox}" if target.sandbox else "embedded emulator"
        click.echo(f"{target.name}  {where}{'  (default)' if target.default else ''}")


def _shown(target: Target) -> TargetShape:
    return {
        "default": target.default,
        "emulator": target.emulator,
        "name": target.name,
        "sandbox": target.sandbox,
    }
