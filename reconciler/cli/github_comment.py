"""``reconciler github comment``: what a merge would send, said in the pull request."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.github_access import connect, graph, nightly_remark, said
from reconciler.cli.surroundings import Surroundings
from reconciler.github.api import Api
from reconciler.github.event import pull_request
from reconciler.github.marks import Mark
from reconciler.github.sticky import change_comments, put_comment
from reconciler.ledger import plan_file
from reconciler.model.errors import PlanFileError, UsageError
from reconciler.model.plan import Plan
from reconciler.model.resources import NAME
from reconciler.render.comment import Occasion, no_plan_comment, plan_comment


@click.command("comment")
@click.argument("planfile", required=False, type=click.Path(path_type=Path))
@click.option("--pull-request", "number", type=click.IntRange(1), help="Its number.  [default: the run's]")
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="What planning said, where it failed.")
@click.option("--artefact", metavar="NAME", help="The artefact that keeps the plan, for readers.")
@click.option("--drift-workflow", metavar="FILE", help="Tell when this workflow last looked for drift, e.g. drift.yml.")
@click.pass_context
def command(
    ctx: click.Context,
    planfile: Path | None,
    number: int | None,
    log: Path | None,
    artefact: str | None,
    drift_workflow: str | None,
) -> None:
    """Say in the pull request what a merge would send: one comment a target, changed in place.

    PLANFILE was made by plan --out. Where there is no such file, since planning failed, the comment says that: a plan
    of an older commit is not left standing. Without PLANFILE every comment of ours says it, whatever its target: for
    manifests that are broken, of which no target is known.

    \b
    Example:
      reconciler --target prod plan --out prod.plan && reconciler --target prod github comment prod.plan
    """
    around: Surroundings = ctx.obj
    pull = pull_request(around.environ, number)
    api, now = connect(around), around.clock.now()
    remarks = nightly_remark(api, drift_workflow, now)
    occasion = Occasion(now, api.access.run, pull.head, artefact, remarks)
    if planfile is None:
        _say_there_is_none(api, pull.number, around, said(log), occasion)
        return
    plan, problem = _plan(planfile, around)
    target = plan.target if plan else around.target
    if target is None:
        raise UsageError(f"{problem}; say --target, so that the pull request is told")
    if not NAME.fullmatch(target):
        raise UsageError(f"{target!r} is no name of a target")
    if around.target not in (None, target):
        raise UsageError(f"{planfile} is a plan for target {target!r}, and --target says {around.target!r}")
    mark = Mark("plan", target, str(around.folder))
    if plan is not None:
        text = plan_comment(plan, graph(around, target), occasion, mark.room())
    else:
        text = no_plan_comment(target, said(log) or problem, occasion)
    address = put_comment(api, pull.number, mark, mark.on(text, around.redactor.redact_finished))
    click.echo(f"{target}: {'the plan' if plan else 'that there is no plan'} stands at {address}", err=True)


def _say_there_is_none(api: Api, number: int, around: Surroundings, log: str, occasion: Occasion) -> None:
    def text(mark: Mark) -> str:
        return mark.on(no_plan_comment(mark.target, log, occasion), around.redactor.redact)

    for target in change_comments(api, number, "plan", str(around.folder), text):
        click.echo(f"{target}: the comment says that there is no plan", err=True)


def _plan(file: Path, around: Surroundings) -> tuple[Plan | None, str]:
    """Return the plan in a file; where it cannot be read, why."""
    try:
        return plan_file.load(file, around.plan_keys(), unverified=True)[0].plan, ""
    except PlanFileError as error:
        return None, str(error)
