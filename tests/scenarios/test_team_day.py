"""A day of a team: a bare remote, two people's clones, a runner's shallow checkout, one sandbox that was there before.

At every step that writes, two applies race: one begins, the other is told, and nothing is lost or done twice.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from support.bench import Ran
from support.chain import CONNECTION, FLOW, SOURCE, TARGET, changed

from reconciler.emulator import EmulatorApp, create_app
from reconciler.emulator.server import running

PROGRAM = Path(sys.executable).with_name("reconciler")
ORGANISATION = "TEAM@AdobeOrg"
PERSON = {
    "Authorization": "Bearer ben",
    "x-api-key": "exc_app",
    "x-gw-ims-org-id": ORGANISATION,
    "x-sandbox-name": "prod",
}
PATIENCE = 60
HELD = ("the ledger is held by run", "began at", "somebody else applied since this plan was made")
SECRET = "FLOW_SECRET_WAREHOUSE_PASSWORD"


@dataclass(slots=True)
class Team:
    """The remote, the service, and everybody's folder."""

    folder: Path
    app: EmulatorApp
    url: str
    password: str = "first-password"
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def git(self, who: str, *arguments: str) -> str:
        """Run git in somebody's clone."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        clean |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        clean |= {
            f"GIT_{role}_{part}": f"{who}@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
        }
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder / who, env=clean, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def clone(self, who: str, *options: str) -> None:
        """Give somebody a clone; a runner gets one commit of one branch."""
        self.git(".", "clone", "--quiet", *options, f"file://{self.folder / 'remote.git'}", who)

    def start(self, who: str, *arguments: str) -> subprocess.Popen[str]:
        """Start the program in somebody's clone."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "GITHUB_ACTOR": who,
            "AEP_BASE_URL": self.url,
            "AEP_ACCESS_TOKEN": "a-token",
            "AEP_API_KEY": "a-pipeline",
            "AEP_ORG_ID": ORGANISATION,
            "RECONCILER_KEY": "a-key-of-more-than-thirty-two-characters",
            SECRET: self.password,
        }
        process = subprocess.Popen(
            [str(PROGRAM), *arguments], cwd=self.folder / who, env=environ, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.started.append(process)
        return process

    def run(self, who: str, *arguments: str, code: int = 0) -> Ran:
        """Run the program in somebody's clone to its end."""
        ran = ended(self.start(who, *arguments))
        assert ran.code == code, (ran.code, ran.out, ran.err)
        return ran

    def race(self, *arguments: str) -> tuple[Ran, list[Any]]:
        """Let two apply the same at once: the one that won, and the writes that the service has seen."""
        self.app.requests.clear()
        self.app.faults.slow(1.0, method="POST", count=1)
        self.app.faults.slow(1.0, method="PATCH", count=1)
        self.app.faults.slow(1.0, method="DELETE", count=1)
        racers = [self.start(who, "apply", "--yes", "--format", "json", *arguments) for who in ("bob", "runner")]
        runs = [ended(racer) for racer in racers]
        self.app.faults.clear()
        done = sorted((run for run in runs if run.code == 0), key=lambda run: -len(run.json["results"]))
        assert done, runs
        assert all(run.json["results"] == [] for run in done[1:]), runs
        assert all(any(words in run.err for words in HELD) for run in runs if run.code), runs
        return done[0], [request for request in self.app.requests if request.method != "GET"]

    def share(self, who: str, message: str) -> None:
        """Commit and push somebody's work; everybody else has it afterwards."""
        self.git(who, "add", "--all")
        self.git(who, "commit", "--quiet", "--message", message)
        self.git(who, "push", "--quiet", "origin", "HEAD:main")
        for other in {"alice", "bob"} - {who}:
            self.git(other, "pull", "--quiet", "--ff-only", "origin", "main")
        self.git("runner", "fetch", "--quiet", "--depth", "1", "origin", "main")
        self.git("runner", "checkout", "--quiet", "--detach", "FETCH_HEAD")

    def click(self, collection: str, body: dict[str, Any]) -> str:
        """Make something in the UI."""
        url = f"{self.url}/data/foundation/flowservice/{collection}"
        answer = requests.post(url, json=body, headers=PERSON, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def by_hand(self, collection: str, id: str, *ops: dict[str, Any]) -> None:
        """Change something in the UI."""
        url = f"{self.url}/data/foundation/flowservice/{collection}/{id}"
        etag = requests.get(url, headers=PERSON, timeout=PATIENCE).json()["items"][0]["etag"]
        answer = requests.patch(url, json=list(ops), headers=PERSON | {"If-Match": etag}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text

    def live(self, collection: str, id: str) -> dict[str, Any] | None:
        """What the service truly has."""
        return self.app.store.get(collection, id, "prod")

    def quiet(self, who: str) -> None:
        """Nothing to do, nothing drifted."""
        assert self.run(who, "plan", "--prune", "--format", "json", "--detailed-exitcode").json["changes"] == []
        self.run(who, "drift")


def ended(process: subprocess.Popen[str]) -> Ran:
    out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, out, err)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    app = create_app()
    with running(app) as url:
        made = Team(tmp_path, app, url)
        made.git(".", "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
        made.clone("alice")
        yield made
        for process in made.started:
            with process:
                process.kill()
    app.store.close()


def in_the_ui(team: Team) -> dict[str, str]:
    """What somebody clicked together long before: one chain, with its password."""
    secret = changed(CONNECTION, ("auth/params/password", "first-password"))
    base = team.click("connections", secret)
    source = team.click("sourceConnections", SOURCE | {"baseConnectionId": base})
    target = team.click("targetConnections", TARGET)
    ends = {"sourceConnectionIds": [source], "targetConnectionIds": [target]}
    flow = team.click("flows", FLOW | ends)
    return {"connections": base, "sourceConnections": source, "targetConnections": target, "flows": flow}


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.usual
def test_a_day(team: Team) -> None:
    """From a sandbox that nobody reviews to one that is in git, and a day's work on it."""
    ids = in_the_ui(team)
    manifests = team.folder / "alice" / "manifests"
    morning(team, manifests)
    (flow,) = (manifests / "flows").iterdir()
    reviewed_change(team, flow)
    edits_by_hand(team, flow, ids)
    rotation(team, ids)
    rename(team, manifests)
    removal(team, flow, ids)
    evening(team)


def morning(team: Team, manifests: Path) -> None:
    """What is there comes under git, and nothing is sent for it."""
    manifests.mkdir()
    (manifests / "prod.yaml").write_text(
        "# The sandbox of the team.\napiVersion: reconciler/v1\nkind: Target\nmetadata: {name: prod}\n"
        "spec:\n  sandbox: prod\n  default: true\n", encoding="utf-8",
    )  # fmt: skip
    team.run("alice", "import")
    assert "first-password" not in "".join(path.read_text(encoding="utf-8") for path in manifests.rglob("*.yaml"))
    team.git("alice", "add", "--all")
    team.git("alice", "commit", "--quiet", "--message", "Import prod")
    team.git("alice", "push", "--quiet", "origin", "HEAD:main")
    team.clone("bob")
    team.clone("runner", "--depth", "1", "--single-branch")
    assert team.run("alice", "plan", "--format", "json", "--detailed-exitcode").json["summary"]["adopt"] == 4
    adopted, writes = team.race()
    assert (adopted.json["summary"]["applied"], writes) == (4, [])
    assert "refs/reconciler/prod" in team.git("alice", "ls-remote", "origin")
    team.quiet("runner")


def reviewed_change(team: Team, flow: Path) -> None:
    """A change in git: planned in a pull request, applied as it was reviewed."""
    edit(flow, "frequency: day", "frequency: week")
    reviewed = str(team.folder / "reviewed.json")
    team.run("alice", "plan", "--out", reviewed)
    team.share("alice", "Weekly is enough")
    applied, writes = team.race(reviewed)
    assert [one["resource"] for one in applied.json["results"]] == ["Flow/orders-daily"]
    assert [write.method for write in writes] == ["PATCH"]
    team.quiet("alice")


def edits_by_hand(team: Team, flow: Path, ids: dict[str, str]) -> None:
    """Two edits in the UI: the night finds them, one goes into git, the other goes back."""
    team.by_hand("flows", ids["flows"], {"op": "replace", "path": "/description", "value": "Every week"})
    team.by_hand("connections", ids["connections"], {"op": "replace", "path": "/name", "value": "Lager"})
    night = team.run("runner", "drift", "--format", "json", code=2).json
    drifted = {one["resource"]: one for one in night["resources"] if one["status"] == "drifted"}
    assert drifted.keys() == {"Flow/orders-daily", "Connection/warehouse"}
    assert {one["changedClient"] for one in drifted.values()} == {"exc_app"}
    team.run("alice", "drift", "--accept", "Flow/orders-daily")
    assert "Every week" in flow.read_text(encoding="utf-8")
    team.share("alice", "The description is better so")
    reverted, writes = team.race()
    assert [one["resource"] for one in reverted.json["results"]] == ["Connection/warehouse"]
    assert [(write.method, write.body[0]["path"]) for write in writes] == [("PATCH", "/name")]
    team.quiet("bob")


def rotation(team: Team, ids: dict[str, str]) -> None:
    """The password is rotated where it is kept; nothing of it is in git."""
    team.password = "second-password"
    rotated, writes = team.race()
    assert [one["resource"] for one in rotated.json["results"]] == ["Connection/warehouse"]
    assert [write.method for write in writes] == ["PATCH"]
    assert (team.live("connections", ids["connections"]) or {})["auth"]["params"]["password"] == "second-password"
    team.quiet("bob")


def rename(team: Team, manifests: Path) -> None:
    """A manifest gets a better name: nothing is sent for it."""
    edit(
        manifests / "connections" / "warehouse.yaml",
        "  name: warehouse\n",
        "  name: stock\n  previousName: warehouse\n",
    )
    (source,) = (manifests / "source-connections").iterdir()
    edit(source, "Connection/warehouse", "Connection/stock")
    team.share("alice", "Call it what it is")
    assert team.race()[1] == []
    team.quiet("runner")


def removal(team: Team, flow: Path, ids: dict[str, str]) -> None:
    """The flow is no longer needed: an orphan, until somebody says --prune."""
    flow.unlink()
    team.share("alice", "Nobody reads the orders any more")
    orphans = team.run("bob", "plan", "--format", "json").json["orphans"]
    assert [one["resource"] for one in orphans] == ["Flow/orders-daily"]
    removed, writes = team.race("--prune")
    assert [one["action"] for one in removed.json["results"]] == ["delete"]
    assert [write.method for write in writes] == ["DELETE"]
    assert team.live("flows", ids["flows"]) is None
    team.quiet("alice")


def evening(team: Team) -> None:
    """The history tells of everything, and everybody's clone is as they left it."""
    history = team.run("alice", "history", "--format", "json").out
    assert history.count('"actor"') >= 6
    for who in ("alice", "bob", "runner"):
        assert team.git(who, "status", "--porcelain") == ""
        assert "reconciler" not in team.git(who, "branch", "--all")
    assert "second-password" not in team.git("alice", "ls-remote", "origin") + history
    team.git("remote.git", "fsck", "--strict")
