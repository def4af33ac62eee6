"""What a token says of itself: read without verifying it, never believed where it counts, and never shown.

Adobe does not promise that a token is a JWT, so often there is nothing to be read.
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
    claims = _claims(token)
    created, lasts = _number(claims.get("created_at")), _number(claims.get("expires_in"))
    at = _number(claims.get("exp"))
    if at is None and created is not None and lasts is not None:
        at = (created + lasts) / 1000
    return at if at is not None and 0 < at < _LATEST else None


def client(token: Secret) -> str | None:
    """Return the client that a token says it was made for (``client_id``: RFC 9068, 2.2)."""
    found = _claims(token).get("client_id")
    return found if isinstance(found, str) and found else None


def lifetime(at: float | None, now: float) -> str:
    """Return how long a token holds that expires at a time (epoch seconds, like ``now``), in words."""
    if at is None:
        return "how long the token holds cannot be told"
    return f"the token holds for {_span(at - now)}" if at > now else f"the token expired {_span(now - at)} ago"


def _claims(token: Secret) -> dict[str, Json]:
    parts = token.reveal().split(".")
    if len(parts) != _PARTS:
        return {}
    try:
        payload = read_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), _DEEPEST)
    except ValueError:
        return {}
    return payload if is_object(payload) else {}


def _span(seconds: float) -> str:
    hours, minutes = divmod(int(seconds // 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _number(value: Json) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _LONGEST:
        return float(value)
    return float(value) if is_number(value) and abs(value) < 10**_LONGEST else None
