"""The file that a pull request's run has kept: believed only of the right run, unpacked only within bounds.

GitHub notes which repository and which commit a run was for; a name can be given to an artefact by anybody whose
workflow runs, a fork's too. Whether the file itself says what was planned its seal must show: that is for others.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from reconciler.github.api import Api
from reconciler.github.merged import Pull
from reconciler.model.errors import GitHubError, GitHubNotFound

MOST_PACKED: Final = 32 * 1024 * 1024
MOST: Final = 32 * 1024 * 1024
"""Bytes of the file: more than any saved plan may have."""

_SUFFIX: Final = ".plan"


class NoPlan(Exception):
    """There is no plan of a pull request that counts; the text says why."""


def plan_of(api: Api, pull: Pull, name: str) -> bytes:
    """Return the plan that the last run of a pull request has kept under a name; raises NoPlan, GitHubError."""
    if pull.is_fork:
        raise NoPlan("it came from a fork, whose runs plan nothing")
    named = list(api.pages("/actions/artifacts", "artifacts", name=name))
    ours = [one for one in named if _is_ours(one, pull)]
    if not ours:
        other = f"; {len(named)} of that name are of other commits or forks, and not believed" if named else ""
        raise NoPlan(f"no run for its last commit {pull.head[:12]} has kept {name}{other}")
    ours.sort(key=lambda one: (str(one.get("created_at")), one["id"]), reverse=True)
    there = [one for one in ours if not one.get("expired")]
    if not there:
        raise NoPlan(f"{name} has expired: artefacts are kept for some time only")
    newest = there[0]
    _check_run(api, newest["workflow_run"]["id"], pull)
    try:
        return _unpacked(api.download(f"/actions/artifacts/{newest['id']}/zip", MOST_PACKED), name)
    except GitHubNotFound as error:
        raise NoPlan(f"{name} has expired meanwhile, or was deleted") from error


def _is_ours(artefact: Any, pull: Pull) -> bool:
    run = artefact.get("workflow_run") or {}
    repositories = {run.get("repository_id"), run.get("head_repository_id")}
    return repositories == {pull.repository} and run.get("head_sha") == pull.head


def _check_run(api: Api, id: int, pull: Pull) -> None:
    run = api.get(f"/actions/runs/{id}")
    source = (run.get("head_repository") or {}).get("id")
    if run.get("event") != "pull_request" or run.get("head_sha") != pull.head or source != pull.repository:
        raise NoPlan(f"run {id} has kept it, and was not for a pull request of this repository at {pull.head[:12]}")


def _unpacked(content: bytes, name: str) -> bytes:
    """Return the one plan in an archive; what it is called there does not matter. Raises GitHubError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(_SUFFIX)]
            if len(members) != 1:
                raise GitHubError(f"the artefact {name} holds {len(members)} plans, and should hold one")
            found = b"".join(_bounded(archive, members[0]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise GitHubError(f"the artefact {name} cannot be unpacked") from error
    if len(found) > MOST:
        raise GitHubError(f"the plan in the artefact {name} is larger than any plan")
    return found


def _bounded(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's bytes, and not many more than it may have: what an archive says of its sizes may be false."""
    with archive.open(member) as file:
        yield file.read(MOST + 1)
