"""``reconciler validate``: the manifests alone."""

from __future__ import annotations

import click

from reconciler.cli.output import tell
from reconciler.manifest import load


@click.command("validate")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Check the manifests alone: no network, no credentials, no secrets.

    \b
    Example:
      reconciler --manifests estate validate
    """
    manifests = load(ctx.obj.folder)
    tell(manifests.validate(), ctx.obj.environ)
    targets = ", ".join(sorted(manifests.targets))
    estates = [manifests.estate(target) for target in manifests.targets.values()]
    count = len({resource.name for estate in estates for resource in estate.resources})
    click.echo(f"{count} resource{'s' * (count != 1)} on {targets}: valid")
