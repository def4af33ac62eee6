"""Which pull requests brought what was merged, however they were."""

from __future__ import annotations

import pytest
from flask import Response
from support.github import GitHub

from reconciler.github import merged as module
from reconciler.github.api import Api
from reconciler.github.merged import merged_since
from reconciler.model.errors import GitHubError


def sha(number: int) -> str:
    return f"{number:040x}"


@pytest.fixture
def line(github: GitHub) -> GitHub:
    """A branch of six commits, of which the fourth merges one beside it."""
    for at in range(1, 6):
        github.parents[sha(at)] = [sha(at - 1)] if at > 1 else []
    github.parents[sha(40)] = [sha(2)]
    github.parents[sha(4)] = [sha(3), sha(40)]
    return github


def pull(github: GitHub, head: int, *commits: int, fork: bool = False) -> int:
    number = github.open_pull(sha(head), fork=fork)
    if commits:
        github.merge(number, *map(sha, commits))
    return number


def numbers(found: object) -> list[int]:
    return [one.number for one in found.pulls]  # type: ignore[attr-defined]


def test_squashed_rebased_and_with_a_merge_commit(api: Api, line: GitHub) -> None:
    """Each once, in the order in which they were merged; what the base had already is left out."""
    pull(line, 91, 1)
    squashed = pull(line, 92, 2)
    rebased = pull(line, 93, 5, 3)
    merged = pull(line, 40, 4, 40)
    found = merged_since(api, sha(1), sha(5), "main")
    assert numbers(found) == [squashed, rebased, merged]
    assert [one.head for one in found.pulls] == [sha(92), sha(93), sha(40)]
    assert found.remarks == ()


def test_a_merge_commit_that_github_knows_by_its_second_parent(api: Api, line: GitHub) -> None:
    """Whoever has merged on the command line."""
    number = line.open_pull(sha(40))
    line.merge(number, sha(40))
    assert numbers(merged_since(api, sha(3), sha(4), "main")) == [number]


def test_what_came_without_one_is_told(api: Api, line: GitHub) -> None:
    """Nobody has reviewed it; a pull request that is open, or into another branch, does not count."""
    number = pull(line, 91)
    line.introduced[sha(5)] = [number]
    found = merged_since(api, sha(4), sha(5), "main")
    assert found.pulls == ()
    assert found.remarks == (f"commit {sha(5)[:12]} came without a pull request: nobody has reviewed a plan of it",)
    line.merge(number, sha(5))
    line.pulls[number]["base"]["ref"] = "feature"
    assert numbers(merged_since(api, sha(4), sha(5), "main")) == []
    assert numbers(merged_since(api, sha(4), sha(5), None)) == [number]
    line.pulls[number]["head"]["sha"] = "main"
    assert numbers(merged_since(api, sha(4), sha(5), None)) == []


def test_a_fork_is_known(api: Api, line: GitHub) -> None:
    """Also one that was deleted since."""
    number = pull(line, 91, 5, fork=True)
    assert merged_since(api, sha(4), sha(5), "main").pulls[0].is_fork
    line.pulls[number]["head"]["repo"] = None
    assert merged_since(api, sha(4), sha(5), "main").pulls[0].is_fork


@pytest.mark.parametrize("base", [None, "f" * 40])
def test_without_a_base(api: Api, line: GitHub, base: str | None) -> None:
    """The last commits count, and it is told."""
    first = pull(line, 91, 1)
    found = merged_since(api, base, sha(2), "main")
    assert numbers(found) == [first]
    assert "only the last 2 commits were asked about" in found.remarks
    assert any("is not in this repository" in one for one in found.remarks) == (base is not None)


def test_nothing_was_merged(api: Api, line: GitHub) -> None:
    """The same commit, or one from before: what is older was not reviewed for now."""
    pull(line, 91, 2)
    assert merged_since(api, sha(5), sha(5), "main") == module.Merged(())
    assert merged_since(api, sha(5), sha(2), "main") == module.Merged(())


def test_more_than_can_be_asked(api: Api, line: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are, and that is told."""
    monkeypatch.setattr(module, "MOST_COMMITS", 2)
    pull(line, 91, 2)
    last = pull(line, 92, 5)
    found = merged_since(api, sha(1), sha(5), "main")
    assert numbers(found) == [last]
    assert "only the last 2 commits were asked about" in found.remarks


def test_an_answer_that_is_no_list(api: Api, line: GitHub) -> None:
    """It is told."""
    line.faults.append(("/commits", Response("{}")))
    with pytest.raises(GitHubError, match="no list"):
        merged_since(api, None, sha(2), "main")
