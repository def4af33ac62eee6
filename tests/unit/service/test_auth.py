"""The token: fetched once, renewed in time, and never shown."""

import logging
import threading
import time
from urllib.parse import parse_qs

import pytest
import requests

from reconciler.model.errors import BadAnswer, Unauthorised, Unreachable
from reconciler.model.kinds import Kind

FOUND = (200, {"items": [{"id": "f-1"}]})
SPEC = (201, {"id": "f-1"})


def token(value="first-token-value", expires_in=86399):
    return 200, {"access_token": value, "token_type": "bearer", "expires_in": expires_in}


def get(client):
    return client.get(Kind.FLOW, "f-1")


def bearers(script):
    return [r.headers.get("Authorization", "").removeprefix("Bearer ") for r in script.requests if "/ims/" not in r.url]


def fetches(script):
    return sum("/ims/" in request.url for request in script.requests)


def test_client_credentials_become_a_token(renewing, script):
    """FACTS 3: a form to /ims/token/v3 with the comma list of scopes; the secret goes nowhere else."""
    script.play(token(), FOUND, FOUND)
    get(renewing)
    get(renewing)
    ims = script.requests[0]
    assert ims.url == "http://localhost:8081/ims/token/v3"
    assert ims.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(ims.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client-id"],
        "client_secret": ["client-secret-value"],
        "scope": ["openid,AdobeID"],
    }
    assert bearers(script) == ["first-token-value"] * 2
    assert renewing.client == "client-id"


@pytest.mark.parametrize(
    ("expires_in", "lives", "dies"),
    [
        (86399, 86000, 86200),
        (86399992, 86000, 86200),
        ("86399", 86000, 86200),
        (100, 80, 95),
        (None, 3200, 3400),
        ("soon", 3200, 3400),
        (True, 3200, 3400),
        (-1, 3200, 3400),
        ("9" * 30, 3200, 3400),
    ],
)
def test_a_token_is_renewed_before_it_expires(renewing, script, clock, expires_in, lives, dies):
    """A number over a million is milliseconds; what says no lifetime is taken for an hour."""
    started = clock.time
    script.play(token(expires_in=expires_in), FOUND, FOUND, token("second-token-value"), FOUND)
    get(renewing)
    clock.time = started + lives
    get(renewing)
    clock.time = started + dies
    get(renewing)
    assert bearers(script) == ["first-token-value", "first-token-value", "second-token-value"]


def test_a_token_that_is_refused_is_renewed_once(renewing, script, clock):
    """One 401 is a token that died early, also for a create; two in a row are something else."""
    script.play(token(), (401, None), token("second-token-value"), SPEC)
    assert renewing.create(Kind.FLOW, {}).id == "f-1"
    clock.time += 301
    script.play((401, None), token("third-token-value"), (401, None))
    with pytest.raises(Unauthorised, match="a fresh token of IMS was refused as well"):
        get(renewing)
    assert bearers(script) == ["first-token-value"] + ["second-token-value"] * 2 + ["third-token-value"]


def test_a_401_that_a_fresh_token_does_not_mend_costs_no_more_tokens(renewing, script, clock):
    """FACTS 6: a missing permission may be a 401, too. Each such object would else ask IMS for one token more."""
    script.play(token(), (401, None), token("second-token-value"), (401, None), *[(401, None)] * 20)
    for _ in range(21):
        with pytest.raises(Unauthorised):
            get(renewing)
    assert fetches(script) == 2
    clock.time += 301
    script.play((401, None), token("third-token-value"), FOUND)
    get(renewing)
    assert fetches(script) == 3


def test_a_clock_that_was_set_back_does_not_forbid_a_renewal(renewing, script, clock):
    """The time since the last renewal is then unknown, and one token more is no harm."""
    script.play(token(), (401, None), token("second-token-value"), FOUND)
    get(renewing)
    clock.time -= 10_000
    script.play((401, None), token("third-token-value"), FOUND)
    get(renewing)
    assert fetches(script) == 3


def test_a_run_of_hours_outlives_its_tokens(renewing, script, clock):
    """A token is renewed whenever its time has come, and no call is refused meanwhile."""
    for hour in range(12):
        script.play(token(f"token-of-hour-{hour:02}", expires_in=3600), FOUND)
        get(renewing)
        clock.time += 3600
    assert bearers(script) == [f"token-of-hour-{hour:02}" for hour in range(12)]


def test_a_token_that_still_holds_is_used_while_ims_is_away(renewing, script, clock):
    """Renewing early is a precaution: an IMS in trouble ends no run as long as there are minutes left."""
    script.play(token(expires_in=3600), FOUND)
    get(renewing)
    clock.time += 3350
    script.play(*[(503, None)] * 5, FOUND, FOUND)
    get(renewing)
    get(renewing)  # IMS is not asked again at once
    clock.time += 40
    script.play(token("second-token-value"), FOUND)
    get(renewing)
    assert bearers(script) == ["first-token-value"] * 3 + ["second-token-value"]


