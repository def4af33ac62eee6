"""Source and target connections (FACTS 8, 17)."""

from __future__ import annotations

import pytest


def test_target_data_gets_its_nulls(api, bodies):
    """The service adds schema and properties to a target's data, and again after a patch."""
    path = f"/targetConnections/{api.made('targetConnections', bodies.target())}"
    assert api.item(path)["data"] == {"format": "parquet_xdm", "schema": None, "properties": None}
    schema = {"schema": {"id": "https://x", "version": "1"}}
    api.patch(path, [{"op": "replace", "path": "/data", "value": schema}])
    assert api.item(path)["data"] == {**schema, "properties": None}


@pytest.mark.parametrize("collection", ["sourceConnections", "targetConnections"])
def test_bodies_without_spec_and_data(api, collection):
    """Documents leave out connectionSpec and data, so both are accepted."""
    assert api.post(f"/{collection}", {"name": "Bare", "params": {"path": "x"}}).status_code == 201


@pytest.mark.parametrize("collection", ["sourceConnections", "targetConnections"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"connectionSpec": {"id": "none"}}, "1413-400"),
        ({"baseConnectionId": "none"}, "connections not found"),
        ({"baseConnectionId": 5}, "The field baseConnectionId"),
        ({"connectionSpec": "x"}, "The field connectionSpec"),
    ],
)
def test_references(api, app, collection, change, code):
    """What they point to must exist, unless references are left unchecked."""
    reply = api.post(f"/{collection}", {"name": "N", **change})
    assert reply.status_code == 400
    assert reply.json()["errorDetails"].startswith(code)
    app.settings.check_references = False
    assert (api.post(f"/{collection}", {"name": "N", **change}).status_code == 201) == ("The field" not in code)


def test_source_needs_a_name(api):
    """A source connection has a name; a target may do without."""
    assert api.post("/sourceConnections", {"params": {}}).status_code == 400
    assert api.post("/targetConnections", {"params": {}}).status_code == 201


def test_params_can_be_patched(api, bodies):
    """Destinations add a key or replace the params whole."""
    path = f"/targetConnections/{api.made('targetConnections', bodies.target())}"
    assert api.patch(path, [{"op": "add", "path": "/params/path", "value": "folder"}]).status_code == 200
    assert api.item(path)["params"]["path"] == "folder"


def test_spec_may_change(api, bodies):
    """Only of a base connection is it documented that its spec stays."""
    path = f"/targetConnections/{api.made('targetConnections', bodies.target())}"
    value = {"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb"}
    assert api.patch(path, [{"op": "replace", "path": "/connectionSpec", "value": value}]).status_code == 200
    assert api.item(path)["connectionSpec"]["version"] == "1.0"
