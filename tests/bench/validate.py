"""How long validating takes, reading included.

``python tests/bench/validate.py 2000`` writes so many manifests (a quarter each of connections, source connections,
target connections and flows), whose two specs stand in git beside them, and runs ``reconciler validate`` on them.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

A_FILE = 100  # manifests

AUTH = {
    "type": "object",
    "properties": {"host": {"type": "string"}, "user": {"type": "string"}, "password": {"format": "password"}},
    "required": ["host", "password"],
    "additionalProperties": False,
}
SPEC = {
    "name": "crm", "version": "1.0", "providerId": "p", "authSpec": [{"name": "Basic", "type": "b", "spec": AUTH}],
    "sourceSpec": {"name": "s", "spec": {"type": "object", "properties": {"tableName": {"type": "string"}}}},
}  # fmt: skip
INTERVAL = {"type": "object", "properties": {"interval": {"type": "integer", "minimum": 15}}}
FLOW_SPEC = {
    "name": "crm-flow", "version": "1.0", "providerId": "p", "sourceConnectionSpecIds": [],
    "targetConnectionSpecIds": [], "scheduleSpec": {"name": "Periodic", "spec": INTERVAL},
}  # fmt: skip


def manifest(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """Return one manifest."""
    return {"apiVersion": "reconciler/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def manifests(count: int) -> Iterator[dict[str, Any]]:
    """Yield the manifests."""
    made_from = {"id": {"ref": "ConnectionSpec/crm"}, "version": "1.0"}
    params = {"host": "crm.example", "user": "me", "password": {"valueFrom": {"env": "FLOW_SECRET_CRM"}}}
    yield manifest("Target", "local", {"emulator": True})
    yield manifest("ConnectionSpec", "crm", SPEC)
    yield manifest("FlowSpec", "crm", FLOW_SPEC)
    for at in range(count // 4):
        name = f"r-{at}"
        base = {"name": name, "connectionSpec": made_from}
        yield manifest("Connection", name, {**base, "auth": {"specName": "Basic", "params": params}})
        source = {"baseConnectionId": {"ref": f"Connection/{name}"}, "data": {}, "params": {"tableName": f"t{at}"}}
        yield manifest("SourceConnection", name, base | source)
        yield manifest("TargetConnection", name, {**base, "data": {}, "params": {"dataSetId": f"d{at}"}})
        flow = {
            "name": name, "flowSpec": {"id": {"ref": "FlowSpec/crm"}, "version": "1.0"},
            "sourceConnectionIds": [{"ref": f"SourceConnection/{name}"}],
            "targetConnectionIds": [{"ref": f"TargetConnection/{name}"}],
            "scheduleParams": {"startTime": 1_900_000_000, "frequency": "minute", "interval": 15, "backfill": True},
        }  # fmt: skip
        yield manifest("Flow", name, flow)


def main(count: int) -> None:
    """Write, validate in a process of its own, and print how long that took."""
    with tempfile.TemporaryDirectory() as folder:
        made = list(manifests(count))
        for at in range(0, len(made), A_FILE):
            text = "\n---\n".join(map(json.dumps, made[at : at + A_FILE]))
            (Path(folder) / f"{at}.yaml").write_text(text, encoding="utf-8")
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "reconciler", "--manifests", folder, "validate"], check=True)
        took, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        processor, memory = used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
        print(f"{took:.2f} s for the whole process, {processor:.2f} s of them computing, {memory} MiB")  # noqa: T201 - it is a script


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
