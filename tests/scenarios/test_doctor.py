"""A newcomer, or whoever is on call, is told what is wrong: the one row that fails is the one to mend."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from support.bench import Bench
from support.doctor import as_sandbox, failed, look
from werkzeug.wrappers import Response

from reconciler.emulator.faults import Fault


@pytest.fixture
def sandbox(bench: Bench) -> Bench:
    return as_sandbox(bench)


def test_all_is_well(sandbox: Bench) -> None:
    """Nothing fails, every collection is readable, and a plan comes next."""
    rows = look(sandbox, code=0)
    assert failed(rows) == []
    assert [rows[name]["status"] for name in rows if name.startswith("read ")] == ["ok"] * 6
    assert rows["credentials"]["status"] == rows["ledger"]["status"] == "ok"
    assert rows["ledger"]["found"].startswith(f"{sandbox.ledger}: readable")
    assert "Next: reconciler --target bench plan" in sandbox.run("doctor").out


@pytest.mark.parametrize(
    ("variable", "value", "row", "word"),
    [
        ("AEP_CLIENT_ID", "you", "credentials", "AEP_CLIENT_ID"),
        ("AEP_CLIENT_SECRET", "Zq-another-secret", "credentials", "AEP_CLIENT_SECRET"),
        ("AEP_ORG_ID", "OTHER@AdobeOrg", "organisation, sandbox", "AEP_ORG_ID"),
        ("AEP_ACCESS_TOKEN", "Zq-expired", "credentials", "expired"),
        ("AEP_SCOPES", "", "environment", "AEP_SCOPES"),
        ("AEP_BASE_URL", "https://evil.example", "environment", "AEP_BASE_URL"),
    ],
)
def test_a_wrong_variable_is_named(sandbox: Bench, variable: str, value: str, row: str, word: str) -> None:
    """One row fails, and it names what to mend."""
    sandbox.environ |= {variable: value, "AEP_API_KEY": "me"}
    rows = look(sandbox, code=1)
    assert failed(rows) == [row]
    assert word in rows[row]["found"] + rows[row]["mend"]


@pytest.mark.assumes(error_shape="details", error_code="details")
def test_a_wrong_sandbox_is_named(sandbox: Bench) -> None:
    """It is not taken for a missing permission."""
    sandbox.setting(sandboxes=frozenset({"prod"}))
    rows = look(sandbox, code=1)
    assert failed(rows) == ["organisation, sandbox"]
    assert "'bench'" in rows["organisation, sandbox"]["mend"]


def test_a_missing_permission_is_named(sandbox: Bench) -> None:
    """That of one collection alone, the others are readable."""
    sandbox.app.faults.status(403, path="/flows$", count=2)
    rows = look(sandbox, code=1)
    assert failed(rows) == ["read flows"]
    assert "Admin Console" in rows["read flows"]["mend"]


@pytest.mark.parametrize(
    ("ahead", "status", "code"),
    [(0, "ok", 0), (60, "warning", 0), (-60, "warning", 0), (900, "failed", 1), (-900, "failed", 1)],
)
def test_a_skewed_clock_is_named(sandbox: Bench, ahead: int, status: str, code: int) -> None:
    """By how much, and in which direction."""

    def dated(response: Response) -> Response:
        response.headers["Date"] = formatdate(sandbox.clock.now() - ahead, usegmt=True)
        return response

    sandbox.app.faults.add(Fault(after=dated), method="GET", count=50)
    row = look(sandbox, code=code)["clock"]
    assert row["status"] == status
    assert not ahead or ("ahead" if ahead > 0 else "behind") in row["found"]


def test_a_page_is_no_service(sandbox: Bench) -> None:
    """A proxy's sign-in page with status 200 is told apart."""
    sandbox.app.faults.body("<html><title>Sign in</title>", content_type="text/html", method="GET", count=50)
    rows = look(sandbox, code=1)
    assert failed(rows) == ["Flow Service"]
    assert "Sign in" in rows["Flow Service"]["found"]


def test_a_service_in_trouble_is_no_fault_of_ours(sandbox: Bench) -> None:
    """A 503 says wait, and blames no variable."""
    sandbox.app.faults.status(503, method="GET", count=50)
    rows = look(sandbox, code=1)
    assert failed(rows) == ["Flow Service"]
    assert "try again" in rows["Flow Service"]["mend"]


