"""A field before and after, with what differs inside of two texts marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.render.values import Row

Clean: TypeAlias = Callable[[str], str]
"""Redacts a text and makes it inert: before it is cut, or a secret that is cut in two would not be known."""

_WORDS: Final = re.compile(r"\w+|\W")
_MARK: Final = {"+": "added", "-": "removed", "~": "changed"}
_LONG: Final = 600
_SHARED: Final = 8
_LONGEST: Final = 20_000
"""Characters: of two longer texts only the whole is shown as changed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a value; ``changed`` iff the other side has something else in its place."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Value:
    """One side of a field; ``length`` is there iff it is so long that it is folded away."""

    pieces: tuple[Piece, ...]
    length: int | None = None


@dataclass(frozen=True, slots=True)
class FieldView:
    """One line of a table of fields; None is a side on which there is nothing."""

    path: str
    mark: str
    word: str
    before: Value | None
    after: Value | None


def field_views(rows: Iterable[Row], clean: Clean) -> tuple[FieldView, ...]:
    """Return a line a field, or a line an inner key where those say more."""
    return tuple(view for row in rows for view in _lines("", row, clean))


def _lines(prefix: str, row: Row, clean: Clean) -> Iterator[FieldView]:
    path = prefix + row.path
    if row.inner:
        for inner in row.inner:
            yield from _lines(path, inner, clean)
        return
    before, after = (None if side is None else clean(side) for side in (row.before, row.after))
    left, right = _pieces(before, after)
    yield FieldView(path, row.mark, _MARK[row.mark], _value(before, left), _value(after, right))


def _value(text: str | None, pieces: tuple[Piece, ...]) -> Value | None:
    return None if text is None else Value(pieces, len(text) if len(text) > _LONG else None)


def _pieces(before: str | None, after: str | None) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both sides cut at what they have in common, word by word; whole where that is little."""
    if before is None or after is None or max(len(before), len(after)) > _LONGEST:
        return _whole(before), _whole(after)
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    shared = len("".join([*left[:head], *left[len(left) - tail :]]))
    if shared < max(_SHARED, len(before) // 3, len(after) // 3) or before == after:
        return _whole(before), _whole(after)
    return _cut(left, head, tail), _cut(right, head, tail)


def _common(left: list[str], right: list[str]) -> int:
    """Return how many words two lists begin with alike."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _cut(words: list[str], head: int, tail: int) -> tuple[Piece, ...]:
    end = len(words) - tail
    parts = ((words[:head], False), (words[head:end], True), (words[end:], False))
    return tuple(Piece("".join(part), changed) for part, changed in parts if part)


def _whole(text: str | None) -> tuple[Piece, ...]:
    return () if text is None else (Piece(text, changed=False),)
