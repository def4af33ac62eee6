"""Saved plans that must not be applied: of somewhere else, of somebody else, or with a secret in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.bench import TARGET, Bench
from support.chain import apply_chain, change, declare, declare_chain
from support.saving import KEY, refused, save

from reconciler.model.secrets import Keys, Secret

CRM = "Connection/warehouse"


@pytest.fixture
def keyed(bench: Bench) -> Bench:
    """A bench with a key."""
    bench.environ["RECONCILER_KEY"] = KEY
    return bench


def other_places(bench: Bench) -> dict[str, Any]:
    """Let the target be a sandbox of an organisation."""
    variables = {
        "AEP_BASE_URL": "http://127.0.0.1:1",
        "AEP_ACCESS_TOKEN": "a-token",
        "AEP_API_KEY": "a-key",
        "AEP_ORG_ID": "ONE@AdobeOrg",
    }
    bench.environ |= variables
    target = {**TARGET, "spec": {"sandbox": "bench"}}
    bench.write("target.json", target)
    return target


def test_a_plan_of_somewhere_else(keyed: Bench) -> None:
    """Another organisation, another sandbox, another target: nothing is read of the file's changes."""
    target = other_places(keyed)
    declare_chain(keyed)
    plan = save(keyed)
    keyed.environ["AEP_ORG_ID"] = "TWO@AdobeOrg"
    ran = refused(keyed, "apply", plan, "--yes")
    assert "bench.plan was made for sandbox 'bench' of 'ONE@AdobeOrg', and this is 'bench' of 'TWO@AdobeOrg'" in ran.err
    keyed.environ["AEP_ORG_ID"] = "ONE@AdobeOrg"
    keyed.write("target.json", {**target, "spec": {"sandbox": "prod"}})
    assert "sandbox 'bench' of 'ONE@AdobeOrg', and this is 'prod'" in refused(keyed, "apply", plan, "--yes").err
    keyed.write("target.json", target, {**target, "metadata": {"name": "other"}, "spec": {"sandbox": "other"}})
    ran = refused(keyed, "--target", "other", "apply", plan, "--yes")
    assert "is a plan for target 'bench', and --target says 'other'" in ran.err
    assert keyed.apply(plan)["summary"]["applied"] == 4  # several targets and no --target: the file's
    keyed.write(
        "target.json", target, {**target, "metadata": {"name": "other"}, "spec": {"sandbox": "o", "default": True}}
    )
    assert keyed.apply(plan)["summary"]["applied"] == 0
    ran = keyed.run("--target", "other", "plan", "--out", str(keyed.folder / "other.plan"))
    assert ran.code == 0, ran.err
    ran = refused(keyed, "apply", plan, str(keyed.folder / "other.plan"), "--yes")
    assert "other.plan is a plan for target 'other', and another one is for 'bench'" in ran.err


def test_a_file_that_was_tampered_with(keyed: Bench) -> None:
    """Nothing of it is done, and no service is asked."""
    declare_chain(keyed)
    plan = Path(save(keyed))
    document = json.loads(plan.read_text())
    document["changes"][0]["digest"] = "0" * 64
    plan.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    keyed.app.requests.clear()
    assert "its seal does not fit. Do not apply it" in refused(keyed, "apply", str(plan), "--yes").err
    assert keyed.app.requests == []


def test_who_cannot_verify_does_not_apply(keyed: Bench) -> None:
    """A sealed file without a key, an unsealed one with a key: whose digests these are, nobody can tell."""
    declare_chain(keyed)
    sealed = save(keyed, name="sealed.plan")
    del keyed.environ["RECONCILER_KEY"]
    assert "set the key that it was planned with" in refused(keyed, "apply", sealed, "--yes").err
    unsealed = save(keyed, name="unsealed.plan")
    keyed.environ["RECONCILER_KEY"] = KEY
    assert "not sealed, so that anybody may have written it" in refused(keyed, "apply", unsealed, "--yes").err
    keyed.environ["RECONCILER_KEY"] = "quite-different"
    assert "sealed with another key" in refused(keyed, "apply", sealed, "--yes").err


def test_without_any_key_it_works_and_says_so(bench: Bench) -> None:
    """On stderr, when it is written and when it is applied."""
    declare_chain(bench)
    plan = str(bench.folder / "bench.plan")
    ran = bench.run("plan", "--out", plan, "--format", "json")
    assert "warning: " + plan + " is not sealed" in ran.err
    assert ran.json["summary"]["create"] == 4
    ran = bench.run("apply", plan, "--yes")
    assert ran.code == 0
    assert "warning: " + plan + " is not sealed" in ran.err


def test_a_plan_holds_no_secret(keyed: Bench) -> None:
    """Neither of git, nor of what the service shows; where live repeats one, a mask stands, and it can be applied."""
    ids = apply_chain(keyed)
    keyed.setting(secrets="clear")
    keyed.environ["FLOW_SECRET_DB"] = "second-password"
    keyed.edit("connections", ids[CRM], lambda body: body["auth"]["params"].update(username="by hand"))
    plan = keyed.folder / "bench.plan"
    assert keyed.run("plan", "--out", str(plan)).code == 0
    content = plan.read_text()
    assert change(json.loads(content), CRM)["requests"][0]["body"][0]["value"]["password"] == {
        "$secret": "/auth/params/password"
    }
    for value in ("first-password", "second-password", KEY):
        assert value not in content
    keyed.edit("connections", ids[CRM], lambda body: body.update(description="it is second-password, says the note"))
    declare(keyed, CRM, ("description", "Ours"))
    assert keyed.run("plan", "--out", str(plan)).code == 0
    assert "it is •••, says the note" in plan.read_text(encoding="utf-8")
    assert "second-password" not in plan.read_text(encoding="utf-8")
    assert keyed.run("apply", str(plan), "--yes").code == 0
    assert keyed.live("connections", ids[CRM])["description"] == "Ours"


def test_pull_requests_may_have_a_key_of_their_own(bench: Bench) -> None:
    """It seals plans and nothing else: without the ledger's key, and an apply with both believes them."""
    apply_chain(bench)
    declare(bench, "Connection/warehouse", ("description", "Moved"))
    bench.environ |= {"RECONCILER_PLAN_KEY": "for-pull-requests"}
    path = save(bench)
    bench.environ["RECONCILER_KEY"] = KEY
    assert bench.run("apply", "--yes", path).code == 0
    assert bench.entry("Connection", "warehouse")["seal"]["keyId"] == Keys.derive(Secret(KEY)).id
    declare(bench, "Connection/warehouse", ("description", "Moved again"))
    path = save(bench)
    del bench.environ["RECONCILER_PLAN_KEY"]
    assert "sealed with another key" in refused(bench, "apply", "--yes", path).err