def test_a_token_that_has_expired_is_not_used_while_ims_is_away(renewing, script, clock):
    """Then there is none, and the message is about IMS."""
    script.play(token(expires_in=3600), FOUND)
    get(renewing)
    clock.time += 3601
    script.play(*[(503, None)] * 5)
    with pytest.raises(Unreachable, match="IMS"):
        get(renewing)


def test_a_refused_renewal_is_final(renewing, script, clock):
    """Wrong credentials, tried again and again, lock a client out; all later calls hear the same."""
    script.play(token(expires_in=3600), FOUND)
    get(renewing)
    clock.time += 3601
    script.play((401, {"error": "invalid_client"}))
    for _ in range(3):
        with pytest.raises(Unauthorised, match="invalid_client"):
            get(renewing)
    assert fetches(script) == 2


def test_a_ready_token_that_expires_in_the_middle_says_so(client, script):
    """Whoever reads it learns what happened, that what is done is done, and what would renew tokens by itself."""
    script.play((401, None))
    with pytest.raises(Unauthorised, match="AEP_ACCESS_TOKEN is invalid or has expired: mint a new one"):
        get(client)
    script.play(FOUND, (401, None))
    get(client)
    with pytest.raises(Unauthorised, match=r"has expired: mint a new one.*not done twice.*AEP_CLIENT_ID"):
        get(client)


@pytest.mark.parametrize(
    "trouble",
    [(429, None, {"Retry-After": "3"}), (503, None), requests.ConnectionError("x"), requests.ReadTimeout("x")],
)
def test_asking_for_a_token_is_repeated(renewing, script, trouble):
    """A token asked for twice is no harm, even before a create; given up, nothing was sent to the service."""
    script.play(trouble, token(), SPEC)
    assert renewing.create(Kind.FLOW, {}).id == "f-1"


def test_an_ims_that_stays_away_is_unreachable(renewing, script):
    """The tries are those of one request, not those of a request within a request."""
    script.play(*[(503, None)] * 5)
    with pytest.raises(Unreachable, match="IMS failed at POST /ims/token/v3: 503"):
        get(renewing)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refused_credentials_say_what_to_check(renewing, script, status):
    """The reason of IMS, and the variables; not the secret, should IMS repeat it."""
    script.play((status, {"error": "invalid_client", "error_description": "no client-secret-value here"}))
    with pytest.raises(Unauthorised, match="AEP_CLIENT_SECRET") as caught:
        get(renewing)
    assert "invalid_client" in str(caught.value)
    assert "client-secret-value" not in str(caught.value)


@pytest.mark.parametrize("status", [302, 404])
def test_another_refusal_of_ims_is_shown(renewing, script, status):
    """A redirect is not followed with the secret."""
    script.play((status, None, {"Location": "https://evil.example"}))
    with pytest.raises(Exception, match=f"IMS refused POST /ims/token/v3: {status}"):
        get(renewing)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b'{"access_token": 7}', b'{"access_token": "a\\r\\nb"}', b'{"access_token": ""}']
)
def test_an_answer_without_a_token_is_bad(renewing, script, body):
    """Whatever it is, it is not shown: a token may be in it."""
    script.play((200, body))
    with pytest.raises(BadAnswer, match="no access_token") as caught:
        get(renewing)
    assert "html" not in str(caught.value)


def test_many_threads_fetch_one_token(renewing, script):
    """The first asks, the others wait; the same when a token is refused to all of them at once."""
    refusals = threading.Barrier(4)

    def ims(request):
        time.sleep(0.02)
        return token(f"token-number-{fetches(script)}")

    def flow(request):
        if request.headers["Authorization"].endswith("-1"):
            refusals.wait(timeout=5)
            return (401, None)
        return FOUND

    class Lines(list):
        def pop(self, at):
            return lambda request: ims(request) if "/ims/" in request.url else flow(request)

    script.lines = Lines([None])
    threads = [threading.Thread(target=get, args=(renewing,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetches(script) == 2
    assert bearers(script).count("token-number-2") == 4


def test_no_secret_reaches_a_log_or_a_message(renewing, script, redactor, caplog):
    """Token and client secret are redacted wherever the service repeats them."""
    caplog.set_level(logging.DEBUG)
    script.play(token(), (400, {"message": "first-token-value and client-secret-value\x1b[2J"}))
    with pytest.raises(Exception, match="400") as caught:
        get(renewing)
    for shown in (str(caught.value), repr(caught.value), caplog.text, repr(renewing._settings)):
        assert "token-value" not in shown
        assert "secret-value" not in shown
        assert "\x1b" not in shown
    assert "value" not in redactor.redact("first-token-value client-secret-value")
