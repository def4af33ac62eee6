"""``drift --accept`` writes what is live into the manifest: the plan is empty then, and nothing was sent."""

from __future__ import annotations

import json
import stat
from typing import Any

import pytest
from support.bench import NOW, Bench
from support.bodies import stored
from support.chain import FLOW, REDSHIFT, apply_chain, change, changed
from support.inbox import ORDERS, WAREHOUSE, YAML, accepted, refused, written

OTHER = """\
# Ünïcode
apiVersion: reconciler/v1
kind: Connection
metadata: {name: other, id: x1}
spec: {description: null}
"""


def test_live_values_are_written_in_place(bench: Bench) -> None:
    """Each value at its place; comments, quotes, order and every other line stay, and what was written is told."""
    path, ids = written(bench)

    def by_hand(flow: dict[str, Any]) -> None:
        flow.update(name="Orders: weekly")
        flow.pop("description")
        flow["scheduleParams"].update(frequency="week", interval=2, startTime=int(NOW) + 2_000_000)
        flow["transformations"][0]["params"].update(mappingId="another")

    bench.edit("flows", ids[ORDERS], by_hand)
    ran = accepted(bench, ORDERS)
    expected = (
        YAML.replace("'Orders, daily'", "'Orders: weekly'")
        .replace("  description: Every day  # for people\n", "")
        .replace("0b090130b58b4819afc78b6dc98b484d", "another")
        .replace("2027-01-26T23:00:00+01:00", "2027-02-07T12:33:20+01:00")
        .replace("frequency: day", "frequency: week")
        .replace("interval: 1", "interval: 2")
    )
    assert path.read_text() == expected
    line = expected.split("\n").index("    frequency: week") + 1
    assert f'Written {path}:{line}:5  {ORDERS}\n      ~ /scheduleParams/frequency  "day" → "week"\n' in ran.out
    assert '- /description  "Every day"' in ran.out
    assert "git diff" in ran.out
    assert "No drift: 4 in sync" in ran.out


def test_a_report_for_programs_stays_one(bench: Bench) -> None:
    """With --format json stdout is the report alone, as it is after the acceptance; what was written is on stderr."""
    _, ids = written(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(name="By hand"))
    ran = bench.run("drift", "--accept", ORDERS, "--format", "json")
    assert ran.code == 0
    assert ran.json["summary"]["inSync"] == 4
    assert '~ /name  "Orders, daily" → "By hand"' in ran.err


def test_several_are_accepted_at_once(bench: Bench) -> None:
    """Each in its own manifest; what nobody named stays drift."""
    _, ids = written(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(name="By hand"))
    bench.edit("connections", ids[WAREHOUSE], lambda one: one["auth"]["params"].update(username="root"))
    bench.edit("sourceConnections", ids["SourceConnection/orders"], lambda one: one.update(name="Theirs"))
    ran = bench.run("drift", "--accept", ORDERS, "--accept", WAREHOUSE, "--accept", ORDERS)
    assert ran.code == 0, ran.err
    assert "Drift: 1 drifted, 3 in sync" in ran.out
    assert [one["resource"] for one in bench.plan()["changes"]] == ["SourceConnection/orders"]


def test_json_keeps_its_layout(bench: Bench) -> None:
    """A manifest that a program wrote stays as that program writes."""
    ids = apply_chain(bench)
    path = bench.manifests / "Flow-orders.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document, indent=4) + "\n")
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))
    accepted(bench, ORDERS)
    document["spec"]["scheduleParams"]["frequency"] = "week"
    assert path.read_text() == json.dumps(document, indent=4) + "\n"


@pytest.mark.parametrize(
    ("text", "now"),
    [
        (YAML.replace("\n", "\r\n"), "\r\n    frequency: week\r\n"),
        (YAML.rstrip("\n"), "\n    frequency: week\n    interval: 1"),
        ("\ufeff" + YAML, "\n    frequency: week\n"),
        (f"{YAML}---\n{OTHER}", "frequency: week\n    interval: 1\n---\n# Ünïcode\n"),
    ],
    ids=["carriage returns", "no line break at the end", "a byte order mark", "another document behind"],
)  # fmt: skip
def test_the_file_stays_what_it_was(bench: Bench, text: str, now: str) -> None:
    """Line breaks, marks and other documents are not ours to change."""
    bench.seed("connections", stored("x1", {"name": "Other", "connectionSpec": {"id": REDSHIFT, "version": "1.0"}}))
    ids = apply_chain(bench)
    (bench.manifests / "Flow-orders.json").unlink()
    path = bench.manifests / "flow.yml"
    path.write_bytes(text.encode())
    bench.apply()
    bench.app.requests.clear()
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))
    accepted(bench, ORDERS)
    data = path.read_bytes().decode()
    assert data == text.replace("frequency: day", "frequency: week")
    assert now in data


def test_a_files_mode_stays(bench: Bench) -> None:
    """What nobody else may read stays so, and nothing is left beside it."""
    path, ids = written(bench)
    path.chmod(0o640)
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(name="By hand"))
    accepted(bench, ORDERS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in bench.manifests.iterdir() if one.name.startswith(".")] == []


