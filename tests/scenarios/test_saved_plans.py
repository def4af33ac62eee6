"""Saved plans: made in one place, reviewed, and applied in another: what was reviewed is done, and nothing else."""

from __future__ import annotations

import pytest
from support.bench import Bench
from support.chain import CONNECTION, FLOW, apply_chain, declare, declare_chain, objects, patches, result, statuses
from support.saving import KEY, save

CRM, SOURCE, LAKE, DAILY = "Connection/warehouse", "SourceConnection/orders", "TargetConnection/orders", "Flow/orders"


@pytest.fixture
def keyed(bench: Bench) -> Bench:
    """A bench with a key."""
    bench.environ["RECONCILER_KEY"] = KEY
    return bench


def test_a_plan_without_secrets_is_applied_with_them(keyed: Bench) -> None:
    """Everything that a pull request has shown is done after the merge, and nothing is asked again."""
    declare_chain(keyed)
    plan = save(keyed)
    report = keyed.apply(plan)
    assert report["summary"]["applied"] == 4
    assert keyed.plan()["changes"] == []
    [made] = objects(keyed, "connections", "Warehouse")
    keyed.setting(secrets="clear")
    assert keyed.live("connections", made["id"])["auth"]["params"]["password"] == "first-password"


def test_applied_twice_is_nothing_to_do(keyed: Bench) -> None:
    """What was reviewed and is done is told, and is no error."""
    declare_chain(keyed)
    plan = save(keyed)
    keyed.apply(plan)
    keyed.app.requests.clear()
    ran = keyed.run("apply", plan)
    assert (ran.code, keyed.writes()) == (0, [])
    assert f"reviewed, and no longer needed: {CRM}, {DAILY}, {SOURCE}, {LAKE}" in ran.out


def test_a_run_that_went_wrong_half_way_is_finished_with_the_same_file(keyed: Bench) -> None:
    """The rest is what was reviewed, though references have become ids since."""
    declare_chain(keyed)
    plan = save(keyed)
    keyed.app.faults.status(400, method="POST", path="^/sourceConnections", count=1)
    assert statuses(keyed.apply(plan, code=1)) == {
        CRM: "applied", SOURCE: "failed", LAKE: "applied", DAILY: "skipped",
    }  # fmt: skip
    assert statuses(keyed.apply(plan)) == {SOURCE: "applied", DAILY: "applied"}
    assert keyed.plan()["changes"] == []


def test_live_that_was_edited_since_is_refused(keyed: Bench) -> None:
    """That one, and the rest is done."""
    ids = apply_chain(keyed)
    declare(keyed, CRM, ("description", "Reviewed"))
    declare(keyed, LAKE, ("description", "Reviewed"))
    plan = save(keyed)
    keyed.edit("connections", ids[CRM], lambda body: body.update(description="By hand", name="By hand"))
    report = keyed.apply(plan, code=1)
    assert statuses(report) == {CRM: "refused", LAKE: "applied"}
    assert report["summary"]["refused"] == 1
    told = result(report, CRM)["error"]
    assert told == (
        "reviewed as an update of /description; live has changed since at /description; now it would also change /name"
    )
    assert keyed.live("connections", ids[CRM])["description"] == "By hand"


def test_drift_that_nobody_has_reviewed_is_refused(keyed: Bench) -> None:
    """A resource that the plan leaves as it is stays as it is."""
    ids = apply_chain(keyed)
    plan = save(keyed)
    keyed.edit("flows", ids[DAILY], lambda body: body.update(description="By hand"))
    told = result(keyed.apply(plan, code=1), DAILY)["error"]
    assert told == "not in the reviewed plans: it would be an update of /description, since live has changed"
    assert keyed.writes() == []


