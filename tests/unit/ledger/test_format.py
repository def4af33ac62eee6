"""One format: what is written is read again, and nothing else is."""

import json

import pytest

from reconciler.ledger.document import SealState
from reconciler.ledger.format import (
    Scope,
    begin_from_bytes,
    begin_to_bytes,
    entry_from_bytes,
    entry_to_bytes,
    history_from_bytes,
    history_to_bytes,
)
from reconciler.model.errors import LedgerError, LedgerTampered
from reconciler.model.kinds import Kind
from reconciler.model.ledger import End, Outcome
from reconciler.model.resources import ResourceName

SCOPE = Scope("org", "prod")


def read(content, keys=None, scope=SCOPE):
    return entry_from_bytes(content, "x.json", scope, keys)


def changed(content, **changes):
    document = {**json.loads(content), **changes}
    return json.dumps({key: value for key, value in document.items() if value is not ...}).encode()


def test_an_entry_comes_back_as_it_was(entry, key):
    """Every field, types kept, what is absent told from null; sealed or not."""
    assert read(entry_to_bytes(entry(), None)) == (entry(), SealState.UNSEALED)
    assert read(entry_to_bytes(entry(), key), key) == (entry(), SealState.OURS)
    back = read(entry_to_bytes(entry(), None))[0].applied["auth"]["params"]
    assert {name: type(value) for name, value in back.items()} == {
        "n": int,
        "f": float,
        "none": type(None),
        "list": list,
    }
    assert back["list"][0] is True


def test_an_entry_is_written_for_readers(entry):
    """Sorted keys, two spaces, a newline, letters as they are, the documented keys; same input, same bytes."""
    content = entry_to_bytes(entry(), None)
    document = json.loads(content)
    assert content.decode() == json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert document.pop("applied")["name"] == "Größe"
    assert document == {
        "formatVersion": 1,
        "resource": "Connection/crm",
        "id": "id-of-crm",
        "organisation": "org",
        "sandbox": "prod",
        "secrets": {
            "/auth/params/password": {"keyId": "k", "hmac": "h"},
            "/auth/params/token": {"keyId": None, "hmac": None},
        },
        "observed": {
            "/description": {"absent": True},
            "/n": {"value": "1"},
            "/none": {"value": None},
            "/o": {"value": {"absent": True}},
        },
        "protect": True,
        "onRemove": "forget",
        "seal": None,
    }


def test_the_bytes_of_a_sealed_entry_are_known(entry, key):
    """A change of the format is a change of its version: this seal holds for format 1."""
    seal = json.loads(entry_to_bytes(entry(), key))["seal"]
    assert seal == {"keyId": key.id, "hmac": "885ac44e3796846da3fe970371e91c713f46c8053e4dab56458e3fbb54860642"}


def test_begin_and_history_come_back_as_they_were(begun, key):
    """Intents, outcomes and times included."""
    begin = begun()
    assert begin_from_bytes(begin_to_bytes(begin, SCOPE, key), "begin.json", SCOPE, key) == begin
    outcomes = (
        Outcome(ResourceName(Kind.FLOW, "a"), "create", "applied", "id"),
        Outcome(ResourceName(Kind.FLOW, "b"), "x", "y"),
    )
    end = End("run-1", 1_700_000_100.5, outcomes, taken_over=True)
    assert history_from_bytes(history_to_bytes(begin, end, SCOPE, key), "h.json", SCOPE, key) == (begin, end)


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": 1},
        {"resource": "Nothing/crm"},
        {"resource": "Connection/CRM"},
        {"resource": 7},
        {"id": 7},
        {"id": ""},
        {"id": ...},
        {"applied": []},
        {"protect": "true"},
        {"protect": 1},
        {"onRemove": "delete"},
        {"secrets": {"/a": "hash"}},
        {"observed": {"/a": {}}},
        {"observed": {"/a": {"absent": False}}},
        {"observed": {"/a": {"absent": True, "value": 1}}},
        {"seal": 7},
    ],
)
def test_what_is_no_entry_is_an_error(entry, changes):
    """Outside data is read strictly, and the file is named."""
    with pytest.raises(LedgerError, match=r"x\.json"):
        read(changed(entry_to_bytes(entry(), None), **changes))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"formatVersion": 1, "formatVersion": 2}',
        b'{"formatVersion": 1, "applied": "\\ud800"}',
        b'{"formatVersion": 1, "applied": 1e999}',
        b'{"formatVersion": 1, "applied": ' + b"9" * 30 + b"}",
        b'{"formatVersion": 1, "applied": ' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"formatVersion": NaN}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_object_is_an_error(content):
    """Nothing is guessed from a broken ledger; a key that stands twice is broken."""
    with pytest.raises(LedgerError, match=r"x\.json"):
        read(content)


