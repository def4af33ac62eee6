"""All threads of a run share one pace, and one knowledge of whether the host is up."""

import threading

import pytest
import requests

from reconciler.model.errors import OutcomeUnknown, Unreachable
from reconciler.model.kinds import Kind
from reconciler.service.breaker import Breaker
from reconciler.service.losses import Hopeless
from reconciler.service.pace import BURST, RATE, Pace

FOUND = (200, {"items": [{"id": "f-1", "etag": '"e"'}]})


def get(client):
    return client.get(Kind.FLOW, "f-1")


@pytest.fixture
def adobe(connect, environ):
    del environ["AEP_BASE_URL"]
    return connect(environ)


def lost():
    return requests.ReadTimeout("read timed out")


def test_a_burst_goes_at_once_and_then_the_rate_holds(clock):
    """The requests of any span are at most a burst and the rate times its seconds."""
    pace, started = Pace(clock, rate=10, burst=5), clock.time
    times = []
    for _ in range(45):
        pace.wait()
        times.append(clock.time - started)
    assert times[:5] == [0] * 5
    assert times[-1] == pytest.approx(4.0, abs=0.01)
    assert all(later - earlier >= 0.99 for earlier, later in zip(times[5:], times[15:], strict=False))


def test_a_silence_fills_the_bucket_and_no_more(clock):
    """An hour without requests is worth one burst."""
    pace = Pace(clock, rate=10, burst=5)
    for _ in range(20):
        pace.wait()
    clock.time += 3600
    clock.slept.clear()
    for _ in range(5):
        pace.wait()
    assert clock.slept == []
    assert pace.wait() > 0


@pytest.mark.parametrize("jump", [-10_000_000.0, 10_000_000.0])
def test_a_clock_that_jumps_stops_nobody(clock, jump):
    """Neither the bucket nor a hold outlasts it."""
    pace = Pace(clock, rate=10, burst=2)
    for _ in range(5):
        pace.wait()
    pace.hold(60)
    clock.time += jump
    clock.slept.clear()
    pace.wait()
    assert sum(clock.slept) < 1


def test_a_hold_is_for_everybody_and_the_longest_counts(clock):
    """A shorter one that comes later does not shorten it."""
    pace = Pace(clock, rate=None)
    pace.hold(5)
    pace.hold(2)
    assert pace.wait() == pytest.approx(5)
    assert pace.wait() == 0
    pace.hold(1)
    pace.hold(3)
    assert pace.wait() == pytest.approx(3)


def test_the_rate_holds_for_adobe_and_not_for_loopback(connect, adobe, script, clock):
    """The limit is nobody's on loopback, and a bench there stays fast."""
    script.play(*[FOUND] * (BURST + 41))
    for _ in range(BURST + 40):
        get(adobe)
    assert sum(clock.slept) == pytest.approx(40 / RATE, abs=0.01)
    clock.slept.clear()
    script.play(*[FOUND] * (BURST + 40))
    local = connect()
    for _ in range(BURST + 40):
        get(local)
    assert clock.slept == []


@pytest.mark.parametrize(("status", "header", "held"), [(429, "9", 9), (503, "9", 9), (429, None, 1), (503, None, 0)])
def test_after_a_429_everybody_waits(client, script, clock, status, header, held):
    """A create is told 429; the next call of anybody waits what it was told to wait."""
    script.play((status, None, {"Retry-After": header} if header else {}), FOUND)
    with pytest.raises(OutcomeUnknown):
        client.create(Kind.FLOW, {})
    get(client)
    assert sum(clock.slept) == held


def down(client, script, clock):
    """Let five creates fail, a second apart."""
    script.play(*[lost() for _ in range(5)])
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            client.create(Kind.FLOW, {})
        clock.time += 1


def test_a_host_that_is_down_is_asked_no_more(client, script, clock):
    """Each further call fails at once, in the same words; a write that is refused so was certainly not sent."""
    down(client, script, clock)
    asked = len(script.requests)
    calls = (
        lambda: get(client),
        lambda: client.create(Kind.FLOW, {}),
        lambda: client.patch(Kind.FLOW, "f-1", [], '"e"'),
        lambda: client.delete(Kind.FLOW, "f-1"),
    )
    for call in calls:
        with pytest.raises(Unreachable, match="localhost:8080 is down, so nothing was sent: 5 requests") as told:
            call()
        assert "tried" not in str(told.value)
        assert "no answer came in time" in str(told.value)
    assert len(script.requests) == asked
    assert clock.slept == []


def test_after_a_while_one_request_tries_again(client, script, clock):
    """Its success opens the way for all; its failure closes it for as long again."""
    down(client, script, clock)
    clock.time += 15
    script.play(lost())
    with pytest.raises(OutcomeUnknown):
        client.create(Kind.FLOW, {})
    with pytest.raises(Hopeless):
        get(client)
    clock.time += 15
    script.play(FOUND, (503, None), FOUND)
    get(client)
    get(client)


def test_any_answer_but_a_5xx_shows_that_the_host_is_up(client, script, clock):
    """A refusal between failures is a sign of life."""
    for _ in range(5):
        script.play((503, None), (503, None), (404, None))
        for _ in range(3):
            with pytest.raises(Exception, match=r"503|404"):
                client.delete(Kind.FLOW, "f-1")
            clock.time += 1


def test_a_hiccup_that_hits_all_threads_at_once_trips_nothing(clock):
    """Five failures within a moment are one event."""
    breaker = Breaker("host", "advice", clock)
    for _ in range(8):
        breaker.failed("reset")
    breaker.check()
    clock.time += 2
    breaker.failed("reset")
    with pytest.raises(Hopeless, match=r"9 requests in a row failed, the last one so: reset \(advice\)"):
        breaker.check()


def test_only_one_thread_tries_a_host_that_was_down(clock):
    """The others hear that it is down until that one knows more, or has given up."""
    breaker = Breaker("host", "advice", clock)
    for _ in range(5):
        breaker.failed("reset")
        clock.time += 1
    clock.time += 15
    barrier, entered = threading.Barrier(8), []

    def enter():
        barrier.wait(timeout=5)
        try:
            breaker.enter()
        except Hopeless:
            return
        entered.append(1)

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entered == [1]
    breaker.gave_up()
    breaker.enter()


def test_an_interrupted_try_leaves_the_way_free(client, script, clock):
    """Ctrl-C in the one request that tries must not close the way for good."""
    down(client, script, clock)
    clock.time += 15
    script.play(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        get(client)
    script.play(FOUND)
    get(client)


def test_a_dead_service_is_told_soon(connect, script, clock):
    """Whoever waits for a plan knows within a few seconds, not counting what the network takes."""
    refused = requests.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
    script.play(*[requests.exceptions.ConnectTimeout(refused) for _ in range(4)])
    with pytest.raises(Unreachable, match="the connection was refused"):
        get(connect())
    assert sum(clock.slept) < 3.5
