"""The emulator behind a real socket on the loopback interface."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from reconciler.emulator.faults import NoAnswer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

HOST: Final = "127.0.0.1"
SILENCE_SECONDS: Final = 60.0
"""How long an answer that never comes keeps its connection open."""


class _Handler(WSGIRequestHandler):
    """Serves one connection: says nothing in the log, and acts out transport faults."""

    disable_nagle_algorithm = True  # headers and body are two writes: with Nagle every keep-alive answer waits 40 ms
    closing: threading.Event

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Say nothing."""

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:  # noqa: ARG002 - the signature of werkzeug
        """Leave the caller without an answer: at once, or silent for a while."""
        if isinstance(error, NoAnswer):
            self.closing.wait(SILENCE_SECONDS)
        self.close_connection = True


def serve(app: WSGIApplication, port: int = 8080, ready: Callable[[str], None] = lambda _url: None) -> None:
    """Serve until interrupted; ``ready`` is told the base URL once calls are answered."""
    server = _server(app, port)
    try:
        ready(_url(server))
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


@contextlib.contextmanager
def running(app: WSGIApplication, port: int = 0) -> Iterator[str]:
    """Serve in the background, on a free port unless told otherwise; yields the base URL."""
    server = _server(app, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield _url(server)
    finally:
        server.closing.set()  # type: ignore[attr-defined] # set in _server
        server.shutdown()
        thread.join()
        server.server_close()


def _server(app: WSGIApplication, port: int) -> BaseWSGIServer:
    closing = threading.Event()
    handler = type("Handler", (_Handler,), {"closing": closing})
    server = make_server(HOST, port, app, threaded=True, request_handler=handler)
    server.closing = closing  # type: ignore[attr-defined] # read in running
    return server


def _url(server: BaseWSGIServer) -> str:
    return f"http://{HOST}:{server.server_port}"
