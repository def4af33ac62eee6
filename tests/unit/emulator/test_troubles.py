"""Every trouble does something, once, and nothing is left of it (FACTS 6)."""

from __future__ import annotations

import pytest
import requests

from reconciler.emulator.troubles import CATALOGUE, RETRY_AFTER

RENAME = [{"op": "replace", "path": "/name", "value": "Ours"}]
IN_TIME = {"latency", "etag_moves", "stale"}  # the call itself goes well


def answer(call):
    """Return what a caller learns: a status and a readable body, or how the connection ended."""
    try:
        reply = call()
        return reply.status_code, reply.headers.get("Location"), reply.json() if reply.content else None
    except requests.exceptions.RequestException as error:
        return type(error).__name__


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_trouble_shows(api, app, name):
    """A read under it is not what it is without, but for those that only take time or change what is there."""
    path = f"/connections/{api.connection()}"
    right = answer(lambda: api.get(path))
    CATALOGUE[name](app.faults, method="GET", path="^/connections/")
    seen = answer(lambda: api.get(path))
    assert app.faults.pending == 0
    if name == "etag_moves":
        right = answer(lambda: api.get(path))
    assert (seen == right) == (name in IN_TIME | {"ignored"})
    assert answer(lambda: api.get(path)) == right


def test_etags_that_move(api, app):
    """By somebody else's write, right before ours."""
    path = f"/connections/{api.connection()}"
    etag = api.item(path)["etag"]
    CATALOGUE["etag_moves"](app.faults, method="PATCH")
    assert api.patch(path, RENAME, etag).status_code == 412


@pytest.mark.parametrize(
    ("name", "status", "done"),
    [
        ("412_storm", 412, False),
        ("ignored", 200, False),
        ("status_409", 409, False),
        ("status_503_after_commit", 503, True),
        ("cut", "ChunkedEncodingError", True),
        ("body_empty", 200, True),
        ("redirect_307", 307, False),
    ],
)
def test_what_becomes_of_a_write(api, app, name, status, done):
    """Refused or lost, done or not: all four are there."""
    path = f"/connections/{api.connection()}"
    etag = api.item(path)["etag"]
    CATALOGUE[name](app.faults, method="PATCH")
    told = answer(lambda: api.call("PATCH", path, RENAME, {"If-Match": etag}, allow_redirects=False))
    assert status in (told, told[0])
    assert (api.item(path)["name"] == "Ours") == done


@pytest.mark.parametrize("name", RETRY_AFTER)
def test_every_form_of_retry_after(api, app, name):
    """It is sent as it stands in the table."""
    CATALOGUE[f"too_many_{name}"](app.faults)
    reply = api.get("/flows")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, RETRY_AFTER[name])
