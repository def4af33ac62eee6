"""The drift inbox for scenarios: a flow whose manifest a person wrote, and what always holds of it."""

from __future__ import annotations

from pathlib import Path

from support.bench import NOW, Bench, Ran
from support.chain import apply_chain

ORDERS, WAREHOUSE = "Flow/orders", "Connection/warehouse"
YAML = """\
# Orders, into the lake.
apiVersion: reconciler/v1
kind: Flow
metadata:
  name: orders      # what git calls it
spec:
  name: 'Orders, daily'
  description: Every day  # for people
  flowSpec: {id: 14518937-270c-4525-bdec-c2ba7cce3860, version: "1.0"}

  sourceConnectionIds:
  - {ref: SourceConnection/orders}
  targetConnectionIds: [ {ref: TargetConnection/orders} ]
  transformations:
  - name: Mapping   # by name
    params: {mappingId: 0b090130b58b4819afc78b6dc98b484d}
  scheduleParams:
    startTime: 2027-01-26T23:00:00+01:00   # in Vienna
    frequency: day
    interval: 1
"""
UNTIL, AFTER = "2027-01-20", NOW + 6 * 86_400
"""The last day of a snooze, and a moment when it is over."""


def written(bench: Bench, text: str = YAML, name: str = "flow.yaml") -> tuple[Path, dict[str, str]]:
    """Apply the chain with its flow in YAML; return the file, and the ids by resource."""
    ids = apply_chain(bench)
    (bench.manifests / "Flow-orders.json").unlink()
    path = bench.write(name, text)
    bench.apply()
    bench.app.requests.clear()
    return path, ids


def accepted(bench: Bench, *resources: str) -> Ran:
    """Accept the drift of these; whatever it is, nothing is sent, no ledger moves, and the plan is empty."""
    ledger = {path: path.read_bytes() for path in bench.ledger.rglob("*.json")}
    ran = bench.run("drift", *(word for one in resources for word in ("--accept", one)))
    assert ran.code == 0, ran.err
    assert bench.writes() == []
    assert {path: path.read_bytes() for path in bench.ledger.rglob("*.json")} == ledger
    assert [one for one in bench.plan()["changes"] if one["resource"] in resources] == []
    bench.apply()
    assert bench.writes() == []
    return ran


def refused(bench: Bench, resource: str, *words: str) -> None:
    """Accept what cannot be: a message, and no file is touched."""
    before = {path: path.read_bytes() for path in bench.manifests.iterdir()}
    ran = bench.run("drift", "--accept", resource)
    assert (ran.code, ran.out) == (1, ""), ran.out
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err
    assert {path: path.read_bytes() for path in bench.manifests.iterdir()} == before


def snooze(bench: Bench, resource: str, until: str = UNTIL, reason: str = "vendor migrates") -> str:
    """Snooze a resource's drift; return what was said."""
    ran = bench.run("drift", "--snooze", resource, "--until", until, "--reason", reason)
    assert ran.code == 0, ran.err
    return ran.out


def weekly(bench: Bench) -> dict[str, str]:
    """Apply the chain, let somebody make its flow weekly, and snooze that."""
    ids = apply_chain(bench)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["scheduleParams"].update(frequency="week"))
    snooze(bench, ORDERS)
    return ids
