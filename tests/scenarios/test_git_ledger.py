"""The ledger on a git ref, through the command line: clones and runners of one team, and one Flow Service."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.bench import TARGET, Bench
from support.chain import apply_chain, change, declare, declare_chain, objects
from support.clones import ENVIRON, Forge, git, snapshot

from reconciler.emulator.faults import Fault
from reconciler.ledger.lease import TO_NOTICE

REF = "refs/reconciler/bench"


class Team:
    """A bench whose manifests are in a clone; ``at`` moves it to another one."""

    def __init__(self, bench: Bench, forge: Forge) -> None:
        self.bench, self.forge = bench, forge
        bench.environ |= ENVIRON | {"FLOW_SECRET_DB": "first-password"}
        self.at(forge.clone("desk"))

    def at(self, clone: Path) -> Bench:
        """Work in that clone from now on."""
        self.bench.folder = clone
        self.bench.manifests.mkdir(exist_ok=True)
        (self.bench.manifests / "one.yaml").unlink(missing_ok=True)
        return self.bench

    def target(self, **home: str) -> None:
        """Declare the target, its ledger in git."""
        document = {**TARGET, "spec": {**TARGET["spec"], "ledger": {"ref": REF, **home}}}  # type: ignore[dict-item] # a mapping
        self.bench.write("target.json", document)

    def commit(self) -> None:
        """Commit all, and push it."""
        git("add", "-A", cwd=self.bench.folder)
        git("commit", "-q", "-m", "manifests", cwd=self.bench.folder)
        git("push", "-q", "origin", "HEAD:main", cwd=self.bench.folder)

    def log(self, ref: str = REF) -> list[str]:
        """Return the first words of the ledger's commits."""
        return [subject.split(":")[0] for subject in self.forge.log(ref)]


@pytest.fixture
def team(bench: Bench, tmp_path: Path) -> Team:
    made = Team(bench, Forge(tmp_path / "a forge"))
    made.target()
    return made


def test_a_desk_applies_and_a_runner_knows(team: Team) -> None:
    """What one clone applied is known in every other; also in a shallow checkout of one branch, its head detached."""
    apply_chain(team.bench)
    team.commit()
    assert (team.log()[0], team.log()[-1]) == ("Begin", "End")
    assert not (team.bench.folder / ".reconciler").exists()
    runner = team.forge.clone("runner", "--depth=1", "--single-branch", "--branch=main")
    git("checkout", "-q", "--detach", cwd=runner)
    before = snapshot(runner)
    bench = team.at(runner)
    assert bench.plan()["changes"] == []
    assert bench.drift()["summary"]["inSync"] == 4
    bench.apply()
    assert bench.writes() == []
    assert snapshot(runner) == before


@pytest.mark.usual
def test_a_run_pushes_a_few_times(team: Team) -> None:
    """Begin, the ids of what was created as they come, and the end: updates go with it."""
    apply_chain(team.bench)
    assert 4 <= len(team.log()) <= 6
    before = len(team.log())
    for resource in ("Connection/warehouse", "Flow/orders"):
        declare(team.bench, resource, ("description", "Another"))
    team.bench.apply()
    assert team.log()[before:] == ["Begin", "End"]


@pytest.mark.assumes(secrets="clear")
def test_a_lost_ledger_is_rebuilt(team: Team) -> None:
    """From manifests and live, without creating anything."""
    apply_chain(team.bench)
    git("update-ref", "-d", REF, cwd=team.forge.remote)
    assert team.bench.plan()["summary"]["adopt"] == 4
    before = {name: objects(team.bench, name) for name in ("connections", "flows")}
    team.bench.apply()
    assert [request for request in team.bench.writes() if request.method == "POST"] == []
    assert {name: objects(team.bench, name) for name in before} == before
    assert team.bench.plan()["changes"] == []
    assert team.log() == ["Begin", "End"]


def test_the_intent_is_on_the_remote_before_the_first_write(team: Team) -> None:
    """A machine that vanishes has said what it meant to do."""
    declare_chain(team.bench)
    seen: list[str] = []

    def look(*_: Any) -> None:
        seen.append(git("show", f"{REF}:begin.json", cwd=team.forge.remote))

    team.bench.app.faults.add(Fault(look), method="POST")
    team.bench.apply()
    assert json.loads(seen[0])["intents"][0]["resource"] == "Connection/warehouse"


def test_the_id_of_what_was_created_is_on_the_remote_before_the_next_write(team: Team) -> None:
    """A machine that vanishes loses no id."""
    declare_chain(team.bench)
    seen: list[str] = []
    team.bench.app.faults.add(
        Fault(lambda *_: seen.extend(team.forge.tree(REF))), method="POST", path="sourceConnections"
    )
    team.bench.apply()
    assert "resources/Connection/warehouse.json" in seen


def test_without_a_remote(bench: Bench, tmp_path: Path) -> None:
    """The ledger is a ref of the repository itself, in a worktree too."""
    team = Team(bench, Forge(tmp_path / "a forge"))
    alone = team.forge.repository("alone")
    team.at(alone)
    team.target()
    apply_chain(bench)
    assert git("for-each-ref", "--format=%(refname)", "refs/reconciler", cwd=alone) == REF
    git("add", "-A", cwd=alone)
    git("commit", "-q", "-m", "manifests", cwd=alone)
    git("worktree", "add", "-q", "--detach", "../side", cwd=alone)
    side = team.at(team.forge.folder / "side")
    assert side.plan()["changes"] == []


