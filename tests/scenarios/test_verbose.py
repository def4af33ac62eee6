"""What -v and -vv tell of the wire can be pasted into a ticket: secrets are masked by their place, known or not."""

from __future__ import annotations

import json

import pytest
from support.bench import Bench
from support.chain import PASSWORD, apply_chain, declare, declare_chain

CLIENT_SECRET, TOKEN = "Qz-client-secret", "Qz-minted-token"


@pytest.fixture
def signed_in(bench: Bench) -> Bench:
    """A target whose token comes from IMS."""
    target = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"}}
    bench.write("target.json", {**target, "spec": {"sandbox": "bench"}})
    bench.setting(client_id="me", client_secret=CLIENT_SECRET, token=TOKEN)
    bench.environ |= {
        "AEP_BASE_URL": "http://127.0.0.1:1",
        "AEP_IMS_URL": "http://127.0.0.1:1",
        "AEP_CLIENT_ID": "me",
        "AEP_CLIENT_SECRET": CLIENT_SECRET,
        "AEP_SCOPES": "openid",
        "AEP_ORG_ID": "EMULATOR@AdobeOrg",
    }
    declare_chain(bench)
    return bench


def told(bench: Bench, *arguments: str) -> list[str]:
    """Return the lines of the wire log of one command."""
    ran = bench.run(*arguments)
    assert "bug:" not in ran.err
    return [line for line in ran.err.split("\n") if line.startswith("wire: ")]


def test_one_line_a_request(bench: Bench) -> None:
    """Method, path, status and sizes, on stderr; the result on stdout is what it was."""
    apply_chain(bench)
    plain = bench.run("plan", "--format", "json")
    bench.app.requests.clear()
    ran = bench.run("-v", "plan", "--format", "json")
    assert ran.out == plain.out
    lines = [line for line in ran.err.split("\n") if line.startswith("wire: ")]
    assert len(lines) == len(bench.app.requests) > 3
    assert all(" localhost GET /" in line and ": 200 after " in line and " bytes out, " in line for line in lines)
    assert told(bench, "plan") == []


def test_waits_are_told(bench: Bench) -> None:
    """How long, before which try, and why."""
    apply_chain(bench)
    bench.app.faults.status(503, method="GET", path="/flows", count=1)
    assert any("before try 2: Flow Service failed at GET /flows" in line for line in told(bench, "-v", "plan"))
    bench.app.faults.reset_before(method="GET", path="/flows", count=1)
    assert any("no answer after" in line for line in told(bench, "-v", "plan"))


def test_neither_token_nor_client_secret(signed_in: Bench) -> None:
    """The sign-in is told of, and nothing of what it holds."""
    lines = told(signed_in, "-vv", "apply", "--yes")
    assert any("POST /ims/token/v3: 200" in line for line in lines)
    assert sum("(credentials, so it is not shown)" in line for line in lines) == 2
    text = "\n".join(lines)
    for secret in (CLIENT_SECRET, TOKEN, "first-password", "grant_type", "access_token"):
        assert secret not in text
    assert not any("authorization" in line.lower() for line in lines)


@pytest.mark.assumes(secrets="clear", list_secrets="same", key_order="sent")
def test_credentials_are_masked_by_their_place(bench: Bench) -> None:
    """In requests, in patches and in answers; a secret that only live holds was heard of by nobody."""
    bench.environ["FLOW_SECRET_DB"] = "first-password"
    ids = apply_chain(bench)

    def by_hand(body: dict) -> None:
        body["auth"]["params"] |= {"password": "Qz-theirs", "note": "Qz-noted"}
        body["apiKey"] = "Qz-key"

    bench.edit("connections", ids["Connection/warehouse"], by_hand)
    text = "\n".join(told(bench, "-vv", "plan"))
    assert '"params": {"server": "•••"' in text
    assert "Qz-" not in text
    bench.environ["FLOW_SECRET_DB"] = "Qz-second"
    declare(
        bench,
        "Connection/warehouse",
        ("auth/params", {"server": "Qz-server", "username": "u", "password": PASSWORD, "database": "d"}),
    )
    text = "\n".join(told(bench, "-vv", "apply", "--yes", "--rotate", "Connection/warehouse"))
    assert '"path": "/auth/params", "value": {' in text
    assert "Qz-" not in text


@pytest.mark.assumes(token_alone=False, connection_links=True)
def test_tokens_in_a_query(bench: Bench) -> None:
    """A continuation token is as good as what somebody packed into it."""
    for at in range(101):
        bench.seed("connections", {"id": f"c-{at}", "etag": '"e"', "name": f"c{at}", "state": "enabled"})
    declare_chain(bench)
    lines = told(bench, "-v", "plan")
    assert any("&continuationToken=•••" in line for line in lines)
    assert not any("continuationToken=e" in line for line in lines)


def test_what_is_no_json_is_not_shown(bench: Bench) -> None:
    """It has no places to go by."""
    declare_chain(bench)
    bench.app.faults.body("<html>password=Qz-page</html>", method="GET", path="/connections", count=9)
    lines = told(bench, "-vv", "plan")
    assert any("(not JSON, so it is not shown)" in line for line in lines)
    assert "Qz-page" not in "\n".join(lines)


def test_foreign_text_stays_text(bench: Bench) -> None:
    """Neither escapes nor commands of a workflow get out of an answer."""
    declare_chain(bench)
    body = json.dumps({"items": [], "n": "\x1b[31m\r::error::x\u202e"}, ensure_ascii=False)
    bench.app.faults.body(body, method="GET", path="/", count=9)
    ran = bench.run("-vv", "plan")
    assert all(char.isprintable() or char == "\n" for char in ran.err)
    assert not any(line.startswith("::") for line in ran.err.split("\n"))
