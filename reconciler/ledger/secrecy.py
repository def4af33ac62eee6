"""The last fence before the ledger: no secret's value gets into it by way of an answer."""

from __future__ import annotations

from dataclasses import replace

from reconciler.diff.document import Json, is_object
from reconciler.model.ledger import End, Entry
from reconciler.model.secrets import Redactor
from reconciler.model.veil import Veil


def without_secrets(entry: Entry, redactor: Redactor) -> Entry:
    """Return an entry without the observed values that hold a secret which the redactor knows.

    What is applied comes from git, where secrets are slots: a plain value that equals one is plain there, too. What is
    observed comes from the service, which may show anything. A form that is left out is compared again next time.
    """
    return replace(
        entry,
        observed={pointer: value for pointer, value in entry.observed.items() if not _holds_secret(value, redactor)},
    )


def told_safely(end: End, redactor: Redactor) -> End:
    """Return an end whose errors, in which others may be quoted, hold no secret."""
    return replace(
        end,
        outcomes=tuple(
            replace(outcome, error=outcome.error and Veil(redactor).sentence(outcome.error)) for outcome in end.outcomes
        ),
    )


def _holds_secret(value: Json, redactor: Redactor) -> bool:
    if isinstance(value, str):
        return redactor.redact_data(value) != value
    if is_object(value):
        return any(_holds_secret(inner, redactor) for inner in value.values())
    return isinstance(value, list) and any(_holds_secret(inner, redactor) for inner in value)
