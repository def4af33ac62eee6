"""Pooled connections, on which nobody waits for ever."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.poolmanager import PoolManager

HEAD_SECONDS: Final = 90.0
"""Until the head of an answer is whole. A time-out counts from byte to byte: a head that drips would outlast it."""

_CUT: Final = "the head of the answer did not come to its end"


class _Watched(HTTPConnection):
    """A connection that is cut when the head of an answer does not come to its end."""

    head_seconds = HEAD_SECONDS

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        """Read the head of an answer; raises TimeoutError."""
        cut = threading.Event()
        watchdog = threading.Timer(self.head_seconds, self._cut, [self.sock, cut])
        watchdog.daemon = True
        watchdog.start()
        try:
            response = super().getresponse()
        except Exception as error:
            if cut.is_set():
                raise TimeoutError(_CUT) from error
            raise
        finally:
            watchdog.cancel()
        if cut.is_set():  # http.client takes a head that ends in the middle for a whole one
            response.close()
            self.close()
            raise TimeoutError(_CUT)
        return response

    @staticmethod
    def _cut(sock: socket.socket | None, cut: threading.Event) -> None:
        cut.set()
        with suppress(OSError, AttributeError):  # closed by then, or never there
            sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr] # suppressed


class _WatchedTls(_Watched, HTTPSConnection):
    """The same, with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    """Makes watched connections, to a host and to a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        _watch(manager)
        return manager


def _watch(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def pooled(pool: int) -> requests.Session:
    """Return a session that keeps up to ``pool`` connections to each host open."""
    session = requests.Session()
    # Not blocking: an answer that cannot be decoded never gives its place back, and the last place would wait for ever.
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(pool_connections=2, pool_maxsize=pool))
    return session
