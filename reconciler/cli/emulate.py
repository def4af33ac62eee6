"""``reconciler emulate``: the embedded Flow Service on a port of this machine."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import click

from reconciler.cli.wiring import emulator
from reconciler.model.errors import UsageError


@click.command("emulate")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0 is a free one.")
@click.option("--data", type=click.Path(path_type=Path, dir_okay=False), help="SQLite file to keep objects in.")
def command(port: int, data: Path | None) -> None:
    """Serve the embedded Flow Service on loopback until interrupted.

    \b
    Example:
      reconciler emulate --port 8080 &
      AEP_BASE_URL=http://127.0.0.1:8080 AEP_ACCESS_TOKEN=any AEP_API_KEY=me AEP_ORG_ID=ORG@AdobeOrg \\
        reconciler --target dev plan
    """
    create_app = emulator()
    from reconciler.emulator import Settings  # noqa: PLC0415 - an extra of the package
    from reconciler.emulator.server import HOST, serve  # noqa: PLC0415 - the same

    where = data or "memory"
    _check_port(HOST, port)
    try:
        app = create_app(data or ":memory:", Settings(record=False))
    except sqlite3.Error as error:
        raise UsageError(f"--data: objects cannot be kept in {data}: {error}") from error
    serve(
        app,
        port,
        lambda url: click.echo(f"Flow Service (embedded) on {url}, data in {where}; Ctrl-C ends it", err=True),
    )


def _check_port(host: str, port: int) -> None:
    """Raise UsageError where a port cannot be had: the server would print and exit by itself."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(f"--port: {host}:{port} cannot be had: {error.strerror}; name another") from error
