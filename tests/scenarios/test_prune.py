"""What has left git is deleted when somebody says so, in the right order, and only if it surely is ours."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from support.bench import HEADERS, NOW, Bench
from support.bodies import BATCH
from support.chain import (
    BODIES,
    COLLECTIONS,
    CONNECTION,
    FLOW,
    SOURCE,
    apply_chain,
    change,
    declare,
    declare_chain,
    objects,
    result,
    statuses,
)

from reconciler.emulator.faults import Fault

REST_FLOWS = "6499120c-0b15-42dc-936e-847ea3c24d72"
CHAIN = ("Flow/orders", "SourceConnection/orders", "TargetConnection/orders", "Connection/warehouse")


def undeclare(bench: Bench, *resources: str) -> None:
    """Take manifests out of git."""
    for resource in resources:
        (bench.manifests / f"{resource.replace('/', '-')}.json").unlink()


def kept(bench: Bench) -> None:
    """Declare something that stays, so that the folder is not empty."""
    declare(bench, "TargetConnection/orders", ("name", "Kept"))
    (bench.manifests / "TargetConnection-orders.json").rename(bench.manifests / "kept.json")
    text = (bench.manifests / "kept.json").read_text(encoding="utf-8")
    (bench.manifests / "kept.json").write_text(text.replace('"name": "orders"', '"name": "kept"'), encoding="utf-8")


@pytest.fixture
def chain(bench: Bench) -> dict[str, str]:
    """The chain, applied beside something that stays; the ids by resource."""
    kept(bench)
    return apply_chain(bench)


def deletes(bench: Bench) -> list[str]:
    """Return the paths of the DELETE requests so far."""
    return [request.path for request in bench.writes() if request.method == "DELETE"]


def path(ids: dict[str, str], resource: str) -> str:
    return f"/{COLLECTIONS[resource.partition('/')[0]]}/{ids[resource]}"


def test_orphans_stay_until_somebody_says_so(bench: Bench, chain: dict[str, str]) -> None:
    """Without --prune they are told of, and nothing is sent."""
    undeclare(bench, *CHAIN)
    plan = bench.plan()
    assert plan["changes"] == []
    assert [orphan["resource"] for orphan in plan["orphans"]] == sorted(CHAIN)
    bench.apply()
    assert bench.writes() == []


@pytest.mark.assumes(flow_takes_ends=False)
def test_the_whole_chain_leaves_in_reverse(bench: Bench, chain: dict[str, str]) -> None:
    """The flow first, the base after what uses it; then nobody remembers them, and the next plan is empty."""
    undeclare(bench, *CHAIN)
    plan = bench.plan("--prune")
    assert plan["summary"]["delete"] == 4
    assert plan["orphans"] == []
    deletion = change(plan, "Flow/orders")
    assert (deletion["action"], deletion["causes"], deletion["id"]) == ("delete", ["git"], chain["Flow/orders"])
    assert [(request["method"], request["path"]) for request in deletion["requests"]] == [
        ("DELETE", path(chain, "Flow/orders"))
    ]
    assert {"path": "/name", "before": FLOW["name"], "after": None} == {
        key: value for key, value in deletion["fields"][2].items() if key in ("path", "before", "after")
    }
    report = bench.apply("--prune")
    assert report["summary"]["applied"] == 4
    sent = deletes(bench)
    assert sent[0] == path(chain, "Flow/orders")
    base, source = path(chain, "Connection/warehouse"), path(chain, "SourceConnection/orders")
    assert sent.index(source) < sent.index(base)  # the target connection has no base, and goes beside them
    assert sorted(sent) == sorted(path(chain, resource) for resource in CHAIN)
    assert all(
        objects(bench, COLLECTIONS[resource.partition("/")[0]], BODIES[resource]["name"]) == [] for resource in CHAIN
    )
    assert (bench.plan("--prune")["changes"], bench.plan()["orphans"]) == ([], [])


def test_a_service_that_takes_its_time(bench: Bench, chain: dict[str, str]) -> None:
    """202: whoever is used is deleted once its user is gone, not once that was accepted."""
    bench.setting(delete_seconds=20)
    undeclare(bench, *CHAIN)
    assert bench.apply("--prune")["summary"]["applied"] == 4
    first, *others = deletes(bench)
    assert first == path(chain, "Flow/orders")
    assert sorted(others) == sorted(path(chain, name) for name in CHAIN if name != "Flow/orders")
    used, user = path(chain, "Connection/warehouse"), path(chain, "SourceConnection/orders")
    assert others.index(user) < others.index(used)  # the target connection, when it likes


@pytest.mark.assumes(get_lag=0.0)
def test_a_deletion_that_is_not_over_in_time(bench: Bench, chain: dict[str, str]) -> None:
    """It is said, what it uses is left alone, and the next apply goes on from there."""
    bench.setting(delete_seconds=100)
    undeclare(bench, *CHAIN)
    report = bench.apply("--prune", code=1)
    assert statuses(report)["Flow/orders"] == "failed"
    assert "still shows the object 45 s later" in result(report, "Flow/orders")["error"]
    assert statuses(report)["Connection/warehouse"] == "skipped"
    bench.clock.sleep(100)
    assert change(bench.plan("--prune"), "Flow/orders")["action"] == "forget"
    bench.setting(delete_seconds=1)
    assert bench.apply("--prune")["summary"]["applied"] == 4
    assert bench.plan("--prune")["changes"] == []


@pytest.mark.assumes(get_lag=0.0)
@pytest.mark.assumes(delete_seconds=0.0)
def test_a_lost_answer(bench: Bench, chain: dict[str, str]) -> None:
    """The object is looked for: gone is gone."""
    bench.app.faults.reset_after_commit(method="DELETE", count=1)
    undeclare(bench, "Flow/orders")
    report = bench.apply("--prune")
    assert result(report, "Flow/orders")["status"] == "applied"
    assert len(deletes(bench)) == 1


@pytest.mark.assumes(delete_seconds=0.0, flow_takes_ends=False)
def test_one_that_is_gone_already_is_forgotten(bench: Bench, chain: dict[str, str]) -> None:
    """Nothing is sent for it, and the plan says so before."""
    undeclare(bench, "Flow/orders")
    bench.http.delete(f"http://localhost/data/foundation/flowservice{path(chain, 'Flow/orders')}", headers=HEADERS)
    bench.app.requests.clear()
    assert [one["status"] for one in bench.drift(code=2)["resources"] if one["resource"] == "Flow/orders"] == [
        "missing"
    ]
    assert change(bench.plan("--prune"), "Flow/orders")["action"] == "forget"
    bench.apply("--prune")
    assert bench.writes() == []
    assert bench.plan()["orphans"] == []


def test_protect_outlives_its_manifest(bench: Bench) -> None:
    """Neither --prune nor --allow-large delete it; it stays an orphan that is named as protected."""
    kept(bench)
    declare_chain(bench)
    declare(bench, "Flow/orders", protect=True)
    bench.apply()
    undeclare(bench, "Flow/orders")
    plan = bench.plan("--prune")
    assert (plan["changes"], plan["orphans"][0]["protect"]) == ([], True)
    bench.apply("--prune", "--allow-large")
    assert deletes(bench) == []
    assert len(objects(bench, "flows", FLOW["name"])) == 1


def test_protect_holds_what_it_uses(bench: Bench) -> None:
    """A protected flow keeps its connections: they are blocked, not deleted under it."""
    kept(bench)
    declare_chain(bench)
    declare(bench, "Flow/orders", protect=True)
    bench.apply()
    undeclare(bench, *CHAIN)
    plan = bench.plan("--prune")
    assert plan["summary"]["blocked"] == 3
    assert "uses it" in change(plan, "SourceConnection/orders")["blockedBy"]
    assert "SourceConnection/orders" in change(plan, "Connection/warehouse")["blockedBy"]
    bench.apply("--prune", code=1)
    assert deletes(bench) == []


def test_onremove_forget_is_not_deleted(bench: Bench) -> None:
    """It leaves the ledger, stays live, and so does what it uses."""
    kept(bench)
    declare_chain(bench)
    declare(bench, "Flow/orders", onRemove="forget")
    bench.apply()
    undeclare(bench, "Flow/orders", "SourceConnection/orders")
    plan = bench.plan("--prune")
    assert change(plan, "Flow/orders")["action"] == "forget"
    assert "which is forgotten and stays live, uses it" in change(plan, "SourceConnection/orders")["blockedBy"]
    bench.apply("--prune", code=1)
    assert len(objects(bench, "flows", FLOW["name"])) == 1
    assert deletes(bench) == []


@pytest.mark.parametrize("field", ["name", "flowSpec"])
def test_one_that_is_not_what_it_was_is_blocked(bench: Bench, chain: dict[str, str], field: str) -> None:
    """Another name or spec: somebody has made something else of it, which is not ours to delete."""
    undeclare(bench, "Flow/orders")
    other = {"name": "Theirs", "flowSpec": {"id": "another", "version": "1.0"}}[field]
    bench.edit("flows", chain["Flow/orders"], lambda flow: flow.update({field: other}))
    plan = bench.plan("--prune")
    assert "is it still what the manifest spoke of?" in change(plan, "Flow/orders")["blockedBy"]
    assert result(bench.apply("--prune", code=1), "Flow/orders")["status"] == "blocked"
    assert deletes(bench) == []


@pytest.mark.assumes(get_lag=0.0, flow_takes_ends=False)
def test_one_that_became_another_since_the_plan_is_a_conflict(bench: Bench, chain: dict[str, str]) -> None:
    """It is looked at right before the DELETE."""
    undeclare(bench, "Flow/orders", "SourceConnection/orders")

    def rename(*_: Any) -> None:
        bench.edit("sourceConnections", chain["SourceConnection/orders"], lambda one: one.update(name="Theirs"))

    bench.app.faults.add(Fault(rename), method="DELETE", count=1)
    report = bench.apply("--prune", code=1)
    assert statuses(report) == {"Flow/orders": "applied", "SourceConnection/orders": "conflict"}
    assert deletes(bench) == [path(chain, "Flow/orders")]


def test_what_was_managed_in_part_is_not_ours_to_delete(bench: Bench, chain: dict[str, str]) -> None:
    """A flow that somebody made in the UI, whose schedule alone was in git."""
    made = bench.live("flows", chain["Flow/orders"]) | {"id": "made-in-the-ui", "name": "Theirs"}
    bench.seed("flows", made)
    bench.declare("Flow", "theirs", {"scheduleParams": {"interval": 2}}, id="made-in-the-ui")
    bench.apply()
    undeclare(bench, "Flow/theirs")
    assert "managed in part only" in change(bench.plan("--prune"), "Flow/theirs")["blockedBy"]


def test_what_somebody_else_uses_is_blocked(bench: Bench, chain: dict[str, str]) -> None:
    """A flow and a source connection that nobody manages here keep what they are made from; the plan names them."""
    undeclare(bench, *CHAIN)
    source = bench.live("sourceConnections", chain["SourceConnection/orders"]) | {
        "id": "their-source",
        "name": "Their source",
    }
    bench.seed("sourceConnections", source)
    flow = bench.live("flows", chain["Flow/orders"]) | {"id": "their-flow", "name": "Their flow"}
    bench.seed("flows", flow | {"sourceConnectionIds": ["their-source"]})
    plan = bench.plan("--prune")
    assert (
        "SourceConnection 'Their source' (their-source), which stays, uses it"
        in change(plan, "Connection/warehouse")["blockedBy"]
    )
    assert (
        "Flow 'Their flow' (their-flow), which stays, uses it" in change(plan, "TargetConnection/orders")["blockedBy"]
    )
    report = bench.apply("--prune", code=1)
    assert statuses(report) == {
        "Connection/warehouse": "blocked",
        "Flow/orders": "applied",
        "SourceConnection/orders": "applied",
        "TargetConnection/orders": "blocked",
    }


def test_users_are_looked_for_in_whole_lists(bench: Bench, chain: dict[str, str]) -> None:
    """Where they cannot be read, nobody knows who uses it."""
    undeclare(bench, "Connection/warehouse")
    bench.declare("SourceConnection", "orders", SOURCE | {"baseConnectionId": chain["Connection/warehouse"]})
    plan = bench.plan("--prune")
    assert "SourceConnection/orders uses it" in change(plan, "Connection/warehouse")["blockedBy"]
    undeclare(bench, "Flow/orders", "SourceConnection/orders")
    bench.app.faults.status(403, method="GET", path="targetConnections", count=99)
    plan = bench.plan("--prune")
    assert "who uses it is not known" in change(plan, "Connection/warehouse")["blockedBy"]


def test_a_user_that_lets_go_in_the_same_apply(bench: Bench, chain: dict[str, str]) -> None:
    """The flow turns to another source connection first, then the one before is deleted; if it cannot, it is not."""
    bench.declare("SourceConnection", "other", SOURCE | {"name": "Other"})
    declare(bench, "Flow/orders", ("sourceConnectionIds", [{"ref": "SourceConnection/other"}]))
    undeclare(bench, "SourceConnection/orders")
    bench.apply("--only", "SourceConnection/other")
    bench.app.requests.clear()
    assert change(bench.plan("--prune"), "SourceConnection/orders")["action"] == "delete"
    bench.app.faults.status(400, method="PATCH", path="flows", count=1)
    report = bench.apply("--prune", code=1)
    assert statuses(report) == {"Flow/orders": "failed", "SourceConnection/orders": "skipped"}
    assert bench.apply("--prune")["summary"]["applied"] == 2
    assert [request.method for request in bench.writes()] == ["PATCH", "PATCH", "DELETE"]


@pytest.mark.assumes(flow_takes_ends=False)
def test_only_and_exclude_hold_for_what_has_left(bench: Bench, chain: dict[str, str]) -> None:
    """They may name what no manifest declares any more."""
    undeclare(bench, *CHAIN)
    report = bench.apply("--prune", "--only", "Flow/orders")
    assert statuses(report) == {"Flow/orders": "applied"}
    plan = bench.plan("--prune", "--exclude", "Connection/warehouse")
    assert [orphan["resource"] for orphan in plan["orphans"]] == ["Connection/warehouse"]
    assert plan["summary"]["delete"] == 2


def test_a_rename_deletes_nothing(bench: Bench, chain: dict[str, str]) -> None:
    """With previousName the entry moves, whatever --prune says."""
    undeclare(bench, "Connection/warehouse")
    bench.declare("Connection", "store", CONNECTION, previousName="warehouse")
    declare(bench, "SourceConnection/orders", ("baseConnectionId", {"ref": "Connection/store"}))
    assert bench.plan("--prune")["changes"] == []
    bench.apply("--prune")
    assert bench.writes() == []
    assert bench.entry("Connection", "store")["id"] == chain["Connection/warehouse"]


def test_a_rename_to_another_object_lets_the_one_before_live(bench: Bench, chain: dict[str, str]) -> None:
    """The plan says that it stays as it is, and it does, whatever --prune says."""
    undeclare(bench, "Flow/orders")
    bench.seed("flows", bench.live("flows", chain["Flow/orders"]) | {"id": "another", "name": "Another"})
    bench.declare("Flow", "renamed", {"name": "Another"}, previousName="orders", id="another")
    plan = bench.plan("--prune")
    assert plan["summary"]["delete"] == 0
    bench.apply("--prune")
    assert deletes(bench) == []
    assert bench.entry("Flow", "renamed")["id"] == "another"
    assert bench.plan()["orphans"] == []


def test_what_may_have_been_renamed_is_not_deleted(bench: Bench, chain: dict[str, str]) -> None:
    """The plan asks whether the manifest was renamed, and until that is answered nothing is lost."""
    undeclare(bench, "Flow/orders")
    bench.declare("Flow", "renamed", FLOW)
    plan = bench.plan("--prune")
    assert "metadata.previousName" in change(plan, "Flow/renamed")["blockedBy"]
    assert "Flow/renamed may be its new name" in change(plan, "Flow/orders")["blockedBy"]
    bench.apply("--prune", code=1)
    assert deletes(bench) == []


@pytest.mark.parametrize("live", [True, False])
def test_what_git_asks_for_by_its_id_is_not_deleted(bench: Bench, chain: dict[str, str], *, live: bool) -> None:
    """Something that is to be created, or to be turned to it, names an object whose manifest has left."""
    undeclare(bench, "TargetConnection/orders")
    ends = {"targetConnectionIds": [chain["TargetConnection/orders"]]}
    bench.declare("Flow", "orders" if live else "fresh", FLOW | ({} if live else {"name": "Fresh"}) | ends)
    if not live:
        undeclare(bench, "Flow/orders")
    user = "Flow/orders" if live else "Flow/fresh"
    assert f"{user} uses it" in change(bench.plan("--prune"), "TargetConnection/orders")["blockedBy"]


@pytest.mark.assumes(flow_takes_ends=False)
def test_a_saved_plan_goes_on_after_a_kill(bench: Bench, chain: dict[str, str]) -> None:
    """It says delete, and the object is gone by now: there is nothing left to review."""
    undeclare(bench, "Flow/orders")
    saved, before = bench.folder / "saved.json", bench.folder / "before"
    bench.run("plan", "--prune", "--out", str(saved))
    shutil.copytree(bench.ledger, before)
    bench.apply(str(saved))
    shutil.rmtree(bench.ledger)
    shutil.copytree(before, bench.ledger)
    report = bench.apply(str(saved))
    assert [(one["action"], one["status"]) for one in report["results"]] == [("forget", "applied")]


@pytest.mark.assumes(flow_takes_ends=False)
def test_a_killed_run_had_deleted_it(bench: Bench, chain: dict[str, str]) -> None:
    """Its begin says so, and the object is gone: forgotten by the next apply, with or without --prune."""
    undeclare(bench, "Flow/orders")
    while_deleting = bench.folder / "while-deleting"
    copying = Fault(lambda *_: shutil.copytree(bench.ledger, while_deleting) and None)
    bench.app.faults.add(copying, method="DELETE")
    bench.apply("--prune")
    shutil.rmtree(bench.ledger)
    shutil.copytree(while_deleting, bench.ledger)
    bench.clock.sleep(1000)
    assert change(bench.plan(), "Flow/orders")["action"] == "forget"
    bench.apply()
    assert bench.plan()["orphans"] == []


SPEC = {"name": "mailing", "providerId": BATCH, "version": "1.0", "type": "generic-rest-extract"}


class TestSpecs:
    """They have no DELETE: they are forgotten, and what was ours in a shared list leaves it."""

    @pytest.fixture
    def registered(self, bench: Bench) -> str:
        """A connection spec of our own that is registered in a flow spec; its id."""
        kept(bench)
        bench.declare("ConnectionSpec", "mailing", SPEC)
        bench.declare(
            "FlowSpec", "rest", {"sourceConnectionSpecIds": [{"ref": "ConnectionSpec/mailing"}]}, id=REST_FLOWS
        )
        report = bench.apply()
        bench.app.requests.clear()
        return str(result(report, "ConnectionSpec/mailing")["id"])

    def members(self, bench: Bench) -> list[str]:
        return list(bench.live("flowSpecs", REST_FLOWS)["sourceConnectionSpecIds"])

    def test_both_leave(self, bench: Bench, registered: str) -> None:
        """The registration is taken out by one PUT, the spec is forgotten and stays live; others' members stay."""
        others = [id for id in self.members(bench) if id != registered]
        undeclare(bench, "ConnectionSpec/mailing", "FlowSpec/rest")
        plan = bench.plan("--prune")
        assert (plan["summary"]["forget"], plan["summary"]["delete"]) == (2, 0)
        assert [request["method"] for request in change(plan, "FlowSpec/rest")["requests"]] == ["PUT"]
        assert change(plan, "ConnectionSpec/mailing")["requests"] == []
        assert "no delete for specs" in bench.run("plan", "--prune").out
        assert bench.apply("--prune")["summary"]["applied"] == 2
        assert self.members(bench) == others
        assert objects(bench, "connectionSpecs", "mailing") != []
        assert bench.plan("--prune")["changes"] == []

    def test_a_member_that_leaves_its_list(self, bench: Bench, registered: str) -> None:
        """Still declared without it: it stays until --prune, which is said; then it goes."""
        bench.declare("FlowSpec", "rest", {"sourceConnectionSpecIds": []}, id=REST_FLOWS)
        ran = bench.run("plan", "--format", "json")
        assert ran.json["changes"] == []
        assert "--prune" in ran.err
        plan = bench.plan("--prune")
        assert change(plan, "FlowSpec/rest")["action"] == "update"
        bench.apply("--prune")
        assert registered not in self.members(bench)
        assert bench.plan("--prune")["changes"] == []

    def test_members_of_others_never_leave(self, bench: Bench, registered: str) -> None:
        """One that was there before us is not ours, even where git lists it."""
        other = next(id for id in self.members(bench) if id != registered)
        bench.declare(
            "FlowSpec", "rest", {"sourceConnectionSpecIds": [{"ref": "ConnectionSpec/mailing"}, other]}, id=REST_FLOWS
        )
        bench.apply()
        undeclare(bench, "FlowSpec/rest")
        bench.apply("--prune")
        assert other in self.members(bench)
        assert registered not in self.members(bench)

    def test_a_put_that_fails_forgets_nothing(self, bench: Bench, registered: str) -> None:
        """The entry stays, and with it the claim on the member."""
        undeclare(bench, "FlowSpec/rest")
        bench.app.faults.status(400, method="PUT", path="flowSpecs", count=1)
        assert statuses(bench.apply("--prune", code=1)) == {"FlowSpec/rest": "failed"}
        assert bench.apply("--prune")["summary"]["applied"] == 1
        assert registered not in self.members(bench)

    def test_a_put_that_is_not_taken_forgets_nothing(self, bench: Bench, registered: str) -> None:
        """Success answered and nothing done: read back, told, and tried again next time."""
        undeclare(bench, "FlowSpec/rest")
        bench.app.faults.ignore_write(method="PUT", path="flowSpecs", count=9)
        assert statuses(bench.apply("--prune", code=1)) == {"FlowSpec/rest": "failed"}
        assert bench.plan()["orphans"][0]["resource"] == "FlowSpec/rest"

    def test_only_the_members_leave(self, bench: Bench, registered: str) -> None:
        """What else git said of the flow spec stays: nobody can do without a spec's name."""
        spec = {"sourceConnectionSpecIds": [{"ref": "ConnectionSpec/mailing"}], "attributes": {"isOurs": True}}
        bench.declare("FlowSpec", "rest", spec, id=REST_FLOWS)
        bench.apply()
        undeclare(bench, "FlowSpec/rest")
        bench.apply("--prune")
        assert bench.live("flowSpecs", REST_FLOWS)["attributes"]["isOurs"] is True
        assert registered not in self.members(bench)


