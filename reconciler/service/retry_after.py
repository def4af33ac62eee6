"""How long an answer asks us to wait: its Retry-After, in whatever form a gateway writes it."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_RETRY_AFTER: Final = 60.0

_NUMBERS: Final = re.compile(r"\d+(\.\d*)?(\s*,\s*\d+(\.\d*)?)*", re.ASCII)
_LONGEST_HEADER: Final = 100  # characters; the longest form of a date has 33


def read_retry_after(header: str | None, now: float) -> float | None:
    """Return the seconds to wait from ``now`` (epoch seconds), a minute at most; None if the header says nothing.

    Nobody has seen Flow Service send one (FACTS 6), so every form of HTTP is read, and what is close to one: seconds
    with a fraction, a date without a zone (UTC is meant) or with a year of two digits. Several numbers, as proxies
    join them, mean the longest wait. What is behind us is no wait; anything else says nothing, and is no error.
    """
    text = (header or "").strip()
    if _NUMBERS.fullmatch(text):
        return min(max(float(number) for number in text.split(",")), LONGEST_RETRY_AFTER)
    if not text or len(text) > _LONGEST_HEADER:
        return None
    try:
        moment = parsedate_to_datetime(text)
        # Without a zone Python would take this machine's.
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(seconds - now, 0.0), LONGEST_RETRY_AFTER)
