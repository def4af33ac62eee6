"""Secret values from the environment and from files, from allow-listed places only.

A manifest comes with a pull request, from anyone: without the list, one that names ``AEP_CLIENT_SECRET`` or
``/etc/shadow`` would send it to a server of its author's choice. The list is kept where the run is configured, and is
looked at when a value is asked for: validating needs neither secrets nor their list.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from reconciler.model.errors import UsageError
from reconciler.model.secrets import Secret, SecretOrigin, SecretSlot

_ALWAYS: Final = "FLOW_SECRET_*"
GLOBS: Final = "RECONCILER_SECRET_ENV"
FOLDER: Final = "RECONCILER_SECRET_DIR"
_LARGEST: Final = 1024 * 1024


def is_always_allowed(variable: str) -> bool:
    """Iff a variable may be read as a secret wherever a run is configured."""
    return fnmatchcase(variable, _ALWAYS)


def leaves_folder(path: str) -> bool:
    """Iff a file's path climbs, which is refused wherever the folder is."""
    return ".." in Path(path).parts


@dataclass(frozen=True, slots=True, repr=False)
class EnvironmentSecrets:
    """The ``Secrets`` port over an environment; it is never shown, since it holds every value there is."""

    environ: Mapping[str, str]

    def value(self, slot: SecretSlot) -> Secret | None:
        """Return the value, None where the variable or the file is not there; raises UsageError if not allowed."""
        if slot.origin is SecretOrigin.LITERAL:
            return slot.literal
        return self._variable(slot) if slot.origin is SecretOrigin.ENV else self._file(slot)

    def _variable(self, slot: SecretSlot) -> Secret | None:
        globs = [_ALWAYS, *(glob.strip() for glob in self.environ.get(GLOBS, "").split(","))]
        if not any(fnmatchcase(slot.key, glob) for glob in globs):
            raise UsageError(
                f"{slot.pointer}: the variable {slot.key} may not be read as a secret: name it FLOW_SECRET_…, or add "
                f"it to {GLOBS}"
            )
        text = self.environ.get(slot.key, "")
        return Secret(text) if text else None  # an unset secret of a CI system comes as an empty variable

    def _file(self, slot: SecretSlot) -> Secret | None:
        path = self._allowed_path(slot)
        try:
            if not path.is_file():
                return None
            with path.open("rb") as stream:
                data = stream.read(_LARGEST + 1)
            text = data.decode()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{slot.pointer}: the secret's file {slot.key!r} cannot be read as UTF-8 text") from error
        if len(data) > _LARGEST:
            raise UsageError(f"{slot.pointer}: the secret's file {slot.key!r} is larger than 1 MiB")
        text = text.removesuffix("\r\n" if text.endswith("\r\n") else "\n")  # one line end, which editors add
        return Secret(text) if text else None

    def _allowed_path(self, slot: SecretSlot) -> Path:
        """Return the file's real path, which lies below the folder, symlinks followed; raises UsageError."""
        folder = self.environ.get(FOLDER, "")
        if not folder:
            raise UsageError(f"{slot.pointer}: secrets from files need {FOLDER}, the folder that they lie in")
        try:
            root = Path(os.path.realpath(folder))
            path = Path(os.path.realpath(root / slot.key))
        except (OSError, ValueError) as error:
            raise UsageError(f"{slot.pointer}: {slot.key!r} is no path") from error
        if leaves_folder(slot.key) or not path.is_relative_to(root) or path == root:
            raise UsageError(f"{slot.pointer}: the file {slot.key!r} does not lie below {FOLDER}: put it there")
        return path
