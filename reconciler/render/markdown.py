"""Plans, applies and drift as GitHub's Markdown: a pull request comment, a job's summary.

Names, ids and paths stand in inline code. Values and whatever the service said stand in fenced blocks only: there they
are inert as they are, so that a redactor behind this still recognises a secret in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.plan import Action, Change, Orphan, Plan, Request
from reconciler.model.resources import Notice
from reconciler.model.results import ApplyReport, DriftItem, DriftReport, DriftStatus, Result
from reconciler.render import words
from reconciler.render.markup import code, details, fence
from reconciler.render.page import EVERYTHING, Page
from reconciler.render.values import Row, body_lines, change_rows, drift_rows, request_body, request_size

LIMIT: Final = 65_000
"""Characters: GitHub refuses comments of more than 65536."""

_GRAVEST: Final = {Action.BLOCKED: 0, Action.DELETE: 1, Action.REPLACE: 2}
_CREATE_LINES: Final = 80
_COLUMNS: Final = 100
_FIELDS: Final = 5
_DETAILS: Final = 50


def plan_markdown(plan: Plan, limit: int = LIMIT) -> str:
    """Return a plan: its sum, a table, and folded the fields and requests of each change."""
    return plan_page(plan).within(limit)


def plan_page(plan: Plan, head: Sequence[str] = (), pictures: Sequence[str] = (), whole: str = EVERYTHING) -> Page:
    """Return the page of a plan, with further blocks of its head and pictures; Markdown, as they are."""
    commit = f" at {code(plan.commit[:12])}" if plan.commit else ""
    top = [
        f"### Plan for {code(plan.target)}: {words.plan_summary(plan)}",
        f"Sandbox {code(plan.sandbox)} of {code(plan.organisation)}{commit}, plan {code(plan.digest[:12])}."
        + ("" if plan.has_changes else " **No changes** to send."),
    ]
    foot = [*_notices(plan.notices), *_orphans(plan.orphans)]
    adopted = list(filter(words.adopts_silently, plan.changes))
    changes = [change for change in plan.changes if not words.adopts_silently(change)]
    changes.sort(key=lambda change: _GRAVEST.get(change.action, len(_GRAVEST)))  # what is cut for length is the rest
    top += _graves(changes)
    sections = [*map(_change, changes), *_adopted(adopted)]
    columns = ("", "resource", "action", "causes", "fields")
    return Page([*top, *head], columns, list(map(_plan_row, changes)), pictures, sections, foot, whole)


def _graves(changes: Sequence[Change]) -> list[str]:
    """Return what a reviewer has to have seen, by name: what goes, what is made anew, what stops, what is blocked."""
    named = {
        "Deletes": [change for change in changes if change.action is Action.DELETE],
        "Replaces": [change for change in changes if change.action is Action.REPLACE],
        "Switches off": [change for change in changes if words.switches_off(change)],
        "Blocked": [change for change in changes if change.action is Action.BLOCKED],
    }
    lines = [f"- **{word}** {_few([str(one.resource) for one in some])}" for word, some in named.items() if some]
    return ["\n".join(lines)] if lines else []


def _few(names: Sequence[str]) -> str:
    """Name some, in inline code, and count the rest."""
    more = f" and {len(names) - _FIELDS} more" if len(names) > _FIELDS else ""
    return ", ".join(map(code, names[:_FIELDS])) + more


def _adopted(adopted: Sequence[Change]) -> list[str]:
    if not adopted:
        return []
    title = f"{code(words.SYMBOL[Action.ADOPT])} <b>{len(adopted)} to adopt</b>, nothing to send"
    listed = [f"{change.resource}  {change.id or ''}" for change in adopted]
    return [details(title, [fence([*listed, *(f"note: {note}" for note in words.adoption_notes(adopted))], "text")])]


def _plan_row(change: Change) -> tuple[str, ...]:
    causes = ", ".join(words.causes(change))
    return code(words.SYMBOL[change.action]), code(str(change.resource)), change.action.value, causes, _paths(change)


def _paths(item: Change | DriftItem) -> str:
    return _few([field.path for field in item.fields])


def _change(change: Change) -> str:
    title = f"{code(words.SYMBOL[change.action])} <b>{change.action}</b> {code(str(change.resource))}"
    blocks = []
    if change.blocked_by is not None:
        blocks.append(fence([f"blocked: {change.blocked_by}"], "text"))
    blocks += _diff(change_rows(change))
    if change.notes:
        blocks.append(fence([f"note: {note}" for note in change.notes], "text"))
    blocks += [_request(request) for request in change.requests]
    identity = f" {code(change.id)}" if change.id else ""
    return details(title + identity, blocks, unfolded=change.action is Action.BLOCKED) if blocks else ""


def _diff(rows: Sequence[Row], *legend: str) -> list[str]:
    lines = [text for row in rows for text in _diff_lines("", row)]
    return [fence([*legend, *lines], "diff")] if lines else []


def _diff_lines(prefix: str, row: Row) -> Iterator[str]:
    path = prefix + row.path
    if row.inner:
        for inner in row.inner:
            yield from _diff_lines(path, inner)
        return
    if row.before is not None:
        yield f"- {path}: {row.before}"
    if row.after is not None:
        yield f"+ {path}: {row.after}"


def _request(request: Request) -> str:
    match = f" If-Match {request.if_match}" if request.if_match else ""
    size, body = request_size(request), request_body(request)
    lines = [] if body is None else body_lines(body, _COLUMNS)
    most = len(lines) if request.method == "PATCH" else _CREATE_LINES  # of an update a person reviews every word
    left = len(lines) - most
    more = [f"… {left} more lines; --format json shows all of them"] if left > 0 else []
    return fence([f"{request.method} {request.path}{match}{size}", *lines[:most], *more], "text")


def _orphans(orphans: tuple[Orphan, ...]) -> list[str]:
    if not orphans:
        return []
    listed = [
        f"- {code(str(orphan.resource))} {code(orphan.id)}{f' ({words.PROTECTED})' if orphan.protect else ''}"
        for orphan in orphans
    ]
    return [f"**Orphans.** {words.ORPHANS}.", "\n".join(listed), *words.orphan_advice(orphans)]


def _notices(notices: tuple[Notice, ...]) -> list[str]:
    return ["**Notices**", fence([f"! {notice}" for notice in notices], "text")] if notices else []


def apply_markdown(report: ApplyReport, limit: int = LIMIT) -> str:
    """Return how an apply ended: its sum, what to do next, a table, and the errors."""
    return apply_page(report).within(limit)


def apply_page(report: ApplyReport, more: Sequence[str] = (), last: Sequence[str] = ()) -> Page:
    """Return the page of an apply, with further blocks of its head and its end; Markdown, as they are."""
    head = [f"### Apply to {code(report.target)}: {words.apply_summary(report)}"]
    if report.interrupted:
        head.append("**Interrupted**: what was not begun was not sent; apply again to go on.")
    head += ["\n".join(f"- **{status}**: {advice}" for status, advice in words.apply_next(report))]
    rows = [_result_row(result) for result in report.results]
    errors = (_error(result) for result in report.results)
    columns = ("", "resource", "action", "status", "attempts", "id")
    blocks = [block for block in [*head, *more] if block]
    return Page(blocks, columns, rows, sections=list(errors), foot=[*_notices(report.notices), *last])


def _result_row(result: Result) -> tuple[str, ...]:
    identity = code(result.id) if result.id else ""
    symbol, tries = words.STATUS_SYMBOL[result.status], str(result.attempts or "")
    status, action = words.ended(result)
    return code(symbol), code(str(result.resource)), action, status, tries, identity


def _error(result: Result) -> str:
    if result.error is None:
        return ""
    title = f"<b>{result.status}</b> {code(str(result.resource))}"
    return details(title, [fence([f"error: {result.error}"], "text")], unfolded=True)


def drift_markdown(report: DriftReport, limit: int = LIMIT) -> str:
    """Return what was changed behind git's back: its sum, a table, and folded what we left and what is live."""
    return drift_page(report).within(limit)


