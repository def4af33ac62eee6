"""Which files are manifests: ``*.yaml``, ``*.yml`` and ``*.json`` of a folder and its folders, in a fixed order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from reconciler.model.errors import Problem, UsageError
from reconciler.model.resources import Location

_SUFFIXES: Final = (".yaml", ".yml", ".json")
_LARGEST: Final = 5 * 1024 * 1024


def read_folder(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the bytes of every manifest file by its path, sorted, and what could not be read.

    Hidden files and folders are skipped; a symlink is refused, since what it points to is not what was reviewed.
    Raises UsageError if the folder itself cannot be read.
    """
    problems: list[Problem] = []
    found: list[Path] = []
    waiting = [folder]  # a list, not recursion: folders nest deeper than Python's stack
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            if here == folder:
                raise UsageError(_no_folder(folder, error)) from error
            problems.append(_problem(here, f"the folder cannot be read: {error.strerror}"))
            continue
        for entry in entries:
            _sort_out(entry, waiting, found, problems)
    contents = {str(path): data for path in sorted(found) if (data := _content(path, problems)) is not None}
    return contents, problems


def _sort_out(entry: os.DirEntry[str], folders: list[Path], files: list[Path], problems: list[Problem]) -> None:
    path, is_manifest = Path(entry.path), entry.name.lower().endswith(_SUFFIXES)
    if entry.name.startswith("."):
        return
    if entry.is_symlink():
        if is_manifest or entry.is_dir():
            problems.append(_problem(path, "symlinks are not followed: put the file itself here"))
    elif entry.is_dir():
        folders.append(path)
    elif is_manifest and entry.is_file():
        files.append(path)
    elif is_manifest:
        problems.append(_problem(path, "this is not a regular file: move it out of the manifests"))


def _content(path: Path, problems: list[Problem]) -> bytes | None:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        problems.append(_problem(path, f"the file cannot be read: {error.strerror}"))
        return None
    if len(data) > _LARGEST:
        problems.append(_problem(path, f"the file is larger than {_LARGEST // 1024 // 1024} MiB; split it"))
        return None
    return data


def _no_folder(folder: Path, error: OSError) -> str:
    return f"the manifests' folder {str(folder)!r} cannot be read: {error.strerror}; name it with --manifests"


def _problem(path: Path, message: str) -> Problem:
    return Problem(Location(str(path), 1, 1), message)
