"""What a newcomer gets wrong, as a table: the row that fails, what to mend, and what must not be blamed for it."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate

import pytest
from support.bench import NOW, Bench
from support.doctor import as_sandbox, failed, look
from werkzeug.wrappers import Response

from reconciler.emulator.faults import Fault

ACCESS, CREDENTIALS = "organisation, sandbox", "credentials"


@dataclass(frozen=True)
class Case:
    """A mistake; ``blamed`` are the rows that fail, ``words`` stand in the first of them, ``silent`` nowhere."""

    mistake: Callable[[Bench], object]
    blamed: tuple[str, ...]
    words: tuple[str, ...]
    silent: tuple[str, ...] = ()


def environ(**variables: str) -> Callable[[Bench], object]:
    return lambda bench: bench.environ.update(variables)


def service(**settings: object) -> Callable[[Bench], object]:
    return lambda bench: bench.setting(**settings)


def refuse(status: int, body: Mapping[str, str], path: str = "", method: str = "GET") -> Callable[[Bench], object]:
    answer = json.dumps(body)

    def mistake(bench: Bench) -> None:
        fault = Fault(lambda *_: Response(answer, status=status, mimetype="application/json"))
        bench.app.faults.add(fault, method=method, path=path, count=50)

    return mistake


def clock(seconds: int) -> Callable[[Bench], object]:
    def mistake(bench: Bench) -> None:
        def dated(response: Response) -> Response:
            response.headers["Date"] = formatdate(bench.clock.now() - seconds, usegmt=True)
            return response

        bench.app.faults.add(Fault(after=dated), count=50)

    return mistake


def token(**claims: object) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)]
    return ".".join([*parts, "Zq-signature"])


def ready(text: str, *, valid: bool, **variables: str) -> Callable[[Bench], object]:
    def mistake(bench: Bench) -> None:
        bench.environ |= {"AEP_ACCESS_TOKEN": text, "AEP_API_KEY": "me", **variables}
        if valid:
            bench.setting(token=text)

    return mistake


def both(*mistakes: Callable[[Bench], object]) -> Callable[[Bench], object]:
    return lambda bench: [mistake(bench) for mistake in mistakes]


NO_KEY = refuse(403, {"error_code": "403003", "message": "Api Key is invalid"})
NO_PERMISSION = {"errorMessage": "2118-403: the user has no permission"}
READS = tuple(
    f"read {one}"
    for one in ("connectionSpecs", "flowSpecs", "connections", "sourceConnections", "targetConnections", "flows")
)

CASES = {
    "a wrong client": Case(environ(AEP_CLIENT_ID="you"), (CREDENTIALS,), ("AEP_CLIENT_ID",), ("Admin Console",)),
    "a wrong secret": Case(environ(AEP_CLIENT_SECRET="Zq-no"), (CREDENTIALS,), ("AEP_CLIENT_SECRET",)),
    "a scope too many": Case(
        refuse(400, {"error": "invalid_scope"}, "/ims/", "POST"), (CREDENTIALS,), ("AEP_SCOPES is not",)
    ),
    "no scopes": Case(environ(AEP_SCOPES=""), ("environment",), ("AEP_SCOPES",)),
    "an old token": Case(
        ready(token(exp=NOW - 7200), valid=False), (CREDENTIALS,), ("expired 2 h 0 min ago", "mint another")
    ),
    "a token of nowhere": Case(ready("Zq-opaque", valid=False), (CREDENTIALS,), ("401013", "cannot be told")),
    "a token of another client": Case(
        both(ready(token(client_id="you"), valid=True), NO_KEY), (CREDENTIALS,), ("another client than AEP_API_KEY",)
    ),
    "a key of another client": Case(
        both(environ(AEP_API_KEY="you"), NO_KEY), (CREDENTIALS,), ("AEP_API_KEY is not AEP_CLIENT_ID", "leave it unset")
    ),
    "a key that is none": Case(NO_KEY, (CREDENTIALS,), ("403003", "Developer Console")),
    "a permission, told as the wrong key's": Case(
        both(environ(AEP_API_KEY="you"), refuse(403, NO_PERMISSION, "/flows$")), READS[-1:], ("AEP_API_KEY is not",)
    ),
    "IMS of another environment": Case(
        refuse(401, {"error_code": "401013", "message": "Oauth token is not valid"}),
        (CREDENTIALS,), ("AEP_IMS_URL and AEP_BASE_URL", "Admin Console"), ("mint",),
    ),
    "a wrong organisation": Case(
        environ(AEP_ORG_ID="OTHER@AdobeOrg"), (ACCESS,), ("403025", "AEP_ORG_ID"), ("spec.sandbox", "Admin Console")
    ),
    "a sandbox that is not there": Case(
        service(sandboxes=frozenset({"prod"})), (ACCESS,), ("'bench'", "not the title"), ("Admin Console", "AEP_ORG_ID")
    ),
    "a sandbox without a role": Case(
        refuse(403, NO_PERMISSION), READS, ("2118-403", "role", "sandbox 'bench'", "Admin Console"), ("not the title",)
    ),
    "one kind without permission": Case(refuse(403, NO_PERMISSION, "/flows$"), READS[-1:], ("Admin Console",)),
    "a clock ten minutes ahead": Case(clock(600), ("clock",), ("600 s ahead", "NTP")),
    "a clock ten minutes behind": Case(clock(-600), ("clock",), ("600 s behind", "NTP")),
    "a wrong clock and a wrong secret": Case(
        both(clock(-600), environ(AEP_CLIENT_SECRET="Zq-no")), (CREDENTIALS, "clock"), ("AEP_CLIENT_SECRET",)
    ),
    "a base that is another service": Case(refuse(404, {"message": "not found"}), ("Flow Service",), ("AEP_BASE_URL",)),
    "a service that is down": Case(refuse(503, {}), ("Flow Service",), ("try again",), ("AEP_",)),
}  # fmt: skip


@pytest.mark.assumes(error_shape="details", error_code="details")
@pytest.mark.parametrize("case", CASES)
def test_a_newcomer_is_told_which(bench: Bench, case: str) -> None:
    """What is wrong and where to mend it, no row besides it fails, and nothing is sent but reads and a sign-in."""
    one = CASES[case]
    one.mistake(as_sandbox(bench))
    rows = look(bench, code=1)
    assert failed(rows) == list(one.blamed)
    first = rows[one.blamed[0]]
    told = f"{first['found']} {first['mend']}"
    for words in one.words:
        assert words in told, told
    everything = json.dumps([row for row in rows.values() if row["status"] == "failed"], ensure_ascii=False)
    for words in one.silent:
        assert words not in everything
    assert rows["ledger"]["status"] in ("ok", "not checked")


@pytest.mark.parametrize(
    ("expires_in", "told"),
    [(86399, "23 h 59 min"), (86399992, "23 h 59 min"), ("3660", "1 h 0 min"), (None, "cannot be told")],
)
def test_how_long_an_opaque_token_holds(bench: Bench, expires_in: object, told: str) -> None:
    """IMS says so beside it, in seconds or in milliseconds (FACTS 3)."""
    as_sandbox(bench)
    answer = json.dumps({"access_token": "Zq-the-token", "token_type": "bearer", "expires_in": expires_in})
    fault = Fault(lambda *_: Response(answer, mimetype="application/json"))
    bench.app.faults.add(fault, method="POST", path="/ims/", count=9)
    assert told in look(bench, code=0)["credentials"]["found"]


def test_a_time_out_of_a_cache_is_not_looked_at(bench: Bench) -> None:
    """Whoever kept the answer says how old it is (RFC 9111, 5.1)."""
    as_sandbox(bench)

    def kept(response: Response) -> Response:
        response.headers |= {"Date": formatdate(bench.clock.now() - 9000, usegmt=True), "Age": "9000"}
        return response

    bench.app.faults.add(Fault(after=kept), count=50)
    assert look(bench, code=0)["clock"]["found"] == "no answer told its time"


def test_what_is_alike_stands_once_for_a_person(bench: Bench) -> None:
    """Rows that tell nothing of their own are one line, and what mends several rows stands below the last."""
    as_sandbox(bench)
    refuse(403, NO_PERMISSION)(bench)
    shown = bench.run("doctor").out
    assert shown.count("Admin Console") == 1
    assert shown.count("2118-403") == 6
    bench.environ["AEP_CLIENT_SECRET"] = "Zq-no"
    lines = [line for line in bench.run("doctor").out.split("\n") if "something before it failed" in line]
    assert [line.split("  ")[1] for line in lines] == ["Flow Service … read flows"]


def test_a_role_in_no_kind_is_told_as_such(bench: Bench) -> None:
    """That the sandbox is there cannot be told then, and is not."""
    as_sandbox(bench)
    refuse(403, NO_PERMISSION)(bench)
    row = look(bench, code=1)[ACCESS]
    assert (row["status"], "nothing in sandbox bench" in row["found"]) == ("warning", True)


@pytest.mark.parametrize("thing", ["pipe", "symlink"])
def test_what_is_no_file_does_not_hide_the_targets(bench: Bench, thing: str) -> None:
    """It is named; ledger and credentials of a target that is named are looked at all the same."""
    path = as_sandbox(bench).manifests / "broken.yaml"
    os.mkfifo(path) if thing == "pipe" else path.symlink_to("nowhere")
    rows = look(bench, code=1, run=lambda *arguments: bench.run("--target", "bench", *arguments))
    assert failed(rows) == ["manifests"]
    assert "broken.yaml" in rows["manifests"]["found"]
    assert [rows[name]["status"] for name in ("target", "credentials", "ledger")] == ["ok"] * 3
