"""The secrets of a connection: where they stand, which ones the service may be hiding, and what git calls them.

The service may answer a secret in clear, masked or not at all (FACTS 14). What is written is the same in all three: the
name of a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.diff.document import Json, is_number, is_object
from reconciler.diff.pointer import Path, covers, find, format_path
from reconciler.engine.credentials import Vault
from reconciler.engine.facts import CREDENTIALS
from reconciler.engine.importing.naming import unused
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.resources import ResourceName
from reconciler.model.secrets import SecretOrigin, SecretSlot
from reconciler.model.sensitive import is_sensitive_key, password_keys

_MASKED: Final = re.compile(r"[*•●]{3,}")
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def below_credentials(path: Path) -> bool:
    """Iff a path lies inside credentials: only there may a secret stand in a manifest."""
    return any(covers(root, path) and path != root for root in CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is known of the secrets of one connection.

    ``known`` are those that git has a source for already; ``were`` are paths that were secret when we last wrote them,
    ``ours`` is all that we wrote then.
    """

    vault: Vault
    known: Mapping[Path, SecretSlot] = field(default_factory=dict)
    were: frozenset[Path] = frozenset()
    ours: Mapping[str, Json] = field(default_factory=dict)

    def is_secret(self, path: Path, value: Json) -> bool:
        """Iff a live value must not be seen: by what its spec says, by its name, or since it is masked.

        An empty text hides nothing, and true and false are no secrets.
        """
        if not below_credentials(path) or value == "" or not (isinstance(value, str) or is_number(value)):
            return False
        masked = isinstance(value, str) and _MASKED.fullmatch(value)
        return bool(masked) or path in self.were or path in self.known or self.vault.is_sensitive(path)


def vault_of(live: Live, snapshot: Snapshot) -> Vault:
    """Return what the connection's spec says of passwords: of all its auth specs, as the redactor has it."""
    spec = connection_spec(live, snapshot)
    return Vault(lambda _slot: None, None, password_keys(spec.document if spec else None, None))


def connection_spec(live: Live, snapshot: Snapshot) -> Live | None:
    """Return the spec that a connection is made from, None where it is not there."""
    id = find(dict(live.document), ("connectionSpec", "id"))
    return snapshot.find(Kind.CONNECTION_SPEC, id) if isinstance(id, str) else None


def shows_secrets(snapshot: Snapshot) -> bool:
    """Iff the service shows some password of some connection, clear or masked: then it hides none of the others.

    An empty text or null in its place may be the service's way of hiding it (FACTS 14: how is unknown).
    """
    return any(
        params.get(key) not in _NOTHING
        for live in snapshot.all(Kind.CONNECTION)
        if is_object(params := find(dict(live.document), CREDENTIALS[0]))
        for key in _passwords(live, snapshot)
    )


def _passwords(live: Live, snapshot: Snapshot) -> frozenset[str]:
    spec, auth = connection_spec(live, snapshot), find(dict(live.document), ("auth", "specName"))
    return password_keys(spec.document, auth) if spec and isinstance(auth, str) else frozenset()


_NOTHING: Final = (None, "")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Secrets that an object may have and the service does not show, by what its auth spec requires and knows."""

    required: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()

    def __contains__(self, path: Path) -> bool:
        return path[:-1] == CREDENTIALS[0] and path[-1] in (*self.required, *self.possible)


def hidden_of(live: Live, snapshot: Snapshot) -> Hidden:
    """Return the secrets that may be set without being shown."""
    schema = _auth_schema(live, snapshot)
    params = find(dict(live.document), CREDENTIALS[0])
    shown = {key for key, value in params.items() if value not in _NOTHING} if is_object(params) else set[str]()
    properties, required = schema.get("properties"), schema.get("required")
    listed = [key for key in required if isinstance(key, str)] if isinstance(required, list) else []
    known = [*properties] if is_object(properties) else []
    marked = _passwords(live, snapshot)
    secret = [key for key in dict.fromkeys([*known, *listed]) if key in marked or is_sensitive_key(key)]
    secret = [key for key in secret if key not in shown]
    return Hidden(tuple(key for key in secret if key in listed), tuple(key for key in secret if key not in listed))


def _auth_schema(live: Live, snapshot: Snapshot) -> Mapping[str, Json]:
    spec, name = connection_spec(live, snapshot), find(dict(live.document), ("auth", "specName"))
    entries = spec.document.get("authSpec") if spec else None
    for entry in entries if isinstance(entries, list) else []:
        if is_object(entry) and entry.get("name") == name and is_object(entry.get("spec")):
            return dict(entry["spec"])
    return {}


@dataclass(slots=True)
class Variables:
    """The environment variables of the secrets: one a secret, none used twice.

    ``used`` are the names that git has already.
    """

    used: set[str]

    def slot(self, name: ResourceName, path: Path, known: Mapping[Path, SecretSlot]) -> SecretSlot:
        """Return where a secret comes from: as git has it, else a variable of its own."""
        if path in known:
            return known[path]
        words = (name.name, *path[2:])  # behind auth/params
        variable = unused("_".join(["FLOW_SECRET", *filter(None, map(_upper, words))]), self.used, separator="_")
        self.used.add(variable)
        return SecretSlot(format_path(path), SecretOrigin.ENV, variable)


def _upper(word: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", _WORDS.sub("_", word).upper()).strip("_")


def secrets_in(value: Json) -> Iterator[SecretSlot]:
    """Every secret of a spec."""
    if isinstance(value, SecretSlot):
        yield value
    elif is_object(value) or isinstance(value, list):
        for inner in value.values() if is_object(value) else value:
            yield from secrets_in(inner)
