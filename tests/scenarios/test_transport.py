"""The whole tool over real sockets: TLS by a company's CA, proxies, and answers that do not come to their end."""

from __future__ import annotations

import base64
import gzip
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.bench import Bench, Ran
from support.chain import declare_chain
from support.network import Asked, Authority, Listener, Serve, World, emulating, http, listening, proxying, resolving

from reconciler.service import connections, transport

HOST = "flow.corp.example"
TARGET = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"}, "spec": {"sandbox": "bench"}}
PASSWORD = "Zq-p@ss:word/%"
LOGIN = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
QUOTED = "me:Zq-p%40ss%3Aword%2F%25"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@dataclass(slots=True)
class Company:
    """A network in which the service is at flow.corp.example, with a certificate of the company's own CA."""

    world: World
    service: Listener
    elsewhere: Listener

    def plan(self, **environ: str) -> Ran:
        """Plan with these variables added."""
        self.world.bench.environ |= environ
        ran = self.world.run("plan")
        assert "bug:" not in ran.err
        assert "Zq-" not in ran.out + ran.err
        return ran


@pytest.fixture
def company(bench: Bench, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Company]:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    bench.write("target.json", TARGET)
    declare_chain(bench)
    bench.environ |= {
        "AEP_ACCESS_TOKEN": "Zq-token",
        "AEP_API_KEY": "key",
        "AEP_ORG_ID": "EMULATOR@AdobeOrg",
        "AEP_BASE_URL": f"https://{HOST}",
        "RECONCILER_TRUSTED_HOSTS": HOST,
        "REQUESTS_CA_BUNDLE": str(authority.bundle(tmp_path)),
    }
    service = Listener(emulating(bench), authority)
    elsewhere = Listener(lambda connection, _: connection.sendall(http(500)), authority)
    world = World(bench, authority, {"*": elsewhere.port, f"{HOST}:443": service.port})
    with listening(service, elsewhere), resolving(world, monkeypatch):
        yield Company(world, service, elsewhere)


@pytest.fixture
def proxied(company: Company) -> Iterator[Any]:
    """Put a proxy before the company's network: the host's name leads nowhere but through it."""
    made: list[Listener] = []

    def make(**manners: Any) -> Listener:
        proxy = Listener(proxying(company.service.port, **manners))
        made.append(proxy)
        del company.world.names[f"{HOST}:443"]
        company.world.names["proxy.corp.example:3128"] = proxy.port
        return proxy

    yield make
    for proxy in made:
        proxy.close()


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_companys_ca_is_believed_where_it_is_named(company: Company, variable: str) -> None:
    """Two variables may name it; without one, its certificates are refused, in words that say what to do."""
    bundle = company.world.bench.environ.pop("REQUESTS_CA_BUNDLE")
    refused = company.plan()
    assert refused.code == 1
    assert "its certificate was refused" in refused.err
    assert "REQUESTS_CA_BUNDLE" in refused.err
    assert company.service.asked == []
    assert company.world.bench.clock.slept == 0  # it is not tried again: nothing would change
    ran = company.plan(**{variable: bundle})
    assert ran.code == 0, ran.err
    assert company.service.asked


NO_CERTIFICATES = "it holds no CA certificates (PEM)"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no such file"),
        (b"", NO_CERTIFICATES),
        (b"-----BEGIN CERTIFICATE-----\nx", NO_CERTIFICATES),
        (b" " * ((16 << 20) + 1), "the file is larger than 16 MiB"),
        (None, "this is not a regular file"),
    ],
)
def test_a_bundle_that_is_none_is_one_clear_error(
    company: Company, tmp_path: Path, variable: str, content: bytes | None, told: str
) -> None:
    """The variable is named, and nothing is sent to anybody."""
    path = tmp_path / "broken.pem"
    if told == "this is not a regular file":
        os.mkfifo(path)
    elif content is not None:
        path.write_bytes(content)
    del company.world.bench.environ["REQUESTS_CA_BUNDLE"]
    ran = company.plan(**{variable: str(path)})
    assert ran.code == 1
    assert f"{variable}: '{path}' cannot be used: {told}" in ran.err
    assert company.service.connections == 0


def test_https_goes_through_the_proxy(company: Company, proxied: Any) -> None:
    """CONNECT with the login, and everything else inside of TLS."""
    proxy = proxied(login=LOGIN)
    ran = company.plan(HTTPS_PROXY=f"http://{QUOTED}@proxy.corp.example:3128")
    assert ran.code == 0, ran.err
    assert {(one.method, one.path) for one in proxy.asked} == {("CONNECT", f"{HOST}:443")}
    assert company.service.asked
    assert b"Zq-token" not in proxy.bytes
    assert not any("proxy-authorization" in one.headers for one in company.service.asked)


@pytest.mark.parametrize("login", ["", "me:Zq-wrong@"])
def test_a_proxy_that_wants_a_login_says_so(company: Company, proxied: Any, login: str) -> None:
    """407 is final; the proxy is named without who we are to it, and so is the way to write it."""
    proxy = proxied(login=LOGIN)
    ran = company.plan(HTTPS_PROXY=f"http://{login}proxy.corp.example:3128")
    assert ran.code == 1
    assert "the proxy proxy.corp.example:3128 answered 407 (it wants a user and a password: HTTPS_PROXY=" in ran.err
    assert company.world.bench.clock.slept == 0
    assert proxy.asked
    assert company.service.connections == 0


def test_a_proxy_that_lets_us_not_through_says_so(company: Company, proxied: Any) -> None:
    """403 is the proxy's word, not the service's."""
    proxied(refuse=403)
    ran = company.plan(HTTPS_PROXY="http://proxy.corp.example:3128")
    assert "the proxy proxy.corp.example:3128 answered 403 (ask who runs it" in ran.err
    assert company.world.bench.clock.slept == 0


