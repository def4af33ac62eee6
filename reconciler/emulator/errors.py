"""Refusals in the shapes that Flow Service and the gateway before it use (FACTS 6).

Where a numbered code sits in the body is not documented. Here it opens ``errorDetails``: a client has no business
matching on it, and a test can.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


class Refusal(Exception):
    """A call that ends with an error status and a body."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def numbered(code: str, message: str) -> Refusal:
    """Return the refusal of a documented code such as ``1403-400``, whose second half is the status."""
    return Refusal(int(code.rpartition("-")[2]), _service(f"Invalid request: {message}", f"{code}: {message}"))


def invalid(message: str) -> Refusal:
    """Return a 400 for which no code is documented."""
    return Refusal(HTTPStatus.BAD_REQUEST, _service(f"Invalid request: {message}", message))


def bad_spec_id() -> Refusal:
    """Return what POST /connections answers to a spec id it does not know: a shape of its own."""
    return Refusal(HTTPStatus.BAD_REQUEST, {"message": "Please provide a valid spec id"})


def no_spec_version() -> Refusal:
    """Return the 422 of a body whose spec has no version (FACTS 6, X)."""
    message = "The connectionSpec has no version."
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, _service(message, message))


def not_found(collection: str, identifier: str) -> Refusal:
    """Return the 404 of an object."""
    message = f"{collection} not found with id = [{identifier}]"
    return Refusal(HTTPStatus.NOT_FOUND, _service(message, message))


def stale(supplied: str, current: str) -> Refusal:
    """Return the 412 of an If-Match that is not the current etag."""
    message = f"Supplied version=[{supplied}] does not match the current version on entity=[{current}]"
    return Refusal(HTTPStatus.PRECONDITION_FAILED, _service(message, message))


def gateway(status: int, code: str, message: str) -> Refusal:
    """Return a refusal by the gateway, before the service has seen the call."""
    return Refusal(status, {"error_code": code, "message": message})


def problem(detail: str) -> Refusal:
    """Return the problem form, used for a body of another content type."""
    body = {"type": "about:blank", "status": 400, "title": "BadRequestError", "detail": detail}
    return Refusal(HTTPStatus.BAD_REQUEST, body)


def plain(status: int, message: str) -> Refusal:
    """Return a refusal in the service's shape for a status without a documented body."""
    return Refusal(status, _service(message, message))


def _service(message: str, details: str) -> dict[str, Any]:
    return {"errorMessage": message, "errorDetails": details}
