"""Continuation tokens: they carry the query and the place, and are free of ``=`` and ``%`` (FACTS 5, 17)."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any
from urllib.parse import unquote

from reconciler.emulator.errors import invalid


def write(state: dict[str, Any]) -> str:
    """Return the token of a state; packed, since a filter may name a hundred ids."""
    packed = zlib.compress(json.dumps(state, separators=(",", ":")).encode())
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(token: str) -> dict[str, Any]:
    """Return the state of a token, or refuse one that we did not write."""
    try:
        token = unquote(token).rstrip("=")  # whatever a token was padded with
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        state: dict[str, Any] = json.loads(zlib.decompress(packed))
        return {key: state[key] for key in ("properties", "orderby", "limit", "after")}
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError) as error:
        raise invalid("The continuationToken is not valid.") from error
