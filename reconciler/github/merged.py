"""Which pull requests brought what was merged since a commit: squashed, rebased or with a merge commit.

Only commits of the branch itself are asked about (first parents): a merge commit stands for all that it brings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reconciler.github.api import Api
from reconciler.github.event import commit
from reconciler.model.errors import GitHubError, GitHubNotFound

MOST_COMMITS: Final = 300
"""As many are asked about one by one; a job's token may ask a thousand times an hour."""

_WITHOUT_BASE: Final = 100
"""Commits that are looked at where it is not known since when."""


@dataclass(frozen=True, slots=True)
class Pull:
    """A merged pull request: its last commit, when it was merged (as GitHub writes it), and whether a fork's."""

    number: int
    head: str
    merged_at: str
    repository: int
    is_fork: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """What was merged: pull requests in the order of time, and what a person should know of what is not in them."""

    pulls: tuple[Pull, ...]
    remarks: tuple[str, ...] = ()


def merged_since(api: Api, base: str | None, head: str, branch: str | None) -> Merged:
    """Return the pull requests into ``branch`` (None: any) that were merged after ``base``, up to ``head``.

    Without a base, or one that this repository does not know, the last hundred commits count. Raises GitHubError.
    """
    remarks: list[str] = []
    line, whole = _line(api, base, head, remarks)
    if not whole:
        remarks.append(f"only the last {len(line)} commits were asked about")
    pulls: dict[int, Pull] = {}
    for sha, parents in line:
        found = list(_pulls(api, sha, branch)) or [one for two in parents[1:2] for one in _pulls(api, two, branch)]
        if not found:
            remarks.append(f"commit {sha[:12]} came without a pull request: nobody has reviewed a plan of it")
        pulls.update((one.number, one) for one in found)
    return Merged(tuple(sorted(pulls.values(), key=lambda one: (one.merged_at, one.number))), tuple(remarks))


def _line(api: Api, base: str | None, head: str, remarks: list[str]) -> tuple[list[tuple[str, tuple[str, ...]]], bool]:
    """Return the branch's own commits with their parents, the newest first, and whether these are all."""
    most = MOST_COMMITS
    if base is not None:
        try:
            known = _parents(api.pages(f"/compare/{base}...{head}", "commits"))
        except GitHubNotFound:
            remarks.append(f"commit {base[:12]}, of the last apply, is not in this repository")
            base = None
    if base is None:
        known, most = _parents(_first(api, head)), _WITHOUT_BASE
    line: list[tuple[str, tuple[str, ...]]] = []
    sha: str | None = head
    while sha is not None and sha in known and len(line) < most:
        line.append((sha, known[sha]))
        sha = next(iter(known[sha]), None)
    return line, base is not None and (sha is None or sha not in known)


def _first(api: Api, head: str) -> list[Any]:
    found = api.get("/commits", sha=head, per_page=_WITHOUT_BASE)
    if not isinstance(found, list):
        raise GitHubError("GitHub answered with no list of commits")
    return found


def _parents(commits: Iterator[Any] | list[Any]) -> dict[str, tuple[str, ...]]:
    return {one["sha"]: tuple(parent["sha"] for parent in one["parents"]) for one in commits}


def _pulls(api: Api, sha: str, branch: str | None) -> Iterator[Pull]:
    """Yield the pull requests that were merged into the branch and brought a commit."""
    for one in api.pages(f"/commits/{sha}/pulls"):
        base, head = one["base"], one["head"]
        last = commit(head.get("sha"))
        if not one.get("merged_at") or branch not in (None, base["ref"]) or last is None:
            continue
        home, source = base["repo"]["id"], (head.get("repo") or {}).get("id")
        yield Pull(one["number"], last, one["merged_at"], home, source != home)
