"""A change's fields and requests as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.plan import Request
from reconciler.render.inert import width
from reconciler.render.lines import Line, Part, Screen, breaks, line, pad
from reconciler.render.values import Row, body_lines, request_body, request_size

_ARROW: Final = " → "
_LONGEST_PATH: Final = 44
_COMPACT: Final = 100
_CREATE_LINES: Final = 40
_STYLE: Final = {"+": "green", "-": "red", "~": "yellow"}


def field_lines(screen: Screen, rows: Sequence[Row], indent: int) -> Iterator[Line]:
    """Lay out fields with their paths and arrows below each other; inner keys stand below their field.

    Values are never shortened: those that do not fit beside their path stand below it.
    """
    texts = [_plain(screen, row) for row in rows]
    most = _LONGEST_PATH if screen.width is None else min(_LONGEST_PATH, screen.width * 2 // 5)
    paths = min(max((width(row.path) for row in texts), default=0), most)
    befores = _before_column(screen, texts, indent + 2 + paths + 2)
    for row in texts:
        beside = line(indent, *_head(row, paths), *_values(row, befores))
        if row.inner:
            yield line(indent, *_head(row, 0), hang=4)
            yield from field_lines(screen, row.inner, indent + 2)
        elif screen.fits(beside):
            yield beside
        else:
            yield line(indent, *_head(row, 0), hang=4)
            yield from _below(row, indent)


def _plain(screen: Screen, row: Row) -> Row:
    before, after = (None if text is None else screen.plain(text) for text in (row.before, row.after))
    return Row(screen.plain(row.path), before, after, row.inner)


def _head(row: Row, paths: int) -> tuple[Part, Part]:
    return (f"{row.mark} ", _STYLE[row.mark]), (f"{pad(row.path, paths)}  ", "")


def _before_column(screen: Screen, rows: Sequence[Row], taken: int) -> int:
    """Return how wide the values before the arrows may be filled up: not at all where a line would get too long."""
    room = (screen.width or _COMPACT) - taken - len(_ARROW)
    pairs = [(width(row.before), width(row.after)) for row in rows if row.before and row.after and not row.inner]
    fitting = [(before, after) for before, after in pairs if before + after <= room]
    widest = max((before for before, _ in fitting), default=0)
    return widest if all(widest + after <= room for _, after in fitting) else 0


def _values(row: Row, befores: int) -> tuple[Part, ...]:
    if row.before is None:
        return ((row.after or "", "green"),)
    if row.after is None:
        return ((row.before, "red"),)
    return (pad(row.before, befores), "red"), (_ARROW, "dim"), (row.after, "green")


def _below(row: Row, indent: int) -> Iterator[Line]:
    if row.before is not None:
        yield line(indent + 4, (row.before, "red"))
    if row.after is not None:
        arrow = "  " if row.before is None else _ARROW[1:]
        yield line(indent + 2, (arrow, "dim"), (row.after, "green"), hang=4)


def request_lines(screen: Screen, request: Request, indent: int) -> Iterator[Line]:
    """Lay out one request as it would be sent: its line, and its body."""
    verb: list[Part] = [(request.method, "bold"), (f" {request.path}", "")]
    match = f"If-Match {request.if_match}" if request.if_match else ""
    more = " ".join(filter(None, [match, request_size(request).strip()]))
    together = line(indent, *verb, (f" {more}", "dim"))
    if screen.fits(together) or not more:
        yield together
    else:
        yield from (line(indent, *verb), line(indent + 2, (more, "dim")))
    if request_body(request) is not None:
        yield from _body(screen, request, indent + 2)


def _body(screen: Screen, request: Request, indent: int) -> Iterator[Line]:
    """Lay out a body, whole but for a create's on a terminal, which may go on for pages; no value is ever cut."""
    columns = _COMPACT if screen.width is None else min(_COMPACT, screen.width - indent)
    lines = [screen.plain(text) for text in body_lines(request.body, columns)]
    most = None if screen.width is None or request.method == "PATCH" else _CREATE_LINES
    drawn = 0
    for at, text in enumerate(lines):
        if most is not None and drawn >= most:
            yield line(indent, (f"… {len(lines) - at} more lines; --format json shows all of them", "dim italic"))
            return
        hang = len(text) - len(text.lstrip()) + 4
        drawn += 1 + len(breaks(text, columns, max(columns - hang, 1)))
        yield line(indent, (text, "dim"), hang=hang)
