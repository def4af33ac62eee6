"""The words that problems share: did you mean, expected and found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from reconciler.diff.document import Json, Opaque
from reconciler.diff.pointer import Path, format_path

_SHOWN: Final = 40
_LISTED: Final = 20
_LONGEST: Final = 200
"""A word of more characters is no mistyped name, and comparing takes time by the square of them."""

_YES: Final = frozenset({"yes", "no", "on", "off", "y", "n"})


def in_spec(path: Path) -> str:
    """Return a path of the spec as a pointer into the manifest."""
    return format_path(("spec", *path))


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was most likely meant, None where none is close."""
    if len(word) > _LONGEST:
        return None
    by_lower = {name.lower(): str(name) for name in sorted(known)}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known word that is closest, or at all of them where none is close."""
    words = sorted(known)
    close = closest(word, words)
    return f"did you mean {close!r}?" if close else known_are(words)


def known_are(known: Iterable[str]) -> str:
    """Return a list of what is known, of its beginning where there is much."""
    words = sorted(known)
    more = f" and {len(words) - _LISTED} more" if len(words) > _LISTED else ""
    return f"known are: {', '.join(words[:_LISTED])}{more}" if words else "there are none"


def no_boolean(value: Json) -> str:
    """Return what to write instead of a value that is neither true nor false."""
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return "write true or false, without quotes"
    if isinstance(value, str) and value.lower() in _YES:
        return f"write true or false ({value} is text in YAML 1.2)"
    return f"write true or false; found {quoted(value)}"


def kind_of(value: Json) -> str:
    """Return what a value is, in the words of YAML; a text is not shown, it may be a password in the wrong place."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"{str(value).lower()} (a boolean)"
    if isinstance(value, int | float):
        return f"{value} (a number)"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Opaque):
        return "a reference or a secret"
    return "a list" if isinstance(value, list) else "a mapping"


def quoted(value: Json) -> str:
    """Return what a value is, a text with its beginning: for places where no secret is ever written."""
    return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "...") if isinstance(value, str) else kind_of(value)
