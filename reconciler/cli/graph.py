"""``reconciler graph``: what depends on what, from the manifests alone."""

from __future__ import annotations

import sys

import click

from reconciler.cli.options import ResourceType, format_option
from reconciler.manifest import load
from reconciler.model.errors import UsageError
from reconciler.model.graph import Graph, graph_of
from reconciler.model.resources import Estate, ResourceName


@click.command("graph")
@format_option("text", "mermaid", "dot", "json")
@click.option(
    "--only",
    multiple=True,
    type=ResourceType(),
    metavar="KIND/NAME",
    help="This resource, what it needs and what depends on it. Repeatable.",
)
@click.pass_context
def command(ctx: click.Context, form: str, only: tuple[ResourceName, ...]) -> None:
    """Show which resources need which. Reads the manifests alone: no network, no secrets.

    \b
    Example:
      reconciler --target prod graph --only Connection/salesforce-crm
      reconciler graph --format mermaid >> "$GITHUB_STEP_SUMMARY"
      reconciler graph --format dot | dot -Tsvg > estate.svg
    """
    manifests = load(ctx.obj.folder)
    estate = manifests.estate(manifests.target(ctx.obj.target))
    graph = _asked(estate, only)
    if form == "text":
        from reconciler.render.console import make_console  # noqa: PLC0415 - rich is slow to import
        from reconciler.render.graph import graph_text  # noqa: PLC0415

        graph_text(estate.target.name, graph, make_console(sys.stdout, ctx.obj.environ))
    else:
        sys.stdout.write(_drawn(estate, graph, form))


def _asked(estate: Estate, only: tuple[ResourceName, ...]) -> Graph:
    graph = graph_of(estate.resources)
    known = {resource.name for resource in estate.resources}
    if unknown := sorted(set(only) - known):
        raise UsageError(f"no manifest declares {', '.join(map(str, unknown))} on target {estate.target.name}")
    return graph.around(map(str, only)) if only else graph


def _drawn(estate: Estate, graph: Graph, form: str) -> str:
    if form == "json":
        from reconciler.render.graph import graph_json  # noqa: PLC0415 - only this format needs it

        return graph_json(estate.target.name, graph).decode()
    if form == "dot":
        from reconciler.render.graph_dot import graph_dot  # noqa: PLC0415 - only this format needs it

        return graph_dot(graph)
    from reconciler.render.graph_mermaid import graph_mermaid  # noqa: PLC0415 - only this format needs it

    return graph_mermaid(graph)
