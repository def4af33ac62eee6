"""The workflows do what the README says of them: their own lines are run here, as a runner runs them."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from support.github import GitHub, broken
from support.inert import ATTACKS
from support.runner import ROOT, VALUES, Job, Runner, git

COLLECTIONS = ("connectionSpecs", "flowSpecs", "connections", "sourceConnections", "targetConnections", "flows")


@pytest.fixture
def service() -> Iterator[str]:
    """The embedded Flow Service, in a process of its own."""
    command = [sys.executable, "-m", "reconciler", "emulate", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = re.search(r"http://[\d.]+:\d+", process.stderr.readline())
            assert found
            yield found[0]
        finally:
            process.kill()


@pytest.fixture
def runner(tmp_path: Path, service: str) -> Iterator[Runner]:
    github = GitHub(now=time.time())
    with github.served():
        yield Runner(tmp_path, service, github)


HEADERS = {
    "Authorization": "Bearer a-person",
    "x-api-key": "exc_app",
    "x-gw-ims-org-id": VALUES["AEP_ORG_ID"],
    "x-sandbox-name": "prod",
}


def live(service: str, collection: str) -> list[dict[str, Any]]:
    """Return what production has."""
    url = f"{service}/data/foundation/flowservice/{collection}"
    return requests.get(url, headers=HEADERS, timeout=5).json()["items"]


def change_by_hand(service: str, text: str) -> None:
    """Change a connection's description as a person in the UI."""
    one = next(item for item in live(service, "connections") if item["name"] == "Salesforce")
    url = f"{service}/data/foundation/flowservice/connections/{one['id']}"
    patch = [{"op": "replace", "path": "/description", "value": text}]
    answer = requests.patch(url, json=patch, headers=HEADERS | {"If-Match": one["etag"]}, timeout=5)
    assert answer.status_code == 200, answer.text


def comments(runner: Runner) -> list[str]:
    return [one["body"] for one in runner.github.comments.values()]


def issues(runner: Runner) -> list[dict[str, Any]]:
    return [one for one in runner.github.issues.values() if "pull_request" not in one]


def merged(runner: Runner, branch: str, files: dict[str, str]) -> Job:
    """Let a pull request be planned for production, merge it, and return the job that planned."""
    runner.push(branch, files)
    runner.open_pull(branch)
    plan = runner.job("plan", "plan", "prod")
    assert plan.code == 0, plan.log
    runner.squash_merge(branch)
    return plan


def described(text: str) -> dict[str, str]:
    """Return the manifest of the connection with another description."""
    path = ROOT / "manifests" / "salesforce" / "connection.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["spec"]["description"] = text
    return {"salesforce/connection.yaml": yaml.safe_dump(document, allow_unicode=True)}


def test_from_pull_request_to_drift(runner: Runner, service: str) -> None:
    """Open a pull request, comment, update it, squash-merge, apply, edit by hand, open the issue, revert, close it."""
    runner.push("first")
    runner.open_pull("first")
    assert runner.targets("plan", "validate") == ["dev", "prod"]
    plan = runner.job("plan", "plan", "prod")
    assert plan.code == 0, plan.log
    assert "6 to create" in plan.summary
    [comment] = comments(runner)
    assert "6 to create" in comment
    assert "```mermaid" in comment
    assert "| before | no schedule | does not run |" in comment

    [kept] = runner.github.artefacts
    with zipfile.ZipFile(io.BytesIO(runner.github.blobs[kept["id"]])) as archive:
        assert archive.namelist() == ["prod.html", "prod.plan"]
        assert b"<html" in archive.read("prod.html")
    runner.push_to_pull("first", described("From the start"))
    assert runner.job("plan", "plan", "prod").code == 0
    [comment] = comments(runner)
    assert "From the start" in comment
    assert runner.job("plan", "plan", "dev").code == 0
    assert len(comments(runner)) == 2, "each target has its own"

    runner.squash_merge("first")
    assert runner.targets("apply", "targets") == ["dev", "prod"]
    apply = runner.job("apply", "apply", "prod")
    assert apply.code == 0, apply.log
    assert "7 applied" in apply.summary
    assert "1 of 1 pull requests merged since the beginning" in apply.summary
    assert "value-of-FLOW_SECRET" not in apply.summary + apply.log
    refs = git(runner.repository, "for-each-ref", "--format=%(refname)", "refs/reconciler")
    assert refs == "refs/reconciler/prod", "the ledger is where every clone finds it"

    before = {name: live(service, name) for name in COLLECTIONS}
    again = runner.job("apply", "apply", "prod")
    assert again.code == 0, again.log
    assert {name: live(service, name) for name in COLLECTIONS} == before, "a fresh runner knows, and sends nothing"

    assert runner.targets("drift", "targets") == ["dev", "prod"]
    quiet = runner.job("drift", "drift", "prod")
    assert quiet.code == 0, quiet.log
    assert issues(runner) == []
    change_by_hand(service, "By hand")
    drift = runner.job("drift", "drift", "prod")
    assert drift.code == 0, drift.log
    [issue] = issues(runner)
    assert issue["state"] == "open"
    assert "By hand" in issue["body"]
    assert "By hand" in drift.summary

    change_by_hand(service, "From the start")
    assert runner.job("drift", "drift", "prod").code == 0
    [issue] = issues(runner)
    assert issue["state"] == "closed"


