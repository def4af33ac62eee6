"""Digests: what a person has reviewed, in 64 hexadecimal digits.

A digest covers what would be sent and where, and nothing that depends on when the plan was made (commit, etag) or on
whether secrets were at hand. So a plan from a pull request, made without secrets, fits the apply that has them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from reconciler.diff.document import MISSING, Json, shown
from reconciler.model.plan import Action, Change, FieldChange, Request
from reconciler.model.resources import ResourceName


def of_change(
    where: tuple[str, str],
    resource: ResourceName,
    id: str | None,
    action: Action,
    fields: Iterable[FieldChange],
    requests: Iterable[Request],
) -> str:
    """Return the digest of one change; ``where`` is organisation and sandbox."""
    return _sha256(
        {
            "where": list(where),
            "resource": str(resource),
            "id": id,
            "action": action.value,
            "fields": [_field(field) for field in fields],
            "requests": [[request.method, request.path, shown(request.body)] for request in requests],
        }
    )


def of_plan(target: str, changes: Iterable[Change]) -> str:
    """Return the digest of all changes that somebody can review."""
    return _sha256({"target": target, "changes": sorted(change.digest for change in changes if change.digest)})


def _field(field: FieldChange) -> Mapping[str, Json]:
    # Whether a secret is at hand is left out: it differs between a pull request and a merge.
    values = {"before": field.before, "after": field.after}
    return {"path": field.path, **{key: shown(value) for key, value in values.items() if value is not MISSING}}


def _sha256(value: Json) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