class TestGuards:
    """What would take much away has to be asked for by name."""

    def test_more_than_five(self, bench: Bench) -> None:
        """Nothing is sent; --allow-large passes."""
        kept(bench)
        bench.environ["FLOW_SECRET_DB"] = "first-password"
        names = [f"c{at}" for at in range(6)]
        for name in names:
            bench.declare("Connection", name, CONNECTION | {"name": name})
        bench.apply()
        bench.app.requests.clear()
        undeclare(bench, *(f"Connection/{name}" for name in names))
        refused = bench.run("apply", "--yes", "--prune")
        assert refused.code == 1
        assert "lets 6 resources go, and the target's guards allow 5" in refused.err
        assert "an apply would refuse this" in bench.run("plan", "--prune").out
        assert bench.writes() == []
        assert bench.apply("--prune", "--allow-large")["summary"]["applied"] == 6

    def test_an_empty_folder(self, bench: Bench) -> None:
        """A checkout that went wrong is no wish to delete, however little there is."""
        apply_chain(bench)
        undeclare(bench, *CHAIN)
        refused = bench.run("apply", "--yes", "--prune")
        assert refused.code == 1
        assert "no manifest declares anything for this target" in refused.err
        assert bench.writes() == []

    def test_a_folder_that_cannot_be_read(self, bench: Bench, chain: dict[str, str]) -> None:
        """A broken manifest is no manifest that has left."""
        bench.write("Flow-orders.json", "{ not yaml: [")
        assert bench.run("apply", "--yes", "--prune").code == 1
        assert bench.writes() == []

    def test_a_credential_that_sees_less(self, bench: Bench, chain: dict[str, str]) -> None:
        """Most of what is managed answers 404 at once: neither forgotten nor created anew."""
        undeclare(bench, "Flow/orders")
        bench.app.faults.status(404, method="GET", path="/connections/", count=99)
        for collection in ("flows", "connections", "sourceConnections", "targetConnections"):
            for one in objects(bench, collection):
                bench.app.store.delete(bench.app.store.anywhere(collection, one["id"]))
        refused = bench.run("apply", "--yes", "--prune")
        assert refused.code == 1
        assert "are missing at once" in refused.err
        assert bench.writes() == []

    def test_a_hidden_object_is_blocked(self, bench: Bench, chain: dict[str, str]) -> None:
        """403 is not gone."""
        undeclare(bench, "Flow/orders")
        bench.app.faults.status(403, method="GET", path="flows", count=99)
        assert "could not be read" in change(bench.plan("--prune"), "Flow/orders")["blockedBy"]


def test_at_half_time(bench: Bench, chain: dict[str, str]) -> None:
    """The clock of the bench is where these flows have not begun: their deletion does not depend on it."""
    bench.clock.time = NOW + 2_000_000
    undeclare(bench, "Flow/orders")
    assert bench.apply("--prune")["summary"]["applied"] == 1
