"""Signing in server to server (FACTS 3)."""

from __future__ import annotations

import pytest

URL = "http://emulator.test/ims/token/v3"
FORM = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "secret", "scope": "openid"}


def test_token(session, app):
    """The right client gets the token that the service accepts."""
    app.settings.client_id, app.settings.client_secret, app.settings.token = "me", "secret", "the-token"
    reply = session.post(URL, data=FORM, timeout=5)
    assert reply.json() == {"access_token": "the-token", "token_type": "bearer", "expires_in": 86399}


def test_any_client_when_none_is_configured(session):
    """Without configured credentials any client gets some token."""
    assert session.post(URL, data=FORM, timeout=5).json()["access_token"]


@pytest.mark.parametrize(
    ("field", "value", "status", "error"),
    [
        ("grant_type", "password", 400, "unsupported_grant_type"),
        ("client_id", "other", 400, "invalid_client"),
        ("client_id", "", 400, "invalid_client"),
        ("client_secret", "other", 401, "invalid_client"),
        ("client_secret", "", 401, "invalid_client"),
    ],
)
def test_wrong_credentials(session, app, field, value, status, error):
    """A wrong client is told so in IMS's words, not in the service's."""
    app.settings.client_id, app.settings.client_secret = "me", "secret"
    reply = session.post(URL, data={**FORM, field: value}, timeout=5)
    assert (reply.status_code, reply.json()["error"]) == (status, error)
