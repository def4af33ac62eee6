"""Whatever comes in, from git, the environment, the ledger or the network: one clear message, exit 1, nothing sent."""

from __future__ import annotations

import shutil
import socket
from typing import Any

import pytest
import requests
from support.bench import Bench
from support.chain import CONNECTION, apply_chain, changed, declare, declare_chain

RESOURCE = "apiVersion: reconciler/v1\nkind: Connection\nmetadata: {name: crm}\nspec: {name: CRM}\n"
SANDBOX = {
    "AEP_BASE_URL": "http://127.0.0.1:1",
    "AEP_ACCESS_TOKEN": "a-token",
    "AEP_API_KEY": "a-key",
    "AEP_ORG_ID": "EMULATOR@AdobeOrg",
}
"""The environment of a target that is a sandbox; on the bench every http address leads to the emulator."""

MANIFESTS = {
    "malformed": ("spec: {name: [\n", "cannot be parsed"),
    "no mapping": ("- a\n- b\n", "mapping"),
    "a tag": (RESOURCE.replace("CRM}", "!!python/object:os.system x}"), "tag"),
    "an anchor": (RESOURCE.replace("CRM}", "&a CRM}"), "anchor"),
    "a duplicate key": (RESOURCE + "kind: Flow\n", "kind"),
    "a control character": (RESOURCE.replace("CRM", '"\\u202e"'), "U+202E"),
    "an unknown kind": (RESOURCE.replace("kind: Connection", "kind: Conection"), "Conection"),
    "an unknown version": (RESOURCE.replace("reconciler/v1", "reconciler/v9"), "reconciler/v9"),
    "an unknown field": (RESOURCE.replace("metadata: {", "metadata: {protected: true, "), "protected"),
    "an unknown field of a spec": (RESOURCE.replace("{name: CRM}", "{name: CRM, authh: {}}"), "authh"),
    "a wrong type": (RESOURCE.replace("name: CRM", "name: CRM, auth: [1]"), "auth"),
    "a version as a number": (RESOURCE.replace("CRM}", "CRM, connectionSpec: {id: x, version: 1.0}}"), "version"),
    "a bad name": (RESOURCE.replace("name: crm", "name: CRM_1"), "CRM_1"),
    "a dangling reference": (
        RESOURCE.replace("CRM}", "CRM, connectionSpec: {id: {ref: ConnectionSpec/nowhere}}}"),
        "ConnectionSpec/nowhere",
    ),
    "a bad reference": (RESOURCE.replace("CRM}", "CRM, connectionSpec: {id: {ref: nowhere}}}"), "Kind/name"),
    "an unknown target": (RESOURCE.replace("crm}", "crm, targets: [prodd]}"), "prodd"),
    "an unknown target value": (RESOURCE.replace("CRM}", "CRM, description: {valueFrom: {target: nope}}}"), "nope"),
    "a secret in the wrong place": (
        RESOURCE.replace("CRM}", "CRM, description: {valueFrom: {env: FLOW_SECRET_X}}}"),
        "auth.params",
    ),
    "a word that is none": (RESOURCE.replace("crm}", "crm, onImmutable: renew}"), "onImmutable"),
}


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "drift"])
@pytest.mark.parametrize("case", MANIFESTS)
def test_a_bad_manifest(bench: Bench, case: str, command: str) -> None:
    """Every command says what is wrong and where, before it touches the service."""
    text, word = MANIFESTS[case]
    bench.write("bad.yaml", text)
    message = refused(bench, *COMMANDS[command])
    assert word in message
    assert "bad.yaml:" in message
    assert bench.app.requests == []


def test_all_problems_come_at_once(bench: Bench) -> None:
    """Several files with several mistakes are one message that names them all."""
    for at, case in enumerate(("malformed", "an unknown kind", "a dangling reference", "a bad name")):
        bench.write(f"{at}.yaml", MANIFESTS[case][0].replace("{name: crm}", f"{{name: crm-{at}}}"))
    message = refused(bench, "plan")
    assert all(f"{at}.yaml:" in message for at in range(4))


