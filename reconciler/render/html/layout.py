"""Where the nodes of a layered graph stand: in columns, each as close to its neighbours as it gets. Pure.

A node's column is given: what is needed stands left of what needs it. The fullest column is laid out first, evenly; in
each other one, nodes are sorted by the mean of their neighbours and moved apart as little as possible, which is the
isotonic regression of those means (pool adjacent violators). No node overlaps another, the same graph is the same
picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

_Pairs = Iterable[tuple[str, str]]


def place(columns: Sequence[Sequence[str]], edges: _Pairs) -> Mapping[str, float]:
    """Return the height of every node, in rows from 0; those of a column are at least one row apart.

    ``columns`` hold the keys of nodes in the order that neighbours do not decide; edges join two of them.
    """
    if not any(columns):
        return {}
    beside: dict[str, list[str]] = defaultdict(list)
    for one, other in edges:
        beside[one].append(other)
        beside[other].append(one)
    fullest = max(range(len(columns)), key=lambda at: (len(columns[at]), at))
    heights = {key: float(row) for row, key in enumerate(columns[fullest])}
    for at in sorted(range(len(columns)), key=lambda at: (abs(at - fullest), at)):
        if at != fullest:
            heights |= _column(columns[at], beside, heights)
    top = min(heights.values())
    return {key: height - top for key, height in heights.items()}


def _column(keys: Sequence[str], beside: Mapping[str, list[str]], heights: Mapping[str, float]) -> dict[str, float]:
    wished = {}
    for row, key in enumerate(keys):
        near = [heights[other] for other in beside.get(key, ()) if other in heights]
        wished[key] = fmean(near) if near else float(row)
    ordered = sorted(keys, key=lambda key: wished[key])
    return dict(zip(ordered, _apart([wished[key] for key in ordered]), strict=True))


def _apart(wished: Sequence[float]) -> list[float]:
    """Return the heights nearest to those that are wished, in their order, each at least one below the last."""
    blocks: list[tuple[float, int]] = []  # the mean of wishes, moved together, and of how many
    for row, wish in enumerate(wished):
        mean, count = wish - row, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    return [mean + row for row, mean in enumerate(means)]
