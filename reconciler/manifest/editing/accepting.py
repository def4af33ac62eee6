"""Live values into a manifest: each in the layer that gives it now, as sugar where sugar stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.diff.document import MISSING, Json, is_object
from reconciler.diff.merge import copy, put, remove
from reconciler.diff.pointer import Path, find, format_path
from reconciler.manifest.editing.drafts import Drafts
from reconciler.manifest.editing.layers import lay, node, same_or_missing
from reconciler.manifest.editing.sugaring import Sugarer
from reconciler.manifest.editing.target_values import ValueChange, write_values
from reconciler.manifest.folder import Manifests
from reconciler.manifest.manifest import Manifest
from reconciler.manifest.nodes import plain
from reconciler.manifest.resolve import is_sugar
from reconciler.model.inbox import Taking, Written
from reconciler.model.kinds import Kind
from reconciler.model.plan import FieldChange
from reconciler.model.resources import ResourceName, Target


def accept(
    drafts: Drafts,
    target: Target,
    name: ResourceName,
    takings: Sequence[Taking],
    ids: Mapping[tuple[Kind, str], ResourceName],
) -> tuple[list[Written], list[str]]:
    """Write live values into the drafts of a resource's manifest; return what was written where, and warnings.

    ``ids`` says whose each live object is. Raises UsageError for what cannot be written, and where the manifests would
    be wrong with it.
    """
    before = drafts.manifests()
    spec = _spec(before, name, target.name)
    said, sugarer, values = copy(spec), Sugarer(name, ids), []
    for taking in takings:
        depth = _depth_of_sugar(said, taking)
        if depth is None:
            said = _taken(said, spec, taking, sugarer)
        else:
            sugar = find(said, taking.path[:depth])
            values.append(ValueChange(taking, sugar, taking.path[depth:]))
    _write_manifest(drafts, before.manifest(name), target, said)
    written = write_values(drafts, target, name, values)
    after = drafts.checked()
    own = [taking.path for taking in takings]
    return [*_changes(before, after, target, name, own), *written], sugarer.warnings


def _spec(manifests: Manifests, name: ResourceName, target: str) -> dict[str, Json]:
    said: dict[str, Json] = plain(manifests.manifest(name).spec_on(target))
    return said


def _depth_of_sugar(spec: Json, taking: Taking) -> int | None:
    """Return how deep the ``valueFrom`` stands that is or leads to what changes; None where none does.

    Where live has nothing the sugar itself is to go, which is a change of the manifest; so is another reference.
    """
    for depth in range(len(taking.path) + 1):
        value = find(spec, taking.path[:depth])
        if is_object(value) and is_sugar(node(value)):
            whole = depth == len(taking.path)
            return None if whole and ("ref" in value or taking.value is MISSING) else depth
    return None


def _taken(said: Json, spec: Json, taking: Taking, sugarer: Sugarer) -> Json:
    path, there = taking.path, find(said, taking.path)
    if taking.value is MISSING:
        return said if there is MISSING else remove(said, path, spec)
    return put(said, path, sugarer.sugared(there, taking.resolved, taking.value, path), spec)


def _write_manifest(drafts: Drafts, manifest: Manifest, target: Target, said: Json) -> None:
    file, name = manifest.document.file, manifest.name
    document = drafts.document(file, name.kind, name.name)
    over = find(document, ("overrides", target.name, "spec"))
    document["spec"], changed = lay(document["spec"], over, said)
    if over is not MISSING:
        document["overrides"][target.name]["spec"] = changed
    drafts.rewrite(file, name.kind, name.name, document)


def _changes(
    before: Manifests, after: Manifests, target: Target, name: ResourceName, paths: Sequence[Path]
) -> list[Written]:
    """Return what a manifest says now and did not, with the other targets on which that holds as well."""
    desired = next(one for one in after.estate(after.targets[target.name]).resources if one.name == name)
    others = [one for one in sorted(after.targets) if one != target.name and after.manifest(name).is_on(one)]
    found = []
    for path in paths:
        left, live = (find(_spec(one, name, target.name), path) for one in (before, after))
        if not same_or_missing(left, live):
            also = tuple(one for one in others if _moved(before, after, name, one, path))
            place = desired.locate(path) or after.manifest(name).source
            found.append(Written(str(name), place, FieldChange(format_path(path), left, live), also))
    return found


def _moved(before: Manifests, after: Manifests, name: ResourceName, target: str, path: Path) -> bool:
    left, live = (find(_spec(one, name, target), path) for one in (before, after))
    return not same_or_missing(left, live)
