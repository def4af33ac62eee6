"""Which keys of a connection are secret, and how they are shown (FACTS 14)."""

from __future__ import annotations

from typing import Any, Final, Literal

from reconciler.emulator.resources import Document, child

Mode = Literal["masked", "absent"]

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
    """Return a connection with its secrets masked or absent."""
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
    return {key: MASK if key in keys else value for key, value in params.items()}