def test_an_empty_environment_is_one_failure(sandbox: Bench) -> None:
    """All that is missing stands in one row; the others do not repeat it."""
    sandbox.environ.clear()
    rows = look(sandbox, code=1)
    assert failed(rows) == ["environment"]
    assert "AEP_ORG_ID" in rows["environment"]["found"]
    assert rows["ledger"]["status"] == "not checked"


@pytest.mark.parametrize(("url", "word"), [("http://127.0.0.1:1", "refused"), ("https://nowhere.invalid", "DNS")])
def test_a_host_that_is_not_there(sandbox: Bench, url: str, word: str) -> None:
    """Over real sockets: refused is told apart from a name that nobody knows."""
    sandbox.http.adapters.pop("http://")
    sandbox.http.mount("http://", type(sandbox.http.adapters["https://"])())
    sandbox.environ |= {"AEP_IMS_URL": url, "RECONCILER_TRUSTED_HOSTS": "nowhere.invalid"}
    rows = look(sandbox, code=1)
    assert failed(rows) == ["IMS"]
    assert word in rows["IMS"]["found"]


def test_what_is_odd_is_a_warning(sandbox: Bench) -> None:
    """A variable of no target, quotes, a short key, and a secret that is missing stop nothing."""
    password = {"valueFrom": {"env": "FLOW_SECRET_DB"}}
    auth = {"specName": "Basic Authentication", "params": {"password": password}}
    sandbox.declare("Connection", "a", {"name": "A", "connectionSpec": {"id": "x", "version": "1"}, "auth": auth})
    sandbox.environ |= {"AEP_BENSH_CLIENT_ID": "'me'", "RECONCILER_KEY": "Zq-short"}
    rows = look(sandbox, code=0)
    warned = {name for name, row in rows.items() if row["status"] == "warning"}
    assert warned == {"key", "secrets", "variables"}
    assert "AEP_BENSH_CLIENT_ID: there is no such target" in rows["variables"]["found"]
    assert "FLOW_SECRET_DB" in rows["secrets"]["found"]


def test_a_broken_manifest_or_ledger_hides_nothing(sandbox: Bench) -> None:
    """A ledger that is no JSON is a row, beside credentials that are right; so is a manifest."""
    (sandbox.ledger / "resources" / "Flow").mkdir(parents=True)
    (sandbox.ledger / "resources" / "Flow" / "a.json").write_text("{", encoding="utf-8")
    assert failed(look(sandbox, code=1)) == ["ledger"]
    sandbox.write("broken.yaml", "kind: [")
    rows = look(sandbox, code=1)
    assert failed(rows) == ["manifests"]
    assert "broken.yaml" in rows["manifests"]["found"]
    assert rows["target"]["status"] == "not checked"  # which is meant may stand in what cannot be read


@pytest.mark.parametrize("broken", ["kind: [", '{"apiVersion": "reconciler/v1", "kind": "Flow", "metadata": {}}'])
def test_a_bad_manifest_does_not_hide_a_good_target(sandbox: Bench, broken: str) -> None:
    """The target that is named is looked at all the same, and what is wrong with its credentials is told."""
    sandbox.write("broken.yaml", broken)
    sandbox.environ["AEP_CLIENT_SECRET"] = "Zq-another-secret"
    rows = look(sandbox, code=1, run=lambda *arguments: sandbox.run("--target", "bench", *arguments))
    assert failed(rows) == ["manifests", "credentials"]
    assert [rows[name]["status"] for name in ("secrets", "ledger")] == ["not checked", "ok"]


def test_no_target_that_can_be_read(sandbox: Bench) -> None:
    """What the variables look like is told even then."""
    sandbox.write("target.json", "kind: [")
    sandbox.environ["AEP_ORG_ID"] = "<your org>"
    rows = look(sandbox, code=1)
    assert failed(rows) == ["manifests"]
    assert "AEP_ORG_ID: a placeholder" in rows["variables"]["found"]


def test_the_emulator_needs_no_network(bench: Bench) -> None:
    """What does not apply is said, and nothing fails."""
    rows = look(bench, code=0)
    assert rows["credentials"]["status"] == "not checked"
    assert bench.app.requests == []
