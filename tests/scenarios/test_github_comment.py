"""What a pull request is told: one comment a target that shows what a merge would send, and nothing that acts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.bench import NOW, Bench
from support.chain import apply_chain, declare
from support.github import ACTIONS, MALLORY
from support.hosted import HEAD, Hosted
from support.inert import ATTACKS, MARK, check_markdown

from reconciler.github.marks import Mark
from reconciler.render.inert import is_hidden

DAY = 86_400
RUN = "https://github.com/acme/estate/actions/runs/7"


@pytest.fixture
def hosted(bench: Bench) -> Hosted:
    return Hosted(bench)


def test_one_comment_is_changed_in_place(hosted: Hosted) -> None:
    """Made with the first plan; the second plan stands in the same comment."""
    apply_chain(hosted.bench)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    ran = hosted.comment(hosted.plan())
    assert ran.out == ""
    assert "### Plan for <code>bench</code>: 1 to update, 3 unchanged" in hosted.said
    assert '- /description: "Where it comes from"\n+ /description: "Moved"' in hosted.said
    assert f"of commit <code>{HEAD[:12]}</code> by [this run]({RUN})" in hosted.said
    declare(hosted.bench, "Connection/warehouse")
    hosted.comment(hosted.plan())
    assert "**No changes** to send." in hosted.said
    assert "Moved" not in hosted.said


def test_schedules_are_told_by_their_next_runs(hosted: Hosted) -> None:
    """Before and after, in UTC, with what is not known."""
    apply_chain(hosted.bench)
    declare(hosted.bench, "Flow/orders", ("scheduleParams/frequency", "week"))
    hosted.comment(hosted.plan())
    rows = [line for line in hosted.said.split("\n") if line.startswith("| ") and "every" in line]
    shown = [re.sub(r"</?code>", "", line).replace("&#58;", ":").split(" | ")[1:] for line in rows]
    start = "Tue 2027-01-26 21:46:40"
    assert shown == [
        ["before", "every day", f"{start}<br>Wed 2027-01-27 21:46:40<br>Thu 2027-01-28 21:46:40 |"],
        ["after", "every week", f"{start}<br>Tue 2027-02-02 21:46:40<br>Tue 2027-02-09 21:46:40 |"],
    ]
    assert "no document says" in hosted.said


def test_a_flow_that_is_switched_off(hosted: Hosted) -> None:
    """It had runs, and has none any more."""
    apply_chain(hosted.bench)
    declare(hosted.bench, "Flow/orders", ("state", "disabled"))
    hosted.bench.clock.time = NOW + 20 * DAY
    hosted.comment(hosted.plan())
    assert "| before | every day | <code>Thu 2027-02-04 21&#58;46&#58;40</code>" in hosted.said
    assert "| after | every day, disabled | none: it is disabled |" in hosted.said


def test_the_picture_shows_what_is_touched_and_what_depends_on_it(hosted: Hosted) -> None:
    """The connection and all that leads to it, and not what it leads to."""
    apply_chain(hosted.bench)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    hosted.comment(hosted.plan())
    chart = hosted.said.partition("```mermaid\n")[2].partition("```")[0]
    assert "Connection/warehouse" in chart
    assert "Flow/orders" in chart
    assert "TargetConnection/orders" not in chart


def test_a_plan_that_failed_replaces_the_one_before(hosted: Hosted) -> None:
    """Otherwise a reviewer would take the older one for today's."""
    apply_chain(hosted.bench)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    hosted.comment(hosted.plan())
    log = hosted.bench.folder / "log"
    log.write_text("error: 1 problem in the manifests\n  broken.yaml:1:1: ```\n")
    ran = hosted.bench.run("--target", "bench", "github", "comment", "no.plan", "--log", str(log))
    assert ran.code == 0, ran.err
    assert "failed" in hosted.said
    assert "Moved" not in hosted.said
    assert "````text\nerror: 1 problem in the manifests\n  broken.yaml:1:1: ```\n````" in hosted.said
    for arguments in (("--log", "no.log"), ()):
        ran = hosted.bench.run("--target", "bench", "github", "comment", "no.plan", *arguments)
        assert ran.code == 0, ran.err
        assert "cannot read the plan no.plan" in hosted.said


def test_broken_manifests_replace_every_plan_before(hosted: Hosted) -> None:
    """No target is known then: our comments say whose they are, and nobody else's is touched."""
    apply_chain(hosted.bench)
    hosted.comment(hosted.plan())
    folder = str(hosted.bench.manifests)
    others = [
        (Mark("plan", "second", folder), ACTIONS),
        (Mark("plan", "bench", "elsewhere"), ACTIONS),
        (Mark("drift", "bench", folder), ACTIONS),
        (Mark("plan", "third", folder), MALLORY),
    ]
    ids = [hosted.github.say(hosted.pull, mark.on("before", str), author) for mark, author in others]
    log = hosted.bench.folder / "log"
    log.write_text("error: 1 problem in the manifests")
    ran = hosted.comment("--log", str(log))
    assert ran.err == "bench: the comment says that there is no plan\nsecond: the comment says that there is no plan\n"
    bodies = [hosted.github.comments[id]["body"] for id in ids]
    assert ["before" in body for body in bodies] == [False, True, True, True]
    assert bodies[0].startswith(others[0][0].head)
    assert "### Plan for <code>second</code>: failed" in bodies[0]
    assert "1 problem in the manifests" in bodies[0]