def test_only_what_was_reviewed_is_applied(runner: Runner, service: str) -> None:
    """A push past the review is refused and named, and dispatching the workflow does it all the same."""
    merged(runner, "first", {})
    assert runner.job("apply", "apply", "prod").code == 0
    runner.push("main", described("Pushed"))
    refused = runner.job("apply", "apply", "prod")
    assert refused.code == 1
    assert "not in the reviewed plans" in refused.summary
    assert "came without a pull request" in refused.summary
    assert "- **refused**: it is not in the reviewed plan" in refused.summary
    assert all(one.get("description") != "Pushed" for one in live(service, "connections"))
    done = runner.job("apply", "apply", "prod", **{"without-review": True, "allow-large": True})
    assert done.code == 0, done.log
    assert any(one.get("description") == "Pushed" for one in live(service, "connections"))


def test_a_run_that_was_skipped_is_made_up_for(runner: Runner, service: str) -> None:
    """GitHub lets one run wait and drops the others: the next one applies what all of them would have."""
    merged(runner, "first", {})
    assert runner.job("apply", "apply", "prod").code == 0
    merged(runner, "second", described("Of the second"))
    merged(runner, "third", {"third.yaml": ""})
    done = runner.job("apply", "apply", "prod")
    assert done.code == 0, done.log
    assert "2 of 2 pull requests" in done.log
    assert any(one.get("description") == "Of the second" for one in live(service, "connections"))


def test_a_plan_that_cannot_be_made_is_told(runner: Runner) -> None:
    """The comment of the commit before is replaced; the job fails."""
    runner.push("first")
    runner.open_pull("first")
    assert runner.job("plan", "plan", "prod").code == 0
    runner.secrets["AEP_PLAN_CLIENT_SECRET"] = ""
    plan = runner.job("plan", "plan", "prod")
    assert plan.code == 1
    [comment] = comments(runner)
    assert "No plan could be made" in comment
    assert "CLIENT_SECRET" in comment
    assert "::error" not in comment


def test_a_night_without_the_service(runner: Runner, service: str) -> None:
    """The job fails, and the issue says that nobody knows."""
    merged(runner, "first", {})
    assert runner.job("apply", "apply", "prod").code == 0
    runner.secrets["AEP_PLAN_CLIENT_SECRET"] = ""
    night = runner.job("drift", "drift", "prod")
    assert night.code == 1
    [issue] = issues(runner)
    assert issue["title"] == "Drift on prod cannot be looked for"
    runner.github.faults.append(("POST /graphql", broken(401)))
    assert runner.job("drift", "drift", "prod").code == 1


def test_hostile_values_do_nothing_in_a_log(runner: Runner) -> None:
    """What a manifest says, through every job: no line of a log is a command but our annotations."""
    hostile = "x" + "".join(ATTACKS[name] for name in ("fences", "html", "links", "mentions", "commands"))
    plan = merged(runner, "first", described(hostile.replace("\r", "")))
    done = runner.job("apply", "apply", "prod")
    assert done.code == 0, done.log
    for log in (plan.log, done.log, runner.job("drift", "drift", "prod").log):
        odd = [line for line in log.splitlines() if line.lstrip().startswith("::")]
        assert [line for line in odd if not re.match(r"::(warning|error) file=", line)] == []


def test_a_call_may_take_a_part_of_the_targets(runner: Runner) -> None:
    """By a pattern."""
    runner.push("main")
    assert json.loads(runner.job("drift", "targets", targets="pr*").output["targets"]) == ["prod"]
    assert json.loads(runner.job("drift", "targets", targets="x").output["targets"]) == []


@pytest.mark.parametrize(("workflow", "name"), [("plan", "validate"), ("apply", "targets"), ("drift", "targets")])
def test_targets_that_cannot_be_found_fail_their_job(runner: Runner, workflow: str, name: str) -> None:
    """An empty output would fail the next job, with a message about JSON that says nothing."""
    runner.push("main", {"targets.yaml": "kind: ["})
    done = runner.job(workflow, name)
    assert done.code == 1
    assert "targets.yaml:" in done.log
    assert "Traceback" not in done.log


def test_broken_manifests_are_told_by_the_job_that_needs_no_credential(runner: Runner) -> None:
    """On the manifest's line, and in the comments of the commit before; and nothing of them is applied."""
    runner.push("main")
    runner.open_pull("main")
    assert runner.job("plan", "plan", "prod").code == 0
    runner.push_to_pull("main", {"broken.yaml": "kind: Nonsense\n"})
    validate = runner.job("plan", "validate")
    assert validate.code == 1
    assert "::error file=manifests/broken.yaml,line=1," in validate.log
    invalid = runner.job("plan", "invalid")
    assert invalid.code == 0, invalid.log
    [comment] = comments(runner)
    assert "No plan could be made" in comment
    assert "manifests/broken.yaml:1:" in comment
    runner.pull = None
    failed = runner.job("apply", "apply", "prod")
    assert failed.code == 1
    assert "It ended before it had a result" in failed.summary
