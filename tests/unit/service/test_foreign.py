"""What a proxy or a gateway answers is told by its kind: its text may be anything."""

import pytest

from reconciler.model.secrets import MASK, Redactor
from reconciler.service.foreign import foreign
from reconciler.service.transport import Answer, Request

KNOWN = "Zq\n  known-secret"


def told(body, content_type=None):
    redactor = Redactor()
    redactor.learn(KNOWN)
    headers = {} if content_type is None else {"Content-Type": content_type}
    return foreign(Answer(Request("GET", "/flows"), 200, headers, body.encode()), redactor)


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("", "text/html", "no details"),
        (" \n", None, "no details"),
        ("hunter2", "text/plain; charset=utf-8", "text/plain, 7 bytes, which are not shown"),
        ("hunter2", "hunter2", "a body of no known type, 7 bytes, which are not shown"),
        ("hunter2", "text/hunter2", "a body of no known type, 7 bytes, which are not shown"),
        ('{"password": "hunter2"}', "application/json", "application/json, 23 bytes, which are not shown"),
        ("<html><title>Sign\n in </title>hunter2", None, "an HTML page: Sign in"),
        ("\n<!doctype html>hunter2", None, "an HTML page"),
        ("<title>502 Bad Gateway</title>", None, "an HTML page: 502 Bad Gateway"),
        (f"<title>Hello {KNOWN}</title>", None, f"an HTML page: Hello {MASK}"),
        ("<title>Token eyJhbGciOiJIUzI1NiJ9.e30.x</title>", None, f"an HTML page: Token {MASK}"),
        ("<title>Session 8f14e45fc</title>", None, f"an HTML page: Session {MASK}"),
        ("<title>\x1b[31mred\u202e</title>", None, r"an HTML page: \x1b[31mred\u202e"),
        ("<" + "<title" * 100_000, None, "an HTML page"),
    ],
)  # fmt: skip
def test_a_foreign_answer(body, content_type, text):
    """Media type and size, or a page's title; never the text itself, and no header's that is no media type."""
    assert told(body, content_type) == text
