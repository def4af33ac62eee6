"""Doctor looks at what is on the machine: variables, key, secrets, git and ledger, each in a row of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.bench import NOW, Bench
from support.doctor import as_sandbox, failed, look


@pytest.fixture
def sandbox(bench: Bench) -> Bench:
    return as_sandbox(bench)


def declare(bench: Bench, **source: str) -> None:
    auth = {"specName": "Basic Authentication", "params": {"password": {"valueFrom": source}}}
    bench.declare("Connection", "a", {"name": "A", "connectionSpec": {"id": "x", "version": "1"}, "auth": auth})


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AEP_CLIENT_ID", " me ", "white space around it"),
        ("AEP_SCOPES", "'openid'", "quotes around it"),
        ("AEP_BENCH_ACCESS_TOKEN", "Bearer Zq-token", "'Bearer' before the token"),
        ("AEP_API_KEY", "changeme", "a placeholder"),
        ("AEP_SCOPES", "${SCOPES}", "a placeholder"),
        ("AEP_ORG_ID", "EMULATOR", "@AdobeOrg"),
    ],
)
def test_a_variable_that_looks_odd(sandbox: Bench, variable: str, value: str, told: str) -> None:
    """It is named with what is odd, and its value is not shown."""
    sandbox.environ[variable] = value
    ran = sandbox.run("doctor", "--format", "json")
    row = {one["check"]: one for one in ran.json["checks"]}["variables"]
    assert row["status"] == "warning"
    assert variable in row["found"]
    assert told in row["found"]
    assert "Zq-" not in ran.out + ran.err


def test_a_key_that_is_no_text(sandbox: Bench) -> None:
    """The key's row fails, and the ledger's does not repeat it."""
    sandbox.environ["RECONCILER_KEY"] = "\udcff" * 40
    rows = look(sandbox, code=1)
    assert failed(rows) == ["key"]
    assert rows["ledger"]["status"] == "not checked"


def test_no_key(sandbox: Bench) -> None:
    """A warning: without it the tool works."""
    del sandbox.environ["RECONCILER_KEY"]
    assert look(sandbox, code=0)["key"]["status"] == "warning"


def test_the_file_of_a_secret(sandbox: Bench, tmp_path: Path) -> None:
    """Not allowed fails; allowed and missing is a warning; there, all is well."""
    file = tmp_path / "secrets" / "db"
    declare(sandbox, file=str(file))
    assert failed(look(sandbox, code=1)) == ["secrets"]
    file.parent.mkdir()
    sandbox.environ["RECONCILER_SECRET_DIR"] = str(file.parent)
    row = look(sandbox, code=0)["secrets"]
    assert (row["status"], str(file) in row["found"]) == ("warning", True)
    file.write_text("Zq-password", encoding="utf-8")
    assert look(sandbox, code=0)["secrets"]["status"] == "ok"


def test_no_git(sandbox: Bench, tmp_path: Path) -> None:
    """A warning: a ledger that is a folder does without."""
    sandbox.environ["PATH"] = str(tmp_path)
    assert look(sandbox, code=0)["git"]["status"] == "warning"


def test_another_run_holds_the_ledger(sandbox: Bench) -> None:
    """Who it is and what to do about it is a warning, and the ledger stays as it was."""
    begin = sandbox.ledger / "begin.json"
    begin.parent.mkdir(parents=True)
    run = {"run": "the-other-run", "actor": "bob", "started": NOW, "expires": NOW + 10_000, "intents": []}
    where = {"formatVersion": 1, "organisation": "EMULATOR@AdobeOrg", "sandbox": "bench"}
    begin.write_text(json.dumps({**where, **run, "plan": "0" * 64, "commit": None, "seal": None}), encoding="utf-8")
    content = begin.read_bytes()
    del sandbox.environ["RECONCILER_KEY"]
    row = look(sandbox, code=0)["ledger"]
    assert row["status"] == "warning"
    assert "the-other-run of bob holds it until" in row["found"]
    assert "unlock" in row["mend"]
    assert begin.read_bytes() == content


def test_a_target_that_is_not_there(sandbox: Bench) -> None:
    """The targets that are there are named, and nothing behind it is blamed."""
    rows = look(sandbox, code=1, run=lambda *arguments: sandbox.run("--target", "prod", *arguments))
    assert failed(rows) == ["target"]
    assert "bench" in rows["target"]["found"]


def test_no_folder(sandbox: Bench) -> None:
    """Without manifests the variables are looked at all the same."""
    (sandbox.manifests / "target.json").unlink()
    rows = look(sandbox, code=1)
    assert failed(rows) == ["manifests"]
    assert rows["variables"]["status"] == "ok"
