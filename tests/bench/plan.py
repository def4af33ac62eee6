"""How long planning takes, network aside.

``python tests/bench/plan.py 2000`` plans so many flows, each with its source and target connection: unchanged, then
with another schedule for every flow.
"""

from __future__ import annotations

import sys
import time

from reconciler.engine.plan import make_plan
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.steps import Context
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry, LedgerState
from reconciler.model.live import Live
from reconciler.model.resources import Desired, Estate, Reference, ResourceName, Target

WHERE = ("ORG@AdobeOrg", "prod")


def chain(at: int, frequency: str) -> list[tuple[ResourceName, dict, dict]]:
    """Return one flow and what it needs: name, spec in git, live document."""
    source, target, flow = (
        ResourceName(kind, f"r-{at}") for kind in (Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION, Kind.FLOW)
    )
    schedule = {"startTime": 1_800_000_000, "frequency": "day", "interval": 1}
    made = [
        (source, {"name": f"source {at}", "params": {"tableName": f"t{at}"}}, {}),
        (target, {"name": f"target {at}", "params": {"dataSetId": f"d{at}"}}, {}),
        (
            flow,
            {
                "name": f"flow {at}",
                "sourceConnectionIds": [Reference(source)],
                "targetConnectionIds": [Reference(target)],
                "scheduleParams": schedule | {"frequency": frequency},
            },
            {
                "sourceConnectionIds": [f"{source}-id"],
                "targetConnectionIds": [f"{target}-id"],
                "scheduleParams": schedule,
            },
        ),
    ]
    return [(name, spec, {**spec, **live, "id": f"{name}-id", "etag": '"1"'}) for name, spec, live in made]


def plan(count: int, frequency: str) -> None:
    """Plan, and print what came of it and how long it took."""
    parts = [part for at in range(count) for part in chain(at, frequency)]
    objects: dict[Kind, dict[str, Live]] = {kind: {} for kind in Kind}
    entries = {}
    for name, _, live in parts:
        objects[name.kind][live["id"]] = Live(name.kind, live["id"], live)
        applied = {key: value for key, value in live.items() if key not in ("id", "etag")}
        entries[name] = Entry(name, live["id"], *WHERE, applied)
    estate = Estate(Target("prod", "prod"), tuple(Desired(name, spec) for name, spec, _ in parts))
    context = Context(*WHERE, now=1_700_000_000, secret=lambda _slot: None)
    before = time.process_time()
    planned = make_plan(estate, LedgerState(entries), Snapshot(objects, frozenset(Kind)), context)
    took = time.process_time() - before
    summary = planned.plan.summary
    print(f"{len(parts)} resources, {summary['update']} to update, {summary['unchanged']} unchanged: {took:.2f} s")  # noqa: T201 - it is a script


if __name__ == "__main__":
    for wanted in ("day", "week"):
        plan(int(sys.argv[1]) if len(sys.argv) > 1 else 500, wanted)
