"""What ``drift --accept`` does not take: nothing to take, nobody can tell what, or nothing that git may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.bench import HEADERS, Bench
from support.chain import CONNECTION, apply_chain, changed, declare
from support.inbox import ORDERS, WAREHOUSE, YAML, accepted, refused, written


@pytest.mark.assumes(delete_seconds=0.0)
def test_what_is_not_there_or_not_different(bench: Bench) -> None:
    """Each case has its own message; what has not drifted is no error."""
    path, ids = written(bench)
    ran = bench.run("drift", "--accept", ORDERS)
    assert (ran.code, path.read_text()) == (0, YAML)
    assert f"{ORDERS} has not drifted: nothing was written for it" in ran.out
    refused(bench, "Flow/none", "no manifest declares Flow/none on target bench")
    bench.declare("Connection", "second", changed(CONNECTION, ("name", "Second")))
    refused(bench, "Connection/second", "Connection/second is not created yet: nothing is live to accept or snooze")
    headers = HEADERS | {"If-Match": bench.live("flows", ids[ORDERS])["etag"]}
    bench.http.delete(f"http://localhost/data/foundation/flowservice/flows/{ids[ORDERS]}", headers=headers)
    refused(bench, ORDERS, f"{ORDERS} is missing, and only fields can be accepted or snoozed")


def test_what_cannot_be_read(bench: Bench) -> None:
    """Nobody knows what is live there."""
    written(bench)
    body = json.dumps({"errorCode": "2118-403", "errorMessage": "No permission to view this"})
    bench.app.faults.body(body, status=403, method="GET", path="^/flows", count=10)
    refused(bench, ORDERS, f"{ORDERS} could not be read")


@pytest.mark.assumes(secrets="clear", list_secrets="same")
def test_a_secret_never_gets_into_git(bench: Bench) -> None:
    """Neither from a secret's own place, nor where somebody has copied it to."""
    ids = apply_chain(bench)
    bench.edit("connections", ids[WAREHOUSE], lambda one: one.update(description="It is first-password"))
    refused(bench, WAREHOUSE, "the live value of /description holds a secret")
    bench.edit("connections", ids[WAREHOUSE], lambda one: one.update(description=CONNECTION["description"]))
    declare(bench, WAREHOUSE, ("auth/params/accessToken", None))
    bench.apply()
    bench.edit("connections", ids[WAREHOUSE], lambda one: one["auth"]["params"].update(accessToken="hidden-away"))
    refused(bench, WAREHOUSE, "is or holds a secret, and a live secret is never written into git")
    assert "hidden-away" not in bench.run("drift", "--accept", WAREHOUSE).err


@pytest.mark.parametrize(
    "text",
    ["jdbc:redshift://db;user=x;password=hidden-away", "https://u:hidden-away@db", "https://db?sv=1&sig=hidden-away"],
)
def test_credentials_within_a_text(bench: Bench, text: str) -> None:
    """A URL or DSN with a password in it stays out of git like any secret, wherever somebody has put it."""
    ids = apply_chain(bench)
    bench.edit("connections", ids[WAREHOUSE], lambda one: one["auth"]["params"].update(server=text))
    refused(
        bench, WAREHOUSE, "live value of /auth/params/server holds credentials", "write the whole value with valueF"
    )
    declare(bench, ORDERS, ("transformations", [{"name": "Mapping", "params": {"urls": ["https://db?code="]}}]))
    bench.apply("--only", ORDERS)
    bench.edit("flows", ids[ORDERS], lambda flow: flow["transformations"][0]["params"].update(urls=["x", text]))
    refused(bench, ORDERS, "/transformations/[name=Mapping]/params/urls/1 holds credentials", "take them out of it")
    assert "hidden-away" not in bench.run("drift", "--accept", ORDERS).err


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a\u202eb", "U+202E"),
        ("a\x1bb", "U+001B"),
        ({"valueFrom": {"env": "FLOW_SECRET_DB"}}, "what a manifest would read as a reference or a secret"),
        ({"in": [{"ref": "Connection/warehouse"}]}, "what a manifest would read as a reference or a secret"),
        ({"k\u2066": [1]}, "U+2066"),
        (2**60, "too many digits"),
    ],
    ids=["bidi", "control", "sugar", "sugar inside", "a key", "a number"],
)
def test_what_no_manifest_can_hold(bench: Bench, value: Any, message: str) -> None:
    """Live values are anybody's: what our own reader would refuse, or read as something else, is never written."""
    ids = apply_chain(bench)
    source = ids["SourceConnection/orders"]
    bench.edit("sourceConnections", source, lambda one: one["params"].update(tableName=value))
    refused(bench, "SourceConnection/orders", message)


def test_hostile_text_stays_text(bench: Bench) -> None:
    """Whatever would mean something to YAML is quoted, and reads back as what it is."""
    path, ids = written(bench)
    for text in (
        "*a",
        "&b c",
        "!t x",
        "# c",
        "a: b",
        "- x",
        "{",
        "NO",
        "~",
        "1",
        "2027-01-01",
        "a\nb: c\n",
        "'",
        '"\\',
    ):
        bench.edit("flows", ids[ORDERS], lambda flow, text=text: flow.update(description=text))
        accepted(bench, ORDERS)
    assert path.read_text().count("\n") == YAML.count("\n")
