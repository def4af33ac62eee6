"""The embedded Flow Service on a port, and a sandbox target on it over real HTTP."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

from reconciler.emulator import server

COMMAND = [sys.executable, "-m", "reconciler"]


@contextmanager
def emulating(*arguments):
    """Serve in a process of its own, on a free port, until the block ends."""
    command = [*COMMAND, "emulate", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, re.search(r"http://127\.0\.0\.1:[1-9]\d*", process.stderr.readline())[0]
        finally:
            process.kill()


def sandbox_target(bench, url):
    bench.write(
        "target.json",
        {
            "apiVersion": "reconciler/v1",
            "kind": "Target",
            "metadata": {"name": "dev"},
            "spec": {"sandbox": "development"},
        },
    )
    bench.environ |= {
        "AEP_BASE_URL": url,
        "AEP_ACCESS_TOKEN": "a-token-for-development",
        "AEP_API_KEY": "a-key",
        "AEP_ORG_ID": "EXAMPLE@AdobeOrg",
    }


def test_a_sandbox_target_over_http(estate, call):
    """Plan, apply, plan through sockets; the emulator says where it is once it answers, and Ctrl-C ends it quietly."""
    home = ["--manifests", str(estate.manifests)]
    with emulating() as (process, url):
        sandbox_target(estate, url)
        environ = estate.environ
        plan = call(*home, "plan", "--format", "json", environ=environ)
        assert (plan.code, plan.json["summary"]["create"]) == (0, 1)
        applied = call(*home, "apply", "--yes", "--format", "json", environ=environ)
        assert (applied.code, applied.json["summary"]["applied"]) == (0, 1)
        assert call(*home, "plan", "--detailed-exitcode", environ=environ).code == 0
        assert call(*home, "drift", environ=environ).code == 0
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def test_data_outlives_the_process(estate, call, tmp_path):
    """With --data objects are kept in a file."""
    home = ["--manifests", str(estate.manifests)]
    data = tmp_path / "objects.sqlite"
    with emulating("--data", str(data)) as (_, url):
        sandbox_target(estate, url)
        assert call(*home, "apply", "--yes", environ=estate.environ).code == 0
    with emulating("--data", str(data)) as (_, url):
        again = estate.environ | {"AEP_BASE_URL": url}
        assert call(*home, "plan", "--detailed-exitcode", environ=again).code == 0


def test_it_says_where_it_is(call, monkeypatch):
    """The port that it got, not the 0 that was asked for; and it keeps no record of requests, for it may run long."""
    served = []

    def serve(app, port, ready):
        served.append((app, port))
        ready("http://127.0.0.1:4711")

    monkeypatch.setattr(server, "serve", serve)
    ran = call("emulate", "--port", "0")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "Flow Service (embedded) on http://127.0.0.1:4711, data in memory; Ctrl-C ends it\n"
    [(app, port)] = served
    assert (port, app.settings.record) == (0, False)
    app.store.close()


def test_a_port_that_is_taken(call):
    """One message, which names it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = call("emulate", "--port", str(port))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error: --port: 127.0.0.1:{port} cannot be had: {os.strerror(errno.EADDRINUSE)}; name another\n"


@pytest.mark.parametrize("content", [None, "certainly no database"])
def test_a_file_that_cannot_be_used(call, tmp_path, content):
    """One message, which names it."""
    path = tmp_path / "missing" / "x.sqlite"
    if content:
        path = tmp_path / "x.sqlite"
        path.write_text(content)
    ran = call("emulate", "--port", "0", "--data", str(path))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: --data: objects cannot be kept in {path}: ")
