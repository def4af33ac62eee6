"""Fifty secrets of the worst characters, and no output, file or ledger in which one of them can be found."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from support.bench import Bench, Ran
from support.chain import BODIES, changed, declare, objects
from werkzeug.wrappers import Response

from reconciler.emulator.faults import Fault

SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
ODD = (
    "\"'", "\\", "ü", " ", "%41", "+/=", "\n", "\t", "{}", "<&>",
    "日本", "$x", "`id`", "\\n", "''", '"}', "%", "é ß", "#:", "\\\\",
)  # fmt: skip
"""What canaries are made of besides letters: whatever some layer would quote, escape, wrap or cut at."""

TOKEN = "Qz00k-token+/=.~"  # a token is a header's value: visible ASCII


def canary(number: int) -> str:
    """Return one secret; its core ``Qz12k`` tells it in whatever form somebody has found to write it."""
    first, second = ODD[number % len(ODD)], ODD[(number * 7 + 3) % len(ODD)]
    return f"Qz{number:02d}k{first}pass{second}word{number}"


CANARIES = [TOKEN, *(canary(number) for number in range(1, 50))]


@dataclass(slots=True)
class Watch:
    """A bench full of canaries, and everything that was ever printed on it."""

    bench: Bench
    printed: list[tuple[str, str]] = field(default_factory=list)
    left: Iterator[str] = field(default_factory=lambda: iter(CANARIES[1:]))

    def run(self, *arguments: str) -> Ran:
        """Run a command, and keep what it printed."""
        ran = self.bench.run(*arguments)
        assert "bug:" not in ran.err, ran.err
        self.printed += [(f"stdout of {arguments}", ran.out), (f"stderr of {arguments}", ran.err)]
        return ran

    def run_all(self) -> None:
        """Run every command in every format."""
        for form in ("text", "json", "markdown"):
            self.run("plan", "--format", form)
            self.run("drift", "--format", form, "--unmanaged")
            self.run("apply", "--yes", "--format", form)
        self.run("validate")
        self.run("plan", "--rotate", "Connection/env-0")

    def check(self, *, escaped_twice: bool = False) -> None:
        """Nothing that was printed or written holds a canary in any of four encodings, nor its core.

        A text that somebody escaped twice is none of the four encodings; there the core is not looked for.
        """
        ledger = [path for path in self.bench.folder.rglob("*") if path.is_file()]
        files = [path for path in ledger if self.bench.manifests not in path.parents and "secrets" not in path.parts]
        found = [*self.printed, *((str(path), path.read_text(encoding="utf-8")) for path in files)]
        for where, text in found:
            for number, secret in enumerate(CANARIES):
                for form in forms(secret) | (set() if escaped_twice else {f"Qz{number:02d}k"}):
                    assert form not in text, (where, form, text[max(0, text.find(form) - 200) :][:500])


def forms(secret: str) -> set[str]:
    """Return plain, base64, URL and JSON, made by the test itself."""
    raw = secret.encode()
    coded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, *coded, *urls, *escaped}


@pytest.fixture
def watch(bench: Bench) -> Watch:
    """Canaries in variables, files, manifests, live objects, and in the credentials of the run itself."""
    watch = Watch(bench)
    sandbox(bench, client_secret=next(watch.left), key=next(watch.left))
    folder = bench.folder / "secrets"
    folder.mkdir()
    bench.environ["RECONCILER_SECRET_DIR"] = str(folder)
    for at in range(6):
        bench.environ |= {f"FLOW_SECRET_{at}_A": next(watch.left), f"FLOW_SECRET_{at}_B": next(watch.left)}
        connection(bench, f"env-{at}", _env(f"FLOW_SECRET_{at}_A"), _env(f"FLOW_SECRET_{at}_B"))
    for at in range(3):
        for end in "ab":
            (folder / f"{at}{end}").write_text(next(watch.left), encoding="utf-8")
        connection(bench, f"file-{at}", {"valueFrom": {"file": f"{at}a"}}, {"valueFrom": {"file": f"{at}b"}})
    for at in range(4):
        connection(bench, f"literal-{at}", next(watch.left), next(watch.left))
    for at in range(4):
        live = {"username": "acc", "password": next(watch.left), "securityToken": next(watch.left)}
        seed(bench, f"live-{at}", live)
        connection(bench, f"live-{at}", _env("FLOW_SECRET_0_A"), None, id=f"live-{at}")
    for at in range(3):
        seed(bench, f"unmanaged-{at}", {"username": "acc", "password": next(watch.left), "apiKey": next(watch.left)})
    return watch


@pytest.mark.assumes(secrets="clear", list_secrets="same")
def test_nothing_shows_when_all_goes_well(watch: Watch) -> None:
    """Plans, applies and looks for drift, in every format, then rotations, then drift by hand."""
    watch.run_all()
    rotate(watch)
    watch.run_all()
    for at in range(4):
        id = watch.bench.entry("Connection", f"env-{at}")["id"]
        theirs = next(watch.left)
        watch.bench.edit("connections", id, _sets(description="By hand", auth__params__password=theirs))
    watch.run_all()
    watch.check()
    assert_reached(watch)


@pytest.mark.parametrize("status", [400, 403, 422, 500, 503, 200])
@pytest.mark.parametrize("shape", ["message", "details", "text", "page", "nested", "list"])
def test_nothing_shows_when_the_service_echoes_what_it_was_sent(watch: Watch, status: int, shape: str) -> None:
    """Errors that repeat the request, secrets and all, in every shape that errors have."""
    for method in ("POST", "PATCH"):
        watch.bench.app.faults.add(echo(status, shape), method=method, path="/connections", count=8)
    watch.run("apply", "--yes", "--format", "json")
    watch.bench.app.faults.clear()
    watch.run("apply", "--yes")
    rotate(watch)
    watch.bench.app.faults.add(echo(status, shape), method="PATCH", path="/connections", count=8)
    watch.run("apply", "--yes", "--format", "markdown")
    watch.check(escaped_twice=shape == "nested")


@pytest.mark.assumes(secrets="clear", list_secrets="same")
def test_a_secret_that_only_live_holds_does_not_show_in_an_error(bench: Bench) -> None:
    """Nobody told us of it, but the service showed it once, and quotes it when it refuses something else."""
    seed(bench, "theirs", {"username": "acc", "password": "only-live-has-this", "securityToken": "and-this-one"})
    bench.declare("Connection", "theirs", {"name": "Ours now"}, id="theirs")
    quoted = json.dumps({"errorMessage": "no: only-live-has-this, and-this-one", "errorDetails": "still no"})
    bench.app.faults.body(quoted, status=422, method="PATCH", path="/connections")
    for ran in (bench.run("apply", "--yes"), bench.run("drift")):
        assert "only-live-has-this" not in ran.out + ran.err
        assert "and-this-one" not in ran.out + ran.err
    (run,) = (bench.ledger / "history").iterdir()
    assert "no: •••, •••" in json.loads(run.read_text(encoding="utf-8"))["end"]["outcomes"][0]["error"]


@pytest.mark.parametrize("status", [200, 400, 500])
def test_nothing_shows_where_a_text_is_cut(watch: Watch, status: int) -> None:
    """A foreign text is shortened before it is shown, and no secret is cut into a half that nobody recognises."""
    secret = watch.bench.environ["FLOW_SECRET_0_A"]
    for page in ("", "<html><title>"):
        for pad in (*range(160, 202, 3), *range(280, 302, 3), *range(470, 502, 3)):
            text = f"{page}{'x' * pad}{secret}</title>"
            watch.bench.app.faults.body(text, status=status, method="GET", path="/connectionSpecs$", count=9)
            watch.run("plan", "--only", "Connection/env-0")
            watch.bench.app.faults.clear()
    for command in (("plan",), ("apply", "--yes")):
        watch.bench.app.faults.body(f"<title>a  {secret}</title>", status=status, path="/connection", count=99)
        watch.run(*command)
        watch.bench.app.faults.clear()
    watch.check()


@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_nothing_shows_of_a_page_that_breaks_off(watch: Watch, command: str) -> None:
    """Half a list of connections holds secrets that nobody here has heard of; the message shows none of it."""
    page = json.dumps({"items": [{"auth": {"params": {"password": next(watch.left)}}} for _ in range(4)]})
    for cut in (45, 60, 100, 200, len(page) - 1):
        watch.bench.app.faults.body(page[:cut], method="GET", path="/connections$", count=9)
        assert watch.run(command, *(["--yes"] if command == "apply" else [])).code == 1
        watch.bench.app.faults.clear()
    watch.check()


def test_nothing_shows_in_conflicts(watch: Watch) -> None:
    """Somebody else's secrets come between plan and write, and are not shown either."""
    watch.run("apply", "--yes")
    rotate(watch)
    for at in range(4):
        theirs = next(watch.left)
        watch.bench.app.faults.concurrent_write(
            _sets(auth__params__password=theirs, auth__params__username="theirs"), method="PATCH", path="/connections/"
        )
        assert watch.run("apply", "--yes", "--format", ("text", "json", "markdown", "text")[at]).code == 1
    watch.run_all()
    watch.check()


