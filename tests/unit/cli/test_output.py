"""What stands beside a result: notices, on stderr, and in a workflow on the manifest's line."""

from __future__ import annotations

import json
from pathlib import Path

from reconciler.cli.output import tell
from reconciler.model.resources import Location, Notice


def test_json_leaves_notices_to_stderr(estate):
    """The keys of the JSON are fixed, and a notice must not be lost for that."""
    del estate.environ["RECONCILER_KEY"]
    ran = estate.run("plan", "--format", "json")
    assert json.loads(ran.out)["summary"]["create"] == 1
    assert (
        ran.err
        == "warning: RECONCILER_KEY is not set: a secret that was rotated cannot be told from one that was not\n"
    )


def test_a_workflow_gets_annotations(capsys):
    """On the line of the manifest; whatever stands in it cannot make another command."""
    hostile = Notice("100%\n::error::no", Location("a,b:c%.yaml", 3, 7))
    tell([hostile, Notice("nowhere")], {"GITHUB_ACTIONS": "true"})
    assert capsys.readouterr().err.splitlines() == [
        "warning: a,b:c%.yaml:3:7: 100%\\n::error::no",
        "warning: nowhere",
        "::warning file=a%2Cb%3Ac%25.yaml,line=3,col=7::100%25\\n::error::no",
    ]
    tell([hostile], {})
    assert "::warning" not in capsys.readouterr().err


def test_a_plan_tells_what_an_apply_would_refuse(bench):
    """In the review, not after the merge."""
    for at in range(12):
        bench.declare("TargetConnection", f"t-{at}", {"name": f"t {at}", "params": {"dataSetId": "a"}})
    bench.apply()
    for at in range(12):
        bench.declare("TargetConnection", f"t-{at}", {"name": f"t {at}", "params": {"dataSetId": "b"}})
    told = "an apply would refuse this: the plan changes 12 of 12 managed resources, more than 50 %"
    assert told in bench.run("plan").out
    assert told in bench.run("plan", "--format", "json").err
    assert bench.run("apply", "--yes").code == 1


def test_a_plan_of_what_is_not_committed_says_so(bench, git_folder):
    """The commit that it names is not what was planned."""
    git_folder(bench.folder)
    assert "not committed" not in bench.run("plan").out
    Path(bench.manifests / "more.yaml").write_text("# not yet\n")
    assert "the manifests have changes that are not committed" in bench.run("plan").out


def test_every_format_annotates(bench):
    """What the review reads is a summary in Markdown; the line of the manifest is marked all the same."""
    bench.environ["GITHUB_ACTIONS"] = "true"
    auth = {
        "specName": "Basic Authentication",
        "params": {"username": "u", "password": "plain-text", "securityToken": "t"},
    }
    spec = {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"}
    bench.declare("Connection", "crm", {"name": "CRM", "connectionSpec": spec, "auth": auth})
    for form in ("text", "json", "markdown"):
        ran = bench.run("plan", "--format", form)
        assert ran.err.count("::warning file=") == 2
        assert "plain-text" not in ran.err + ran.out
