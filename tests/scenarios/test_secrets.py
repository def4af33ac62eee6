"""Secrets: seen to change without being seen, sent whole or not at all, and never lost on the way."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import Bench
from support.chain import CONNECTION, change, changed, patches, result

SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"
KEY = "a-key-of-thirty-two-characters-!"
CRM = "Connection/crm"
PASSWORD, TOKEN = "/auth/params/password", "/auth/params/securityToken"
MODES = pytest.mark.parametrize("mode", ["clear", "masked", "absent"])


def env(name: str) -> dict[str, Any]:
    return {"valueFrom": {"env": name}}


BODY: dict[str, Any] = {
    "name": "Salesforce",
    "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
    "auth": {
        "specName": "Basic Authentication",
        "params": {
            "username": "acc",
            "password": env("FLOW_SECRET_PASSWORD"),
            "securityToken": env("FLOW_SECRET_TOKEN"),
        },
    },
}


@pytest.fixture
def crm(bench: Bench) -> str:
    """A connection with two secrets, applied under a key; its id."""
    return applied(bench, KEY)


def applied(bench: Bench, key: str) -> str:
    bench.environ |= {"RECONCILER_KEY": key, "FLOW_SECRET_PASSWORD": "first-pass", "FLOW_SECRET_TOKEN": "first-token"}
    bench.declare("Connection", "crm", BODY)
    id = result(bench.apply(), CRM)["id"]
    bench.app.requests.clear()
    return id


def params(bench: Bench, id: str) -> dict[str, Any]:
    bench.setting(secrets="clear")
    return bench.live("connections", id)["auth"]["params"]


@MODES
def test_a_rotation_is_seen_and_sent_whole(bench: Bench, crm: str, mode: str) -> None:
    """With a key, a changed secret is one replace of all credentials; the plan shows where, and no value."""
    bench.setting(secrets=mode)
    bench.environ["FLOW_SECRET_PASSWORD"] = "second-pass"
    planned = change(bench.plan(), CRM)
    assert planned["causes"] == ["git"]
    assert planned["digest"] is None
    assert [field["path"] for field in planned["fields"]] == [PASSWORD]
    assert planned["fields"][0]["sensitive"] is True
    stand_in = {"$secret": planned["fields"][0]["path"]}
    assert (planned["fields"][0]["before"], planned["fields"][0]["after"]) == (stand_in, stand_in)
    body = planned["requests"][0]["body"]
    assert body == [
        {
            "op": "replace",
            "path": "/auth/params",
            "value": {"username": "acc", "password": {"$secret": PASSWORD}, "securityToken": {"$secret": TOKEN}},
        }
    ]
    assert result(bench.apply(), CRM)["status"] == "applied"
    assert params(bench, crm) == {"username": "acc", "password": "second-pass", "securityToken": "first-token"}
    bench.app.requests.clear()
    bench.setting(secrets=mode)
    assert bench.plan()["changes"] == []
    bench.apply()
    assert bench.writes() == []


def test_a_rotation_is_named_in_every_format(bench: Bench, crm: str) -> None:
    """Nobody can review a value, so every output says that a secret is sent."""
    bench.environ["FLOW_SECRET_PASSWORD"] = "second-pass"
    for form in ("text", "json", "markdown"):
        assert PASSWORD in bench.run("plan", "--format", form).out


def test_without_a_key_a_rotation_is_not_seen_and_the_plan_says_so(bench: Bench, crm: str) -> None:
    """No key, no comparison: nothing is planned, and a notice says what cannot be seen."""
    del bench.environ["RECONCILER_KEY"]
    bench.environ["FLOW_SECRET_PASSWORD"] = "second-pass"
    ran = bench.run("plan")
    assert ran.code == 0
    assert "RECONCILER_KEY is not set" in ran.out + ran.err
    assert bench.plan()["changes"] == []


def test_another_key_is_no_rotation(bench: Bench, crm: str) -> None:
    """Fingerprints of another key cannot be compared: a changed key does not resend every secret. A --rotate does."""
    bench.environ["RECONCILER_KEY"] = "another-key-of-thirty-two-chars!"
    assert bench.plan()["changes"] == []
    bench.apply()
    assert bench.writes() == []
    bench.apply("--rotate", CRM)
    bench.environ["FLOW_SECRET_PASSWORD"] = "second-pass"
    assert [field["path"] for field in change(bench.plan(), CRM)["fields"]] == [PASSWORD]


def test_a_key_that_comes_later(bench: Bench) -> None:
    """Applied without a key, then with one: nothing is sent, and from the next apply on rotations are seen."""
    bench.environ |= {"FLOW_SECRET_PASSWORD": "first-pass", "FLOW_SECRET_TOKEN": "first-token"}
    bench.declare("Connection", "crm", BODY)
    bench.apply()
    bench.app.requests.clear()
    bench.environ["RECONCILER_KEY"] = KEY
    assert bench.plan()["changes"] == []
    bench.apply()
    assert bench.writes() == []
    bench.environ["FLOW_SECRET_TOKEN"] = "second-token"
    assert [field["path"] for field in change(bench.plan(), CRM)["fields"]] == [TOKEN]


@MODES
def test_a_secret_is_added(bench: Bench, mode: str) -> None:
    """A secret that git newly declares is sent with everything else."""
    bench.environ |= {"RECONCILER_KEY": KEY, "FLOW_SECRET_DB": "first-pass", "FLOW_SECRET_TOKEN": "first-token"}
    bench.declare("Connection", "crm", CONNECTION)
    id = result(bench.apply(), CRM)["id"]
    bench.setting(secrets=mode)
    bench.declare("Connection", "crm", changed(CONNECTION, ("auth/params/securityToken", env("FLOW_SECRET_TOKEN"))))
    planned = change(bench.plan(), CRM)
    assert [(field["path"], field["sensitive"]) for field in planned["fields"]] == [(TOKEN, True)]
    assert planned["digest"]
    assert result(bench.apply(), CRM)["status"] == "applied"
    assert params(bench, id)["securityToken"] == "first-token"
    assert params(bench, id)["password"] == "first-pass"


@MODES
@pytest.mark.parametrize("how", ["left out", "null"])
def test_a_secret_is_removed(bench: Bench, mode: str, how: str) -> None:
    """A secret that was ours and leaves git, or is null there, leaves the credentials; the others stay."""
    bench.environ |= {"RECONCILER_KEY": KEY, "FLOW_SECRET_DB": "first-pass", "FLOW_SECRET_TOKEN": "first-token"}
    with_token = changed(CONNECTION, ("auth/params/securityToken", env("FLOW_SECRET_TOKEN")))
    bench.declare("Connection", "crm", with_token)
    id = result(bench.apply(), CRM)["id"]
    bench.setting(secrets=mode)
    without = CONNECTION if how == "left out" else changed(CONNECTION, ("auth/params/securityToken", None))
    bench.declare("Connection", "crm", without)
    planned = change(bench.plan(), CRM)
    assert TOKEN in [field["path"] for field in planned["fields"]]
    assert "first-token" not in str(planned)
    assert result(bench.apply(), CRM)["status"] == "applied"
    live = params(bench, id)
    assert "securityToken" not in live
    assert (live["password"], live["server"]) == ("first-pass", "db.example.com")
    bench.setting(secrets=mode)
    assert bench.plan()["changes"] == []


def test_a_secret_that_is_not_at_hand_is_unknown(bench: Bench, crm: str) -> None:
    """A plan needs no secrets: what would be sent is marked unknown, and only the apply insists."""
    bench.declare("Connection", "crm", changed(BODY, ("auth/params/username", "other")))
    bench.declare("Connection", "new", changed(BODY, ("name", "New")))
    del bench.environ["FLOW_SECRET_PASSWORD"]
    plan = bench.plan()
    assert any(field["unknown"] for field in change(plan, "Connection/new")["fields"])
    assert bench.run("apply", "--yes").code == 1
    assert bench.writes() == []


@MODES
def test_the_digest_does_not_depend_on_secrets_being_there(bench: Bench, crm: str, mode: str) -> None:
    """What was reviewed without secrets in a pull request is what an apply with them does, rotated ones included."""
    bench.setting(secrets=mode)
    added = changed(BODY, ("auth/params/username", "other"), ("description", "New"))
    bench.declare("Connection", "crm", added)
    bench.declare("Connection", "new", changed(BODY, ("name", "New")))
    with_them = bench.plan()
    bench.environ["FLOW_SECRET_TOKEN"] = "second-token"
    rotated = bench.plan()
    for name in ("FLOW_SECRET_PASSWORD", "FLOW_SECRET_TOKEN", "RECONCILER_KEY"):
        del bench.environ[name]
    without = bench.plan()
    digests = [[(one["resource"], one["digest"]) for one in plan["changes"]] for plan in (with_them, rotated, without)]
    assert digests[0] == digests[1] == digests[2]
    assert all(digest for _, digest in digests[0])
    assert with_them["digest"] == rotated["digest"] == without["digest"]


def test_an_undeclared_live_secret_blocks(bench: Bench) -> None:
    """A write of all credentials would lose a secret that git does not know: blocked, naming it and the ways out."""
    id = adopt(bench, {"username": "acc", "password": "p-live", "securityToken": "t-live"})
    declare_crm(bench, id, {"username": "other", "password": env("FLOW_SECRET_PASSWORD")})
    planned = change(bench.plan(), CRM)
    assert planned["action"] == "blocked"
    assert TOKEN in planned["blockedBy"]
    assert "null" in planned["blockedBy"]
    assert "t-live" not in str(planned)
    assert result(bench.apply(code=1), CRM)["status"] == "blocked"
    assert bench.writes() == []
    assert params(bench, id)["securityToken"] == "t-live"


def test_null_lets_an_undeclared_live_secret_go(bench: Bench) -> None:
    """Set to null it is removed, knowingly."""
    id = adopt(bench, {"username": "acc", "password": "p-live", "securityToken": "t-live"})
    declared = {"username": "other", "password": env("FLOW_SECRET_PASSWORD"), "securityToken": None}
    declare_crm(bench, id, declared)
    bench.environ["FLOW_SECRET_PASSWORD"] = "p-git"
    planned = change(bench.plan(), CRM)
    assert planned["action"] == "update"
    assert "t-live" not in str(planned)
    value = planned["requests"][0]["body"][0]["value"]
    assert value == {"username": "other", "password": {"$secret": PASSWORD}}


def test_hidden_secrets_block(bench: Bench) -> None:
    """Where the service shows no secrets, one that the spec knows and git does not mention may be set: blocked."""
    id = adopt(bench, {"username": "acc", "password": "p-live", "securityToken": "t-live"})
    bench.setting(secrets="absent")
    declare_crm(bench, id, {"username": "other", "password": env("FLOW_SECRET_PASSWORD")})
    planned = change(bench.plan(), CRM)
    assert (planned["action"], TOKEN in planned["blockedBy"]) == ("blocked", True)
    bench.apply(code=1)
    assert params(bench, id)["securityToken"] == "t-live"


@pytest.mark.parametrize("mode", ["masked", "absent"])
def test_a_mask_is_never_sent(bench: Bench, crm: str, mode: str) -> None:
    """What the service shows in a secret's place does not become the secret."""
    bench.setting(secrets=mode)
    bench.declare("Connection", "crm", changed(BODY, ("auth/params/username", "other")))
    bench.apply()
    assert params(bench, crm) == {"username": "other", "password": "first-pass", "securityToken": "first-token"}