def test_nothing_shows_when_an_operation_fails_later(watch: Watch) -> None:
    """The reason of a failed operation repeats credentials."""
    bench = watch.bench
    for resource in BODIES:
        declare(bench, resource)
    bench.environ["FLOW_SECRET_DB"] = bench.environ["FLOW_SECRET_1_A"]
    watch.run("apply", "--yes")
    secrets = [bench.environ["FLOW_SECRET_0_A"], bench.environ["FLOW_SECRET_0_B"], bench.environ["FLOW_SECRET_3_A"]]
    id = bench.entry("Flow", "orders")["id"]
    errors = [{"message": f"login with {secret!r} failed: {secret}"} for secret in secrets]
    status = {"value": "failed", "errors": errors}

    def after(response: Response) -> Response:
        bench.edit("flows", id, lambda flow: flow["lastOperation"].update(status=status))
        return response

    for form in ("text", "json", "markdown"):
        declare(bench, "Flow/orders", ("description", form))
        bench.app.faults.add(Fault(after=after), method="PATCH", path="/flows/")
        assert watch.run("apply", "--yes", "--format", form).code == 1
    watch.check(escaped_twice=True)


@pytest.mark.parametrize("status", [400, 401, 500, 200])
def test_nothing_shows_when_the_sign_in_fails(watch: Watch, status: int) -> None:
    """IMS, or what stands before it, repeats the form with the client secret."""
    watch.bench.app.faults.add(echo(status, "message"), path="/ims/token", count=50)
    watch.run("plan")
    watch.bench.app.faults.clear()
    watch.bench.app.faults.add(echo(status, "text"), path="/ims/token", count=50)
    watch.run("apply", "--yes", "--format", "json")
    watch.check()


