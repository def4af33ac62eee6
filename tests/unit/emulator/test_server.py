"""The same over a real socket, and the adapter that needs none."""

from __future__ import annotations

import threading

import pytest
import requests
from unit.emulator.conftest import NOW, connection_body

from reconciler.emulator import Settings, create_app, server
from reconciler.emulator.inprocess import WsgiAdapter


@pytest.fixture
def remote(app, another):
    """A caller over a socket of its own."""
    with server.running(app) as url, requests.Session() as session:
        caller = another()
        caller.session, caller.host = session, url
        yield caller


def test_calls_over_a_socket(remote, capfd):
    """The server speaks for the application, keeps connections open, and writes no log."""
    path = f"/connections/{remote.connection()}"
    assert remote.patch(path, [{"op": "replace", "path": "/name", "value": "New"}]).status_code == 200
    assert remote.item(path)["name"] == "New"
    assert remote.delete(path).status_code == 204
    assert remote.get(path).status_code == 404
    assert capfd.readouterr().err == ""


def test_services_beside_each_other(api, another):
    """Each has its own objects and its own ways, although one set of rules routes the calls of all."""
    with requests.Session() as session:
        beside = create_app(":memory:", Settings(clock=lambda: NOW, post_etag="absent"))
        session.mount("http://", WsgiAdapter(beside))
        caller = another()
        caller.session = session
        made = caller.post("/connections", connection_body()).json()
        assert made.keys() == {"id"}
        assert api.get(f"/connections/{made['id']}").status_code == 404
        assert api.post("/connections", connection_body()).json().keys() == {"id", "etag"}
        assert caller.get(f"/connections/{made['id']}").status_code == 200
        beside.store.close()


def test_parallel_callers(app, another):
    """Many callers at once: every object is made once, every etag is another."""
    with server.running(app) as url:

        def make():
            with requests.Session() as session:
                caller = another()
                caller.session, caller.host = session, url
                for _ in range(5):
                    caller.connection()

        threads = [threading.Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = app.store.documents("connections")
    assert len(found) == len({item["id"] for item in found}) == len({item["etag"] for item in found}) == 20


def test_reset(remote, app, bodies):
    """A reset closes the socket without an answer; the next call finds the service alive."""
    app.faults.reset_after_commit(method="POST")
    with pytest.raises(requests.ConnectionError):
        remote.post("/connections", bodies.connection())
    assert remote.get("/connections", count="true").json() == {"count": 1}


def test_silence(remote, app):
    """A call that is never answered ends with the caller's patience."""
    app.faults.timeout()
    with pytest.raises(requests.ReadTimeout):
        remote.session.get(remote.host, timeout=0.05)


def test_serve_until_interrupted(app, monkeypatch):
    """The blocking form tells its address, and ends quietly when interrupted."""
    told = []

    def interrupted(_server, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(server.BaseWSGIServer, "serve_forever", interrupted)
    server.serve(app, 0, told.append)
    server.serve(app, 0)
    assert told[0].startswith("http://127.0.0.1:")


def test_streamed_response(session, api):
    """A response that is read in pieces is a real one."""
    session.headers.update(api.headers)
    url = "http://emulator.test/data/foundation/flowservice/flowSpecs"
    with session.get(url, stream=True, timeout=5) as response:
        assert b"".join(response.iter_content(100)).startswith(b'{"items"')
    assert response.reason == "OK"


def test_header_bytes_and_text_bodies(app, bodies):
    """Prepared requests may hold bytes in headers and text in bodies."""
    url = "https://emulator.test/data/foundation/flowservice/connections"
    headers = {
        "Authorization": b"Bearer x",
        "x-api-key": "k",
        "x-gw-ims-org-id": "o",
        "x-sandbox-name": "s",
        "Content-Type": "application/json",
    }
    prepared = requests.Request("POST", url, headers=headers, data='{"name": "Näme"}').prepare()
    adapter = WsgiAdapter(app)
    assert adapter.send(prepared).status_code == 400
    adapter.close()
    assert app.requests[0].body == {"name": "Näme"}
