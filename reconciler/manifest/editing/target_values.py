"""Live values into the values of a target: what goes by ``{valueFrom: {target: NAME}}`` belongs there.

A value that more than one place goes by is nobody's to change from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.diff.document import MISSING, Json
from reconciler.diff.merge import copy, put, remove
from reconciler.diff.pointer import Path, find, format_path
from reconciler.manifest.editing.drafts import Drafts
from reconciler.manifest.editing.sugaring import Sugarer
from reconciler.manifest.envelope import TARGET
from reconciler.manifest.nodes import Node, plain
from reconciler.manifest.resolve import is_sugar
from reconciler.model.errors import UsageError
from reconciler.model.inbox import Taking, Written
from reconciler.model.plan import FieldChange
from reconciler.model.resources import ResourceName, Target


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A live value that goes by ``sugar``, a ``valueFrom`` of the target; ``rest`` is its path in the value there."""

    taking: Taking
    sugar: Json
    rest: Path


def write_values(drafts: Drafts, target: Target, name: ResourceName, changes: Sequence[ValueChange]) -> list[Written]:
    """Change a target's values in its draft, and return what was written; raises UsageError.

    ``name`` is the resource whose manifest goes by them.
    """
    if not changes:
        return []
    values = [_value_of(drafts, target, name, change) for change in changes]
    file = target.source.file if target.source else ""
    document = drafts.document(file, TARGET, target.name)
    fields = []
    for change, value in zip(changes, values, strict=True):
        path = ("spec", "values", value, *change.rest)
        there = find(document, path)
        document = _changed(document, path, there, change, name)
        fields.append((path, FieldChange(format_path(path), there, find(document, path))))
    drafts.rewrite(file, TARGET, target.name, document)
    return [
        Written(f"{TARGET}/{target.name}", drafts.locate(file, TARGET, target.name, path), field)
        for path, field in fields
    ]


def _changed(document: Json, path: Path, there: Json, change: ValueChange, name: ResourceName) -> Json:
    taking = change.taking
    if taking.value is MISSING:
        return remove(copy(document), path, document)
    value = Sugarer(name, {}).sugared(there, there, taking.value, taking.path)
    return put(copy(document), path, value, document)


def _value_of(drafts: Drafts, target: Target, name: ResourceName, change: ValueChange) -> str:
    """Return the name of the value that is to change; raises UsageError where others go by it as well."""
    pointer, value = format_path(change.taking.path), str(change.sugar["valueFrom"]["target"])
    users = sorted(set(_users(drafts, target, value)))
    if len(users) > 1:
        named = ", ".join(f"{user} at {place}" for user, place in users)
        raise UsageError(
            f"{name}: {pointer} is the value {value} of target {target.name}, which several places go by: {named}. "
            "Nothing was written: give it a value of its own, or change the target by hand"
        )
    return value


def _users(drafts: Drafts, target: Target, value: str) -> Iterator[tuple[ResourceName, str]]:
    """Every place of the manifests that goes by a value of the target."""
    for manifest in drafts.manifests().resources:
        if manifest.is_on(target.name):
            for path in _places(manifest.spec_on(target.name), value, ()):
                yield manifest.name, format_path(path)


def _places(at: Node, value: str, path: Path) -> Iterator[Path]:
    if is_sugar(at):
        if plain(at) == {"valueFrom": {"target": value}}:
            yield path
        return
    for token, child in at.children():
        yield from _places(child, value, (*path, token))
