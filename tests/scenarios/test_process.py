"""The program as it is installed: a process with pipes, a terminal, signals, and another process beside it."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.emulator import EmulatorApp, create_app
from reconciler.emulator.server import running

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
PROGRAM = Path(sys.executable).with_name("reconciler")
SECRETS = {
    "FLOW_SECRET_SALESFORCE_PASSWORD": "first-password",
    "FLOW_SECRET_SALESFORCE_TOKEN": "first-token",
    "FLOW_SECRET_BIGQUERY_CLIENT_SECRET": "first-client-secret",
    "FLOW_SECRET_BIGQUERY_REFRESH_TOKEN": "first-refresh-token",
    "RECONCILER_KEY": "a-key-of-more-than-thirty-two-characters",
}
PATIENCE = 30


@dataclass
class Place:
    """A copy of the project's manifests, and another folder that the program is started in."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        """Start the program, its output in pipes."""
        command = [str(PROGRAM), "--manifests", str(self.folder / "manifests"), *arguments]
        environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **SECRETS, **self.environ}
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        process = subprocess.Popen(command, cwd=self.folder / "elsewhere", env=environ, text=True, **streams)
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run it to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def ledger(self, target: str) -> Path:
        return self.folder / ".reconciler" / target


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    shutil.copytree(MANIFESTS, tmp_path / "manifests")
    (tmp_path / "elsewhere").mkdir()
    made = Place(tmp_path)
    yield made
    for process in made.started:
        with process:  # closes its pipes
            process.kill()


@pytest.fixture
def service(place: Place) -> Iterator[EmulatorApp]:
    """A Flow Service on a port, which the sandbox targets of the place are told of."""
    app = create_app()
    with running(app) as url:
        place.environ |= {
            "AEP_BASE_URL": url,
            "AEP_ACCESS_TOKEN": "a-token",
            "AEP_API_KEY": "a-key",
            "AEP_ORG_ID": "EXAMPLE@AdobeOrg",
        }
        yield app
    app.store.close()


