"""What goes over the wire, and what comes back from it."""

import json

import pytest

import reconciler
from reconciler.diff.document import wire_bytes
from reconciler.model.errors import BadAnswer, NotFound, OutcomeUnknown, Rejected, UsageError
from reconciler.model.kinds import Kind
from reconciler.model.live import Live, Written
from reconciler.model.resources import Reference, ResourceName
from reconciler.model.secrets import Secret

ETAG = '"1400dd53-0000-0200-0000-5f3f23450000"'
FLOW = {"id": "f-1", "name": "flow", "etag": ETAG}


def test_every_request_says_who_asks_and_where(client, script):
    """Token, key, organisation, sandbox and version are in every request; a content type where there is content."""
    script.play((200, {"items": [FLOW]}))
    client.get(Kind.FLOW, "f-1")
    headers = script.requests[0].headers
    assert headers["Authorization"] == "Bearer ready-token-value"
    assert headers["x-api-key"] == "key"
    assert headers["x-gw-ims-org-id"] == "1234@AdobeOrg"
    assert headers["x-sandbox-name"] == "prod"
    assert headers["User-Agent"] == f"flow-reconciler/{reconciler.__version__}"
    assert "Content-Type" not in headers
    assert "If-Match" not in headers
    assert script.requests[0].url == "http://localhost:8080/data/foundation/flowservice/flows/f-1"


def test_the_client_says_whose_it_is(client):
    """Organisation, sandbox and API key can be asked for."""
    assert (client.organisation, client.sandbox, client.client) == ("1234@AdobeOrg", "prod", "key")


def test_requests_follow_no_redirect_and_verify_tls(client, script):
    """No environment, no netrc, no cookies, TLS verified, and timeouts on every request."""
    script.play((200, {"items": [FLOW]}, {"Set-Cookie": "a=b"}), (200, {"items": [FLOW]}))
    client.get(Kind.FLOW, "f-1")
    client.get(Kind.FLOW, "f-1")
    assert script.options[0]["verify"] is True
    assert script.options[0]["timeout"] == (6, 60)
    assert not script.options[0]["proxies"]
    assert "Cookie" not in script.requests[1].headers
    assert client._transport._session.trust_env is False


def test_a_proxy_is_used_where_the_environment_names_one(connect, script, environ, redactor):
    """Https goes through the proxy, whose password is redacted from then on."""
    del environ["AEP_BASE_URL"]
    client = connect({**environ, "HTTPS_PROXY": "http://user:hunter2@proxy.example:3128"})
    script.play((200, {"items": [FLOW]}))
    client.get(Kind.FLOW, "f-1")
    assert script.options[0]["proxies"] == {"https": "http://user:hunter2@proxy.example:3128"}
    assert "hunter2" not in redactor.redact("hunter2")


def test_an_object_comes_in_an_envelope_or_bare(client, script):
    """FACTS 4: by id the object is the one item of a list; a bare one is taken too."""
    script.play((200, {"items": [FLOW]}), (200, FLOW))
    assert client.get(Kind.FLOW, "f-1") == Live(Kind.FLOW, "f-1", FLOW)
    assert client.get(Kind.FLOW, "f-1").etag == ETAG


def test_an_empty_envelope_is_not_found(client, script):
    """No item is no object."""
    script.play((200, {"items": []}))
    with pytest.raises(NotFound):
        client.get(Kind.FLOW, "f-1")


@pytest.mark.parametrize(
    "body",
    [[], "text", {"items": {}}, {"items": [FLOW, FLOW]}, {"items": [{"id": "f-2"}]}, {"name": "x"}, {"items": [None]}],
)
def test_another_object_than_the_one_asked_for_is_a_bad_answer(client, script, body):
    """Two objects, another id, or none are not an answer to a GET by id."""
    script.play(*[(200, body)] * 3)
    with pytest.raises(BadAnswer):
        client.get(Kind.FLOW, "f-1")


@pytest.mark.parametrize("id", ["", ".", "..", "../connections", "a/b", "a?b", "a,b", "a b", "ä", "a%2fb", "x" * 201])
def test_an_id_addresses_one_object_only(client, id):
    """What could mean another path or a wider filter is refused before anything is sent."""
    with pytest.raises(UsageError):
        client.get(Kind.FLOW, id)
    with pytest.raises(UsageError):
        client.list(Kind.FLOW, [id])


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    ("answer", "written"),
    [
        ({"id": "n-1", "etag": ETAG}, Written("n-1", ETAG)),
        ({"id": "n-1"}, Written("n-1", None)),
        ({"items": [{"id": "n-1", "etag": ETAG}]}, Written("n-1", ETAG)),
        ({"id": "n-1", "name": "x"}, Written("n-1", None, {"id": "n-1", "name": "x"})),
        ({"items": [{"id": "n-1", "name": "x"}]}, Written("n-1", None, {"id": "n-1", "name": "x"})),
    ],
)
def test_a_create_answers_shortly_or_with_the_whole_object(client, script, status, answer, written):
    """FACTS 4: id and etag, the etag may lack, or the full body, bare or in an envelope."""
    script.play((status, answer))
    body = {"name": "Größe", "n": 1.0, "none": None}
    assert client.create(Kind.CONNECTION_SPEC, body) == written
    request = script.requests[0]
    assert script.paths == ["POST /connectionSpecs"]
    assert request.headers["Content-Type"] == "application/json"
    assert request.body == wire_bytes(body)


