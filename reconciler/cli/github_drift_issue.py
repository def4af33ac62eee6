"""``reconciler github drift-issue``: the nightly look, and the one issue that tells of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import click

from reconciler.cli import inbox
from reconciler.cli.github_access import connect
from reconciler.cli.github_summary import write_summary
from reconciler.cli.main import DONE, ERROR
from reconciler.cli.surroundings import Surroundings
from reconciler.cli.wiring import session
from reconciler.engine.drift import drift, under_way
from reconciler.github.issues import Look, State, keep_issue
from reconciler.github.marks import Mark
from reconciler.manifest import load
from reconciler.model.errors import GitHubError, ManifestErrors, ReconcilerError
from reconciler.model.resources import NAME
from reconciler.model.results import DriftReport
from reconciler.model.veil import Veil
from reconciler.render import drift_issue as words
from reconciler.render.comment import Occasion
from reconciler.render.inert import inert
from reconciler.render.markdown import drift_markdown


@click.command("drift-issue")
@click.pass_context
def command(ctx: click.Context) -> int:
    """Look for drift, and keep the target's issue: opened with drift, closed when a whole look finds none.

    A look that could not read everything opens or changes the issue and never closes it; it exits with 1. Drift that
    is told in the issue exits with 0. What was found stands in the job's summary, too.

    \b
    Example:
      reconciler --target prod github drift-issue
    """
    around: Surroundings = ctx.obj
    api = connect(around)
    target = _target(around)
    now = around.clock.now()
    occasion = Occasion(now, api.access.run)
    mark = Mark("drift", target, str(around.folder))
    room = mark.room(state=State.UNREADABLE, digest="0" * 16, seen=int(now)) - words.TOP
    problem = None
    try:
        report = Veil(around.redactor).drift(_look(ctx))
    except ReconcilerError as error:
        problem, look = error, _failed(target, str(error), occasion)
    else:
        look = _found(report, occasion, room)
        write_summary(around, drift_markdown(report))
    try:
        address = keep_issue(api, mark, look, around.redactor.redact_finished)
    except GitHubError as error:
        raise GitHubError(f"{error}. It was to be told that: {problem}" if problem else str(error)) from error
    click.echo(f"{target}: {look.state}{f', told in {inert(address)}' if address else ''}", err=True)
    if problem is not None:
        raise problem
    return DONE if look.whole else ERROR


def _target(around: Surroundings) -> str:
    """Return the target whose issue it is, also where the manifests are broken; raises ReconcilerError.

    A target that no manifest declares has no issue, and neither has what is no name.
    """
    try:
        return load(around.folder).target(around.target).name
    except ManifestErrors:
        if around.target is None or not NAME.fullmatch(around.target):
            raise
        return around.target


def _look(ctx: click.Context) -> DriftReport:
    with session(ctx) as here:
        found = inbox.Found.look(here)
        report = drift(found.planned, found.state, found.snapshot)
        notices = (*report.notices, *under_way(found.state.open, here.clock.now()))
    return replace(report, notices=notices)


def _found(report: DriftReport, occasion: Occasion, room: int) -> Look:
    state = State.DRIFT if report.drifted else State.CLEAN if report.readable else State.UNREADABLE
    return Look(
        state,
        words.issue_title(report),
        partial(words.issue_top, report, occasion),
        words.issue_known(report, occasion, room),
        words.drift_digest(report),
        words.news(report),
        report.readable,
        int(occasion.now),
    )


def _failed(target: str, problem: str, occasion: Occasion) -> Look:
    top = partial(words.failed_top, problem, occasion)
    return Look(State.UNREADABLE, words.failed_title(target), top, None, "", words.failed_news(), now=int(occasion.now))
