"""GitHub's runner, as far as our workflows need one: their own lines, each job in a fresh clone.

The stand-in's token may do what the job's ``permissions`` grant, and nothing else. What is no line of a script is
played: a checkout is the clone, an upload gives its files to the stand-in.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from support.github import REPOSITORY, TOKEN, GitHub

ROOT: Final = Path(__file__).resolve().parents[2]
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
VALUES: Final = {"AEP_SCOPES": "openid,session", "AEP_ORG_ID": "EXAMPLE@AdobeOrg"}
SECRETS: Final = {
    "RECONCILER_KEY": "the-key-of-the-ledger",
    "RECONCILER_PLAN_KEY": "the-key-of-plans",
}
PATIENCE: Final = 60
_EXPRESSION: Final = re.compile(r"\$\{\{ (.+?) \}\}")
_LITERAL: Final = re.compile(r"'([^']*)'")
_FLOW_SECRET: Final = re.compile(r"\bFLOW_SECRET_\w+")


def read(name: str) -> dict[str, Any]:
    """Return a workflow; YAML 1.1 reads its ``on`` as true."""
    document = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in document.items()}


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@dataclass
class Job:
    """What a job left: its log, its summary, and its code, which is that of the step that failed."""

    home: Path
    code: int = 0
    log: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        path = self.home / "summary"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def output(self) -> dict[str, str]:
        path = self.home / "output"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines)


@dataclass
class Runner:
    """A repository with a branch ``main``, on a stand-in for GitHub, and the service beside it."""

    folder: Path
    service: str
    github: GitHub
    pull: int | None = None
    secrets: dict[str, str] = field(default_factory=lambda: dict(SECRETS))
    count: int = 0

    def __post_init__(self) -> None:
        self.repository.mkdir()
        git(self.repository, "init", "-q", "-b", "main")
        git(self.repository, "commit", "-q", "--allow-empty", "-m", "start")
        named = {
            name for path in (ROOT / "manifests").rglob("*.yaml") for name in _FLOW_SECRET.findall(path.read_text())
        }
        bundle = json.dumps({name: f"value-of-{name}" for name in sorted(named)})
        self.secrets.setdefault("RECONCILER_SECRETS", bundle)
        self.know()

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    def know(self) -> None:
        """Let GitHub know of all commits."""
        for line in git(self.repository, "rev-list", "--parents", "--all").splitlines():
            sha, *parents = line.split()
            self.github.parents[sha] = parents
        self.github.now = time.time()

    def push(self, branch: str, files: dict[str, str] | None = None) -> str:
        """Commit files to a branch, the estate of this repository where it is a new one; return the commit."""
        known = git(self.repository, "branch", "--list", branch)
        git(self.repository, "checkout", "-q", *([branch] if known else ["-b", branch]))
        if not (self.repository / "manifests").exists():
            shutil.copytree(ROOT / "manifests", self.repository / "manifests")
        for name, text in (files or {}).items():
            (self.repository / "manifests" / name).write_text(text, encoding="utf-8")
        git(self.repository, "add", "-A")
        git(self.repository, "commit", "-q", "--allow-empty", "-m", f"change of {branch}")
        self.know()
        return git(self.repository, "rev-parse", "HEAD")

    def open_pull(self, branch: str) -> None:
        """Open a pull request of a branch."""
        self.pull = self.github.open_pull(git(self.repository, "rev-parse", branch))

    def push_to_pull(self, branch: str, files: dict[str, str]) -> None:
        """Push one more commit to the pull request."""
        assert self.pull is not None
        self.github.pulls[self.pull]["head"]["sha"] = self.push(branch, files)

    def squash_merge(self, branch: str) -> None:
        """Merge the pull request as one commit of its own, and delete the branch."""
        assert self.pull is not None
        git(self.repository, "checkout", "-q", "main")
        git(self.repository, "merge", "-q", "--squash", branch)
        git(self.repository, "commit", "-q", "-m", f"squashed {branch}")
        git(self.repository, "branch", "-q", "-D", branch)
        self.know()
        self.github.merge(self.pull, git(self.repository, "rev-parse", "main"))
        self.pull = None

    def targets(self, workflow: str, name: str) -> list[str]:
        """Run the job that finds the targets, and return what the matrix gets."""
        done = self.job(workflow, name)
        assert done.code == 0, done.log
        assert read(workflow)["jobs"][name]["outputs"] == {"targets": "${{ steps.targets.outputs.targets }}"}
        return json.loads(done.output["targets"])

    def job(self, workflow: str, name: str, target: str = "", **inputs: Any) -> Job:
        """Run a job for a target, until a step fails, and then those that run all the same."""
        self.count += 1
        done = Job(self.folder / f"runner-{self.count}")
        git(self.folder, "clone", "-q", str(self.repository), str(done.home / "work"))
        (done.home / "temp").mkdir()
        document = read(workflow)["jobs"][name]
        self.github.permissions = dict(document["permissions"])
        context = self._context(done, target, inputs)
        context["env"] = {key: self._filled(value, context) for key, value in document.get("env", {}).items()}
        for step in document["steps"]:
            if not self._is_due(step, done, inputs):
                done.outcomes[step.get("id", "")] = "skipped"
            elif "run" in step and "pip install" not in step["run"]:
                own = {key: self._filled(value, context) for key, value in step.get("env", {}).items()}
                code = self._run(done, step["run"], self._environ(done) | context["env"] | own)
                done.outcomes[step.get("id", "")] = "failure" if code else "success"
                done.code = done.code or code
            elif "upload-artifact" in step.get("uses", ""):
                self._upload({key: self._filled(value, context) for key, value in step["with"].items()})
        return done

    def _is_due(self, step: dict[str, Any], done: Job, inputs: dict[str, Any]) -> bool:
        condition = step.get("if", "").removeprefix("${{ ").removesuffix(" }}")
        if condition == "!inputs.without-review":
            return done.code == 0 and not inputs.get("without-review")
        if condition == "!cancelled()":
            return True
        if condition == '!cancelled() && contains(fromJSON(\'["success", "failure"]\'), steps.plan.outcome)':
            return done.outcomes.get("plan") in ("success", "failure")
        assert not condition, condition
        return done.code == 0

    def _context(self, done: Job, target: str, inputs: dict[str, Any]) -> dict[str, Any]:
        head = self.github.pulls[self.pull]["head"]["sha"] if self.pull else ""
        event = {"pull_request": {"number": self.pull, "head": {"sha": head}}} if self.pull else {}
        (done.home / "event.json").write_text(json.dumps(event))
        return {
            "matrix": {"target": target},
            "vars": VALUES,
            "secrets": self.secrets,
            "inputs": inputs,
            "runner": {"temp": str(done.home / "temp")},
            "github": {"token": TOKEN, "event": event},
        }

    def _filled(self, value: Any, context: dict[str, Any]) -> str:
        def one(match: re.Match[str]) -> str:
            for part in match[1].split(" || "):
                literal = _LITERAL.fullmatch(part)
                found: Any = literal[1] if literal else context
                for name in [] if literal else part.split("."):
                    if name not in found and found is self.secrets:
                        found = f"value-of-{name}"
                        break
                    found = found.get(name, "") if isinstance(found, dict) else ""
                if found not in ("", None):
                    return str(found).lower() if isinstance(found, bool) else str(found)
            return ""

        return _EXPRESSION.sub(one, str(value))

    def _environ(self, done: Job) -> dict[str, str]:
        """Return what a runner sets, and where the service is here."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "LANG": "C.UTF-8",
            "HOME": str(done.home),
            "RUNNER_TEMP": str(done.home / "temp"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_RUN_ID": "7",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": self.github.base,
            "GITHUB_GRAPHQL_URL": f"{self.github.base}/graphql",
            "GITHUB_REF_NAME": "main",
            "GITHUB_EVENT_PATH": str(done.home / "event.json"),
            "GITHUB_STEP_SUMMARY": str(done.home / "summary"),
            "GITHUB_OUTPUT": str(done.home / "output"),
            "AEP_BASE_URL": self.service,
            "AEP_IMS_URL": self.service,
        }

    def _run(self, done: Job, script: str, environ: dict[str, str]) -> int:
        """Run one step as GitHub does where no shell is named: ``bash -e {0}``."""
        path = done.home / "step.sh"
        path.write_text(script, encoding="utf-8")
        ran = subprocess.run(
            ["bash", "-e", str(path)],
            cwd=done.home / "work", env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        done.log += ran.stdout + ran.stderr
        return ran.returncode

    def _upload(self, options: dict[str, str]) -> None:
        files = {path.name: path.read_bytes() for path in sorted(Path(options["path"]).iterdir())}
        assert files, "if-no-files-found: error"
        assert self.pull is not None
        head = self.github.pulls[self.pull]["head"]["sha"]
        self.github.upload(options["name"], files, head)
