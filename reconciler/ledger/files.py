"""The disk: files that are there whole or not at all, and failures that never look like an empty ledger."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from reconciler.disk import read_file, write_file
from reconciler.model.errors import LedgerError

LOCK_WAIT = 30.0
LARGEST = 64 * 1024 * 1024
"""Bytes of a file: the begin of a run that creates ten thousand resources takes some millions."""


def read(path: Path) -> bytes | None:
    """Return a file's content, or None if there is no such file; raises LedgerError for anything else."""
    try:
        return read_file(path, LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        why = "symlinks are not followed" if error.errno == errno.ELOOP else error.strerror or error
        raise LedgerError(f"cannot read {path}: {why}") from error


def names(folder: Path) -> list[str]:
    """Return the names in a folder, sorted, hidden ones left out; none if there is no folder.

    Not ``glob``: it passes over a folder that may not be read, and the ledger would look empty.
    """
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208 - names are wanted
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LedgerError(f"cannot read {folder}: {error.strerror or error}") from error


def write(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, finds it as it was or as it is to be. Called under :func:`locked`."""
    if len(content) > LARGEST:
        raise LedgerError(f"cannot write {path}: it would be larger than {LARGEST >> 20} MiB, and nobody could read it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
    except OSError as error:
        raise LedgerError(f"cannot write {path}: {error.strerror or error}") from error


def delete(path: Path) -> None:
    """Delete a file; it may be gone already."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise LedgerError(f"cannot delete {path}: {error.strerror or error}") from error


@contextmanager
def locked(folder: Path, wait: float | None = None) -> Iterator[None]:
    """Hold a folder against other processes and threads, for the moment of a read, a check and a write.

    ``wait`` is how many seconds others may take (default: LOCK_WAIT); raises LedgerError after that.
    """
    wait = LOCK_WAIT if wait is None else wait
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=wait)
        lock.acquire()
    except Timeout as error:
        raise LedgerError(f"another process has kept {folder} locked for {wait:.0f} s; is it hanging?") from error
    except OSError as error:
        raise LedgerError(f"cannot lock {folder}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
