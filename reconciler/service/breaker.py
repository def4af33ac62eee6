"""A host that is down is asked no more for a while, by any thread."""

from __future__ import annotations

import threading
from typing import Final

from reconciler.service.losses import Hopeless
from reconciler.service.retry import Clock

FAILURES: Final = 5
"""In a row, over all threads: as many as one call alone is tried, so that no single call ever trips it for others."""

LASTING: Final = 2.0
"""Seconds that they span at least: eight threads that meet one short hiccup fail five times within a moment."""

PAUSE: Final = 15.0
"""Seconds until one request may try again."""


class Breaker:
    """Counts failures in a row: closed (all may ask), open (nobody), half-open (one asks, the others hear of it).

    A failure is a request without an answer, or with a 5xx; whatever else was answered, the host is up. Thread-safe.
    Own code: pybreaker reads the time by itself, so that no test could be without waiting.
    """

    def __init__(self, host: str, advice: str, clock: Clock) -> None:
        self._host = host
        self._advice = advice
        self._clock = clock
        self._failures = 0
        self._since = 0.0
        self._opened: float | None = None
        self._trying = False
        self._reason = ""
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise Hopeless unless a request may go."""
        now = self._clock.now()
        with self._lock:
            self._check(now)

    def enter(self) -> None:
        """Let a request go, which then must tell what became of it; raises Hopeless."""
        now = self._clock.now()
        with self._lock:
            self._check(now)
            self._trying = self._opened is not None

    def _check(self, now: float) -> None:
        if self._opened is not None and (self._trying or 0 <= now - self._opened < PAUSE):
            raise Hopeless(
                f"{self._host} is down, so nothing was sent: {self._failures} requests in a row "
                f"failed, the last one so: {self._reason} ({self._advice})"
            )

    def answered(self) -> None:
        """Note that the host is up."""
        with self._lock:
            self._failures, self._opened, self._trying = 0, None, False

    def failed(self, reason: str) -> None:
        """Note a failure."""
        now = self._clock.now()
        with self._lock:
            self._failures += 1
            self._reason = reason
            if self._failures == 1:
                self._since = now
            if self._trying or (self._failures >= FAILURES and now - self._since >= LASTING):
                self._opened, self._trying = now, False

    def gave_up(self) -> None:
        """Note that a request ended without a word about the host: it was interrupted. Somebody else may try."""
        with self._lock:
            self._trying = False
