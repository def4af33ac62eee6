"""A change's fields and requests as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.plan import Request
from reconciler.render.inert import width
from reconciler.render.lines import Line, Part, Screen, line, pad
from reconciler.render.values import Row, body_lines, request_body, request_size, shorten, shorten_pair

_ARROW: Final = " → "
_LONGEST_PATH: Final = 44
_SHORTEST_VALUE: Final = 16
_COMPACT: Final = 100
_BODY_LINES: Final = 30
_STYLE: Final = {"+": "green", "-": "red", "~": "yellow"}


def field_lines(screen: Screen, rows: Sequence[Row], indent: int) -> Iterator[Line]:
    """Lay out fields with their paths and arrows below each other; inner keys stand below their field."""
    texts = [_cut(screen, row, indent) for row in rows]
    paths = min(max((width(row.path) for row in texts), default=0), _LONGEST_PATH)
    befores = _before_column(screen, texts, indent + paths)
    for row in texts:
        head = ((f"{row.mark} ", _STYLE[row.mark]), f"{pad(row.path, paths)}  ")
        if row.inner:
            yield line(indent, *head)
            yield from field_lines(screen, row.inner, indent + 2)
        else:
            yield line(indent, *head, *_values(row, befores))


def _cut(screen: Screen, row: Row, indent: int) -> Row:
    """Return a row as it may be shown, with values that fit beside its path."""
    path = screen.plain(row.path)
    before, after = (None if text is None else screen.plain(text) for text in (row.before, row.after))
    if screen.width is None:
        return Row(path, before, after, row.inner)
    room = max(screen.width - indent - 4 - max(width(path), _LONGEST_PATH // 2), 2 * _SHORTEST_VALUE)
    if before is not None and after is not None and width(before + _ARROW + after) > room:
        before, after = shorten_pair(before, after, max((room - len(_ARROW)) // 2, _SHORTEST_VALUE))
    return Row(path, _alone(before, room), _alone(after, room), row.inner)


def _alone(text: str | None, room: int) -> str | None:
    return None if text is None else shorten(text, room)


def _before_column(screen: Screen, rows: Sequence[Row], taken: int) -> int:
    """Return how wide the values before the arrows may be filled up: not at all where a line would get too long."""
    pairs = [(width(row.before), width(row.after)) for row in rows if row.before and row.after and not row.inner]
    widest, room = max((before for before, _ in pairs), default=0), screen.width or _COMPACT
    longest = max((after for _, after in pairs), default=0)
    return widest if taken + 4 + widest + len(_ARROW) + longest <= room else 0


def _values(row: Row, befores: int) -> tuple[Part, ...]:
    if row.before is None or row.before == row.after:
        return ((row.after or "", "green" if row.before is None else ""),)
    if row.after is None:
        return ((row.before, "red"),)
    return (pad(row.before, befores), "red"), (_ARROW, "dim"), (row.after, "green")


def request_lines(screen: Screen, request: Request, indent: int) -> Iterator[Line]:
    """Lay out one request as it would be sent: its line, and its body."""
    match = f" If-Match {request.if_match}" if request.if_match else ""
    size = request_size(request)
    yield line(indent, (request.method, "bold"), f" {request.path}", (match, "dim"), (size, "dim"), brief=True)
    if request_body(request) is not None:
        yield from _body(screen, request, indent + 2)


def _body(screen: Screen, request: Request, indent: int) -> Iterator[Line]:
    columns = _COMPACT if screen.width is None else min(_COMPACT, screen.width - indent)
    lines = [screen.plain(text) for text in body_lines(request.body, columns)]
    kept = lines if screen.width is None else [shorten(text, screen.width - indent) for text in lines[:_BODY_LINES]]
    yield from (line(indent, (text, "dim")) for text in kept)
    if len(kept) < len(lines):
        yield line(indent, (f"… {len(lines) - len(kept)} more lines; --format json shows all of them", "dim italic"))