def test_git_that_was_edited_since_is_refused(keyed: Bench) -> None:
    """A commit after the review does not slip in with it."""
    apply_chain(keyed)
    declare(keyed, DAILY, ("scheduleParams/frequency", "week"))
    plan = save(keyed)
    declare(keyed, DAILY, ("scheduleParams/frequency", "week"), ("name", "Orders, weekly"))
    declare(keyed, CRM, ("description", "Slipped in"))
    report = keyed.apply(plan, code=1)
    assert statuses(report) == {CRM: "refused", DAILY: "refused"}
    assert result(report, DAILY)["error"] == (
        "reviewed as an update of /scheduleParams/frequency; now it would also change /name"
    )
    assert result(report, CRM)["error"] == (
        "not in the reviewed plans: it would be an update of /description, since git has changed"
    )
    assert keyed.writes() == []


def test_what_depends_on_a_refused_create_is_skipped(keyed: Bench) -> None:
    """It cannot be made without what nobody has reviewed."""
    declare_chain(keyed)
    plan = save(keyed)
    declare(keyed, SOURCE, ("params/tableName", "others"))
    assert statuses(keyed.apply(plan, code=1)) == {
        CRM: "applied", SOURCE: "refused", LAKE: "applied", DAILY: "skipped",
    }  # fmt: skip


def test_two_branches_are_applied_together(keyed: Bench) -> None:
    """Each was reviewed by itself; after both are merged, both files allow what is in them."""
    apply_chain(keyed)
    declare(keyed, CRM, ("description", "Branch one"))
    one = save(keyed, name="one.plan")
    declare(keyed, CRM)
    declare(keyed, DAILY, ("description", "Branch two"))
    two = save(keyed, name="two.plan")
    declare(keyed, CRM, ("description", "Branch one"))
    assert statuses(keyed.apply(one, code=1)) == {CRM: "applied", DAILY: "refused"}
    assert statuses(keyed.apply(one, two)) == {DAILY: "applied"}


def test_a_rotation_passes_and_is_named(keyed: Bench) -> None:
    """Nobody can review a value; that it was sent is told in every format."""
    ids = apply_chain(keyed)
    declare(keyed, DAILY, ("description", "Reviewed"))
    plan = save(keyed)
    named = "secrets that are sent again, which no review can show: Connection/warehouse /auth/params/password"
    for form, password in (("text", "second-password"), ("json", "third-password"), ("markdown", "fourth-password")):
        keyed.environ["FLOW_SECRET_DB"] = password
        ran = keyed.run("apply", plan, "--yes", "--format", form)
        assert ran.code == 0, ran.err
        assert named in ran.out + ran.err
        assert password not in ran.out + ran.err
    keyed.setting(secrets="clear")
    assert keyed.live("connections", ids[CRM])["auth"]["params"]["password"] == "fourth-password"
    assert named not in keyed.run("apply", plan).err


def test_a_rotation_beside_what_was_reviewed(keyed: Bench) -> None:
    """The reviewed change fits, though the credentials go with it now."""
    apply_chain(keyed)
    declare(keyed, CRM, ("description", "Reviewed"))
    plan = save(keyed)
    keyed.environ["FLOW_SECRET_DB"] = "second-password"
    ran = keyed.run("apply", plan, "--yes")
    assert ran.code == 0, ran.err
    assert "which no review can show: Connection/warehouse /auth/params/password" in ran.out
    assert [op["path"] for body in patches(keyed) for op in body] == ["/auth/params", "/description"]


def test_a_secret_that_is_not_sent_is_not_named(keyed: Bench) -> None:
    """It goes with a change that is refused, or that cannot be done."""
    apply_chain(keyed)
    plan = save(keyed)
    keyed.environ["FLOW_SECRET_DB"] = "second-password"
    for path in ("description", "connectionSpec/version"):
        declare(keyed, CRM, (path, "2.0"))
        ran = keyed.run("apply", plan, "--yes")
        assert ran.code == 1
        assert "which no review can show" not in ran.out + ran.err
    assert keyed.writes() == []


def test_rotations_that_were_asked_for_go_with_the_file(keyed: Bench) -> None:
    """The command line of the plan is the one of the apply."""
    apply_chain(keyed)
    plan = save(keyed, "--rotate", CRM)
    assert statuses(keyed.apply(plan)) == {CRM: "applied"}
    assert [op["path"] for body in patches(keyed) for op in body] == ["/auth/params"]


