"""Schedule times: ISO 8601 for people, epoch seconds for the service (FACTS 10)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

_DIGITS: Final = re.compile(r"[0-9]+\Z", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.0+)?)?(Z|z|[+-]\d\d:?\d\d)?\Z", re.ASCII)
_EXAMPLE: Final = "2027-01-04T06:00:00Z"


def epoch_seconds(text: str) -> int | str:
    """Return ISO 8601 as epoch seconds; digits stay the text that they are, since the service echoes what was sent.

    Raises ValueError, whose text says how to write it.
    """
    if _DIGITS.match(text):
        return text
    if not _ISO.match(text):
        raise ValueError(f"write epoch seconds, or ISO 8601 to the second with a zone, as in {_EXAMPLE}")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise ValueError(f"there is no such time ({error}); an example is {_EXAMPLE}") from error
    if moment.tzinfo is None:
        raise ValueError(f"without a zone the time is another one on every machine; write it as in {_EXAMPLE}")
    if moment.timestamp() < 0:
        raise ValueError("the time lies before 1970")
    return int(moment.timestamp())


def like(written: str, seconds: int) -> str | None:
    """Return epoch seconds as a person has written another time: its zone, its separator, its precision.

    None where what was written is no ISO 8601, or no calendar holds the time.
    """
    match = _ISO.match(written)
    if not match or match[3] is None:
        return None
    try:
        zone = datetime.fromisoformat(written.upper()).tzinfo
        moment = datetime.fromtimestamp(seconds, zone)
    except (ValueError, OverflowError, OSError):
        return None
    text = moment.strftime("%H:%M:%S" if match[1] or moment.second else "%H:%M")
    return f"{moment:%Y-%m-%d}{written[10]}{text}{match[2] or ''}{match[3]}"
