"""Which inner keys of a nested value differ: the one place that uses deepdiff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from reconciler.diff.document import MISSING, Json, Missing, same
from reconciler.diff.pointer import Path, format_path

MOST: Final = 20
"""More inner changes than this say less than the two values do."""

_MARKS: Final = {True: "\0true", False: "\0false"}
_MARKED: Final = {mark: value for value, mark in _MARKS.items()}


def inner_changes(before: Json | Missing, after: Json | Missing) -> tuple[tuple[str, Json, Json], ...]:
    """Return pointer, before and after of each inner difference of two nested plain values, sorted by path.

    Empty where the values as a whole are the better picture: one of them is no container, or they share too little.
    """
    if not _is_nested(before) or not _is_nested(after) or type(before) is not type(after):
        return ()
    found = sorted(_differences(_marked(before), _marked(after)), key=lambda change: _order(change[0]))
    return () if len(found) > MOST else tuple((format_path(path), left, right) for path, left, right in found)


def _is_nested(value: Json | Missing) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _differences(before: Json, after: Json) -> Iterator[tuple[Path, Json, Json]]:
    from deepdiff import DeepDiff  # noqa: PLC0415 - a third of a second to import, and few plans need it

    # Its defaults leave out keys that start with two underscores, as if they were a Python object's own, and do not
    # look into objects that share few keys.
    tree = DeepDiff(before, after, view="tree", ignore_private_variables=False, threshold_to_diff_deeper=0)
    for level in (level for levels in tree.values() for level in levels):
        left, right = _value(level.t1), _value(level.t2)
        if not same(left, right):
            yield tuple(map(str, level.path(output_format="list"))), left, right


def _value(side: Any) -> Json | Missing:
    from deepdiff.helper import notpresent  # noqa: PLC0415 - as above

    return MISSING if side is notpresent else _unmarked(side)


def _marked(value: Json) -> Json:
    """Return value with a text for each boolean: deepdiff compares lists by Python's ``==``, to which 1 is true."""
    if isinstance(value, bool):
        return _MARKS[value]
    if isinstance(value, dict):
        return {key: _marked(member) for key, member in value.items()}
    return [_marked(member) for member in value] if isinstance(value, list) else value


def _unmarked(value: Json) -> Json:
    if isinstance(value, str):
        return _MARKED.get(value, value)
    if isinstance(value, dict):
        return {key: _unmarked(member) for key, member in value.items()}
    return [_unmarked(member) for member in value] if isinstance(value, list) else value


def _order(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """Sort by token, list positions as numbers."""
    return tuple((not token.isdecimal(), int(token) if token.isdecimal() else 0, token) for token in path)
