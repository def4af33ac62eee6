"""Credentials: compared by fingerprint, written whole, and never with a secret lost, kept or shown by accident."""

from __future__ import annotations

import pytest
from unit.engine.fakes import KEYS, connection, decided, live, secret, situation, snapshot, vault, want

from reconciler.diff.document import MISSING, shown
from reconciler.diff.outcomes import Cause
from reconciler.diff.pointer import parse
from reconciler.engine.credentials import Vault, context, slots
from reconciler.engine.decide import decide
from reconciler.engine.passwords import seal_literals, secrets_shown
from reconciler.model.kinds import Kind
from reconciler.model.plan import FieldChange
from reconciler.model.secrets import Fingerprint, Secret, SecretOrigin

UNKNOWN = Fingerprint(None, None)
WAS = {"/auth/params/password": UNKNOWN}
APPLIED = connection(params={"username": "reader"})


def params_of(decision):
    """Return the credentials that are sent, with a stand-in for each secret; MISSING where none are."""
    sent = [op.value for op in decision.patch if op.path == ("auth", "params")]
    assert len(sent) <= 1
    return shown(sent[0]) if sent else MISSING


def paths_of(decision):
    paths = [field.path for field in decision.fields]
    assert len(set(paths)) == len(paths), "two fields share a path"
    return paths


def slot(pointer):
    return {"$secret": pointer}


@pytest.mark.parametrize("shown_as", ["in-clear", "***", None, MISSING], ids=repr)
def test_a_secret_that_becomes_a_plain_value_is_sent_with_the_whole(shown_as):
    """The plain value stands in the whole of the credentials; it is one field, no longer a secret's."""
    theirs = {} if shown_as is MISSING else {"host": shown_as}
    decision = decided(
        "Connection",
        connection(params={"username": "reader", "host": "db"}),
        connection(params={"username": "reader", **theirs}),
        APPLIED,
        secrets={"/auth/params/host": UNKNOWN},
    )
    assert params_of(decision) == {"username": "reader", "host": "db"}
    assert paths_of(decision) == ["/auth/params/host"]
    assert decision.secrets.removed == ()
    assert decision.causes == {Cause.GIT}


def test_a_plain_value_that_is_there_already_is_not_sent():
    """A secret that live shows as git now says in plain: nothing is to be done."""
    spec = connection(params={"username": "reader", "host": "db"})
    assert not decided("Connection", spec, spec, APPLIED, secrets={"/auth/params/host": UNKNOWN}).causes


def test_a_plain_value_that_becomes_a_secret_is_sent_as_one():
    """One field, sensitive; the plain value of before is not shown any more."""
    spec = connection(params={"username": "reader", "host": secret("/auth/params/host")})
    plain = connection(params={"username": "reader", "host": "db"})
    decision = decided("Connection", spec, plain, plain)
    assert params_of(decision) == {"username": "reader", "host": slot("/auth/params/host")}
    after = slot("/auth/params/host")
    assert decision.fields == (FieldChange("/auth/params/host", MISSING, after, sensitive=True, unknown=True),)
    assert "db" not in repr(decision.fields)


@pytest.mark.parametrize("there", ["first", "***"])
def test_a_removed_secret_leaves(there):
    """It was ours, so the whole is sent without it; cause git."""
    ours = connection(params={"username": "reader"})
    theirs = connection(params={"username": "reader", "password": there})
    decision = decided("Connection", ours, theirs, APPLIED, secrets=WAS)
    assert params_of(decision) == {"username": "reader"}
    before = slot("/auth/params/password")
    assert decision.fields == (FieldChange("/auth/params/password", before, MISSING, sensitive=True),)
    assert decision.causes == {Cause.GIT}


@pytest.mark.parametrize("spec", [{"username": "reader"}, {"username": "reader", "password": None}])
def test_a_removed_secret_leaves_also_where_the_service_shows_none(spec):
    """What looks as if it had left is sent all the same: live shows no secrets, so it may still be set."""
    hidden = connection(params={"username": "reader"})
    decision = decided("Connection", connection(params=spec), hidden, APPLIED, secrets=WAS)
    assert params_of(decision) == {"username": "reader"}
    assert paths_of(decision) == ["/auth/params/password"]


