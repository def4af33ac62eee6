"""What a snooze in a manifest says: until when, why, and of which fields."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from reconciler.manifest import times
from reconciler.manifest.characters import hidden_in_value, hidden_message

LONGEST_REASON: Final = 500
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_EXAMPLE: Final = "2027-01-31, the last day in UTC, or 2027-01-31T18:00:00Z"


def end_of(until: str) -> float:
    """Return when a snooze is over, in epoch seconds: with its day in UTC, or at its moment.

    Raises ValueError, whose text says how to write it.
    """
    if _DATE.match(until):
        try:
            return (datetime.fromisoformat(until).replace(tzinfo=UTC) + timedelta(days=1)).timestamp()
        except (ValueError, OverflowError) as error:
            raise ValueError(f"there is no such day; write it as {_EXAMPLE}") from error
    if until.isdecimal():
        raise ValueError(f"write a day or a time with a zone, as {_EXAMPLE}")
    try:
        return float(times.epoch_seconds(until))
    except ValueError as error:
        raise ValueError(f"write a day or a time with a zone, as {_EXAMPLE}") from error


def check_reason(text: str) -> str:
    """Return a reason as it is kept; raises ValueError, whose text says what is wrong with it."""
    if not text.strip():
        raise ValueError("say why, in a few words")
    if "\n" in text or "\t" in text:
        raise ValueError("a reason is one line")
    if hidden := hidden_in_value(text):
        raise ValueError(hidden_message(hidden))
    if len(text) > LONGEST_REASON:
        raise ValueError(f"a reason has at most {LONGEST_REASON} characters")
    return text
