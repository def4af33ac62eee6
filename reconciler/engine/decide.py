"""What is to be done with one resource that is live: pure, from what git wants, what was applied and what is there.

Planning calls :func:`decide` with what the lists answered; applying calls it again with a fresh document whenever an
etag has moved. Both get the same answer from the same documents, which is what makes a plan a promise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.diff.document import MISSING, Json, is_object, same
from reconciler.diff.merge import copy, merge, put
from reconciler.diff.outcomes import Cause, Outcome, Verdict
from reconciler.diff.patch import NoPatch, Op, smallest
from reconciler.diff.pointer import Path, covers, find, format_path
from reconciler.diff.three_way import compare
from reconciler.engine import facts, immutable, verify
from reconciler.engine.credentials import SecretChanges, UndeclaredSecret, Vault, compare_secrets, slots, whole
from reconciler.engine.fields import fields_of
from reconciler.engine.snoozing import left_alone
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry
from reconciler.model.live import Live
from reconciler.model.plan import FieldChange, Request
from reconciler.model.resources import Desired


@dataclass(frozen=True, slots=True)
class Situation:
    """What a decision needs to know besides the three documents.

    ``now`` is epoch seconds. ``feeds_source_flow``: a live source flow uses this source or target connection.
    ``rotate``: send the secrets again. ``documented_only``: address only paths that a document shows. ``prune``:
    members of shared lists that were ours leave with their declaration.
    """

    vault: Vault
    now: float
    feeds_source_flow: bool = False
    rotate: bool = False
    documented_only: bool = False
    prune: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a resource needs.

    Exactly one of ``patch``, which makes ``wanted``, and ``put`` is used, by kind; ``act`` is ``enable`` or
    ``disable``. ``blocked`` says why nothing of it can be done, in place that is iff ``renewable``. ``outcomes`` are
    the verdicts on all declared paths that are not secrets, ``secrets`` those on the secrets. ``reviewed`` is the
    decision as it would be without rotations: what its digest is made of.
    """

    desired: Mapping[str, Json]
    outcomes: tuple[Outcome, ...]
    secrets: SecretChanges
    fields: tuple[FieldChange, ...] = ()
    patch: tuple[Op, ...] = ()
    wanted: Mapping[str, Json] = field(default_factory=dict)
    put: Json | None = None
    act: str | None = None
    blocked: str | None = None
    renewable: bool = False
    reviewed: Decision | None = None

    @property
    def causes(self) -> frozenset[Cause]:
        """Why anything changes at all."""
        ours = frozenset(cause for outcome in self.outcomes for cause in outcome.causes)
        return ours | {Cause.GIT} if self.secrets.added or self.secrets.removed or self.secrets.rotated else ours

    @property
    def snoozed(self) -> tuple[Outcome, ...]:
        """What has drifted and is left alone."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict is Verdict.SNOOZED)

    @property
    def writes(self) -> bool:
        """Iff something would be sent."""
        return bool(self.patch or self.put is not None or self.act)

    def requests(self, live: Live) -> tuple[Request, ...]:
        """Return what would be sent, in order: the write, then the action."""
        base = f"/{live.kind.collection}/{live.id}"
        found: list[Request] = []
        if self.patch:
            found.append(Request("PATCH", base, [op.wire() for op in self.patch], live.etag))
        if self.put is not None:
            found.append(Request("PUT", base, self.put, live.etag))
        if self.act:
            found.append(Request("POST", f"{base}/action?op={self.act}"))
        return tuple(found)


def decide(desired: Desired, spec: Mapping[str, Json], live: Live, entry: Entry | None, now: Situation) -> Decision:
    """Decide about one live resource.

    ``spec`` is the desired spec with the known references as ids. Never raises for what the documents hold: what
    cannot be done is blocked.
    """
    spec = facts.canonical_names(desired.name.kind, spec, live.document)
    secrets = compare_secrets(spec, entry, now.vault, desired.ignore, rotate=now.rotate)
    decision = _decide(desired, spec, live, entry, now, secrets)
    if not secrets.rotated:
        return decision
    unrotated = _decide(desired, spec, live, entry, now, replace(secrets, rotated=()))
    return replace(decision, reviewed=unrotated)


def comparable(live: Live) -> dict[str, Json]:
    """Return what of a live object is compared: what a client may write, and a flow's state."""
    document = facts.writable(live.kind, live.document)
    if live.kind is Kind.FLOW and "state" in live.document:
        document["state"] = live.document["state"]
    return document


