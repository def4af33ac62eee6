"""A saved plan on the disk: sealed, readable by its owner alone, and without any secret.

Whoever may write such a file decides what an apply does. So it is believed only with a seal of our own key; without a
key there is nothing to tell ours from anybody's by.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from reconciler.diff.document import Json, is_object
from reconciler.diff.reading import read_json
from reconciler.disk import TooLarge, read_file
from reconciler.ledger import plan_format
from reconciler.ledger.document import DEEPEST, Purpose, SealState, check, to_bytes
from reconciler.model.errors import LedgerError, LedgerTampered, PlanFileError
from reconciler.model.plan import SavedPlan
from reconciler.model.secrets import Keys, Redactor
from reconciler.model.veil import Veil

LONGEST: Final = 32 * 1024 * 1024
"""Bytes of a file: the creation of ten thousand resources takes about twenty million."""

MOST_VALUES: Final = 2_000_000
_TOO_LARGE: Final = f"is larger than any plan: at most {LONGEST >> 20} MiB, {MOST_VALUES} values"
_AGAIN: Final = "make it again with plan --out"


def save(path: Path, saved: SavedPlan, keys: Keys | None, redactor: Redactor) -> None:
    """Write a plan to a file of mode 0600, whole or not at all; without a key it is not sealed.

    What the redactor knows, and what has the form of a credential, is masked in it; its digests are of the plan as it
    is. Raises PlanFileError.
    """
    saved = replace(saved, plan=Veil(redactor).plan(saved.plan))
    try:
        document = plan_format.to_document(saved)
        content = to_bytes(document, Purpose.PLAN, keys)
        _understood(content, _parse(content, str(path)), str(path))  # here, and not when it has been reviewed
    except (ValueError, RecursionError, LedgerError, PlanFileError) as error:
        raise PlanFileError(f"this plan cannot be saved to {path}: {error}") from error
    _write(path, content)


def load(path: Path, keys: Keys | None, *, unverified: bool = False) -> tuple[SavedPlan, str | None]:
    """Return the plan in a file, and a warning where nothing proves that it is as it was written.

    ``unverified``: also a sealed one without a key to verify it: to look at, never to go by. Raises PlanFileError.
    """
    where, content = str(path), _read(path)
    document = _parse(content, where)
    seal = _seal_state(content, keys, where)
    warning = _trust(seal, where, keyed=keys is not None, unverified=unverified)
    if seal is SealState.OURS and content != to_bytes(_without_seal(document), Purpose.PLAN, keys):
        raise PlanFileError(f"{where} was changed since it was written, if only in its spaces; {_AGAIN}")
    return _understood(content, document, where), warning


def _understood(content: bytes, document: dict[str, Json], where: str) -> SavedPlan:
    """Return the plan in a file that says what we would write for it, and nothing else; raises PlanFileError."""
    try:
        saved = plan_format.from_json(content)
        expected = plan_format.to_document(saved)
    except ValueError as error:
        raise PlanFileError(f"{where} is no saved plan: {error}; {_AGAIN}") from error
    if _spelt(_without_seal(document)) != _spelt(expected):
        raise PlanFileError(f"{where} was changed since it was written: what it says does not fit together; {_AGAIN}")
    return saved


def _spelt(document: Json) -> str:
    """Return a text that only the same documents share: in Python 1 equals true."""
    return json.dumps(document, sort_keys=True)


def _trust(seal: SealState, where: str, *, keyed: bool, unverified: bool) -> str | None:
    """Return a warning for a file that is taken without proof; raises PlanFileError for one that is not taken."""
    if seal is SealState.OTHER_KEY:
        raise PlanFileError(
            f"{where} is sealed with another key than RECONCILER_PLAN_KEY is here (where that is not set, "
            f"RECONCILER_KEY): set the one that it was planned with, or {_AGAIN}"
        )
    if seal is SealState.UNSEALED and keyed:
        raise PlanFileError(
            f"{where} is not sealed, so that anybody may have written it: {_AGAIN}, with the same "
            "RECONCILER_PLAN_KEY or RECONCILER_KEY as here"
        )
    if seal is SealState.UNCHECKED and not unverified:
        raise PlanFileError(
            f"{where} is sealed, and without RECONCILER_KEY nobody can tell whether it still says what was reviewed: "
            "set the key that it was planned with"
        )
    if seal is SealState.UNCHECKED:
        return f"{where} is sealed; without RECONCILER_KEY the seal cannot be verified"
    if seal is SealState.UNSEALED:
        return f"{where} is not sealed: nothing shows whether it was changed since it was written. Set RECONCILER_KEY"
    return None


def _seal_state(content: bytes, keys: Keys | None, where: str) -> SealState:
    try:
        return check(content, Purpose.PLAN, keys, where)
    except LedgerTampered as error:
        raise PlanFileError(
            f"{where} was changed since it was written: its seal does not fit. Do not apply it; {_AGAIN}"
        ) from error
    except LedgerError as error:
        raise PlanFileError(f"{error}, or {_AGAIN}") from error


def _parse(content: bytes, where: str) -> dict[str, Json]:
    """Return a file's content as JSON, before anybody spends time on it; raises PlanFileError."""
    # Counted before it is parsed: each value takes ten times its bytes. Commas in texts count too, and may.
    if len(content) > LONGEST or sum(map(content.count, (b",", b"{", b"["))) > MOST_VALUES:
        raise PlanFileError(f"{where} {_TOO_LARGE}")
    try:
        document = read_json(content, DEEPEST)
    except ValueError as error:
        raise PlanFileError(f"{where} is no saved plan: it is not JSON ({error}); {_AGAIN}") from error
    if not is_object(document):
        raise PlanFileError(f"{where} is no saved plan: it is JSON, but no object; {_AGAIN}")
    return document


def _without_seal(document: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in document.items() if key != "seal"}


def _read(path: Path) -> bytes:
    try:
        return read_file(path, LONGEST, follow=True)  # a person named it
    except TooLarge as error:
        raise PlanFileError(f"{path} {_TOO_LARGE}") from error
    except OSError as error:
        raise PlanFileError(f"cannot read the plan {path}: {error.strerror or error}") from error


def _write(path: Path, content: bytes) -> None:
    temporary = None
    try:
        if path.exists() and not path.is_file():  # to rename over a device would replace it
            raise PlanFileError(f"cannot write {path}: it is there, and is no file")
        # Of mode 0600 from the start, and beside the file: a rename is atomic only within one file system.
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        raise PlanFileError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
