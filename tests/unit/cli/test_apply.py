"""apply asks a person, and refuses where there is nobody to ask."""

from __future__ import annotations

import os
import re
import signal
import sys

import pytest
from support.chain import apply_chain, declare

from reconciler.cli.interruption import noted
from reconciler.service.client import Client


@pytest.mark.parametrize("answer", ["y\n", "Y\n", "yes\n", " yes \n"])
def test_yes_applies(estate, types, answer):
    """The person sees the plan and the target's name before."""
    types(answer)
    ran = estate.run("apply")
    assert ran.code == 0
    assert "+ Connection/crm  create" in ran.err
    assert ran.err.endswith("Apply this to bench? [y/N] ")
    assert "applied" in ran.out
    assert [request.method for request in estate.writes()] == ["POST"]


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yep\n"])
def test_everything_else_is_a_no(estate, types, answer):
    """Also nothing, and the end of the input. A no is no success: exit code 1, and nothing was sent."""
    types(answer)
    ran = estate.run("apply")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("[y/N] not agreed to: nothing was sent\n")
    assert estate.writes() == []
    assert not estate.ledger.exists()


def test_an_interruption_at_the_question(estate, types, monkeypatch):
    """Ctrl-C is no answer: 130, and nothing was sent."""
    types("")

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.stdin, "readline", interrupted)
    ran = estate.run("apply")
    assert ran.code == 130
    assert ran.err.endswith("interrupted\n")
    assert estate.writes() == []


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_the_question_is_not_part_of_the_result(estate, types, form):
    """Stdout holds the report alone in every format, and still the person has seen the plan."""
    types("y\n")
    ran = estate.run("apply", "--format", form)
    assert ran.code == 0
    assert "+ Connection/crm  create" in ran.err
    assert "[y/N]" not in ran.out
    if form == "json":
        assert ran.json["summary"]["applied"] == 1


@pytest.mark.parametrize("stdin", ["pipe", "closed"])
def test_nobody_to_ask(estate, monkeypatch, stdin):
    """Without --yes and without a terminal it refuses, and nothing was sent."""
    if stdin == "closed":
        monkeypatch.setattr(sys, "stdin", None)
    ran = estate.run("apply")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: apply asks before it writes, and there is no terminal to ask on: say --yes\n"
    assert estate.writes() == []


def test_nothing_to_ask(estate):
    """Where nothing changes there is no question, on no terminal either."""
    estate.apply()
    ran = estate.run("apply")
    assert (ran.code, ran.err) == (0, "")


def test_guards_and_secrets_come_before_the_question(estate, types):
    """A person is not asked for what would be refused afterwards."""
    types("y\n")
    del estate.environ["FLOW_SECRET_TOKEN"]
    ran = estate.run("apply")
    assert ran.code == 1
    assert "FLOW_SECRET_TOKEN" in ran.err
    assert "[y/N]" not in ran.err


def test_what_did_not_end_well_is_1(estate):
    """The report says so too."""
    estate.app.faults.status(400, method="POST", path="connections", count=9)
    assert estate.apply(code=1)["summary"]["failed"] == 1


def interrupting(monkeypatch, times):
    """Let so many signals come while an object is created."""
    usual = Client.create

    def create(client, *arguments):
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
        return usual(client, *arguments)

    monkeypatch.setattr(Client, "create", create)


def test_interrupted_while_applying(estate, monkeypatch):
    """The report is still shown, and the code is 130; Ctrl-C means again what it meant before."""
    usual = signal.getsignal(signal.SIGINT)
    interrupting(monkeypatch, 1)
    ran = estate.run("apply", "--yes", "--format", "json")
    assert ran.code == 130
    assert ran.json["summary"]["applied"] == 1
    assert not (estate.ledger / "begin.json").exists()
    assert signal.getsignal(signal.SIGINT) is usual


def test_somebody_insists():
    """The second Ctrl-C ends at once."""
    with noted() as interrupted:
        assert not interrupted()
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_large_plans_need_a_word(estate):
    """--allow-large passes the guards; what they guard is the matter of the scenarios."""
    assert estate.apply("--allow-large")["summary"]["applied"] == 1


def test_what_did_not_end_well_is_annotated(bench):
    """In a workflow, on its manifest's line, without what must not be shown; what went well is not."""
    apply_chain(bench)
    bench.environ |= {"GITHUB_ACTIONS": "true", "FLOW_SECRET_DB": "canary-password"}
    declare(bench, "Connection/warehouse", ("description", "Moved"))
    declare(bench, "TargetConnection/orders", ("description", "Moved"))
    answer = '{"errorMessage": "odd\\n::warning::canary-password"}'
    bench.app.faults.body(answer, status=400, method="PATCH", path="/connections/", count=9)
    ran = bench.run("apply", "--yes")
    assert ran.code == 1
    [line] = [line for line in ran.err.splitlines() if line.startswith("::error")]
    assert re.match(r"::error file=.*Connection-warehouse\.json,line=1,col=\d+::Connection/warehouse failed: ", line)
    assert "canary-password" not in line
