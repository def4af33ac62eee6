"""What happens in a world of canaries: every place filled, every command in every format, and all that may go wrong."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from reconciler.emulator.faults import Fault
from reconciler.emulator.troubles import CATALOGUE
from support.bench import SANDBOX, TARGET, Bench
from support.canaries import World
from support.chain import LAKE, changed

TEXTS = (
    "https://user:{}@files.example.com/in", "jdbc:sqlserver://db;user=x;password={};encrypt=true",
    "https://a.blob.example.com/c?sv=1&sig={}", "Authorization: Bearer {}",
    "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", "AccountName=a;AccountKey={};Suffix=x",
)  # fmt: skip
"""What people write into a description or a parameter that nobody marks."""

SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
FORMATS = ("text", "json", "markdown")
METHODS = ("GET", "POST", "PATCH", None)
PATHS = ("/connections", "/sourceConnections", "/connectionSpecs", "/targetConnections", "/ims/token", "")

CONNECTION: dict[str, Any] = {
    "name": "Warehouse",
    "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
    "auth": {"specName": "Basic Authentication", "params": {"username": "reader"}},
}
SOURCE: dict[str, Any] = {
    "name": "Orders",
    "description": "From the warehouse",
    "baseConnectionId": {"ref": "Connection/env-0"},
    "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
    "data": {"format": "tabular"},
    "params": {"tableName": "orders", "url": "https://files.example.com/in"},
}
STORED: dict[str, Any] = {
    "name": "Lake",
    "connectionSpec": {"id": LAKE, "version": "1.0"},
    "data": {"schema": {"id": "https://ns.adobe.com/example/orders", "version": "1"}},
    "params": {"dataSetId": "6019e0e7c5dcf718db5ebc71"},
}


def furnish(world: World) -> None:
    """Put a canary into every place that can hold one, and one manifest or object around each."""
    bench, dice = world.bench, world.dice
    bench.write("target.json", {**TARGET, "spec": {"sandbox": "bench", "settleSeconds": 1}})
    secret, token = world.take("client_secret"), world.take("token")
    bench.setting(client_id="me", client_secret=secret, token=token, secrets=dice.choice(["clear", "clear", "absent"]))
    files = bench.folder / "secrets"
    files.mkdir()
    bench.environ |= {
        "PATH": os.environ["PATH"], "HOME": str(bench.folder.parent / "tmp"), "AEP_ORG_ID": "EMULATOR@AdobeOrg",
        "AEP_BASE_URL": "http://127.0.0.1:1", "AEP_IMS_URL": "http://127.0.0.1:1", "AEP_CLIENT_ID": "me",
        "AEP_CLIENT_SECRET": secret, "AEP_SCOPES": "openid", "RECONCILER_SECRET_DIR": str(files),
        "AEP_API_KEY": "me", "RECONCILER_GIT_TOKEN": world.take("git_token"),
    }  # fmt: skip
    if dice.random() < 0.8:
        bench.environ["RECONCILER_KEY"] = world.take("key")
    if dice.random() < 0.3:
        bench.environ["AEP_ACCESS_TOKEN"] = token
    if dice.random() < 0.3:
        bench.environ["RECONCILER_DEBUG"] = "1"
    for at in range(3):
        names = [f"FLOW_SECRET_{at}{end}" for end in "AB"]
        bench.environ |= {name: world.take("variable") for name in names}
        declare(bench, f"env-{at}", *({"valueFrom": {"env": name}} for name in names))
    for end in "ab":
        (files / end).write_text(world.take("file"), encoding="utf-8")
    declare(bench, "file", {"valueFrom": {"file": "a"}}, {"valueFrom": {"file": "b"}})
    declare(bench, "literal", world.take("literal"), world.take("literal"))
    bench.declare("SourceConnection", "orders", SOURCE)
    bench.declare("TargetConnection", "lake", STORED)
    for at in range(3):
        params = {"username": "x", "password": world.take("theirs"), "apiKey": world.take("theirs")}
        seed(bench, "connections", at, changed(CONNECTION, ("name", f"Theirs {at}"), ("auth/params", params)))
    params = {"url": pasted(world), "note": pasted(world), "apiKey": world.take("theirs")}
    ids = (("baseConnectionId", "theirs-0"), ("description", pasted(world)), ("params", params))
    seed(bench, "sourceConnections", 0, changed(SOURCE, *ids))
    seed(bench, "targetConnections", 0, changed(STORED, ("name", pasted(world))))


def declare(bench: Bench, name: str, password: Any, token: Any) -> None:
    """Write the manifest of a connection with two secrets."""
    params = (("auth/params/password", password), ("auth/params/securityToken", token))
    bench.declare("Connection", name, changed(CONNECTION, ("name", name), *params))


def seed(bench: Bench, collection: str, at: int, body: dict[str, Any]) -> None:
    """Put somebody else's object into the service."""
    id = f"theirs-{at}"
    bench.seed(collection, {**body, "id": id, "etag": f'"{id}"', "version": f'"{id}"', "state": "enabled"})


