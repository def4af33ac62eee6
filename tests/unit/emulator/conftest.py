"""An emulator, a clock that moves on demand, and a caller that says what it must."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from reconciler.emulator import Settings, create_app
from reconciler.emulator.inprocess import WsgiAdapter

BASE = "/data/foundation/flowservice"
SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
DATA_LAKE = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
CRM_TO_AEP = "14518937-270c-4525-bdec-c2ba7cce3860"
NOW = 1_700_000_000.0


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class Caller:
    """Calls the service with the headers that every call has."""

    def __init__(self, session, host="http://emulator.test", **headers):
        self.session = session
        self.host = host
        self.headers = {
            "Authorization": "Bearer a-token",
            "x-api-key": "an-api-key",
            "x-gw-ims-org-id": "emulator@AdobeOrg",
            "x-sandbox-name": "prod",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }

    def call(self, method, path, body=None, headers=None, **kwargs):
        if body is not None:
            kwargs["json"] = body
        return self.session.request(
            method, self.host + BASE + path, headers={**self.headers, **(headers or {})}, timeout=5, **kwargs
        )

    def get(self, path, **params):
        return self.call("GET", path, params=params)

    def post(self, path, body=None):
        return self.call("POST", path, body)

    def put(self, path, body, **headers):
        return self.call("PUT", path, body, headers)

    def delete(self, path):
        return self.call("DELETE", path)

    def patch(self, path, ops, etag=None):
        etag = etag or self.item(path)["etag"]
        return self.call("PATCH", path, ops, {"If-Match": etag})

    def item(self, path):
        reply = self.get(path)
        assert reply.status_code == 200, reply.text
        (item,) = reply.json()["items"]
        return item

    def made(self, collection, body):
        reply = self.post(f"/{collection}", body)
        assert reply.status_code == 201, reply.text
        return reply.json()["id"]

    def connection(self, **fields):
        return self.made("connections", connection_body(**fields))

    def flow(self, **fields):
        """Make a flow with everything below it, and return the four ids."""
        base = self.connection()
        source = self.made("sourceConnections", source_body(base))
        target = self.made("targetConnections", target_body())
        return self.made("flows", flow_body(source, target, **fields)), source, target, base


def connection_body(**fields):
    params = {"username": "me", "password": "first", "securityToken": "token"}
    return {
        "name": "Salesforce",
        "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
        "auth": {"specName": "Basic Authentication", "params": params},
    } | fields


def source_body(base, **fields):
    return {
        "name": "Source",
        "baseConnectionId": base,
        "data": {"format": "tabular"},
        "params": {"tableName": "Account"},
        "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
    } | fields


def target_body(**fields):
    return {
        "name": "Target",
        "data": {"format": "parquet_xdm"},
        "params": {"dataSetId": "5f7187bac6d00f194fb937c0"},
        "connectionSpec": {"id": DATA_LAKE, "version": "1.0"},
    } | fields


def flow_body(source, target, **fields):
    return {
        "name": "Flow",
        "flowSpec": {"id": CRM_TO_AEP, "version": "1.0"},
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [
            {"name": "Copy", "params": {"deltaColumn": {"name": "updatedAt"}}},
            {"name": "Mapping", "params": {"mappingId": "0b09", "mappingVersion": 0}},
        ],
        "scheduleParams": {"startTime": str(int(NOW) + 3600), "frequency": "minute", "interval": "15"},
    } | fields


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(clock):
    app = create_app(settings=Settings(clock=clock, sleep=lambda _seconds: None))
    yield app
    app.close()


@pytest.fixture
def session(app):
    with requests.Session() as session:
        session.mount("http://emulator.test", WsgiAdapter(app))
        yield session


@pytest.fixture
def api(session):
    return Caller(session)


@pytest.fixture
def another(session):
    """A maker of callers with other headers, e.g. another sandbox."""

    def make(**headers):
        return Caller(session, **headers)

    return make


@pytest.fixture
def bodies():
    """The request bodies that the tests share."""

    class Bodies:
        connection = staticmethod(connection_body)
        source = staticmethod(source_body)
        target = staticmethod(target_body)
        flow = staticmethod(flow_body)

    return Bodies


@pytest.fixture
def documented():
    """Documented bodies by file, or a skip where they are not at hand."""
    corpus = Path(__file__).parents[4] / "shared/flow-service/corpus"
    if not corpus.is_dir():
        pytest.skip("the documented bodies are not part of this repository")

    def read(file):
        return json.loads((corpus / file).read_text("utf-8"))

    return read
