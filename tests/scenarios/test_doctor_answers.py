"""Doctor reads the answers of IMS and of the service: each refusal is blamed on what explains it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from support.bench import NOW, Bench
from support.doctor import as_sandbox, failed, look
from werkzeug.wrappers import Response

from reconciler.emulator.faults import Fault

ACCESS = "organisation, sandbox"


@pytest.fixture
def sandbox(bench: Bench) -> Bench:
    return as_sandbox(bench)


def refuse(bench: Bench, status: int, body: dict[str, Any], **match: Any) -> None:
    bench.app.faults.add(
        Fault(lambda *_: Response(json.dumps(body), status=status, mimetype="application/json")), count=50, **match
    )


def token_of(payload: Any) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, payload)]
    return ".".join([*parts, "Zq-signature"])


@pytest.mark.parametrize(
    ("body", "row", "word"),
    [
        ({"error_code": "403000", "message": "Api Key is required"}, "credentials", "AEP_API_KEY"),
        ({"error_code": "403003", "message": "Api Key is invalid"}, "credentials", "AEP_API_KEY"),
        ({"error_code": "403027", "message": "No organisation"}, ACCESS, "AEP_ORG_ID"),
        ({"error_code": "403025", "message": "Profile is not valid"}, ACCESS, "AEP_ORG_ID"),
        ({"errorMessage": "2111-403: sandbox"}, ACCESS, "spec.sandbox"),
    ],
)
def test_a_code_is_blamed_on_what_explains_it(sandbox: Bench, body: dict[str, Any], row: str, word: str) -> None:
    """A 403 is not always a permission."""
    refuse(sandbox, 403, body, method="GET")
    rows = look(sandbox, code=1)
    assert failed(rows) == [row]
    assert word in rows[row]["mend"]


@pytest.mark.parametrize("code", ["2118-403", "2120-403", "2121-403"])
def test_a_permission_is_missing_in_each_collection(sandbox: Bench, code: str) -> None:
    """Six rows, and none of them blames a variable."""
    refuse(sandbox, 403, {"errorMessage": f"{code}: no permission"}, method="GET")
    rows = look(sandbox, code=1)
    assert failed(rows) == [name for name in rows if name.startswith("read ")]
    assert {code in rows[name]["found"] and "Admin Console" in rows[name]["mend"] for name in failed(rows)} == {True}


def test_a_scope_that_the_credential_has_not(sandbox: Bench) -> None:
    """IMS's invalid_scope is told from a wrong secret."""
    refuse(sandbox, 400, {"error": "invalid_scope"}, method="POST")
    rows = look(sandbox, code=1)
    assert failed(rows) == ["credentials"]
    assert rows["credentials"]["mend"].startswith("AEP_SCOPES")


def test_a_refusal_that_says_nothing(sandbox: Bench) -> None:
    """All that it may be is named."""
    refuse(sandbox, 401, {}, method="POST")
    rows = look(sandbox, code=1)
    assert failed(rows) == ["credentials"]
    assert rows["credentials"]["mend"].startswith("AEP_CLIENT_ID, AEP_CLIENT_SECRET or AEP_SCOPES")


def test_ims_in_trouble(sandbox: Bench) -> None:
    """A 500 of IMS blames no credential."""
    refuse(sandbox, 500, {"error": "down"}, method="POST")
    rows = look(sandbox, code=1)
    assert failed(rows) == ["IMS"]
    assert "AEP_IMS_URL" in rows["IMS"]["mend"]


@pytest.mark.assumes(get_lag=0.0, list_lag=0.0)
@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"exp": NOW + 7300}, "the token holds for 2 h 1 min"),
        ({"created_at": str(int(NOW * 1000)), "expires_in": "600000"}, "the token holds for 9 min"),
        ({"exp": NOW - 400}, "the token expired 6 min ago"),
        ({"exp": True}, "cannot be told"),
        ({"exp": 1e300}, "cannot be told"),
        ([], "cannot be told"),
    ],
)
def test_what_a_ready_token_says_of_itself(sandbox: Bench, payload: Any, told: str) -> None:
    """Taken or refused, and never shown."""
    token = token_of(payload)
    sandbox.environ |= {"AEP_ACCESS_TOKEN": token, "AEP_API_KEY": "me"}
    refused = look(sandbox, code=1)
    assert failed(refused) == ["credentials"]
    assert told in refused["credentials"]["found"]
    assert token not in json.dumps(refused)
    sandbox.setting(token=token)
    assert told in look(sandbox, code=0)["credentials"]["found"]


@pytest.mark.parametrize("token", ["Zq-opaque", "a.b.Zq-c", "a.e30.Zq-c"])
def test_a_token_that_is_no_jwt(sandbox: Bench, token: str) -> None:
    """Nobody promised one."""
    sandbox.environ |= {"AEP_ACCESS_TOKEN": token, "AEP_API_KEY": "me"}
    sandbox.setting(token=token)
    assert "cannot be told" in look(sandbox, code=0)["credentials"]["found"]
