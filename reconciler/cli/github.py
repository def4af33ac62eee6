"""``reconciler github``: what the workflows say on GitHub, and what they take from it."""

from __future__ import annotations

from typing import Final

import click

from reconciler.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "comment": "Say in the pull request what a merge would send: one comment a target, changed in place.",
    "summary": "Say a plan, or how an apply ended and what to do, in the job's summary.",
    "reviewed-plans": "Fetch the plans that were reviewed in what was merged since the last apply.",
    "drift-issue": "Look for drift, and keep the target's issue: opened, changed, closed when all is well.",
}


class _Commands(LazyGroup):
    table = _COMMANDS
    prefix = "github_"


@click.group("github", cls=_Commands)
def command() -> None:
    """Comments, summaries, issues and reviewed plans, by GitHub's API: for workflows.

    Reads GITHUB_TOKEN, GITHUB_REPOSITORY and what else a workflow's run sets.

    \b
    Example:
      reconciler github comment prod.plan
    """
