"""What an acceptance or a snooze has written, for the person who is to commit it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reconciler.model.inbox import InboxReport, Written
from reconciler.render.lines import BLANK, Line, Screen, emit, line
from reconciler.render.text_fields import field_lines
from reconciler.render.values import drift_rows

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console

_NEXT: Final = "Nothing was sent. Look at it with git diff, then commit it: an apply of that leaves live as it is."


def inbox_text(report: InboxReport, console: Console) -> None:
    """Draw what was written: file and line, and from what to what; then what else there is to say."""
    screen = Screen.of(console)
    for one in report.written:
        emit(console, _written(screen, one))
    emit(console, (line(0, ("! ", "yellow"), remark) for remark in report.remarks))
    emit(console, [line(0, _NEXT), BLANK] if report.written else [BLANK])


def _written(screen: Screen, one: Written) -> Iterator[Line]:
    yield line(0, ("Written ", "bold"), (str(one.location), ""), (f"  {one.resource}", "bold"))
    yield from field_lines(screen, drift_rows((one.field,)), 6)
    if one.also:
        yield line(6, ("also changes ", "yellow"), f"{', '.join(one.also)}: see the plans there")
