"""Which files are manifests: ``*.yaml``, ``*.yml`` and ``*.json`` of a folder and its folders, in a fixed order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from reconciler.disk import Irregular, TooLarge, read_file
from reconciler.model.errors import Problem, UsageError
from reconciler.model.resources import Location

_IRREGULAR: Final = "this is not a regular file: move it out of the manifests"
_SUFFIXES: Final = (".yaml", ".yml", ".json")
_LARGEST: Final = 5 * 1024 * 1024
MOST_BYTES: Final = 32 * 1024 * 1024
"""Of all files together: they are held at once. Ten thousand resources take about ten million."""

MOST_FILES: Final = 20_000
MOST_FOLDERS: Final = 10_000
"""A folder of more is not one of manifests, but ``/`` or somebody's home."""


def read_folder(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the bytes of every manifest file by its path, sorted, and what could not be read.

    Hidden files and folders are skipped; a symlink is refused, since what it points to is not what was reviewed.
    Raises UsageError if the folder itself cannot be read, or is too large to be one of manifests.
    """
    problems: list[Problem] = []
    found: list[Path] = []
    waiting = [folder]  # a list, not recursion: folders nest deeper than Python's stack
    scanned = 0
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
        scanned += 1
        if scanned > MOST_FOLDERS or len(found) > MOST_FILES:
            raise UsageError(
                f"{str(folder)!r} holds more than {MOST_FILES} manifest files or {MOST_FOLDERS} folders: it does not "
                "look like the manifests' folder; name that with --manifests"
            )
    return _contents(sorted(found), problems), problems


def _contents(paths: list[Path], problems: list[Problem]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    room = MOST_BYTES
    for path in paths:
        data = _content(path, problems)
        room -= len(data or b"")
        if room < 0:
            problems.append(_problem(path, f"the manifests are larger than {MOST_BYTES >> 20} MiB; no more is read"))
            break
        if data is not None:
            contents[str(path)] = data
    return contents


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
        problems.append(_problem(path, _IRREGULAR))


def _content(path: Path, problems: list[Problem]) -> bytes | None:
    try:
        return read_file(path, _LARGEST)  # what is no file any more, since it was looked at, is refused once more
    except Irregular:
        problems.append(_problem(path, _IRREGULAR))
    except TooLarge as error:
        problems.append(_problem(path, f"{error.strerror}; split it"))
    except OSError as error:
        problems.append(_problem(path, f"the file cannot be read: {error.strerror}"))
    return None


def _no_folder(folder: Path, error: OSError) -> str:
    return f"the manifests' folder {str(folder)!r} cannot be read: {error.strerror}; name it with --manifests"


def _problem(path: Path, message: str) -> Problem:
    return Problem(Location(str(path), 1, 1), message)
