"""Files that somebody else may have put there: read up to a limit and never waited for, written whole or not at all.

A pull request brings symlinks, and whoever shares a machine pipes and devices: what is opened is looked at before it is
read, and nothing is ever written through a symlink.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)


class Irregular(OSError):
    """A folder, a pipe, a device: no file that could be read."""


class TooLarge(OSError):
    """A file is larger than what its reader takes; ``strerror`` says how much that is."""


def read_file(path: Path, most: int, *, follow: bool = False) -> bytes:
    """Return a file's content; a symlink is one iff ``follow``.

    Raises TooLarge for more than ``most`` bytes, which must be whole MiB, Irregular, and OSError for what the system
    refuses (ELOOP: a symlink).
    """

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags | _NO_WAIT | (0 if follow else _NO_FOLLOW))  # a pipe would be waited for

    with open(path, "rb", opener=opener) as file:  # Path.open takes no opener
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Irregular(errno.EINVAL, "this is not a regular file")
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLarge(errno.EFBIG, f"the file is larger than {most >> 20} MiB")
    return content


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, finds it as it was or as it is to be; its mode stays.

    Raises OSError. Two that write one file at once have to be kept apart by their callers.
    """
    # In the same folder, since a rename is atomic only within one file system; hidden, so that no reader takes it.
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.unlink(missing_ok=True)  # left by a crash, or a symlink to somewhere else
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            with suppress(FileNotFoundError):
                os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
