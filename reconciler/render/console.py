"""The console that text is drawn on: what the stream can show, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console

_UNBOUNDED: Final = 100_000


def make_console(stream: IO[str], environ: Mapping[str, str]) -> Console:
    """Return a console on a stream: colours on a terminal only and never with ``NO_COLOR``; in a pipe no wrapping."""
    from rich.console import Console  # noqa: PLC0415 - see above

    terminal = stream.isatty()
    # FORCE_COLOR and the like are not listened to: what reads a pipe must get the same bytes everywhere.
    plain = not terminal or bool(environ.get("NO_COLOR"))
    return Console(
        file=stream,
        force_terminal=terminal,
        color_system=None if plain else "auto",
        width=None if terminal else _UNBOUNDED,
        soft_wrap=not terminal,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ=environ,
    )
