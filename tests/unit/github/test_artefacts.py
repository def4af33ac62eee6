"""What a run has kept: believed of the right run alone, unpacked within bounds."""

from __future__ import annotations

import pytest
from support.github import GitHub

from reconciler.github import artefacts as module
from reconciler.github.api import Api
from reconciler.github.artefacts import NoPlan, plan_of
from reconciler.github.merged import Pull
from reconciler.model.errors import GitHubError

HEAD = "a" * 40
NAME = f"plan-prod-{HEAD}"
PULL = Pull(7, HEAD, "2027-01-01T00:00:00Z", 1, is_fork=False)


def test_the_newest_counts(api: Api, github: GitHub) -> None:
    """A run that was started again has kept another one."""
    github.upload(NAME, {"prod.plan": b"old"}, HEAD)
    github.upload(NAME, {"prod.plan": b"new"}, HEAD)
    github.upload(NAME, {"prod.plan": b"gone"}, HEAD, expired=True)
    github.upload(f"{NAME}-else", {"prod.plan": b"other"}, HEAD)
    assert plan_of(api, PULL, NAME) == b"new"


@pytest.mark.parametrize(
    ("head", "changes", "told"),
    [
        ("b" * 40, {}, "1 of that name are of other commits or forks"),
        (HEAD, {"fork": True}, "1 of that name are of other commits or forks"),
        (HEAD, {"workflow_run": None}, "1 of that name are of other commits or forks"),
        (HEAD, {"expired": True}, "has expired: artefacts"),
    ],
)
def test_what_does_not_count(api: Api, github: GitHub, head: str, changes: dict[str, object], told: str) -> None:
    """Anybody's workflow can give a name."""
    github.upload(NAME, {"prod.plan": b"x"}, head, **changes)  # type: ignore[arg-type]
    with pytest.raises(NoPlan, match=told):
        plan_of(api, PULL, NAME)


@pytest.mark.parametrize("change", [{"event": "workflow_dispatch"}, {"head_sha": "b" * 40}, {"head_repository": None}])
def test_a_run_of_another_kind(api: Api, github: GitHub, change: dict[str, object]) -> None:
    """The run itself is asked: it must have been for a pull request of ours."""
    github.upload(NAME, {"prod.plan": b"x"}, HEAD)
    [run] = github.runs.values()
    run.update(change)
    with pytest.raises(NoPlan, match="was not for a pull request"):
        plan_of(api, PULL, NAME)


def test_none_at_all(api: Api, github: GitHub) -> None:
    """Planning failed, or was not there yet; a fork has none by rule, and nobody is asked."""
    with pytest.raises(NoPlan, match=f"no run for its last commit {'a' * 12} has kept {NAME}$"):
        plan_of(api, PULL, NAME)
    github.calls.clear()
    with pytest.raises(NoPlan, match="from a fork"):
        plan_of(api, Pull(7, HEAD, "", 1, is_fork=True), NAME)
    assert github.calls == []


def test_one_that_expires_now(api: Api, github: GitHub) -> None:
    """Between the list and the file."""
    github.upload(NAME, {"prod.plan": b"x"}, HEAD)
    listed = api.pages

    def pages(*arguments: object, **query: object) -> object:
        found = list(listed(*arguments, **query))  # type: ignore[arg-type]
        github.artefacts[0]["expired"] = True
        return iter(found)

    api.pages = pages  # type: ignore[method-assign,assignment]
    with pytest.raises(NoPlan, match="expired meanwhile"):
        plan_of(api, PULL, NAME)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "holds 0 plans"),
        ({"a.plan": b"x", "b.plan": b"y"}, "holds 2 plans"),
        ({"a.plan": b"x" * 2_000}, "larger than any plan"),
    ],
)
def test_archives_that_are_refused(
    api: Api, github: GitHub, files: dict[str, bytes], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With none, with several, and one that would fill the machine."""
    monkeypatch.setattr(module, "MOST", 1_000)
    github.upload(NAME, files, HEAD)
    with pytest.raises(GitHubError, match=told):
        plan_of(api, PULL, NAME)


def test_what_is_no_archive(api: Api, github: GitHub) -> None:
    """It is told; and what a member is called leads nowhere, since nothing is unpacked under its name."""
    id = github.upload(NAME, {"../../x.plan": b"x"}, HEAD)
    assert plan_of(api, PULL, NAME) == b"x"
    github.blobs[id] = b"nonsense"
    with pytest.raises(GitHubError, match="cannot be unpacked"):
        plan_of(api, PULL, NAME)
