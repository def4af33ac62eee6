"""Doctor over real sockets: what stands in the way is told by its kind, and the row names the variable to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.bench import Bench
from support.doctor import as_sandbox, failed, look
from support.network import Authority, Listener, World, emulating, http, listening, proxying, resolving

from reconciler.service import transport

HOST = "flow.corp.example"


@pytest.fixture
def world(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    """The service and IMS at one host, with a certificate of the company's own CA."""
    authority = Authority()
    service = Listener(emulating(as_sandbox(bench)), authority)
    made = World(bench, authority, {"*": service.port})
    url = f"https://{HOST}"
    bench.environ |= {"AEP_BASE_URL": url, "AEP_IMS_URL": url, "RECONCILER_TRUSTED_HOSTS": HOST}
    bench.environ["REQUESTS_CA_BUNDLE"] = str(authority.bundle(tmp_path))
    with listening(service), resolving(made, monkeypatch):
        yield made


def test_a_certificate_that_nobody_here_knows(world: World) -> None:
    """It is told from a host that is not there; with the CA's file all is well."""
    assert failed(look(world.bench, code=0, run=world.run)) == []
    del world.bench.environ["REQUESTS_CA_BUNDLE"]
    rows = look(world.bench, code=1, run=world.run)
    assert failed(rows) == ["IMS"]
    assert "certificate" in rows["IMS"]["found"]
    assert "REQUESTS_CA_BUNDLE" in rows["IMS"]["mend"]


def test_a_certificate_of_another_time(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It may have expired, or this machine's clock is wrong by more than a token's life: both are named."""
    authority = Authority(not_after=datetime.now(UTC) - timedelta(days=1))
    service = Listener(emulating(as_sandbox(bench)), authority)
    world = World(bench, authority, {"*": service.port})
    bench.environ |= {"AEP_IMS_URL": f"https://{HOST}", "RECONCILER_TRUSTED_HOSTS": HOST}
    bench.environ["REQUESTS_CA_BUNDLE"] = str(authority.bundle(tmp_path))
    with listening(service), resolving(world, monkeypatch):
        rows = look(bench, code=1, run=world.run)
    assert failed(rows) == ["IMS"]
    assert rows["IMS"]["found"].startswith("the certificate is not valid at this machine's time")
    assert "clock" in rows["IMS"]["mend"]


def test_a_proxy_that_wants_a_password(world: World) -> None:
    """407 is told by what the proxy answered; with the password the row names the proxy, and not who we are."""
    port = world.names["*"]
    proxy = Listener(proxying(port, login="bWU6WnEtcHJveHk="))
    world.names["proxy.example:3128"] = proxy.port
    world.bench.environ["HTTPS_PROXY"] = "http://proxy.example:3128"
    with listening(proxy):
        rows = look(world.bench, code=1, run=world.run)
        assert failed(rows) == ["IMS"]
        assert rows["IMS"]["found"].startswith("the proxy wants a password")
        world.bench.environ["HTTPS_PROXY"] = "http://me:Zq-proxy@proxy.example:3128"
        rows = look(world.bench, code=0, run=world.run)
    assert rows["IMS"]["found"].endswith("through the proxy proxy.example:3128")


def test_a_proxy_that_says_no(world: World) -> None:
    """Another status is no password, whatever number its host's name holds."""
    proxy = Listener(proxying(0, refuse=403))
    world.names["proxy407.example:3128"] = proxy.port
    world.bench.environ["HTTPS_PROXY"] = "http://proxy407.example:3128"
    with listening(proxy):
        rows = look(world.bench, code=1, run=world.run)
    assert failed(rows) == ["IMS"]
    assert rows["IMS"]["found"].startswith("the proxy does not let us through")


def test_nothing_answers_in_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that takes a request and says nothing is told from one that refuses."""
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.2)
    silent = Listener(lambda connection, _: connection.recv(1))
    world.bench.environ["AEP_IMS_URL"] = f"http://127.0.0.1:{silent.port}"
    world.names[f"127.0.0.1:{silent.port}"] = silent.port
    with listening(silent):
        rows = look(world.bench, code=1, run=world.run)
    assert failed(rows) == ["IMS"]
    assert rows["IMS"]["found"].startswith("no answer in time")
    assert "AEP_IMS_URL" in rows["IMS"]["mend"]


def test_the_service_alone_is_not_there(world: World) -> None:
    """The credentials are right all the same, and it is the service's variable that is named."""
    gone = Listener(lambda connection, _: None)
    gone.close()
    world.bench.environ["AEP_BASE_URL"] = f"http://127.0.0.1:{gone.port}"
    world.names[f"127.0.0.1:{gone.port}"] = gone.port
    rows = look(world.bench, code=1, run=world.run)
    assert (failed(rows), rows["credentials"]["status"]) == (["Flow Service"], "ok")
    assert "AEP_BASE_URL" in rows["Flow Service"]["mend"]


def test_an_answer_that_breaks_off(world: World) -> None:
    """What has no name of its own is still a row."""
    cut = Listener(lambda connection, _: connection.sendall(http(200, b"{}", **{"Content-Length": "99"})))
    world.bench.environ["AEP_IMS_URL"] = f"http://127.0.0.1:{cut.port}"
    world.names[f"127.0.0.1:{cut.port}"] = cut.port
    with listening(cut):
        rows = look(world.bench, code=1, run=world.run)
    assert failed(rows) == ["IMS"]
    assert rows["IMS"]["found"].startswith("no whole answer")