def test_a_proxy_in_trouble_is_tried_again(company: Company, proxied: Any) -> None:
    """503 passes."""
    proxied(refuse=503)
    ran = company.plan(HTTPS_PROXY="http://proxy.corp.example:3128")
    assert "answered 503" in ran.err
    assert "(tried 4 times)" in ran.err or "requests in a row failed" in ran.err


def test_a_proxy_that_is_not_there_says_so(company: Company, proxied: Any) -> None:
    """The proxy is what to check, not Adobe."""
    proxied()
    with socket.socket() as nobody:  # holds a port and does not listen
        nobody.bind(("127.0.0.1", 0))
        company.world.names["proxy.corp.example:3128"] = nobody.getsockname()[1]
        ran = company.plan(HTTPS_PROXY=f"http://{QUOTED}@proxy.corp.example:3128")
    assert "the proxy proxy.corp.example:3128 cannot be reached: the connection was refused" in ran.err
    assert "Errno" not in ran.err


@pytest.mark.parametrize("listed", [f"other.example,{HOST}", "other.example,corp.example", ".corp.example", "*"])
def test_no_proxy_is_honoured(company: Company, listed: str) -> None:
    """The host, its domain, or everything."""
    ran = company.plan(HTTPS_PROXY="http://evil.example:3128", NO_PROXY=listed)
    assert ran.code == 0, ran.err
    assert company.elsewhere.connections == 0


@pytest.mark.parametrize(
    "proxy", ["socks5://p:1", "ftp://p", "http://", "http://[p", "http://p:x", "http://p:99999", "a b"]
)
def test_a_proxy_that_is_none_is_one_clear_error(company: Company, proxy: str) -> None:
    """Before anything is sent, and without showing it: a password may stand in it."""
    ran = company.plan(HTTPS_PROXY=proxy)
    assert ran.code == 1
    assert "HTTPS_PROXY: that is no URL of a proxy; write http://HOST:PORT" in ran.err
    assert company.elsewhere.connections == company.service.connections == 0


def answering(company: Company, serve: Serve) -> None:
    """Let the service answer so from now on."""
    company.service._serve = serve


def test_a_bomb_of_gzip_is_stopped(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is small on the wire and endless unpacked is read to a limit, and then is no answer."""
    monkeypatch.setattr(transport, "MOST_BYTES", 4 << 20)
    monkeypatch.setattr("reconciler.service.wire.MOST_BYTES", 4 << 20)
    bomb = gzip.compress(b'{"items": [' + b" " * (64 << 20))
    answering(company, lambda connection, _: connection.sendall(http(200, bomb, **{"Content-Encoding": "gzip"})))
    ran = company.plan()
    assert ran.code == 1
    assert "is larger than 4 MB, and was not read to its end" in ran.err


def test_a_body_without_an_end_is_stopped(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error page that never ends is cut, and told as the error that it is."""
    monkeypatch.setattr(transport, "MOST_BYTES", 1 << 20)
    sent: list[int] = []

    def serve(connection: Any, _: Asked) -> None:
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n")
        for _ in range(512):
            sent.append(connection.send(b"x" * (64 << 10)))  # noqa: PERF401 - each one as it is sent: the last one fails

    answering(company, serve)
    ran = company.plan()
    assert ran.code == 1
    assert "404: text/plain, 1048576 bytes, which are not shown" in ran.err
    assert sum(sent) < 512 * (64 << 10)


def test_a_dripping_body_is_stopped(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the whole never does."""
    monkeypatch.setattr(transport, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(transport, "_CHUNK", 1)

    def serve(connection: Any, _: Asked) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" ")
            time.sleep(0.02)

    answering(company, serve)
    started = time.monotonic()
    ran = company.plan()
    assert ran.code == 1
    assert "the answer was not whole after" in ran.err
    assert time.monotonic() - started < 15


def test_a_body_in_another_charset_is_no_answer(company: Company) -> None:
    """Bytes that are no UTF-8 are told as such, and are not guessed at."""
    body = json.dumps({"items": [], "note": "Größe"}, ensure_ascii=False).encode("latin-1")
    answering(company, lambda connection, _: connection.sendall(http(200, body)))
    ran = company.plan()
    assert ran.code == 1
    assert "it is not UTF-8" in ran.err


def test_a_dead_service_is_told_in_words(company: Company) -> None:
    """Which host, what happened, and what to look at; no number of the system's, and no long silence."""
    company.service.close()
    ran = company.plan()
    assert ran.code == 1
    assert f"cannot reach {HOST}" in ran.err or f"{HOST} is down" in ran.err
    for word in ("the connection was refused", "HTTPS_PROXY", "AEP_BASE_URL", "status page"):
        assert word in ran.err
    assert "Errno" not in ran.err
    assert company.world.bench.clock.slept < 20  # of all threads together


def test_a_dripping_head_is_stopped(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head may drip as well, and the time-out from byte to byte would not see it."""
    monkeypatch.setattr(connections._Watched, "head_seconds", 0.2)

    def serve(connection: Any, _: Asked) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.02)

    answering(company, serve)
    started = time.monotonic()
    ran = company.plan()
    assert ran.code == 1
    assert "no answer came in time" in ran.err
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "no-such-charset", "utf-8; x=\x01"])
def test_a_wrong_charset_in_a_header_changes_nothing(company: Company, charset: str) -> None:
    """JSON is UTF-8, whatever a gateway says of it."""
    body = json.dumps({"items": [], "note": "Größe"}, ensure_ascii=False).encode()
    kind = {"Content-Type": f"application/json; charset={charset}"}
    answering(company, lambda connection, _: connection.sendall(http(200, body, **kind)))
    assert company.plan().code == 0
