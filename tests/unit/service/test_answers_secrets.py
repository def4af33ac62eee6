"""What an answer shows of secrets: known from the moment it is read, and not quoted onwards."""

from __future__ import annotations

import json

import pytest

from reconciler.model.secrets import MASK, Redactor
from reconciler.service.foreign import legible
from reconciler.service.masking import shown_body, shown_text
from reconciler.service.transport import Answer, Request
from reconciler.service.wire import decode

URL, MASKED = "https://u:s3cret@h/", f"https://u:{MASK}@h/"


def answer(document):
    return Answer(Request("GET", "/connections"), 200, {}, json.dumps(document).encode())


def test_secrets_that_an_answer_shows_are_known_at_once():
    """By their names and where they stand: an error that quotes one may come before all is read."""
    redactor = Redactor()
    params = {"password": "sunshine", "username": "reader", "keys": [{"apiKey": "starlight"}], "token": ""}
    decode(
        answer({"items": [{"auth": {"params": params}, "name": "crm", "params": {"apiKey": "elsewhere"}}]}), redactor
    )
    assert redactor.redact("sunshine starlight reader crm elsewhere") == f"{MASK} {MASK} reader crm elsewhere"


@pytest.mark.parametrize("wrap", [lambda one: {"items": [one, "x"]}, lambda one: one])
def test_an_operation_that_failed_does_not_quote_secrets(wrap):
    """Nor anything with the form of one; what it says besides is kept, and every other field is as it came."""
    redactor = Redactor()
    redactor.learn("sunshine")
    errors = [{"message": f"no: sunshine at {URL}", "code": 7}]
    flow = {"description": "sunshine", "lastOperation": {"status": {"value": "failed", "errors": errors}}}
    read = decode(answer(wrap(flow)), redactor)
    found = read["items"][0] if "items" in read else read
    assert found["lastOperation"]["status"] == {
        "value": "failed",
        "errors": [{"message": f"no: {MASK} at {MASKED}", "code": 7}],
    }
    assert found["description"] == "sunshine"


@pytest.mark.parametrize("document", [[], "x", 1, None, {}, {"items": 1}, {"items": [1]}, {"lastOperation": "x"}])
def test_other_answers_are_as_they_came(document):
    """Of any shape."""
    assert decode(answer(document), Redactor()) == document


def test_a_body_of_the_log_hides_its_own_secrets_wherever_they_stand():
    """One that was pasted beside where it belongs, before anybody was told of it."""
    body = {"items": [{"description": "it is sunshine", "auth": {"params": {"password": "sunshine"}}}]}
    shown = shown_body(json.dumps(body).encode(), Redactor())
    assert json.loads(shown)["items"][0]["description"] == f"it is {MASK}"
    assert "sunshine" not in shown


def test_foreign_words_lose_credentials_by_their_form():
    """In messages and in the log."""
    assert legible(f"at {URL}", Redactor()) == shown_text(f"at {URL}", Redactor()) == f"at {MASKED}"
    assert shown_text('{"password": 1}', Redactor()) == MASK
