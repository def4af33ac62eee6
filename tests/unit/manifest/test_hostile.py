"""Manifests that are meant to bring the reader down: refused before they cost much, each with a place and a way out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bench import hostile, mutations

from reconciler.manifest import files, folder, load, reader
from reconciler.manifest.builder import MOST_DOCUMENTS, MOST_PROBLEMS, MOST_VALUES
from reconciler.manifest.envelope import MOST_POINTERS
from reconciler.model.errors import ManifestErrors, UsageError

TARGET = "apiVersion: reconciler/v1\nkind: Target\nmetadata: {name: dev}\nspec: {emulator: true}\n"
FLOW = "apiVersion: reconciler/v1\nkind: Flow\nmetadata: {name: f, id: abc%s}\nspec: {name: F%s}\n"
CONNECTION = (
    "apiVersion: reconciler/v1\nkind: Connection\nmetadata: {name: %s}\n"
    'spec: {name: C, connectionSpec: {id: x, version: "1"}%s}\n'
)


def connections(count: int, of: Callable[[int], str]) -> str:
    """Return connections, each with a reference to another."""
    made = (CONNECTION % (f"c{at}", f", description: {{ref: Connection/{of(at)}}}") for at in range(count))
    return "---\n".join(made)


def doubled() -> str:
    """Return lists that each hold the one above it twice, by aliases."""
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    return "a: &a [x]\n" + "".join(f"{name}: &{name} [*{above}, *{above}]\n" for above, name in pairs)


BOMBS = {
    "aliases": (doubled(), "aliases"),
    "anchors": ("- &a a\n" * 100_000, "mend those first"),
    "aliases, many": ("a: &a 1\nb: [" + "*a," * 100_000 + "]", "mend those first"),
    "keys that stand twice": ("a: 1\n" * 100_000, "mend those first"),
    "keys that are numbers": ("1: 1\n" * 100_000, "mend those first"),
    "lists": (FLOW % ("", ", transformations: [" + "[]," * 100_000 + "]"), f"more than {MOST_VALUES} values"),
    "keys": (FLOW % ("", "".join(f", k{at}: 1" for at in range(MOST_VALUES))), f"more than {MOST_VALUES} values"),
    "documents": ("a\n---\n" * (MOST_DOCUMENTS + 1), "more: mend these first"),
    "pointers": (FLOW % (f", ignore: [{'/a,' * (MOST_POINTERS + 1)}]", ""), f"{MOST_POINTERS} entries at most"),
    "unknown fields": (FLOW % ("".join(f", k{at}: 1" for at in range(1000)), ""), "unknown field"),
    "a long name": (CONNECTION % ("x" * 100_000, ""), "at most 100"),
    "references": (connections(2000, lambda at: f"d{at}"), "there is no Connection/d999"),
    "circles": (connections(1000, lambda at: f"c{at ^ 1}"), "round in a circle"),
    "a long circle": (connections(1000, lambda at: f"c{(at + 1) % 1000}"), " and 981 more"),
    "depth": ("[" * 100_000, "nesting depth"),
    "depth of mappings": ("{a: " * 100_000, "nest deeper"),
    "depth of blocks": ("- " * 100_000, "nest deeper"),
    "a number": (FLOW % ("", f", description: {'9' * 5000}"), "too many digits"),
    "an exponent": (FLOW % ("", ", description: 1e999"), "too large"),
}  # fmt: skip


def refusal(manifests: Path) -> str:
    """Return why a folder is refused, which it is soon: two seconds, of which a measuring test run makes several."""
    began = time.process_time()
    with pytest.raises((ManifestErrors, UsageError)) as error:
        load(manifests).validate()
    assert time.process_time() - began < 15
    return str(error.value)


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """A folder with a target."""
    (tmp_path / "target.yaml").write_text(TARGET)
    return tmp_path


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_time(manifests: Path, bomb: str) -> None:
    """The message says what is too much and where, and is no book itself."""
    text, words = BOMBS[bomb]
    (manifests / "bomb.yaml").write_text(text)
    message = refusal(manifests)
    assert words in message
    assert "bomb.yaml:" in message
    assert len(message) < 200_000


def test_no_more_than_some_problems_are_found_and_shown(manifests: Path) -> None:
    """Of one text, and of all; the first ones are."""
    (manifests / "a.yaml").write_text("a: &a 1\n---\n" * (MOST_PROBLEMS + 1))
    assert refusal(manifests).count("anchors") == MOST_PROBLEMS
    (manifests / "a.yaml").write_text("a\n---\n" * 1500)
    message = refusal(manifests)
    assert message.startswith("1500 problems")
    assert message.endswith("and 500 more: mend these first")
    assert message.count("\n") == 1001


def test_a_file_of_too_many_documents_is_read_as_far_as_that() -> None:
    """The one that is too many is the place."""
    documents, problems = reader.read("a.yaml", b"a: 1\n---\n" * (MOST_DOCUMENTS + 1))
    assert len(documents) == MOST_DOCUMENTS
    assert str(problems[0]).startswith(f"a.yaml:{2 * MOST_DOCUMENTS + 1}:1: the file holds more than")


def test_references_that_lead_nowhere_are_all_named(manifests: Path) -> None:
    """Only the first of them with what may have been meant."""
    made = [CONNECTION % (f"c{at}", f", description: {{ref: Connection/cc{at}}}") for at in range(30)]
    (manifests / "a.yaml").write_text("---\n".join(made))
    message = refusal(manifests)
    assert message.count("there is no Connection/cc") == 30
    assert message.count("did you mean") == 20


def test_a_folder_of_too_many_values_is_refused(manifests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file may be within its limit; no file behind the place is read."""
    monkeypatch.setattr(folder, "_MOST_VALUES", 30)
    for name in "abc":
        (manifests / f"{name}.yaml").write_text(CONNECTION % (name, ""))
    (manifests / "z.yaml").write_text("[")
    message = refusal(manifests)
    assert "target.yaml:1:1: the manifests hold more than 30 values" in message
    assert "z.yaml" not in message


