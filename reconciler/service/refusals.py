"""Every answer that is no success, as one readable error.

The status decides what it means; the body, of which FACTS 6 knows five shapes, only says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from reconciler.diff.document import Json, is_object
from reconciler.model.errors import (
    BadAnswer,
    NotFound,
    PreconditionFailed,
    Rejected,
    ServiceError,
    Unauthorised,
    Unreachable,
)
from reconciler.model.secrets import Redactor
from reconciler.service.foreign import foreign, legible
from reconciler.service.transport import Answer

TOO_MANY: Final = 429
UNAUTHENTICATED: Final = 401

_HINTS: Final = {
    401: "the access token is missing, invalid or has expired: mint a new one, "
    "and check that AEP_API_KEY and AEP_ORG_ID belong to it",
    403: "check AEP_API_KEY and AEP_ORG_ID, and that the technical account has the permission in this sandbox",
    404: "check the sandbox, and AEP_BASE_URL",
}

# Where the numbered code sits is not documented (FACTS 6), so it is looked for everywhere; its suffix is a status, and
# an etag's groups or a longer number must not pass for it.
_CODE: Final = re.compile(r"(?<![0-9A-Za-z-])[0-9]{4}-[45][0-9]{2}(?![0-9A-Za-z-])")

# A sandbox that is not there answers 404 as well (FACTS 6): read as "the object is gone" it would be created again.
_SANDBOX_GONE: Final = frozenset({"2100-404", "2101-404", "2103-404"})
_FLOW_GONE: Final = "1439-400"

_TEXT_KEYS: Final = (
    "errorMessage", "errorDetails", "message", "title", "detail", "error", "error_description", "report", "errors",
)  # fmt: skip


def is_success(answer: Answer) -> bool:
    """Iff the request was taken."""
    return 200 <= answer.status < 300  # noqa: PLR2004 - the 2xx of HTTP


def may_pass(answer: Answer) -> bool:
    """Iff the same request may be taken a little later: too many requests, a timeout, a service in trouble."""
    return answer.status in (408, TOO_MANY) or answer.status >= 500  # noqa: PLR2004 - the 5xx of HTTP


def refusal(answer: Answer, redactor: Redactor, service: str = "Flow Service", hint: str | None = None) -> ServiceError:
    """Return the error that says what was refused, by what code, and why; ``hint`` says what to do, if it is known."""
    code = find_code(answer)
    verb = "failed at" if may_pass(answer) else "refused"
    status = f"{answer.status} {code}" if code else str(answer.status)
    message = f"{service} {verb} {answer.request.method} {answer.request.path}: {status}: {describe(answer, redactor)}"
    kind = _kind(answer, code)
    hint = hint or (_HINTS.get(answer.status) if kind in (Unauthorised, Rejected) else None)
    return kind(f"{message} ({hint})" if hint else message, status=answer.status, code=code)


def find_code(answer: Answer) -> str | None:
    """Return the numbered code (``1455-400``) or the gateway's (``401013``: text or number) where there is one."""
    body = answer.content.decode("utf-8", "replace")
    codes: list[str] = _CODE.findall(body)
    if codes:
        return next((code for code in codes if code.endswith(f"-{answer.status}")), codes[0])
    document = _json(body)
    gateway = document.get("error_code") if is_object(document) else None
    if isinstance(gateway, int | str) and re.fullmatch(r"[0-9A-Za-z_.-]{1,40}", str(gateway)):
        return str(gateway)
    return None


def describe(answer: Answer, redactor: Redactor) -> str:
    """Return what an answer says of itself: redacted, in one line, and short. Only the service's shapes are quoted."""
    if 300 <= answer.status < 400:  # noqa: PLR2004 - the 3xx of HTTP
        return f"redirects are not followed: {legible(answer.headers.get('Location', 'to nowhere'), redactor)}"
    texts = list(dict.fromkeys(_texts(_json(answer.content.decode("utf-8", "replace")))))
    return legible("; ".join(texts), redactor) if texts else foreign(answer, redactor)


def _kind(answer: Answer, code: str | None) -> type[ServiceError]:
    if may_pass(answer):
        return Unreachable
    if answer.status in (UNAUTHENTICATED, 403):
        return Unauthorised
    if code in _SANDBOX_GONE:
        return Rejected
    if answer.status == 404 or code == _FLOW_GONE:  # noqa: PLR2004 - HTTP's own number
        return NotFound
    if answer.status == 412:  # noqa: PLR2004 - HTTP's own number
        return PreconditionFailed
    return Rejected if answer.status >= 400 else BadAnswer  # noqa: PLR2004 - the 4xx of HTTP


def _texts(document: Json, *, named: bool = False) -> Iterator[str]:
    """Every text under a key that names one; any other is not meant for people, and may be anything."""
    if isinstance(document, str) and named and document.strip():
        yield document.strip()
    elif isinstance(document, list):
        for element in document:
            yield from _texts(element, named=named)
    elif is_object(document):
        for key in _TEXT_KEYS:
            yield from _texts(document.get(key), named=True)


def _json(body: str) -> Json:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict | list) else None
