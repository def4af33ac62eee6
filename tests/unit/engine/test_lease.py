"""The hold on the ledger: renewed while we write, and given up when it cannot be."""

from __future__ import annotations

import threading

import pytest
from unit.engine.fakes import FakeLedger, ManualClock

from reconciler.engine.lease import Lease
from reconciler.model.errors import LeaseLost, LedgerError

SHORT = 0.03
"""A third of it passes in ten milliseconds: the waits between renewals are real."""


class Renewed(FakeLedger):
    """A ledger whose renewals raise what a test says, one after another, and are waited for."""

    def __init__(self, *outcomes):
        super().__init__()
        self.outcomes, self.reached = list(outcomes), threading.Event()

    def renew(self, run, expires):
        super().renew(run, expires)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if not self.outcomes:
            self.reached.set()
        if outcome:
            raise outcome


def test_a_fresh_hold_lets_everything_pass():
    """Up to its expiry, and not beyond: a runner that was paused may have been taken over."""
    clock = ManualClock()
    with Lease(FakeLedger(), "r", clock.clock, 300) as lease:
        clock.time += 299
        lease.guard()
        clock.time += 1
        with pytest.raises(LeaseLost, match="expired before it could be renewed"):
            lease.guard()
        clock.time -= 100
        with pytest.raises(LeaseLost):
            lease.guard()


def test_it_is_renewed_in_the_background():
    """Each renewal prolongs it from now on."""
    clock, ledger = ManualClock(), Renewed(None, None)
    lease = Lease(ledger, "r", clock.clock, SHORT)
    clock.time += SHORT * 0.9
    with lease:
        assert ledger.reached.wait(5)
    assert ledger.named("renew")[0] == ("r", clock.time + SHORT)
    clock.time += SHORT * 0.9
    lease.guard()


def test_it_ends_with_its_context():
    """No thread is left; without a wait there is no renewal."""
    ledger = FakeLedger()
    with Lease(ledger, "r", ManualClock().clock, 300):
        pass
    assert ledger.calls == []
    assert "lease" not in {thread.name for thread in threading.enumerate()}


def test_a_hold_that_was_taken_over_is_lost():
    """The guard says so, and nothing is renewed any more."""
    ledger = Renewed(LeaseLost("run-2 has it"))
    with Lease(ledger, "r", ManualClock().clock, SHORT) as lease:
        assert ledger.reached.wait(5)
        lease._thread.join(5)
        with pytest.raises(LeaseLost, match="run-2 has it"):
            lease.guard()
    assert len(ledger.named("renew")) == 1


def test_a_renewal_that_failed_is_tried_again():
    """A network that was away for a moment loses nothing; the expiry stands meanwhile."""
    clock, ledger = ManualClock(), Renewed(LedgerError("push failed"), None)
    with Lease(ledger, "r", clock.clock, SHORT) as lease:
        assert ledger.reached.wait(5)
        lease.guard()
    assert len(ledger.named("renew")) >= 2


def test_it_lasts_as_long_as_the_begin_says():
    """Which was written a while ago: the guard goes by that time, and it is renewed at once where little is left."""
    clock, ledger = ManualClock(), FakeLedger()
    with Lease(ledger, "r", clock.clock, 300, expires=clock.time + 250) as lease:
        assert ledger.named("renew") == []
        clock.time += 250
        with pytest.raises(LeaseLost):
            lease.guard()
    with Lease(ledger, "r", clock.clock, 300, expires=clock.time + 150) as lease:
        assert ledger.named("renew") == [("r", clock.time + 300)]
        clock.time += 299
        lease.guard()


def test_it_is_not_entered_where_it_cannot_be_renewed():
    """Nothing is sent then, and no thread is left."""
    clock = ManualClock()
    with pytest.raises(LeaseLost), Lease(Renewed(LeaseLost("gone")), "r", clock.clock, 300, expires=clock.time + 1):
        raise AssertionError("entered")
    assert "lease" not in {thread.name for thread in threading.enumerate()}