def test_nothing_shows_of_a_ready_token(watch: Watch) -> None:
    """A token that is refused, and repeated in the refusal."""
    watch.bench.environ["AEP_ACCESS_TOKEN"] = TOKEN
    for status in (400, 401, 403, 500, 302):
        watch.bench.app.faults.add(echo(status, "message"), count=60)
        watch.run("plan")
        watch.bench.app.faults.clear()
    watch.run("plan")
    watch.check()


def test_nothing_shows_of_a_broken_manifest(watch: Watch) -> None:
    """A mistake beside a literal password: the message tells where, and not what stands there."""
    secret = next(watch.left)
    good = json.dumps({"password": secret})
    for at, text in enumerate(
        (
            f"{HEAD}  auth: {{specName: x, params: {good[:-1]}, ",
            f"{HEAD}  auth: {{specName: x, params: {good[:-1]}, password: 1}}}}",
            f"{HEAD}  auth: {{specName: x, params: {{password: [{json.dumps(secret)}]}}, extra: 1}}",
            f"{HEAD}  auth: {{specName: x, params: {{password: {{valueFrom: {json.dumps(secret)}}}}}}}",
            f"{HEAD}  auth: {{specName: x, params: {{password: {{valueFrom: {{env: {json.dumps(secret)}}}}}}}}}",
            f"{HEAD}  auth: {{specName: x, params: {{password: {{ref: {json.dumps(secret)}}}}}}}",
            f"{HEAD}  auth: {{specName: x, params: {json.dumps(secret)}}}",
            f"{HEAD}  auth: {json.dumps(secret)}",
            f"{HEAD}  password: {json.dumps(secret)}",
        )
    ):
        watch.bench.write("broken.yaml", text)
        ran = watch.run("plan")
        assert ran.code == 1, (at, ran.out)
    watch.check()


