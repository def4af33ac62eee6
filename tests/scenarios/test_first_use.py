"""The main job, from the manifests that come with the project."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.bench import Bench

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
SECRETS = {
    "FLOW_SECRET_SALESFORCE_PASSWORD": "first-password",
    "FLOW_SECRET_SALESFORCE_TOKEN": "first-token",
    "FLOW_SECRET_BIGQUERY_CLIENT_SECRET": "first-client-secret",
    "FLOW_SECRET_BIGQUERY_REFRESH_TOKEN": "first-refresh-token",
}


def test_plan_apply_plan(bench: Bench) -> None:
    """The estate of the project is planned, applied, and then nothing is left to do."""
    shutil.copytree(MANIFESTS, bench.manifests, dirs_exist_ok=True)
    (bench.manifests / "target.json").unlink()
    bench.environ |= SECRETS
    first = bench.plan()
    assert first["summary"]["create"] == 6
    assert first["summary"]["update"] == 1
    assert bench.apply()["summary"]["applied"] == 7
    bench.app.requests.clear()
    assert bench.plan()["changes"] == []
    assert bench.apply()["summary"] == {**dict.fromkeys(first_statuses(), 0), "unchanged": 7}
    assert bench.writes() == []


def first_statuses() -> tuple[str, ...]:
    return ("applied", "failed", "conflict", "refused", "blocked", "skipped")
