"""Every answer that Adobe's documents show is understood by our client, without loss of what it needs."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from support.bench import NOW
from support.documents import Documented, documented, parameters
from urllib3.response import HTTPResponse

from reconciler.engine.ports import Clock
from reconciler.model.errors import NotFound, PreconditionFailed, Rejected, ServiceError, Unauthorised
from reconciler.model.kinds import Kind
from reconciler.model.resources import Target
from reconciler.model.secrets import Redactor
from reconciler.service.client import Client
from reconciler.service.environment import Settings

ENVIRON = {
    "AEP_ACCESS_TOKEN": "ready-token-value",
    "AEP_API_KEY": "key",
    "AEP_ORG_ID": "1234@AdobeOrg",
    "AEP_BASE_URL": "http://localhost:8080",
}
KINDS = {kind.collection: kind for kind in Kind}
ERRORS = {400: Rejected, 401: Unauthorised, 404: NotFound, 412: PreconditionFailed}
ID = "2edc08ac-4df5-4fe6-936f-81a19ce92f5c"


class Answering(BaseAdapter):
    """Answers every request with one documented body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__()
        self.status, self.body = status, body

    def send(self, request: Any, **_: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.request, response.url = self.status, request, request.url
        content = io.BytesIO(json.dumps(self.body).encode())
        response.raw = HTTPResponse(content, status=self.status, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""


def client(status: int, body: Any) -> Client:
    session = requests.Session()
    session.mount("http://", Answering(status, body))
    clock = Clock(lambda: NOW, lambda _: None, lambda: 0.5)
    return Client(Settings.read(Target("prod", "prod"), ENVIRON), clock, Redactor(), session=session)


def answers(*, good: bool) -> list[Documented]:
    """The documented answers to calls that our client makes."""
    return [
        one
        for one in documented()
        if not one.is_request and not one.sub and one.collection in KINDS and (one.status is None) is good
        and "count" not in one.query
    ]  # fmt: skip


@pytest.mark.parametrize("one", parameters([one for one in answers(good=True) if one.method == "GET"]))
def test_what_is_read(one: Documented) -> None:
    """Every object, whole, from a list and by its id."""
    kind, items = KINDS[one.collection], one.body["items"]
    found = client(200, one.body).list(kind)
    unique = list({item["id"]: item for item in items})
    assert [item.id for item in found] == unique
    assert [item.document for item in found] == [next(i for i in items if i["id"] == id) for id in unique]
    if len(items) == 1:
        assert client(200, one.body).get(kind, items[0]["id"]).document == items[0]


@pytest.mark.parametrize("one", parameters([one for one in answers(good=True) if one.method != "GET"]))
def test_what_is_written(one: Documented) -> None:
    """Id and etag of every write; where the whole object is answered, that too."""
    kind, body = KINDS[one.collection], one.body
    inner = body["items"][0] if "items" in body else body
    service = client(201 if one.method == "POST" else 200, body)
    if one.method == "POST":
        written = service.create(kind, {"name": "x"})
    elif one.method == "PATCH":
        written = service.patch(kind, inner["id"], [], '"etag"')
    else:
        written = service.put(kind, inner["id"], {"name": "x"})
    assert (written.id, written.etag) == (inner["id"], inner.get("etag"))
    assert written.document == (inner if inner.keys() - {"id", "etag"} else None)


def refuse(service: Client, kind: Kind, method: str) -> None:
    if method == "GET":
        service.get(kind, ID)
    elif method == "POST":
        service.create(kind, {"name": "x"})
    elif method == "PATCH":
        service.patch(kind, ID, [], '"etag"')
    else:
        service.delete(kind, ID)


@pytest.mark.parametrize("one", parameters(answers(good=False)))
def test_what_is_refused(one: Documented) -> None:
    """Every documented refusal is the error that its status means, and says what the service said."""
    assert one.status is not None
    with pytest.raises(ServiceError) as caught:
        refuse(client(one.status, one.body), KINDS[one.collection], one.method)
    assert type(caught.value) is ERRORS[one.status]
    told = one.body.get("message") or one.body["errorMessage"]
    assert " ".join(told.split())[:40] in " ".join(str(caught.value).split())


@pytest.mark.usefixtures("shared")
def test_the_documents_show_answers() -> None:
    """Lest the tests above pass over nothing: of every collection, of every method."""
    good, bad = answers(good=True), answers(good=False)
    assert {one.collection for one in good} == set(KINDS)
    assert {one.method for one in good} == {"GET", "POST", "PATCH", "PUT"}
    assert (len(good), len(bad)) == (92, 27)
