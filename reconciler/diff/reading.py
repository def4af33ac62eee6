"""JSON from outside -> values that everybody reads alike, and that can be written again.

RFC 8259 leaves to each reader what a key means that stands twice, how large a number may be and how deep values may
nest; and an escape can say half a surrogate pair, which no UTF-8 can. A value that another reader takes for something
else must neither be compared nor sent, so all of this is refused.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final, NoReturn

from reconciler.diff.document import Json, is_object, same

_LONGEST_INTEGER: Final = 20
"""Digits and a sign: 64 bits. Python would read thousands of digits, and most readers would make a float of them."""

_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""May begin an escaped surrogate."""


def read_json(content: bytes, deepest: int) -> Json:
    """Return what a text of JSON says; ``deepest`` is how many objects and lists may stand inside each other.

    Raises ValueError, whose text says why in a few words and repeats nothing of the content: it may hold secrets.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None  # not chained: the error carries the content along
    document = _parsed(text)
    _check_depth(document, deepest)
    if _HALF.search(text):
        _check_pairs(document)
    return document


def _parsed(text: str) -> Json:
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_json, parse_int=_integer, parse_float=_float
        )
    except json.JSONDecodeError as error:
        raise ValueError(str(error)) from None  # it carries the content along
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    document = dict(pairs)
    if len(document) != len(pairs) and not all(same(document[key], value) for key, value in pairs):
        raise ValueError("a key stands twice, with two values")
    return document


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise ValueError(f"an integer has {len(digits)} digits, and 64 bits hold fewer")
    return int(digits)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _check_depth(document: Json, deepest: int) -> None:
    """Raise ValueError for what nests deeper; without recursion, which is what it protects."""
    level: list[Json] = [[document]]
    for _ in range(deepest + 1):
        inner = (values.values() if is_object(values) else values for values in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
        if not level:
            return
    raise ValueError(f"it nests more than {deepest} deep")


def _check_pairs(document: Json) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds half a surrogate pair, which UTF-8 cannot say") from None
