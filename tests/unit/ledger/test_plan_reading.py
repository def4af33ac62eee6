"""Files that are no saved plan, or that would hurt whoever reads them."""

from __future__ import annotations

import json
import os
import tracemalloc

import pytest
from support.plans import SAVED

from reconciler.ledger import plan_file
from reconciler.model.errors import PlanFileError
from reconciler.model.secrets import Keys, Redactor, Secret

KEYS = Keys.derive(Secret("root"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "prod.plan"


def write(path, saved=SAVED, keys=KEYS, redactor=None):
    plan_file.save(path, saved, keys, redactor or Redactor())
    return path.read_bytes()


def unsealed(**fields):
    return lambda document: json.dumps({**document, **fields}).encode()


BROKEN = {
    "a newer format": (unsealed(formatVersion=2), "has format 2, and this reconciler reads up to 1.*upgrade this one"),
    "no version": (unsealed(formatVersion=None), "has no formatVersion"),
    "not JSON": (lambda _: b"{", r"is no saved plan: it is not JSON .*plan --out"),
    "empty": (lambda _: b"", "not JSON"),
    "no text": (lambda _: b"\xff\xfe{}", "not JSON"),
    "a list": (lambda _: b"[]", "it is JSON, but no object"),
    "a key twice": (lambda _: b'{"a": 1, "a": 2}', r"it is not JSON \(a key stands twice, with two values\)"),
    "NaN": (lambda _: b'{"a": NaN}', r"it is not JSON \(NaN is not JSON\)"),
    "a large number": (lambda _: b'{"a": 1e999}', "a number is too large"),
    "a long number": (lambda _: b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
    "half a character": (unsealed(target="\ud800"), "is no saved plan: "),
    "an unknown key": (unsealed(more=1), "is no saved plan: more: Extra inputs"),
    "a number for a text": (unsealed(target=1), "target: Input should be a valid string"),
    "a text for a number": (unsealed(unchanged="3"), "unchanged: Input should be a valid integer"),
    "another kind": (unsealed(orphans=[{"resource": "Spec/a", "id": "x", "protect": False}]), "expected Kind/name"),
    "a time without date": (unsealed(made=1e15), "made: "),
    "an order of other keys": (
        lambda document: json.dumps(document).replace('"order": {}', '"order": {"/0": ["op", "path"]}').encode(),
        "the order of the keys at /0",
    ),
    "no number of resources": (unsealed(unchanged=-1), "unchanged: "),
}


@pytest.mark.parametrize(("make", "told"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_plan(path, make, told):
    """One message that says what is wrong with it, and what to do."""
    document = json.loads(write(path, keys=None))
    path.write_bytes(make(document))
    with pytest.raises(PlanFileError, match=f"^{path}.*{told}"):
        plan_file.load(path, None)


def test_a_file_that_cannot_be_read(path):
    """It is named."""
    with pytest.raises(PlanFileError, match=f"cannot read the plan {path}: No such file"):
        plan_file.load(path, None)
    with pytest.raises(PlanFileError, match="Is a directory"):
        plan_file.load(path.parent, None)


@pytest.mark.parametrize("keys", [None, KEYS])
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":' + b"[" * 70 + b"]" * 70 + b"}",
        b'{"a":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=["lists", "objects", "seventy", "as deep as the parser goes"],
)
def test_a_nested_file_does_not_hurt(path, content, keys):
    """Neither one that ends nor one that does not."""
    path.write_bytes(content)
    with pytest.raises(PlanFileError, match="nested"):
        plan_file.load(path, keys)


@pytest.mark.parametrize("piece", [b"[],", b'"x",', b'"' + b"x" * 1000 + b'",'])
def test_a_large_file_does_not_hurt(path, piece):
    """A hundred megabytes are not even parsed: what is read is little more than the longest plan may be."""
    with path.open("wb") as file:
        file.write(b'{"a": [')
        for _ in range(100):
            file.write(piece * (1_000_000 // len(piece)))
    tracemalloc.start()
    try:
        with pytest.raises(PlanFileError, match="larger than any plan"):
            plan_file.load(path, None)
        assert tracemalloc.get_traced_memory()[1] < 2 * plan_file.LONGEST
    finally:
        tracemalloc.stop()


def test_a_pipe_is_not_waited_for(path):
    """Nor is a folder a plan; a symlink that a person names is followed."""
    write(path)
    link = path.with_name("link.plan")
    link.symlink_to(path)
    assert plan_file.load(link, KEYS)[0] == SAVED
    os.mkfifo(path.with_name("pipe.plan"))
    with pytest.raises(PlanFileError, match=r"cannot read the plan .*pipe\.plan: this is not a regular file"):
        plan_file.load(path.with_name("pipe.plan"), KEYS)


def test_many_values_count(path):
    """A value takes ten times its bytes."""
    path.write_bytes(b'{"a": [' + b"[]," * plan_file.MOST_VALUES + b"1]}")
    assert path.stat().st_size < plan_file.LONGEST
    with pytest.raises(PlanFileError, match="larger than any plan"):
        plan_file.load(path, None)