def test_what_the_service_made_is_not_sent_back(bench: Bench, crm: str) -> None:
    """Keys that the service adds inside credentials are left out of a write; other people's plain keys are kept."""
    made = {"inletUrl": "https://in", "inletId": "1", "authorizedDate": 5, "environmentUrl": "https://sf.example.com"}
    bench.edit("connections", crm, lambda live: live["auth"]["params"].update(made))
    bench.declare("Connection", "crm", changed(BODY, ("auth/params/username", "other")))
    bench.apply()
    sent = patches(bench)[0][0]["value"]
    assert not sent.keys() & {"inletUrl", "inletId", "authorizedDate"}
    assert sent["environmentUrl"] == "https://sf.example.com"


@MODES
def test_adopting_sends_no_secret(bench: Bench, mode: str) -> None:
    """An adopted connection's secrets are unverified, and stay as they are until somebody asks for more."""
    id = adopt(bench, {"username": "acc", "password": "p-live", "securityToken": "t-live"})
    bench.setting(secrets=mode)
    bench.environ |= {"RECONCILER_KEY": KEY, "FLOW_SECRET_PASSWORD": "p-git", "FLOW_SECRET_TOKEN": "t-git"}
    bench.declare("Connection", "crm", BODY)
    assert "unverified" in bench.run("plan").out
    assert result(bench.apply(), CRM)["action"] == "adopt"
    assert bench.writes() == []
    assert bench.plan()["changes"] == []
    bench.environ["FLOW_SECRET_TOKEN"] = "t-git-2"
    bench.apply()
    assert params(bench, id) == {"username": "acc", "password": "p-git", "securityToken": "t-git-2"}


