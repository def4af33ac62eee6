"""DELETE, and what keeps an object from it (FACTS 4, 6, 12)."""

from __future__ import annotations

import pytest


def code(reply):
    assert reply.status_code == 400, reply.text
    return reply.json()["errorDetails"][:8]


def test_delete(api):
    """A DELETE is an empty 204; afterwards the object is a 404, also for another DELETE."""
    path = f"/connections/{api.connection()}"
    reply = api.delete(path)
    assert (reply.status_code, reply.content) == (204, b"")
    assert api.get(path).status_code == 404
    assert api.delete(path).status_code == 404


def test_the_documented_order(api):
    """Flow, then source and target connection, then base connection."""
    flow, source, target, base = api.flow()
    assert code(api.delete(f"/connections/{base}")) == "1418-400"
    assert code(api.delete(f"/sourceConnections/{source}")) == "1447-400"
    assert code(api.delete(f"/targetConnections/{target}")) == "1447-400"
    for path in (
        f"/flows/{flow}",
        f"/sourceConnections/{source}",
        f"/targetConnections/{target}",
        f"/connections/{base}/",
    ):
        assert api.delete(path).status_code == 204


def test_disabled_flows_hold_only_the_base(api):
    """A disabled flow is not active, yet it uses its base connection."""
    flow, source, _, base = api.flow()
    api.post(f"/flows/{flow}/action?op=disable")
    assert code(api.delete(f"/connections/{base}")) == "1418-400"
    assert api.delete(f"/sourceConnections/{source}").status_code == 204


def test_base_of_a_seeded_flow(api, app):
    """A flow seeded with what it inherits holds its base connection as well."""
    base = api.connection()
    attributes = {"sourceConnections": [{"id": "s", "baseConnection": {"id": base}}]}
    app.store.seed("flows", {"id": "f", "sourceConnectionIds": ["s"], "inheritedAttributes": attributes})
    assert code(api.delete(f"/connections/{base}")) == "1418-400"


@pytest.mark.parametrize(
    ("state", "expected"),
    [("enabled", None), ("disabled", None), ("initializing", None), ("failed", "1416-400"), ("updating", "1420-400")],
)
def test_states(api, app, state, expected):
    """Only what is enabled, disabled or initializing can be changed or deleted."""
    app.store.seed(
        "connections", {"id": "c", "name": "C", "etag": '"1"', "state": state, "connectionSpec": {"id": "x"}}
    )
    reply = api.patch("/connections/c", [{"op": "replace", "path": "/name", "value": "N"}])
    assert (None if reply.status_code == 200 else code(reply)) == expected
    reply = api.delete("/connections/c")
    assert (None if reply.status_code == 204 else code(reply)) == expected


def test_delete_takes_no_parameters(api):
    """A stray parameter fails here too."""
    assert code(api.delete(f"/connections/{api.connection()}?force=true")) == "1451-400"


def test_a_delete_that_takes_its_time(api, app, clock):
    """It is accepted, the object is still shown and used, and takes no more writes; some time later it is a 404."""
    app.settings.delete_seconds = 5
    flow, source, _, base = api.flow()
    assert api.delete(f"/flows/{flow}").status_code == 202
    assert api.item(f"/flows/{flow}")["state"] == "delete-finalizing"
    assert code(api.delete(f"/flows/{flow}")) == "1420-400"
    assert code(api.delete(f"/sourceConnections/{source}")) == "1447-400"
    assert code(api.delete(f"/connections/{base}")) == "1418-400"
    clock.now += 5
    assert api.get(f"/flows/{flow}").status_code == 404
    assert api.delete(f"/sourceConnections/{source}").status_code == 202
    assert api.item(f"/sourceConnections/{source}")["state"] == "delete-finalizing"
