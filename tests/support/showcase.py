"""An estate of a shop that does not exist, and a day on which much happens to it: what a report can show.

All of it goes through the real planning; only the documents are made up.
"""

from __future__ import annotations

from typing import Any

from reconciler.diff.document import replace_opaque
from reconciler.engine.credentials import context as secret_context
from reconciler.engine.drift import drift
from reconciler.engine.plan import Planned, make_plan
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.steps import Context
from reconciler.model.graph import Graph, graph_of
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry, LedgerState
from reconciler.model.live import Live
from reconciler.model.resources import Desired, Estate, Location, Notice, Reference, ResourceName, Target
from reconciler.model.results import DriftReport
from reconciler.model.secrets import Keys, Secret, SecretOrigin, SecretSlot

NOW = 1_795_876_200.0
"""Saturday, 2026-11-28 14:30 UTC."""

DAY = 86_400
WHERE = ("7C2A1F0E5E3B9D0A@AdobeOrg", "prod-eu")
SALESFORCE, BIGQUERY, S3 = (
    "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5",
    "3c9b37f8-13a6-43d8-bad3-b863b941fedd",
    "ecadc60c-7455-4d87-84dc-2a0e293d997b",
)
LAKE, TABLES, FILES = (
    "c604ff05-7f1a-43c0-8e18-33bf874cb11c",
    "14518937-270c-4525-bdec-c2ba7cce3860",
    "9753525b-82c7-4dce-8a9b-5ccfce2b9876",
)


def named(text: str) -> ResourceName:
    return ResourceName.parse(text)


def ref(text: str) -> Reference:
    return Reference(named(text))


def id_of(name: ResourceName) -> str:
    """Return an id that looks like one of the service's, the same for a name every time."""
    digits = f"{abs(int.from_bytes(str(name).encode(), 'big')) * 0x9E3779B97F4A7C15 % (1 << 128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def connection(title: str, spec: str, params: dict[str, Any], **fields: Any) -> dict[str, Any]:
    auth = {"specName": "Basic Authentication", "params": params}
    return {"name": title, "connectionSpec": {"id": spec, "version": "1.0"}, "auth": auth, **fields}


def source(title: str, base: str, spec: str, params: dict[str, Any]) -> dict[str, Any]:
    place = {"baseConnectionId": ref(f"Connection/{base}"), "connectionSpec": {"id": spec, "version": "1.0"}}
    return {"name": title, **place, "data": {"format": "tabular"}, "params": params}


def target(title: str, dataset: str) -> dict[str, Any]:
    schema = {"id": f"https://ns.adobe.com/shop/schemas/{dataset}", "version": "application/vnd.adobe.xed-full+json"}
    return {
        "name": title,
        "connectionSpec": {"id": LAKE, "version": "1.0"},
        "data": {"schema": schema},
        "params": {"dataSetId": f"6019e0e7c5dcf718db5e{dataset[:4].encode().hex()[:4]}"},
    }


def flow(title: str, ends: tuple[str, str], spec: str, schedule: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "name": title,
        "flowSpec": {"id": spec, "version": "1.0"},
        "sourceConnectionIds": [ref(f"SourceConnection/{ends[0]}")],
        "targetConnectionIds": [ref(f"TargetConnection/{ends[1]}")],
        "transformations": [{"name": "Mapping", "params": {"mappingId": "0b090130b58b4819", "mappingVersion": 0}}],
        "scheduleParams": schedule,
        **fields,
    }


def every(frequency: str, interval: int, start: int, **more: Any) -> dict[str, Any]:
    return {"startTime": start, "frequency": frequency, "interval": interval, **more}


def copy(column: str) -> dict[str, Any]:
    delta = {"name": column, "dateFormat": "YYYY-MM-DD", "timezone": "UTC"}
    return {"name": "Copy", "params": {"deltaColumn": delta}}


KEYS = Keys.derive(Secret("a key of the showcase"))
PASSWORD = SecretSlot("/auth/params/password", SecretOrigin.ENV, "FLOW_SECRET_SALESFORCE_PASSWORD")
PAST, SOON = int(NOW) - 400 * DAY - 30_600, int(NOW) + DAY + 55_800

GIT: dict[str, dict[str, Any]] = {
    "Connection/salesforce-crm": connection(
        "Salesforce CRM",
        SALESFORCE,
        {"username": "aep-reader@shop.example", "password": PASSWORD, "environmentUrl": "shop.my.salesforce.com"},
    ),
    "Connection/bigquery": connection(
        "BigQuery, reporting project", BIGQUERY, {"project": "shop-reporting", "clientId": "107463919543"},
        description="Reporting project; owned by the data team, ask in #data-platform before changing it",
    ),
    "Connection/s3-landing": connection("S3 landing zone", S3, {"s3AccessKey": "AKIAEXAMPLE", "region": "eu-west-1"}),
    "SourceConnection/crm-accounts": source("Accounts", "salesforce-crm", SALESFORCE, {"tableName": "Accounts"}),
    "SourceConnection/crm-cases": source("Cases", "salesforce-crm", SALESFORCE, {"tableName": "Cases"}),
    "SourceConnection/orders": source("Orders", "bigquery", BIGQUERY, {"tableName": "shop.orders"}),
    "SourceConnection/returns": source("Returns", "bigquery", BIGQUERY, {"tableName": "shop.returns"}),
    "SourceConnection/web-events": source("Web events", "s3-landing", S3, {"path": "/events/web/", "type": "folder"}),
    "TargetConnection/profile-accounts": target("Accounts to Profile", "accounts"),
    "TargetConnection/cases-lake": target("Cases to the lake", "cases"),
    "TargetConnection/orders-lake": target("Orders to the lake", "orders"),
    "TargetConnection/returns-lake": target("Returns to the lake", "returns"),
    "TargetConnection/events-lake": target("Events to the lake", "events"),
    "Flow/accounts-nightly": flow(
        "Accounts, every night", ("crm-accounts", "profile-accounts"), TABLES, every("day", 1, PAST + 3_600)
    ),
    "Flow/cases-hourly": flow("Cases", ("crm-cases", "cases-lake"), TABLES, every("hour", 8, PAST)),
    "Flow/orders-daily": flow(
        "Orders, every day", ("orders", "orders-lake"), TABLES, every("hour", 12, PAST),
        transformations=[
            copy("updated_at"),
            {"name": "Mapping", "params": {"mappingId": "0b090130b58b4819", "mappingVersion": 3}},
        ],
    ),
    "Flow/returns-weekly": flow("Returns", ("returns", "returns-lake"), TABLES, every("week", 1, SOON, backfill=True)),
    "Flow/web-events": flow(
        "Web events", ("web-events", "events-lake"), FILES, every("minute", 60, PAST), state="enabled"
    ),
}  # fmt: skip

