"""Any file of the ledger as bytes: one canonical spelling, a version, a seal.

The seal covers what a file says, not how it is spaced, so it is made over the compact form without the seal itself.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from reconciler.diff.document import Json, is_object
from reconciler.diff.reading import read_json
from reconciler.model.errors import LedgerError, LedgerTampered
from reconciler.model.secrets import Keys

FORMAT_VERSION: Final = 1
DEEPEST: Final = 128
"""Objects and lists inside each other in a file: what the service answers may nest 100 deep."""


class Purpose(Enum):
    """What a file is; its value enters the seal, so that one kind of file cannot pass for another."""

    ENTRY = "ledger-entry"
    BEGIN = "ledger-begin"
    HISTORY = "ledger-history"
    PLAN = "saved-plan"


class SealState(Enum):
    """What a file's seal told: ours and right, of another key, none, or not looked at since we have no key."""

    OURS = auto()
    OTHER_KEY = auto()
    UNSEALED = auto()
    UNCHECKED = auto()


def to_bytes(document: Mapping[str, Json], purpose: Purpose, keys: Keys | None) -> bytes:
    """Return a file's bytes with its seal: sorted keys, two spaces, a newline at the end; same input, same bytes."""
    seal = None
    if keys is not None:
        seal = {"keyId": keys.id, "hmac": keys.seal(purpose.value, _sealed_bytes(document))}
    text = json.dumps({**document, "seal": seal}, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)
    return _encode(text + "\n")


def check(content: bytes, purpose: Purpose, keys: Keys | None, where: str) -> SealState:
    """Return what a file's seal tells.

    Raises LedgerError for a file that is not JSON or of a newer format, LedgerTampered for a seal that does not fit.
    """
    document = _parse(content, where)
    _check_version(document.get("formatVersion"), where)
    seal = document.get("seal")
    if seal is None:
        return SealState.UNSEALED
    if keys is None:
        return SealState.UNCHECKED
    if not is_object(seal) or seal.get("keyId") != keys.id:
        return SealState.OTHER_KEY
    fitting = keys.seal(purpose.value, _sealed_bytes(document))
    if not hmac.compare_digest(fitting.encode(), str(seal.get("hmac")).encode(errors="replace")):
        raise LedgerTampered(
            f"{where} was changed by another hand: its seal does not fit. Restore it from before the change, or delete "
            "it and let the next plan adopt the live object again"
        )
    return SealState.OURS


def _sealed_bytes(document: Mapping[str, Json]) -> bytes:
    unsealed = {key: value for key, value in document.items() if key != "seal"}
    text = json.dumps(unsealed, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return _encode(text)


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise LedgerError("a text for the ledger holds half a surrogate pair, which UTF-8 cannot say") from error


def _parse(content: bytes, where: str) -> dict[str, Json]:
    try:
        document = read_json(content, DEEPEST)
    except ValueError as error:
        raise LedgerError(
            f"{where} is not JSON: {error}; restore it, nothing is guessed from a broken ledger"
        ) from error
    if not is_object(document):
        raise LedgerError(f"{where} is JSON, but no object")
    return document


def _check_version(version: Json, where: str) -> None:
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise LedgerError(f"{where} has no formatVersion")
    if version > FORMAT_VERSION:
        raise LedgerError(
            f"{where} has format {version}, and this reconciler reads up to {FORMAT_VERSION}: a newer one wrote it, "
            "upgrade this one"
        )
