"""What doctor found: rows for a person, JSON for a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Final

from reconciler.model.health import Check, Health, Status
from reconciler.render.inert import inert
from reconciler.render.lines import BLANK, emit, line
from reconciler.render.plain_json import plain_json

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console

    from reconciler.render.shapes import CheckShape, HealthShape  # for the type checker alone

_STYLE: Final = {
    Status.OK: "green",
    Status.FAILED: "bold red",
    Status.WARNING: "yellow",
    Status.NOT_CHECKED: "dim",
}


def doctor_text(health: Health, console: Console) -> None:
    """Draw the checks, what to mend below each, and the command to run next."""
    rows = list(_together(health.checks))
    wide = max(len(check.check) for check in rows)
    status_width = max(len(status) for status in Status)
    for check, following in zip_longest(rows, rows[1:]):
        head = f"{check.status.value:{status_width}}  "
        emit(console, [line(0, (head, _STYLE[check.status]), (f"{check.check:{wide}}  ", "bold"), inert(check.found))])
        if check.mend and (following is None or check.mend != following.mend):  # once below all that it mends
            emit(console, [line(status_width + wide + 4, ("-> ", "yellow"), inert(check.mend))])
    told = ", ".join(f"{count} {status}" for status, count in health.summary.items() if count)
    emit(console, [BLANK, line(0, told), line(0, ("Next: ", "bold"), health.next)])


def _together(checks: Iterable[Check]) -> Iterator[Check]:
    """Yield the rows, those that were not checked for one reason as one: they tell nothing of their own."""
    for (status, found), same in groupby(checks, lambda check: (check.status, check.found)):
        rows = list(same)
        if status is Status.NOT_CHECKED and len(rows) > 1:
            yield Check(f"{rows[0].check} … {rows[-1].check}", status, found)
        else:
            yield from rows


def doctor_json(health: Health) -> bytes:
    """Return the checks as JSON: ``{checks: [{check, status, found, mend}], next, summary: {status: count}}``.

    Keys are sorted; the checks stand in the order in which they depend on one another.
    """
    checks: list[CheckShape] = [
        {"check": one.check, "status": one.status, "found": one.found, "mend": one.mend or None}
        for one in health.checks
    ]
    document: HealthShape = {"checks": checks, "next": health.next, "summary": dict(health.summary)}
    return plain_json(document)
