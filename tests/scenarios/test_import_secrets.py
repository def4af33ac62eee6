"""No secret that the service shows reaches a file or the output of an import; each has a place to come from."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import ORGANISATION, Bench
from support.bodies import connection, flow, source, stored, target
from support.chain import LAKE, apply_chain, changed
from support.imports import assert_idle, assert_in_sync, files, forget_all, import_all, manifests

MODES = ("clear", "masked", "absent")
CANARY = "kanarien-Vogel/7\"'\\ü"
ENV = "FLOW_SECRET_CRM_"


def secret(name: str) -> dict[str, Any]:
    return {"valueFrom": {"env": name}}


def own_spec(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Return a connection spec of the organisation with one way to log in."""
    login = {"name": "Login", "type": "Login", "spec": {"properties": properties, "required": required}}
    return {"id": "own", "name": "Own", "providerId": "p", "version": "1.0", "authSpec": [login]}


def login(**params: Any) -> dict[str, Any]:
    """Return a connection that logs in with these."""
    return connection(connectionSpec={"id": "own"}, auth={"specName": "Login", "params": params})


def params(bench: Bench, name: str = "Connection/crm") -> dict[str, Any]:
    return manifests(bench)[name]["spec"]["auth"]["params"]


@pytest.mark.assumes(list_secrets="same")
@pytest.mark.parametrize("mode", MODES)
def test_a_canary_in_every_place(bench: Bench, mode: str) -> None:
    """A secret that somebody has also written elsewhere is kept out of there, and so is what looks like one."""
    bench.setting(secrets=mode)
    spec = own_spec({"password": {"format": "password"}, "pin": {"format": "password"}, "host": {}}, ["password"])
    bench.seed("connectionSpecs", spec)
    one = login(password=CANARY, pin=918273645, host=f"https://x?sig={CANARY}", nested={"apiToken": [f"a{CANARY}"]})
    one |= {"name": f"CRM {CANARY}", "description": f"user/{CANARY}", "encryption": {"params": {"pfx": CANARY + "e"}}}
    bench.seed("connections", stored("c-1", one))
    bench.seed("sourceConnections", stored("s-1", source("c-1", params={"sasToken": "only-here", "path": CANARY})))
    bench.seed("sourceConnections", stored("s-2", source("c-1", params={CANARY: 1, "list": [1, {"a": CANARY}]})))
    bench.seed("targetConnections", stored("t-1", target(params={"dataSetId": CANARY})))
    bench.seed("flows", stored("f-1", flow(["s-1"], [], CANARY, transformations=[{"name": CANARY}])))
    ran = import_all(bench)
    everything = "".join(files(bench.manifests).values()) + ran.out + ran.err
    hidden = ["918273645", "only-here", *([CANARY, "kanarien", CANARY.lower()] if mode == "clear" else [])]
    assert [one for one in hidden if one in everything] == []
    assert_in_sync(bench, 5)
    assert_idle(bench)
    assert bench.run("validate").err == ""


def test_the_same_manifest_in_every_mode(bench: Bench) -> None:
    """Shown, masked or not at all: what is written is the same, but for the comment and the order of the keys."""
    found = []
    apply_chain(bench)
    for mode in MODES:
        bench.setting(secrets=mode)
        forget_all(bench)
        import_all(bench)
        assert_in_sync(bench, 4)
        found.append(manifests(bench))
    assert found[0] == found[1] == found[2]
    text = files(bench.manifests)["connections/warehouse.yaml"]
    assert "# The service does not show secrets: password must be set.\n" in text


def test_what_may_be_hidden(bench: Bench) -> None:
    """Where nothing is shown, the auth spec says what there may be, required or not, marked or by its name."""
    properties = {"host": {}, "password": {"format": "password"}, "sshKey": {"format": "password"}, "user": {}}
    bench.seed("connectionSpecs", own_spec(properties, ["password", "secretKey", "domain"]))
    bench.seed("connections", stored("c-1", login(host="h")))
    import_all(bench)
    assert params(bench) == {
        "host": "h",
        "password": secret(f"{ENV}PASSWORD"),
        "secretKey": secret(f"{ENV}SECRET_KEY"),
        "sshKey": secret(f"{ENV}SSH_KEY"),
    }
    comment = "password, secretKey must be set; sshKey may be set (take out what is not)."
    assert f"# The service does not show secrets: {comment}\n" in files(bench.manifests)["connections/crm.yaml"]
    assert_in_sync(bench, 1)


