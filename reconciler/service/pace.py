"""How fast a host is asked, by all threads together."""

from __future__ import annotations

import threading
from typing import Final

from reconciler.service.retry import Clock

RATE: Final = 40.0
"""Requests a second: as many as eight connections make whose answers take 200 ms each. FACTS 16 knows of no limit, so
this one slows no usual run; it bounds what answers that come faster, refusals above all, would turn into a flood."""

BURST: Final = 80
"""Requests that may go at once after a silence: the lists of a plan, two seconds' worth of RATE."""

_GRAIN: Final = 1e-5
"""Seconds: a float of today's epoch seconds tells no shorter wait from none, and would never see the end of one."""


class Pace:
    """A token bucket, and a moment before which nobody asks. Thread-safe.

    Told in arrivals (the generic cell rate algorithm): ``_due`` is when the bucket would be full again, and a request
    may go iff that is no more than a burst away. ``rate`` None means no bucket.

    Own code: pyrate-limiter sleeps by ``time.sleep`` alone, and knows no moment before which nobody may go.
    """

    def __init__(self, clock: Clock, rate: float | None = RATE, burst: int = BURST) -> None:
        self._clock = clock
        self._interval = 1 / rate if rate else 0.0
        self._tolerance = self._interval * (burst - 1)
        self._due = 0.0
        self._held: tuple[float, float] | None = None
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Wait until a request may go; return the seconds that took."""
        waited = 0.0
        while (seconds := self._claim()) > 0:
            self._clock.sleep(seconds)
            waited += seconds
        return waited

    def hold(self, seconds: float) -> None:
        """Let nobody go for so long: one thread was told to wait, and the others would be told the same."""
        now = self._clock.now()
        with self._lock:
            if self._held is None or not self._held[0] <= now < self._held[1] or now + seconds > self._held[1]:
                self._held = now, now + seconds

    def _claim(self) -> float:
        """Return 0 and take a place, or return how long there is none."""
        now = self._clock.now()
        with self._lock:
            if self._held is not None:
                since, until = self._held
                if since <= now < until - _GRAIN:
                    return until - now
                self._held = None  # over; or somebody set the clock back, and it must not last till then
            ahead = self._due - now
            if not 0 <= ahead <= self._tolerance + 2 * self._interval:
                ahead = 0.0  # the bucket is full; or, again, the clock was set back
            if ahead > self._tolerance + _GRAIN:
                return ahead - self._tolerance
            self._due = now + ahead + self._interval
            return 0.0