def test_circular_references(bench: Bench) -> None:
    """Resources that need each other are refused, naming the circle."""
    declare_chain(bench)
    declare(bench, "Connection/warehouse", ("description", {"ref": "SourceConnection/orders"}))
    message = refused(bench, "plan")
    assert "Connection/warehouse" in message
    assert "SourceConnection/orders" in message


def test_a_folder_that_is_not_there(bench: Bench) -> None:
    """A wrong --manifests is no empty estate."""
    shutil.rmtree(bench.manifests)
    for command in COMMANDS.values():
        assert "manifests" in refused(bench, *command)


def test_a_folder_without_targets(bench: Bench) -> None:
    """Without a target there is nothing to plan for."""
    (bench.manifests / "target.json").unlink()
    assert "target" in refused(bench, "plan").lower()


def test_secrets_that_an_apply_must_send_and_that_are_missing(bench: Bench) -> None:
    """All of them are named, with resource, pointer and variable; nothing at all is sent. A plan does without."""
    declare_chain(bench)
    bench.declare("Connection", "second", changed(CONNECTION, ("auth/params/password", _env("FLOW_SECRET_OTHER"))))
    del bench.environ["FLOW_SECRET_DB"]
    assert bench.plan()["summary"]["create"] == 5
    message = refused(bench, *COMMANDS["apply"])
    for part in (
        "Connection/warehouse",
        "Connection/second",
        "FLOW_SECRET_DB",
        "FLOW_SECRET_OTHER",
        "/auth/params/password",
    ):
        assert part in message
    assert not (bench.ledger / "begin.json").exists()


def test_a_secret_that_need_not_be_sent_may_be_missing(bench: Bench) -> None:
    """An apply that sends no credentials needs none."""
    apply_chain(bench)
    del bench.environ["FLOW_SECRET_DB"]
    declare(bench, "Connection/warehouse", ("description", "Moved"))
    assert bench.apply()["summary"]["applied"] == 1


def test_a_secret_from_a_place_that_is_not_allowed(bench: Bench) -> None:
    """A manifest cannot have the credentials of the run itself sent somewhere."""
    bench.environ |= {"AEP_CLIENT_SECRET": "of-the-run"}
    declare(bench, "Connection/warehouse", ("auth/params/password", _env("AEP_CLIENT_SECRET")))
    message = refused(bench, *COMMANDS["apply"])
    assert "AEP_CLIENT_SECRET" in message
    assert "of-the-run" not in message


@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_a_service_that_cannot_be_reached(bench: Bench, command: str) -> None:
    """A closed port is named, and that nothing was sent."""
    sandbox(bench)
    bench.http = requests.Session()
    bench.environ["AEP_BASE_URL"] = f"http://127.0.0.1:{closed_port()}"
    message = refused(bench, *COMMANDS[command])
    assert "127.0.0.1" in message
    assert "nothing was sent" in message


@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_a_wrong_token(bench: Bench, command: str) -> None:
    """A 401 names the status and what to look at, and not the token."""
    sandbox(bench)
    bench.setting(token="the-right-one")
    message = refused(bench, *COMMANDS[command])
    assert "401" in message
    assert "token" in message
    assert "AEP_API_KEY" in message
    assert "a-token" not in message


def test_wrong_client_credentials(bench: Bench) -> None:
    """IMS refuses the client: the message names the variables, and not the secret."""
    sandbox(bench)
    del bench.environ["AEP_ACCESS_TOKEN"]
    bench.environ |= {"AEP_CLIENT_ID": "me", "AEP_CLIENT_SECRET": "wrong-secret", "AEP_SCOPES": "openid"}
    bench.environ |= {"AEP_IMS_URL": "http://127.0.0.1:1"}
    bench.setting(client_id="me", client_secret="right-secret")
    message = refused(bench, "plan")
    assert "AEP_CLIENT_SECRET" in message
    assert "wrong-secret" not in message


def test_a_sandbox_that_does_not_exist(bench: Bench) -> None:
    """The service does not know the sandbox: that is no empty sandbox."""
    sandbox(bench)
    bench.setting(sandboxes=frozenset({"prod"}))
    assert "sandbox" in refused(bench, *COMMANDS["apply"]).lower()