@pytest.mark.assumes(secrets="clear", list_secrets="same")
def test_what_is_not_set(bench: Bench) -> None:
    """A service that shows one password hides none: what it does not show is not there."""
    bench.seed("connectionSpecs", own_spec({"password": {"format": "password"}, "sshKey": {"format": "password"}}, []))
    bench.seed("connections", stored("c-1", login(host="h")))
    bench.seed("connections", stored("c-2", login(password="****") | {"name": "Other"}))
    import_all(bench)
    assert params(bench) == {"host": "h"}
    assert params(bench, "Connection/other") == {"password": secret("FLOW_SECRET_OTHER_PASSWORD")}
    assert_in_sync(bench, 2)


def test_hidden_whole(bench: Bench) -> None:
    """A connection that shows no parameters at all still says which secrets it may have."""
    bench.seed("connectionSpecs", own_spec({"password": {"format": "password"}}, []))
    bench.seed("connections", stored("c-1", connection(connectionSpec={"id": "own"}, auth={"specName": "Login"})))
    bare = connection("Bare", connectionSpec={"id": "own"})
    del bare["auth"]
    bench.seed("connections", stored("c-2", bare))
    import_all(bench)
    assert params(bench) == {"password": secret(f"{ENV}PASSWORD")}
    assert "auth" not in manifests(bench)["Connection/bare"]["spec"]
    assert_in_sync(bench, 2)


def test_a_spec_that_is_no_help(bench: Bench) -> None:
    """Specs that say nothing, or nonsense, leave it to the names; that is said where the spec is not there at all."""
    for at, auth in enumerate(
        [None, "x", [1, {"name": "Login"}, {"name": "Login", "spec": {"properties": 1, "required": 1}}]]
    ):
        bench.seed("connectionSpecs", own_spec({}, []) | {"id": f"own-{at}", "authSpec": auth})
        body = login(apiKey="a-key-value", user="u") | {"connectionSpec": {"id": f"own-{at}"}, "name": f"CRM {at}"}
        bench.seed("connections", stored(f"c-{at}", body))
    bench.seed(
        "connections",
        stored("c-9", login(apiKey="a-key-value", user="u") | {"name": "Gone", "connectionSpec": {"id": "x"}}),
    )
    bench.seed(
        "connections", stored("c-10", login(apiKey="a-key-value", user="u") | {"name": "None", "connectionSpec": 1})
    )
    ran = import_all(bench)
    for name in ("crm-0", "crm-1", "crm-2", "gone", "none"):
        variable = f"FLOW_SECRET_{name.upper().replace('-', '_')}_API_KEY"
        assert params(bench, f"Connection/{name}") == {"apiKey": secret(variable), "user": "u"}
    assert "Connection/gone: its connection spec is not there" in ran.err
    assert "Connection/crm-0: its connection spec" not in ran.err
    assert_in_sync(bench, 5)


@pytest.mark.assumes(secrets="clear", list_secrets="same")
def test_masked_under_any_name(bench: Bench) -> None:
    """What the service masks is a secret, whatever it is called; an empty text, true and null are none."""
    body = login(serverKey="••••••", password="", hasToken=True, token=None, secretNumbers=[1, None])
    bench.seed("connectionSpecs", own_spec({}, []))
    bench.seed("connections", stored("c-1", body))
    import_all(bench)
    numbers = [secret(f"{ENV}SECRET_NUMBERS_0"), None]
    assert params(bench) == {
        "serverKey": secret(f"{ENV}SERVER_KEY"),
        "password": "",
        "hasToken": True,
        "secretNumbers": numbers,
    }
    assert_in_sync(bench, 1)


def test_no_variable_twice(bench: Bench) -> None:
    """Two secrets never come from one variable, neither within an import nor with what git has."""
    bench.declare(
        "Connection", "first", connection("First", auth={"specName": "x", "params": {"k": secret(f"{ENV}A_TOKEN")}})
    )
    bench.seed("connections", stored("c-1", login(aToken="one-secret")))
    bench.seed("connections", stored("c-2", login(token="two-secret") | {"name": "CRM a"}))
    bench.seed("connections", stored("c-3", login(**{"a-token": "x-secret", "aToken": "y-secret"}) | {"name": "B"}))
    import_all(bench)
    assert params(bench) == {"aToken": secret(f"{ENV}A_TOKEN_2")}
    assert params(bench, "Connection/crm-a") == {"token": secret(f"{ENV}A_TOKEN_3")}
    assert params(bench, "Connection/b") == {
        "a-token": secret("FLOW_SECRET_B_A_TOKEN"),
        "aToken": secret("FLOW_SECRET_B_A_TOKEN_2"),
    }


