"""``reconciler schema``: the JSON Schemas of manifests and outputs."""

from __future__ import annotations

import sys
from typing import Final

import click

from reconciler.diff.document import Json

MANIFEST: Final = "manifest"
NAMES: Final = (MANIFEST, "plan", "apply", "drift", "history", "doctor", "targets", "graph")
"""Written out so that help imports none of them."""


@click.command("schema")
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[NAME]...")
def command(names: tuple[str, ...]) -> None:
    """Print JSON Schemas: of a manifest, for editors, and of what commands print with --format json.

    NAME is manifest, plan, apply, drift, history, doctor, targets or graph. One name prints its schema; several, or
    none for all of them, an object from name to schema.

    \b
    Example:
      reconciler schema manifest > manifest.schema.json
      # yaml-language-server: $schema=../manifest.schema.json     as the first line of a manifest
    """
    from reconciler.render.plain_json import plain_json  # noqa: PLC0415 - only what runs needs it

    asked = dict.fromkeys(names or NAMES)
    schemas = {name: _schema(name) for name in asked}
    sys.stdout.write(plain_json(schemas[names[0]] if len(asked) == 1 else schemas).decode())


def _schema(name: str) -> Json:
    if name == MANIFEST:
        from reconciler.manifest.schema import manifest_schema  # noqa: PLC0415 - pydantic is slow to import

        return manifest_schema()
    from reconciler.render.schemas import output_schema  # noqa: PLC0415 - pydantic is slow to import

    return output_schema(name)