@pytest.mark.parametrize("key", [KEY, ""])
def test_rotate_sends_them_again(bench: Bench, key: str) -> None:
    """``--rotate`` sends the secrets again, key or no key; without it nothing would change."""
    crm = applied(bench, key)
    bench.edit("connections", crm, lambda live: live["auth"]["params"].update(password="by-hand"))
    assert bench.plan()["changes"] == []
    planned = change(bench.plan("--rotate", CRM), CRM)
    assert planned["digest"] is None
    assert [field["path"] for field in planned["fields"]] == [PASSWORD, TOKEN]
    assert result(bench.apply("--rotate", CRM), CRM)["status"] == "applied"
    assert params(bench, crm)["password"] == "first-pass"
    assert bench.plan()["changes"] == []


def test_a_literal_password_is_warned_of_and_masked(bench: Bench) -> None:
    """A password written into a manifest works, is complained about in every output, and shown in none."""
    literal = changed(BODY, ("auth/params/password", "gr8-passw0rd"), ("auth/params/securityToken", "gr8-t0ken"))
    bench.declare("Connection", "crm", literal)
    outputs = [bench.run("validate"), bench.run("plan"), bench.run("plan", "--format", "json")]
    outputs += [bench.run("plan", "--format", "markdown"), bench.run("apply", "--yes")]
    for ran in outputs:
        assert ran.code == 0
        assert "gr8-" not in ran.out + ran.err
    assert PASSWORD in outputs[0].err
    assert "secret written into git" in outputs[1].out + outputs[1].err
    id = bench.entry("Connection", "crm")["id"]
    assert params(bench, id)["password"] == "gr8-passw0rd"
    assert "gr8-" not in str(bench.entry("Connection", "crm"))


