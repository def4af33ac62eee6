"""What is repeated, how often and after what wait; and what never is."""

import json
import socket
import threading
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from reconciler.model.errors import (
    BadAnswer,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    Unauthorised,
    Unreachable,
)
from reconciler.model.kinds import Kind
from reconciler.model.resources import Target
from reconciler.model.secrets import Redactor
from reconciler.service.client import Client
from reconciler.service.environment import Settings
from reconciler.service.retry import Again, Budget, Repeater

FLOW = {"id": "f-1", "etag": '"e"'}
FOUND = (200, {"items": [FLOW]})
DONE = (200, FLOW)


def refused():
    return requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "Connection refused")))


def unresolved():
    reason = socket.gaierror(-2, "Name or service not known")
    return requests.ConnectionError(MaxRetryError(None, "/", NameResolutionError("localhost", None, reason)))


def reset():
    return requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset by peer")))


NOT_SENT = [
    refused,
    unresolved,
    lambda: requests.ConnectTimeout("timed out"),
    lambda: requests.exceptions.ProxyError("Unable to connect to proxy"),
]
LOST = [
    reset,
    lambda: requests.ReadTimeout("read timed out"),
    lambda: requests.exceptions.ChunkedEncodingError("broken"),
    lambda: requests.exceptions.ContentDecodingError("bad gzip"),
    lambda: requests.exceptions.SSLError("decryption failed"),
    lambda: OSError("disk"),
    lambda: ValueError("Invalid IPv6 URL"),
]
PASSING = [(408, None), (429, None), (500, None), (502, b"<html>"), (503, None), (504, None)]


def get(client):
    return client.get(Kind.FLOW, "f-1")


def create(client):
    return client.create(Kind.FLOW, {"name": "x"})


def patch(client):
    return client.patch(Kind.FLOW, "f-1", [], '"e"')


def put(client):
    return client.put(Kind.FLOW_SPEC, "f-1", {})


def act(client):
    return client.act(Kind.FLOW, "f-1", "enable")


WRITES = [patch, put, act]


@pytest.mark.parametrize("trouble", [*PASSING, (200, b"<html>"), (200, b'{"items": ['), (200, b'{"items": [NaN]}')])
def test_a_read_is_repeated_after_trouble(client, script, trouble):
    """429, 5xx, and a body that is no JSON pass."""
    script.play(trouble, FOUND)
    assert get(client).id == "f-1"


@pytest.mark.parametrize("failure", [*NOT_SENT, *LOST])
def test_a_read_is_repeated_after_a_loss(client, script, failure):
    """Whether or not anything was sent, a read may be sent again; given up, it is Unreachable, and said soon."""
    tries = 4 if failure in NOT_SENT else 5
    script.play(failure(), FOUND, *[failure() for _ in range(tries)])
    assert get(client).id == "f-1"
    with pytest.raises(Unreachable, match=f"tried {tries} times"):
        get(client)


@pytest.mark.parametrize("trouble", PASSING)
def test_a_read_is_given_up_after_five_tries(client, script, clock, trouble):
    """The waits grow, with full jitter: here always the half of 0.5, 1, 2, 4."""
    script.play(*[trouble] * 5)
    with pytest.raises(Unreachable, match="tried 5 times") as caught:
        get(client)
    assert caught.value.status == trouble[0]
    busy = trouble[0] == 429  # the way is held for a second after each: also from others
    assert clock.slept == ([0.25, 0.75, 0.5, 0.5, 1.0, 2.0] if busy else [0.25, 0.5, 1.0, 2.0])


def test_nonsense_is_read_three_times(client, script):
    """A body that is no JSON is tried twice more, then it is what the service sends."""
    script.play(*[(200, b"<html>")] * 3)
    with pytest.raises(BadAnswer, match=r"is not JSON \(.*\): an HTML page "):
        get(client)


@pytest.mark.parametrize(
    "value",
    [
        b"1" + b"0" * 400,
        b"1e999",
        b"-1e999",
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b"[" * 150 + b"]" * 150,
        b'{"a":' * 150 + b"1" + b"}" * 150,
    ],
)
def test_what_nobody_could_send_back_is_no_answer(client, script, value):
    """Numbers beyond 64 bits or finiteness, half a surrogate pair, endless nesting: named, instead of failing later."""
    body = b'{"items": [{"id": "f-1", "name": ' + value + b"}]}"
    script.play(*[(200, body)] * 3)
    with pytest.raises(BadAnswer, match="malformed"):
        get(client)


@pytest.mark.parametrize("value", [b"9223372036854775807", b"1.5e300", b'"\\ud83d\\ude00"', b"[" * 90 + b"]" * 90])
def test_what_can_be_sent_back_is_an_answer(client, script, value):
    """Up to the same limits."""
    script.play((200, b'{"items": [{"id": "f-1", "name": ' + value + b"}]}"))
    assert get(client).document["name"] == json.loads(value)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("failure", NOT_SENT)
def test_a_write_that_was_not_sent_is_repeated(client, script, write, failure):
    """Not one byte left, so nothing can have happened."""
    script.play(failure(), DONE, *[failure() for _ in range(5)])
    assert write(client).id == "f-1"
    with pytest.raises(Unreachable):
        write(client)


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_was_one_too_many_is_repeated(client, script, write):
    """429: refused before it was looked at."""
    script.play((429, None), DONE, *[(429, None)] * 5)
    assert write(client).id == "f-1"
    with pytest.raises(Unreachable) as caught:
        write(client)
    assert caught.value.status == 429


