"""The whole tool on a bench: manifests in a folder, an emulator in memory, a clock that does not wait."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from reconciler.cli.main import run
from reconciler.cli.surroundings import Surroundings
from reconciler.emulator import create_app
from reconciler.emulator.inprocess import WsgiAdapter
from reconciler.emulator.settings import Settings
from reconciler.engine.ports import Clock
from reconciler.model.secrets import Redactor
from support.schemas import check_output

NOW = 1_800_000_000.0
"""Where the bench's clock starts: January 2027, in epoch seconds."""

TARGET = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"}, "spec": {"emulator": True}}
ORGANISATION, SANDBOX, CLIENT = "EMULATOR@AdobeOrg", "bench", "flow-reconciler"


@dataclass(slots=True)
class SteppingClock:
    """Time that passes only when somebody sleeps, and a little with every look, so that no two writes share it."""

    time: float = NOW
    slept: float = 0.0

    def now(self) -> float:
        """Look at the clock."""
        self.time += 0.001
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.time += seconds
        self.slept += seconds


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The output as JSON."""
        return json.loads(self.out)


@dataclass(slots=True)
class Bench:
    """One target called ``bench``, on an emulator whose settings, faults, store and requests are at hand as ``app``."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    environ: dict[str, str] = field(default_factory=dict)
    clock: SteppingClock = field(default_factory=SteppingClock)
    app: Any = None
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.app = create_app(":memory:", Settings(clock=self.clock.now))
        self.http.mount("http://", WsgiAdapter(self.app))
        self.manifests.mkdir()
        self.write("target.json", TARGET)

    def close(self) -> None:
        """Let everything go."""
        self.http.close()
        self.app.store.close()

    @property
    def manifests(self) -> Path:
        """The folder of the manifests."""
        return self.folder / "manifests"

    @property
    def ledger(self) -> Path:
        """The folder of the target's ledger."""
        return self.folder / ".reconciler" / "bench"

    def setting(self, **changes: Any) -> None:
        """Change how the emulator behaves, from the next call on."""
        self.app.settings = replace(self.app.settings, **changes)

    def write(self, name: str, *documents: Mapping[str, Any] | str) -> Path:
        """Write a manifest file: text as it is, documents as JSON."""
        path = self.manifests / name
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [document if isinstance(document, str) else json.dumps(document) for document in documents]
        path.write_text("\n---\n".join(texts), encoding="utf-8")
        return path

    def declare(self, kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> Path:
        """Write one resource's manifest; keywords go into its metadata."""
        document = {"apiVersion": "reconciler/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
        return self.write(f"{kind}-{name}.json", document)

    def run(self, *arguments: str) -> Ran:
        """Run a command."""
        self.capsys.readouterr()
        self.catch_up()
        clock = Clock(self.clock.now, self.clock.sleep, lambda: 0.5)
        around = Surroundings(Redactor(), self.environ, clock, self.http)
        code = run(["--manifests", str(self.manifests), *arguments], around)
        self.catch_up()
        captured = self.capsys.readouterr()
        check_output(arguments, captured.out)
        return Ran(code, captured.out, captured.err)

    def catch_up(self) -> None:
        """Let as much time pass as any read may lag behind a write: between two commands more does."""
        self.clock.time += max(self.app.settings.list_lag, self.app.settings.get_lag)

    def plan(self, *arguments: str) -> dict[str, Any]:
        """Plan, and return the plan's JSON."""
        ran = self.run("plan", "--format", "json", *arguments)
        assert ran.code == 0, ran.err
        return ran.json

    def apply(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Apply, and return the report's JSON."""
        ran = self.run("apply", "--yes", "--format", "json", *arguments)
        assert ran.code == code, (ran.code, ran.err, ran.out)
        return ran.json

    def drift(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Look for drift, and return the report's JSON."""
        ran = self.run("drift", "--format", "json", *arguments)
        assert ran.code == code, (ran.code, ran.err, ran.out)
        return ran.json

    def entry(self, kind: str, name: str) -> dict[str, Any]:
        """Return a resource's ledger entry."""
        return json.loads((self.ledger / "resources" / kind / f"{name}.json").read_text(encoding="utf-8"))

    def writes(self) -> list[Any]:
        """Return the requests so far that were not reads."""
        return [request for request in self.app.requests if request.method != "GET"]

    def reads(self) -> list[Any]:
        """Return the requests so far that were reads."""
        return [request for request in self.app.requests if request.method == "GET"]

    def seed(self, collection: str, document: Mapping[str, Any]) -> None:
        """Put an object into the service as it is, id, etag and all."""
        self.app.store.seed(collection, dict(document), sandbox=SANDBOX, organisation=ORGANISATION)

    def edit(self, collection: str, id: str, mutate: Callable[[dict[str, Any]], None]) -> None:
        """Let a person change an object in the UI."""
        self.app.edit(collection, id, mutate)

    def live(self, collection: str, id: str) -> dict[str, Any]:
        """Return an object as the service answers it, once all is read that was written."""
        self.catch_up()
        answer = self.http.get(f"http://localhost/data/foundation/flowservice/{collection}/{id}", headers=HEADERS)
        return answer.json()["items"][0]


HEADERS = {
    "Authorization": "Bearer a-person",
    "x-api-key": "exc_app",
    "x-gw-ims-org-id": ORGANISATION,
    "x-sandbox-name": SANDBOX,
}