@pytest.mark.parametrize("version", [..., None, "1", 0, -1, True, 1.5])
def test_a_file_says_its_format(entry, version):
    """Without a version it is no file of ours."""
    with pytest.raises(LedgerError, match="no formatVersion"):
        read(changed(entry_to_bytes(entry(), None), formatVersion=version))


def test_a_newer_format_is_refused_before_anything_else(entry):
    """The message names both versions, whatever else the file holds."""
    with pytest.raises(LedgerError, match=r"format 2.*reads up to 1"):
        read(changed(entry_to_bytes(entry(), None), formatVersion=2, resource={"new": "shape"}))


@pytest.mark.parametrize("changes", [{"id": "evil"}, {"protect": False}, {"applied": {}}, {"organisation": "evil"}])
def test_a_sealed_file_cannot_be_changed(entry, key, changes):
    """Whatever is changed: the seal does not fit, and the reader is told what to do."""
    with pytest.raises(LedgerTampered, match=r"x\.json was changed.*adopt"):
        read(changed(entry_to_bytes(entry(), key), **changes), key)


def test_the_seal_is_over_the_content_not_its_spaces(entry, key):
    """A file that an editor saved again is the same file."""
    content = json.dumps(json.loads(entry_to_bytes(entry(), key))).encode()
    assert read(content, key)[1] is SealState.OURS


def test_one_kind_of_file_cannot_pass_for_another(begun, entry, key):
    """The purpose is in the seal."""
    begin = json.loads(begin_to_bytes(begun(), SCOPE, key))
    with pytest.raises(LedgerTampered):
        read(changed(entry_to_bytes(entry(), key), seal=begin["seal"]), key)


def test_a_seal_of_another_key_cannot_be_judged(entry, key, other_key):
    """Nor can any seal without a key; a seal of ours without its hash does not fit."""
    assert read(entry_to_bytes(entry(), other_key), key)[1] is SealState.OTHER_KEY
    assert read(entry_to_bytes(entry(), other_key), None)[1] is SealState.UNCHECKED
    with pytest.raises(LedgerTampered):
        read(changed(entry_to_bytes(entry(), key), seal={"keyId": key.id}), key)
    with pytest.raises(LedgerTampered):
        read(changed(entry_to_bytes(entry(), key), seal={"keyId": key.id, "hmac": "ä"}), key)


@pytest.mark.parametrize("scope", [Scope("other", "prod"), Scope("org", "dev")])
def test_a_file_of_another_organisation_or_sandbox_is_refused(entry, begun, scope):
    """Its ids mean other objects, or none."""
    with pytest.raises(LedgerTampered, match="belongs to sandbox 'prod' of 'org'"):
        read(entry_to_bytes(entry(), None), scope=scope)
    with pytest.raises(LedgerTampered):
        begin_from_bytes(begin_to_bytes(begun(), SCOPE, None), "begin.json", scope, None)


@pytest.mark.parametrize("moment", [-1.0, 1e300, float("nan"), "0"])
def test_a_time_is_one_that_a_date_can_say(begun, moment):
    """A broken time is an error of the file, not a crash where it is shown."""
    content = changed(begin_to_bytes(begun(), SCOPE, None), started=moment)
    with pytest.raises(LedgerError):
        begin_from_bytes(content, "begin.json", SCOPE, None)


def test_half_a_surrogate_pair_is_refused(entry):
    """What UTF-8 cannot say is refused when written, not when read."""
    with pytest.raises(LedgerError, match="surrogate"):
        entry_to_bytes(entry(applied={"name": "\ud800"}), None)