@pytest.mark.parametrize("content", [b"", b"<html>", b"{", b"[]", b'{"items": []}', b'{"etag": "x"}', b'{"id": 7}'])
def test_a_create_whose_object_is_not_named_has_an_unknown_outcome(client, script, content):
    """Something was made; only a list can tell what."""
    script.play((201, content))
    with pytest.raises(OutcomeUnknown):
        client.create(Kind.FLOW, {"name": "x"})
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("etag", "header"),
    [(ETAG, ETAG), ("plain-uuid", '"plain-uuid"'), ('W/"weak"', 'W/"weak"'), ('"half', '""half"')],
)
def test_a_patch_carries_the_etag_in_quotes(client, script, etag, header):
    """FACTS 7: the etag is opaque and sent as it is; quotes are added only if absent."""
    script.play((200, {"id": "f-1", "etag": ETAG}))
    ops = [{"op": "replace", "path": "/name", "value": "x"}]
    assert client.patch(Kind.FLOW, "f-1", ops, etag) == Written("f-1", ETAG)
    request = script.requests[0]
    assert request.headers["If-Match"] == header
    assert json.loads(request.body) == ops
    assert script.paths == ["PATCH /flows/f-1"]


def test_a_put_sends_the_whole_spec(client, script):
    """PUT has no If-Match (FACTS 7) and answers with the full body."""
    script.play((200, {"id": "s-1", "name": "x", "version": "1.0"}))
    written = client.put(Kind.FLOW_SPEC, "s-1", {"name": "x"})
    assert written == Written("s-1", None, {"id": "s-1", "name": "x", "version": "1.0"})
    assert script.paths == ["PUT /flowSpecs/s-1"]
    assert "If-Match" not in script.requests[0].headers


def test_an_action_has_no_body(client, script):
    """FACTS 1: an action is a POST without a body, its name in the query."""
    script.play((200, {"id": "f-1", "etag": ETAG}))
    assert client.act(Kind.FLOW, "f-1", "enable") == Written("f-1", ETAG)
    assert script.paths == ["POST /flows/f-1/action?op=enable"]
    assert script.requests[0].body is None
    assert "Content-Type" not in script.requests[0].headers


@pytest.mark.parametrize("content", [b"", b"  ", b"{}"])
def test_a_write_to_a_known_object_may_answer_nothing(client, script, content):
    """The id is known; the etag is read afterwards."""
    script.play((200, content))
    assert client.act(Kind.FLOW, "f-1", "enable").id == "f-1"


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"id": "f-2"}'])
def test_a_write_that_answers_nonsense_has_an_unknown_outcome(client, script, content):
    """The service said yes to something; the engine reads what."""
    script.play((200, content))
    with pytest.raises(OutcomeUnknown):
        client.patch(Kind.FLOW, "f-1", [], ETAG)


def test_secrets_become_plain_only_in_the_body(client, script, redactor):
    """A secret is revealed in the request, and redacted from whatever is shown after."""
    script.play((400, {"message": "bad password hunter-two"}))
    body = {"auth": {"params": {"password": Secret("hunter-two"), "hosts": [Secret("other-secret")]}}}
    with pytest.raises(Rejected) as caught:
        client.create(Kind.CONNECTION, body)
    assert b'"password":"hunter-two","hosts":["other-secret"]' in script.requests[0].body
    assert "hunter-two" not in str(caught.value)
    assert "•••" in str(caught.value)


def test_an_unresolved_leaf_is_a_bug(client):
    """A reference is never sent as its stand-in."""
    with pytest.raises(TypeError):
        client.create(Kind.FLOW, {"x": Reference(ResourceName(Kind.FLOW, "x"))})


def test_half_a_surrogate_pair_is_refused(client):
    """What UTF-8 cannot say is an error for readers."""
    with pytest.raises(UsageError, match="surrogate"):
        client.create(Kind.FLOW, {"x": "\ud800"})


def test_the_observer_is_told_of_every_request(connect, script, clock):
    """Request, answer, duration; no answer where there was none, but why; and the waits between, with their reason."""
    told = []

    class Observer:
        def exchanged(self, one):
            told.append((one.request.path, one.answer and one.answer.status, one.seconds, one.host, one.error[:15]))

        def waits(self, seconds, attempt, error):
            told.append((seconds, attempt, error.partition(" at ")[0]))

    def slow(request):
        clock.time += 2
        return (503, None)

    script.play(slow, ConnectionError("gone"), (200, {"items": [FLOW]}))
    connect(on_request=Observer()).get(Kind.FLOW, "f-1")
    assert told == [
        ("/flows/f-1", 503, 2.0, "localhost:8080", ""),
        (0.25, 2, "Flow Service failed"),
        ("/flows/f-1", None, 0.0, "localhost:8080", "no whole answer"),
        (0.5, 3, "no whole answer from localhost:8080 to GET /flows/f-1: gone"),
        ("/flows/f-1", 200, 0.0, "localhost:8080", ""),
    ]


def test_a_closed_client_closes_its_connections(client):
    """Closing is passed on to the session."""
    client.close()
