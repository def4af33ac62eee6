"""Plans, applies and drift for a person at a terminal, or in a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from reconciler.model.plan import Action, Change, Orphan, Plan
from reconciler.model.resources import Notice
from reconciler.model.results import ApplyReport, DriftItem, DriftReport, DriftStatus, Result, Status
from reconciler.render import words
from reconciler.render.lines import BLANK, Line, Screen, emit, line, table
from reconciler.render.text_fields import field_lines, request_lines
from reconciler.render.values import change_rows, field_rows

if TYPE_CHECKING:  # rich is imported when something is drawn, not when the program starts
    from rich.console import Console

_ACTION: Final = {
    Action.CREATE: "bold green",
    Action.UPDATE: "bold yellow",
    Action.REPLACE: "bold magenta",
    Action.DELETE: "bold red",
    Action.ADOPT: "bold cyan",
    Action.FORGET: "bold blue",
    Action.UNCHANGED: "dim",
    Action.BLOCKED: "bold red",
}
_STATUS: Final = {Status.APPLIED: "bold green", Status.SKIPPED: "yellow", Status.UNCHANGED: "dim"}
_DRIFT: Final = {DriftStatus.PENDING: "cyan", DriftStatus.SNOOZED: "dim", DriftStatus.UNMANAGED: "blue"}
_CAUSE: Final = {"git": "cyan", "drift": "yellow", "adopt": "magenta"}
_ALARM: Final = "bold red"


def plan_text(plan: Plan, console: Console) -> None:
    """Draw a plan: what would be sent, change by change, and the sum of it last."""
    screen = Screen.of(console)
    emit(console, _plan_head(plan))
    for change in plan.changes:
        emit(console, [*_change(screen, change), BLANK])
    emit(console, _notices(plan.notices))
    emit(console, _orphans(plan.orphans))
    emit(console, [line(0, (words.plan_verdict(plan), "bold"))])


def _plan_head(plan: Plan) -> Iterator[Line]:
    commit = f" at {plan.commit[:12]}" if plan.commit else ""
    where = f"  sandbox {plan.sandbox} of {plan.organisation}{commit}"
    yield from (line(0, ("Plan for ", "bold"), (plan.target, "bold"), (where, "dim")), BLANK)


def _change(screen: Screen, change: Change) -> Iterator[Line]:
    style = _ACTION[change.action]
    head = [(f"{words.SYMBOL[change.action]} ", style), (str(change.resource), "bold"), (f"  {change.action}", style)]
    tags = [(f" [{cause}]", _CAUSE[cause]) for cause in words.causes(change)]
    yield line(2, *head, *tags, (f"  {change.id or ''}", "dim"), brief=True)
    if change.blocked_by is not None:
        yield line(6, ("blocked: ", style), change.blocked_by)
    yield from field_lines(screen, change_rows(change), 6)
    for note in change.notes:
        yield line(6, ("note: ", "cyan"), note)
    for request in change.requests:
        yield from request_lines(screen, request, 6)


def _orphans(orphans: tuple[Orphan, ...]) -> Iterator[Line]:
    if orphans:
        yield line(0, ("Orphans", "bold"), (f"  {words.ORPHANS}.", "dim"))
        rows = [
            [(str(o.resource), ""), (o.id, "dim"), (words.PROTECTED if o.protect else "", "yellow")] for o in orphans
        ]
        yield from table(2, rows)
        yield from (line(2, words.orphan_advice(orphans)), BLANK)


def _notices(notices: tuple[Notice, ...]) -> Iterator[Line]:
    if notices:
        yield line(0, ("Notices", "bold"))
        yield from (line(2, ("! ", "yellow"), str(notice)) for notice in notices)
        yield BLANK


def apply_text(report: ApplyReport, console: Console) -> None:
    """Draw how an apply ended: a line a result, the sum, and what is to be done next."""
    run = f"  run {report.run}" if report.run else ""
    emit(console, [line(0, ("Apply to ", "bold"), (report.target, "bold"), (run, "dim")), BLANK])
    if report.results:
        emit(console, [*_results(report.results), BLANK])
    emit(console, _notices(report.notices))
    emit(console, [line(0, (f"Apply: {words.apply_summary(report)}.", "bold"))])
    if report.interrupted:
        emit(console, [line(0, ("Interrupted: ", _ALARM), "what was not begun was not sent; apply again to go on.")])
    emit(console, (line(2, (f"{status}: ", _style(status)), advice) for status, advice in words.apply_next(report)))


def _results(results: tuple[Result, ...]) -> Iterator[Line]:
    rows = [
        [
            (f"{words.STATUS_SYMBOL[result.status]} {result.resource}", _style(result.status)),
            (str(result.status), _style(result.status)),
            (str(result.action), ""),
            ("  ".join(filter(None, [result.id, words.tries(result.attempts)])), "dim"),
        ]
        for result in results
    ]
    for result, row in zip(results, table(2, rows), strict=True):
        yield row
        if result.error is not None:
            yield line(6, result.error)


def _style(status: Status) -> str:
    return _STATUS.get(status, _ALARM)


def drift_text(report: DriftReport, console: Console) -> None:
    """Draw what was changed behind git's back: a table, then field by field what we left and what is live."""
    screen = Screen.of(console)
    items = [item for item in report.items if item.status is not DriftStatus.IN_SYNC]
    emit(console, [line(0, ("Drift on ", "bold"), (report.target, "bold")), BLANK])
    if items:
        emit(console, [*_drift_table(items), BLANK])
        emit(console, _drift_details(screen, items))
    emit(console, _notices(report.notices))
    emit(console, [line(0, (words.drift_verdict(report), "bold"))])


def _drift_table(items: Iterable[DriftItem]) -> list[Line]:
    head = [(title, "dim") for title in ("RESOURCE", "STATUS", "FIELDS", "LAST WRITER", "WHEN")]
    rows = [
        [
            (item.resource, "bold"),
            (words.drift_word(item.status), _DRIFT.get(item.status, _ALARM)),
            (str(len(item.fields) or ""), ""),
            (words.writer(item), ""),
            (words.when(item.changed_at), "dim"),
        ]
        for item in items
    ]
    return table(2, [head, *rows])


def _drift_details(screen: Screen, items: Iterable[DriftItem]) -> Iterator[Line]:
    for item in items:
        if item.fields or item.detail:
            yield line(2, (item.resource, "bold"), (f"  {item.id or ''}", "dim"))
            if item.detail:
                yield line(6, item.detail)
            yield from field_lines(screen, field_rows(item.fields), 6)
            yield BLANK