def test_what_was_left_out_of_the_plan_is_left_out(keyed: Bench) -> None:
    """--only and --exclude are the file's: what nobody looked at is not refused, but not looked at."""
    apply_chain(keyed)
    declare(keyed, CRM, ("description", "Changed"))
    declare(keyed, DAILY, ("description", "Changed"))
    only = save(keyed, "--only", CRM, name="only.plan")
    without = save(keyed, "--exclude", CRM, name="without.plan")
    assert statuses(keyed.apply(only)) == {CRM: "applied"}
    assert statuses(keyed.apply(only, without)) == {DAILY: "applied"}


def test_a_resource_that_left_git_since_is_no_error(keyed: Bench) -> None:
    """The file speaks of it; nothing is left to do."""
    apply_chain(keyed)
    declare(keyed, DAILY, ("description", "Changed"))
    plan = save(keyed, "--only", DAILY)
    (keyed.manifests / "Flow-orders.json").unlink()
    ran = keyed.run("apply", plan, "--yes")
    assert (ran.code, keyed.writes()) == (0, [])
    assert "no longer needed: Flow/orders" in ran.out


@pytest.mark.assumes(flow_takes_ends=False)
def test_prune_goes_with_the_file(keyed: Bench) -> None:
    """What was reviewed to be deleted is deleted; what left git since is refused."""
    apply_chain(keyed)
    (keyed.manifests / "Flow-orders.json").unlink()
    plain = save(keyed, name="plain.plan")
    plan = save(keyed, "--prune")
    assert keyed.apply(plain)["results"] == []
    (keyed.manifests / "TargetConnection-orders.json").unlink()
    report = keyed.apply(plain, plan, code=1)
    assert statuses(report) == {DAILY: "applied", LAKE: "refused"}
    assert "it would be a delete, since git has changed" in result(report, LAKE)["error"]
    assert objects(keyed, "flows") == []
    assert len(objects(keyed, "targetConnections")) == 1


def test_prune_of_one_alone(keyed: Bench) -> None:
    """What has left git is known by the ledger, and who uses it is looked up."""
    declare(keyed, CRM)
    keyed.environ["FLOW_SECRET_DB"] = "first-password"
    declare(keyed, LAKE)
    keyed.apply()
    for name in ("Connection-warehouse.json", "TargetConnection-orders.json"):
        (keyed.manifests / name).unlink()
    keyed.declare("Connection", "other", {**CONNECTION, "name": "Other"})
    plan = save(keyed, "--prune", "--only", CRM)
    assert statuses(keyed.apply(plan)) == {CRM: "applied"}
    assert objects(keyed, "connections") == []


def test_a_delete_of_what_was_edited_since_is_refused(keyed: Bench) -> None:
    """Somebody still cares for it."""
    ids = apply_chain(keyed)
    (keyed.manifests / "Flow-orders.json").unlink()
    plan = save(keyed, "--prune")
    keyed.edit("flows", ids[DAILY], lambda body: body.update(name="Still wanted"))
    assert statuses(keyed.apply(plan, code=1)) == {DAILY: "blocked"}
    assert len(objects(keyed, "flows")) == 1


def test_a_blocked_and_an_empty_plan_are_saved_too(keyed: Bench) -> None:
    """What cannot be done stays blocked, reviewed or not; of nothing, nothing is done."""
    empty = save(keyed, name="empty.plan")
    assert keyed.apply(empty)["results"] == []
    keyed.declare("Flow", "orders", FLOW | {"state": "disabled", "scheduleParams": {"startTime": 1, "frequency": "day"},
        "sourceConnectionIds": ["a"], "targetConnectionIds": ["b"]})  # fmt: skip
    plan = save(keyed)
    assert statuses(keyed.apply(plan, code=1)) == {DAILY: "blocked"}
    assert keyed.writes() == []