def test_before_the_first_commit(team: Team) -> None:
    """A repository that is being set up."""
    fresh = team.forge.folder / "fresh"
    git("init", "-q", "fresh", cwd=team.forge.folder)
    shutil.copytree(team.bench.manifests, fresh / "manifests")
    team.at(fresh)
    apply_chain(team.bench)
    assert team.bench.plan()["changes"] == []
    assert git("for-each-ref", "--format=%(refname)", cwd=fresh) == REF


def test_the_ledger_in_another_repository(team: Team) -> None:
    """The manifests' own gets no ref."""
    git("init", "-q", "--bare", "ledgers.git", cwd=team.forge.folder)
    team.target(remote="../ledgers.git")
    apply_chain(team.bench)
    assert team.bench.plan()["changes"] == []
    assert git("for-each-ref", "--format=%(refname)", cwd=team.forge.folder / "ledgers.git") == REF
    assert git("for-each-ref", "--format=%(refname)", cwd=team.forge.remote) == "refs/heads/main"


def test_on_a_branch_that_a_rule_locks(team: Team) -> None:
    """Nothing is written to the service; the rule's reason is told, and once it lets us, all is well."""
    ref = "refs/heads/ledger"
    team.target(ref=ref)
    team.forge.hook("update", f'[ "$1" = {ref} ] && {{ echo "GH013: changes need a review" >&2; exit 1; }}; exit 0')
    declare_chain(team.bench)
    ran = team.bench.run("apply", "--yes")
    assert ran.code == 1
    assert "GH013: changes need a review" in ran.err
    assert "Traceback" not in ran.err
    assert team.bench.writes() == []
    (team.forge.remote / "hooks" / "update").unlink()
    team.bench.apply()
    assert team.log(ref)[-1] == "End"


def test_two_clones_one_holder(team: Team) -> None:
    """The second apply is told who has it; unlocking says whose it was, and the next one finishes."""
    apply_chain(team.bench)
    team.commit()
    declare(team.bench, "Connection/warehouse", ("description", "Another"))
    team.forge.hook("update", "exit 0")
    # The end does not arrive: the run looks open to everybody else.
    refuse = 'git cat-file -p "$3" | grep -q "^End" && { echo "gone" >&2; exit 1; }; exit 0'
    team.forge.hook("update", refuse)
    ran = team.bench.run("apply", "--yes")
    assert ran.code == 1
    assert "kept on this machine" in ran.out + ran.err
    (team.forge.remote / "hooks" / "update").unlink()
    first, second = team.bench.folder, team.forge.clone("second")
    team.at(second)
    declare(team.bench, "Connection/warehouse", ("description", "A third"))
    held = team.bench.run("apply", "--yes")
    assert held.code == 1
    assert "the ledger is held by run" in held.err
    assert team.bench.run("history", "--format", "json").json["runs"][0]["state"] == "open"
    unlocked = team.bench.run("unlock", "--yes")
    assert unlocked.code == 0
    assert "update Connection/warehouse" in unlocked.err
    team.bench.clock.sleep(TO_NOTICE)
    team.bench.apply()
    assert [run["state"] for run in history(team)] == ["ended", "takenOver", "ended"]
    team.at(first)
    told = team.bench.run("plan")
    assert "is dropped" in told.out + told.err


def history(team: Team) -> list[dict[str, Any]]:
    return list(team.bench.run("history", "--format", "json").json["runs"])


def test_an_end_that_was_kept_is_finished_by_the_next_run(team: Team) -> None:
    """Also by one that has nothing else to do."""
    apply_chain(team.bench)
    declare(team.bench, "Connection/warehouse", ("description", "Another"))
    team.forge.hook("update", 'git cat-file -p "$3" | grep -q "^End" && { echo "gone" >&2; exit 1; }; exit 0')
    assert team.bench.run("apply", "--yes").code == 1
    (team.forge.remote / "hooks" / "update").unlink()
    assert team.log()[-1] == "Begin"
    told = team.bench.run("plan")
    assert "the next apply from here sends it" in told.out + told.err
    team.bench.app.requests.clear()
    team.bench.apply()
    assert team.bench.writes() == []
    assert [run["state"] for run in history(team)] == ["ended", "ended", "ended"]
    assert "kept" not in team.bench.run("plan").out


def test_the_network_is_gone(team: Team) -> None:
    """Never an empty ledger, which would adopt or create: every command says what cannot be reached."""
    apply_chain(team.bench)
    team.forge.remote.rename(team.forge.folder / "moved.git")
    for command in (["plan"], ["apply", "--yes"], ["drift"], ["history"], ["unlock", "--yes"]):
        ran = team.bench.run(*command)
        assert ran.code == 1
        assert f"the ledger {REF} of origin (file://" in ran.err
        assert "Traceback" not in ran.err
    assert team.bench.writes() == []


def test_validate_asks_no_git(team: Team) -> None:
    """Manifests alone."""
    declare_chain(team.bench)
    team.bench.environ["PATH"] = "/nowhere"
    assert team.bench.run("validate").code == 0
    ran = team.bench.run("plan")
    assert ran.code == 1
    assert "git cannot be run" in ran.err


def test_no_secret_reaches_the_ledger_or_the_log(team: Team) -> None:
    """Neither the service's secrets nor git's."""
    team.bench.environ |= {"RECONCILER_GIT_TOKEN": "git-canary", "RECONCILER_KEY": "key-canary-of-many-characters"}
    apply_chain(team.bench)
    everything = git("log", "-p", "--format=fuller", REF, cwd=team.forge.remote)
    for canary in ("first-password", "git-canary", "key-canary"):
        assert canary not in everything
    cache = b"".join(path.read_bytes() for path in (team.bench.folder / ".git").rglob("*") if path.is_file())
    assert b"git-canary" not in cache
    assert change(team.bench.plan("--rotate", "Connection/warehouse"), "Connection/warehouse")
