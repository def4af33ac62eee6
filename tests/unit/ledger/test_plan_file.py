"""Saved plans on the disk: who may read them, who is believed, and what is not written."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace

import pytest
from support.plans import SAVED, UPDATE

from reconciler.ledger import plan_file
from reconciler.ledger.document import DEEPEST
from reconciler.model.errors import PlanFileError
from reconciler.model.plan import Request
from reconciler.model.resources import Notice
from reconciler.model.secrets import MASK, Keys, Redactor, Secret

KEYS = Keys.derive(Secret("root"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "prod.plan"


def write(path, saved=SAVED, keys=KEYS, redactor=None):
    plan_file.save(path, saved, keys, redactor or Redactor())
    return path.read_bytes()


def test_only_its_owner_reads_it(path):
    """Mode 0600, also over a file that everybody could read, and nothing is left beside it."""
    path.write_text("before")
    path.chmod(0o644)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("place", ["nowhere/prod.plan", ".", "file/prod.plan"])
def test_a_place_that_cannot_be_written(tmp_path, place):
    """One message that names it."""
    (tmp_path / "file").touch()
    with pytest.raises(PlanFileError, match="cannot write "):
        write(tmp_path / place)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_is_full_leaves_what_was_there(path, monkeypatch):
    """Whole or not at all."""
    content = write(path)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PlanFileError, match="No space left on device"):
        write(path, replace(SAVED, made=1.0))
    assert path.read_bytes() == content
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_device_is_not_replaced(path):
    """A rename would put a file in its place."""
    os.mkfifo(path)
    with pytest.raises(PlanFileError, match="it is there, and is no file"):
        plan_file.save(path, SAVED, KEYS, Redactor())
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("form", ["{}", "a {} b", "{}\n"])
def test_a_secret_is_not_written(path, form):
    """Wherever it stands, a mask stands in its place; the file can be read, and digests are as they were."""
    redactor = Redactor()
    redactor.learn('open "sesame"')
    plain = form.format('open "sesame"')
    for plan in (
        replace(SAVED.plan, notices=(Notice(plain),)),
        replace(SAVED.plan, changes=(replace(UPDATE, requests=(Request("PATCH", "/x", {plain: 1}),)),)),
    ):
        write(path, replace(SAVED, plan=plan), redactor=redactor)
        assert "sesame" not in path.read_text()
        assert MASK in path.read_text()
        saved, _ = plan_file.load(path, KEYS)
        assert [one.digest for one in saved.plan.changes] == [one.digest for one in plan.changes]


def test_a_plan_that_json_cannot_say(path):
    """A number beyond all, half a character, a document without end: refused before anything is written."""
    deep = []
    for _ in range(10_000):
        deep = [deep]
    for value in (float("inf"), "\ud800", deep, 10**5000):
        request = Request("PATCH", "/x", value)
        with pytest.raises(PlanFileError, match="cannot be saved"):
            write(path, replace(SAVED, plan=replace(SAVED.plan, changes=(replace(UPDATE, requests=(request,)),))))
        assert not path.exists()


def paths_of(document, at=()):
    yield at
    members = {}
    if isinstance(document, dict | list):
        members = document if isinstance(document, dict) else dict(enumerate(document))
    for key, value in members.items():
        yield from paths_of(value, (*at, key))


def other(value):
    """Another value that is as good as the one that is there."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case list():
            return [*value, "x"]
        case dict():
            return {**value, "x": 1}
    return "x"


def changed(document, at):
    document = json.loads(json.dumps(document))
    if not at:
        return other(document)
    place = document
    for key in at[:-1]:
        place = place[key]
    place[at[-1]] = other(place[at[-1]])
    return document


def spelt(document):
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def test_every_field_is_sealed(path):
    """Whichever is changed, and however well the file is spelt after it."""
    document = json.loads(write(path))
    assert spelt(document) == path.read_bytes()
    places = list(paths_of(document))
    assert len(places) > 80
    for at in places:
        path.write_bytes(spelt(changed(document, at)))
        with pytest.raises(PlanFileError):
            plan_file.load(path, KEYS)


def test_every_byte_is_sealed(path):
    """The spaces between what it says included."""
    content = write(path)
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(PlanFileError):
            plan_file.load(path, KEYS)
    for cut in (content[:-1], content + b"\n", content.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + content):
        path.write_bytes(cut)
        with pytest.raises(PlanFileError):
            plan_file.load(path, KEYS)


def test_a_ledger_entry_is_no_plan(path):
    """A seal says what it was made for."""
    document = json.loads(write(path))
    unsealed = {key: value for key, value in document.items() if key != "seal"}
    compact = json.dumps(unsealed, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    assert document["seal"]["hmac"] == KEYS.seal("saved-plan", compact)
    document["seal"]["hmac"] = KEYS.seal("ledger-entry", compact)
    path.write_bytes(spelt(document))
    with pytest.raises(PlanFileError, match="its seal does not fit"):
        plan_file.load(path, KEYS)


def test_who_is_believed(path):
    """Our own seal; without a key what nobody has sealed, with a warning; to look at, also what cannot be verified."""
    write(path)
    with pytest.raises(PlanFileError, match="sealed with another key than RECONCILER_PLAN_KEY"):
        plan_file.load(path, Keys.derive(Secret("another")))
    with pytest.raises(PlanFileError, match="sealed, and without RECONCILER_KEY nobody can tell"):
        plan_file.load(path, None)
    read, warning = plan_file.load(path, None, unverified=True)
    assert read == SAVED
    assert "the seal cannot be verified" in warning
    write(path, keys=None)
    for unverified in (False, True):
        with pytest.raises(PlanFileError, match=r"not sealed, so that anybody may have written it.*RECONCILER_KEY"):
            plan_file.load(path, KEYS, unverified=unverified)
        read, warning = plan_file.load(path, None, unverified=unverified)
        assert read == SAVED
        assert "is not sealed" in warning


def test_without_a_key_it_still_has_to_fit_together(path):
    """What stands in it twice must be the same: a person may have looked at either."""
    document = json.loads(write(path, keys=None))
    for at in (
        ("summary", "update"),
        ("changes", 0, "requests", 0, "bytes"),
        ("changes", 0, "fields", 1, "after"),
    ):
        path.write_bytes(spelt(changed(document, at)))
        with pytest.raises(PlanFileError, match="does not fit together"):
            plan_file.load(path, None)
    path.write_bytes(json.dumps(document).encode())
    assert plan_file.load(path, None)[0] == SAVED


def test_a_plan_that_could_not_be_read_is_not_written(path):
    """The same limits hold for both."""
    value = []
    for _ in range(DEEPEST):
        value = [value]
    request = Request("PATCH", "/x", value)
    with pytest.raises(PlanFileError, match="nests more"):
        write(path, replace(SAVED, plan=replace(SAVED.plan, changes=(replace(UPDATE, requests=(request,)),))))
    assert not path.exists()
