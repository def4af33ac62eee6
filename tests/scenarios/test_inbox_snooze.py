"""``drift --snooze`` records in git that drift is left alone until a day: fields, not resources, and not for long."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.bench import HEADERS, Bench
from support.bodies import stored
from support.chain import FLOW, apply_chain, change, changed, declare
from support.inbox import ORDERS, UNTIL, WAREHOUSE, snooze, weekly

FREQUENCY = "/scheduleParams/frequency"


def item(report: dict[str, Any], resource: str) -> dict[str, Any]:
    return next(one for one in report["resources"] if one["resource"] == resource)


def not_snoozed(bench: Bench, resource: str, message: str, until: str = UNTIL, reason: str = "vendor migrates") -> None:
    before = {path: path.read_bytes() for path in bench.manifests.iterdir()}
    ran = bench.run("drift", "--snooze", resource, "--until", until, "--reason", reason)
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert {path: path.read_bytes() for path in bench.manifests.iterdir()} == before


def snoozed(bench: Bench, resource: str, **said: Any) -> Path:
    """Write a snooze for the bench into a manifest of the chain by hand."""
    path = bench.manifests / f"{resource.replace('/', '-')}.json"
    document = json.loads(path.read_text())
    document["metadata"]["snooze"] = {"bench": {"until": UNTIL, "reason": "by hand", **said}}
    path.write_text(json.dumps(document))
    return path


def test_a_snooze_stands_in_the_manifest(bench: Bench) -> None:
    """Until when, why and of which fields, by target; comments stay, and snoozing again replaces it."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))
    head = "# ours\napiVersion: reconciler/v1\nkind: Flow\nmetadata:\n  name: orders  # its name\n"
    (bench.manifests / "Flow-orders.json").unlink()
    path = bench.write("flow.yaml", f"{head}spec: {json.dumps(FLOW)}\n")
    out = snooze(bench, ORDERS, reason="vendor: migrates")
    assert path.read_text() == (
        f"{head}  snooze:\n    bench:\n      until: '2027-01-20'\n      reason: 'vendor: migrates'\n      fields:\n"
        f"        - {FREQUENCY}\nspec: {json.dumps(FLOW)}\n"
    )
    assert f"Written {path}:7:5  {ORDERS}" in out
    assert "why: snoozed until 2027-01-20: vendor: migrates" in out
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(name="Theirs"))
    snooze(bench, ORDERS, "2027-02-01T12:00:00+01:00", "longer")
    said = path.read_text()
    assert "until: '2027-02-01T12:00:00+01:00'\n      reason: 'longer'\n      fields:\n" in said
    assert f"        - /name\n        - {FREQUENCY}\nspec" in said
    assert said.count("reason") == 1


def test_nothing_to_snooze(bench: Bench) -> None:
    """In sync or snoozed already is no error, and each is said."""
    ids = apply_chain(bench)
    assert f"{WAREHOUSE} has not drifted: nothing was written for it" in snooze(bench, WAREHOUSE)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))
    snooze(bench, ORDERS)
    ran = bench.run("drift", "--accept", ORDERS)
    assert ran.code == 0
    assert f"{ORDERS} has not drifted, but for what is snoozed until {UNTIL}: nothing was written for it" in ran.out