def test_a_removed_secret_that_nothing_shows_leaves_with_what_else_is_sent():
    """The whole goes once."""
    spec = connection(params={"username": "writer"})
    hidden = connection(params={"username": "reader"})
    decision = decided("Connection", spec, hidden, APPLIED, secrets=WAS)
    assert params_of(decision) == {"username": "writer"}


def test_without_credentials_there_is_none_that_a_secret_could_leave():
    """The whole of auth is gone from live: nothing is sent for a secret in it."""
    spec = {"name": "CRM"}
    assert decided("Connection", spec, spec, {"name": "CRM"}, secrets=WAS).patch == ()


def test_null_on_a_secret_removes_it():
    """Null is one removal: one field, no value shown."""
    spec = connection(params={"username": "reader", "password": None})
    theirs = connection(params={"username": "reader", "password": "first"})
    decision = decided("Connection", spec, theirs, APPLIED, secrets=WAS)
    assert params_of(decision) == {"username": "reader"}
    before = slot("/auth/params/password")
    assert decision.fields == (FieldChange("/auth/params/password", before, MISSING, sensitive=True),)
    assert "first" not in repr(decision.fields)


def test_null_is_not_sent_where_live_shows_null():
    """A service may show a secret as null (FACTS 14): what must be absent is left out, and not set to null."""
    spec = connection(params={"username": "other", "token": None})
    decision = decided("Connection", spec, connection(params={"username": "reader", "token": None}), APPLIED)
    assert params_of(decision) == {"username": "other"}


def test_null_where_nothing_is_needs_nothing():
    """A secret that never was ours and is not shown: what must be absent seems to be."""
    spec = connection(params={"username": "reader", "password": None})
    assert not decided("Connection", spec, connection(params={"username": "reader"}), APPLIED).causes


@pytest.mark.parametrize(
    "theirs",
    [
        {"sshKey": "k"},
        {"inner": {"sshKey": "k"}},
        {"inner": [{"sshKey": "k"}]},
        {"inner": [{"name": "a", "sshKey": "k"}]},
        {"inner": {"deep": ["x", {"token": "k"}]}},
        {"secrets": ["k"]},
        {"password": "***"},
        {"pwd": 1},
    ],
    ids=repr,
)
def test_an_undeclared_secret_blocks_however_deep(theirs):
    """Sent back it may be a mask, left out it is lost: blocked, by the names of keys where the spec marks none."""
    spec = connection(params={"username": "writer"})
    decision = decided("Connection", spec, connection(params={"username": "reader", **theirs}), APPLIED)
    assert "which the manifest does not declare" in decision.blocked
    assert not decision.writes


def test_an_undeclared_marked_key_blocks():
    """The connection's spec says that it is a password, whatever its name."""
    marked = vault(passwords=["zip"])
    spec, theirs = connection(params={"username": "writer"}), connection(params={"username": "reader", "zip": "1"})
    decision = decided("Connection", spec, theirs, APPLIED, vault=marked)
    assert "/auth/params/zip" in decision.blocked


def test_undeclared_plain_keys_are_kept_and_server_made_ones_are_not():
    """Somebody's parameters survive our write, nested ones too; the service makes its own again (FACTS 8)."""
    theirs = {"username": "reader", "port": 1, "deep": {"a": [1], "inletId": "i"}, "inletUrl": "u"}
    decision = decided("Connection", connection(params={"username": "writer"}), connection(params=theirs), APPLIED)
    assert params_of(decision) == {"username": "writer", "port": 1, "deep": {"a": [1]}}


def test_a_declared_server_made_key_is_sent():
    """What git says of it counts."""
    spec = connection(params={"username": "writer", "inletId": "i"})
    theirs = connection(params={"username": "reader", "inletId": "i"})
    assert params_of(decided("Connection", spec, theirs, theirs)) == spec["auth"]["params"]


def test_a_mask_is_never_sent_back():
    """Secrets that git declares go as their slots, whatever live shows; also nested, in lists, in named lists."""
    params = {
        "username": "writer",
        "password": secret(),
        "deep": {"token": secret("/auth/params/deep/token")},
        "list": ["plain", secret("/auth/params/list/1")],
        "named": [{"name": "n", "key": secret("/auth/params/named/0/key")}],
    }
    masks = {
        "username": "reader", "password": "***", "deep": {"token": "***"}, "list": ["***", "***"],
        "named": [{"name": "n", "key": "***"}],
    }  # fmt: skip
    was = {f"/auth/params/{rest}": UNKNOWN for rest in ("password", "deep/token", "list/1", "named/[name=n]/key")}
    spec, theirs = connection(params=params), connection(params=masks)
    decision = decided("Connection", spec, theirs, APPLIED, secrets=was)
    assert params_of(decision) == shown(params)
    assert "***" not in repr(decision.patch)


