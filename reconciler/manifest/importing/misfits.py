"""What a manifest cannot say: parts of an object that the strict reader refuses, or would take for something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.diff.document import Json, is_number
from reconciler.diff.pointer import Path, is_named_list, name_token
from reconciler.manifest import characters, reader, times
from reconciler.manifest.builder import DEEPEST
from reconciler.manifest.nodes import Mark, Node
from reconciler.manifest.resolve import is_sugar
from reconciler.model.errors import InternalError, Problem
from reconciler.model.imports import Imported, ObjectKey, TargetValue
from reconciler.model.kinds import Kind

_LARGEST: Final = 2**53
_ABOVE_SPEC: Final = 4
"""Levels that a value of a spec has above it, and what a leaf may become below it."""
_TIMES: Final = (("scheduleParams", "startTime"), ("scheduleParams", "endTime"))
_NOWHERE: Final = Mark(1, 1)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A part of an object that has to stay out of its manifest; without a path, all of it."""

    key: ObjectKey
    path: Path
    reason: str


def misfits(imported: Sequence[Imported]) -> list[Misfit]:
    """Return every part that has to stay out of the manifests, going by the values; references and secrets are none."""
    return [Misfit(one.key, *part) for one in imported for part in _parts(one.name.kind, dict(one.spec))]


def _parts(kind: Kind, spec: Json) -> Iterator[tuple[Path, str]]:
    yield from _below((), spec)
    if kind is Kind.FLOW:
        yield from _times(spec)


def _below(path: Path, value: Json) -> Iterator[tuple[Path, str]]:
    if reason := _misfit(path, value):
        yield path, reason
    elif isinstance(value, dict):
        for key, inner in value.items():
            hidden = characters.hidden_in_value(key)
            if hidden:
                yield (*path, key), characters.hidden_message(hidden)
            else:
                yield from _below((*path, key), inner)
    elif isinstance(value, list):
        named = is_named_list(value)
        for at, inner in enumerate(value):
            yield from _below((*path, name_token(inner["name"]) if named else str(at)), inner)


def _misfit(path: Path, value: Json) -> str | None:
    if len(path) > DEEPEST - _ABOVE_SPEC:
        return "it nests too deeply"
    value = value.value if isinstance(value, TargetValue) else value
    if isinstance(value, str):
        hidden = characters.hidden_in_value(value)
        return characters.hidden_message(hidden) if hidden else None
    if is_number(value) and isinstance(value, int) and abs(value) > _LARGEST:
        return "it is a number beyond 2^53"
    if isinstance(value, dict) and is_sugar(Node({key: Node(one, _NOWHERE) for key, one in value.items()}, _NOWHERE)):
        return "a manifest would read it as a reference"
    return None


def _times(spec: Json) -> Iterator[tuple[Path, str]]:
    """Times that are no seconds: a manifest has ISO 8601 only for people, and sends seconds."""
    for path in _TIMES:
        schedule = spec.get(path[0])
        moment = schedule.get(path[1]) if isinstance(schedule, dict) else None
        if isinstance(moment, str) and not _is_seconds(moment):
            yield path, "it is not in epoch seconds"


def _is_seconds(text: str) -> bool:
    try:
        return times.epoch_seconds(text) == text
    except ValueError:
        return False


def refused(
    problems: Sequence[Problem], files: Mapping[str, bytes], imported: Mapping[str, Imported]
) -> Iterator[Misfit]:
    """Say which parts of which objects the reader refuses."""
    for problem in problems:
        one = imported.get(problem.location.file)
        if one is None:
            raise InternalError(f"the import would break the manifests: {problem}")
        documents, _ = reader.read(problem.location.file, files[problem.location.file])
        spec = documents[0].root.get("spec") if documents else None
        path = _path_at(spec, problem.location.line) if spec else ()
        yield Misfit(one.key, path, problem.message.partition(";")[0])


def _path_at(node: Node, line: int) -> Path:
    """Return the path of the innermost key that a line lies below, no further than to a list or to sugar."""
    path: list[str] = []
    while node.is_mapping and not is_sugar(node):
        above = [(mark.line, key) for key, mark in node.keys.items() if mark.line <= line]
        if not above:
            break
        path.append(max(above)[1])
        node = node.value[path[-1]]
    return tuple(path)
