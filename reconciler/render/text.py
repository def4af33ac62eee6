"""Plans, applies and drift for a person at a terminal, or in a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from reconciler.model.plan import Action, Change, Orphan, Plan
from reconciler.model.resources import Notice
from reconciler.model.results import ApplyReport, DriftItem, DriftReport, DriftStatus, Result, Status
from reconciler.render import words
from reconciler.render.lines import BLANK, Line, Part, Screen, emit, line, table, with_id
from reconciler.render.text_fields import field_lines, request_lines
from reconciler.render.values import change_rows, drift_rows

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
        if not words.adopts_silently(change):
            emit(console, [*_change(screen, change), BLANK])
    emit(console, _adopted(screen, list(filter(words.adopts_silently, plan.changes))))
    emit(console, _notices(plan.notices))
    emit(console, _orphans(screen, plan.orphans))
    emit(console, [line(0, (words.plan_verdict(plan), "bold"))])


def _plan_head(plan: Plan) -> Iterator[Line]:
    commit = f" at {plan.commit[:12]}" if plan.commit else ""
    where = f"  sandbox {plan.sandbox} of {plan.organisation}{commit}"
    yield from (line(0, ("Plan for ", "bold"), (plan.target, "bold"), (where, "dim")), BLANK)


def _change(screen: Screen, change: Change) -> Iterator[Line]:
    style = _ACTION[change.action]
    head = [(f"{words.SYMBOL[change.action]} ", style), (str(change.resource), "bold"), (f"  {change.action}", style)]
    tags = [(f" [{cause}]", _CAUSE[cause]) for cause in words.causes(change)]
    yield from with_id(screen, 2, [*head, *tags], change.id)
    if change.blocked_by is not None:
        yield line(6, ("blocked: ", style), change.blocked_by)
    yield from field_lines(screen, change_rows(change), 6)
    for note in change.notes:
        yield line(6, ("note: ", "cyan"), note)
    for request in change.requests:
        yield from request_lines(screen, request, 6)


def _adopted(screen: Screen, adopted: Sequence[Change]) -> Iterator[Line]:
    if adopted:
        symbol = f"{words.SYMBOL[Action.ADOPT]} {len(adopted)} to adopt"
        yield line(2, (symbol, _ACTION[Action.ADOPT]), ", nothing to send:")
        yield from _rows(screen, 6, [[(str(change.resource), ""), (change.id or "", "dim")] for change in adopted])
        yield from (line(6, ("note: ", "cyan"), note) for note in words.adoption_notes(adopted))
        yield BLANK


def _rows(screen: Screen, indent: int, rows: Sequence[Sequence[Part]]) -> Iterator[Line]:
    yield from (item for lines in table(screen, indent, rows, [1]) for item in lines)


def _orphans(screen: Screen, orphans: tuple[Orphan, ...]) -> Iterator[Line]:
    if orphans:
        yield line(0, ("Orphans", "bold"), (f"  {words.ORPHANS}.", "dim"))
        rows = [
            [(str(o.resource), ""), (o.id, "dim"), (words.PROTECTED if o.protect else "", "yellow")] for o in orphans
        ]
        yield from _rows(screen, 2, rows)
        yield from (line(2, advice, hang=0) for advice in words.orphan_advice(orphans))
        yield BLANK


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
        emit(console, [*_results(Screen.of(console), report.results), BLANK])
    emit(console, _notices(report.notices))
    emit(console, [line(0, (f"Apply: {words.apply_summary(report)}.", "bold"))])
    if report.interrupted:
        emit(console, [line(0, ("Interrupted: ", _ALARM), "what was not begun was not sent; apply again to go on.")])
    emit(console, (line(2, (f"{status}: ", _style(status)), advice) for status, advice in words.apply_next(report)))


def _results(screen: Screen, results: tuple[Result, ...]) -> Iterator[Line]:
    for result, lines in zip(results, table(screen, 2, list(map(_result, results)), [3, 1]), strict=True):
        yield from lines
        if result.error is not None:
            yield line(6, result.error)


def _result(result: Result) -> list[Part]:
    status, action = words.ended(result)
    return [
        (f"{words.STATUS_SYMBOL[result.status]} {result.resource}", _style(result.status)),
        (status, _style(result.status)),
        (action, ""),
        ("  ".join(filter(None, [result.id, words.tries(result.attempts)])), "dim"),
    ]


def _style(status: Status) -> str:
    return _STATUS.get(status, _ALARM)


def drift_text(report: DriftReport, console: Console) -> None:
    """Draw what was changed behind git's back: a table, then field by field what we left and what is live."""
    screen = Screen.of(console)
    items = [item for item in report.items if item.status is not DriftStatus.IN_SYNC]
    emit(console, [line(0, ("Drift on ", "bold"), (report.target, "bold")), BLANK])
    if items:
        emit(console, [*_drift_table(screen, items), BLANK])
        emit(console, _drift_fields(screen, items))
    emit(console, _notices(report.notices))
    emit(console, [line(0, (f"{words.drift_finding(report)}: {words.drift_summary(report)}.", "bold"))])
    emit(console, (line(2, (f"{way}: ", ""), (command, "bold")) for way, command in words.ways_out(report)))


def _drift_table(screen: Screen, items: Sequence[DriftItem]) -> Iterator[Line]:
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
    title, *laid_out = table(screen, 2, [head, *rows], [3, 1])
    yield from title
    for item, lines in zip(items, laid_out, strict=True):
        yield from lines
        known = None if item.fields or (item.id or "") in item.resource else item.id
        if item.detail:
            yield from with_id(screen, 6, [(words.drift_detail(item), "")], known)


def _drift_fields(screen: Screen, items: Sequence[DriftItem]) -> Iterator[Line]:
    for item in items:
        if item.fields:
            yield from with_id(screen, 2, [(item.resource, "bold")], item.id)
            yield line(6, (words.LEGEND, "dim"))
            yield from field_lines(screen, drift_rows(item.fields), 6)
            yield BLANK
