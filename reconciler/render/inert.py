"""Text that can do nothing to what shows it: no control, bidi or invisible character survives as itself."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_BLANK_LETTERS: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that draw nothing: fillers, variation selectors, the empty braille cell."""

_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LOG_COMMAND: Final = "##["
"""What starts a command of the Actions runner wherever it stands in a line; ``::`` does only at a line's start."""


def is_hidden(character: str) -> bool:
    """Iff a character cannot be seen, or moves what can be; the plain space is none, every other space is."""
    if " " <= character <= "~":
        return False
    return unicodedata.category(character) in _HIDDEN_CATEGORIES or bool(_BLANK_LETTERS.match(character))


def inert(text: str) -> str:
    r"""Return text with every hidden character written out: ``\n``, ``\x1b``, ``\u202e``, ``\U000e0001``.

    Idempotent: what it returns holds nothing that it would change.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_written(character) if is_hidden(character) else character for character in text)
    return text.replace(_LOG_COMMAND, "#\\x23[")


def _written(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code <= 0xFF:  # noqa: PLR2004 - the last code that \x can write
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the last code that \u can write


def width(text: str) -> int:
    """Return how many columns of a terminal an inert text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
