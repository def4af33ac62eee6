"""``reconciler emulate``: the embedded Flow Service on a port of this machine."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.wiring import emulator


@click.command("emulate")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port on 127.0.0.1.")
@click.option("--data", type=click.Path(path_type=Path, dir_okay=False), help="SQLite file to keep objects in.")
def command(port: int, data: Path | None) -> None:
    """Serve the embedded Flow Service on loopback until interrupted.

    \b
    Example:
      reconciler emulate --port 8080 &
      AEP_BASE_URL=http://127.0.0.1:8080 AEP_ACCESS_TOKEN=any AEP_API_KEY=me AEP_ORG_ID=ORG@AdobeOrg \\
        reconciler --target dev plan
    """
    app = emulator()(data or ":memory:")
    from reconciler.emulator.server import serve  # noqa: PLC0415 - an extra of the package

    where = data or "memory"
    click.echo(f"Flow Service (embedded) on http://127.0.0.1:{port}, data in {where}; Ctrl-C ends it", err=True)
    serve(app, port)
