"""Everything that may go wrong, at every kind of call: nothing is made twice or lost, and then it converges.

Usually each trouble meets one kind of call in turn; with ``--whole`` each meets every kind.
"""

from __future__ import annotations

import pytest
from support.bench import Bench
from support.chain import COLLECTIONS, apply_chain, declare, declare_chain, objects

from reconciler.emulator.troubles import CATALOGUE

CALLS = {
    "list": {"method": "GET", "path": "/(connections|flows)$"},
    "get": {"method": "GET", "path": "/(connections|flows)/[^/]+$"},
    "create": {"method": "POST", "path": "/(connections|flows)$"},
    "patch": {"method": "PATCH", "path": "/(connections|flows)/"},
    "action": {"method": "POST", "path": "/action$"},
    "delete": {"method": "DELETE", "path": "/(connections|flows)/"},
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let troubles meet calls: all of them, or each its turn."""
    calls = MEETS[metafunc.function.__name__]
    meetings = [(name, calls[at % len(calls)]) for at, name in enumerate(CATALOGUE)]
    if metafunc.config.getoption("--whole"):
        meetings = [(name, call) for name in CATALOGUE for call in calls]
    metafunc.parametrize(("name", "call"), meetings)


MEETS = {
    "test_while_all_is_made": ["list", "get", "create"],
    "test_while_all_is_changed": ["list", "get", "patch", "action"],
    "test_while_all_is_deleted": ["get", "delete"],
}
NAMES = {"connections": "Warehouse", "sourceConnections": "Orders, read", "targetConnections": "Orders, stored"}


def once_each(bench: Bench) -> None:
    """Every object of the chain is there once."""
    for collection in (*NAMES, "flows"):
        assert len(objects(bench, collection)) == 1, collection


def trouble_free(bench: Bench, *, prune: bool = False) -> None:
    """Without trouble, an apply or two later, git is what is live."""
    bench.app.faults.clear()
    bench.clock.sleep(120)
    for _ in range(2):
        ran = bench.run("apply", "--yes", *(["--prune", "--allow-large"] if prune else []))
        assert "bug:" not in ran.err
    assert ran.code == 0, ran.out + ran.err
    assert bench.plan(*(["--prune"] if prune else []))["changes"] == []


def test_while_all_is_made(bench: Bench, name: str, call: str) -> None:
    """An apply under trouble ends with a code and a report; nothing is made twice."""
    declare_chain(bench)
    CATALOGUE[name](bench.app.faults, count=2, **CALLS[call])
    ran = bench.run("apply", "--yes")
    assert ran.code in (0, 1)
    assert "bug:" not in ran.err, ran.err
    trouble_free(bench)
    once_each(bench)


def test_while_all_is_changed(bench: Bench, name: str, call: str) -> None:
    """A change under trouble is made, or is told as not made and made by the next apply."""
    ids = apply_chain(bench)
    declare(bench, "Connection/warehouse", ("description", "Changed"))
    declare(bench, "Flow/orders", ("description", "Changed"), ("state", "disabled"))
    CATALOGUE[name](bench.app.faults, count=2, **CALLS[call])
    ran = bench.run("apply", "--yes")
    assert ran.code in (0, 1)
    assert "bug:" not in ran.err, ran.err
    trouble_free(bench)
    once_each(bench)
    for resource in ("Connection/warehouse", "Flow/orders"):
        assert bench.live(COLLECTIONS[resource.split("/")[0]], ids[resource])["description"] == "Changed"


def test_while_all_is_deleted(bench: Bench, name: str, call: str) -> None:
    """What is to go goes, now or with the next apply."""
    apply_chain(bench)
    for path in bench.manifests.glob("*-*.json"):
        path.unlink()
    CATALOGUE[name](bench.app.faults, count=2, **CALLS[call])
    ran = bench.run("apply", "--yes", "--prune", "--allow-large")
    assert ran.code in (0, 1)
    assert "bug:" not in ran.err, ran.err
    trouble_free(bench, prune=True)
    assert not any(objects(bench, collection) for collection in (*NAMES, "flows"))
