"""How far this machine's clock is from the service's, by the times that come with every answer."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Final

from reconciler.service.transport import Exchange

_CUT: Final = 0.5
"""Half a second: Date (RFC 9110, 6.6.1) is cut to whole ones."""


class Skew:
    """An observer of the transport that gathers what IMS and the service say about the time."""

    def __init__(self) -> None:
        self._seen: list[float] = []

    @property
    def seconds(self) -> float | None:
        """How far this machine is ahead; None where no answer has told its time."""
        return min(self._seen, key=abs, default=None)  # the quickest answer is nearest to the truth

    def exchanged(self, exchange: Exchange) -> None:
        """Take note of an answer's time; one out of a cache (``Age``) tells that of another day."""
        answer = exchange.answer
        if answer is None or "Age" in answer.headers:
            return
        try:
            theirs = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
        except (ValueError, OverflowError):
            return
        self._seen.append(exchange.started + exchange.seconds / 2 - theirs - _CUT)

    def waits(self, seconds: float, attempt: int, error: str) -> None:
        """Do nothing: a wait tells no time."""
