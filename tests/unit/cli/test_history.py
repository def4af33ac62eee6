"""``history`` and ``unlock``: the ledger alone, on the command line."""

import json

import pytest

from reconciler.ledger.folder import FolderStore
from reconciler.ledger.lease import TO_NOTICE, moment
from reconciler.ledger.target import TargetLedger
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, Intent
from reconciler.model.resources import ResourceName

SANDBOX = """
apiVersion: reconciler/v1
kind: Target
metadata: {name: prod}
spec: {sandbox: prod}
"""


@pytest.fixture
def applied(estate):
    """One run that is over, by somebody."""
    estate.environ |= {"GITHUB_ACTOR": "ann", "GITHUB_RUN_ID": "17"}
    estate.environ.pop("RECONCILER_KEY")
    estate.apply()
    estate.app.requests.clear()
    return estate


@pytest.fixture
def dead(applied):
    """The ledger as an open run sees it."""
    intents = (Intent(ResourceName(Kind.CONNECTION, "crm"), "update", "id-1", "digest"),)
    now = applied.clock.now()
    ledger = TargetLedger(FolderStore(applied.ledger), None, "EMULATOR@AdobeOrg", "bench", applied.clock.now)
    ledger.begin(Begin("dead", "bob", "digest", None, now, now + 300, intents))
    return ledger


def test_who_applied_what(applied):
    """For a person; the service is not asked."""
    ran = applied.run("history")
    assert (ran.code, ran.err) == (0, "")
    assert "ann (run 17)" in ran.out
    assert "1 applied" in ran.out
    assert applied.app.requests == []


def test_who_applied_what_for_a_program(applied, dead):
    """The newest first, and no more than are wanted."""
    runs = applied.run("history", "--format", "json").json["runs"]
    assert [(run["actor"], run["state"]) for run in runs] == [("bob", "open"), ("ann (run 17)", "ended")]
    limited = applied.run("history", "--format", "json", "--limit", "1").json["runs"]
    assert [run["run"] for run in limited] == ["dead"]


@pytest.mark.parametrize("command", ["history", "unlock"])
def test_no_credentials_are_needed(estate, command):
    """The organisation says whose ledger it is; a token has nothing to do with it."""
    estate.write("prod.yaml", SANDBOX)
    ran = estate.run("--target", "prod", command)
    assert ran.code == 1
    assert "AEP_ORG_ID" in ran.err
    assert "AEP_ACCESS_TOKEN" not in ran.err
    estate.environ["AEP_PROD_ORG_ID"] = "EXAMPLE@AdobeOrg"
    ran = estate.run("--target", "prod", command)
    assert (ran.code, ran.err) == (0, "")
    assert estate.app.requests == []


def test_nothing_to_unlock(applied):
    """That is no error, and nobody is asked."""
    ran = applied.run("unlock")
    assert (ran.code, ran.out, ran.err) == (0, "no run holds the ledger of bench\n", "")


def test_unlock_says_whose_it_was(applied, dead):
    """And what it meant to do; the next apply takes over."""
    ran = applied.run("unlock", "--yes")
    assert ran.code == 0
    assert ran.err.startswith("Run dead of bob, since ")
    assert "update Connection/crm  id-1" in ran.err
    soon = moment(applied.clock.now() + TO_NOTICE)
    assert ran.out == f"unlocked: run dead of bob; apply again after {soon} to finish what it began\n"
    with pytest.raises(Exception, match="was unlocked"):
        dead.renew("dead", 2_000_000_000.0)
    assert applied.run("apply", "--yes").code == 1
    applied.clock.sleep(TO_NOTICE)
    assert applied.run("unlock", "--yes").out.endswith("; apply again to finish what it began\n")
    assert applied.run("apply", "--yes").code == 0
    assert [run["state"] for run in applied.run("history", "--format", "json").json["runs"]][1:] == [
        "takenOver",
        "ended",
    ]


def test_unlock_asks_nobody_in_a_pipe(applied, dead):
    """There it refuses without --yes."""
    ran = applied.run("unlock")
    assert ran.code == 1
    assert "there is no terminal to ask on: say --yes" in ran.err
    dead.renew("dead", 2_000_000_000.0)


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("YES\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_unlock_asks_a_person(applied, dead, types, answer, code):
    """Who has to mean it."""
    types(answer)
    ran = applied.run("unlock")
    assert ran.code == code
    assert "Unlock the ledger of bench? [y/N] " in ran.err
    assert ("not agreed to" in ran.err) == bool(code)
    assert dead.standing().expires < applied.clock.now() + TO_NOTICE or code


def test_a_run_that_ends_while_it_is_looked_at(applied, dead, types, monkeypatch):
    """There is nothing left to unlock."""
    begin = applied.ledger / "begin.json"
    monkeypatch.setattr("reconciler.cli.unlock._agreed", lambda target: begin.unlink() is None)
    ran = applied.run("unlock")
    assert (ran.code, ran.out) == (0, "the run ended meanwhile; no run holds the ledger of bench\n")


def test_a_ledger_of_somewhere_else(applied):
    """The same refusal as everywhere."""
    path = next((applied.ledger / "history").iterdir())
    path.write_text(json.dumps({**json.loads(path.read_text()), "sandbox": "dev", "seal": None}))
    ran = applied.run("history")
    assert ran.code == 1
    assert "belongs to sandbox 'dev'" in ran.err
