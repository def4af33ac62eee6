"""Passwords written into a manifest: warned of loudly, and masked everywhere all the same."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from reconciler.diff.document import Json, is_number, is_object
from reconciler.diff.pointer import Path, format_path
from reconciler.manifest.fields import SECRET_PARENTS
from reconciler.manifest.hints import in_spec
from reconciler.manifest.resolve import Draft
from reconciler.model.resources import Notice
from reconciler.model.secrets import Secret, SecretOrigin, SecretSlot
from reconciler.model.sensitive import is_sensitive_key

_KEY: Final = "literal"


def mask_literals(draft: Draft, password_keys: AbstractSet[str]) -> list[Notice]:
    """Turn every literal under a secret's key into a slot, and return a notice for each."""
    notices: list[Notice] = []
    for section, member in SECRET_PARENTS:
        part = draft.spec.get(section)
        if is_object(part) and is_object(part.get(member)):
            part[member] = _masked(draft, (section, member), part[member], password_keys, notices)
    return notices


def _masked(draft: Draft, path: Path, value: Json, password_keys: AbstractSet[str], notices: list[Notice]) -> Json:
    """Go down to the secrets' keys; below one, every text is a secret."""
    if isinstance(value, list):
        return [_masked(draft, (*path, str(index)), item, password_keys, notices) for index, item in enumerate(value)]
    if not is_object(value):
        return value
    return {
        key: _slots(draft, (*path, key), item, notices)
        if key in password_keys or is_sensitive_key(key)
        else _masked(draft, (*path, key), item, password_keys, notices)
        for key, item in value.items()
    }


def _slots(draft: Draft, path: Path, value: Json, notices: list[Notice]) -> Json:
    if isinstance(value, list):
        return [_slots(draft, (*path, str(index)), item, notices) for index, item in enumerate(value)]
    if is_object(value):
        return {key: _slots(draft, (*path, key), item, notices) for key, item in value.items()}
    pointer, place = format_path(path), draft.location(path)
    if is_number(value):  # as a text the service might refuse it, and ``tokenLifetime: 3600`` is no secret
        notices.append(
            Notice(f"{in_spec(path)} is shown, being a number: if it is a secret, write it as one, or quote it", place)
        )
    if not isinstance(value, str) or value == "":  # nothing to hide, and masking "" would mask every text
        return value
    notices.append(Notice(_warning(in_spec(path)), place))
    return SecretSlot(pointer, SecretOrigin.LITERAL, _KEY, Secret(value))


def _warning(pointer: str) -> str:
    return (
        f"{pointer} is a secret written into git, where everyone who can read the repository has it: "
        "write {valueFrom: {env: FLOW_SECRET_…}} instead, and change the secret, since history keeps this one"
    )
