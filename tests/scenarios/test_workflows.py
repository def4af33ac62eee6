"""The workflows do what the README says of them: their own lines are run here, as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NAMES = [path.stem for path in WORKFLOWS]
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*")
EXPRESSION = re.compile(r"\$\{\{ ([a-z]+\.[\w-]+) \}\}")
SECRET = re.compile(r"\bFLOW_SECRET_\w+")
VALUES = {"AEP_SCOPES": "openid,session", "AEP_ORG_ID": "EXAMPLE@AdobeOrg"}
COLLECTIONS = ("connectionSpecs", "flowSpecs", "connections", "sourceConnections", "targetConnections", "flows")
PATIENCE = 30


def read(name: str) -> dict[str, Any]:
    """Return a workflow; YAML 1.1 reads its ``on`` as true."""
    document = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in document.items()}


def jobs(name: str) -> list[dict[str, Any]]:
    return list(read(name)["jobs"].values())


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in jobs(name) for step in job["steps"]]


def strings(value: Any) -> Iterator[str]:
    """Every key and every text of a document: comments are none of it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield str(value)


def secrets_in(text: str) -> set[str]:
    return set(SECRET.findall(text))


def test_there_are_the_four() -> None:
    """The three uses, and the tool's own."""
    assert NAMES == ["apply", "ci", "drift", "plan"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_actions_are_pinned(path: Path) -> None:
    """By a commit, which nobody can move, with the version beside it for people; and by one everywhere."""
    used = re.findall(r"uses:\s*(.+)", path.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not PINNED.fullmatch(one)] == []


def test_one_version_of_an_action() -> None:
    """An upgrade that was forgotten in one file shows."""
    used = {one for path in WORKFLOWS for one in re.findall(r"uses:\s*(.+)", path.read_text(encoding="utf-8"))}
    assert len({one.partition("@")[0] for one in used}) == len(used)


@pytest.mark.parametrize("name", NAMES)
def test_a_job_may_read_and_nothing_else(name: str) -> None:
    """Nothing is granted to all jobs, and each gets what a checkout needs; the token does not stay in the clone.

    The one that applies may push, for the ledger.
    """
    assert read(name)["permissions"] == {}
    granted = {key: job["permissions"] for key, job in read(name)["jobs"].items()}
    writes = {"contents": "write"} if name == "apply" else {"contents": "read"}
    assert granted == {key: writes if key == "apply" else {"contents": "read"} for key in granted}
    checkouts = [step for step in steps(name) if "actions/checkout" in step.get("uses", "")]
    assert len(checkouts) == len(jobs(name))
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert all("timeout-minutes" in job for job in jobs(name))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_pasted_into_a_script(name: str) -> None:
    """An expression in a script is code by whoever chose a branch's name: values go through the environment."""
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_pull_request_runs_with_the_rights_of_the_base(name: str) -> None:
    """``pull_request_target`` and ``workflow_run`` would give a fork's code our secrets."""
    assert not {"pull_request_target", "workflow_run"} & set(read(name)["on"])


def test_the_manifests_secrets_reach_the_apply_alone() -> None:
    """Every one that a manifest names, none that no manifest names, and in no other workflow."""
    named = {secret for path in (ROOT / "manifests").rglob("*.yaml") for secret in secrets_in(path.read_text())}
    given = {name: secrets_in("\n".join(strings(read(name)))) for name in NAMES}
    assert given == {"apply": named, "ci": set(), "drift": set(), "plan": set()}
    environ = jobs("apply")[1]["env"]
    assert all(environ[secret] == f"${{{{ secrets.{secret} }}}}" for secret in named)


def test_plan_and_drift_have_a_credential_of_their_own() -> None:
    """The one that writes is in the apply, behind its environment's protection."""
    writing = {"secrets.AEP_CLIENT_ID", "secrets.AEP_CLIENT_SECRET", "secrets.RECONCILER_KEY"}
    used = {name: set(EXPRESSION.findall("\n".join(strings(read(name))))) for name in NAMES}
    assert {name for name in NAMES if writing & used[name]} == {"apply"}
    assert jobs("apply")[1]["environment"] == "${{ matrix.target }}"
    assert jobs("apply")[1]["concurrency"] == {"group": "apply-${{ matrix.target }}", "cancel-in-progress": False}


def test_targets_are_found_the_same_way() -> None:
    """In the three workflows, so that what is shown of one of them holds for all."""
    found = [step["run"] for name in ("apply", "drift", "plan") for step in steps(name) if step.get("id") == "targets"]
    assert len(found) == 3
    assert len(set(found)) == 1


def test_a_fork_gets_no_plan() -> None:
    """It is validated, with no secret; planning needs some."""
    validate, plan = jobs("plan")
    assert "env" not in validate
    assert "github.event.pull_request.head.repo.full_name == github.repository" in plan["if"]


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed")
def test_actionlint() -> None:
    """What GitHub would refuse."""
    subprocess.run(["actionlint", *map(str, WORKFLOWS)], check=True)


@dataclass
class GitHub:
    """A repository, and runners that come up empty for every job."""

    folder: Path
    service: str
    count: int = 0

    def job(self, workflow: str, name: str, target: str = "") -> Job:
        """Run a job's lines in a fresh clone, until one fails."""
        self.count += 1
        home = self.folder / f"runner-{self.count}"
        git("clone", "-q", str(self.folder / "repository"), str(home / "work"))
        document = read(workflow)["jobs"][name]
        done = Job(home)
        environ = done.environ(self.service) | {
            name: self._evaluate(value, target) for name, value in document.get("env", {}).items()
        }
        for step in document["steps"]:
            if "run" in step and "pip install" not in step["run"]:
                done.run(step["run"], environ)
                if done.code:
                    break
        return done

    def targets(self, workflow: str, name: str) -> list[str]:
        """Run the job that finds the targets, and return what the matrix gets."""
        done = self.job(workflow, name)
        assert done.code == 0, done.log
        [line] = (done.home / "output").read_text().splitlines()
        key, _, value = line.partition("=")
        assert read(workflow)["jobs"][name]["outputs"] == {key: f"${{{{ steps.targets.outputs.{key} }}}}"}
        return json.loads(value)

    def _evaluate(self, value: str, target: str) -> str:
        def one(match: re.Match[str]) -> str:
            context, _, name = match[1].partition(".")
            values = {"matrix": target, "vars": VALUES.get(name, ""), "secrets": f"value-of-{name}", "inputs": ""}
            return values["secrets" if context == "github" else context]

        return EXPRESSION.sub(one, value)


@dataclass
class Job:
    """What a job left: its log, its summary, and the code of its last step."""

    home: Path
    code: int = 0
    log: str = ""

    @property
    def summary(self) -> str:
        path = self.home / "summary"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def environ(self, service: str) -> dict[str, str]:
        """Return what a runner sets, and where the service is here."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_RUN_ID": "7",
            "GITHUB_STEP_SUMMARY": str(self.home / "summary"),
            "GITHUB_OUTPUT": str(self.home / "output"),
            "AEP_BASE_URL": service,
            "AEP_IMS_URL": service,
        }

    def run(self, script: str, environ: dict[str, str]) -> None:
        """Run one step as GitHub does where no shell is named: ``bash -e {0}``."""
        path = self.home / "step.sh"
        path.write_text(script, encoding="utf-8")
        ran = subprocess.run(
            ["bash", "-e", str(path)],
            cwd=self.home / "work", env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        self.code = ran.returncode
        self.log += ran.stdout + ran.stderr


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def refs(github: GitHub) -> list[str]:
    """Return the refs of the repository that are no branch."""
    command = ["git", "-C", str(github.folder / "repository"), "for-each-ref", "--format=%(refname)", "refs/reconciler"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


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
def github(tmp_path: Path, service: str) -> GitHub:
    repository = tmp_path / "repository"
    shutil.copytree(ROOT / "manifests", repository / "manifests")
    git("init", "-q", str(repository))
    git("-C", str(repository), "add", "-A")
    git("-C", str(repository), "commit", "-q", "-m", "manifests")
    return GitHub(tmp_path, service)


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


def change_by_hand(service: str) -> None:
    """Change a connection's description as a person in the UI."""
    one = next(item for item in live(service, "connections") if item["name"] == "Salesforce")
    url = f"{service}/data/foundation/flowservice/connections/{one['id']}"
    patch = [{"op": "replace", "path": "/description", "value": "By hand"}]
    answer = requests.patch(url, json=patch, headers=HEADERS | {"If-Match": one["etag"]}, timeout=5)
    assert answer.status_code == 200, answer.text


def test_from_pull_request_to_drift(github: GitHub, service: str) -> None:
    """Plan shows the changes, apply sends them, a fresh runner finds nothing left, and an edit by hand is drift."""
    assert github.targets("plan", "validate") == ["dev", "prod"]
    plan = github.job("plan", "plan", "prod")
    assert (plan.code, plan.log) == (0, "")
    assert "Connection/salesforce-crm" in plan.summary
    assert "6 to create" in plan.summary

    apply = github.job("apply", "apply", "prod")
    assert (apply.code, apply.log) == (0, ""), apply.summary
    assert "7 applied" in apply.summary
    assert "value-of-FLOW_SECRET" not in apply.summary
    assert refs(github) == ["refs/reconciler/prod"], "the ledger is where every clone finds it"

    again = github.job("plan", "plan", "prod")
    assert (again.code, again.log) == (0, "")
    assert "no changes" in again.summary.lower(), again.summary
    before = {name: live(service, name) for name in COLLECTIONS}
    twice = github.job("apply", "apply", "prod")
    assert (twice.code, twice.log) == (0, ""), twice.summary
    assert {name: live(service, name) for name in COLLECTIONS} == before, "a fresh runner knows, and sends nothing"

    quiet = github.job("drift", "drift", "prod")
    assert (quiet.code, quiet.log) == (0, ""), quiet.summary
    change_by_hand(service)
    drift = github.job("drift", "drift", "prod")
    assert (drift.code, drift.log) == (2, "")
    assert "Connection/salesforce-crm" in drift.summary


@pytest.mark.parametrize(("workflow", "name"), [("plan", "validate"), ("apply", "targets"), ("drift", "targets")])
def test_targets_that_cannot_be_found_fail_their_job(github: GitHub, workflow: str, name: str) -> None:
    """An empty output would fail the next job, with a message about JSON that says nothing."""
    repository = github.folder / "repository"
    (repository / "manifests" / "targets.yaml").write_text("kind: [")
    git("-C", str(repository), "commit", "-q", "-a", "-m", "broken")
    done = github.job(workflow, name)
    assert done.code == 1
    assert "targets.yaml:" in done.log


def test_a_plan_of_broken_manifests_fails(github: GitHub) -> None:
    """The pull request is told, and by the job that needs no credential."""
    repository = github.folder / "repository"
    (repository / "manifests" / "broken.yaml").write_text("kind: Nonsense\n")
    git("-C", str(repository), "add", "-A")
    git("-C", str(repository), "commit", "-q", "-m", "broken")
    assert github.job("plan", "validate").code == 1
    failed = github.job("apply", "apply", "prod")
    assert failed.code == 1
    assert failed.summary == ""
