"""Repeating what may be repeated: how often, and how long to wait before."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final, NoReturn, Protocol, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from reconciler.model.errors import ServiceError

ATTEMPTS: Final = 5
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 20.0
LONGEST_RETRY_AFTER: Final = 60.0

_Result = TypeVar("_Result")


class Clock(Protocol):
    """Time as an argument; the engine's clock fits."""

    @property
    def now(self) -> Callable[[], float]:
        """Epoch seconds."""

    @property
    def sleep(self) -> Callable[[float], None]:
        """Wait so many seconds."""

    @property
    def random(self) -> Callable[[], float]:
        """A number from 0 up to 1."""


class Budget:
    """The repetitions that a whole run may spend, so that a service in trouble is not asked ever more. Thread-safe."""

    def __init__(self, retries: int = 200) -> None:
        self._left = retries
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Spend one repetition; false iff none is left."""
        with self._lock:
            if self._left <= 0:
                return False
            self._left -= 1
            return True


class Again(Exception):
    """Raised by an attempt that may be repeated; ``error`` is what to raise once that is given up."""

    def __init__(self, error: ServiceError, *, after: float | None = None, attempts: int = ATTEMPTS) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after
        self.attempts = attempts


class Repeater:
    """Runs an attempt until it holds, until its tries are used up, or until the run's budget is."""

    def __init__(self, clock: Clock, budget: Budget) -> None:
        self._clock = clock
        self._budget = budget

    def run(self, attempt: Callable[[], _Result]) -> _Result:
        """Return what attempt returns; raises the error of its last :class:`Again`."""
        retrying = Retrying(
            retry=retry_if_exception_type(Again),
            stop=self._stop,
            wait=self._wait,
            sleep=self._clock.sleep,
            retry_error_callback=_give_up,
        )
        return retrying(attempt)

    def retry_after(self, header: str | None) -> float | None:
        """Read Retry-After, seconds or an HTTP date, as seconds from now; None if it says nothing."""
        if header is None:
            return None
        if re.fullmatch(r"[0-9]{1,9}", header.strip()):
            return min(float(header), LONGEST_RETRY_AFTER)
        try:
            moment = parsedate_to_datetime(header).timestamp()
        except (ValueError, OverflowError):
            return None
        return min(max(moment - self._clock.now(), 0.0), LONGEST_RETRY_AFTER)

    def _stop(self, state: RetryCallState) -> bool:
        return state.attempt_number >= _again(state).attempts or not self._budget.take()

    def _wait(self, state: RetryCallState) -> float:
        after = _again(state).after
        if after is not None:
            return after
        # Full jitter: a crowd of waiting threads spreads over the whole interval.
        return self._clock.random() * min(LONGEST_WAIT, FIRST_WAIT * float(2 ** (state.attempt_number - 1)))


def _again(state: RetryCallState) -> Again:
    failure = state.outcome.exception() if state.outcome is not None else None
    if isinstance(failure, Again):
        return failure
    raise AssertionError("only Again is repeated")


def _give_up(state: RetryCallState) -> NoReturn:
    again = _again(state)
    error, count = again.error, state.attempt_number
    if count > 1:
        error = type(error)(f"{error} (tried {count} times)", status=error.status, code=error.code)
    raise error from again.__cause__
