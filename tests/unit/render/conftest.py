"""Small plans and reports, made by hand, that several tests look at."""

from __future__ import annotations

import io
import sys

import pytest

from reconciler.diff.document import MISSING
from reconciler.diff.outcomes import Cause
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action, Change, FieldChange, Orphan, Plan, Request
from reconciler.model.resources import Location, Notice, Reference, ResourceName
from reconciler.model.results import ApplyReport, DriftItem, DriftReport, DriftStatus, Result, Status
from reconciler.model.secrets import Secret, SecretOrigin, SecretSlot

ID = "139f6a5f-a78b-4744-9f6a-5fa78bd74431"
FLOW_ID = "ce20ec0c-a8c5-4d4c-a0ec-0ca8c5dd4c4e"
CRM = ResourceName(Kind.CONNECTION, "salesforce-crm")
ACCOUNTS = ResourceName(Kind.SOURCE_CONNECTION, "accounts")
NIGHTLY = ResourceName(Kind.FLOW, "nightly")
PASSWORD = SecretSlot("/auth/params/password", SecretOrigin.LITERAL, "literal", Secret("hunter2-hunter2"))
STAND_IN = {"$secret": "/auth/params/password"}

UPDATE = Change(
    CRM,
    ID,
    Action.UPDATE,
    frozenset({Cause.DRIFT, Cause.GIT}),
    (
        FieldChange("/name", "Salesforce", "Salesforce CRM"),
        FieldChange("/description", "by hand", MISSING),
        FieldChange("/auth/params/environmentUrl", MISSING, "https://acme.my.salesforce.com"),
        FieldChange("/auth/params/password", STAND_IN, PASSWORD, sensitive=True),
    ),
    (
        Request(
            "PATCH",
            f"/connections/{ID}",
            [
                {"op": "replace", "path": "/name", "value": "Salesforce CRM"},
                {"op": "remove", "path": "/description", "value": "by hand"},
                {"op": "replace", "path": "/auth/params", "value": {"username": "crm", "password": PASSWORD}},
            ],
            '"2f00f2d9-0000-0200-0000-5f3a8f1b0000"',
        ),
    ),
    digest="d1",
    notes=("the password was rotated",),
)
CREATE = Change(
    ACCOUNTS,
    None,
    Action.CREATE,
    frozenset({Cause.GIT}),
    (
        FieldChange("/name", MISSING, "Accounts"),
        FieldChange("/baseConnectionId", MISSING, Reference(CRM), unknown=True),
    ),
    (Request("POST", "/sourceConnections", {"name": "Accounts", "baseConnectionId": Reference(CRM)}),),
    digest="d2",
)
BLOCKED = Change(
    NIGHTLY,
    FLOW_ID,
    Action.BLOCKED,
    frozenset({Cause.GIT}),
    (FieldChange("/scheduleParams/startTime", 1597784298, 1597784299),),
    blocked_by="startTime has passed and cannot change; set it back to 1597784298, or metadata.onImmutable: replace",
)
ADOPTED = Change(ResourceName(Kind.TARGET_CONNECTION, "lake"), FLOW_ID, Action.ADOPT, frozenset({Cause.ADOPT}))


def plan(*changes, orphans=(), notices=(), unchanged=5):
    return Plan(
        "prod",
        "ACME@AdobeOrg",
        "prod-eu",
        "1a2b3c4d5e6f7a8b",
        changes,
        unchanged,
        tuple(orphans),
        "feed",
        tuple(notices),
    )


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


HOSTILE = (
    "``` ````` </details> @mallory | <img src=x> &amp; \x1b[31m \u202e ::error::x "
    "##[error]y [bold]z[/bold] :smile: \n::stop::"
)


def hostile_change():
    return Change(
        CRM,
        HOSTILE,
        Action.UPDATE,
        frozenset({Cause.GIT}),
        (FieldChange(f"/{HOSTILE}", HOSTILE, {"inner": HOSTILE}),),
        (Request("PATCH", f"/connections/{HOSTILE}", [{"value": HOSTILE}], HOSTILE),),
        blocked_by=HOSTILE,
        notes=(HOSTILE,),
    )


@pytest.fixture
def samples():
    return sys.modules[__name__]


FULL = plan(
    UPDATE,
    BLOCKED,
    CREATE,
    ADOPTED,
    orphans=[Orphan(ResourceName(Kind.FLOW, "old"), FLOW_ID), Orphan(CRM, ID, protect=True)],
    notices=[Notice("a password stands in the manifest", Location("crm.yaml", 9, 7))],
)
APPLY = ApplyReport(
    "prod",
    "run-1",
    (
        Result(CRM, Action.UPDATE, Status.APPLIED, ID, 3),
        Result(NIGHTLY, Action.UPDATE, Status.CONFLICT, FLOW_ID, 1, "/scheduleParams/interval is 30, the plan saw 15"),
        Result(ACCOUNTS, Action.CREATE, Status.SKIPPED, error="needs Connection/salesforce-crm"),
    ),
    5,
)
DRIFT = DriftReport(
    "prod",
    (
        DriftItem(
            "Flow/nightly",
            FLOW_ID,
            DriftStatus.DRIFTED,
            (FieldChange("/scheduleParams/interval", 15, 30),),
            "mallory@acme.com",
            "exc_app",
            1764025200000,
        ),
        DriftItem("Connection/salesforce-crm", ID, DriftStatus.IN_SYNC),
        DriftItem("SourceConnection/accounts", None, DriftStatus.MISSING, detail="the service answers 404"),
    ),
)
