"""Requests without a socket: an adapter for ``requests`` that calls a WSGI application."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.test import run_wsgi_app

from reconciler.emulator.faults import ConnectionReset, NoAnswer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class WsgiAdapter(BaseAdapter):
    """Mount it on a session: ``session.mount("http://emulator", WsgiAdapter(app))``."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app
        self._responses = HTTPAdapter()  # only to build responses as the real transport does

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature of requests
        timeout: Any = None,  # noqa: ARG002 - nothing here can hang
        verify: Any = True,  # noqa: ARG002, FBT002 - there is no TLS
        cert: Any = None,  # noqa: ARG002 - there is no TLS
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - there is no proxy
    ) -> requests.Response:
        """Call the application; its transport faults become what requests raises for them."""
        try:
            chunks, status, headers = run_wsgi_app(self._app, _environ(request), buffered=True)
        except ConnectionReset as fault:
            raise requests.ConnectionError(str(fault), request=request) from fault
        except NoAnswer as fault:
            raise requests.ReadTimeout(str(fault), request=request) from fault
        raw = HTTPResponse(
            body=io.BytesIO(b"".join(chunks)),
            headers=HTTPHeaderDict(headers.items()),
            status=int(status.split()[0]),
            reason=status.partition(" ")[2],
            preload_content=False,
            request_method=request.method,
        )
        response: requests.Response = self._responses.build_response(request, raw)
        if not stream:
            _ = response.content
        return response

    def close(self) -> None:
        """Close what builds the responses."""
        self._responses.close()


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url or "")
    body = request.body or b""
    data = body.encode() if isinstance(body, str) else body
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(data),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(data)),
    }
    return environ | {_variable(name): _text(value) for name, value in request.headers.items()}


def _variable(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
