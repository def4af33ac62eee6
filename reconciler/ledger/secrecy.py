"""The last fence before the ledger: no secret's value is ever written into it."""

from __future__ import annotations

import json

from reconciler.diff.document import Missing
from reconciler.model.errors import LedgerError
from reconciler.model.ledger import Entry
from reconciler.model.secrets import Redactor


def refuse_secrets(entry: Entry, redactor: Redactor) -> None:
    """Raise LedgerError iff what an entry holds of a document holds a secret that the redactor knows.

    That one got so far is a bug, hence loud. Only applied and observed are looked at: in the random digits of hashes
    and digests a short secret is found by chance, and the entry of a write that was sent must not fail for that.
    """
    observed = [value for value in entry.observed.values() if not isinstance(value, Missing)]
    text = json.dumps([entry.applied, observed], ensure_ascii=False)
    if redactor.redact(text) != text:
        raise LedgerError(
            f"the entry of {entry.resource} would hold the value of a secret, so it was not written. If a value in the "
            "manifest is meant to be public, it must not equal a secret; otherwise please report this"
        )
