"""Every request that Adobe's documents show is taken by the emulator."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from support.bench import HEADERS, ORGANISATION, SANDBOX
from support.documents import Documented, documented, parameters

from reconciler.emulator import create_app
from reconciler.emulator.inprocess import WsgiAdapter
from reconciler.emulator.settings import Settings

BASE = "http://localhost/data/foundation/flowservice"


def requests_shown() -> list[Documented]:
    return [one for one in documented() if one.is_request]


def before(one: Documented) -> dict[str, Any] | None:
    """Return the object as it was before a documented change: the one the documents show, else one that fits."""
    items = [(other, item) for other in documented() if is_read(other, one) for item in other.body.get("items", [])]
    same = [item for _, item in items if item["id"] == one.id]
    beside = [item for other, item in items if other.file.split("/")[0] == one.file.split("/")[0]]
    return next(iter([*same, *(item for item in beside if fits(item, one))]), None)


def is_read(other: Documented, one: Documented) -> bool:
    """Iff a documented answer shows objects of the kind."""
    return (other.method, other.collection) == ("GET", one.collection) and not (other.status or other.sub)


def fits(item: dict[str, Any], one: Documented) -> bool:
    """Iff an object has what a patch addresses; a PUT takes any."""
    steps = one.body if one.method == "PATCH" else []
    paths = [(step["path"].split("/")[1:], step["op"].lower() == "add") for step in steps]
    return all(has(item, path[:-1] if adds else path) for path, adds in paths)


def has(value: Any, path: list[str]) -> bool:
    for token in path:
        if isinstance(value, list):
            if not token.isdecimal() or int(token) >= len(value):
                return False
            value = value[int(token)]
        elif isinstance(value, dict) and token in value:
            value = value[token]
        else:
            return False
    return True


@pytest.fixture
def service() -> Any:
    """An emulator that knows nothing of the ids that the documents name."""
    app = create_app(":memory:", Settings(clock=lambda: 1_500_000_000.0, check_references=False))
    with requests.Session() as session:
        session.mount("http://", WsgiAdapter(app))
        session.headers.update(HEADERS)
        app.session = session
        yield app
    app.close()


@pytest.mark.parametrize("one", parameters(requests_shown()))
def test_a_documented_request_is_taken(service: Any, one: Documented) -> None:
    """With the documented object before it, and its etag where one is needed."""
    path, headers = one.path.rstrip("/"), {}
    if one.method != "POST":
        item = before(one) or {"id": one.id, "name": "before", "providerId": "p"}
        service.store.seed(one.collection, item, sandbox=SANDBOX, organisation=ORGANISATION)
        path = f"/{one.collection}/{item['id']}"
        headers = {"If-Match": item["etag"]} if one.method == "PATCH" else {}
    answer = service.session.request(one.method, BASE + path, json=one.body, headers=headers, params=one.query)
    expected = {"POST": 201}.get(one.method, 200)
    assert answer.status_code == expected, answer.text


@pytest.mark.usefixtures("shared")
def test_the_documents_show_requests() -> None:
    """Lest the test above passes over nothing."""
    assert {one.method for one in requests_shown()} == {"POST", "PATCH", "PUT"}
    assert len(requests_shown()) >= 57
