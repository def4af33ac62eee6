"""The store: what is seeded, and what outlives a restart."""

from __future__ import annotations

import re
import sqlite3

import pytest
import requests

from reconciler.emulator import create_app
from reconciler.emulator.inprocess import WsgiAdapter


def test_seeded_documents_are_verbatim(api, app):
    """A seeded document keeps its id, etag and times; seeding it again replaces it."""
    document = {"id": "c", "name": "C", "etag": '"1400dd53-0000-0200-0000-5f3f23450000"', "createdAt": 5}
    app.store.seed("connections", {"id": "c", "name": "before"})
    app.store.seed("connections", document)
    assert api.item("/connections/c") == document
    assert app.store.documents("connections") == [document]


def test_scopes(app, another):
    """Seeds go into the sandbox and organisation that they name."""
    app.store.seed("connections", {"id": "c", "name": "dev"}, sandbox="dev", organisation="o@AdobeOrg")
    app.store.seed("connections", {"id": "c", "name": "prod"})
    assert another(x_sandbox_name="dev", x_gw_ims_org_id="o@AdobeOrg").item("/connections/c")["name"] == "dev"
    assert another().item("/connections/c")["name"] == "prod"
    assert app.store.get("connections", "c", "prod")["name"] == "prod"
    assert app.store.get("connections", "c")["name"] == "dev"
    assert app.store.get("connections", "none") is None


def test_seeding_a_spec_of_the_catalogue(app, another):
    """A seeded spec takes the place of the catalogue's own, for every sandbox."""
    identifier = "e77fde5a-22a8-11ed-861d-0242ac120002"
    app.store.seed("flowSpecs", {"id": identifier, "name": "Seeded", "providerId": "p"})
    for sandbox in ("prod", "dev"):
        found = another(x_sandbox_name=sandbox).get("/flowSpecs", property=f"id=={identifier}").json()["items"]
        assert [item["name"] for item in found] == ["Seeded"]


def test_a_file_outlives_the_application(tmp_path):
    """A file keeps documents and never repeats an etag; the catalogue is put into it once."""
    etags = set()
    for _ in range(2):
        app = create_app(tmp_path / "data.sqlite")
        with requests.Session() as session:
            session.mount("http://emulator.test", WsgiAdapter(app))
            session.headers.update(
                {"Authorization": "Bearer x", "x-api-key": "k", "x-gw-ims-org-id": "o", "x-sandbox-name": "s"}
            )
            url = "http://emulator.test/data/foundation/flowservice/targetConnections"
            etags.add(session.post(url, json={"params": {}}, timeout=5).json()["etag"][:9])
        found = len(app.store.documents("targetConnections", "s")), len(app.store.documents("flowSpecs"))
        app.close()
        app.close()
    assert found == (2, 6)
    assert len(etags) == 2


def test_closed(tmp_path):
    """A closed application holds its file no longer."""
    app = create_app(tmp_path / "data.sqlite")
    app.close()
    with pytest.raises(sqlite3.ProgrammingError, match=re.escape("closed")):
        app.store.documents("flows")


def test_settings_can_be_exchanged(app, api):
    """Settings may be exchanged whole, and count from the next call."""
    app.settings = type(app.settings)(token="other")
    assert api.get("/flows").status_code == 401