def outcomes_of(
    desired: Desired, spec: Mapping[str, Json], live: Live, entry: Entry | None, *, prune: bool = False
) -> list[Outcome]:
    """Compare every declared path that is no secret; ``desired`` has a snooze iff it is in force."""
    kind = desired.name.kind
    released = (*desired.ignore, *sorted(path for path, _ in slots(spec)))
    declared = facts.canonical_names(kind, spec, live.document)  # a write may show under another name than it was sent
    applied = MISSING if entry is None else facts.canonical_names(kind, entry.applied, live.document)
    observed = entry.observed if entry else {}
    found = compare(declared, applied, comparable(live), observed, facts.rules(kind, released, prune=prune))
    judged = (_of_state(outcome) if outcome.path == ("state",) else outcome for outcome in found)
    return [left_alone(outcome, desired, live.document) for outcome in judged]


def _of_state(state: Outcome) -> Outcome:
    """Judge a flow's state, which is written by actions and is on its way for a while after each write.

    One that git no longer declares is forgotten: a flow always has a state. One on its way to nobody knows where is
    no drift; a change in git waits for it.
    """
    if state.desired is MISSING:
        return replace(state, verdict=Verdict.FORGET, causes=frozenset())
    if state.live in facts.TRANSIENT_STATES and Cause.GIT not in state.causes:
        return replace(state, verdict=Verdict.IN_SYNC, causes=frozenset())
    return state


def _decide(
    desired: Desired,
    spec: Mapping[str, Json],
    live: Live,
    entry: Entry | None,
    now: Situation,
    secrets: SecretChanges,
) -> Decision:
    outcomes = outcomes_of(desired, spec, live, entry, prune=now.prune)
    vault = replace(now.vault, were_secret=frozenset(secrets.removed))
    now = replace(now, vault=vault)
    base = Decision(spec, tuple(outcomes), secrets, fields_of(outcomes, secrets, vault))
    if not base.causes:
        return base
    if found := immutable.obstacle(live, outcomes, now.now, feeds_source_flow=now.feeds_source_flow):
        return replace(base, blocked=found.reason, renewable=found.renewable)
    base = replace(base, act=_action(outcomes))
    writes = [outcome for outcome in outcomes if outcome.path != ("state",)]
    try:
        kept = [*desired.ignore, *(outcome.path for outcome in base.snoozed)]
        return _refuse_released(_with_write(base, live, writes, now, kept), desired.ignore)
    except UndeclaredSecret as undeclared:
        return replace(base, act=None, blocked=str(undeclared))
    except NoPatch as none:
        return replace(
            base,
            act=None,
            blocked=f"Flow Service has no PATCH for {format_path(none.path) or 'this object'} that a document shows; "
            f"make the change by hand, create the object anew under another name, {immutable.ANEW}",
            renewable=True,
        )


def _refuse_released(decision: Decision, ignored: Sequence[Path]) -> Decision:
    """Refuse to send credentials that hold a secret which git released: they go whole, and would set it again."""
    sent = [op.path for op in decision.patch if op.path in facts.CREDENTIALS]
    released = [
        format_path(path)
        for path, _ in slots(dict(decision.desired))
        if any(covers(root, path) for root in sent) and any(covers(one, path) for one in ignored)
    ]
    if released:
        raise UndeclaredSecret(
            f"metadata.ignore releases {', '.join(released)}, and credentials are written whole, which would set it "
            "again: take it out of metadata.ignore, or make the change by hand"
        )
    return decision


