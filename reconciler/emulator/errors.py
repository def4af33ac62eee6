"""Refusals in the shapes that Flow Service and the gateway before it use (FACTS 6).

Where a numbered code sits in the body is not documented, and several bodies are. By default it opens ``errorDetails``:
a client has no business matching on it, and a test can.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from reconciler.emulator.settings import Settings


class Refusal(Exception):
    """A call that ends with an error status and a body."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body

    def shaped(self, _settings: Settings) -> dict[str, Any]:
        """Return the body as this service writes it."""
        return self.body


@dataclass(frozen=True, slots=True)
class _Told:
    """What a refusal by the service has to tell, in whatever shape."""

    message: str
    details: str
    code: str | None


class ServiceRefusal(Refusal):
    """One by the service itself, whose shape and code move with the settings."""

    def __init__(self, status: int, message: str, details: str | None = None, code: str | None = None) -> None:
        self._told = _Told(message, details or message, code)
        super().__init__(status, _body(status, self._told, "details", "details"))

    def shaped(self, settings: Settings) -> dict[str, Any]:
        """Return the body as this service writes it."""
        return _body(self.status, self._told, settings.error_shape, settings.error_code)


class _GatewayRefusal(Refusal):
    def shaped(self, settings: Settings) -> dict[str, Any]:
        code = self.body["error_code"]
        return self.body if settings.gateway_codes == "strings" else {**self.body, "error_code": int(code)}


def _body(status: int, told: _Told, shape: str, place: str) -> dict[str, Any]:
    message, details = told.message, told.details
    if told.code and place == "details":
        details = f"{told.code}: {details}"
    elif told.code and place == "message":
        message = f"{told.code}: {message}"
    bodies: dict[str, dict[str, Any]] = {
        "details": {"errorMessage": message, "errorDetails": details},
        "short": {"errorMessage": message},
        "message": {"message": message},
        "problem": {"type": "about:blank", "status": status, "title": message, "detail": details},
    }
    body = bodies[shape]
    return {**body, "errorCode": told.code} if told.code and place == "field" else body


def numbered(code: str, message: str) -> Refusal:
    """Return the refusal of a documented code such as ``1403-400``, whose second half is the status."""
    return ServiceRefusal(int(code.rpartition("-")[2]), f"Invalid request: {message}", message, code)


def invalid(message: str) -> Refusal:
    """Return a 400 for which no code is documented."""
    return ServiceRefusal(HTTPStatus.BAD_REQUEST, f"Invalid request: {message}", message)


def bad_spec_id() -> Refusal:
    """Return what POST /connections answers to a spec id it does not know: a shape of its own."""
    return Refusal(HTTPStatus.BAD_REQUEST, {"message": "Please provide a valid spec id"})


def no_spec_version() -> Refusal:
    """Return the 422 of a body whose spec has no version (FACTS 6, X)."""
    return ServiceRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, "The connectionSpec has no version.")


def not_found(collection: str, identifier: str) -> Refusal:
    """Return the 404 of an object."""
    return ServiceRefusal(HTTPStatus.NOT_FOUND, f"{collection} not found with id = [{identifier}]")


def stale(supplied: str, current: str) -> Refusal:
    """Return the 412 of an If-Match that is not the current etag."""
    message = f"Supplied version=[{supplied}] does not match the current version on entity=[{current}]"
    return ServiceRefusal(HTTPStatus.PRECONDITION_FAILED, message)


def gateway(status: int, code: str, message: str) -> Refusal:
    """Return a refusal by the gateway, before the service has seen the call."""
    return _GatewayRefusal(status, {"error_code": code, "message": message})


def problem(detail: str) -> Refusal:
    """Return the problem form, used for a body of another content type."""
    body = {"type": "about:blank", "status": 400, "title": "BadRequestError", "detail": detail}
    return Refusal(HTTPStatus.BAD_REQUEST, body)


def plain(status: int, message: str) -> Refusal:
    """Return a refusal in the service's shape for a status without a documented body."""
    return ServiceRefusal(status, message)
