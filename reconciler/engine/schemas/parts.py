"""Which part of an object answers to which schema of its spec (FACTS 14, 15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.diff.document import MISSING, Json, is_object
from reconciler.diff.pointer import Path, find, is_named_list, name_token
from reconciler.model.kinds import Kind

_TRANSFORMATIONS: Final = ("transformationSpecs", "transformationSpec", "transformationSpecDTOS")


@dataclass(frozen=True, slots=True)
class Part:
    """A value of an object, its path there, and its schema with the schema's path in the spec.

    Iff ``binding``, what the schema requires has to be there: documents show that the service holds on to it. Of the
    rest they show requests that leave out what a schema requires (17).
    """

    path: Path
    value: Mapping[str, Json]
    schema: Json
    where: Path
    binding: bool = False


def parts(kind: Kind, document: Mapping[str, Json], spec: Mapping[str, Json]) -> Iterator[Part]:
    """Every part of an object, which is no spec itself, that its spec has a schema for."""
    if kind is Kind.CONNECTION:
        yield from _by_name(document, ("auth",), spec, "authSpec", binding=True)
        yield from _by_name(document, ("encryption",), spec, "encryptionSpecs", binding=False)
    elif kind is Kind.SOURCE_CONNECTION:
        yield from _whole(document, "params", spec, "sourceSpec", binding=False)
    elif kind is Kind.TARGET_CONNECTION:
        yield from _whole(document, "params", spec, "targetSpec", binding=False)
    else:
        yield from _whole(document, "scheduleParams", spec, "scheduleSpec", binding=True)
        yield from _transformations(document, spec)


def unknown_auth(document: Mapping[str, Json], spec: Mapping[str, Json]) -> list[str]:
    """Return the names of a spec's ways to authenticate, if a connection asks for one that is not there (1415)."""
    asked, entries = find(dict(document), ("auth", "specName")), spec.get("authSpec")
    names = [entry["name"] for _, entry in _entries(entries)]
    return sorted(names) if isinstance(asked, str) and names and asked not in names else []


def schemas(spec: Mapping[str, Json]) -> Iterator[tuple[Path, Json]]:
    """Every schema of a spec that objects answer to, with its path."""
    for key in ("sourceSpec", "targetSpec", "scheduleSpec"):
        if (schema := find(dict(spec), (key, "spec"))) is not MISSING:
            yield (key, "spec"), schema
    for key in ("authSpec", "encryptionSpecs", *_TRANSFORMATIONS):
        for token, entry in _entries(spec.get(key)):
            if "spec" in entry:
                yield (key, token, "spec"), entry["spec"]


def _entries(value: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for at, entry in enumerate(value if isinstance(value, list) else []):
        if is_object(entry) and isinstance(entry.get("name"), str):
            yield str(at), entry


def _by_name(
    document: Mapping[str, Json], above: Path, spec: Mapping[str, Json], key: str, *, binding: bool
) -> Iterator[Part]:
    chosen = find(dict(document), above)
    value = chosen.get("params", {}) if is_object(chosen) else None
    if not is_object(chosen) or not is_object(value):
        return
    for token, entry in _entries(spec.get(key)):
        if entry["name"] == chosen.get("specName") and "spec" in entry:
            yield Part((*above, "params"), value, entry["spec"], (key, token, "spec"), binding)


def _whole(
    document: Mapping[str, Json], field: str, spec: Mapping[str, Json], key: str, *, binding: bool
) -> Iterator[Part]:
    schema, value = find(dict(spec), (key, "spec")), document.get(field)
    if schema is not MISSING and is_object(value):
        yield Part((field,), value, schema, (key, "spec"), binding)


def _transformations(document: Mapping[str, Json], spec: Mapping[str, Json]) -> Iterator[Part]:
    elements = document.get("transformations")
    known = {
        entry["name"]: ((key, token, "spec"), entry["spec"])
        for key in reversed(_TRANSFORMATIONS)
        for token, entry in _entries(spec.get(key))
        if "spec" in entry
    }
    for at, element in _entries(elements):
        token = name_token(element["name"]) if is_named_list(elements) else at
        params = element.get("params", {})
        if element["name"] in known and is_object(params):
            where, schema = known[element["name"]]
            yield Part(("transformations", token, "params"), params, schema, where)