@pytest.mark.parametrize("mode", MODES)
def test_what_was_secret_stays_secret(bench: Bench, mode: str) -> None:
    """A parameter that git once filled as a secret is one, though nothing else marks it; what we set is kept, too."""
    body = changed(connection(), ("auth/params/username", secret("FLOW_SECRET_USER")))
    body["auth"]["params"] |= {"inletId": "set-by-us", "password": secret("FLOW_SECRET_PASSWORD")}
    bench.environ |= {
        "FLOW_SECRET_USER": "the-user-name",
        "FLOW_SECRET_PASSWORD": "p-a-ss",
        "FLOW_SECRET_TOKEN": "t-o-k",
    }
    bench.declare("Connection", "crm", body)
    bench.apply()
    bench.setting(secrets=mode)
    (bench.manifests / "Connection-crm.json").unlink()
    import_all(bench)
    assert params(bench)["username"] == secret("FLOW_SECRET_CRM_USERNAME")
    assert params(bench)["inletId"] == "set-by-us"
    assert "the-user-name" not in "".join(files(bench.manifests).values())
    assert_in_sync(bench, 0)


def test_what_the_service_adds(bench: Bench) -> None:
    """Inlets and the nulls of a target connection are the service's, and in no manifest."""
    streaming = {"sourceId": "Shop", "dataType": "xdm", "name": "Shop"}
    spec = {"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "version": "1.0"}
    auth = {"specName": "Streaming Connection", "params": streaming}
    bench.declare("Connection", "shop", {"name": "Shop", "connectionSpec": spec, "auth": auth})
    lake = {"name": "Lake", "connectionSpec": {"id": LAKE, "version": "1.0"}, "data": {"format": "json"}}
    bench.declare("TargetConnection", "lake", lake)
    bench.declare("TargetConnection", "bare", lake | {"name": "Bare", "data": {"schema": None}})
    bench.apply()
    forget_all(bench)
    import_all(bench)
    assert params(bench, "Connection/shop") == streaming
    assert manifests(bench)["TargetConnection/lake"]["spec"] == lake
    assert "data" not in manifests(bench)["TargetConnection/bare"]["spec"]
    assert_in_sync(bench, 3)


@pytest.mark.assumes(secrets="clear", list_secrets="same")
def test_a_password_that_is_a_word(bench: Bench) -> None:
    """It hides that word in values, even in a name; keys of the service's own, and the rest, are as they are."""
    bench.seed("connectionSpecs", own_spec({"password": {"format": "password"}}, []) | {"imsOrgId": ORGANISATION})
    bench.seed("connections", stored("c-1", login(password="password", host="db")))
    bench.seed("flows", stored("f-1", flow([], [], "the password", transformations=[{"name": "Copy"}])))
    ran = import_all(bench)
    assert params(bench) == {"password": secret(f"{ENV}PASSWORD"), "host": "db"}
    assert "name" not in manifests(bench)["Flow/flow-f1"]["spec"]
    assert "Flow/flow-f1: /name is left out, and so not managed: it holds a secret" in ran.err
    assert_in_sync(bench)


def test_a_password_like_other_values(bench: Bench) -> None:
    """Truth, small numbers and sugar are no copies of a password that happens to look like them."""
    bench.seed("connections", stored("c-1", login(password="true", secretKey="1000", sshKey="Source")))
    bench.seed(
        "sourceConnections", stored("s-1", source("c-1", params={"on": True, "size": 1000, "list": [True, 1000]}))
    )
    bench.seed("flows", stored("f-1", flow(["s-1"], [])))
    import_all(bench)
    assert manifests(bench)["SourceConnection/orders"]["spec"]["params"] == {
        "on": True,
        "size": 1000,
        "list": [True, 1000],
    }
    assert manifests(bench)["Flow/daily"]["spec"]["sourceConnectionIds"] == [{"ref": "SourceConnection/orders"}]


@pytest.mark.assumes(secrets="clear", list_secrets="same")
def test_a_secret_that_would_stand_in_a_file(bench: Bench) -> None:
    """The last fence: a file whose text holds a secret after all, in an id say, is not written: an error."""
    bench.seed("connections", stored("c-1", login(password="id-of-a-flow")))
    bench.seed("flows", stored("id-of-a-flow", flow([], [])))
    ran = import_all(bench, code=1)
    assert "cannot be a manifest: it would hold a secret" in ran.err
    assert manifests(bench).keys() == {"Target/bench", "Connection/crm"}


@pytest.mark.parametrize("mode", ["emptied", "nulled"])
@pytest.mark.assumes(list_secrets="same")
def test_shown_as_nothing(bench: Bench, mode: str) -> None:
    """An empty text or null may be how what is set is hidden: as it stands, the next write would clear it."""
    bench.setting(secrets=mode)
    bench.seed("connectionSpecs", own_spec({"password": {"format": "password"}, "user": {}}, ["password"]))
    bench.seed("connections", stored("c-1", login(password="set-by-hand", user="u")))
    import_all(bench)
    assert params(bench) == {"password": secret(f"{ENV}PASSWORD"), "user": "u"}
    assert_in_sync(bench, 1)