def _with_write(base: Decision, live: Live, writes: list[Outcome], now: Situation, kept: Sequence[Path]) -> Decision:
    """Return a decision with the request that it takes; ``kept`` are declared paths that stay as they are live."""
    spec = base.desired
    before = facts.writable(live.kind, live.document)
    if live.kind.is_spec:
        changed = any(outcome.causes for outcome in writes)
        wanted = merge(before, writes, spec, carry_settled=True)
        verify.check_put(before, wanted, writes)
        return replace(base, put=wanted) if changed else base
    wanted = _wanted(base, spec, before, writes, now.vault)

    def addressable(path: Path) -> bool:
        return facts.addressable(path, before) and (not now.documented_only or facts.is_documented(live.kind, path))

    patch = smallest(before, wanted, addressable)
    patch += tuple(_unseen(base.secrets.removed, patch, before, wanted))
    verify.check_patch(before, wanted, patch, writes, without_paths(spec, kept))
    return replace(base, patch=patch, wanted=wanted)


def _wanted(base: Decision, spec: Mapping[str, Json], before: Json, writes: list[Outcome], vault: Vault) -> Json:
    """Return the document that the patch makes; below credentials all or nothing changes."""
    secrets = base.secrets
    cleaned = copy(before)
    for path in secrets.removed:
        if find(spec, path) is MISSING:  # one that git sets to null has an outcome of its own
            cleaned = _without(cleaned, path)
    wanted = merge(cleaned if secrets.removed else before, writes, spec)
    moved = [outcome.path for outcome in writes if outcome.causes]
    moved += [*secrets.added, *secrets.removed, *secrets.rotated]
    for root in facts.CREDENTIALS:
        touched = any(covers(root, path) or covers(path, root) for path in moved)
        if touched and (find(wanted, root) is not MISSING or is_object(find(spec, root))):
            wanted = put(wanted, root, whole(root, wanted, spec, before, vault))
    return wanted


def _unseen(removed: Sequence[Path], patch: Sequence[Op], before: Json, wanted: Json) -> Iterator[Op]:
    """Send credentials that a secret leaves also where live does not show it, and they look as they should (14)."""
    for root in facts.CREDENTIALS:
        hidden = any(covers(root, path) and find(before, path) is MISSING for path in removed)
        if hidden and find(before, root) is not MISSING and not any(covers(op.path, root) for op in patch):
            yield Op("replace", root, find(wanted, root))


def without_paths(document: Json, paths: Sequence[Path]) -> Json:
    """Return a copy of a document without these paths."""
    kept = copy(document)
    for path in paths:
        kept = _without(kept, path)
    return kept


def _without(document: Json, path: Path) -> Json:
    parent = find(document, path[:-1])
    if is_object(parent):
        parent.pop(path[-1], None)
    return document


def _action(outcomes: list[Outcome]) -> str | None:
    state = next((outcome for outcome in outcomes if outcome.path == ("state",) and outcome.causes), None)
    if state is None:
        return None
    return "enable" if state.desired == "enabled" else "disable"


def agrees(before: Live, after: Live, decision: Decision) -> bool:
    """Iff on every declared path that is no secret the two documents are the same: nobody moved what we planned on.

    Shared sets do not count: other people's members come and go, and ours are merged into whatever is there. Neither
    do snoozed paths, which are carried as they are.
    """
    left, right = comparable(before), comparable(after)
    paths = [outcome.path for outcome in counted(before.kind, decision)]
    return all(same(find(left, path), find(right, path)) for path in paths)


def counted(kind: Kind, decision: Decision) -> list[Outcome]:
    """Return the outcomes that a fresh document is compared by."""
    shared = facts.set_paths(kind)
    return [one for one in decision.outcomes if one.path not in shared and one.verdict is not Verdict.SNOOZED]
