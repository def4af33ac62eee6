"""What holds secrets: keys by name, and by what a connection spec says of them (FACTS 14).

The service marks a secret parameter with ``format: password``, but not every one, so names are a second net. It is
cast wide: a harmless value that is masked costs a look into git, a password that is shown costs a rotation.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from reconciler.diff.document import MISSING, Json, is_object
from reconciler.diff.pointer import find, parse

_ANYWHERE: Final = (
    "password", "passwd", "passphrase", "secret", "token", "credential", "privatekey", "sshkey", "connectionstring",
    "serviceaccount", "serviceprincipalkey", "accountkey", "sharedaccesskey", "apikey", "masterkey", "encryptionkey",
    "signingkey", "subscriptionkey", "sasuri", "sasurl", "keyfilecontent", "pfx",
)  # fmt: skip
"""What makes a name a secret's, wherever it stands in it; lower case, letters and digits only."""

_ALONE: Final = frozenset({"pwd", "pin", "authorization", "cookie"})
"""Names that are a secret's only as a whole: "pin" stands in "mapping", too."""

_TELLS_OF: Final = (
    "accesstokenurl", "tokenurl", "tokenuri", "refreshurl", "testurl", "endpoint", "type", "expiry", "expiration",
    "expiresin", "expirydate", "expires", "authorizeddate", "name", "id", "email", "algorithm",
)  # fmt: skip
"""Endings of names that tell of a secret without holding it: ``tokenUrl``, ``secretName``, ``serviceAccountId``."""


_SAME_VALUE: Final = ("allOf", "anyOf", "oneOf", "if", "then", "else", "items", "additionalProperties")
"""Keywords of JSON Schema below which the same value is described, or each one of several like it."""


def is_sensitive_key(key: str) -> bool:
    """Iff a value under this key must be treated as a secret, going by the key's name alone."""
    name = re.sub(r"[^a-z0-9]", "", key.lower())
    if name in _ALONE:
        return True
    return not name.endswith(_TELLS_OF) and any(part in name for part in _ANYWHERE)


def password_keys(connection_spec_document: Json, auth_spec_name: str | None) -> frozenset[str]:
    """Return the keys that a connection spec marks ``format: password`` in the auth spec of that name.

    None asks for all of its auth specs. A document of another shape has none: it is the service's business to refuse
    it, not ours to fail over it.
    """
    specs = connection_spec_document.get("authSpec") if is_object(connection_spec_document) else None
    return frozenset(
        key
        for spec in (specs if isinstance(specs, list) else [])
        if is_object(spec) and (auth_spec_name is None or spec.get("name") == auth_spec_name)
        for key in _marked(spec.get("spec"))
    )


def _marked(schema: Json) -> set[str]:
    """Return the marked properties of a JSON Schema, nested ones and those of its alternatives included."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif is_object(part):
            waiting.extend(part.values())
            properties = part.get("properties")
            if is_object(properties):
                found.update(key for key, value in properties.items() if _is_password(value, schema))
    return found


def _is_password(schema: Json, root: Json) -> bool:
    """Iff a property's value is a password, in any of its alternatives, or a list or a map of some.

    A list of objects is none: their own properties are looked at. ``root`` is what a ``$ref`` points into.
    """
    waiting, seen = [schema], set[str]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif is_object(part):
            if str(part.get("format")).strip().lower() == "password":
                return True
            waiting.extend(part[key] for key in _SAME_VALUE if key in part)
            patterns, target = part.get("patternProperties"), part.get("$ref")
            waiting.extend(patterns.values() if is_object(patterns) else [])
            if isinstance(target, str) and target.startswith("#/") and target not in seen:
                seen.add(target)
                waiting.append(_found(root, target))
    return False


def _found(root: Json, reference: str) -> Json:
    """Return what a reference within a schema leads to, None where it leads nowhere."""
    try:
        found = find(root, parse(unquote(reference[1:])))
    except ValueError:
        return None
    return None if found is MISSING else found
