"""A ledger in a folder of its own, and values to put into it."""

from dataclasses import dataclass

import pytest
from support.clones import Forge

from reconciler.diff.document import MISSING
from reconciler.ledger.folder import FolderStore
from reconciler.ledger.target import TargetLedger
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, Entry, Intent
from reconciler.model.resources import OnRemove, ResourceName
from reconciler.model.secrets import Fingerprint, Keys, Secret

CRM = ResourceName(Kind.CONNECTION, "crm")
DAILY = ResourceName(Kind.FLOW, "daily")
START = 1_700_000_000.0


@dataclass
class Time:
    now: float = START


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / ".reconciler" / "prod"


@pytest.fixture
def key():
    return Keys.derive(Secret("root"))


@pytest.fixture
def other_key():
    return Keys.derive(Secret("another root"))


@pytest.fixture
def opened(folder, time):
    def opened(keys=None, organisation="org", sandbox="prod", redactor=None):
        return TargetLedger(FolderStore(folder), keys, organisation, sandbox, lambda: time.now, redactor)

    return opened


@pytest.fixture
def ledger(opened):
    return opened()


@pytest.fixture
def entry():
    def entry(resource=CRM, **fields):
        given = {
            "resource": resource,
            "id": f"id-of-{resource.name}",
            "organisation": "org",
            "sandbox": "prod",
            "applied": {"name": "Größe", "auth": {"params": {"n": 1, "f": 1.5, "none": None, "list": [True, "1"]}}},
            "secrets": {"/auth/params/password": Fingerprint("k", "h"), "/auth/params/token": Fingerprint(None, None)},
            "observed": {"/description": MISSING, "/n": "1", "/none": None, "/o": {"absent": True}},
            "protect": True,
            "on_remove": OnRemove.FORGET,
        }
        return Entry(**{**given, **fields})

    return entry


@pytest.fixture
def begun():
    def begun(run="run-1", started=START, lasts=600.0, **fields):
        intents = (
            Intent(CRM, "create", None, "digest", ("x", "y")),
            Intent(DAILY, "update", "id-of-daily", None),
        )
        given = {"actor": "ci", "plan": "digest", "commit": "abc", "intents": intents}
        return Begin(run=run, started=started, expires=started + lasts, **{**given, **fields})

    return begun


@pytest.fixture
def forge(tmp_path, time):
    """Real repositories, on the same clock."""
    return Forge(tmp_path / "a forge", now=lambda: time.now)