@pytest.mark.parametrize("write", [*WRITES, create])
@pytest.mark.parametrize("failure", LOST)
def test_a_write_whose_answer_was_lost_is_not_repeated(client, script, write, failure):
    """It may have happened: the engine reads before anybody writes again."""
    script.play(failure())
    with pytest.raises(OutcomeUnknown):
        write(client)
    assert len(script.requests) == 1


@pytest.mark.parametrize("write", [*WRITES, create])
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_write_after_a_5xx_is_not_repeated(client, script, write, status):
    """A service in trouble may have written all the same."""
    script.play((status, None))
    with pytest.raises(OutcomeUnknown) as caught:
        write(client)
    assert caught.value.status == status
    assert len(script.requests) == 1


@pytest.mark.parametrize("failure", NOT_SENT)
def test_a_create_is_never_repeated(client, script, failure):
    """Not even where nothing was sent, which is told; a 429 stands in no source and is not trusted."""
    script.play(failure(), (429, None, {"Retry-After": "1"}))
    with pytest.raises(Unreachable, match="nothing was sent"):
        create(client)
    with pytest.raises(OutcomeUnknown):
        create(client)
    assert len(script.requests) == 2


@pytest.mark.parametrize("call", [get, create, *WRITES])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (403, Unauthorised), (412, PreconditionFailed), (409, Rejected), (307, BadAnswer)],
)
def test_a_refusal_is_final(client, script, call, status, kind):
    """What was refused for good is not asked again, and no redirect is followed."""
    script.play((status, None, {"Location": "https://evil.example/"}))
    with pytest.raises(kind):
        call(client)
    assert len(script.requests) == 1


@pytest.mark.parametrize("call", [get, create, *WRITES])
def test_a_ready_token_that_is_refused_is_final(client, script, call):
    """Nobody here can mint another."""
    script.play((401, {"error_code": 401013, "message": "Oauth token is not valid"}))
    with pytest.raises(Unauthorised, match="mint a new one") as caught:
        call(client)
    assert (caught.value.status, caught.value.code) == (401, "401013")


@pytest.mark.parametrize(
    ("header", "waited"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("3600", 60.0),
        ("999999999", 60.0),
        (format_datetime(datetime.fromtimestamp(1_700_000_009, UTC), usegmt=True), 9.0),
        (format_datetime(datetime.fromtimestamp(1_600_000_000, UTC), usegmt=True), 0.0),
        ("Tue, 01 Jan 2999 00:00:00 GMT", 60.0),
        ("soon", 1.0),
        ("-5", 1.0),
        ("1.5", 1.5),
        ("9" * 5000, 60.0),
        ("Tue, 99 Jan 2999 00:00:00 GMT", 1.0),
    ],
)
def test_retry_after_says_how_long_to_wait(client, script, clock, header, waited):
    """Seconds or a date, at most a minute; what says neither is passed over, and a second is waited."""
    script.play((429, None, {"Retry-After": header}), FOUND)
    get(client)
    assert sum(clock.slept) == waited


def test_the_run_has_one_budget(connect, script):
    """Once it is spent, nothing is repeated any more, whatever the call."""
    client = connect(budget=Budget(retries=2))
    script.play((503, None), (503, None), FOUND, (503, None))
    assert get(client).id == "f-1"
    with pytest.raises(Unreachable):
        get(client)
    assert script.lines == []


def test_a_budget_is_spent_once_by_many_threads():
    """Every repetition is taken by exactly one thread."""
    budget, taken = Budget(retries=100), []
    threads = [threading.Thread(target=lambda: taken.extend(budget.take() for _ in range(50))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 100


def test_a_long_wait_is_twenty_seconds_at_most(clock):
    """The growth of waits has an end."""

    def attempt():
        raise Again(Unreachable("no"), attempts=10)

    with pytest.raises(Unreachable, match="tried 10 times"):
        Repeater(clock, Budget()).run(attempt)
    assert max(clock.slept) == 10.0


def test_an_error_that_is_no_signal_is_raised_as_it_is(clock):
    """Only what an attempt offers to repeat is repeated."""

    def attempt():
        raise KeyError("bug")

    with pytest.raises(KeyError):
        Repeater(clock, Budget()).run(attempt)


def real_client(port, clock):
    environ = {
        "AEP_ACCESS_TOKEN": "token-1234",
        "AEP_API_KEY": "key",
        "AEP_ORG_ID": "org",
        "AEP_BASE_URL": f"http://127.0.0.1:{port}",
    }
    return Client(Settings.read(Target("t", "s"), environ), clock, Redactor())


def test_a_port_that_nobody_listens_on_is_unreachable(clock):
    """With the real transport: a refused connection is nothing sent, and says so without the address of an object."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = real_client(taken.getsockname()[1], clock)
        with pytest.raises(Unreachable, match=r"nothing was sent: the connection was refused") as caught:
            create(client)
        client.close()
    assert "object at" not in str(caught.value)
    assert "Errno" not in str(caught.value)
    assert "is anything running there? check AEP_BASE_URL" in str(caught.value)


def test_an_answer_that_breaks_off_is_an_unknown_outcome(clock):
    """With the real transport: a body shorter than its length was an answer, and yet none."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(201)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b'{"id": ')

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        client = real_client(server.server_port, clock)
        with pytest.raises(OutcomeUnknown):
            create(client)
        client.close()
        thread.join()
