"""An imported object -> the document and the text of its manifest, in the order that Adobe's documents have."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from reconciler.diff.document import Json, Opaque, is_number, is_object, replace_opaque
from reconciler.manifest.envelope import API_VERSION
from reconciler.manifest.importing.dumping import Inline, InlineList, Time, dumped
from reconciler.model.imports import Imported, TargetValue
from reconciler.model.kinds import Kind
from reconciler.model.resources import OnRemove, Reference
from reconciler.model.secrets import SecretSlot

_ORDER: Final = (
    *("name", "description", "type", "providerId", "version", "baseConnectionId", "connectionSpec", "flowSpec"),
    *("auth", "encryption", "sourceConnectionIds", "targetConnectionIds", "data", "params", "transformations"),
    *("scheduleParams", "state", "attributes", "authSpec", "encryptionSpecs", "sourceSpec", "targetSpec"),
    *("exploreSpec", "sourceConnectionSpecIds", "targetConnectionSpecIds", "optionSpec", "transformationSpecs"),
)
_INNER: Final[Mapping[str, tuple[str, ...]]] = {
    "connectionSpec": ("id", "version"),
    "flowSpec": ("id", "version"),
    "auth": ("specName", "params"),
    "encryption": ("specName", "params"),
    "scheduleParams": ("startTime", "endTime", "frequency", "interval", "timeUnit", "backfill"),
}
_TIMES: Final = ("startTime", "endTime")
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999
_SECONDS: Final = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def folder_of(kind: Kind) -> str:
    """Return the folder that a kind's manifests are put into, e.g. ``source-connections``."""
    return _WORDS.sub("-", kind.value).lower() + "s"


def document_of(one: Imported, metadata: Mapping[str, Json], *, literals: bool = False) -> dict[str, Json]:
    """Return the manifest as a document, its leaves as sugar; with ``literals`` target values are written out."""
    spec = replace_opaque(dict(one.spec), lambda leaf: _sugar(leaf, literals=literals))
    for key in _INNER.keys() & spec.keys():
        spec[key] = _ordered(spec[key], _INNER[key])
    if one.name.kind is Kind.FLOW and is_object(spec.get("scheduleParams")):
        schedule = spec["scheduleParams"]
        spec["scheduleParams"] = {key: _time(value) if key in _TIMES else value for key, value in schedule.items()}
    return {
        "apiVersion": API_VERSION,
        "kind": one.name.kind.value,
        "metadata": dict(metadata),
        "spec": _ordered(spec, _ORDER),
    }


def metadata_of(one: Imported, target: str, *, alone: bool) -> dict[str, Json]:
    """Return the metadata of a manifest that is made: on this target only, unless the target is the only one."""
    metadata: dict[str, Json] = {"name": one.name.name, "id": Inline({target: one.id})}
    metadata |= {"protect": True} if one.protect else {}
    metadata |= {"onRemove": one.on_remove.value} if one.on_remove is not OnRemove.ORPHAN else {}
    return metadata if alone else metadata | {"targets": InlineList([target])}


def text_of(one: Imported, document: Mapping[str, Json], target: str, *, is_json: bool) -> str:
    """Return the text of a manifest: JSON without comments for a JSON file, else YAML."""
    if is_json:
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    head = f"{_WORDS.sub(' ', one.name.kind.value).capitalize()}, imported from target {target}."
    comments = "".join(f"# {line}\n" for line in (head, *one.comments))
    return comments + dumped(dict(document))


def _sugar(leaf: Opaque, *, literals: bool) -> Json:
    if isinstance(leaf, Reference):
        return Inline(ref=str(leaf.resource))
    if isinstance(leaf, SecretSlot):
        return Inline(valueFrom=Inline({leaf.origin.value: leaf.key}))
    if literals and isinstance(leaf, TargetValue):
        return leaf.value
    return Inline({key: Inline(value) for key, value in leaf.shown().items()})


def _ordered(value: Json, order: tuple[str, ...]) -> Json:
    if not is_object(value):
        return value
    first = {key: value[key] for key in order if key in value}
    return first | value


def _time(value: Json) -> Json:
    """Return epoch seconds as ISO 8601 where that means the same to the service: as a number, or as its text (10)."""
    if isinstance(value, str) and _SECONDS.fullmatch(value) and len(value) <= len(str(_LAST_SECOND)):
        value = int(value)
    if not is_number(value) or value != int(value) or not 0 <= value <= _LAST_SECOND:
        return value
    return Time(datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