def pasted(world: World) -> str:
    """Return a text into which somebody has pasted a credential."""
    return world.dice.choice(TEXTS).format(world.take("text"))


def day(world: World, commands: int) -> None:
    """Let a number of commands run, with edits by hand and troubles between them."""
    furnish(world)
    world.run("apply", "--yes")
    world.run("plan", "--out", str(world.bench.folder.parent / "saved.plan"))
    for _ in range(commands - 2):
        world.bench.app.faults.clear()
        for happens in world.dice.sample([edited, rotated, changed_in_git, nothing, nothing], 2):
            happens(world)
        if world.dice.random() < 0.5:
            for _ in range(world.dice.randint(1, 3)):
                world.dice.choice([trouble, trouble, echoed, quoted])(world)
        elsewhere = away(world) if world.dice.random() < 0.15 else {}
        kept, http = dict(world.bench.environ), world.bench.http
        world.bench.environ |= elsewhere
        if elsewhere:
            world.bench.http = None  # type: ignore[assignment] # the network, as far as it goes
        world.run(*verbosity(world), *command(world))
        world.bench.environ.clear()
        world.bench.environ |= kept
        world.bench.http = http


def nothing(_: World) -> None:
    """Leave all as it is."""


def edited(world: World) -> None:
    """Let somebody change what is live: secrets, and texts that hold some."""
    dice, app = world.dice, world.bench.app
    for collection in ("connections", "sourceConnections", "targetConnections"):
        bodies = [body for body in app.store.documents(collection, SANDBOX) if dice.random() < 0.3]
        for body in bodies:
            text = pasted(world)
            # A bare word is known for a secret only where it stands for one somewhere, now, and can be seen there.
            theirs = body["id"].startswith("theirs") and app.settings.secrets == "clear"
            known = (world.bench.folder / "secrets" / dice.choice("ab")).read_text(encoding="utf-8")
            secret = world.take("live") if collection == "connections" else known
            bare = theirs if collection == "connections" else True

            def edit(live: dict[str, Any], text: str = text, secret: str = secret, *, bare: bool = bare) -> None:
                live["description"] = dice.choice([text, f"x {secret} y", secret] if bare else [text])
                if "auth" in live:
                    live["auth"]["params"]["password"] = secret
                elif "tableName" in live.get("params", {}):
                    live["params"] |= {"url": text}

            world.bench.edit(collection, body["id"], edit)


def rotated(world: World) -> None:
    """Give a variable another value, or take it away."""
    name = world.dice.choice([f"FLOW_SECRET_{at}{end}" for at in range(3) for end in "AB"])
    if world.dice.random() < 0.2:
        world.bench.environ.pop(name, None)
    else:
        world.bench.environ[name] = world.take("variable")


def changed_in_git(world: World) -> None:
    """Change a plain value in git."""
    text = f"Changed {world.dice.random()}"
    world.bench.declare("SourceConnection", "orders", changed(SOURCE, ("description", text)))