def drift_page(
    report: DriftReport, head: Sequence[str] = (), whole: str = EVERYTHING, pictures: Sequence[str] = ()
) -> Page:
    """Return the page of a look for drift; ``head`` are blocks of Markdown that stand first in place of our own."""
    items = [item for item in report.items if item.status is not DriftStatus.IN_SYNC]
    top = list(head)
    if not top:
        top = [f"### {words.drift_finding(report)} on {code(report.target)}: {words.drift_summary(report)}"]
        if ways := words.ways_out(report):
            top.append("\n".join(f"- {way}: {code(command)}" for way, command in ways))
    columns = ("resource", "status", "fields", "last writer", "when")
    sections = [*_drift_details(items), *map(_drift_fields, items)]
    rows = list(map(_drift_row, items))
    return Page(top, columns, rows, pictures, sections, _notices(report.notices), whole)


def _drift_row(item: DriftItem) -> tuple[str, ...]:
    writer = words.writer(item)
    status = words.drift_word(item.status)
    return code(item.resource), status, _paths(item), code(writer) if writer else "", words.when(item.changed_at)


def _drift_details(items: Sequence[DriftItem]) -> list[str]:
    """Return what is to be said of resources besides their fields, in pieces of which some fit when not all do."""
    lines = [f"{item.resource}  {words.drift_detail(item)}" for item in items if item.detail]
    return [fence(lines[at : at + _DETAILS], "text") for at in range(0, len(lines), _DETAILS)]


def _drift_fields(item: DriftItem) -> str:
    blocks = _diff(drift_rows(item.fields), "--- left", "+++ live now")
    identity = f" {code(item.id)}" if item.id else ""
    return details(f"{code(item.resource)}{identity}", blocks) if blocks else ""
