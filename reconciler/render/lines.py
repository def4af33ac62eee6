"""Text as data: a line is styled parts, laid out without a terminal and drawn on one at the very end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from reconciler.render.inert import inert, width

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console
    from rich.text import Text

Part: TypeAlias = tuple[str, str]
"""A text and its style."""

_HANG: Final = 2
_NARROWEST: Final = 40
_STOPS: Final = (" ", "/&,;")
"""After what a long line goes on below, best first; a UUID and a dotted name stay in one piece if they can."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; its texts are made inert when they are drawn, so that no caller can forget it.

    What does not fit goes on below, ``hang`` columns to the right of ``indent``; nothing of it is left out.
    """

    parts: tuple[Part, ...] = ()
    indent: int = 0
    hang: int = _HANG

    def columns(self, screen: Screen) -> int:
        """Return how many columns it takes when it is not wrapped."""
        return self.indent + sum(width(screen.plain(text)) for text, _ in self.parts)


BLANK: Final = Line()


def line(indent: int, *parts: str | Part, hang: int = _HANG) -> Line:
    """Return a line of parts, plain or styled."""
    return Line(tuple((part, "") if isinstance(part, str) else part for part in parts), indent, hang)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a layout has to know of its console.

    ``width`` is None iff nothing is to be wrapped. ``redact`` is the sink's own fence, ahead of what would hide
    a secret from it: the escapes of :func:`inert`, a line that is wrapped inside of one.
    """

    width: int | None
    redact: Callable[[str], str]

    @classmethod
    def of(cls, console: Console) -> Screen:
        """Ask a console."""
        redact: Callable[[str], str] = getattr(console.file, "redact", str)
        return cls(max(console.width, _NARROWEST) if console.is_terminal else None, redact)

    def plain(self, text: str) -> str:
        """Return text as it may be shown."""
        return inert(self.redact(text))

    def fits(self, *lines: Line) -> bool:
        """Iff none of these lines has to be wrapped."""
        return self.width is None or all(item.columns(self) <= self.width for item in lines)


def pad(text: str, columns: int) -> str:
    """Fill text up with spaces."""
    return text + " " * (columns - width(text))


def table(screen: Screen, indent: int, rows: Sequence[Sequence[Part]], splits: Sequence[int]) -> list[list[Line]]:
    """Return the lines of each row, its cells aligned.

    Where the rows are too wide, the cells from one of ``splits`` on stand below the others: from the first one that
    makes the rows fit, or else from the last.
    """
    for split in (len(rows[0]), *splits):
        upper = _aligned(screen, indent, [row[:split] for row in rows])
        if screen.fits(*upper):
            break
    lower = [[(text, style) for text, style in row[split:] if text] for row in rows]
    below = [line(indent + 4, *_spaced(cells)) if cells else None for cells in lower]
    return [[first] if second is None else [first, second] for first, second in zip(upper, below, strict=True)]


def _aligned(screen: Screen, indent: int, rows: Sequence[Sequence[Part]]) -> list[Line]:
    plain = [[(screen.plain(text), style) for text, style in row] for row in rows]
    widths = [max(width(text) for text, _ in column) for column in zip(*plain, strict=True)]
    return [
        line(
            indent,
            *((pad(text, size + 2), style) for (text, style), size in zip(row[:-1], widths, strict=False)),
            row[-1],
            hang=4,
        )
        for row in plain
    ]


def _spaced(cells: Sequence[Part]) -> Iterator[Part]:
    for at, (text, style) in enumerate(cells):
        yield ("  " if at else "") + text, style


def with_id(screen: Screen, indent: int, head: Sequence[Part], id: str | None) -> Iterator[Line]:
    """Yield a line that ends in an id; where that does not fit the id stands below, whole, so that it can be copied."""
    together = line(indent, *head, *([(f"  {id}", "dim")] if id else []), hang=4)
    if screen.fits(together) or not id:
        yield together
    else:
        yield from (line(indent, *head, hang=4), line(indent + 4, (id, "dim")))


def emit(console: Console, lines: Iterable[Line]) -> None:
    """Draw lines; on a terminal a long one goes on below its own beginning."""
    from rich.text import Text  # noqa: PLC0415 - see above

    screen = Screen.of(console)
    texts = [text for item in lines for text in _drawn(screen, item)]
    if texts:  # one call for all of them: each has its price
        console.print(Text("\n").join(texts), soft_wrap=True, markup=False, highlight=False, emoji=False)


def _drawn(screen: Screen, item: Line) -> Iterator[Text]:
    from rich.text import Text  # noqa: PLC0415 - see above

    text = Text.assemble(*((screen.plain(part), style) for part, style in item.parts))
    text.rstrip()
    if screen.width is None:
        yield Text(" " * item.indent) + text if text else text
        return
    hang = max(_HANG, min(item.hang, screen.width // 2 - item.indent))
    room = screen.width - item.indent
    for at, piece in enumerate(text.divide(breaks(text.plain, room, room - hang))):
        yield Text(" " * (item.indent + hang if at else item.indent)) + piece if text else piece


def breaks(text: str, first: int, rest: int) -> list[int]:
    """Return where a text goes on below, so that its first line is no wider than ``first`` and no other than ``rest``.

    Every character stays, also the spaces at the ends of lines: what is shown is what is sent.
    """
    found: list[int] = []
    start, room = 0, first
    while (end := _fitting(text, start, room)) < len(text):
        start, room = _kindly(text, start, end), rest
        found.append(start)
    return found


def _fitting(text: str, start: int, room: int) -> int:
    """Return the end of as much of a text as fits, which is at least one character."""
    columns = 0
    for at in range(start, len(text)):
        columns += width(text[at])
        if columns > room:
            return max(at, start + 1)
    return len(text)


def _kindly(text: str, start: int, end: int) -> int:
    """Return the best place to break: none that leaves a symbol alone, or most of the line empty."""
    least = start + (end - start) // 3
    for stops in _STOPS:
        at = max(text.rfind(stop, least, end) for stop in stops)
        if at >= 0:
            return at + 1
    return end
