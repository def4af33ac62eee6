"""From a file's bytes to text in which nothing is hidden from the reader of a review.

A bidi character can make a line read other than it is parsed, a control character can hide one. Both are errors, as
they stand and as escapes. Each is replaced once reported, so that the rest of the file can still be checked.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from reconciler.manifest.nodes import Mark

_HIDDEN: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters; \t, \n and \r are judged by place
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi
    "\u2028\u2029"  # line breaks to YAML 1.1 parsers, none to YAML 1.2 and to editors
    "\ufeff\ufffe\uffff\ud800-\udfff"  # byte order marks inside a text, and what is no character at all
)
_IN_TEXT: Final = re.compile(f"[{_HIDDEN}]|\r(?!\n)")
_IN_VALUE: Final = re.compile(f"[{_HIDDEN}\r]")
_PAIR: Final = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)

_REPORTED: Final = 20  # of a binary file every other byte is one
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


class NotText(Exception):
    """The bytes are not UTF-8; ``mark`` is where they stop being so."""

    def __init__(self, mark: Mark) -> None:
        super().__init__("the file is not UTF-8; save it as UTF-8")
        self.mark = mark


def decode(data: bytes) -> str:
    """Return the text of a file, without a byte order mark at its start; raises NotText."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(mark_at(data[: error.start].decode("utf-8", "replace"), -1)) from error


def hidden_in_text(text: str) -> tuple[str, list[tuple[Mark, str]]]:
    """Return the text with every hidden character replaced, and what the first of them were."""
    matches = islice(_IN_TEXT.finditer(text), _REPORTED)
    found = [(mark_at(text, match.start()), hidden_message(match[0])) for match in matches]
    return (_IN_TEXT.sub(REPLACEMENT, text) if found else text), found


def hidden_in_value(value: str) -> str | None:
    """Return the first hidden character of a value (an escape can make one), None if there is none."""
    match = _IN_VALUE.search(value)
    return match[0] if match else None


def hidden_message(character: str) -> str:
    """Say which character must go."""
    return f"the invisible character U+{ord(character):04X} is not allowed in a manifest; remove it"


def join_surrogates(text: str) -> str:
    r"""Write JSON's escaped surrogate pairs (``\ud83d\ude00``) as the one escape that YAML has for the character."""
    return _PAIR.sub(_joined, text) if "\\u" in text else text


def _joined(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    code = 0x10000 + ((int(match[1], 16) - 0xD800) << 10) + (int(match[2], 16) - 0xDC00)
    return f"\\U{code:08X}"


def mark_at(text: str, index: int) -> Mark:
    """Return the line and column of an index into text; -1 is behind its end."""
    before = text if index < 0 else text[:index]
    return Mark(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
