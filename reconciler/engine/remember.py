"""What the ledger is to know of a resource, once it is known to be as git wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.diff.document import MISSING, Json, Missing, is_object
from reconciler.diff.outcomes import Outcome, Verdict
from reconciler.diff.pointer import Path, covers, find, format_path, is_named_list, name_token, parse
from reconciler.engine import facts
from reconciler.engine.credentials import Vault, context, slots
from reconciler.engine.match import Match
from reconciler.model.ledger import Entry
from reconciler.model.live import Live
from reconciler.model.secrets import Fingerprint, SecretSlot


@dataclass(frozen=True, slots=True)
class Memory:
    """How entries are made on one target: bound to organisation and sandbox, secrets hashed by the vault."""

    organisation: str
    sandbox: str
    vault: Vault

    def entry(
        self,
        one: Match,
        live: Live,
        observed: Mapping[str, Json | Missing],
        added: Mapping[Path, Sequence[str]] | None = None,
        *,
        sent: bool = False,
    ) -> Entry:
        """Return the entry of a resource that is as git wants it.

        ``observed`` are the service's own forms; ``added`` the members of shared sets that our write brought; ``sent``
        iff the secrets were just sent (else a fingerprint that can be compared stays).
        """
        return Entry(
            resource=one.desired.name,
            id=live.id,
            organisation=self.organisation,
            sandbox=self.sandbox,
            applied=applied(one, live, added or {}),
            secrets=self._fingerprints(one, live.id, sent=sent),
            observed=dict(observed),
            protect=one.desired.protect,
            on_remove=one.desired.on_remove,
        )

    def _fingerprints(self, one: Match, id: str, *, sent: bool) -> dict[str, Fingerprint]:
        """Hash every declared secret, or keep the hash that is known.

        A secret that was not sent keeps its hash. One that has none, since there was no key at the time, gets that of
        the value at hand: from then on a rotation is seen.
        """
        found: dict[str, Fingerprint] = {}
        for path, slot in slots(dict(one.spec)):
            if any(covers(ignored, path) for ignored in one.desired.ignore):
                continue
            pointer = format_path(path)
            known = one.entry.secrets.get(pointer) if one.entry and one.entry.id == id else None
            ours = self.vault.fingerprint(context(self.organisation, self.sandbox, id, path), slot)
            found[pointer] = known if known and not sent and _stays(known, ours) else ours
        return found


def _stays(known: Fingerprint, ours: Fingerprint) -> bool:
    # One made with another key stays until the secret is sent: it may have been rotated together with the key.
    return ours.hmac is None or known.hmac is not None


def settled_forms(outcomes: Sequence[Outcome], entry: Entry | None) -> dict[str, Json | Missing]:
    """Return the service's own form of every settled path; of a snoozed one that which the ledger knows."""
    settled = {format_path(outcome.path): outcome.live for outcome in outcomes if outcome.verdict is Verdict.SETTLED}
    return settled | snoozed_forms(outcomes, entry)


def snoozed_forms(outcomes: Sequence[Outcome], entry: Entry | None) -> dict[str, Json | Missing]:
    """Return the service's own forms that the ledger knows of snoozed paths: they stay what a drift is measured by."""
    snoozed = [outcome.path for outcome in outcomes if outcome.verdict is Verdict.SNOOZED]
    known = entry.observed if entry else {}
    return {pointer: form for pointer, form in known.items() if any(covers(path, parse(pointer)) for path in snoozed)}


def applied(one: Match, live: Live, added: Mapping[Path, Sequence[str]]) -> dict[str, Json]:
    """Return the declared paths without secrets and without what is ignored; of shared sets what was ours to add."""
    kept = _without(dict(one.spec), (), one.desired.ignore)
    kept = kept if is_object(kept) else {}
    for path in facts.set_paths(one.desired.name.kind):
        owned = find(one.entry.applied, path) if one.entry else MISSING
        members = [*(owned if isinstance(owned, list) else []), *added.get(path, ())]
        there = find(live.document, path)
        snoozed = find(kept, path) if one.desired.snooze and one.desired.snooze.covers(path) else MISSING
        known = [ids for ids in (there, snoozed) if isinstance(ids, list)]
        members = [id for id in dict.fromkeys(members) if any(id in ids for ids in known)]
        if find(kept, path) is not MISSING or members:
            kept[path[0]] = members
    return kept


def _without(document: Json, path: Path, ignored: Sequence[Path]) -> Json | Missing:
    """Copy a desired document without its secrets and ignored paths; objects that this empties go too."""
    if isinstance(document, SecretSlot) or any(covers(one, path) for one in ignored):
        return MISSING
    if is_object(document) and document:
        kept = {key: _without(value, (*path, key), ignored) for key, value in document.items()}
        kept = {key: value for key, value in kept.items() if value is not MISSING}
        return kept or MISSING
    if isinstance(document, list) and document:
        named = is_named_list(document)
        tokens = [name_token(item["name"]) if named else str(at) for at, item in enumerate(document)]
        items = [_without(item, (*path, token), ignored) for token, item in zip(tokens, document, strict=True)]
        return [item for item in items if item is not MISSING]
    return document
