"""The issue of a target: what has drifted, who wrote last, and the commands to decide about it, ready to be copied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from reconciler.model.results import DriftReport, DriftStatus
from reconciler.render import words
from reconciler.render.comment import Occasion
from reconciler.render.json import drift_json
from reconciler.render.markdown import drift_page
from reconciler.render.markup import details, fence
from reconciler.render.timetable import timetable

TOP: Final = 8_000
"""Characters kept free for what stands above what is known."""

_COMMANDS: Final = 25
_LINES: Final = 20
_COLUMNS: Final = 160
_SNOOZE: Final = timedelta(days=30)
_NEVER: Final = "no look has read everything yet"


def issue_title(report: DriftReport) -> str:
    """Return the title; names of targets are plain."""
    return f"{words.drift_finding(report)} on {report.target}: {words.drift_summary(report)}"


def failed_title(target: str) -> str:
    """Return the title where nothing could be read."""
    return f"Drift on {target} cannot be looked for"


def issue_top(report: DriftReport, occasion: Occasion, seen: int | None) -> str:
    """Return the state of the last look; ``seen`` is when a look last read everything, in epoch seconds."""
    if not report.readable:
        state = "**Not everything could be read**, so that this issue stays open whatever else is found."
    elif report.drifted:
        state = "Live is not as we left it. Decide about each: put git's back, keep theirs, or leave it for a while."
    else:
        state = "**Live is as we left it**: a look that read everything has found no drift."
    return "\n\n".join([state, *_occasion(occasion, seen)])


def failed_top(problem: str, occasion: Occasion, seen: int | None) -> str:
    """Return the state after a look that read nothing, and why."""
    # Indented, so that no line of it can be one of ours.
    lines = [f"  {line[:_COLUMNS]}" for line in problem.split("\n")[:_LINES]]
    state = "**The last look could not read anything.** Whether there is drift is not known; below is what was known."
    return "\n\n".join([state, fence(lines, "text"), *_occasion(occasion, seen)])


def _occasion(occasion: Occasion, seen: int | None) -> list[str]:
    last = words.iso(seen) if seen is not None else _NEVER
    return [*occasion.lines, f"Last look that read everything: {last}."]


def issue_known(report: DriftReport, occasion: Occasion, limit: int) -> str:
    """Return what a look has found, in at most ``limit`` characters."""
    commands = list(_commands(report, occasion.now))
    head = ["The last writer is the object's: the service keeps one for an object, not one for a field."]
    if commands:
        summary = "Commands: each writes manifests for you to commit, and sends nothing"
        head.insert(0, details(summary, [fence(commands, "sh")], unfolded=True))
    runs = timetable(report.items, occasion.now, ("left", "live now"))
    page = drift_page(
        report, head if report.drifted else ["Nothing has drifted."], occasion.whole, [runs] if runs else []
    )
    return page.within(limit)


def drift_digest(report: DriftReport) -> str:
    """Return what stands for all that has drifted, so that a change of it is noticed."""
    # Without the writer: a flow's own runs move the moment of the last change (FACTS 7).
    left = tuple(
        replace(one, changed_by=None, changed_client=None, changed_at=None)
        for one in report.items
        if one.status in (DriftStatus.DRIFTED, DriftStatus.MISSING)
    )
    return hashlib.sha256(drift_json(DriftReport(report.target, left))).hexdigest()[:16]


def news(report: DriftReport) -> dict[str, str]:
    """Return what is told to watchers when the issue's state changes, by what has happened."""
    told = f"{words.drift_finding(report)}: {words.drift_summary(report)}."
    return {
        "again": f"Again. {told}",
        "changed": f"It has changed. {told}",
        "clean": f"No drift any more. {told}",
        "drift": told,
        "unreadable": f"Not everything could be read. {told}",
    }


def failed_news() -> dict[str, str]:
    """Return what is told to watchers where nothing could be read."""
    told = "The last look could not read anything: see above for why. Whether there is drift is not known."
    return {"again": told, "unreadable": told}


def _commands(report: DriftReport, now: float) -> Iterator[str]:
    drifted = [item.resource for item in report.items if item.status is DriftStatus.DRIFTED]
    until = (datetime.fromtimestamp(now, UTC) + _SNOOZE).strftime("%Y-%m-%d")
    for resource in drifted[:_COMMANDS]:
        start = f"reconciler --target {report.target} drift"
        yield f"{start} --accept {resource}"
        yield f"{start} --snooze {resource} --until {until} --reason 'why'"
    if len(drifted) > _COMMANDS:
        yield f"# and {len(drifted) - _COMMANDS} more: the same with the names below"
    if report.drifted:
        yield f"reconciler --target {report.target} apply   # puts git's back; on GitHub, run the workflow"