def test_what_cannot_be_snoozed(bench: Bench) -> None:
    """What git has changed as well, and what no apply has known yet."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))
    declare(bench, ORDERS, ("scheduleParams/frequency", "hour"))
    not_snoozed(bench, ORDERS, f"git has changed {FREQUENCY} of {ORDERS}, too")
    bench.seed("flows", stored("f1", changed(FLOW, ("sourceConnectionIds", ["s"]), ("targetConnectionIds", ["t"]))))
    bench.declare("Flow", "second", {"scheduleParams": {"frequency": "week"}}, id="f1")
    not_snoozed(bench, "Flow/second", "is not in the ledger yet")
    bench.declare("Flow", "second", {"scheduleParams": {"frequency": "day"}}, id="f1")
    assert "Flow/second has not drifted: nothing was written for it" in snooze(bench, "Flow/second")


def test_a_reason_with_a_secret_in_it(bench: Bench) -> None:
    """Nothing secret gets into git, whoever types it."""
    weekly(bench)
    not_snoozed(bench, ORDERS, "the reason holds a secret", reason="the password is first-password")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--snooze", ORDERS), "--snooze needs --until DATE and --reason TEXT"),
        (("--snooze", ORDERS, "--until", UNTIL), "--snooze needs --until DATE and --reason TEXT"),
        (("--until", UNTIL), "--until and --reason belong to --snooze KIND/NAME"),
        (("--reason", "x"), "--until and --reason belong to --snooze KIND/NAME"),
        (("--snooze", ORDERS, "--accept", ORDERS), "one at a time"),
        (("--snooze", ORDERS, "--until", "2027-01-14", "--reason", "x"), "--until 2027-01-14 has passed"),
        (("--snooze", ORDERS, "--until", "2028-01-20", "--reason", "x"), "is more than a year ahead"),
        (("--snooze", ORDERS, "--until", "2027-02-30", "--reason", "x"), "there is no such day"),
        (("--snooze", ORDERS, "--until", "soon", "--reason", "x"), "write a day or a time with a zone"),
        (("--snooze", ORDERS, "--until", "1800000000", "--reason", "x"), "write a day or a time with a zone"),
        (("--snooze", ORDERS, "--until", "2027-01-20T10:00", "--reason", "x"), "write a day or a time with a zone"),
        (("--snooze", ORDERS, "--until", UNTIL, "--reason", " "), "say why"),
        (("--snooze", ORDERS, "--until", UNTIL, "--reason", "a\nb"), "a reason is one line"),
        (("--snooze", ORDERS, "--until", UNTIL, "--reason", "a\u202eb"), "U+202E"),
        (("--snooze", ORDERS, "--until", UNTIL, "--reason", "x" * 501), "at most 500 characters"),
        (("--accept", "Flows/x"), "expected Kind/name"),
    ],
)
def test_a_wrong_command_line(bench: Bench, arguments: tuple[str, ...], message: str) -> None:
    """Each mistake is told before anything is read."""
    ran = bench.run("drift", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert message in " ".join(ran.err.split())
    assert bench.app.requests == []


def test_the_last_day_of_a_year_is_in_time(bench: Bench) -> None:
    """A year ahead is allowed, a day more is not."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))
    snooze(bench, ORDERS, "2028-01-15")


def test_a_snooze_that_is_too_long_is_not_in_force(bench: Bench) -> None:
    """Written by hand it could be for good; that is what the manifest itself is for."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))
    snoozed(bench, ORDERS, until="2099-01-01", fields=[FREQUENCY])
    assert item(bench.drift(code=2), ORDERS)["status"] == "drifted"
    assert f"the snooze of {ORDERS} lasts until 2099-01-01, more than a year ahead" in bench.run("plan").out


def test_the_name_of_a_field_is_gits(bench: Bench) -> None:
    """Where live calls a field otherwise than git, the snooze names it as git does, and covers it all the same."""
    steps = [{"name": "Copy", "spec": {"type": "object"}}]
    bench.seed("flowSpecs", {"id": "s1", "name": "S", "providerId": "p", "version": "1.0", "transformationSpec": steps})
    path = bench.declare("FlowSpec", "s", {"name": "S", "providerId": "p", "transformationSpecs": steps}, id="s1")
    bench.apply()
    bench.edit("flowSpecs", "s1", lambda one: one["transformationSpec"][0]["spec"].update(type="array"))
    snooze(bench, "FlowSpec/s")
    said = json.loads(path.read_text())["metadata"]["snooze"]["bench"]["fields"]
    assert said == ["/transformationSpecs/[name=Copy]/spec/type"]
    assert item(bench.drift(), "FlowSpec/s")["status"] == "snoozed"


@pytest.mark.assumes(delete_seconds=0.0)
def test_a_snoozed_object_that_goes_is_missing(bench: Bench) -> None:
    """Only fields are snoozed: what is deleted is created again, as git says."""
    ids = weekly(bench)
    headers = HEADERS | {"If-Match": bench.live("flows", ids[ORDERS])["etag"]}
    bench.http.delete(f"http://localhost/data/foundation/flowservice/flows/{ids[ORDERS]}", headers=headers)
    assert item(bench.drift(code=2), ORDERS)["status"] == "missing"
    not_snoozed(bench, ORDERS, "is missing, and only fields can be accepted or snoozed")
    assert change(bench.plan(), ORDERS)["action"] == "create"
