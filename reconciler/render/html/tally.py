"""Counts as a picture: a bar whose parts are as wide as their share, and its legend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

WIDTH: Final = 1_000
_GAP: Final = 3
_LEAST: Final = 12
"""A part that is there is seen, however small its share."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many resources of one action or status there are.

    ``tone`` is the name of a colour, ``search`` what finds them in the page, None where the page does not list them.
    """

    tone: str
    symbol: str
    word: str
    count: int
    search: str | None = None
    x: float = 0
    width: float = 0


def tally(counts: Iterable[Count]) -> tuple[Count, ...]:
    """Place what there is on a bar of WIDTH units."""
    there = [one for one in counts if one.count]
    if not there:
        return ()
    total = sum(one.count for one in there)
    room = WIDTH - _GAP * (len(there) - 1) - _LEAST * len(there)
    placed, x = [], 0.0
    for one in there:
        width = _LEAST + room * one.count / total
        placed.append(replace(one, x=round(x, 1), width=round(width, 1)))
        x += width + _GAP
    return tuple(placed)
