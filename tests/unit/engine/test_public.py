"""What is public: what git and the ledger say in plain, ids, the service's own words."""

from reconciler.diff.document import MISSING
from reconciler.engine.public import of_git, of_ledger, of_live, texts
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry, LedgerState
from reconciler.model.live import Live
from reconciler.model.resources import Desired, ResourceName
from reconciler.model.secrets import Secret, SecretOrigin, SecretSlot

NAME = ResourceName(Kind.CONNECTION, "crm")


def test_git_says_keys_texts_numbers_and_paths():
    """A password written into git is none of it."""
    slot = SecretSlot("/auth/params/password", SecretOrigin.LITERAL, "literal", Secret("hunter-two"))
    spec = {"name": "CRM", "auth": {"params": {"password": slot, "port": 15, "tls": True, "x": None}}}
    found = set(of_git([Desired(NAME, spec, id="id-1")]))
    assert {
        "Connection/crm",
        "id-1",
        "name",
        "CRM",
        "port",
        "15",
        "auth/params/port",
        "true",
        "enabled",
        "day",
    } <= found
    assert "/auth/params/password" in found
    assert "hunter-two" not in found


def test_the_ledger_says_ids_and_what_was_applied():
    """Not what was observed: that the service said."""
    entry = Entry(NAME, "id-2", "org", "dev", applied={"name": "Before"}, observed={"/name": "THEIRS"})
    found = set(of_ledger(LedgerState({NAME: entry})))
    assert {"Connection/crm", "id-2", "name", "Before"} <= found
    assert "THEIRS" not in found


def test_live_objects_say_ids_and_specs_all():
    """What a connection holds is not public."""
    connection = Live(Kind.CONNECTION, "id-3", {"id": "id-3", "etag": '"e"', "description": "theirs"})
    spec = Live(Kind.CONNECTION_SPEC, "id-4", {"id": "id-4", "authSpec": [{"name": "Basic"}]})
    found = set(of_live(Snapshot({Kind.CONNECTION: {"id-3": connection}, Kind.CONNECTION_SPEC: {"id-4": spec}})))
    assert {"id-3", '"e"', "id-4", "authSpec", "Basic"} <= found
    assert "theirs" not in found


def test_what_is_not_there_says_nothing():
    """Neither null nor a path that is missing."""
    assert list(texts(MISSING)) == list(texts(None)) == list(texts([None, {}])) == []
