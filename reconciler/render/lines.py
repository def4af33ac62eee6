"""Text as data: a line is styled parts, laid out without a terminal and drawn on one at the very end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from reconciler.render.inert import inert, width

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console
    from rich.text import Text

Part: TypeAlias = tuple[str, str]
"""A text and its style."""

_HANG: Final = 2
_NARROWEST: Final = 40
_UUID: Final = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{22}\b")


@dataclass(frozen=True, slots=True)
class Line:
    """One line; its texts are made inert when they are drawn, so that no caller can forget it.

    Iff ``brief``, ids in it are cut to their first eight digits where it is too long.
    """

    parts: tuple[Part, ...] = ()
    indent: int = 0
    brief: bool = False

    def shortened(self) -> Line:
        """Return the line with its ids cut."""
        return replace(self, parts=tuple((_UUID.sub(r"\1…", text), style) for text, style in self.parts))


BLANK: Final = Line()


def line(indent: int, *parts: str | Part, brief: bool = False) -> Line:
    """Return a line of parts, plain or styled."""
    return Line(tuple((part, "") if isinstance(part, str) else part for part in parts), indent, brief)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a layout has to know of its console.

    ``width`` is None iff nothing is to be cut or wrapped. ``redact`` is the sink's own fence, ahead of what would hide
    a secret from it: the escapes of :func:`inert`, a value cut in its middle, a line wrapped in one.
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


def pad(text: str, columns: int) -> str:
    """Fill text up with spaces."""
    return text + " " * (columns - width(text))


def table(indent: int, rows: Sequence[Sequence[Part]]) -> list[Line]:
    """Return a line a row, its cells aligned; the last column is not filled up."""
    widths = [max(width(inert(text)) for text, _ in column) for column in zip(*rows, strict=True)]
    return [line(indent, *_aligned(row, widths), brief=True) for row in rows]


def _aligned(row: Sequence[Part], widths: Sequence[int]) -> list[Part]:
    cells = zip(row[:-1], widths, strict=False)
    return [*((pad(inert(text), size + 2), style) for (text, style), size in cells), row[-1]]


def emit(console: Console, lines: Iterable[Line]) -> None:
    """Draw lines; on a terminal a long one goes on below its own beginning."""
    from rich.text import Text  # noqa: PLC0415 - see above

    screen = Screen.of(console)
    texts = [text for item in lines for text in _drawn(console, screen, item)]
    if texts:  # one call for all of them: each has its price
        console.print(Text("\n").join(texts), soft_wrap=True, markup=False, highlight=False, emoji=False)


def _drawn(console: Console, screen: Screen, item: Line) -> Iterator[Text]:
    from rich.text import Text  # noqa: PLC0415 - see above

    text = _text(screen, item)
    first, rest = " " * item.indent, " " * (item.indent + _HANG)
    if screen.width is not None and len(first) + text.cell_len > screen.width and item.brief:
        text = _text(screen, item.shortened())
    if screen.width is None or len(first) + text.cell_len <= screen.width:
        yield Text(first) + text if text else text
        return
    for at, piece in enumerate(text.wrap(console, screen.width - len(rest))):
        piece.rstrip()
        yield Text(rest if at else first) + piece


def _text(screen: Screen, item: Line) -> Text:
    from rich.text import Text  # noqa: PLC0415 - see above

    text = Text.assemble(*((screen.plain(part), style) for part, style in item.parts))
    text.rstrip()
    return text
