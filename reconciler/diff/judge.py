"""The rows of the three-way table: the verdict on one path of desired, applied and live.

What is there at a path is held in a :class:`Spot`; what the whole comparison goes by, in a :class:`Judge`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.diff.document import MISSING, Json, Missing, Opaque, is_object, same
from reconciler.diff.outcomes import Cause, Outcome, Rules, Verdict, present
from reconciler.diff.pointer import Path, format_path, is_named_list, name_token


@dataclass(frozen=True, slots=True)
class Spot:
    """One path in three documents, each MISSING iff it has nothing there."""

    path: Path
    desired: Json | Missing
    applied: Json | Missing
    live: Json | Missing

    @property
    def declared(self) -> Json | Missing:
        """What makes this a declared path: what git wants, else what it wanted."""
        return self.applied if self.desired is MISSING else self.desired

    @property
    def is_composite(self) -> bool:
        """Iff it is compared part by part: an object, or a list of named objects where live has one, or none."""
        if is_object(self.declared):
            return bool(self.declared)
        return is_named_list(self.declared) and (self.live is MISSING or self.live == [] or is_named_list(self.live))

    def parts(self) -> Iterator[Spot]:
        """The declared paths right below, those of desired first."""
        kind = type(self.declared)
        desired, applied, live = (
            _by_token(document) if isinstance(document, kind) else {}
            for document in (self.desired, self.applied, self.live)
        )
        for token in [*desired, *(token for token in applied if token not in desired)]:
            values = (document.get(token, MISSING) for document in (desired, applied, live))
            yield Spot((*self.path, token), *values)


def _by_token(document: Json | Missing) -> Mapping[str, Json]:
    if is_object(document):
        return document
    if is_named_list(document):
        return {name_token(element["name"]): element for element in document}
    return {}


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges single spots; ``adopting`` iff there is no ledger entry."""

    rules: Rules
    observed: Mapping[str, Json | Missing]
    adopting: bool

    def verdict_on(self, spot: Spot) -> Outcome:
        """Return the outcome of one path as one value."""
        if spot.desired is MISSING:
            verdict = self._undeclared(spot)
        elif spot.desired is None:
            verdict = self._forbidden(spot)
        else:
            verdict = self._declared(spot)
        acts = verdict in (Verdict.CHANGE, Verdict.REMOVE)
        causes = self._causes(spot) if acts else frozenset[Cause]()
        left = self.observed.get(format_path(spot.path), spot.applied)
        return Outcome(spot.path, verdict, spot.desired, spot.live, left, causes)

    def is_explained(self, spot: Spot) -> bool:
        """Iff live is a known form of a whole object: then it is one value, and has no parts to compare."""
        return is_object(spot.declared) and any(
            ours is not MISSING and self.rules.explained(spot.path, ours, spot.live)
            for ours in (spot.desired, spot.applied)
        )

    def _declared(self, spot: Spot) -> Verdict:
        """The rows of the table in which git wants a value."""
        if self._means(spot.path, spot.desired, spot.live) or (spot.desired == {} and is_object(spot.live)):
            return Verdict.IN_SYNC
        if self.adopting and self.rules.explained(spot.path, spot.desired, spot.live):
            return Verdict.SETTLED
        return Verdict.CHANGE if self._causes(spot) else Verdict.SETTLED

    def _forbidden(self, spot: Spot) -> Verdict:
        """The rows in which git wants nothing to be there."""
        if spot.live is MISSING or spot.live is None:
            return Verdict.IN_SYNC
        return Verdict.REMOVE if self._causes(spot) else Verdict.SETTLED

    def _undeclared(self, spot: Spot) -> Verdict:
        """The rows in which only applied has the path: git has let it go."""
        gone = spot.live is MISSING or spot.live is None
        never_ours = spot.applied is None or (spot.applied == {} and is_object(spot.live) and spot.live != {})
        return Verdict.FORGET if gone or never_ours else Verdict.REMOVE

    def _causes(self, spot: Spot) -> frozenset[Cause]:
        """Return why desired and live differ; empty iff live is the service's own form of what git still says.

        What was not declared before cannot have drifted: we had left nothing there.
        """
        if self.adopting:
            return frozenset({Cause.ADOPT})
        git = {Cause.GIT} if not self._means(spot.path, spot.desired, spot.applied) else set()
        drift = {Cause.DRIFT} if spot.applied is not MISSING and not self._is_left(spot) else set()
        return frozenset(git | drift)

    def _is_left(self, spot: Spot) -> bool:
        """Iff live is what we left there: the observed form where one is known, else applied or a known form of it.

        Of what we left as an object only the declared parts count.
        """
        path, applied, live = spot.path, spot.applied, spot.live
        if format_path(path) in self.observed:
            return self._means(path, self.observed[format_path(path)], live)
        if present(applied) is MISSING and not (is_object(applied) and is_object(live)):  # null, or nothing but nulls
            return live is MISSING or live is None
        if self.rules.explained(path, applied, live):
            return True
        left = Spot(path, applied, MISSING, live)
        if isinstance(live, type(applied)) and (is_object(applied) or left.is_composite):
            return all(self._is_left(Spot(part.path, MISSING, part.desired, part.live)) for part in left.parts())
        return self._means(path, applied, live)

    def _means(self, path: Path, ours: Json | Missing, other: Json | Missing) -> bool:
        if ours is MISSING or other is MISSING:
            return ours is other
        if isinstance(ours, Opaque) or isinstance(other, Opaque):
            return same(ours, other)
        return self.rules.equal(path, ours, other)
