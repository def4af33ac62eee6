"""Repeating what may be repeated: how often, and how long to wait before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, NoReturn, Protocol, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from reconciler.model.errors import ServiceError
from reconciler.service.retry_after import read_retry_after

ATTEMPTS: Final = 5
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 20.0

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

    def __init__(self, clock: Clock, budget: Budget, on_wait: Callable[[float, int, str], None] | None = None) -> None:
        """``on_wait`` is told the seconds, the number of the try that follows, and the error, before each wait."""
        self._clock = clock
        self._budget = budget
        self._on_wait = on_wait

    def run(self, attempt: Callable[[], _Result]) -> _Result:
        """Return what attempt returns; raises the error of its last :class:`Again`."""
        retrying = Retrying(
            retry=retry_if_exception_type(Again),
            stop=self._stop,
            wait=self._wait,
            sleep=self._clock.sleep,
            before_sleep=self._tell,
            retry_error_callback=_give_up,
        )
        return retrying(attempt)

    def retry_after(self, header: str | None) -> float | None:
        """Read Retry-After, seconds or an HTTP date, as seconds from now; None if it says nothing."""
        return read_retry_after(header, self._clock.now())

    def _tell(self, state: RetryCallState) -> None:
        if self._on_wait is not None:
            self._on_wait(state.upcoming_sleep, state.attempt_number + 1, str(_again(state).error))

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
