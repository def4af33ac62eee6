"""On merge only what was reviewed is done: the plans of the pull requests since the last apply that ended well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.bench import Bench, Ran
from support.chain import apply_chain, declare, objects, statuses
from support.github import limited
from support.hosted import Hosted

KEY = "for-pull-requests-alone"


@pytest.fixture
def hosted(bench: Bench) -> Hosted:
    """An estate that was applied, with a key for plans."""
    made = Hosted(bench)
    bench.environ |= {"RECONCILER_PLAN_KEY": KEY, "RECONCILER_KEY": "for-the-ledger", "GITHUB_REF_NAME": "main"}
    return made


def fetch(hosted: Hosted, code: int = 0, name: str = "reviewed") -> tuple[Path, Ran]:
    out = hosted.bench.folder / name
    ran = hosted.bench.run("github", "reviewed-plans", "--out", str(out))
    assert ran.code == code, ran.err
    return out, ran


def apply(hosted: Hosted, out: Path, code: int = 0) -> dict[str, str]:
    return statuses(hosted.bench.apply("--reviewed", str(out), code=code))


def started(hosted: Hosted) -> None:
    """Apply the chain at a first commit."""
    declare_all(hosted)
    hosted.commit()
    apply_chain(hosted.bench)


def test_the_first_apply(hosted: Hosted) -> None:
    """Nothing was applied yet: the plans of what was merged last count."""
    declare_all(hosted)
    hosted.squash_merge()
    out, ran = fetch(hosted)
    assert "1 of 1 pull requests merged since the beginning" in ran.err
    assert set(apply(hosted, out).values()) == {"applied"}


def declare_all(hosted: Hosted) -> None:
    for resource in ("Connection/warehouse", "SourceConnection/orders", "TargetConnection/orders", "Flow/orders"):
        declare(hosted.bench, resource)
    hosted.bench.environ["FLOW_SECRET_DB"] = "first-password"


def test_two_pull_requests_are_applied_at_once(hosted: Hosted) -> None:
    """A run that GitHub skipped, since a newer one waited, is made up for by that one."""
    started(hosted)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    hosted.squash_merge()
    declare(hosted.bench, "TargetConnection/orders", ("description", "Moved"))
    hosted.squash_merge()
    out, ran = fetch(hosted)
    assert [path.name.split("-", 1)[0] for path in sorted(out.iterdir())] == ["0000", "0001"]
    assert "2 of 2 pull requests" in ran.err
    assert apply(hosted, out) == {"Connection/warehouse": "applied", "TargetConnection/orders": "applied"}
    out, ran = fetch(hosted, name="again")
    assert "was applied already, and ended well" in ran.err
    assert list(out.iterdir()) == []
    assert apply(hosted, out) == {}, "there is nothing to do, and nothing is refused"


def test_what_nobody_reviewed_is_refused(hosted: Hosted) -> None:
    """A push without a pull request, a fork's, and one whose plan is gone; what was reviewed is done all the same."""
    started(hosted)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    hosted.squash_merge()
    declare(hosted.bench, "TargetConnection/orders", ("description", "Pushed"))
    pushed = hosted.commit()
    declare(hosted.bench, "Flow/orders", ("description", "By a fork"))
    fork, _ = hosted.squash_merge(fork=True)
    out, ran = fetch(hosted)
    assert f"commit {pushed[:12]} came without a pull request" in ran.err
    assert f"pull request #{fork} has no plan for bench: it came from a fork" in ran.err
    assert "1 of 2 pull requests" in ran.err
    before = objects(hosted.bench, "flows")
    assert apply(hosted, out, code=1) == {
        "Connection/warehouse": "applied",
        "Flow/orders": "refused",
        "TargetConnection/orders": "refused",
    }
    assert objects(hosted.bench, "flows") == before


def test_an_apply_that_failed_is_tried_again_with_the_same_plan(hosted: Hosted) -> None:
    """The job is started once more at the same commit."""
    started(hosted)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    hosted.squash_merge()
    hosted.bench.app.faults.status(400, method="PATCH", count=9)
    out, _ = fetch(hosted)
    assert apply(hosted, out, code=1) == {"Connection/warehouse": "failed"}
    hosted.bench.app.faults.clear()
    out, ran = fetch(hosted, name="again")
    assert "1 of 1 pull requests" in ran.err
    assert apply(hosted, out) == {"Connection/warehouse": "applied"}


