"""A scripted Flow Service: an adapter under ``requests`` that answers from a list and remembers what it was asked."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from reconciler.model.resources import Target
from reconciler.model.secrets import Redactor
from reconciler.service.client import Client
from reconciler.service.environment import Settings
from reconciler.service.retry import Budget

TARGET = Target("prod", "prod")
ENVIRON = {
    "AEP_ACCESS_TOKEN": "ready-token-value",
    "AEP_API_KEY": "key",
    "AEP_ORG_ID": "1234@AdobeOrg",
    "AEP_BASE_URL": "http://localhost:8080",
    "AEP_IMS_URL": "http://localhost:8081",
}
CLIENT_ENVIRON = {
    **{name: value for name, value in ENVIRON.items() if name not in ("AEP_ACCESS_TOKEN", "AEP_API_KEY")},
    "AEP_CLIENT_ID": "client-id",
    "AEP_CLIENT_SECRET": "client-secret-value",
    "AEP_SCOPES": "openid,AdobeID",
}


@dataclass
class Reply:
    """One scripted answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def content(self):
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


class Script(BaseAdapter):
    """Answers each request with the next line: (status, body, headers), an exception, or a function of the request."""

    def __init__(self):
        super().__init__()
        self.lines = []
        self.requests = []
        self.options = []

    def play(self, *lines):
        self.lines.extend(lines)
        return self

    def send(self, request, **options):
        self.requests.append(request)
        self.options.append(options)
        assert self.lines, f"the script has no line for {request.method} {request.url}"
        line = self.lines.pop(0)
        if callable(line) and not isinstance(line, type):
            line = line(request)
        if isinstance(line, BaseException):
            raise line
        return respond(request, Reply(*line))

    def close(self):
        pass

    @property
    def paths(self):
        return [f"{r.method} {r.path_url.removeprefix('/data/foundation/flowservice')}" for r in self.requests]

    def query(self, at):
        return parse_qs(urlsplit(self.requests[at].url).query)


def respond(request, reply):
    response = requests.Response()
    response.status_code = reply.status
    response.headers.update(reply.headers)
    response.request = request
    response.url = request.url
    response.raw = HTTPResponse(io.BytesIO(reply.content()), headers=reply.headers, preload_content=False)
    response.raw.status = reply.status
    return response


@dataclass
class FakeClock:
    """Time that passes only by sleeping; chance is always in the middle."""

    time: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)

    @property
    def now(self) -> Callable[[], float]:
        return lambda: self.time

    @property
    def random(self) -> Callable[[], float]:
        return lambda: 0.5

    @property
    def sleep(self) -> Callable[[float], None]:
        def sleep(seconds):
            self.slept.append(seconds)
            self.time += seconds

        return sleep


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def redactor():
    return Redactor()


@pytest.fixture
def connect(clock, script, redactor):
    def connect(environ=ENVIRON, budget=None, on_request=None):
        session = requests.Session()
        session.mount("http://", script)
        session.mount("https://", script)
        settings = Settings.read(TARGET, environ)
        return Client(settings, clock, redactor, budget=budget or Budget(), session=session, on_request=on_request)

    return connect


@pytest.fixture
def environ():
    return dict(ENVIRON)


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def renewing(connect):
    return connect(CLIENT_ENVIRON)
