"""What a plain YAML scalar means: the core schema of YAML 1.2, within what JSON and the service can carry.

PyYAML knows YAML 1.1 only, where ``NO`` is false, ``22:30`` is 1350 and ``2027-01-04`` a date; so it is asked for
events, and the meaning is decided here.
"""

from __future__ import annotations

import re
from typing import Final

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_NO_NUMBER: Final = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_LARGEST: Final = 2**53
_LONGEST: Final = 40


def resolve(text: str) -> bool | int | float | str | None:
    """Return what a plain scalar stands for; raises ValueError, whose text says what to write instead."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INTEGER.match(text):
        return _integer(text)
    if _FLOAT.match(text):
        return _float(text)
    if _NO_NUMBER.match(text):
        raise ValueError(f"{text} is no number in JSON; quote it if it is meant as text")
    return text


def _integer(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    # the length first: Python refuses to read a number of thousands of digits
    number = int(text[2:] if base != 10 else text, base) if len(text) <= _LONGEST else _LARGEST + 1  # noqa: PLR2004 - ten
    if abs(number) > _LARGEST:
        raise ValueError("the integer has too many digits to survive JSON (over 2^53); quote it to send it as text")
    return number


def _float(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError("the number is too large for JSON; quote it to send it as text")
    return number