def test_what_differs_since_the_review_stops(hosted: Hosted) -> None:
    """Somebody has changed live meanwhile: nothing is overwritten that nobody has seen."""
    started(hosted)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    hosted.squash_merge()
    id = objects(hosted.bench, "connections")[0]["id"]
    hosted.bench.edit("connections", id, lambda one: one.update(description="By hand"))
    out, _ = fetch(hosted)
    report = hosted.bench.apply("--reviewed", str(out), code=1)
    [result] = report["results"]
    assert result["status"] == "refused"
    assert "live has changed since at /description" in result["error"]


def test_the_last_commit_of_a_pull_request_counts(hosted: Hosted) -> None:
    """An older plan of it was of something else."""
    started(hosted)
    declare(hosted.bench, "Connection/warehouse", ("description", "First try"))
    older = Path(hosted.plan()).read_bytes()
    declare(hosted.bench, "Connection/warehouse", ("description", "Second try"))
    pull, _ = hosted.squash_merge()
    head = hosted.github.pulls[pull]["head"]["sha"]
    hosted.github.upload(f"plan-bench-{head}", {"bench.plan": older}, "b" * 40)
    out, _ = fetch(hosted)
    assert apply(hosted, out) == {"Connection/warehouse": "applied"}


@pytest.mark.parametrize("how", ["another key", "changed", "other target", "unsealed"])
def test_a_forged_plan_ends_it(hosted: Hosted, how: str) -> None:
    """Nothing is left in the folder that an apply could go by."""
    started(hosted)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    path = Path(hosted.plan())
    content = path.read_bytes()
    if how == "another key":
        hosted.bench.environ["RECONCILER_PLAN_KEY"] = "mallory"
        content = Path(hosted.plan()).read_bytes()
    elif how == "changed":
        content = content.replace(b"Moved", b"Robbed")
    elif how == "unsealed":
        content = json.dumps(json.loads(content) | {"seal": None}).encode()
    else:
        document = hosted.bench.manifests / "target.json"
        text = document.read_text()
        document.write_text(text.replace('"bench"', '"other"'))
        content = Path(hosted.plan()).read_bytes()
        document.write_text(text)
    hosted.bench.environ["RECONCILER_PLAN_KEY"] = KEY
    pull, _ = hosted.squash_merge()
    head = hosted.github.pulls[pull]["head"]["sha"]
    hosted.github.upload(f"plan-bench-{head}", {"bench.plan": content}, head)
    out, ran = fetch(hosted, code=1)
    assert f"error: pull request #{pull}: its plan" in ran.err
    assert not out.exists()


def test_what_must_be_there(hosted: Hosted) -> None:
    """A key, a repository, a new folder; and an answer of GitHub's."""
    declare_all(hosted)
    assert "in no git repository" in fetch(hosted, 1)[1].err
    hosted.squash_merge()
    out, _ = fetch(hosted)
    assert "not empty" in fetch(hosted, 1)[1].err
    assert len(list(out.iterdir())) == 1
    hosted.github.faults.append(("GET", limited(retry_after="9999")))
    assert "rate limit" in fetch(hosted, 1, "other")[1].err
    del hosted.bench.environ["RECONCILER_PLAN_KEY"], hosted.bench.environ["RECONCILER_KEY"]
    assert "set RECONCILER_PLAN_KEY" in fetch(hosted, 1, "other")[1].err
    assert "does not exist" in hosted.bench.run("apply", "--yes", "--reviewed", "none").err


def test_where_nothing_was_reviewed_nothing_is_done(hosted: Hosted) -> None:
    """A folder without a plan allows nothing; without the option all would be applied."""
    started(hosted)
    declare(hosted.bench, "Connection/warehouse", ("description", "Pushed"))
    hosted.commit()
    out, ran = fetch(hosted)
    assert "0 of 0 pull requests" in ran.err
    hosted.bench.app.requests.clear()
    assert apply(hosted, out, code=1) == {"Connection/warehouse": "refused"}
    assert hosted.bench.writes() == []
