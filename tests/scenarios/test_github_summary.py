"""The summary of a job: a plan whole, or how an apply ended and what to do about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.bench import Bench
from support.chain import apply_chain, declare
from support.hosted import Hosted
from support.inert import ATTACKS, MARK, check_markdown


@pytest.fixture
def hosted(bench: Bench) -> Hosted:
    made = Hosted(bench)
    made.bench.environ["GITHUB_STEP_SUMMARY"] = str(bench.folder / "summary")
    return made


def summary(hosted: Hosted, *arguments: str) -> str:
    """Summarise, and return what was added."""
    path = hosted.bench.folder / "summary"
    path.unlink(missing_ok=True)
    ran = hosted.bench.run("--target", "bench", "github", "summary", *arguments)
    assert (ran.code, ran.out) == (0, ""), ran.err
    return path.read_text()


def kept(hosted: Hosted, *arguments: str) -> tuple[str, str]:
    """Apply as a workflow does, and return the files of its result and of its log."""
    ran = hosted.bench.run("apply", "--yes", "--format", "json", *arguments)
    paths = hosted.bench.folder / "apply.json", hosted.bench.folder / "apply.log"
    for path, text in zip(paths, (ran.out, ran.err), strict=True):
        path.write_text(text)
    return str(paths[0]), str(paths[1])


def test_a_plan_is_whole(hosted: Hosted) -> None:
    """Where a comment has no room for it."""
    for at in range(200):
        body = {"name": f"C{at}", "description": "x" * 500, "connectionSpec": {"id": "x", "version": "1.0"}}
        hosted.bench.declare("Connection", f"c-{at}", body)
    text = summary(hosted, hosted.plan(), "--artefact", "plan-bench")
    assert len(text) > 100_000
    assert "Cut:" not in text
    assert all(f"Connection/c-{at}</code>" in text for at in range(200))


def test_what_is_too_much_for_a_summary_is_cut(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its bytes, of which an owl has four."""
    from reconciler.render import comment  # noqa: PLC0415 - its limit is changed

    monkeypatch.setattr(comment.plan_for_summary, "__defaults__", (20_000,))
    for at in range(20):
        body = {"name": f"C{at}", "description": "🦉" * 400, "connectionSpec": {"id": "x", "version": "1.0"}}
        hosted.bench.declare("Connection", f"c-{at}", body)
    text = summary(hosted, hosted.plan(), "--artefact", "plan-bench")
    assert len(text.encode()) <= 20_001
    assert "**Cut:**" in text
    assert "; the artefact <code>plan-bench</code> has all of it." in text


def test_how_an_apply_ended(hosted: Hosted) -> None:
    """What failed, why, and what to do; what it said on the way; and that what went well did."""
    apply_chain(hosted.bench)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    declare(hosted.bench, "TargetConnection/orders", ("description", "Moved"))
    hosted.bench.app.faults.body('{"errorMessage": "too odd"}', status=400, method="PATCH", count=1)
    text = summary(hosted, kept(hosted)[0])
    assert "### Apply to <code>bench</code>: " in text
    assert "- **failed**: read its error" in text
    assert "too odd" in text
    result, log = kept(hosted)
    text = summary(hosted, result, "--log", log, "--drift-workflow", "drift.yml")
    assert "### Apply to <code>bench</code>: 4 unchanged" in text
    assert "there is no workflow drift.yml" in text
    Path(log).write_text("")
    assert "What the run said" not in summary(hosted, result, "--log", log), "it said nothing"
    Path(log).write_text("warning: odd\n")
    assert "<details><summary>What the run said</summary>" in summary(hosted, result, "--log", log)


def test_an_apply_that_had_no_result(hosted: Hosted) -> None:
    """Its error is told; a file that is not there is the same as an empty one."""
    apply_chain(hosted.bench)
    hosted.bench.write("broken.yaml", "a: [")
    result, log = kept(hosted)
    text = summary(hosted, result, "--log", log)
    assert "It ended before it had a result" in text
    assert "error: 1 problem in the manifests" in text
    assert "nothing was said" in summary(hosted, "none.json", "--log", "none.log")
    assert "nothing was said" in summary(hosted, "none.json")


@pytest.mark.parametrize(
    ("content", "told"), [("{}", "not what apply --format json writes"), ("nonsense", "not what apply")]
)
def test_another_file(hosted: Hosted, content: str, told: str) -> None:
    """It is told what it should be."""
    path = hosted.bench.folder / "x.json"
    path.write_text(content)
    ran = hosted.bench.run("--target", "bench", "github", "summary", str(path))
    assert ran.code == 1
    assert told in ran.err
    assert "say --target" in hosted.bench.run("github", "summary", str(path)).err


def test_outside_a_workflow_it_is_shown(hosted: Hosted) -> None:
    """On stdout, without a token or a repository."""
    apply_chain(hosted.bench)
    for name in [name for name in hosted.bench.environ if name.startswith("GITHUB_")]:
        del hosted.bench.environ[name]
    ran = hosted.bench.run("github", "summary", hosted.plan())
    assert (ran.code, ran.err) == (0, "")
    assert "### Plan for <code>bench</code>" in ran.out
    assert "this run" not in ran.out


@pytest.mark.parametrize("name", ATTACKS)
def test_hostile_text_does_nothing(hosted: Hosted, name: str) -> None:
    """The service's reason for a refusal, and a log."""
    attack = f"{MARK} {ATTACKS[name]} {MARK}"
    apply_chain(hosted.bench)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    hosted.bench.app.faults.body(json.dumps({"errorMessage": attack}), status=400, method="PATCH", count=9)
    result, log = kept(hosted)
    Path(log).write_text(attack)
    for text in (summary(hosted, result, "--log", log), summary(hosted, "none.json", "--log", log)):
        assert MARK in text
        check_markdown(text.replace("](https://github.com/acme/estate/actions/runs/7)", "]"))
