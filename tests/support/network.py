"""A small network of real sockets: honest hosts, a thief who is everybody else, and a proxy; with a CA of their own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from reconciler.cli.main import run
from reconciler.cli.surroundings import Surroundings
from reconciler.engine.ports import Clock
from reconciler.model.secrets import Redactor
from support.bench import Bench, Ran

TIMEOUT = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived: the bytes of its head and body."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode("latin-1")

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name
        }


Serve = Callable[[Any, Asked], None]
"""Writes an answer to a connection."""


class Authority:
    """A CA that issues what anybody asks for; who trusts it has the rest of the tool alone to protect them."""

    def __init__(self, not_after: datetime | None = None) -> None:
        self._ca, self._not_after = trustme.CA(), not_after
        self._contexts: dict[str, ssl.SSLContext] = {}

    def bundle(self, folder: Path) -> Path:
        path = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(path)
        return path

    def context(self, name: str = "nobody.example") -> ssl.SSLContext:
        if name not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._ca.issue_cert(name, not_after=self._not_after).configure_cert(context)
            context.sni_callback = lambda sock, sni, _: setattr(sock, "context", self.context(sni)) if sni else None
            self._contexts[name] = context
        return self._contexts[name]


class Listener:
    """Listens on loopback, speaks TLS to whoever begins with it, and keeps every byte that arrives."""

    def __init__(self, serve: Serve, authority: Authority | None = None) -> None:
        self.asked: list[Asked] = []
        self.bytes = b""
        self.connections = 0
        self._serve, self._authority = serve, authority
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._open = True
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        self._open = False
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in (self._accepting, *self._threads):
            thread.join(timeout=TIMEOUT)

    def _accept(self) -> None:
        while self._open:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._converse, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _converse(self, connection: socket.socket) -> None:
        connection.settimeout(TIMEOUT)
        with suppress(OSError, ValueError), connection:
            if self._authority and connection.recv(1, socket.MSG_PEEK) == b"\x16":
                with self._authority.context().wrap_socket(connection, server_side=True) as secured:
                    self._answer(secured)
            else:
                self._answer(connection)

    def _answer(self, connection: Any) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._read(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(Asked(head, b"").headers.get("content-length", "0"))
        while len(body) < length:
            body += self._read(connection)
        self.asked.append(Asked(head, body))
        self._serve(connection, self.asked[-1])

    def _read(self, connection: Any) -> bytes:
        part = connection.recv(65536)
        if not part:
            raise ValueError("the caller has gone")
        self.bytes += part
        return part


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return an answer that ends its connection."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close", **headers}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def emulating(bench: Bench) -> Serve:
    """Answer as the bench's emulator does."""
    from werkzeug.test import Client  # noqa: PLC0415 - only here

    def serve(connection: Any, asked: Asked) -> None:
        client = Client(bench.app)
        headers = {name: value for name, value in asked.headers.items() if name not in ("connection", "host")}
        answer = client.open(asked.path, method=asked.method, headers=headers, data=asked.body)
        kept = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
        connection.sendall(http(answer.status_code, answer.get_data(), **kept))

    return serve


def proxying(backend: int, *, login: str | None = None, refuse: int | None = None) -> Serve:
    """Serve CONNECT, and lead whatever host is asked for to one port; ``login`` is the Basic value it insists on."""

    def serve(connection: Any, asked: Asked) -> None:
        if refuse is not None:
            connection.sendall(http(refuse))
            return
        if login is not None and asked.headers.get("proxy-authorization") != f"Basic {login}":
            connection.sendall(http(407, **{"Proxy-Authenticate": "Basic"}))
            return
        with socket.create_connection(("127.0.0.1", backend), timeout=TIMEOUT) as onward:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(onward, connection), daemon=True)
            back.start()
            _pump(connection, onward)
            back.join(timeout=TIMEOUT)

    return serve


def _pump(source: Any, sink: Any) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@dataclass(slots=True)
class World:
    """Every name leads to the thief, but for those in ``names``."""

    bench: Bench
    authority: Authority
    names: dict[str, int] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)

    def lookup(self, host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        """Stand in for getaddrinfo."""
        name = host.decode() if isinstance(host, bytes) else str(host)
        self.looked_up.append(f"{name}:{port}")
        found = port if name == "127.0.0.1" else self.names.get(f"{name}:{port}", self.names["*"])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", found))]

    def run(self, *arguments: str) -> Ran:
        """Run a command over the network."""
        bench = self.bench
        bench.capsys.readouterr()
        clock = Clock(bench.clock.now, bench.clock.sleep, lambda: 0.5)
        code = run(["--manifests", str(bench.manifests), *arguments], Surroundings(Redactor(), bench.environ, clock))
        captured = bench.capsys.readouterr()
        return Ran(code, captured.out, captured.err)


@contextmanager
def listening(*listeners: Listener) -> Iterator[None]:
    """Close listeners at the end."""
    try:
        yield
    finally:
        for listener in listeners:
            listener.close()


@contextmanager
def resolving(world: World, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every name resolve as the world says."""
    with patch.context() as patched:
        patched.setattr(socket, "getaddrinfo", world.lookup)
        yield
