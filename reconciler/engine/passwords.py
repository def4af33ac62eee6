"""Which parameters of a connection are passwords: its connection spec says so, live or in git (FACTS 14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.diff.document import Json, is_number, is_object
from reconciler.diff.merge import copy, put
from reconciler.diff.pointer import Path, find, format_path
from reconciler.engine.credentials import Vault
from reconciler.engine.facts import CREDENTIALS
from reconciler.engine.match import Match
from reconciler.engine.snapshot import Snapshot
from reconciler.model.kinds import Kind
from reconciler.model.resources import Desired, Reference, ResourceName
from reconciler.model.secrets import Secret, SecretOrigin, SecretSlot
from reconciler.model.sensitive import password_keys


def passwords_of(one: Match, snapshot: Snapshot, desired: Mapping[ResourceName, Desired]) -> frozenset[str]:
    """Return the names of a connection's parameters that are passwords; none for any other kind."""
    if one.desired.name.kind is not Kind.CONNECTION:
        return frozenset()
    auth = one.spec.get("auth")
    name = auth.get("specName") if is_object(auth) else None
    name = name if isinstance(name, str) else None
    return frozenset().union(*(password_keys(spec, name) for spec in _specs(one, snapshot, desired)))


def _specs(one: Match, snapshot: Snapshot, desired: Mapping[ResourceName, Desired]) -> list[Json]:
    """Return what is known of a connection's spec: as it is live, and as git wants it."""
    theirs = one.live.document.get("connectionSpec") if one.live else None
    ids = (_id(one.spec.get("connectionSpec")), _id(theirs))
    live = [snapshot.find(Kind.CONNECTION_SPEC, id) for id in ids if isinstance(id, str)]
    reference = _id(one.desired.spec.get("connectionSpec"))
    in_git = desired.get(reference.resource) if isinstance(reference, Reference) else None
    return [*(spec.document for spec in live if spec), *([dict(in_git.spec)] if in_git else [])]


def _id(reference: Json) -> Json:
    return reference.get("id") if is_object(reference) else None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A spec in which no password stands as text: ``literals`` are where one did, ``numbers`` where it is a number.

    A number cannot be sealed: what is sent for it would be text.
    """

    spec: Mapping[str, Json]
    literals: tuple[Path, ...] = ()
    numbers: tuple[Path, ...] = ()


def seal_literals(spec: Mapping[str, Json], passwords: frozenset[str]) -> Sealed:
    """Put a slot in the place of every password that stands in the spec as it is."""
    found = [
        (path, value)
        for root in CREDENTIALS
        for path, value in _plain_values(root, find(dict(spec), root))
        if not passwords.isdisjoint(path)
    ]
    sealed: dict[str, Json] = copy(dict(spec))
    for path, value in found:
        if isinstance(value, str):
            slot = SecretSlot(format_path(path), SecretOrigin.LITERAL, "literal", Secret(value))
            sealed = put(sealed, path, slot)
    literals = tuple(path for path, value in found if isinstance(value, str))
    return Sealed(sealed, literals, tuple(path for path, value in found if is_number(value)))


def _plain_values(path: Path, value: Json) -> Iterator[tuple[Path, Json]]:
    """Every text that is not empty and every number below a path."""
    if is_object(value):
        for key, inner in value.items():
            yield from _plain_values((*path, key), inner)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _plain_values((*path, str(at)), inner)
    elif is_number(value) or (isinstance(value, str) and value):
        yield path, value


def secrets_shown(snapshot: Snapshot) -> Iterator[str]:
    """Every string that the service shows where a secret stands: what must never be printed, whoever set it."""
    for live in snapshot.all(Kind.CONNECTION):
        reference = _id(live.document.get("connectionSpec"))
        spec = snapshot.find(Kind.CONNECTION_SPEC, reference) if isinstance(reference, str) else None
        vault = Vault(lambda _slot: None, None, password_keys(spec.document if spec else None, None))
        for root in CREDENTIALS:
            yield from _sensitive_strings(root, find(live.document, root), vault)


def _sensitive_strings(path: Path, value: Json, vault: Vault) -> Iterator[str]:
    if isinstance(value, str) and vault.is_sensitive(path):
        yield value
    elif is_object(value) or isinstance(value, list):
        items = value.items() if is_object(value) else ((str(at), item) for at, item in enumerate(value))
        for key, inner in items:
            yield from _sensitive_strings((*path, key), inner, vault)
