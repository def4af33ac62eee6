"""What is checked before a call reaches a resource: token, keys, sandbox, content type (FACTS 2, 6)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, NoReturn

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from reconciler.emulator.errors import gateway, invalid, numbered, problem
from reconciler.emulator.settings import Settings
from reconciler.emulator.stamps import Actor, Call
from reconciler.emulator.store import Scope


def admit(headers: Headers, settings: Settings) -> Call:
    """Return who calls and where, or refuse in the order in which the gateway looks."""
    _check_token(headers.get("Authorization", ""), settings)
    api_key = headers.get("x-api-key", "")
    if not api_key:
        raise gateway(HTTPStatus.FORBIDDEN, "403000", "Api Key is required")
    organisation = headers.get("x-gw-ims-org-id", "")
    if not organisation:
        raise gateway(HTTPStatus.BAD_REQUEST, "400003", "Missing header: x-gw-ims-org-id")
    if settings.organisation not in (None, organisation):
        raise gateway(HTTPStatus.FORBIDDEN, "403025", "Profile is not valid")
    return Call(Actor(settings.user, api_key), Scope(organisation, _sandbox(headers, settings)))


def _check_token(authorization: str, settings: Settings) -> None:
    if not authorization:
        raise gateway(HTTPStatus.FORBIDDEN, "403010", "Oauth token is missing.")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token or settings.token not in (None, token):
        raise gateway(HTTPStatus.UNAUTHORIZED, "401013", "Oauth token is not valid")


def _sandbox(headers: Headers, settings: Settings) -> str:
    """A missing sandbox is an error by one source and prod by another (FACTS 2): here the one that harms nobody."""
    if "x-sandbox-id" in headers:
        raise numbered("2110-400", "The header x-sandbox-id is not allowed with the user token.")
    sandbox: str = headers.get("x-sandbox-name", "")
    if not sandbox and not settings.sandbox_header_required:
        sandbox = "prod"
    if not sandbox:
        raise numbered("2105-400", "The header x-sandbox-name is missing in the request.")
    if sandbox == "*":
        raise numbered("2111-403", "The header x-sandbox-name with value * is restricted with the user token.")
    if settings.sandboxes is not None and sandbox not in settings.sandboxes:
        raise numbered("2100-404", f"The sandbox with the name '{sandbox}' could not be found.")
    return sandbox


def json_body(request: Request) -> Any:
    """Return the JSON of a request; None when it has no body."""
    raw = request.get_data()
    if not raw:
        return None
    if request.mimetype != "application/json":
        raise problem(f"Content-Type header '{request.mimetype}' is not supported")
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except ValueError as error:
        raise invalid("The request body is not JSON.") from error


def _refuse_constant(name: str) -> NoReturn:
    """NaN and infinities are Python's, not JSON's."""
    raise ValueError(name)