def test_a_literal_that_moves_to_the_environment(bench: Bench) -> None:
    """Taking a password out of git, its value unchanged, sends nothing."""
    bench.environ |= {"RECONCILER_KEY": KEY, "FLOW_SECRET_PASSWORD": "gr8-pass", "FLOW_SECRET_TOKEN": "first-token"}
    bench.declare("Connection", "crm", changed(BODY, ("auth/params/password", "gr8-pass")))
    bench.apply()
    bench.app.requests.clear()
    bench.declare("Connection", "crm", BODY)
    assert bench.plan()["changes"] == []
    bench.apply()
    assert bench.writes() == []


def test_an_ignored_secret_is_not_written_over(bench: Bench, crm: str) -> None:
    """A secret that git releases was rotated by hand: no later write of the credentials puts the one of git back."""
    bench.edit("connections", crm, lambda live: live["auth"]["params"].update(password="by-hand"))
    bench.declare("Connection", "crm", changed(BODY, ("auth/params/username", "other")), ignore=[PASSWORD])
    ran = result(bench.apply(code=1), CRM)
    assert (ran["status"], PASSWORD in ran["error"]) == ("blocked", True)
    assert params(bench, crm)["password"] == "by-hand"
    bench.declare("Connection", "crm", changed(BODY, ("description", "New")), ignore=[PASSWORD])
    assert result(bench.apply(), CRM)["status"] == "applied"
    assert params(bench, crm)["password"] == "by-hand"


def test_secrets_of_a_file(bench: Bench) -> None:
    """A secret in a file below the folder that is allowed is read like one in the environment."""
    folder = bench.folder / "secrets"
    folder.mkdir()
    (folder / "password").write_text("file-pass\n", encoding="utf-8")
    bench.environ |= {"RECONCILER_SECRET_DIR": str(folder), "FLOW_SECRET_TOKEN": "first-token"}
    body = changed(BODY, ("auth/params/password", {"valueFrom": {"file": "password"}}))
    bench.declare("Connection", "crm", body)
    id = result(bench.apply(), CRM)["id"]
    assert params(bench, id)["password"] == "file-pass"


def adopt(bench: Bench, live: dict[str, Any]) -> str:
    """Let a person make a connection; return its id."""
    body = {
        "id": "made-by-hand",
        "name": "Salesforce",
        "connectionSpec": {"id": SALESFORCE, "version": "1.0"},
        "auth": {"specName": "Basic Authentication", "params": live},
        "etag": '"1"',
        "version": '"1"',
        "state": "enabled",
        "updatedAt": 1,
    }
    bench.seed("connections", body)
    bench.environ |= {"FLOW_SECRET_PASSWORD": "p-git"}
    return "made-by-hand"


def declare_crm(bench: Bench, id: str, declared: dict[str, Any]) -> None:
    bench.declare("Connection", "crm", changed(BODY, ("auth/params", declared)), id=id)


@MODES
def test_a_secret_that_leaves_git_leaves_live(bench: Bench, crm: str, mode: str) -> None:
    """Whether or not the service shows secrets: it was ours, so nothing that is unknown would be lost."""
    bench.setting(secrets=mode)
    spec = changed(BODY, ("auth/params/securityToken", None))
    bench.declare("Connection", "crm", spec)
    null = change(bench.plan(), CRM)
    del spec["auth"]["params"]["securityToken"]
    bench.declare("Connection", "crm", spec)
    planned = change(bench.plan(), CRM)
    assert (planned["action"], planned["causes"]) == ("update", ["git"])
    assert planned["requests"] == null["requests"]
    assert [field["path"] for field in planned["fields"]] == [TOKEN]
