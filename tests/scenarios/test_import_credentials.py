"""Credentials within a longer text, a URL or a DSN, are no less secret: an import keeps them out of git."""

from __future__ import annotations

from support.bench import Bench
from support.bodies import flow, source, stored
from support.chain import CONNECTION, apply_chain, changed, declare_chain
from support.imports import assert_idle, assert_in_sync, files, forget_all, import_all, manifests

HIDDEN = "kanarienvogel"
DSN = f"jdbc:redshift://db;user=x;password={HIDDEN}"
URL = f"https://reader:{HIDDEN}@host.example.com/"
SIGNED = f"https://host.example.com/?sv=1&sig={HIDDEN}"


def test_below_credentials_the_text_is_a_secret(bench: Bench) -> None:
    """It comes from a variable as a whole; what only looks like one is as it is."""
    declare_chain(bench)
    harmless = "https://host.example.com/path?page=1&code="
    bench.declare("Connection", "warehouse", changed(CONNECTION, ("auth/params/server", DSN)))
    bench.declare("Connection", "second", changed(CONNECTION, ("name", "Second"), ("auth/params/server", harmless)))
    bench.apply()
    forget_all(bench)
    ran = import_all(bench)
    found = manifests(bench)
    server = found["Connection/warehouse"]["spec"]["auth"]["params"]["server"]
    assert server == {"valueFrom": {"env": "FLOW_SECRET_WAREHOUSE_SERVER"}}
    assert found["Connection/second"]["spec"]["auth"]["params"]["server"] == harmless
    assert "FLOW_SECRET_WAREHOUSE_SERVER" in ran.err
    assert HIDDEN not in "".join(files(bench.manifests).values()) + ran.out + ran.err
    assert_in_sync(bench, 5)
    assert_idle(bench)


def test_elsewhere_the_text_stays_out(bench: Bench) -> None:
    """No secret may stand there, so it is left out, with a comment and a notice; no name is made of it."""
    bench.seed("sourceConnections", stored("s-1", source("c-1", URL, params={"url": SIGNED, "path": "/x"})))
    steps = [{"name": "Mapping", "params": {"from": SIGNED}}]
    bench.seed("flows", stored("f-1", flow(["s-1"], [], description=f"See {URL}", transformations=steps)))
    ran = import_all(bench)
    texts = files(bench.manifests)
    assert HIDDEN not in "".join([*texts, *texts.values()]) + ran.out + ran.err
    assert manifests(bench)["SourceConnection/source-connection-s1"]["spec"]["params"] == {"path": "/x"}
    for path in ("/name", "/params/url", "/description", "/transformations/[name=Mapping]/params/from"):
        assert f": {path} is left out, and so not managed: it holds a secret" in ran.err
        assert f"# Left out, and so not managed: {path}\n" in "".join(texts.values())
    assert_in_sync(bench, 2)
    assert_idle(bench)


def test_what_git_once_had_in_plain(bench: Bench) -> None:
    """A text that was applied as it is cannot become a secret without a change: it is an error, and is not written."""
    ids = apply_chain(bench)
    bench.declare("Connection", "warehouse", changed(CONNECTION, ("auth/params/server", DSN)))
    bench.apply()
    for path in bench.manifests.glob("*-*.json"):
        path.unlink()
    ran = import_all(bench, code=1)
    assert f"Connection {ids['Connection/warehouse']} cannot be a manifest" in ran.err
    assert HIDDEN not in "".join(files(bench.manifests).values()) + ran.out + ran.err