def test_too_many_targets_are_refused(manifests: Path) -> None:
    """Every resource is built for each."""
    one = "apiVersion: reconciler/v1\nkind: Target\nmetadata: {name: t%d}\nspec: {sandbox: s%d}\n"
    (manifests / "a.yaml").write_text("---\n".join(one % (at, at) for at in range(100)))
    assert "more than 100 targets" in refusal(manifests)
    (manifests / "target.yaml").unlink()
    load(manifests).validate()


def test_a_file_of_a_gigabyte_is_not_read(manifests: Path) -> None:
    """Its first bytes are enough."""
    with (manifests / "a.yaml").open("wb") as stream:
        stream.truncate(1 << 30)
    assert "larger than 5 MiB" in refusal(manifests)


def test_many_large_files_are_not_all_read(manifests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them together have a limit."""
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    for name in "abc":
        (manifests / f"{name}.yaml").write_text("#" * 400)
    assert "the manifests are larger than" in refusal(manifests)


def test_a_folder_that_cannot_be_that_of_manifests_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``/`` would be: of too many files, or of too many folders."""
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    monkeypatch.setattr(files, "MOST_FOLDERS", 2)
    assert "does not look like the manifests' folder" in refusal(tmp_path)
    monkeypatch.setattr(files, "MOST_FOLDERS", 9)
    monkeypatch.setattr(files, "MOST_FILES", 1)
    for name in "xyz":
        (tmp_path / f"{name}.yaml").write_text("#")
    assert "does not look like the manifests' folder" in refusal(tmp_path)


@pytest.mark.parametrize("becomes", ["pipe", "symlink", "nothing"])
def test_a_file_that_becomes_another_thing_while_it_is_read(
    manifests: Path, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    """Between the look at the folder and the reading: never followed, never waited for."""
    path = manifests / "a.yaml"
    path.write_text("#")
    really_open = os.open

    def swap(name: str, flags: int, *more: int) -> int:
        if name == str(path):
            path.unlink()
            if becomes == "pipe":
                os.mkfifo(path)
            elif becomes == "symlink":
                path.symlink_to("/etc/passwd")
        return really_open(name, flags, *more)

    monkeypatch.setattr(os, "open", swap)
    message = refusal(manifests)
    assert "a.yaml:1:1" in message
    assert {"pipe": "not a regular file", "symlink": "symbolic links", "nothing": "No such file"}[becomes] in message


def test_mutated_manifests_bring_nothing_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 0 or 1, no bug, no traceback: the short form of ``tests/bench/hostile.py``."""
    monkeypatch.setattr(hostile, "SLOWEST", 15.0)  # coverage and other tests beside this one slow it down
    monkeypatch.setattr(hostile, "LARGEST", 1 << 22)  # the memory is that of all tests before it, too
    tally = hostile.work("test", 0, 300, 1)
    assert tally.failures == []
    assert tally.runs == 315
    assert set(tally.codes) == {0, 1}


def test_a_mutation_is_the_same_for_the_same_seed() -> None:
    """So that what was found can be looked at again."""
    of = mutations.corpus()
    assert mutations.mutated(of, "1:7") == mutations.mutated(of, "1:7") != mutations.mutated(of, "1:8")
