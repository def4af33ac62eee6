"""Credentials: compared by fingerprint, written whole or not at all.

The service may answer a secret in clear, masked or not at all (FACTS 14), so live secrets are never looked at: what git
wants is compared with what was last applied. A write of a part of ``/auth/params`` loses the rest (FACTS 9), so the
whole is sent: what git declares, and of the rest what is neither secret nor made by the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.diff.document import MISSING, Json, Missing, is_object
from reconciler.diff.merge import copy, put
from reconciler.diff.pointer import Path, covers, find, format_path, is_named_list, name_token, parse
from reconciler.engine.facts import CREDENTIALS, SERVER_MADE
from reconciler.model.ledger import Entry
from reconciler.model.secrets import Fingerprint, Keys, Secret, SecretSlot
from reconciler.model.sensitive import is_sensitive_key


@dataclass(frozen=True, slots=True)
class Vault:
    """What a decision may know of secrets: how to hash one, where to find one, and the names of those that are.

    ``value`` answers None for a secret that is not at hand. ``password_keys`` are the names that the connection's own
    spec marks as passwords; ``were_secret`` are paths that git no longer fills, and where live may show what it did.
    """

    value: Callable[[SecretSlot], Secret | None]
    keys: Keys | None = None
    password_keys: frozenset[str] = frozenset()
    were_secret: frozenset[Path] = frozenset()

    def is_sensitive(self, path: Path) -> bool:
        """Iff a spec path lies below credentials and is known or likely to be a secret."""
        return any(covers(root, path) for root in CREDENTIALS) and (
            path in self.were_secret or any(token in self.password_keys or is_sensitive_key(token) for token in path)
        )

    def fingerprint(self, context: str, slot: SecretSlot) -> Fingerprint:
        """Hash a secret for the ledger; an empty fingerprint where there is no key or no value."""
        value = self.value(slot)
        if self.keys is None or value is None:
            return Fingerprint(None, None)
        return self.keys.fingerprint(context, value)


@dataclass(frozen=True, slots=True)
class SecretChanges:
    """How the secrets that git declares differ from those that were applied, as spec paths.

    ``rotated`` are those whose value changed (or that somebody asked to send again); only they need no review.
    ``unknown`` are those whose value is not at hand.
    """

    added: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()
    rotated: tuple[Path, ...] = ()
    unknown: frozenset[Path] = field(default_factory=frozenset)


def slots(document: Json, path: Path = ()) -> Iterator[tuple[Path, SecretSlot]]:
    """Every secret of a desired document with its path, in which a list's objects stand by name like everywhere."""
    if isinstance(document, SecretSlot):
        yield path, document
    elif isinstance(document, Mapping):
        for key, value in document.items():
            yield from slots(value, (*path, key))
    elif isinstance(document, list):
        for token, value in items(document):
            yield from slots(value, (*path, token))


def context(organisation: str, sandbox: str, id: str, path: Path) -> str:
    """Return what a fingerprint is bound to besides the value: two equal secrets do not show as equal."""
    return "\n".join((organisation, sandbox, id, format_path(path)))


def compare_secrets(
    desired: Json, entry: Entry | None, vault: Vault, released: tuple[Path, ...], *, rotate: bool
) -> SecretChanges:
    """Compare the declared secrets with the applied ones by fingerprint; what cannot be compared is not changed."""
    declared = {path: slot for path, slot in slots(desired) if not _released(path, released)}
    unknown = frozenset(path for path, slot in declared.items() if vault.value(slot) is None)
    if entry is None:
        return SecretChanges(rotated=tuple(declared) if rotate else (), unknown=unknown)
    applied = {parse(pointer): mark for pointer, mark in entry.secrets.items()}
    added = tuple(path for path in declared if path not in applied)
    # One that git now has as a plain value did not leave: it is compared like every other path.
    left = [path for path in applied if find(desired, path) in (MISSING, None)]
    removed = tuple(path for path in left if not _released(path, released))
    rotated = tuple(
        path
        for path, slot in declared.items()
        if path in applied and (rotate or _differs(applied[path], slot, path, entry, vault))
    )
    return SecretChanges(added, removed, rotated, unknown)


