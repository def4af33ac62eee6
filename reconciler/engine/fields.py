"""What changes as people see it: fields before and after, secrets never by their value."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.diff.document import MISSING, Json, Opaque, is_object
from reconciler.diff.outcomes import Outcome, Verdict, present
from reconciler.diff.pointer import Path, format_path
from reconciler.engine.credentials import SecretChanges, Vault, items
from reconciler.model.live import Live
from reconciler.model.plan import FieldChange


def fields_of(outcomes: Sequence[Outcome], secrets: SecretChanges, vault: Vault) -> tuple[FieldChange, ...]:
    """Return the fields that outcomes and changed secrets make, one a path, sorted by it."""
    plain = [_field(outcome, vault) for outcome in outcomes if outcome.causes]
    secret = [_secret_field(path, secrets) for path in (*secrets.added, *secrets.removed, *secrets.rotated)]
    found = {field.path: field for field in (*plain, *secret)}
    return tuple(found[path] for path in sorted(found))


def _field(outcome: Outcome, vault: Vault) -> FieldChange:
    after = MISSING if outcome.verdict is Verdict.REMOVE else present(outcome.desired)
    path = format_path(outcome.path)
    if vault.is_sensitive(outcome.path):
        stand_in = {"$secret": path}
        before = MISSING if outcome.live is MISSING else stand_in
        return FieldChange(path, before, MISSING if after is MISSING else stand_in, sensitive=True)
    return FieldChange(
        path,
        masked(outcome.live, outcome.path, vault),
        masked(after, outcome.path, vault),
        unknown=_holds_opaque(after),
    )


def _secret_field(path: Path, secrets: SecretChanges) -> FieldChange:
    pointer = format_path(path)
    stand_in = {"$secret": pointer}
    before = MISSING if path in secrets.added else stand_in
    after = MISSING if path in secrets.removed else stand_in
    return FieldChange(pointer, before, after, sensitive=True, unknown=path in secrets.unknown)


def masked(value: Json, path: Path, vault: Vault) -> Json:
    """Return a value with a stand-in for whatever below it is or may be a secret."""
    if vault.is_sensitive(path) and not isinstance(value, Opaque) and value is not MISSING and not is_object(value):
        return {"$secret": format_path(path)}
    if is_object(value):
        return {key: masked(inner, (*path, key), vault) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, (*path, token), vault) for token, inner in items(value)]
    return value


def _holds_opaque(value: Json) -> bool:
    if is_object(value):
        return any(map(_holds_opaque, value.values()))
    if isinstance(value, list):
        return any(map(_holds_opaque, value))
    return isinstance(value, Opaque)


def last_writer(live: Live) -> str:
    """Return who wrote an object last, as the service says: a user, and the client that was used."""
    by, client = live.document.get("updatedBy"), live.document.get("updatedClient")
    return f"{by} via {client}" if by and client else str(by or client or "somebody")
