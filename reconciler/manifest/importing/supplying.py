"""The values that imported manifests read: put into the target's manifest, or into one that is made for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reconciler.diff.document import Json, is_object
from reconciler.manifest.editing.drafts import Drafts
from reconciler.manifest.envelope import API_VERSION, TARGET
from reconciler.manifest.importing.destination import Folder, free
from reconciler.manifest.importing.dumping import dumped
from reconciler.model.errors import UsageError
from reconciler.model.imports import Imported, TargetValue
from reconciler.model.resources import Notice

_FILE: Final = "targets"
_HEAD: Final = "# Where the manifests of this folder go; values are what differs from target to target.\n"


def with_values(folder: Folder, imported: Sequence[Imported]) -> tuple[dict[str, bytes] | None, list[Notice]]:
    """Return the files in which the target has all values that the manifests read; None where it cannot have them."""
    values = {leaf.name: leaf.value for one in imported for leaf in _values_in(dict(one.spec))}
    missing = {name: values[name] for name in sorted(values) if name not in folder.target.values}
    if folder.manifests is None or not folder.manifests.targets:
        return _made_target(folder, missing), []
    if not missing:
        return {}, []
    file, name = folder.target.source.file if folder.target.source else "", folder.target.name
    drafts = Drafts(folder.path)
    wanted = drafts.document(file, TARGET, name)
    wanted["spec"]["values"] = {**wanted["spec"].get("values", {}), **missing}
    try:
        drafts.rewrite(file, TARGET, name, wanted)
    except UsageError:
        text = (
            f"the values of target {name} cannot be added to {file} as it is written, so the ids of datasets, schemas "
            "and mappings stand in the manifests themselves"
        )
        return None, [Notice(text, folder.target.source)]
    return drafts.changed, []


def _made_target(folder: Folder, values: Mapping[str, Json]) -> dict[str, bytes]:
    target = folder.target
    spec: dict[str, Json] = {"sandbox": target.sandbox} if target.sandbox else {"emulator": True}
    spec |= {"default": True}
    document = {"apiVersion": API_VERSION, "kind": TARGET, "metadata": {"name": target.name}}
    document["spec"] = spec | ({"values": dict(values)} if values else {})
    return {free(folder.path / _FILE): (_HEAD + dumped(document)).encode()}


def _values_in(value: Json) -> Iterator[TargetValue]:
    if isinstance(value, TargetValue):
        yield value
    elif is_object(value) or isinstance(value, list):
        for inner in value.values() if is_object(value) else value:
            yield from _values_in(inner)
