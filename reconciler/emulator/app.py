"""The application: records requests, lets faults happen, and hands the rest to the routes, one at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response

from reconciler.emulator import runs, stamps
from reconciler.emulator.errors import not_found
from reconciler.emulator.faults import FaultQueue, Mutate
from reconciler.emulator.routes import BASE, SERVICE, application
from reconciler.emulator.settings import Settings
from reconciler.emulator.stamps import Actor, Service
from reconciler.emulator.store import Record, Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Request:
    """A call that arrived, for tests to count. The path stands after the service base; no token, no client secret."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


class EmulatorApp:
    """Flow Service as a WSGI callable, with handles for tests: settings, faults, store, requests."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.faults = FaultQueue()
        self.requests: list[Request] = []
        self._late: list[tuple[float, dict[str, Any]]] = []
        self._service = Service(store, settings)

    @property
    def settings(self) -> Settings:
        """How this service behaves; a change counts from the next call on."""
        return self._service.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._service.settings = settings

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, or raise the transport fault that it meets."""
        request = WsgiRequest(environ | {SERVICE: self._service})
        self._record(request)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: WsgiRequest) -> Response:
        self._do_what_is_late()
        path = request.path.removeprefix(BASE)
        fault = self.faults.take(request.method, path)
        instead = fault.before(self, path, request.environ) if fault else None
        if instead:
            return instead
        with self.store.lock:
            response = Response.from_app(application(), request.environ, buffered=True)
        return fault.after(response) if fault else response

    def _record(self, request: WsgiRequest) -> None:
        raw = request.get_data()
        request.environ["wsgi.input"] = io.BytesIO(raw)  # read once here, once by the routes
        if not self.settings.record:
            return
        headers = {name: value for name, value in request.headers.items() if name != "Authorization"}
        query = parse_qs(request.query_string.decode("latin-1"), keep_blank_values=True)
        path = request.path.removeprefix(BASE)
        self.requests.append(Request(request.method, path, query, headers, _readable(request, raw)))

    def later(self, environ: dict[str, Any], seconds: float) -> None:
        """Do what a call asks for once that time has passed: with the first call that comes then."""
        with self.store.lock:
            self._late.append((self.settings.clock() + seconds, dict(environ)))

    def _do_what_is_late(self) -> None:
        with self.store.lock:
            now = self.settings.clock()
            due = [environ for at, environ in self._late if at <= now]
            self._late = [(at, environ) for at, environ in self._late if at > now]
            for environ in due:
                Response.from_app(application(), environ, buffered=True)

    def wait(self, seconds: float) -> None:
        """Let time pass, as a slow fault asks."""
        self.settings.sleep(seconds)

    def edit(
        self,
        collection: str,
        identifier: str,
        mutate: Mutate,
        by: str = "someone@AdobeID",
        client: str = "exc_app",
        sandbox: str | None = None,
    ) -> None:
        """Change a document in place as a person in the UI: etag, updatedAt, updatedBy and updatedClient move."""
        with self.store.lock:
            record = self._need(collection, identifier, sandbox)
            mutate(record.body)
            stamps.updated(self._service, Actor(by, client), record)
            self.store.save(record)

    def rewrite(self, collection: str, identifier: str, sandbox: str | None = None) -> None:
        """Move an etag and nothing else, as was seen some seconds after a connection was made (FACTS 7)."""
        with self.store.lock:
            record = self._need(collection, identifier, sandbox)
            stamps.moved(self._service, record)
            self.store.save(record)

    def finish_run(self, flow_id: str, sandbox: str | None = None) -> str:
        """End a scheduled run of a flow, which rewrites it (FACTS 7), and return the run's id."""
        with self.store.lock:
            flow = self._need("flows", flow_id, sandbox)
            run = runs.scheduled(self._service, flow)
            runs.finish(self._service, flow, run)
            return run.id

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def _need(self, collection: str, identifier: str, sandbox: str | None) -> Record:
        record = self.store.anywhere(collection, identifier, sandbox)
        if record is None:
            raise not_found(collection, identifier)
        return record


def create_app(store: str | Path = ":memory:", settings: Settings | None = None) -> EmulatorApp:
    """Return a Flow Service over a database file, made when it is not there, or in memory."""
    return EmulatorApp(Store(store), settings or Settings())


def _readable(request: WsgiRequest, raw: bytes) -> Any:
    """Return a body for the record: JSON as a value, a sign-in not at all, anything else as text."""
    if not raw or request.mimetype == "application/x-www-form-urlencoded":
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")
