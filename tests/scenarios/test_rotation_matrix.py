"""A secret that changed and a key that changed, in every combination: what is said, what is sent, what is remembered.

A fingerprint can be compared only with the key that it was made with. So a rotation is seen iff key and value are at
hand, and the key is the one of the ledger. Where it cannot be seen, nothing is sent, and it is said what was not
checked. ``--rotate`` sends whatever is there.
"""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from support.bench import TARGET, Bench
from support.chain import CONNECTION, result
from support.clones import ENVIRON, Forge, git

CRM, PASSWORD = "Connection/crm", "/auth/params/password"
FIRST_KEY, OTHER_KEY = "the-first-key-of-thirty-characters", "another-key-of-thirty-characters!"
FIRST, SECOND = "first-password", "second-password"
KEYS = {
    "same": (FIRST_KEY, FIRST_KEY),
    "changed": (FIRST_KEY, OTHER_KEY),
    "missing": (FIRST_KEY, ""),
    "was missing": ("", FIRST_KEY),
}
"""The key when it was applied first, and now."""
VALUES = {"same": (FIRST, FIRST), "changed": (SECOND, SECOND), "not given": ("", ""), "given at apply": ("", SECOND)}
"""The secret when it is planned now, and when it is applied."""
CASES = [*product(KEYS, VALUES, ["plain", "rotate"], ["folder", "git"])]


@pytest.fixture
def home(request: pytest.FixtureRequest, bench: Bench) -> str:
    """Where the ledger lives; in git, the manifests are in a clone."""
    if request.param == "git":
        bench.environ |= ENVIRON
        bench.folder = Forge(bench.folder / "forge").clone("desk")
        (bench.manifests / "one.yaml").unlink()
        target = {"emulator": True, "ledger": {"ref": "refs/reconciler/bench"}}
        bench.write("target.json", {**TARGET, "spec": target})
    return request.param


@pytest.mark.parametrize(("key", "value", "mode", "home"), CASES, indirect=["home"])
def test_a_rotation_is_seen_iff_it_can_be(bench: Bench, key: str, value: str, mode: str, home: str) -> None:
    """And nothing that could not be checked goes without a word."""
    (key_then, key_now), (planned_with, applied_with) = KEYS[key], VALUES[value]
    words = ["--rotate", CRM] if mode == "rotate" else []
    bench.declare("Connection", "crm", {**CONNECTION})
    put(bench, key_then, FIRST)
    id = result(bench.apply(), CRM)["id"]
    before = remembered(bench, home)
    bench.app.requests.clear()

    put(bench, key_now, planned_with)
    planned = bench.run("plan", "--format", "json", *words)
    assert planned.code == 0, planned.err
    seen = mode == "rotate" or (key == "same" and value == "changed")
    assert bool(planned.json["changes"]) is seen
    if seen:
        (change,) = planned.json["changes"]
        fields = [(field["path"], field["sensitive"], field["unknown"]) for field in change["fields"]]
        assert fields == [(PASSWORD, True, not planned_with)]
        assert (change["causes"], change["digest"]) == (["git"], None)
    said = planned.err
    assert ("RECONCILER_KEY is not set" in said) is (not key_now)
    assert ("another one than when the secrets of Connection/crm were sent" in said) is (key == "changed")
    assert ("secrets of Connection/crm were not fingerprinted" in said) is (key == "was missing")
    assert ("FLOW_SECRET_DB" in said) is (not planned_with and bool(key_now))
    assert FIRST not in planned.out + said
    assert SECOND not in planned.out + said

    put(bench, key_now, applied_with)
    applied = bench.run("apply", "--yes", "--format", "json", *words)
    sent = (mode == "rotate" and bool(applied_with)) or (key == "same" and applied_with == SECOND)
    sent = sent and key != "missing"  # who cannot seal does not write into a sealed ledger
    assert (applied.code == 0) is (sent or mode == "plain"), applied.err
    assert [request.method for request in bench.writes()] == (["PATCH"] if sent else [])
    bench.setting(secrets="clear")
    live = bench.live("connections", id)["auth"]["params"]["password"]
    assert live == (applied_with if sent else FIRST)

    after = remembered(bench, home)
    if sent:
        assert after["keyId"] is not None
        assert after != before or (applied_with == FIRST and key == "same")
    else:
        assert after["hmac"] in (before["hmac"], None) or key == "was missing"
    put(bench, key_now, applied_with)
    again = bench.run("plan", "--format", "json")
    assert again.json["changes"] == []


def put(bench: Bench, key: str, password: str) -> None:
    """Set key and secret, or take them away."""
    for name, value in (("RECONCILER_KEY", key), ("FLOW_SECRET_DB", password)):
        bench.environ.pop(name, None)
        bench.environ |= {name: value} if value else {}


def remembered(bench: Bench, home: str) -> dict[str, Any]:
    """Return the fingerprint in the ledger."""
    if home == "folder":
        return bench.entry("Connection", "crm")["secrets"][PASSWORD]
    files = git("ls-tree", "-r", "--name-only", "refs/reconciler/bench", cwd=bench.folder.parent / "remote.git")
    (path,) = [path for path in files.splitlines() if path.endswith("Connection/crm.json")]
    text = git("show", f"refs/reconciler/bench:{path}", cwd=bench.folder.parent / "remote.git")
    return json.loads(text)["secrets"][PASSWORD]