def test_a_secret_in_a_named_list_is_a_secret():
    """It is found by its element's name: never compared with live, never shown."""
    spec = connection(params={"named": [{"name": "n", "key": secret("/auth/params/named/0/key")}]})
    theirs = connection(params={"named": [{"name": "n", "key": "in-clear"}]})
    pointer = "/auth/params/named/[name=n]/key"
    applied = connection(params={"named": [{"name": "n"}]})
    assert not decided("Connection", spec, theirs, applied, secrets={pointer: UNKNOWN}).causes
    added = decided("Connection", spec, theirs, applied)
    assert paths_of(added) == [pointer]
    assert "in-clear" not in repr((added.fields, added.patch))


def test_a_named_element_with_a_secret_leaves_whole():
    """Element, secret and all; its live secret is not shown on the way."""
    pointer = "/auth/params/named/[name=n]/key"
    theirs = connection(params={"named": [{"name": "n", "key": "in-clear"}, {"name": "o"}]})
    applied = connection(params={"named": [{"name": "n"}]})
    decision = decided("Connection", connection(params={"named": []}), theirs, applied, secrets={pointer: UNKNOWN})
    assert params_of(decision) == {"named": []}
    assert "in-clear" not in repr(decision.fields)


@pytest.mark.parametrize("theirs", [{}, {"keys": ["a"]}, {"keys": ["a", "b", "c"]}, {"keys": "odd"}], ids=repr)
def test_a_list_with_secrets_is_sent_as_the_list_that_git_has(theirs):
    """A list is one value: whatever live has there, git's list replaces it."""
    keys = [secret("/auth/params/keys/0"), "plain"]
    decision = decided(
        "Connection", connection(params={"keys": keys}), connection(params=theirs), connection(params={})
    )
    assert params_of(decision) == {"keys": [slot("/auth/params/keys/0"), "plain"]}


@pytest.mark.parametrize("left", [{}, {"keys": []}, {"keys": ["plain"]}], ids=repr)
def test_a_secret_leaves_a_list(left):
    """The list as git has it now, or none; what live shows of the secret is in no field."""
    theirs = connection(params={"keys": ["in-clear"]})
    was = {"/auth/params/keys/0": UNKNOWN}
    decision = decided("Connection", connection(params=left), theirs, connection(params={"keys": []}), secrets=was)
    assert params_of(decision) == left
    if left != {"keys": ["plain"]}:
        assert "in-clear" not in repr(decision.fields)
    paths_of(decision)


@pytest.mark.parametrize("now", ["x", None, {}, ["x"]], ids=repr)
def test_a_secret_gives_way_to_what_git_has_in_its_parent_s_place(now):
    """Where an object with a secret was, git now wants another value."""
    theirs = connection(params={"username": "reader", "deep": {"key": "in-clear"}})
    spec = connection(params={"username": "reader", "deep": now})
    decision = decided("Connection", spec, theirs, APPLIED, secrets={"/auth/params/deep/key": UNKNOWN})
    assert params_of(decision) == {"username": "reader"} | ({} if now is None else {"deep": now})
    assert "in-clear" not in repr(decision.fields)


@pytest.mark.parametrize(
    ("params", "blocked"),
    [
        ({"username": "writer"}, True),
        ({"username": "writer", "password": None}, False),
        ({"username": "writer", "deep": {"password": None}}, False),
        ({"username": "writer", "deep": [{"password": "x"}]}, False),
    ],
)
def test_a_secret_that_may_be_hidden_blocks_unless_it_is_declared(params, blocked):
    """The service shows no secrets, and the spec knows one: it may be set. Declared anywhere it is spoken of."""
    marked = vault(passwords=["password"])
    decision = decided(
        "Connection", connection(params=params), connection(params={"username": "reader"}), APPLIED, vault=marked
    )
    assert bool(decision.blocked) is blocked
    assert ("does not show secrets" in (decision.blocked or "")) is blocked


def test_a_service_that_shows_one_secret_shows_them_all():
    """What it does not show is not set, then."""
    marked = vault(passwords=["password", "other"])
    theirs = connection(params={"username": "reader", "password": "***"})
    decision = decided("Connection", connection(params={"username": "w", "password": secret()}), theirs, vault=marked)
    assert decision.blocked is None


