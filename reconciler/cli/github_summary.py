"""``reconciler github summary``: a plan or the end of an apply, whole, in the job's summary."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli.github_access import connect, graph, learn_secrets, nightly_remark, said
from reconciler.cli.surroundings import Surroundings
from reconciler.github.access import run_page
from reconciler.github.reports import apply_report
from reconciler.ledger import plan_file
from reconciler.model.errors import UsageError
from reconciler.render.comment import Occasion, apply_for_summary, no_apply_for_summary, plan_for_summary


@click.command("summary")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="What the command said on stderr.")
@click.option("--artefact", metavar="NAME", help="The artefact that keeps the plan, for readers.")
@click.option("--drift-workflow", metavar="FILE", help="Tell when this workflow last looked for drift, e.g. drift.yml.")
@click.pass_context
def command(ctx: click.Context, file: Path, log: Path | None, artefact: str | None, drift_workflow: str | None) -> None:
    """Say a plan, or how an apply ended and what to do, in the job's summary.

    FILE was made by plan --out or is what apply --format json wrote; an empty one is an apply that ended before it had
    a result. Where GITHUB_STEP_SUMMARY names no file it goes to stdout.

    \b
    Example:
      reconciler --target prod apply --yes --format json > apply.json 2> log
      reconciler --target prod github summary apply.json --log log
    """
    around: Surroundings = ctx.obj
    learn_secrets(around.environ, around.redactor)
    now = around.clock.now()
    remarks = nightly_remark(connect(around), drift_workflow, now) if drift_workflow else []
    occasion = Occasion(now, run_page(around.environ), artefact=artefact, remarks=remarks)
    text = _text(around, file, said(log), occasion)
    write_summary(around, text)


def write_summary(around: Surroundings, text: str) -> None:
    """Add a text to the job's summary, or write it to stdout where there is none."""
    path = around.environ.get("GITHUB_STEP_SUMMARY", "")
    if not path:
        sys.stdout.write(text)
        return
    with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as summary:
        summary.write(around.redactor.redact_finished(text) + "\n")


def _text(around: Surroundings, file: Path, log: str, occasion: Occasion) -> str:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        content = b""
    if content.strip() and b'"formatVersion"' in content:
        plan = plan_file.load(file, around.plan_keys(), unverified=True)[0].plan
        return plan_for_summary(plan, graph(around, plan.target), occasion)
    if around.target is None:
        raise UsageError("say --target, before the command: an apply's JSON does not name its target")
    if not content.strip():
        return no_apply_for_summary(around.target, log or f"{file} is empty, and nothing was said", occasion)
    return apply_for_summary(apply_report(around.target, content), log, occasion)
