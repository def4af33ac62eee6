"""Which keys of a connection are secret, and how they are shown (FACTS 14)."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any, Final, Literal

from reconciler.emulator.resources import Document, child

Mode = Literal["masked", "emptied", "nulled", "hinted", "encrypted", "absent"]

MASK: Final = "****"
_DOCUMENTED: Final = {"password", "connectionString", "accessToken", "refreshToken", "clientSecret", "securityToken"}
_KEYS: Final = {"secretAccessKey", "s3SecretKey", "servicePrincipalKey", "sshKey", "secretKey", "privateKeyContent"}
_KNOWN: Final = frozenset(_DOCUMENTED | _KEYS)
"""Secret in every spec, whether or not it says so."""


def chosen_auth(spec: Document | None, name: Any) -> Document | None:
    """Return the entry of a connection spec's authSpec with that name."""
    entries = child(spec, "authSpec")
    return next((entry for entry in entries or () if child(entry, "name") == name), None)


def hide(connection: Document, spec: Document | None, mode: Mode) -> Document:
    """Return a connection with its secrets in another form, or without them."""
    keys = _KNOWN | _passwords(chosen_auth(spec, child(connection, "auth", "specName")))
    shown = dict(connection)
    for holder in ("auth", "encryption"):
        if isinstance(child(connection, holder, "params"), dict):
            shown[holder] = {**connection[holder], "params": _hidden(connection[holder]["params"], keys, mode)}
    return shown


def _passwords(auth: Document | None) -> set[str]:
    properties = child(auth, "spec", "properties")
    if not isinstance(properties, dict):
        return set()
    return {name for name, schema in properties.items() if child(schema, "format") == "password"}


def _hidden(params: Document, keys: frozenset[str], mode: Mode) -> Document:
    if mode == "absent":
        return {key: value for key, value in params.items() if key not in keys}
    return {key: _shown(value, mode) if key in keys else value for key, value in params.items()}


def _shown(value: Any, mode: Mode) -> Any:
    """Return what stands in the place of a secret; encrypted, it is another text with every reading."""
    if mode == "encrypted":
        return f"{{cipher}}{token_urlsafe(24)}"
    if mode == "hinted":
        return f"{MASK}{str(value)[-2:]}"
    return {"masked": MASK, "emptied": "", "nulled": None}[mode]
