"""The words that problems share: did you mean, expected and found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from reconciler.diff.document import Json, Opaque

_SHOWN: Final = 40


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known word that is closest, or at all of them where none is close."""
    words = sorted(known)
    by_lower = {name.lower(): name for name in words}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    return f"known are: {', '.join(words)}" if words else "there are none"


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