def test_an_override_keeps_its_own(bench: Bench) -> None:
    """What the override of the target gives is written there, what it leaves to all targets into spec."""
    _, ids = written(bench)
    bench.write("dev.json", {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "dev"},
                             "spec": {"sandbox": "dev"}})  # fmt: skip
    document = json.loads(bench.write("target.json", "{}").read_text() or "{}")
    bench.write("target.json", {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"},
                                "spec": {"emulator": True, "default": True}, **document})  # fmt: skip
    overrides = "overrides:\n  bench:\n    spec:\n      scheduleParams: {frequency: day}\n      description: Here\n"
    path = bench.write("flow.yaml", YAML + overrides)
    bench.apply()
    bench.app.requests.clear()
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week", interval=3))
    bench.edit("flows", ids[ORDERS], lambda flow: flow.pop("description"))
    ran = accepted(bench, ORDERS)
    assert path.read_text() == YAML.replace("interval: 1", "interval: 3") + overrides.replace(
        "{frequency: day}", "{frequency: week}"
    ).replace("description: Here", "description: null")
    assert ran.out.count("also changes dev: see the plans there") == 1
    before, _, behind = ran.out.partition("also changes dev")
    assert before.rstrip().endswith("/scheduleParams/interval  1 → 3")
    assert "also changes" not in behind


def test_a_flow_that_somebody_disabled(bench: Bench) -> None:
    """A state on its way is written as the one that it is on its way to."""
    path, ids = written(bench, YAML + "  state: enabled\n")
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(state="disabling"))
    accepted(bench, ORDERS)
    assert path.read_text() == YAML + "  state: disabled\n"
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(state="failed"))
    refused(bench, ORDERS, "the flow is 'failed', which no manifest can ask for")


def test_a_start_that_has_passed(bench: Bench) -> None:
    """What blocks an apply is what an acceptance is for."""
    path, ids = written(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(startTime=int(NOW) - 86_400))
    assert change(bench.plan(), ORDERS)["action"] == "blocked"
    accepted(bench, ORDERS)
    assert "startTime: 2027-01-14T09:00:00+01:00   # in Vienna" in path.read_text()


def test_null_and_what_git_has_let_go(bench: Bench) -> None:
    """What must be absent becomes what is there; what git no longer declares and somebody changed is declared again."""
    path, ids = written(bench, YAML.replace("description: Every day  # for people", "description: null"))
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(description="Here: again"))
    accepted(bench, ORDERS)
    assert "  description: 'Here: again'\n" in path.read_text()
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(description=None))
    accepted(bench, ORDERS)
    assert "description" not in path.read_text()
    bench.write("flow.yaml", path.read_text().replace("    interval: 1\n", ""))
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(interval=7))
    accepted(bench, ORDERS)
    assert path.read_text().endswith("    frequency: day\n    interval: 7\n")


def test_null_inside_of_what_is_new(bench: Bench) -> None:
    """A null member would say "must be absent", which nobody has said; in a list it is part of the value."""
    ids = apply_chain(bench)
    new = {"a": None, "b": [None, {"c": None}], "d": {"e": None, "f": 1}}
    source = ids["SourceConnection/orders"]
    bench.edit("sourceConnections", source, lambda one: one["params"].update(tableName=new))
    accepted(bench, "SourceConnection/orders")
    said = json.loads((bench.manifests / "SourceConnection-orders.json").read_text())["spec"]["params"]["tableName"]
    assert said == {"b": [None, {"c": None}], "d": {"f": 1}}


def test_a_mapping_that_somebody_removed(bench: Bench) -> None:
    """An element of a named list goes whole, and its neighbours stay."""
    copy_step = "  - name: Copy  # first\n    params: {deltaColumn: {name: at}}\n"
    text = YAML.replace("  transformations:\n", "  transformations:\n" + copy_step)
    path, ids = written(bench, text)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["transformations"].pop(0))
    accepted(bench, ORDERS)
    assert path.read_text() == YAML


def test_the_one_mapping_under_another_name(bench: Bench) -> None:
    """A list that would lose all of its elements becomes what is live: an empty one would say that there is none."""
    path, ids = written(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["transformations"][0].update(name="Other"))
    accepted(bench, ORDERS)
    assert path.read_text() == YAML.replace("name: Mapping ", "name: Other ")
    bench.edit("flows", ids[ORDERS], lambda flow: flow.update(transformations=[]))
    accepted(bench, ORDERS)
    assert "  transformations: []\n  scheduleParams:" in path.read_text()


def test_a_shared_list_gives_up_what_others_took_out(bench: Bench) -> None:
    """Of a flow spec's ids only ours are in the manifest: one that somebody took out leaves it, theirs stay out."""
    bench.seed("flowSpecs", {"id": "shared", "name": "Shared", "providerId": "p", "version": "1.0",
                             "sourceConnectionSpecIds": ["theirs"]})  # fmt: skip
    spec = {"name": "Shared", "providerId": "p", "sourceConnectionSpecIds": ["a", "b"]}
    path = bench.declare("FlowSpec", "shared", spec, id="shared")
    bench.apply()
    bench.app.requests.clear()
    bench.edit("flowSpecs", "shared", lambda one: one.update(sourceConnectionSpecIds=["b", "more", "theirs"]))
    accepted(bench, "FlowSpec/shared")
    assert json.loads(path.read_text())["spec"] == spec | {"sourceConnectionSpecIds": ["b"]}


def test_before_the_first_apply(bench: Bench) -> None:
    """An object that exists and a manifest that says otherwise: the manifest can follow it before anything is sent."""
    bench.seed("flows", stored("f1", changed(FLOW, ("sourceConnectionIds", ["s"]), ("targetConnectionIds", ["t"]))))
    path = bench.declare("Flow", "orders", {"scheduleParams": {"frequency": "week"}}, id="f1")
    ran = bench.run("drift", "--accept", ORDERS)
    assert ran.code == 0, ran.err
    assert json.loads(path.read_text())["spec"] == {"scheduleParams": {"frequency": "day"}}
    assert change(bench.plan(), ORDERS)["requests"] == []
