"""How long GitHub asks us to wait, and what may be sent again.

GitHub's documents: the primary limit answers 403 or 429 with ``x-ratelimit-remaining: 0`` and ``x-ratelimit-reset`` in
epoch seconds; a secondary limit answers 403 or 429 with ``retry-after`` in seconds, or without it, and then a minute at
least is to pass, longer after each further refusal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

LONGEST: Final = 600.0
"""Seconds: whoever is to wait longer is told, so that the job does not idle until it is cut off."""

MINUTE: Final = 60.0
_DIGITS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_LIMITED: Final = frozenset({403, 429})
_UNAVAILABLE: Final = 503
_SECONDARY: Final = "secondary rate limit"


def wait_for(status: int, headers: Mapping[str, str], message: str, now: float, attempt: int) -> float | None:
    """Return the seconds to wait after an answer that refused us for having asked too often; None for any other.

    ``now`` is epoch seconds, ``attempt`` counts from 1, ``message`` is what the answer said.
    """
    after = _number(headers.get("retry-after"))
    if status == _UNAVAILABLE:
        return after
    if status not in _LIMITED:
        return None
    if after is not None:
        return after
    if headers.get("x-ratelimit-remaining") == "0":
        reset = _number(headers.get("x-ratelimit-reset"))
        return MINUTE if reset is None else max(reset - now, 0.0) + 1  # its clock and ours are not one
    if _SECONDARY in message.lower() or status != 403:  # noqa: PLR2004 - a plain 403 is a missing permission
        return MINUTE * float(2 ** (attempt - 1))
    return None


def _number(text: str | None) -> float | None:
    return float(text) if text and _DIGITS.fullmatch(text.strip()) else None
