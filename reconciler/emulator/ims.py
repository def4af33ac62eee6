"""The token endpoint of IMS, for clients that sign in server to server (FACTS 3)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from werkzeug.datastructures import MultiDict

from reconciler.emulator.errors import Refusal
from reconciler.emulator.resources import Document
from reconciler.emulator.settings import Settings

LIFETIME: Final = 86399


def token(form: MultiDict[str, str], settings: Settings) -> Document:
    """Answer a request for a token by client credentials."""
    if form.get("grant_type") != "client_credentials":
        raise _refused(HTTPStatus.BAD_REQUEST, "unsupported_grant_type", "only client_credentials is known")
    if not form.get("client_id") or settings.client_id not in (None, form["client_id"]):
        raise _refused(HTTPStatus.BAD_REQUEST, "invalid_client", "invalid client_id parameter")
    if not form.get("client_secret") or settings.client_secret not in (None, form["client_secret"]):
        raise _refused(HTTPStatus.UNAUTHORIZED, "invalid_client", "invalid client_secret parameter")
    return {
        "access_token": settings.token or "emulator-token",
        "token_type": "bearer",
        "expires_in": LIFETIME * (1000 if settings.expires_in == "milliseconds" else 1),
    }


def _refused(status: int, error: str, description: str) -> Refusal:
    return Refusal(status, {"error": error, "error_description": description})
