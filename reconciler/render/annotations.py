"""Workflow commands that put a message on a manifest's line in a pull request (GitHub: "Workflow commands").

The runner reads a line that begins with ``::`` as a command; in its message a percent sign and line ends are escaped,
in a property colons and commas too. Hidden characters are written out before.
"""

from __future__ import annotations

from typing import Final, Literal

from reconciler.model.resources import Location
from reconciler.render.inert import inert

_MESSAGE: Final = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY: Final = (*_MESSAGE, (":", "%3A"), (",", "%2C"))


def annotation(level: Literal["error", "warning"], message: str, place: Location) -> str:
    """Return the command that shows a message at a place, in one line."""
    file = _escaped(inert(place.file), _PROPERTY)
    return f"::{level} file={file},line={place.line},col={place.column}::{_escaped(inert(message), _MESSAGE)}"


def _escaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for character, escaped in table:
        text = text.replace(character, escaped)
    return text
