"""``reconciler validate``: the manifests alone."""

from __future__ import annotations

import click

from reconciler.cli.output import tell
from reconciler.engine.schemas.offline import misfits
from reconciler.manifest import Manifests, load
from reconciler.model.errors import ManifestErrors
from reconciler.model.resources import Estate, Notice


@click.command("validate")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Check the manifests alone: no network, no credentials, no secrets.

    \b
    Example:
      reconciler --manifests estate validate
    """
    estates, notices = validated(load(ctx.obj.folder))
    tell(notices, ctx.obj.environ)
    targets = ", ".join(sorted(estate.target.name for estate in estates))
    count = len({resource.name for estate in estates for resource in estate.resources})
    click.echo(f"{count} resource{'s' * (count != 1)} on {targets}: valid")


def validated(manifests: Manifests) -> tuple[tuple[Estate, ...], tuple[Notice, ...]]:
    """Return what git wants on every target, and what is odd about it; raises ManifestErrors, UsageError."""
    estates = manifests.estates()
    found = [misfits(estate) for estate in estates]
    if problems := list(dict.fromkeys(problem for problems, _ in found for problem in problems)):
        raise ManifestErrors(problems)
    notices = [*(notice for estate in estates for notice in estate.notices), *(one for _, odd in found for one in odd)]
    return estates, tuple(dict.fromkeys(notices))