def trouble(world: World) -> None:
    """Let something of the catalogue go wrong."""
    dice = world.dice
    match = {"method": dice.choice(METHODS), "path": dice.choice(PATHS), "count": dice.choice([1, 2, 9])}
    CATALOGUE[dice.choice(sorted(CATALOGUE))](world.bench.app.faults, **match)


def echoed(world: World) -> None:
    """Let an answer repeat what was asked, headers and all."""
    status = world.dice.choice([200, 302, 400, 401, 403, 409, 412, 422, 500, 503])
    shape = world.dice.choice(["text", "page", "message", "inner"])

    def before(_app: Any, _path: str, environ: dict[str, Any]) -> Response:
        stream = environ["wsgi.input"]
        at = stream.tell()
        sent = stream.read().decode("utf-8", "replace") + environ.get("HTTP_AUTHORIZATION", "")
        stream.seek(at)
        return answer(status, shape, sent)

    _add(world, Fault(before))


def quoted(world: World) -> None:
    """Let an answer quote a secret that nobody here has heard of, in a body and in headers."""
    status = world.dice.choice([302, 400, 403, 500])
    secret = world.take("echoed")
    text = world.dice.choice(TEXTS).format(secret)
    made = answer(status, world.dice.choice(["text", "page", "message", "inner"]), text)
    made.headers |= {"Set-Cookie": f"sid={secret}", "X-Secret": secret, "Location": f"https://h/?token={secret}"}
    _add(world, Fault(lambda *_: made))


def _add(world: World, fault: Fault) -> None:
    dice = world.dice
    world.bench.app.faults.add(
        fault, method=dice.choice(METHODS), path=dice.choice(PATHS), count=dice.choice([1, 3, 20])
    )


def answer(status: int, shape: str, text: str) -> Response:
    """Return an answer that says a text in one of the shapes that errors have."""
    headers = {"Location": f"https://elsewhere.example/?sent={quote(text)}"} if status == 302 else {}
    if shape == "text":
        return Response(text, status=status, headers=headers, content_type="text/plain")
    if shape == "page":
        return Response(f"<title>{text}</title>", status=status, headers=headers, content_type="text/html")
    said = {"message": text} if shape == "message" else {"errorMessage": "no", "errorDetails": json.dumps({"a": text})}
    return Response(json.dumps(said), status=status, headers=headers, content_type="application/json")


def away(world: World) -> dict[str, str]:
    """Return variables with which nothing can be reached: by a proxy with a password, or at all."""
    proxy = f"http://user:{world.take('proxy')}@127.0.0.1:1"
    return {
        "https_proxy": proxy, "AEP_BASE_URL": "https://platform.adobe.io",
        "AEP_IMS_URL": "https://ims-na1.adobelogin.com",
    }  # fmt: skip


def verbosity(world: World) -> list[str]:
    """Return how much is told."""
    return world.dice.choice([[], [], ["-v"], ["-vv"], ["-vv"]])


def command(world: World) -> list[str]:
    """Return one command line."""
    dice = world.dice
    form = ["--format", dice.choice(FORMATS)]
    page = ["--format", dice.choice([*FORMATS, "html"])]
    machine = ["--format", dice.choice(FORMATS[:2])]
    saved = world.bench.folder.parent / "saved.plan"
    name = dice.choice(["Connection/env-0", "Connection/file", "SourceConnection/orders", "TargetConnection/lake"])
    until = ["--until", "2027-03-01", "--reason", "because"]
    found = [
        ["plan", *page, "--out", str(saved)], ["plan", *form, "--rotate", "Connection/env-0"], ["plan", *form],
        ["apply", "--yes", *form], ["apply", "--yes", *form], ["apply", "--yes", "--rotate", "Connection/env-1", *form],
        ["drift", *page, "--unmanaged"], ["drift", *form, "--accept", name], ["drift", *form, "--snooze", name, *until],
        ["import", "--out", str(world.bench.folder.parent / "imported"), "--overwrite"],
        ["show", str(saved), *page], ["apply", str(saved), "--yes", *form],
        ["history", *machine], ["doctor", *machine], ["targets", *machine], ["validate"], ["unlock", "--yes"],
    ]  # fmt: skip
    return dice.choice(found)
