"""show prints what plan printed, from the file alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.chain import TARGET as LAKE
from support.chain import apply_chain, changed, declare

FORMS = pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
LITERAL = {
    "name": "Literal",
    "connectionSpec": {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"},
    "auth": {
        "specName": "Basic Authentication",
        "params": {"username": "z", "password": "written-down", "securityToken": "also-written", "environmentUrl": "a"},
    },
}


@pytest.fixture
def everything(bench):
    """An estate whose plan has something of everything."""
    bench.environ["RECONCILER_KEY"] = "a-key-of-more-than-thirty-two-characters"
    for at in range(12):
        bench.declare("TargetConnection", f"t-{at}", changed(LAKE, ("name", f"t {at}")))
    ids = apply_chain(bench)
    for at in range(10):
        bench.declare("TargetConnection", f"t-{at}", changed(LAKE, ("name", f"t {at}"), ("description", "b")))
    (bench.manifests / "TargetConnection-t-11.json").unlink()
    bench.declare("Connection", "literal", LITERAL)
    declare(bench, "Connection/warehouse", ("connectionSpec/version", "2.0"))
    declare(bench, "Flow/orders", ("transformations", [{"name": "Mapping", "params": {"mappingId": "z", "a": None}}]))
    bench.edit("sourceConnections", ids["SourceConnection/orders"], lambda body: body.update(name="\x1b[31m ``` ::x"))
    bench.environ["FLOW_SECRET_DB"] = "second-password"
    return bench


@FORMS
def test_it_shows_what_plan_has_shown(everything, form):
    """Byte for byte, notices included; in a workflow, on the manifests' lines too."""
    everything.environ["GITHUB_ACTIONS"] = "true"
    path = str(everything.folder / "a.plan")
    planned = everything.run("plan", "--out", path, "--format", form)
    assert planned.code == 0
    for told in ("Literal", "literal", "t-11", "transformations"):
        assert told in planned.out
    assert "an apply would refuse this" in planned.out + planned.err
    assert planned.err.count("::warning file=") == 2
    lines = planned.err.splitlines(keepends=True)
    blocked = [line for line in lines if line.startswith("::error file=")]
    assert len(blocked) == 1, "the plan alone knows where the manifest of what is blocked stands"
    assert "Connection-warehouse.json,line=1" in blocked[0]
    shown = everything.run("show", path, "--format", form)
    assert (shown.code, shown.out, shown.err) == (0, planned.out, "".join(one for one in lines if one not in blocked))


@FORMS
def test_a_plan_with_prune(everything, form):
    """Deletes show as they did."""
    path = str(everything.folder / "a.plan")
    planned = everything.run("plan", "--out", path, "--format", form, "--prune", "--detailed-exitcode")
    assert planned.code == 2
    assert "delete" in planned.out
    shown = everything.run("show", path, "--format", form)
    assert (shown.code, shown.out) == (0, planned.out)


def test_saving_changes_nothing_of_what_is_shown(everything):
    """With --out or without it."""
    without = everything.run("plan")
    assert everything.run("plan", "--out", str(everything.folder / "a.plan")).out == without.out


def test_it_needs_neither_manifests_nor_the_service(everything, call):
    """On a machine that has the file and nothing else."""
    path = str(everything.folder / "a.plan")
    planned = everything.run("plan", "--out", path, "--format", "markdown")
    requests = len(everything.app.requests)
    shown = call("--manifests", "nowhere", "show", path, "--format", "markdown", environ=everything.environ)
    assert (shown.code, shown.out) == (0, planned.out)
    assert len(everything.app.requests) == requests


def test_without_the_key_it_is_shown_with_a_warning(everything, call):
    """To look at; with another key, or changed, it is not even that."""
    path = Path(everything.folder / "a.plan")
    planned = everything.run("plan", "--out", str(path))
    shown = call("show", str(path))
    assert (shown.code, shown.out) == (0, planned.out)
    assert shown.err == f"warning: {path} is sealed; without RECONCILER_KEY the seal cannot be verified\n"
    other = call("show", str(path), environ={"RECONCILER_KEY": "quite-different"})
    assert (other.code, other.out) == (1, "")
    assert "sealed with another key" in other.err
    path.write_bytes(path.read_bytes().replace(b"t-3", b"t-4", 1))
    tampered = call("show", str(path), environ=everything.environ)
    assert (tampered.code, tampered.out) == (1, "")
    assert "its seal does not fit" in tampered.err


def test_what_is_no_plan(call, tmp_path):
    """An error and no traceback."""
    path = tmp_path / "a.plan"
    for content in ("", "[" * 100_000, json.dumps({"formatVersion": 2}), json.dumps({"formatVersion": 1})):
        path.write_text(content)
        ran = call("show", str(path))
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(f"error: {path} ")
    assert "cannot read the plan" in call("show", str(tmp_path / "nowhere")).err


@pytest.mark.parametrize(
    "rhythm", [{"start": 0, "step": 0, "end": None}, {"start": 253_402_300_800, "step": 1, "end": None}]
)
def test_a_schedule_that_nobody_could_have_saved(everything, call, rhythm):
    """One clear error, and nothing divided by zero."""
    del everything.environ["RECONCILER_KEY"]
    path = everything.folder / "a.plan"
    everything.run("plan", "--out", str(path))
    document = json.loads(path.read_text())
    document["changes"][0]["timetables"] = {"before": None, "after": {"rhythm": rhythm, "enabled": True}}
    path.write_text(json.dumps(document))
    ran = call("show", str(path), "--format", "html")
    assert (ran.code, ran.out) == (1, "")
    assert "a step is at least one" in ran.err
    assert "bug" not in ran.err


HOSTILE = "``` </details> @mallory <img src=x> \x1b[31m \u202e ::error::x ##[error]y \n::stop::"


def hostile(value):
    """Replace every text of a plan that may be any text by one that would like to be more than that."""
    if isinstance(value, dict):
        fixed = {"resource", "action", "formatVersion", "summary", "order", "absent", "causes", "scope", "seal", "kind"}
        return {key: inner if key in fixed else hostile(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return list(map(hostile, value))
    return HOSTILE if isinstance(value, str) else value


@FORMS
def test_hostile_texts_stay_inert(everything, call, form):
    """A file that somebody made up cannot act on a terminal, a log or a page."""
    del everything.environ["RECONCILER_KEY"]
    path = everything.folder / "a.plan"
    everything.run("plan", "--out", str(path))
    document = hostile(json.loads(path.read_text()))
    for change in document["changes"]:
        for request in change["requests"]:
            body = request["body"]
            request["bytes"] = len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()) if body else 0
    path.write_text(json.dumps(document))
    shown = call("show", str(path), "--format", form, environ={"GITHUB_ACTIONS": "true"})
    assert shown.code == 0, shown.err
    assert "mallory" in shown.out
    for text in (shown.out, shown.err):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "##[error]" not in text
        ours = "::warning file="
        assert [line for line in text.splitlines() if line.startswith("::") and not line.startswith(ours)] == []