HEAD = "apiVersion: reconciler/v1\nkind: Connection\nmetadata: {name: broken}\nspec:\n  name: Broken\n"


def rotate(watch: Watch) -> None:
    """Give every secret of the environment the value of its neighbour."""
    names = sorted(name for name in watch.bench.environ if name.startswith("FLOW_SECRET_"))
    values = [watch.bench.environ[name] for name in names]
    watch.bench.environ |= dict(zip(names, values[1:] + values[:1], strict=True))


def assert_reached(watch: Watch) -> None:
    """The canaries were really on their way: the service has them as they are."""
    stored = [live["auth"]["params"] for live in objects(watch.bench, "connections")]
    values = {value for params in stored for value in params.values()}
    assert len(values & set(CANARIES)) >= 30


def sandbox(bench: Bench, client_secret: str, key: str) -> None:
    """Make the target a sandbox over http with client credentials; the emulator is behind it all the same."""
    target = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "bench"}}
    bench.write("target.json", {**target, "spec": {"sandbox": "bench"}})
    bench.setting(client_id="me", client_secret=client_secret)
    bench.environ |= {
        "AEP_BASE_URL": "http://127.0.0.1:1",
        "AEP_IMS_URL": "http://127.0.0.1:1",
        "AEP_CLIENT_ID": "me",
        "AEP_CLIENT_SECRET": client_secret,
        "AEP_SCOPES": "openid",
        "AEP_ORG_ID": "EMULATOR@AdobeOrg",
        "RECONCILER_KEY": key,
    }


def connection(bench: Bench, name: str, password: Any, token: Any, **metadata: Any) -> None:
    params = {"username": "acc", "password": password, "securityToken": token, "environmentUrl": f"https://{name}"}
    params = {key: value for key, value in params.items() if value is not None}
    bench.declare("Connection", name, changed(BODY, ("name", name), ("auth/params", params)), **metadata)


def seed(bench: Bench, id: str, params: dict[str, Any]) -> None:
    body = changed(BODY, ("name", id), ("auth/params", params))
    bench.seed("connections", {**body, "id": id, "etag": f'"{id}"', "version": f'"{id}"', "state": "enabled"})


def echo(status: int, shape: str) -> Fault:
    """Answer with what was sent, in one of the shapes that errors have."""

    def before(_app: Any, _path: str, environ: dict[str, Any]) -> Response:
        stream = environ["wsgi.input"]
        at = stream.tell()
        sent = stream.read().decode("utf-8", "replace") + environ.get("HTTP_AUTHORIZATION", "")
        stream.seek(at)
        headers = {"Location": f"https://elsewhere/?sent={quote(sent)}"} if status == 302 else {}
        if shape == "text":
            return Response(sent, status=status, headers=headers, content_type="text/plain")
        if shape == "page":
            page = f"<html><title>{sent}</title></html>"
            return Response(page, status=status, headers=headers, content_type="text/html")
        bodies: dict[str, Any] = {
            "message": {"errorMessage": f"cannot take {sent}"},
            "details": {"errorMessage": "no", "errorDetails": sent},
            "nested": {"message": json.dumps({"inner": sent})},
            "list": {"errors": [{"message": text} for text in _strings(sent)], "message": "; ".join(_strings(sent))},
        }
        return Response(json.dumps(bodies[shape]), status=status, headers=headers, content_type="application/json")

    return Fault(before)


def _strings(sent: str) -> list[str]:
    """Return the values of what was sent, as a validator would repeat them."""
    try:
        document = json.loads(sent)
    except ValueError:
        return [sent]
    found, waiting = [], [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found += [value, repr(value), quote(value), base64.b64encode(value.encode()).decode()]
        elif isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return found


def _sets(**values: Any) -> Any:
    def mutate(live: dict[str, Any]) -> None:
        for path, value in values.items():
            *parents, last = path.split("__")
            place = live
            for parent in parents:
                place = place[parent]
            place[last] = value

    return mutate


def _env(name: str) -> dict[str, Any]:
    return {"valueFrom": {"env": name}}


BODY: dict[str, Any] = {
    "name": "Salesforce",
    "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
    "auth": {"specName": "Basic Authentication", "params": {}},
}
