"""A service and a ledger on disk, which runs of the tool share and survive."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.bench import NOW, ORGANISATION
from support.bodies import BATCH
from support.chain import CONNECTION, FLOW, SOURCE, TARGET

from reconciler.emulator import EmulatorApp, Settings, create_app

SANDBOX = "bench"
REST_FLOWS = "6499120c-0b15-42dc-936e-847ea3c24d72"
SPEC = {"name": "mailing", "providerId": BATCH, "version": "1.0", "type": "generic-rest-extract"}
OWNED = ("id", "createdAt", "updatedAt", "etag", "version", "lastOperation", "inheritedAttributes", "runs")
COLLECTIONS = ("connections", "sourceConnections", "targetConnections", "flows")
ENVIRON = {
    "AEP_BASE_URL": "http://localhost",
    "AEP_ACCESS_TOKEN": "a-token",
    "AEP_API_KEY": "a-key",
    "AEP_ORG_ID": ORGANISATION,
    "RECONCILER_KEY": "a-key-of-more-than-thirty-two-characters",
    "FLOW_SECRET_DB": "first-password",
}


@dataclass(frozen=True, slots=True)
class World:
    """A folder with the manifests, the service's data, and the ledger: in git iff ``git``."""

    folder: Path
    git: bool

    @property
    def place(self) -> Path:
        """What runs see: everything that a run may change is below it."""
        return self.folder / "place"

    @property
    def manifests(self) -> Path:
        """The manifests, in a clone iff the ledger is in git."""
        return self.place / "clone" / "manifests"

    def make(self) -> None:
        """Make an empty world with one target."""
        self.manifests.mkdir(parents=True)
        self.write("Target", "bench", {"sandbox": SANDBOX, "default": True})
        if self.git:
            run_git(self.place, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
            run_git(self.place / "clone", "init", "--quiet", "--initial-branch=main")
            run_git(self.place / "clone", "remote", "add", "origin", str(self.place / "remote.git"))

    def write(self, kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> None:
        """Write a manifest."""
        document = {"apiVersion": "reconciler/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
        (self.manifests / f"{kind}-{name}.json").write_text(json.dumps(document), encoding="utf-8")

    def remove(self, *resources: str) -> None:
        """Take manifests out of git."""
        for resource in resources:
            (self.manifests / f"{resource.replace('/', '-')}.json").unlink()

    @contextmanager
    def service(self, clock: Any) -> Iterator[EmulatorApp]:
        """Open the service on its data."""
        app = create_app(self.place / "service.sqlite", Settings(clock=clock, record=False))
        try:
            yield app
        finally:
            app.store.close()

    def save(self, name: str) -> None:
        """Keep the world as it is now."""
        shutil.copytree(self.place, self.folder / name, symlinks=True)

    def restore(self, name: str) -> None:
        """Bring a kept world back, at the same place: a clone knows where its remote is."""
        shutil.rmtree(self.place)
        shutil.copytree(self.folder / name, self.place, symlinks=True)

    def objects(self) -> dict[str, list[str]]:
        """What is live, by collection, each object as text: names in place of ids, and nothing that the server owns."""
        with self.service(lambda: NOW) as app:
            found = {collection: app.store.documents(collection, SANDBOX) for collection in COLLECTIONS}
            found["flowSpecs"] = [app.store.get("flowSpecs", REST_FLOWS, SANDBOX) or {}]
            found["connectionSpecs"] = [
                spec for spec in app.store.documents("connectionSpecs", SANDBOX) if spec["name"] == SPEC["name"]
            ]
        names = {one["id"]: f"<{one['name']}>" for documents in found.values() for one in documents}
        return {collection: sorted(_told(one, names) for one in documents) for collection, documents in found.items()}


def _told(document: Mapping[str, Any], names: Mapping[str, str]) -> str:
    text = json.dumps({key: value for key, value in document.items() if key not in OWNED}, sort_keys=True)
    for id, name in names.items():
        text = text.replace(id, name)
    return text


def duplicates(objects: Mapping[str, list[str]]) -> list[str]:
    """Objects that are there twice."""
    return [text for documents in objects.values() for text, count in Counter(documents).items() if count > 1]


def run_git(folder: Path, *arguments: str) -> str:
    """Run git, whatever this machine's configuration says."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environ = clean | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environ, check=True, capture_output=True, text=True)
    return done.stdout


def first_estate(world: World) -> None:
    """The chain, and a small one beside it that will leave."""
    world.write("Connection", "warehouse", CONNECTION)
    world.write("SourceConnection", "orders", SOURCE)
    world.write("TargetConnection", "orders", TARGET)
    world.write("Flow", "orders", FLOW)
    world.write("Connection", "leaving", CONNECTION | {"name": "Leaving"})
    world.write(
        "SourceConnection",
        "leaving",
        SOURCE | {"name": "Leaving, read", "baseConnectionId": _ref("Connection/leaving")},
    )


def second_estate(world: World) -> None:
    """A bit of everything: creates, an update, a rotation (by the environment), an action, a PUT, a rename, deletes.

    A source connection is replaced, by one of the same name and spec.
    """
    world.remove("Connection/leaving", "SourceConnection/leaving", "Connection/warehouse")
    world.write("Connection", "store", CONNECTION, previousName="warehouse")
    other = {"baseConnectionId": _ref("Connection/store"), "params": {"tableName": "orders_v2"}}
    world.write("SourceConnection", "orders", SOURCE | other, onImmutable="replace")
    schedule = FLOW["scheduleParams"] | {"frequency": "week"}
    world.write("Flow", "orders", FLOW | {"scheduleParams": schedule, "state": "disabled"})
    world.write("ConnectionSpec", "mailing", SPEC)
    world.write("FlowSpec", "rest", {"sourceConnectionSpecIds": [_ref("ConnectionSpec/mailing")]}, id=REST_FLOWS)
    world.write("Connection", "crm", CONNECTION | {"name": "CRM"})
    world.write(
        "SourceConnection", "leads", SOURCE | {"name": "Leads, read", "baseConnectionId": _ref("Connection/crm")}
    )
    world.write("TargetConnection", "leads", TARGET | {"name": "Leads, stored"})
    ends = {
        "sourceConnectionIds": [_ref("SourceConnection/leads")],
        "targetConnectionIds": [_ref("TargetConnection/leads")],
    }
    world.write("Flow", "leads", FLOW | {"name": "Leads, daily", "state": "disabled", **ends})


def _ref(resource: str) -> dict[str, str]:
    return {"ref": resource}
