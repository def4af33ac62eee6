"""``property=path==value`` (FACTS 5)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from reconciler.emulator.errors import numbered

_FILTER: Final = re.compile(r"(?P<path>[^=!<>~]*)(?P<op>[=!<>~]{1,2})(?P<values>.*)", re.DOTALL)
_VALUE: Final = re.compile(r'"([^"]*)"|([^,]*)')
_RANGES: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One ``property`` of a query; several must hold together."""

    path: str
    op: str
    values: tuple[str, ...]

    def matches(self, document: Any) -> bool:
        """Iff some value at the path compares as asked; ``!=`` is the opposite of ``==``."""
        found = list(_at(document, self.path.split(".")))
        if self.op in _RANGES:
            return any(_in_range(_RANGES[self.op], value, self.values[0]) for value in found)
        equal = any(_equal(value, wanted) for value in found for wanted in self.values)
        return equal if self.op == "==" else not equal


def parse(text: str) -> Filter:
    """Return the filter that a query parameter asks for, or refuse it."""
    match = _FILTER.fullmatch(text)
    if match is None or not match["path"]:
        raise numbered("1449-400", f"Invalid field {text} in filter params.")
    path, op, values = match["path"], match["op"], _values(match["values"])
    if "~" in op:
        raise numbered("1440-400", "Operator '~' not implemented.")
    if op not in ("==", "!=", *_RANGES):
        raise numbered("1450-400", f"Invalid operator {op} in filter params.")
    if values == ("",):
        raise numbered("1453-400", f"Invalid query value {text} provided in query param.")
    if op in _RANGES and len(values) > 1:
        raise numbered("1443-400", f"Operator '{op}' is not allowed for multiple values.")
    if op in _RANGES and path == "id":
        raise numbered("1448-400", f"Operator {op} not supported for field id.")
    return Filter(path, op, values)


def _values(text: str) -> tuple[str, ...]:
    """Split at commas outside double quotes; values come bare or quoted."""
    values, position = [], 0
    while position <= len(text):
        match = _VALUE.match(text, position)
        if match is None:  # pragma: no cover - the second alternative matches the empty string
            raise AssertionError(text)
        values.append(match[1] if match[1] is not None else match[2])
        position = match.end() + len(",")
    return tuple(values)


def _at(node: Any, path: list[str]) -> Iterator[Any]:
    """Yield every value at a dotted path; a name that ends in ``[]`` is a list, whose members are meant."""
    if not path:
        yield node
        return
    name = path[0].removesuffix("[]")
    if not isinstance(node, dict) or name not in node:
        return
    members = node[name] if name != path[0] else [node[name]]
    for member in members if isinstance(members, list) else ():
        yield from _at(member, path[1:])


def _equal(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted.lower() == str(value).lower()
    if isinstance(value, int | float):
        return _number(wanted) == value
    return isinstance(value, str) and value == wanted


def _in_range(compare: Callable[[Any, Any], bool], value: Any, wanted: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    number = _number(wanted)
    if isinstance(value, str):
        return compare(value, wanted)
    return number is not None and compare(value, number)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
