"""The one issue of a target: what drifted, until it did not; and that something could not be read is never well."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.bench import NOW, Bench, Ran
from support.chain import TARGET, apply_chain, changed, declare
from support.github import ACTIONS, MALLORY, broken
from support.hosted import Hosted
from support.inert import ATTACKS, MARK, check_markdown

from reconciler.github.marks import Mark

RUN = "https://github.com/acme/estate/actions/runs/7"
DAY = 86_400


@pytest.fixture
def hosted(bench: Bench) -> Hosted:
    made = Hosted(bench)
    made.github.issues.clear()
    made.ids = apply_chain(bench)
    return made


def look(hosted: Hosted, code: int = 0, *before: str) -> Ran:
    ran = hosted.bench.run(*before, "github", "drift-issue")
    assert ran.code == code, ran.err
    return ran


def change(hosted: Hosted, text: str) -> None:
    """Change the connection by hand, as text."""
    id = hosted.ids["Connection/warehouse"]
    hosted.bench.edit("connections", id, lambda one: one.update(description=text))


def issue(hosted: Hosted) -> dict[str, Any]:
    [one] = hosted.github.issues.values()
    return one


def said(hosted: Hosted) -> list[str]:
    return [one["body"] for one in hosted.github.comments.values()]


def test_opened_changed_closed_and_opened_again(hosted: Hosted) -> None:
    """One issue, whose watchers hear of each turn and of nothing else."""
    assert "clean" in look(hosted).err
    assert hosted.github.issues == {}

    change(hosted, "By hand")
    assert "drift, told in https://github.com/acme/estate/issues/" in look(hosted).err
    opened = issue(hosted)
    assert opened["title"] == "Drift on bench: 1 drifted, 3 in sync"
    body = opened["body"]
    assert '- /description: "Where it comes from"\n+ /description: "By hand"' in body
    assert "<code>someone&#64;<!---->AdobeID via exc&#95;app</code>" in body
    assert "reconciler --target bench drift --accept Connection/warehouse\n" in body
    assert re.search(r"drift --snooze Connection/warehouse --until 2027-02-14 --reason 'why'\n", body)
    assert "Last look that read everything: 2027-01-15T08:00:" in body
    assert f"by [this run]({RUN})" in body

    hosted.bench.clock.time += DAY
    change(hosted, "By hand")  # written once more, as a flow's runs do: the moment moves, and nothing else
    look(hosted)
    assert said(hosted) == [], "the same drift as yesterday is no news"
    change(hosted, "By hand again")
    look(hosted)
    assert said(hosted) == ["It has changed. Drift: 1 drifted, 3 in sync."]

    change(hosted, "Where it comes from")
    look(hosted)
    assert issue(hosted)["state"] == "closed"
    assert issue(hosted)["state_reason"] == "completed"
    assert issue(hosted)["title"] == "No drift on bench: 4 in sync"
    assert said(hosted)[1:] == ["No drift any more. No drift: 4 in sync."]

    change(hosted, "Once more")
    look(hosted)
    assert issue(hosted)["state"] == "open"
    assert said(hosted)[2:] == ["Again. Drift: 1 drifted, 3 in sync."]


def test_a_schedule_that_drifted_is_told_by_its_next_runs(hosted: Hosted) -> None:
    """As we left it, and as it is now."""
    hosted.bench.edit("flows", hosted.ids["Flow/orders"], lambda one: one["scheduleParams"].update(frequency="week"))
    look(hosted)
    body = issue(hosted)["body"]
    assert "| <code>Flow/orders</code> | left | every day | <code>Tue 2027-01-26 21&#58;46&#58;40</code><br>" in body
    assert "|  | live now | every week | <code>Tue 2027-01-26 21&#58;46&#58;40</code><br>" in body


def test_what_could_not_be_read_closes_nothing(hosted: Hosted) -> None:
    """What was known stays below it, with when a look last read everything."""
    change(hosted, "By hand")
    look(hosted)
    known = issue(hosted)["body"].partition("\n<!-- known -->\n")[2]
    hosted.bench.clock.time = NOW + DAY
    hosted.bench.app.faults.status(403, method="GET", path="/connections", count=99)
    for _ in range(2):
        ran = look(hosted, 1)
        assert ran.err.splitlines()[-1].startswith("error: ") or "unreadable" in ran.err
        body = issue(hosted)["body"]
        assert issue(hosted)["state"] == "open"
        assert "Last look that read everything: 2027-01-15T08:00:" in body
    assert len(said(hosted)) == 1
    assert known


def test_a_service_that_is_down(hosted: Hosted) -> None:
    """An issue of its own kind, which keeps what was known, word for word; then it is well again."""
    change(hosted, "By hand")
    look(hosted)
    known = issue(hosted)["body"].partition("\n<!-- known -->\n")[2]
    hosted.bench.environ["AEP_BASE_URL"] = "nonsense"
    (hosted.bench.manifests / "target.json").write_text("{")
    for _ in range(2):
        ran = look(hosted, 1, "--target", "bench")
        assert "error: " in ran.err
        assert issue(hosted)["title"] == "Drift on bench cannot be looked for"
        assert issue(hosted)["body"].partition("\n<!-- known -->\n")[2] == known
        assert "problem in the manifests" in issue(hosted)["body"].partition("<!-- known -->")[0]
    told = "The last look could not read anything: see above for why. Whether there is drift is not known."
    assert said(hosted) == [told]


def test_the_first_look_fails(hosted: Hosted) -> None:
    """There is an issue, too: that nobody looks is worth one."""
    (hosted.bench.manifests / "target.json").write_text("{")
    look(hosted, 1, "--target", "bench")
    assert "no look has read everything yet" in issue(hosted)["body"]
    assert look(hosted, 1).err.startswith("error: 1 problem in the manifests"), "whose issue would it be?"
    assert look(hosted, 1, "--target", "-->").err.startswith("error: 1 problem")
    assert len(hosted.github.issues) == 1


def test_a_target_that_is_not_there_has_no_issue(hosted: Hosted) -> None:
    """It is a typing error in a workflow."""
    assert "other" in look(hosted, 1, "--target", "other").err
    assert hosted.github.issues == {}


def test_nobody_elses_issue_is_taken(hosted: Hosted) -> None:
    """Neither one with a copied mark, nor a pull request, nor one of another target."""
    change(hosted, "By hand")
    folder = str(hosted.bench.manifests)
    ours, other = Mark("drift", "bench", folder), Mark("drift", "bench-2", folder)
    for mark, author, more in ((ours, MALLORY, {}), (ours, ACTIONS, {"pull_request": {}}), (other, ACTIONS, {})):
        number = hosted.github.number()
        text = mark.on("copied", str)
        hosted.github.issues[number] = hosted.github._issue(number, "x", text, author) | more
    look(hosted)
    assert len(hosted.github.issues) == 4
    assert sum("copied" in one["body"] for one in hosted.github.issues.values()) == 3


def test_two_issues_become_one(hosted: Hosted) -> None:
    """The older one is kept."""
    change(hosted, "By hand")
    mark = Mark("drift", "bench", str(hosted.bench.manifests))
    numbers = [hosted.github.number() for _ in range(3)]
    for number in numbers:
        hosted.github.issues[number] = hosted.github._issue(number, "x", mark.on("before", str), ACTIONS)
    look(hosted)
    states = [hosted.github.issues[number]["state"] for number in numbers]
    assert states == ["open", "closed", "closed"]
    assert "before" not in hosted.github.issues[numbers[0]]["body"]
    change(hosted, "Where it comes from")
    look(hosted)
    change(hosted, "By hand")
    look(hosted)
    assert [hosted.github.issues[number]["state"] for number in numbers] == states, "a double is not opened again"


def test_a_lost_answer_makes_no_second_issue(hosted: Hosted) -> None:
    """Nothing was made: that is told, and tomorrow is another day."""
    change(hosted, "By hand")
    hosted.github.faults.append(("POST /repos", broken(502)))
    assert "may have done it" in look(hosted, 1).err
    look(hosted)
    assert len(hosted.github.issues) == 1
    (hosted.bench.manifests / "target.json").write_text("{")
    hosted.github.permissions["issues"] = hosted.github.permissions["pull-requests"] = "none"
    told = look(hosted, 1, "--target", "bench").err
    assert "the permission in its workflow. It was to be told that: 1 problem in the manifests" in told


@pytest.mark.assumes(get_lag=0.0)
def test_many_that_have_drifted(hosted: Hosted) -> None:
    """The issue is cut at its limit, and says where the rest is."""
    for at in range(120):
        body = changed(TARGET, ("name", f"t{at}"), ("description", "🦉" * 400))
        hosted.bench.declare("TargetConnection", f"t-{at}", body)
    report = hosted.bench.apply()
    for result in report["results"]:
        hosted.bench.edit("targetConnections", result["id"], lambda one: one.update(description="🦊" * 400))
    look(hosted)
    body = issue(hosted)["body"]
    assert 50_000 < len(body.encode("utf-16-le")) // 2 <= 65_536
    assert "**Cut:**" in body
    assert "# and 95 more" in body


def test_the_summary_has_it_too(hosted: Hosted) -> None:
    """Beside the issue, for whoever looks at the run."""
    path = hosted.bench.folder / "summary"
    hosted.bench.environ["GITHUB_STEP_SUMMARY"] = str(path)
    change(hosted, "By hand")
    assert look(hosted).out == ""
    assert "### Drift on <code>bench</code>: 1 drifted, 3 in sync" in path.read_text()


@pytest.mark.parametrize("name", ATTACKS)
def test_hostile_text_does_nothing(hosted: Hosted, name: str) -> None:
    """What the service says, in issue and title."""
    change(hosted, f"{MARK} {ATTACKS[name]} {MARK}")
    declare(hosted.bench, "TargetConnection/orders", ("description", "x"))
    look(hosted)
    body = issue(hosted)["body"].partition("\n")[2]
    assert MARK in body
    check_markdown(body.replace("<!-- known -->", "").replace(f"]({RUN})", "]"))
    assert MARK not in issue(hosted)["title"]