@pytest.mark.assumes(connection_links=True)
@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_a_page_that_breaks(bench: Bench, command: str) -> None:
    """The second page of a list is cut off each time: it is no list, nothing is created for what it lacks."""
    declare_chain(bench)
    for at in range(150):
        bench.seed("connections", {"id": f"other-{at}", "name": f"Other {at}", "etag": f'"{at}"'})
    bench.app.faults.slow(0, method="GET", path="^/connections$")
    bench.app.faults.body('{"items": [{"id": "39f', method="GET", path="^/connections$", count=20)
    message = refused(bench, *COMMANDS[command])
    assert "/connections" in message
    assert "page 2" in message


def test_a_page_that_breaks_once(bench: Bench) -> None:
    """Cut off once, the page is read again."""
    declare_chain(bench)
    bench.app.faults.body('{"items": [{"id": "39f', method="GET", path="^/connections$")
    assert bench.plan()["summary"]["create"] == 4


ANSWERS = {
    "a page": ("<html><head><title>Welcome to the proxy</title></head></html>", "text/html"),
    "nothing": ("", "application/json"),
    "a list": ("[]", "application/json"),
    "no items": ('{"things": []}', "application/json"),
    "items without ids": ('{"items": [{"name": "x"}]}', "application/json"),
    "a number": ("42", "application/json"),
    "not a number": ('{"items": NaN}', "application/json"),
    "deep": ("[" * 100_000, "application/json"),
    "bytes": (b"\xff\xfe\x00", "application/octet-stream"),
    "a circle": ('{"items": [], "_links": {"next": {"href": "/connections?continuationToken=x"}}}', "application/json"),
    "a link to nowhere": ('{"items": [], "_links": {"next": {"href": "http://elsewhere/"}}}', "application/json"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_none(bench: Bench, answer: str) -> None:
    """A proxy's page, an empty body, another shape: named, and never taken for an empty list."""
    declare_chain(bench)
    raw, content_type = ANSWERS[answer]
    bench.app.faults.body(raw, content_type=content_type, method="GET", path="^/connections$", count=50)
    assert "/connections" in refused(bench, *COMMANDS["apply"])


@pytest.mark.parametrize("status", [302, 400, 404, 405, 500, 502])
def test_an_error_where_a_list_should_be(bench: Bench, status: int) -> None:
    """Whatever status a list ends with, nothing is created."""
    declare_chain(bench)
    page = "<html><title>Bad day</title></html>"
    bench.app.faults.body(page, status=status, content_type="text/html", method="GET", path="^/connections$", count=50)
    assert str(status) in refused(bench, *COMMANDS["apply"]) or status == 302


def test_variables_that_are_missing(bench: Bench) -> None:
    """All of them are named in one message."""
    sandbox(bench)
    for name in ("AEP_ACCESS_TOKEN", "AEP_API_KEY", "AEP_ORG_ID"):
        bench.environ[name] = ""
    message = refused(bench, *COMMANDS["apply"])
    assert all(name in message for name in ("AEP_ACCESS_TOKEN", "AEP_API_KEY", "AEP_ORG_ID"))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--target", "nowhere", "plan"), "nowhere"),
        (("plan", "--only", "Connection/nowhere"), "Connection/nowhere"),
        (("plan", "--exclude", "Connection/nowhere"), "Connection/nowhere"),
        (("apply", "--yes", "--rotate", "Connection/nowhere"), "Connection/nowhere"),
        (("plan", "--only", "nonsense"), "nonsense"),
        (("plan", "--only", "Thing/x"), "Thing"),
        (("plan", "--format", "pdf"), "pdf"),
        (("plann",), "plann"),
        (("apply", "--concurrency", "0", "--yes"), "0"),
        (("apply",), "--yes"),
    ],
)
def test_a_wrong_command_line(bench: Bench, arguments: tuple[str, ...], word: str) -> None:
    """A name that nobody declares, a misspelt option: named, exit 1."""
    declare_chain(bench)
    assert word in refused(bench, *arguments)


