"""When the nightly look for drift last went well: a schedule that has stopped fails nowhere.

GitHub stops the schedules of a repository in which nothing happens, and whoever edits a workflow can break one. So it
is asked for where people look: in pull requests and at each apply.
"""

from __future__ import annotations

from datetime import datetime

from reconciler.github.api import Api
from reconciler.model.errors import GitHubError, GitHubNotFound, UsageError


def last_look(api: Api, workflow: str) -> float | None:
    """Return when the last scheduled run of a workflow's file ended well, in epoch seconds; None if none has.

    Raises UsageError where there is no such workflow, GitHubError.
    """
    try:
        found = api.get(f"/actions/workflows/{workflow}/runs", event="schedule", status="success", per_page=1)
    except GitHubNotFound as error:
        raise UsageError(f"there is no workflow {workflow} on the default branch: nobody looks for drift") from error
    runs = found.get("workflow_runs") if isinstance(found, dict) else None
    if not isinstance(runs, list):
        raise GitHubError("GitHub answered with no list of runs")
    moments = [_seconds(run.get("updated_at")) for run in runs if isinstance(run, dict)]
    return max((one for one in moments if one is not None), default=None)


def _seconds(text: object) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None
