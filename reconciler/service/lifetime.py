"""How long a token holds, by what it says of itself: read without verifying it, and never shown.

Adobe does not promise that a token is a JWT, so often this cannot be told.
"""

from __future__ import annotations

import base64
from typing import Final

from reconciler.diff.document import Json, is_number, is_object
from reconciler.diff.reading import read_json
from reconciler.model.secrets import Secret

_PARTS: Final = 3
_DEEPEST: Final = 20
_LONGEST: Final = 20
_LATEST: Final = 1e11
"""In epoch seconds: what is later is no time of ours."""


def expiry(token: Secret) -> float | None:
    """Return when a token says that it expires, in epoch seconds: ``exp``, or ``created_at + expires_in`` in ms."""
    parts = token.reveal().split(".")
    if len(parts) != _PARTS:
        return None
    try:
        payload = read_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), _DEEPEST)
    except ValueError:
        return None
    if not is_object(payload):
        return None
    created, lasts = _number(payload.get("created_at")), _number(payload.get("expires_in"))
    at = _number(payload.get("exp"))
    if at is None and created is not None and lasts is not None:
        at = (created + lasts) / 1000
    return at if at is not None and 0 < at < _LATEST else None


def lifetime(token: Secret, now: float) -> str:
    """Return how long a token holds from ``now`` (epoch seconds) on, in words."""
    at = expiry(token)
    if at is None:
        return "how long the token holds cannot be told"
    return f"the token holds for {_span(at - now)}" if at > now else f"the token expired {_span(now - at)} ago"


def _span(seconds: float) -> str:
    hours, minutes = divmod(int(seconds // 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _number(value: Json) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _LONGEST:
        return float(value)
    return float(value) if is_number(value) and abs(value) < 10**_LONGEST else None
