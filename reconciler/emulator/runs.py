"""Runs of flows, and what a finished run does to its flow (FACTS 4, 7, 10, 11)."""

from __future__ import annotations

import uuid
from typing import Any

from reconciler.emulator import stamps
from reconciler.emulator.errors import invalid, numbered
from reconciler.emulator.resources import child
from reconciler.emulator.stamps import CONNECTORS, Call, Service
from reconciler.emulator.store import Record
from reconciler.emulator.writes import create, require_object


def start(service: Service, call: Call, body: Any) -> Record:
    """Run a flow on demand: only one scheduled ``once`` may be. Here it has finished when the call returns."""
    flow_id = str(require_object(body).get("flowId", ""))
    flow = service.store.find("flows", flow_id, call.scope)
    if flow is None:
        raise numbered("1439-400", f"The requested flows resource {flow_id} is not found.")
    if child(flow.body, "scheduleParams", "frequency") != "once":
        raise invalid("Only a flow scheduled once can be run on demand.")
    run = create(service, call, "runs", body)
    _write_delta_column(flow, child(body, "params", "deltaColumn"))
    run.body["flowSpec"] = flow.body.get("flowSpec")
    finish(service, flow, run)
    return run


def scheduled(service: Service, flow: Record) -> Record:
    """Return a run that the service's own scheduler has just started."""
    body = {"flowId": flow.id, "flowSpec": flow.body.get("flowSpec")}
    record = Record("runs", flow.scope, str(uuid.uuid4()), body)
    stamps.created(service, Call(CONNECTORS, flow.scope), record)
    service.store.insert(record)
    return record


def retrigger(service: Service, call: Call, run: Record, op: str) -> None:
    """Run once more. Which runs may be, is in no source: here every one of a flow that exists, done at once."""
    if op.lower() != "re_trigger":
        raise invalid(f"Unknown action '{op}'.")
    flow = service.store.find("flows", str(run.body.get("flowId")), call.scope)
    if flow is None:
        raise numbered("1439-400", f"The requested flows resource {run.body.get('flowId')} is not found.")
    finish(service, flow, run)


def finish(service: Service, flow: Record, run: Record) -> None:
    """End a run: the flow is rewritten by the service itself, so that its etag moves without anybody's doing."""
    now = service.now_ms()
    started = run.body["createdAt"]
    duration = {"startedAtUTC": started, "completedAtUTC": now}
    run.body["metrics"] = {"durationSummary": duration, "statusSummary": {"status": "success", "errors": []}}
    stamps.updated(service, CONNECTORS, run)
    service.store.save(run)
    flow.body["lastRunDetails"] = {"id": run.id, "state": "success", **duration}
    stamps.updated(service, CONNECTORS, flow)
    service.store.save(flow)


def _write_delta_column(flow: Record, column: Any) -> None:
    """An on-demand run may write its delta column into the flow's Copy transformation (FACTS 11)."""
    for transformation in flow.body.get("transformations") or ():
        if column is not None and child(transformation, "name") == "Copy":
            transformation["params"] = {**(child(transformation, "params") or {}), "deltaColumn": column}