NEW = ("SourceConnection/returns", "TargetConnection/returns-lake", "Flow/returns-weekly")
"""What is in git and not in the service yet."""

LEFT: dict[str, dict[str, Any]] = {
    "Flow/accounts-nightly": {"scheduleParams": every("day", 1, PAST)},
    "Flow/orders-daily": {
        "scheduleParams": every("day", 1, PAST),
        "transformations": [
            copy("created_at"),
            {"name": "Mapping", "params": {"mappingId": "0b090130b58b4819", "mappingVersion": 2}},
        ],
    },
}  # fmt: skip
"""Where the last apply has left something else than git says now."""

HANDS: dict[str, dict[str, Any]] = {
    "Connection/bigquery": {"description": "Reporting project; owned by the data team, TEST - ask Ben"},
    "Flow/cases-hourly": {"scheduleParams": every("hour", 2, PAST)},
    "Flow/web-events": {"state": "disabled"},
}
"""What somebody has changed by hand since."""


def estate() -> Estate:
    """Return what git wants."""
    resources = tuple(
        Desired(named(text), spec, source=Location(f"manifests/{text.partition('/')[2]}.yaml", 1, 1))
        for text, spec in GIT.items()
    )
    plain = "Connection/s3-landing has a password as plain text at /auth/params/s3AccessKey: use valueFrom"
    notice = Notice(plain, Location("manifests/s3-landing.yaml", 12, 7))
    return Estate(Target("prod", "prod-eu"), resources, (notice,))


def graph() -> Graph:
    """Return who needs whom in it."""
    return graph_of(estate().resources)


def look() -> tuple[Planned, LedgerState, Snapshot]:
    """Plan the day."""
    ids = {named(text): id_of(named(text)) for text in GIT}
    objects: dict[Kind, dict[str, Live]] = {kind: {} for kind in Kind}
    entries: dict[ResourceName, Entry] = {}
    for text, spec in GIT.items():
        name = named(text)
        if text not in NEW:
            resolved = replace_opaque(
                spec, lambda leaf: ids.get(leaf.resource) if isinstance(leaf, Reference) else None
            )
            left = {key: value for key, value in {**resolved, **LEFT.get(text, {})}.items() if key != "state"}
            entries[name] = _entry(name, left | ({"state": spec["state"]} if "state" in spec else {}))
            objects[name.kind][ids[name]] = _live(name, {"state": "enabled", **left, **HANDS.get(text, {})})
    old = named("Flow/campaigns-2024")
    entries[old] = Entry(old, id_of(old), *WHERE, {"name": "Campaigns 2024"})
    objects[Kind.FLOW][id_of(old)] = _live(old, {"name": "Campaigns 2024"})
    made, ledger = estate(), LedgerState(entries)
    seen = Snapshot(objects, frozenset(Kind))
    context = Context(*WHERE, NOW, lambda _: Secret("rotated"), keys=KEYS, commit="51a63ad2f0c94be1d7a6")
    return make_plan(made, ledger, seen, context), ledger, seen


def planned() -> Planned:
    """Return the plan of the day."""
    return look()[0]


def drifted() -> DriftReport:
    """Return what was changed behind git's back that day."""
    return drift(*look())


def _entry(name: ResourceName, applied: dict[str, Any]) -> Entry:
    params = applied.get("auth", {}).get("params", {})
    secrets = {}
    if "password" in params:
        bound = secret_context(*WHERE, id_of(name), ("auth", "params", "password"))
        secrets = {"/auth/params/password": KEYS.fingerprint(bound, Secret("as it was"))}
        kept = {key: value for key, value in params.items() if key != "password"}
        applied = {**applied, "auth": {**applied["auth"], "params": kept}}
    return Entry(name, id_of(name), *WHERE, applied, secrets=secrets)


def _live(name: ResourceName, document: dict[str, Any]) -> Live:
    moved = str(name) in HANDS
    at = int(NOW) - (3 if moved else 400) * 3_600 - len(str(name)) * 61
    etag = f'"{id_of(name)[:8]}-0000-0d00-0000-{at:08x}0000"'
    by = "ben.okafor@shop.example" if moved else "gitops@techacct.adobe.com"
    own = {"id": id_of(name), "etag": etag, "version": etag, "updatedAt": at * 1_000, "updatedBy": by}
    return Live(name.kind, id_of(name), {**own, "updatedClient": "exc_app" if moved else "gitops", **document})
