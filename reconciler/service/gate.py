"""What every request to a host passes: the host must be up, and it must be our turn."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from reconciler.service.breaker import Breaker
from reconciler.service.hosts import is_loopback
from reconciler.service.losses import advice, host_of
from reconciler.service.pace import RATE, Pace
from reconciler.service.proxies import Endpoint
from reconciler.service.retry import Clock
from reconciler.service.retry_after import read_retry_after

HOLD: Final = 1.0
"""Seconds that all wait after a 429 that does not say how long."""

_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
_SERVER_ERROR: Final = 500


class Gate:
    """One host's gate, shared by all threads of a run. Loopback has no rate: nobody's limit is there."""

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        loopback = is_loopback(urlsplit(endpoint.base).hostname or "")
        self._clock = clock
        self._pace = Pace(clock, None if loopback else RATE)
        self._breaker = Breaker(host_of(endpoint), advice(endpoint), clock)

    def wait(self) -> float:
        """Wait for a turn and return the seconds that took; raises Hopeless where the host is known to be down."""
        self._breaker.check()
        waited = self._pace.wait()
        self._breaker.enter()  # last: whoever is let in must report, and the host may have gone down in the meantime
        return waited

    def answered(self, status: int, retry_after: str | None) -> None:
        """Learn from an answer: a 5xx is a failure, and what one thread is told to wait, all wait."""
        if status >= _SERVER_ERROR:
            self._breaker.failed(f"it answered {status}")
        else:
            self._breaker.answered()
        told = read_retry_after(retry_after, self._clock.now()) if status in (_TOO_MANY, _UNAVAILABLE) else None
        if told is not None or status == _TOO_MANY:
            self._pace.hold(HOLD if told is None else told)

    def lost(self, reason: str) -> None:
        """Learn that there was no answer."""
        self._breaker.failed(reason)

    def left(self) -> None:
        """Learn that a request was given up before the host could show how it is."""
        self._breaker.gave_up()
