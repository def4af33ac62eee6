"""Where the parts meet: who applies, of which commit, and with what that may be missing."""

from __future__ import annotations

import getpass
import subprocess
import sys

import pytest

from reconciler.cli import wiring


def test_the_actor_of_a_workflow():
    """Its person, and the run to look it up by."""
    assert wiring.actor({"GITHUB_ACTOR": "octocat", "GITHUB_RUN_ID": "7"}) == "octocat (run 7)"
    assert wiring.actor({"GITHUB_ACTOR": "octocat"}) == "octocat (run ?)"


def test_the_actor_at_a_desk(monkeypatch):
    """The user, where the system knows one."""
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    assert wiring.actor({}) == "ada"


@pytest.mark.parametrize("error", [OSError, KeyError, ImportError])
def test_the_actor_without_a_name(monkeypatch, error):
    """A container may run under a number that nobody has."""

    def unknown():
        raise error

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert wiring.actor({}) == "unknown"


def git(folder, *arguments):
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_commit_of_the_manifests(tmp_path, monkeypatch):
    """Git's, of the repository that the folder is in; none before the first commit, and none outside."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    repository, outside = tmp_path / "repository", tmp_path / "outside"
    for path in (repository, outside):
        path.mkdir()
    git(repository, "init", "-q")
    assert wiring.commit_of(repository) is None
    git(repository, "commit", "-q", "--allow-empty", "-m", "first")
    assert wiring.commit_of(repository) == git(repository, "rev-parse", "HEAD")
    assert wiring.commit_of(outside) is None
    assert wiring.commit_of(tmp_path / "nowhere") is None


def test_no_git(tmp_path, monkeypatch):
    """It is not needed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert wiring.commit_of(tmp_path) is None


@pytest.mark.parametrize("arguments", [["plan"], ["emulate"]])
def test_the_extra_is_missing(bench, call, monkeypatch, arguments):
    """Whoever wants the emulator is told how to get it; nothing is left behind."""
    monkeypatch.setitem(sys.modules, "reconciler.emulator", None)
    ran = call("--manifests", str(bench.manifests), *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert "pip install 'flow-reconciler[emulator]'" in ran.err
    assert not bench.ledger.exists()


def test_an_emulator_target_keeps_its_objects(estate, call):
    """In a file beside the ledger: what one command applies the next one finds."""
    home = ["--manifests", str(estate.manifests)]
    first = call(*home, "apply", "--yes", "--format", "json", environ=estate.environ)
    assert (first.code, first.json["summary"]["applied"]) == (0, 1)
    assert (estate.ledger / "emulator.sqlite").exists()
    assert call(*home, "plan", "--detailed-exitcode").code == 0
    assert estate.app.requests == []


@pytest.mark.parametrize("obstacle", ["a file instead of the folder", "a file that is no database"])
def test_an_emulator_target_without_a_home(estate, call, obstacle):
    """The path that cannot be used is named."""
    if "folder" in obstacle:
        (estate.folder / ".reconciler").write_text("")
    else:
        estate.ledger.mkdir(parents=True)
        (estate.ledger / "emulator.sqlite").write_text("certainly no database")
    ran = call("--manifests", str(estate.manifests), "plan")
    assert ran.code == 1
    assert ran.err.startswith("error: the embedded Flow Service cannot keep its objects in ")
    assert "emulator.sqlite" in ran.err


def test_planning_without_the_right_to_a_secret(estate):
    """A variable that is not allowed here is as good as missing: a plan needs none. An apply says which."""
    path = estate.manifests / "Connection-crm.json"
    path.write_text(path.read_text().replace("FLOW_SECRET_TOKEN", "AEP_CLIENT_SECRET"))
    estate.environ["AEP_CLIENT_SECRET"] = "never-to-be-sent"
    assert estate.run("plan").code == 0
    ran = estate.run("apply", "--yes")
    assert ran.code == 1
    assert "AEP_CLIENT_SECRET" in ran.err
    assert "never-to-be-sent" not in ran.out + ran.err
    assert estate.writes() == []


def test_a_key_makes_fingerprints(estate):
    """The ledger tells a rotation by them; the key itself is nowhere."""
    estate.environ["RECONCILER_KEY"] = "a-long-random-key"
    estate.apply()
    secrets = estate.entry("Connection", "crm")["secrets"]
    assert {value["hmac"] is None for value in secrets.values()} == {False}
    assert "a-long-random-key" not in "".join(path.read_text() for path in estate.ledger.rglob("*.json"))