def _released(path: Path, released: tuple[Path, ...]) -> bool:
    return any(covers(ignored, path) for ignored in released)


def _differs(applied: Fingerprint, slot: SecretSlot, path: Path, entry: Entry, vault: Vault) -> bool:
    """Iff both hashes can be made with one key, and differ: a changed key is no rotation."""
    ours = vault.fingerprint(context(entry.organisation, entry.sandbox, entry.id, path), slot)
    return None not in (applied.hmac, ours.hmac) and applied.key_id == ours.key_id and applied.hmac != ours.hmac


class UndeclaredSecret(Exception):
    """Credentials hold, or may hold, a secret that git does not declare and that a write would lose."""


def whole(root: Path, wanted: Json, desired: Json, live: Json, vault: Vault) -> Json:
    """Return the whole of the credentials below root as they are to be sent, secrets as their slots.

    ``wanted`` is the merged document. Raises UndeclaredSecret, whose text names the keys.
    """
    params, declared = find(wanted, root), find(desired, root)
    declared = declared if is_object(declared) else {}
    _refuse_hidden(root, declared, find(live, root), vault)
    kept = _keep(root, params if is_object(params) else {}, declared, vault)
    for path, value in _filled(declared):
        kept = put(kept, path, copy(value))
    return kept


def _filled(declared: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every secret that git declares with its path; of a list that is one value, the list."""
    if is_object(declared) or is_named_list(declared):
        for token, value in items(declared):
            yield from _filled(value, (*path, token))
    elif any(True for _ in slots(declared)):
        yield path, declared


def _keep(path: Path, value: Json, declared: Json | Missing, vault: Vault) -> Json:
    """Copy what is to be sent of a merged value; refuse what git does not know of.

    Without what the service made, and without what git wants absent: live may show a secret as null (FACTS 14).
    """
    if declared is MISSING and vault.is_sensitive(path) and not _is_container(value):
        raise UndeclaredSecret(
            f"live has the secret {format_path(path)}, which the manifest does not declare, and a write would lose it: "
            "declare it, or set it to null to have it removed"
        )
    if not _is_container(value):
        return value
    kept = {
        token: _keep((*path, token), inner, _declared(declared, token), vault)
        for token, inner in items(value)
        if not _is_left_out(token, _declared(declared, token))
    }
    return kept if is_object(value) else list(kept.values())


def _is_left_out(token: str, declared: Json | Missing) -> bool:
    return declared is None or (declared is MISSING and token in SERVER_MADE)


def _is_container(value: Json) -> bool:
    return is_object(value) or isinstance(value, list)


def items(value: Json) -> Iterator[tuple[str, Json]]:
    """Every part of an object or a list with its token, which is a name where the list is one of named objects."""
    if is_object(value):
        yield from value.items()
    else:
        named = is_named_list(value)
        yield from ((name_token(item["name"]) if named else str(at), item) for at, item in enumerate(value))


def _declared(declared: Json | Missing, token: str) -> Json | Missing:
    """Return what git declares at a token: of a list that is one value, everything."""
    if isinstance(declared, list) and not is_named_list(declared):
        return declared
    return MISSING if declared is MISSING else find(declared, (token,))


def _refuse_hidden(root: Path, declared: Json, live: Json, vault: Vault) -> None:
    """Refuse where the service may hide secrets and the spec knows one that git does not mention: it may be set.

    A service that shows one password shows them all; one that shows none hides them, or there are none.
    """
    shows = not vault.password_keys.isdisjoint(_keys(live))
    ours = {*_keys(declared), *(path[-1] for path in vault.were_secret)}
    silent = [] if shows or root != CREDENTIALS[0] else sorted(vault.password_keys - ours)
    if silent:
        raise UndeclaredSecret(
            f"the service does not show secrets, and {', '.join(format_path((*root, key)) for key in silent)} may be "
            "set: a write would lose it. Declare it, or set it to null to have it removed"
        )


def _keys(value: Json) -> Iterator[str]:
    """Every key of every object in a value."""
    if is_object(value):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)
