"""Explore, configs, test (FACTS 1, 4): every source is empty, and what is asked must be something that may be asked."""

from __future__ import annotations

import pytest

SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
COLUMNS = {"format": "flat", "schema": {"columns": []}}


@pytest.fixture
def path(api):
    return f"/connections/{api.connection()}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ("?objectType=root", []),
        ("?objectType=FOLDER&object=/some/path/", []),
        ("?objectType=table&object=Account", COLUMNS),
        ("?objectType=file&object=/a.csv&fileType=DELIMITED&preview=true", COLUMNS),
        ("?objectType=rest", COLUMNS),
        ("?objectType=table", 400),
        ("?objectType=shelf", 400),
        ("?depth=2", 400),
    ],
)
def test_explore(api, path, query, expected):
    """The documented calls are answered in the documented shapes."""
    reply = api.get(f"{path}/explore{query}")
    assert reply.status_code == 400 if expected == 400 else reply.json() == expected


def test_explore_a_spec(api):
    """An envelope, and no parameters."""
    assert api.get(f"/connectionSpecs/{SALESFORCE}/explore").json() == {"items": []}
    assert api.get(f"/connectionSpecs/{SALESFORCE}/explore?objectType=root").status_code == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?outputType=activationDatasets&outputField=datasets&start=20&limit=100", 200),
        ("?limit=0", 400),
        ("?limit=101", 400),
        ("?start=-1", 400),
        ("?start=soon", 400),
        ("?page=1", 400),
    ],
)
def test_configs(api, path, query, status):
    """One page, by offset, of nothing."""
    for whose in (path, f"/connectionSpecs/{SALESFORCE}"):
        reply = api.get(f"{whose}/configs{query}")
        assert reply.status_code == status
        assert status == 400 or reply.json() == {"items": [], "pageInfo": {"hasNext": False}}


def test_the_test(api, path):
    """A connection that is there works."""
    assert api.get(f"{path}/test").json() == {"result": True}
    assert api.get(f"{path}/test?fast=1").status_code == 400


@pytest.mark.parametrize(
    "path", ["/connections/none/test", "/connections/none/explore", "/connectionSpecs/none/configs", "/flows/x/test"]
)
def test_what_is_not_there(api, path):
    """A 404."""
    assert api.get(path).status_code == 404
