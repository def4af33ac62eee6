"""Imported objects -> the files of a folder: each at its place, read once as they will stand there, then written.

Nothing is written before all of it is read back in memory without a complaint. What the reader refuses is told as a
:class:`Misfit`, to be left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.diff.document import Json, is_object
from reconciler.disk import write_file
from reconciler.manifest.folder import load
from reconciler.manifest.importing.destination import Folder, free, hands_off
from reconciler.manifest.importing.drafting import document_of, folder_of, metadata_of, text_of
from reconciler.manifest.importing.dumping import Inline
from reconciler.manifest.importing.misfits import Misfit, misfits, refused
from reconciler.manifest.importing.supplying import with_values
from reconciler.manifest.manifest import Manifest
from reconciler.manifest.nodes import plain
from reconciler.model.errors import ManifestErrors, Problem, UsageError
from reconciler.model.imports import Imported, ObjectKey
from reconciler.model.resources import Estate, Notice

_HARMLESS: Final = re.compile(r"(\{(valueFrom|ref): |(true|false|null|[0-9]{1,5}),?\Z)")
"""Values that are no secrets, whatever stands in them: sugar, and what is no text."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Files as they would be written, in an order in which none refers to a later one.

    ``places`` says where each object's manifest is; ``estate`` is what git would want of the target.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    places: Mapping[ObjectKey, str] = field(default_factory=dict)
    estate: Estate | None = None
    misfits: tuple[Misfit, ...] = ()
    notices: tuple[Notice, ...] = ()


def take_in(folder: Folder, imported: Sequence[Imported], holds: Callable[[str], bool]) -> Intake:
    """Return the files that hold the manifests of these objects; misfits are all that is known of an unfit import.

    ``holds`` tells a text that holds a secret: no file is to have one, whatever was done before to keep it out.
    """
    if found := misfits(imported):
        return Intake(misfits=tuple(found))
    left_alone = {one.key: reason for one in imported if (reason := hands_off(folder, one))}
    kept = [one for one in imported if one.key not in left_alone]
    targets, notices = with_values(folder, kept)
    places = _places(folder, kept)
    texts = {
        places[one.key]: _text(folder, one, is_json=places[one.key].endswith(".json"), literals=targets is None)
        for one in kept
    }
    leaks = [Misfit(one.key, (), "it would hold a secret") for one in kept if _leaks(texts[places[one.key]], holds)]
    if leaks:
        return Intake(misfits=tuple(leaks))
    files = (targets or {}) | {place: text.encode() for place, text in texts.items()}
    estate, problems = _read_back(folder, files)
    found = list(refused(problems, files, {places[one.key]: one for one in kept}))
    if found or estate is None:
        return Intake(misfits=tuple(found))
    return Intake(_changed(files), places, estate, notices=(*left_alone.values(), *notices))


def _text(folder: Folder, one: Imported, *, is_json: bool, literals: bool) -> str:
    manifest = folder.manifest(one)
    made = metadata_of(one, folder.target.name, alone=folder.alone)
    document = document_of(one, _kept_metadata(manifest, made) if manifest else made, literals=literals)
    return text_of(one, document, folder.target.name, is_json=is_json)


def _kept_metadata(manifest: Manifest, made: Mapping[str, Json]) -> dict[str, Json]:
    """Return a manifest's own metadata, to which only the id is added: all else there was said by a person."""
    metadata: dict[str, Json] = plain(manifest.document.root.value["metadata"])
    ids = metadata.get("id", {})
    if not is_object(ids):
        return metadata
    return {"name": metadata["name"], "id": Inline({**ids, **made["id"]})} | {
        key: value for key, value in metadata.items() if key not in ("name", "id")
    }


def _places(folder: Folder, imported: Sequence[Imported]) -> dict[ObjectKey, str]:
    """Return where each manifest goes: over the one that there is, else to a file that does not exist."""
    places: dict[ObjectKey, str] = {}
    for one in imported:
        manifest = folder.manifest(one)
        stem = folder.path / folder_of(one.name.kind) / one.name.name
        places[one.key] = manifest.source.file if manifest else free(stem, places.values())
    return places


def _leaks(text: str, holds: Callable[[str], bool]) -> bool:
    """Iff a text holds a secret where a text stands: a password may well be "password", or "true"."""
    if not holds(text):
        return False
    comments = [line for line in text.splitlines()[1:] if line.startswith("#")]
    lines = text[text.index("metadata") :].splitlines()[1:]
    values = [value for value in map(_value, lines) if not _HARMLESS.match(value)]
    return any(map(holds, [*comments, *values]))


def _value(line: str) -> str:
    """Return what stands on a line behind its key, or behind its hyphen."""
    text = line.strip().removeprefix("- ")
    return text if text.startswith("{") else text.partition(": ")[2] or text


def _read_back(folder: Folder, files: Mapping[str, bytes]) -> tuple[Estate | None, tuple[Problem, ...]]:
    """Read the folder as it would be; the estate is None iff something is wrong."""
    folder.path.mkdir(parents=True, exist_ok=True)
    try:
        manifests = load(folder.path, files)
        return manifests.estate(manifests.target(folder.target.name)), ()
    except ManifestErrors as errors:
        return None, errors.problems


def _changed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out what stands there already."""
    return {
        place: data for place, data in files.items() if not (Path(place).exists() and Path(place).read_bytes() == data)
    }


def write(files: Mapping[str, bytes]) -> None:
    """Write the files, each whole or not at all; raises UsageError where the disk refuses."""
    for place, data in files.items():
        path = Path(place)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, data)
        except OSError as error:
            raise UsageError(f"cannot write {place}: {error.strerror or error}") from error
