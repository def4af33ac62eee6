"""Doctor on the bench: a target where all is as it should be, and a look that holds what always holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.bench import Bench, Ran

SECRET = "Zq-the-clients-secret-9"
KEY = "k3y-0123456789-abcdefghijklmnopqrstuvw"


def as_sandbox(bench: Bench) -> Bench:
    """Make the target a sandbox, with everything as it should be."""
    target = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"}}
    bench.write("target.json", {**target, "spec": {"sandbox": "bench"}})
    bench.setting(
        client_id="me", client_secret=SECRET, token="Zq-the-token", organisation="EMULATOR@AdobeOrg",
        sandboxes=frozenset({"bench"}),
    )  # fmt: skip
    bench.environ |= {
        "AEP_BASE_URL": "http://127.0.0.1:1",
        "AEP_IMS_URL": "http://127.0.0.1:1",
        "AEP_CLIENT_ID": "me",
        "AEP_CLIENT_SECRET": SECRET,
        "AEP_SCOPES": "openid",
        "AEP_ORG_ID": "EMULATOR@AdobeOrg",
        "RECONCILER_KEY": KEY,
    }
    return bench


def look(bench: Bench, *, code: int, run: Callable[..., Ran] | None = None) -> dict[str, dict[str, Any]]:
    """Run doctor both ways, hold what always holds, and return the rows by name."""
    run = run or bench.run
    ran = run("doctor", "--format", "json")
    assert (ran.code, ran.err) == (code, ""), ran
    shown = run("doctor").out
    for secret in (SECRET, KEY, "Zq-"):
        assert secret not in ran.out + shown
    assert {(one.method, one.path.rpartition("/")[2]) for one in bench.writes()} <= {("POST", "v3")}
    return {row["check"]: row for row in ran.json["checks"]}


def failed(rows: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name, row in rows.items() if row["status"] == "failed"]
