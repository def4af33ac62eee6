"""What each command shows and returns; what it does to the service is the matter of the scenarios."""

from __future__ import annotations

import json

import pytest

WARNED = {
    "name": "Literal",
    "connectionSpec": {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"},
    "auth": {"specName": "Basic Authentication", "params": {"username": "me", "password": "written-down"}},
}


def sandboxed(bench, **metadata):
    bench.write(
        "target.json",
        {
            "apiVersion": "reconciler/v1",
            "kind": "Target",
            "metadata": {"name": "eu-prod", **metadata},
            "spec": {"sandbox": "prod", "default": True},
        },
    )


def test_targets(bench):
    """Sorted by name; a person reads lines, a workflow reads JSON."""
    sandboxed(bench)
    bench.write("second.json", (bench.manifests / "target.json").read_text().replace("eu-prod", "alpha"))
    bench.write(
        "second.json",
        {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "alpha"}, "spec": {"emulator": True}},
    )
    ran = bench.run("targets")
    assert (ran.code, ran.out) == (0, "alpha  embedded emulator\neu-prod  sandbox prod  (default)\n")
    assert bench.run("targets", "--format", "json").json == [
        {"default": False, "emulator": True, "name": "alpha", "sandbox": None},
        {"default": True, "emulator": False, "name": "eu-prod", "sandbox": "prod"},
    ]


def test_validate(estate):
    """It counts what there is, on stdout, and needs no environment."""
    estate.environ.clear()
    ran = estate.run("validate")
    assert (ran.code, ran.out, ran.err) == (0, "1 resource on bench: valid\n", "")


def test_validate_warns(bench):
    """What is odd goes to stderr, and is no error; a password is not repeated."""
    bench.declare("Connection", "literal", WARNED)
    ran = bench.run("validate")
    assert (ran.code, ran.out) == (0, "1 resource on bench: valid\n")
    assert ran.err.startswith("warning: ")
    assert "Connection-literal.json:1" in ran.err
    assert "written-down" not in ran.err


def test_validate_names_what_is_wrong(bench):
    """All of it, with file and line, and exit code 1."""
    bench.declare("Connection", "a", {"nmae": "x"})
    bench.write("b.yaml", "apiVersion: reconciler/v1\nkind: Nonsense\nmetadata: {name: b}\nspec: {}\n")
    ran = bench.run("validate")
    assert (ran.code, ran.out) == (1, "")
    assert "Connection-a.json:1:" in ran.err
    assert "b.yaml:2:" in ran.err


def test_a_folder_without_manifests(call, tmp_path):
    """The folder is named, and how to name another."""
    ran = call("--manifests", str(tmp_path / "nowhere"), "validate")
    assert ran.code == 1
    assert ran.err.startswith("error: the manifests' folder")
    assert "--manifests" in ran.err


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_every_format_of_every_result(estate, form):
    """Results alone go to stdout; a plan has codes 0 and 2, drift the same."""
    plan = estate.run("plan", "--format", form)
    assert (plan.code, plan.err) == (0, "")
    assert "Connection/crm" in plan.out
    assert estate.run("plan", "--format", form, "--detailed-exitcode").code == 2
    applied = estate.run("apply", "--yes", "--format", form)
    assert (applied.code, applied.err) == (0, "")
    assert "Connection/crm" in applied.out
    assert estate.run("plan", "--format", form, "--detailed-exitcode").code == 0
    drift = estate.run("drift", "--format", form)
    assert (drift.code, drift.err) == (0, "")
    estate.edit("connections", estate.entry("Connection", "crm")["id"], lambda body: body.update(name="By hand"))
    drift = estate.run("drift", "--format", form)
    assert (drift.code, drift.err) == (2, "")
    assert "Connection/crm" in drift.out
    if form == "json":
        assert json.loads(drift.out)["summary"]["drifted"] == 1


def test_drift_that_cannot_be_read_is_1(estate):
    """Not knowing is not the same as no drift."""
    estate.apply()
    estate.app.faults.body('{"items": [], "_links": {}}', method="GET", path="^/connections/?$", count=9)
    estate.app.faults.status(403, method="GET", path="^/connections/.", count=9)
    assert estate.drift(code=1)["summary"]["unreadable"] == 1


def test_an_unknown_target_is_named_with_those_that_there_are(bench):
    """Nothing else is looked at."""
    ran = bench.run("--target", "porduction", "plan")
    assert (ran.code, ran.out) == (1, "")
    assert "'porduction'" in ran.err
    assert "bench" in ran.err


def test_a_resource_that_no_manifest_declares(estate):
    """A name on the command line that is misspelt must not become a plan of nothing."""
    for option in ("--only", "--exclude", "--rotate"):
        ran = estate.run("plan", option, "Connection/crn")
        assert (ran.code, ran.out) == (1, "")
        assert "no manifest declares Connection/crn on target bench: did you mean Connection/crm?" in ran.err


def test_a_kind_that_is_misspelt(bench):
    """The kind that was meant is named."""
    assert "did you mean Flow/…?" in bench.run("plan", "--only", "Flows/daily").err


def test_another_sandbox_in_the_environment(bench):
    """``AEP_SANDBOX`` may repeat the target's sandbox; another value is an error, and nothing is asked or sent."""
    sandboxed(bench)
    bench.environ |= {"AEP_ACCESS_TOKEN": "t", "AEP_API_KEY": "k", "AEP_ORG_ID": "O@AdobeOrg", "AEP_SANDBOX": "dev"}
    ran = bench.run("plan")
    assert (ran.code, ran.out) == (1, "")
    assert "AEP_SANDBOX is 'dev'" in ran.err
    assert bench.app.requests == []
    bench.environ["AEP_SANDBOX"] = "prod"
    bench.environ["AEP_BASE_URL"] = "http://localhost"
    assert bench.run("plan").code == 0


def test_missing_credentials_are_named(bench):
    """All of them in one message."""
    sandboxed(bench)
    ran = bench.run("plan")
    assert ran.code == 1
    for variable in ("AEP_ACCESS_TOKEN", "AEP_CLIENT_ID", "AEP_ORG_ID"):
        assert variable in ran.err


def test_a_key_that_is_no_text(bench):
    """Bytes that are no UTF-8 cannot be a key, and are not shown."""
    bench.environ["RECONCILER_KEY"] = "\udcff\udcfe-the-key"
    ran = bench.run("plan")
    assert (ran.code, ran.err) == (1, "error: RECONCILER_KEY: the key must be UTF-8 text\n")