def test_hidden_secrets_are_known_of_the_login_alone():
    """The connection's spec does not speak of encryption."""
    marked = vault(passwords=["password"])
    both = {"encryption": {"specName": "e", "params": {"key": "1"}}}
    decision = decided(
        "Connection", both, {"encryption": {"specName": "e", "params": {"key": "2"}}}, both, vault=marked
    )
    assert decision.blocked is None
    assert [op.wire()["path"] for op in decision.patch] == ["/encryption/params"]


@pytest.mark.parametrize("spec", [{"name": "CRM", "encryption": None}, {"name": "CRM"}], ids=["null", "gone from git"])
def test_removing_the_encryption_is_blocked(spec):
    """Its parent cannot be addressed, and params of nothing are no removal: there is no PATCH for it."""
    theirs = {"name": "CRM", "encryption": {"specName": "e", "params": {"public": "1"}}}
    decision = decided("Connection", spec, theirs, theirs)
    assert decision.blocked.startswith("Flow Service has no PATCH for /encryption")
    assert not decision.writes


def test_credentials_that_are_not_there_are_added_with_their_parent():
    """Live has no auth at all: it is added, secrets and all."""
    spec = connection()
    decision = decided("Connection", spec, {"name": "CRM", "connectionSpec": spec["connectionSpec"]})
    assert [op.wire() | {"value": shown(op.value)} for op in decision.patch] == [
        {"op": "add", "path": "/auth", "value": shown(spec["auth"])}
    ]


def test_only_the_whole_of_the_credentials_is_null():
    """Set to null they are removed as a whole, knowingly."""
    spec = {"auth": {"params": None}}
    theirs = connection(params={"username": "reader", "password": "x"})
    decision = decided("Connection", spec, theirs, {"auth": {"params": {"username": "reader"}}}, secrets=WAS)
    assert [op.wire()["path"] for op in decision.patch] == ["/auth/params"]
    assert decision.patch[0].op == "remove"


def test_secrets_are_compared_with_one_key_only():
    """Two hashes tell of a rotation iff both were made, with one key."""
    spec = connection()
    theirs = connection(params={"username": "reader", "password": "x"})
    where = context("ORG@AdobeOrg", "bench", "x", ("auth", "params", "password"))
    first = KEYS.fingerprint(where, Secret("first"))
    foreign = Fingerprint("other", first.hmac)

    def rotated(mark, values, keys=KEYS):
        held = vault(values, keys)
        known = {"/auth/params/password": mark}
        return decided("Connection", spec, theirs, APPLIED, secrets=known, vault=held).secrets.rotated

    password = ("auth", "params", "password")
    assert rotated(first, {"FLOW_SECRET_PASSWORD": "second"}) == (password,)
    assert rotated(first, {"FLOW_SECRET_PASSWORD": "first"}) == ()
    assert rotated(first, {}) == ()
    assert rotated(first, {"FLOW_SECRET_PASSWORD": "second"}, None) == ()
    assert rotated(foreign, {"FLOW_SECRET_PASSWORD": "second"}) == ()
    assert rotated(UNKNOWN, {"FLOW_SECRET_PASSWORD": "second"}) == ()


def test_a_rotation_alone_leaves_nothing_to_review():
    """The decision without rotations, which digests are made of, sends nothing; with another change it sends that."""
    spec, theirs = connection(), connection(params={"username": "reader", "password": "x"})
    alone = decided("Connection", spec, theirs, APPLIED, secrets=WAS, rotate=True)
    assert params_of(alone) == {"username": "reader", "password": slot("/auth/params/password")}
    assert alone.reviewed.writes is False
    both = decided("Connection", connection("New"), theirs, APPLIED, secrets=WAS, rotate=True)
    assert [op.path for op in both.reviewed.patch] == [("name",)]


def test_rotating_an_adopted_connection_sends_its_secrets():
    """Without an entry they are unverified, and sent when somebody asks for it."""
    theirs = connection(params={"username": "reader", "password": "x"})
    assert not decided("Connection", connection(), theirs).causes
    assert params_of(decided("Connection", connection(), theirs, rotate=True)) is not MISSING