def until(condition: Callable[[], object]) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_plan_apply_plan_in_pipes(place: Place) -> None:
    """From another folder, with the ledger beside the manifests; no byte of colour or progress in a pipe."""
    texts = [place.run("plan"), place.run("apply", "--yes"), place.run("plan", "--format", "json")]
    assert [(code, err) for code, _, err in texts] == [(0, "")] * 3
    assert "\x1b" not in "".join(out for _, out, _ in texts)
    assert "Connection/salesforce-crm" in texts[0][1]
    assert json.loads(texts[2][1])["summary"]["unchanged"] == 7
    assert place.ledger("local").is_dir()
    assert list((place.folder / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("colour", ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"])
def test_a_pipe_has_no_colour(place: Place, colour: str) -> None:
    """Whatever the environment wishes: what reads a pipe gets the same bytes everywhere."""
    place.environ |= {colour: "1", "TERM": "xterm-256color"}
    code, out, err = place.run("plan")
    assert (code, err) == (0, "")
    assert "\x1b" not in out


def test_the_module_is_the_program(place: Place) -> None:
    """``python -m reconciler`` does the same, and calls itself by the same name."""
    ran = subprocess.run(
        [sys.executable, "-m", "reconciler", "--manifests", str(place.folder / "manifests"), "validate"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == place.run("validate")
    usage = subprocess.run([sys.executable, "-m", "reconciler", "x"], capture_output=True, text=True, check=False)
    assert usage.returncode == 1
    assert usage.stderr.startswith("Usage: reconciler ")


def test_a_reader_that_has_heard_enough(place: Place) -> None:
    """``plan | head -1`` ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    process = place.start("plan", stdout=writing)
    os.close(writing)
    assert process.communicate(timeout=PATIENCE)[1] == ""
    assert process.returncode == 1


@pytest.mark.assumes(list_lag=0.0)
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_while_applying(place: Place, service: EmulatorApp, told: signal.Signals) -> None:
    """What is under way is finished and remembered, nothing more is begun, and the ledger is let go."""
    service.faults.slow(1.5, method="POST", count=99)
    process = place.start("--target", "dev", "apply", "--yes", "--format", "json", "--concurrency", "1")
    until(lambda: any(request.method == "POST" for request in service.requests))
    process.send_signal(told)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "")
    summary = json.loads(out)["summary"]
    assert summary["applied"] == 1
    assert summary["skipped"] > 0
    assert sum(request.method == "POST" for request in service.requests) == 1
    ledger = place.ledger("dev")
    assert not (ledger / "begin.json").exists()
    assert len(list((ledger / "history").iterdir())) == 1
    assert len(list((ledger / "resources").rglob("*.json"))) == 1
    service.faults.clear()
    assert place.run("--target", "dev", "apply", "--yes")[0] == 0
    assert place.run("--target", "dev", "plan", "--detailed-exitcode")[0] == 0


def test_ctrl_c_while_reading(place: Place, service: EmulatorApp) -> None:
    """Nothing was begun: 130, and no ledger that somebody would have to wait for."""
    service.faults.slow(1.0, method="GET", count=99)
    process = place.start("--target", "dev", "apply", "--yes")
    until(lambda: service.requests)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (130, "", "interrupted\n")
    assert not (place.ledger("dev") / "begin.json").exists()


def test_two_applies_at_once(place: Place, service: EmulatorApp) -> None:
    """One begins; the other is told who holds the ledger, and sends nothing."""
    over = threading.Event()
    service.settings.sleep = over.wait
    service.faults.slow(PATIENCE, method="POST", count=1)
    place.environ["GITHUB_ACTOR"] = "the-first"
    first = place.start("--target", "dev", "apply", "--yes")
    until((place.ledger("dev") / "begin.json").exists)
    place.environ["GITHUB_ACTOR"] = "the-second"
    code, out, err = place.run("--target", "dev", "apply", "--yes")
    over.set()
    assert (code, out) == (1, "")
    assert err.startswith("error: the ledger is held by run ")
    assert "the-first" in err
    assert first.communicate(timeout=PATIENCE)[1] == ""
    assert first.returncode == 0
    assert len(list((place.ledger("dev") / "history").iterdir())) == 1
    assert sum(request.method == "POST" for request in service.requests) == 6


class Terminal:
    """A terminal with a person at it, who reads and types."""

    def __init__(self, place: Place, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        place.environ["TERM"] = "xterm-256color"
        self.process = place.start(*arguments, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.shown = ""

    def read(self, seconds: float) -> bytes:
        """Return what is shown within this time, at least once something is; empty when the program has gone."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self._ours, 65536)
        except OSError:  # Linux: the other end was closed
            return b""

    def wait_for(self, text: str) -> None:
        def shown() -> bool:
            self.shown += self.read(0.1).decode()
            return text in self.shown

        until(shown)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def rest(self) -> str:
        """Return what is shown until the program ends."""
        rest = b""
        while piece := self.read(PATIENCE):
            rest += piece
        os.close(self._ours)
        self.process.wait(PATIENCE)
        return rest.decode()


def test_a_person_agrees(place: Place, service: EmulatorApp) -> None:
    """The plan stands there in colour, the question below it, and no bar draws over it while the person thinks."""
    service.faults.slow(0.3, method="GET", count=1)
    terminal = Terminal(place, "--target", "dev", "apply")
    terminal.wait_for("Apply this to dev? [y/N] ")
    assert "\x1b[" in terminal.shown
    assert "Connection/bigquery" in terminal.shown
    assert terminal.read(0.4) == b""
    terminal.type("y\n")
    rest = terminal.rest()
    assert terminal.process.returncode == 0
    assert "applied" in rest
    assert sum(request.method == "POST" for request in service.requests) == 6


def test_a_person_presses_ctrl_c(place: Place, service: EmulatorApp) -> None:
    """At the question nothing was sent yet: 130, without a traceback."""
    terminal = Terminal(place, "--target", "dev", "apply")
    terminal.wait_for("Apply this to dev? [y/N] ")
    terminal.process.send_signal(signal.SIGINT)
    assert "Traceback" not in terminal.rest()
    assert terminal.process.returncode == 130
    assert {request.method for request in service.requests} == {"GET"}
