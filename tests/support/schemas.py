"""Our own JSON Schemas, held against whatever the tests let the tool read and print."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import jsonschema_rs
import pytest

from reconciler.manifest import folder
from reconciler.manifest.nodes import Document, plain
from reconciler.manifest.schema import manifest_schema
from reconciler.model.errors import ManifestErrors, Problem
from reconciler.render.schemas import output_schema
from reconciler.render.shapes import OUTPUTS

_LARGEST, _MOST = 2_000, 200
"""Values of a document, and documents at once; tests of more are about time."""

_ALWAYS_BEYOND = (
    # the text of a file, and how much of it there is
    "cannot be parsed", "problems were found", "hold more than", "holds more than", "nest deeper", "nesting depth",
    "more: mend", "aliases", "anchors", "tag", "merge keys", "stands here twice", "a key must be", "a key is empty",
    "invisible character", "not UTF-8", "too many digits", "too large", "is no number in JSON", "more than 100 targets",
    # names that lead nowhere, and what holds between several manifests
    "is target ", "leaves that out", "stands here and at", "would have its ledger on", "there is no ",
    "no Target manifest", "round in a circle", "have no value", "has no value", "still is a manifest",
    "adopts the same id", ", too",
    # the inside of a text
    "a JSON Pointer starts with", "'~' is written ~0", "only fields can be snoozed", "lies outside", "before 1970",
    "a remote is reached by", "git has no such ref", "no password stands in a manifest",
)  # fmt: skip
"""What is wrong beyond a schema, by a part of its message."""

_BEYOND_WHERE_IT_VARIES = (
    "is missing: without metadata.id",
    "the spec declares nothing",
    "a flow that runs once",
    "is missing: write",
)
"""The same where it depends on an override or on the target."""

_BEYOND_WHERE_A_TARGET_SAYS = ("must be a ", "is one of", "is enabled or disabled", "must be at least", "write ")
"""The same where a value comes from the target: its type is known there alone."""


def beyond(document: Any, message: str) -> bool:
    """Iff what is wrong with a document is beyond a schema."""
    varies = "overrides" in document or isinstance(document["metadata"].get("id"), dict)
    told = '{"valueFrom": {"target": ' in json.dumps(document)
    parts = [*_ALWAYS_BEYOND, *_BEYOND_WHERE_IT_VARIES * varies, *_BEYOND_WHERE_A_TARGET_SAYS * told]
    return any(part in message for part in parts)


@functools.cache
def output_validator(command: str) -> Any:
    return jsonschema_rs.Draft202012Validator(output_schema(command))


@functools.cache
def manifest_validator() -> Any:
    return jsonschema_rs.Draft202012Validator(manifest_schema())


def check_output(arguments: Iterable[str], out: str) -> None:
    """Hold the JSON that a command has printed against its schema."""
    words = list(arguments)
    command = next((word for word in words if word in {*OUTPUTS, "show"}), None)
    if command is None or "json" not in words or not out.strip():
        return
    errors = [
        str(error) for error in output_validator("plan" if command == "show" else command).iter_errors(json.loads(out))
    ]
    assert not errors, f"{command} printed what its schema refuses: {errors[0]}"


class Judge:
    """Holds every manifest that is read against the schema: both must take it, or both refuse it."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.differing: list[str] = []

    def read(self, documents: list[Document], problems: Iterable[Problem]) -> None:
        self.documents = judged(documents)
        self.judge(self.documents, problems)

    def judge(self, documents: Iterable[Document], problems: Iterable[Problem]) -> None:
        for document, own in _by_document(documents, problems):
            content = plain(document.root)
            errors = [str(error) for error in manifest_validator().iter_errors(content)]
            wrong = [] if errors else [one.message for one in own if not beyond(content, one.message)]
            if wrong:
                self.differing.append(f"the schema takes what the reader refuses: {wrong[0]} in {content}")
            if errors and not own:
                self.differing.append(f"the schema refuses what the reader takes: {errors[0]} in {content}")


def judged(documents: list[Document]) -> list[Document]:
    """Return the documents that are judged: all, or none of very many."""
    return [document for document in documents if document.size <= _LARGEST] if len(documents) <= _MOST else []


def _by_document(
    documents: Iterable[Document], problems: Iterable[Problem]
) -> Iterator[tuple[Document, list[Problem]]]:
    """Yield each document with the problems that lie between its beginning and that of the next."""
    by_file: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        by_file[document.file].append(document)
    found = list(problems)
    for file, inside in by_file.items():
        starts = [document.root.mark.line for document in inside]
        for index, document in enumerate(inside):
            after = starts[index + 1] if index + 1 < len(starts) else float("inf")
            first = starts[index] if index else 0
            yield document, [p for p in found if p.location.file == file and first <= p.location.line < after]


@contextmanager
def judging(patch: pytest.MonkeyPatch) -> Iterator[Judge]:
    """Judge every manifest that is read meanwhile."""
    judge = Judge()
    assemble, validate = folder._assemble, folder.Manifests.validate

    def assembled(path: Any, documents: list[Document], problems: list[Problem]) -> Any:
        try:
            loaded = assemble(path, documents, problems)
        except ManifestErrors as errors:
            judge.read(documents, errors.problems)
            raise
        judge.documents = judged(documents)
        try:
            validate(loaded)
        except ManifestErrors as errors:
            judge.judge(judge.documents, errors.problems)
        except folder.UsageError:
            pass
        else:
            judge.judge(judge.documents, ())
        return loaded

    patch.setattr(folder, "_assemble", assembled)
    yield judge
    assert not judge.differing, "\n".join(judge.differing[:3])