def test_a_large_plan_is_cut_and_says_so(hosted: Hosted) -> None:
    """At the limit of a comment; where all of it stands is said at the top."""
    for at in range(400):
        body = {"name": f"C{at}", "description": "🦉" * 300, "connectionSpec": {"id": "x", "version": "1.0"}}
        hosted.bench.declare("Connection", f"c-{at}", body)
    hosted.comment(hosted.plan(), "--artefact", "plan-bench")
    [comment] = hosted.github.comments.values()
    assert 50_000 < len(comment["body"].encode("utf-16-le")) // 2 <= 65_536
    top = hosted.said.partition("| --- |")[0]
    assert re.search(r"\*\*Cut:\*\* left out here, for want of room: .*\d+ sections of details", top)
    assert f"[job's summary]({RUN}) or the artefact <code>plan-bench</code>" in top
    check_markdown_of_ours(hosted.said)


def test_it_is_told_when_drift_was_last_looked_for(hosted: Hosted) -> None:
    """A schedule that has stopped fails nowhere else."""
    apply_chain(hosted.bench)
    path = hosted.plan()
    hosted.comment(path, "--drift-workflow", "drift.yml")
    assert "there is no workflow drift.yml" in hosted.said
    for runs, told in (
        ([], "never looked for on schedule"),
        (["2027-01-15T02:00:00Z"], "Drift was last looked for 6 hours ago (2027-01-15T02:00:00Z)"),
        (["2027-01-05T02:00:00Z"], "! Drift was last looked for 246 hours ago"),
        (["nonsense"], "never looked for on schedule"),
    ):
        hosted.github.nightly["drift.yml"] = runs
        hosted.comment(path, "--drift-workflow", "drift.yml")
        assert told in hosted.said
    hosted.github.permissions["actions"] = "none"
    hosted.comment(path, "--drift-workflow", "drift.yml")
    assert "cannot be told: GET" in hosted.said


def check_markdown_of_ours(text: str) -> None:
    """Iff nothing acts but what is ours: the chart, line ends in cells, and the address of the run."""
    bare = text.replace("<br>", " ").replace(f"]({RUN})", "]").replace("[this run]", "").replace("[job's summary]", "")
    check_markdown(bare)


@pytest.mark.parametrize("name", ATTACKS)
def test_hostile_text_does_nothing(hosted: Hosted, name: str) -> None:
    """In names, values, keys and logs; a mark of ours in a value is text like any other."""
    attack = f"{MARK} {ATTACKS[name]} {MARK}"
    ids = apply_chain(hosted.bench)
    hosted.bench.edit("connections", ids["Connection/warehouse"], lambda one: one.update(description=attack))
    if not any(map(is_hidden, attack.replace("\n", ""))):  # which a manifest may not hold
        declare(hosted.bench, "TargetConnection/orders", ("name", attack))
    hosted.comment(hosted.plan())
    assert MARK in hosted.said
    check_markdown_of_ours(hosted.said)
    log = hosted.bench.folder / "log"
    log.write_text(attack)
    assert hosted.bench.run("--target", "bench", "github", "comment", "no.plan", "--log", str(log)).code == 0
    assert MARK in hosted.said
    check_markdown_of_ours(hosted.said)


def test_no_secret_is_posted(hosted: Hosted) -> None:
    """What the environment calls a secret is masked, also where a log holds it."""
    apply_chain(hosted.bench)
    hosted.bench.environ |= {"AEP_PROD_CLIENT_SECRET": "canary-one", "RECONCILER_PLAN_KEY": "canary-two"}
    log = hosted.bench.folder / "log"
    log.write_text(f"canary-one canary-two {hosted.bench.environ['GITHUB_TOKEN']} first-password")
    assert hosted.bench.run("--target", "bench", "github", "comment", "no.plan", "--log", str(log)).code == 0
    assert "••• ••• ••• •••" in hosted.said


def test_a_plan_is_shown_without_its_manifests(hosted: Hosted) -> None:
    """They may be broken by now: then there is no picture."""
    apply_chain(hosted.bench)
    declare(hosted.bench, "Connection/warehouse", ("description", "Moved"))
    path = hosted.plan()
    hosted.bench.write("broken.yaml", "a: [")
    hosted.comment(path)
    assert "Moved" in hosted.said
    assert "mermaid" not in hosted.said


@pytest.mark.parametrize(
    ("before", "arguments", "told"),
    [
        ((), ("no.plan",), "say --target"),
        (("--target", "other"), ("{plan}",), "--target says 'other'"),
        (("--target", "-->"), ("no.plan",), "is no name of a target"),
        ((), ("{plan}", "--pull-request", "0"), "0 is not in the range"),
    ],
)
def test_what_cannot_be_said(hosted: Hosted, before: tuple[str, ...], arguments: tuple[str, ...], told: str) -> None:
    """One sentence, and nothing on GitHub."""
    apply_chain(hosted.bench)
    path = hosted.plan()
    ran = hosted.bench.run(*before, "github", "comment", *(one.replace("{plan}", path) for one in arguments))
    assert ran.code == 1
    assert told in ran.err
    assert hosted.github.comments == {}


def test_outside_a_pull_request(hosted: Hosted, tmp_path: Path) -> None:
    """Its number can be said; where it is not, that is told."""
    apply_chain(hosted.bench)
    path = hosted.plan()
    event = Path(hosted.bench.environ["GITHUB_EVENT_PATH"])
    event.write_text("[]")
    assert "--pull-request NUMBER" in hosted.comment(path, code=1).err
    event.write_text("{")
    assert "cannot be read as JSON" in hosted.comment(path, code=1).err
    del hosted.bench.environ["GITHUB_EVENT_PATH"]
    hosted.comment(path, "--pull-request", str(hosted.pull))
    assert "of commit" not in hosted.said
    hosted.bench.environ["GITHUB_EVENT_PATH"] = str(tmp_path / "none.json")
    assert "cannot be read as JSON" in hosted.comment(path, code=1).err
