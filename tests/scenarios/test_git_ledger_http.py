"""The ledger on a git server that wants to know who one is: smart http on loopback, through git's own backend."""

from __future__ import annotations

import base64
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from support.bench import TARGET, Bench
from support.chain import apply_chain, declare_chain
from support.clones import ENVIRON, Forge, git

BACKEND = Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip())
TOKEN = "a-token-of-a-runner"  # what a runner is given for a job
REF = "refs/reconciler/bench"

pytestmark = pytest.mark.skipif(
    not (BACKEND / "git-http-backend").exists(), reason="this git has no git-http-backend to serve with"
)


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Server:
    """Serves a folder; ``wants`` is the header that it asks for, ``seen`` those that it got."""

    folder: Path
    wants: str = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    seen: list[str | None] = field(default_factory=list)
    url: str = ""

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        header = environ.get("HTTP_AUTHORIZATION")
        self.seen.append(header)
        if header != self.wants:
            start("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="git"')])
            return [b""]
        names = ("REQUEST_METHOD", "QUERY_STRING", "CONTENT_TYPE", "PATH_INFO", "HTTP_CONTENT_ENCODING")
        given = {name: environ.get(name, "") for name in names}
        stream, length = environ["wsgi.input"], environ.get("CONTENT_LENGTH") or "0"
        body = _chunks(stream) if "HTTP_TRANSFER_ENCODING" in environ else stream.read(int(length))
        given |= {"GIT_PROJECT_ROOT": str(self.folder), "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": "runner"}
        given |= {"GIT_PROTOCOL": environ.get("HTTP_GIT_PROTOCOL", ""), "CONTENT_LENGTH": str(len(body)), **ENVIRON}
        ran = subprocess.run(["git", "http-backend"], input=body, env=given, capture_output=True, check=True)
        head, _, content = ran.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        start(headers.pop("Status", "200 OK"), list(headers.items()))
        return [content]


def _chunks(stream: Any) -> bytes:
    body = b""
    while size := int(stream.readline().split(b";")[0], 16):
        body += stream.read(size)
        stream.readline()
    return body


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    forge = Forge(tmp_path / "forge")
    git("config", "http.receivepack", "true", cwd=forge.remote)
    app = Server(forge.folder)
    with make_server("127.0.0.1", 0, app, WSGIServer, _Silent) as httpd:  # type: ignore[arg-type] # WSGI's own types
        app.url = f"http://127.0.0.1:{httpd.server_port}"
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield app
        httpd.shutdown()


@pytest.fixture
def runner(bench: Bench, server: Server) -> Bench:
    """A shallow checkout of one branch that has kept no credential."""
    clone = server.folder / "runner"
    remote = (server.folder / "remote.git").as_uri()
    git("clone", "-q", "--depth=1", "--single-branch", remote, str(clone), cwd=server.folder)
    git("remote", "set-url", "origin", f"{server.url}/remote.git", cwd=clone)
    shutil.rmtree(clone / "manifests")
    bench.folder = clone
    bench.manifests.mkdir()
    bench.environ |= ENVIRON
    write_target(bench)
    return bench


def write_target(bench: Bench, **home: str) -> None:
    spec = {**TARGET["spec"], "ledger": {"ref": REF, **home}}  # type: ignore[dict-item] # a mapping
    bench.write("target.json", {**TARGET, "spec": spec})


def test_with_a_token(runner: Bench, server: Server) -> None:
    """It goes to the git process alone; the checkout is as it was."""
    runner.environ["RECONCILER_GIT_TOKEN"] = TOKEN
    config = (runner.folder / ".git" / "config").read_bytes()
    apply_chain(runner)
    assert git("for-each-ref", "--format=%(refname)", "refs/reconciler", cwd=server.folder / "remote.git") == REF
    assert set(server.seen) == {server.wants}, "and never asked without it"
    assert runner.plan()["changes"] == []
    assert (runner.folder / ".git" / "config").read_bytes() == config


def test_in_the_place_of_what_a_checkout_left(runner: Bench, server: Server) -> None:
    """Two headers would be refused."""
    runner.environ["RECONCILER_GIT_TOKEN"] = TOKEN
    git("config", f"http.{server.url}/.extraheader", "AUTHORIZATION: basic c3RhbGU=", cwd=runner.folder)
    apply_chain(runner)
    assert set(server.seen) == {server.wants}


def test_with_what_a_checkout_left(runner: Bench, server: Server) -> None:
    """Without a token of ours, the clone's own header does."""
    git("config", f"http.{server.url}/.extraheader", f"AUTHORIZATION: {server.wants}", cwd=runner.folder)
    apply_chain(runner)
    assert set(server.seen) == {server.wants}


@pytest.mark.parametrize("token", [None, "a-wrong-token"])
def test_without_the_right_token(runner: Bench, server: Server, token: str | None) -> None:
    """An error that names the remote and git's reason, asks nobody, and shows no token; nothing is sent."""
    if token:
        runner.environ["RECONCILER_GIT_TOKEN"] = token
    declare_chain(runner)
    ran = runner.run("apply", "--yes")
    assert ran.code == 1
    assert f"the ledger {REF} of origin ({server.url}/remote.git) cannot be read" in ran.err
    assert "a-wrong-token" not in ran.err
    assert "Traceback" not in ran.err
    assert runner.writes() == []


def test_a_manifest_cannot_have_the_token_sent_elsewhere(runner: Bench, server: Server) -> None:
    """Another host in a pull request gets none, and the reader is told why; unless whoever runs it trusts that host."""
    runner.environ["RECONCILER_GIT_TOKEN"] = TOKEN
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    write_target(runner, remote=f"{elsewhere}/remote.git")
    declare_chain(runner)
    ran = runner.run("plan")
    assert ran.code == 1
    assert "RECONCILER_GIT_TOKEN was not sent to localhost" in ran.err
    assert set(server.seen) == {None}
    runner.environ["RECONCILER_TRUSTED_HOSTS"] = "localhost"
    assert runner.run("plan").code == 0
    assert server.seen[-1] == server.wants