def test_a_released_secret_is_neither_sent_nor_removed():
    """metadata.ignore lets it alone; credentials that have to be sent for another reason are blocked then."""
    theirs = connection(params={"username": "reader", "password": "x"})
    ignore = (("auth", "params", "password"),)
    assert not decided("Connection", connection(), theirs, APPLIED, ignore=ignore, rotate=True).causes
    gone = connection(params={"username": "reader"})
    assert not decided("Connection", gone, theirs, APPLIED, ignore=ignore, secrets=WAS).causes
    moved = connection(params={"username": "writer", "password": secret()})
    decision = decided("Connection", moved, theirs, APPLIED, ignore=ignore)
    assert "metadata.ignore releases /auth/params/password" in decision.blocked


def test_a_vault_without_key_or_value_hashes_nothing():
    """An empty fingerprint says that nothing is known."""
    assert vault({"FLOW_SECRET_PASSWORD": "v"}).fingerprint("c", secret()) == UNKNOWN
    assert vault({}, KEYS).fingerprint("c", secret()) == UNKNOWN
    assert vault({"FLOW_SECRET_PASSWORD": "v"}, KEYS).fingerprint("c", secret()).key_id == KEYS.id


def test_a_name_is_sensitive_below_credentials_only():
    """A token elsewhere is data."""
    held = Vault(lambda _slot: None, None, frozenset({"zip"}), frozenset({parse("/auth/params/was")}))
    sensitive = ["/auth/params/zip", "/auth/params/password", "/encryption/params/a/token/0", "/auth/params/was"]
    assert all(held.is_sensitive(parse(pointer)) for pointer in sensitive)
    assert not any(held.is_sensitive(parse(pointer)) for pointer in ["/params/zip", "/token", "/auth/params/user"])


def test_slots_are_found_everywhere():
    """In objects, lists by index, named lists by name."""
    one = secret("/x")
    document = {"a": {"b": one}, "c": [1, one], "d": [{"name": "n", "k": one}], "e": None}
    assert [path for path, _ in slots(document)] == [("a", "b"), ("c", "1"), ("d", "[name=n]", "k")]


def test_literal_passwords_are_sealed():
    """A text in a password's place becomes a slot; a number cannot; what is empty or elsewhere stays."""
    params = {"password": "p", "pin": 7, "empty": {"password": ""}, "deep": [{"password": "q"}], "user": "u"}
    spec = {"auth": {"params": params}, "password": "kept"}
    sealed = seal_literals(spec, frozenset({"password", "pin"}))
    assert sealed.literals == (parse("/auth/params/password"), parse("/auth/params/deep/0/password"))
    assert sealed.numbers == (parse("/auth/params/pin"),)
    found = dict(slots(sealed.spec))
    assert {slot.origin for slot in found.values()} == {SecretOrigin.LITERAL}
    assert sealed.spec["password"] == "kept"
    assert spec["auth"]["params"]["password"] == "p"


def test_every_secret_that_live_shows_is_found():
    """By name and by what the connection's spec marks, in objects and lists; numbers and odd specs give none."""
    marks = {"authSpec": [{"name": "B", "spec": {"properties": {"zip": {"format": "password"}}}}]}
    shown_params = {"zip": "z", "token": ["t", 1], "user": "u", "deep": {"secret": "s"}}
    one = live(Kind.CONNECTION, "a", connection(params=shown_params, connectionSpec={"id": "spec"}))
    odd = [live(Kind.CONNECTION, id, {"connectionSpec": value, "auth": "x"}) for id, value in (("b", []), ("c", 1))]
    seen = snapshot(one, *odd, live(Kind.CONNECTION_SPEC, "spec", marks))
    assert sorted(secrets_shown(seen)) == ["s", "t", "z"]


def test_sensitive_plain_values_are_masked_in_fields():
    """A value under a secret's name is shown by a stand-in on both sides, whole or below a value."""
    spec = connection(params={"password": "git", "deep": {"token": ["a"]}})
    theirs = connection(params={"password": "live", "deep": "x"})
    decision = decide(want("Connection/x", spec), spec, live(Kind.CONNECTION, "x", theirs), None, situation())
    by_path = {field.path: field for field in decision.fields}
    stand_in = slot("/auth/params/password")
    assert by_path["/auth/params/password"] == FieldChange("/auth/params/password", stand_in, stand_in, sensitive=True)
    assert by_path["/auth/params/deep"].after == {"token": slot("/auth/params/deep/token")}
