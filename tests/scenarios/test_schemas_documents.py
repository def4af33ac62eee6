"""What Adobe's documents show as accepted fits the schemas that they show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.bench import HEADERS, Bench
from support.bodies import AHEAD, flow

KINDS = {
    "connections": "Connection",
    "sourceConnections": "SourceConnection",
    "targetConnections": "TargetConnection",
    "flows": "Flow",
}


def bodies(shared: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every documented creation of an object: its kind, a name of its own, and its body."""
    for at, path in enumerate(sorted((shared / "flow-service" / "corpus").glob("*/*-post-request.json"))):
        collection = path.name.split("-")[1]
        if collection in KINDS:
            yield KINDS[collection], f"body-{at}", json.loads(path.read_text(encoding="utf-8"))


def spec_ids(bench: Bench) -> set[str]:
    """Return the ids of the specs that the service has."""
    base = "http://localhost/data/foundation/flowservice"
    answers = [
        bench.http.get(f"{base}/{collection}", headers=HEADERS) for collection in ("connectionSpecs", "flowSpecs")
    ]
    return {spec["id"] for answer in answers for spec in answer.json()["items"]}


def test_every_documented_creation_fits(bench: Bench, shared: Path) -> None:
    """All in one plan; many are of specs that the service has, so that they are held against schemas."""
    known, checked = spec_ids(bench), 0
    for kind, name, body in bodies(shared):
        body.pop("id", None)
        bench.declare(kind, name, body)
        checked += any(body.get(field, {}).get("id") in known for field in ("connectionSpec", "flowSpec"))
    assert checked > 10
    changes = bench.plan()["changes"]
    assert len(changes) > 30
    assert [one for one in changes if "does not fit" in (one["blockedBy"] or "")] == []


@pytest.mark.parametrize(
    "schedule",
    [
        {"startTime": AHEAD, "frequency": "once"},
        {"startTime": AHEAD, "frequency": "minute", "interval": 15},
        {"startTime": AHEAD, "frequency": "hour", "interval": 1},
        {"startTime": AHEAD, "frequency": "day", "interval": 1, "backfill": False},
        {"startTime": AHEAD, "frequency": "week", "interval": 2, "backfill": True},
        {"startTime": AHEAD, "endTime": AHEAD + 86_400, "frequency": "day", "interval": 1},
        {"startTime": str(AHEAD), "frequency": "minute", "interval": "30"},
        {"startTime": str(AHEAD), "frequency": "minute", "interval": "15", "backfill": "true"},
    ],
)
def test_every_documented_schedule_fits(bench: Bench, schedule: dict[str, Any]) -> None:
    """In numbers and in texts (FACTS 10)."""
    bench.declare("Flow", "daily", flow(["s"], ["t"], scheduleParams=schedule))
    (change,) = bench.plan()["changes"]
    assert change["action"] == "create", change["blockedBy"]


def test_a_schedule_in_another_shape_does_not(bench: Bench) -> None:
    """Lest the test above passes over nothing."""
    schedule = {"startTime": AHEAD, "frequency": "day"}
    bench.declare("Flow", "daily", flow(["s"], ["t"], scheduleParams=schedule))
    (change,) = bench.plan()["changes"]
    assert "/spec/scheduleParams/interval is required" in change["blockedBy"]