def test_a_host_that_may_not_see_the_token(bench: Bench) -> None:
    """The token goes to known hosts alone."""
    sandbox(bench)
    bench.environ["AEP_BASE_URL"] = "https://adobe.example.com"
    assert "adobe.example.com" in refused(bench, "plan")
    assert bench.app.requests == []


TAMPERED = {
    "not JSON": (lambda text: text[:-20], "not JSON"),
    "empty": (lambda text: "", "not JSON"),
    "a list": (lambda text: "[]", "no object"),
    "a newer format": (lambda text: text.replace('"formatVersion": 1', '"formatVersion": 2'), "format 2"),
    "no format": (lambda text: text.replace('"formatVersion": 1,', ""), "formatVersion"),
    "another organisation": (lambda text: text.replace("EMULATOR@AdobeOrg", "OTHER@AdobeOrg"), "OTHER@AdobeOrg"),
    "another sandbox": (lambda text: text.replace('"sandbox": "bench"', '"sandbox": "prod"'), "prod"),
    "an unknown key": (lambda text: text.replace('"formatVersion"', '"extra": 1, "formatVersion"'), "extra"),
    "a wrong type": (lambda text: text.replace('"protect": false', '"protect": "no"'), "protect"),
    "another resource": (lambda text: text.replace("Connection/warehouse", "Connection/lagerhaus"), "lagerhaus"),
}


@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
@pytest.mark.parametrize("case", TAMPERED)
def test_a_broken_ledger(bench: Bench, case: str, command: str) -> None:
    """A ledger that cannot be understood is never an empty one: the file is named, and nothing is sent."""
    apply_chain(bench)
    path = bench.ledger / "resources" / "Connection" / "warehouse.json"
    change, word = TAMPERED[case]
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    before = snapshot(bench)
    message = refused(bench, *COMMANDS[command])
    assert word in message
    assert "warehouse.json" in message
    assert snapshot(bench) == before


def test_a_ledger_with_a_broken_seal(bench: Bench) -> None:
    """An entry that was changed by another hand is refused, naming the file."""
    bench.environ["RECONCILER_KEY"] = "a-key-of-thirty-two-characters-!"
    apply_chain(bench)
    path = bench.ledger / "resources" / "Flow" / "orders.json"
    path.write_text(path.read_text(encoding="utf-8").replace("Every day", "Every week"), encoding="utf-8")
    assert "seal" in refused(bench, *COMMANDS["apply"])


def test_a_ledger_that_cannot_be_read(bench: Bench) -> None:
    """A folder where a file should be: named, not passed over."""
    apply_chain(bench)
    path = bench.ledger / "resources" / "Flow" / "orders.json"
    path.unlink()
    path.mkdir()
    assert "orders.json" in refused(bench, *COMMANDS["apply"])


COMMANDS = {"validate": ("validate",), "plan": ("plan",), "apply": ("apply", "--yes"), "drift": ("drift",)}


def refused(bench: Bench, *arguments: str) -> str:
    """Run a command that must refuse: one message on stderr, nothing on stdout, exit 1, nothing sent."""
    bench.app.requests.clear()
    ran = bench.run(*arguments)
    assert (ran.code, ran.out) == (1, ""), (ran.code, ran.out, ran.err)
    assert ran.err.lower().count("error:") == 1, ran.err
    assert "bug:" not in ran.err
    assert "Traceback" not in ran.err
    assert [request for request in bench.writes() if "/ims/" not in request.path] == []
    return ran.err


def sandbox(bench: Bench) -> None:
    """Make the target a sandbox that is reached over http."""
    document = {
        "apiVersion": "reconciler/v1",
        "kind": "Target",
        "metadata": {"name": "dev"},
        "spec": {"sandbox": "dev"},
    }
    bench.write("target.json", document)
    bench.environ |= SANDBOX
    declare_chain(bench)


def snapshot(bench: Bench) -> dict[str, bytes]:
    """Return every file of the ledger but its lock."""
    files = (path for path in bench.ledger.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path): path.read_bytes() for path in files}


def closed_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _env(name: str) -> dict[str, Any]:
    return {"valueFrom": {"env": name}}
