"""Every error shape becomes one readable line."""

import pytest

from reconciler.model.errors import (
    BadAnswer,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unauthorised,
    Unreachable,
)
from reconciler.model.secrets import Redactor
from reconciler.service.foreign import LONGEST_TEXT, legible
from reconciler.service.refusals import find_code, refusal
from reconciler.service.transport import Answer, Request


def answer(status, body=b"", headers=None):
    content = body if isinstance(body, bytes) else body.encode()
    return Answer(Request("PATCH", "/flows/f-1"), status, headers or {}, content)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Unauthorised),
        (403, Unauthorised),
        (404, NotFound),
        (409, Rejected),
        (412, PreconditionFailed),
        (422, Rejected),
        (429, Unreachable),
        (500, Unreachable),
        (503, Unreachable),
        (302, BadAnswer),
        (199, BadAnswer),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message": "x"}'])
def test_the_status_decides(status, kind, body):
    """Whatever the body."""
    error = refusal(answer(status, body), Redactor())
    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize("code", ["2100-404", "2101-404", "2103-404"])
def test_a_sandbox_that_is_gone_is_not_an_object_that_is_gone(code):
    """Read as a missing object it would be created again."""
    error = refusal(answer(404, f'{{"errorMessage": "{code} sandbox not found"}}'), Redactor())
    assert type(error) is Rejected
    assert "sandbox" in str(error)


def test_a_flow_that_is_gone_may_be_a_400():
    """FACTS 6: 1439 comes with status 400."""
    assert type(refusal(answer(400, '{"errorMessage": "1439-400: flow not found"}'), Redactor())) is NotFound


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (403, '{"error_code": "403010", "message": "Oauth token is missing."}', "403 403010: Oauth token is missing."),
        (401, '{"error_code": 401013, "message": "Oauth token is not valid"}', "401 401013: Oauth token is not valid"),
        (400, '{"errorMessage": "Invalid request", "errorDetails": "1455-400: no field"}',
         "400 1455-400: Invalid request; 1455-400: no field"),
        (404, '{"errorMessage": "connections not found with id = [x]"}', "404: connections not found with id = [x]"),
        (400, '{"message": "Please provide a valid spec id"}', "400: Please provide a valid spec id"),
        (400, '{"type": "x", "status": 400, "title": "BadRequestError", "detail": "content type"}',
         "400: BadRequestError; content type"),
        (400, '{"errors": [{"message": "a"}, {"message": "b"}, {"message": "a"}]}', "400: a; b"),
        (400, '{"error": {"message": "nested"}}', "400: nested"),
        (400, '{"reason": "unknown shape"}', "400: a body of no known type, 27 bytes, which are not shown"),
        (400, '[{"message": "listed"}, "x"]', "400: listed"),
        (400, "plain text", "400: a body of no known type, 10 bytes, which are not shown"),
        (400, '"a string"', "400: a body of no known type, 10 bytes"),
        (400, "", "400: no details"),
        (400, " \n ", "400: no details"),
        (502, "<html><head><title> Bad\nGateway </title>", "502: an HTML page: Bad Gateway"),
        (502, "<p>oops", "502: an HTML page"),
        (400, b"\xff\xfe", "400: a body of no known type, 2 bytes"),
        (400, "[" * 100_000, "400: a body of no known type, 100000 bytes"),
    ],
)  # fmt: skip
def test_every_shape_is_read(status, body, text):
    """FACTS 6: gateway, service, message, problem, none, HTML, and what nobody has seen yet."""
    shown = str(refusal(answer(status, body), Redactor()))
    assert shown.startswith(f"Flow Service {'failed at' if status >= 500 else 'refused'} PATCH /flows/f-1: {text}")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, '{"errorMessage": "x", "code": "1455-400"}', "1455-400"),
        (400, "Error 1404-412 after 1455-400.", "1455-400"),
        (404, "only 1455-400 here", "1455-400"),
        (412, 'Supplied version=["1400dd53-0000-0412-0000-5f3f23450000"]', None),
        (400, "call 11455-4000 or 1455-200", None),
        (400, '{"error_code": {"x": 1}}', None),
        (400, '{"error_code": "two words"}', None),
        (400, '{"error_code": "403025"}', "403025"),
        (400, "", None),
    ],
)
def test_the_numbered_code_is_found_anywhere(status, body, code):
    """Its place is not documented; an etag's groups are no code, and the one that fits the status is preferred."""
    assert find_code(answer(status, body)) == code


def test_a_redirect_names_where_it_leads():
    """So that a wrong base URL explains itself."""
    assert "https://other.example/" in str(
        refusal(answer(301, headers={"Location": "https://other.example/"}), Redactor())
    )
    assert "to nowhere" in str(refusal(answer(301), Redactor()))


def test_a_foreign_text_is_short_and_in_one_line():
    """No line of its own in a workflow log, no control or bidi character, nothing endless."""
    shown = legible("a\n::error::b\x1b[2J\u202e\x00" + "x" * 1000, Redactor())
    assert shown.startswith("a\\n::error::b\\x1b[2J\\u202e\\x00xxx")
    assert len(shown) == LONGEST_TEXT
    assert shown.endswith("…")


def test_a_secret_is_masked_before_a_text_is_cut():
    """A secret that straddles the cut would not be recognised after it."""
    redactor = Redactor()
    redactor.learn("hunter-two-value")
    shown = legible("x" * (LONGEST_TEXT - 8) + "hunter-two-value", redactor)
    assert "hunter" not in shown


def test_hints_say_what_to_do():
    """401 and 403 are what people meet first."""
    assert "mint a new one" in str(refusal(answer(401), Redactor()))
    assert "AEP_API_KEY" in str(refusal(answer(403), Redactor()))
