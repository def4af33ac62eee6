"""The three-way comparison: what git wants, what was last applied, what the service answers now.

:func:`compare` walks the declared paths (those in desired or in applied) and says of each what is to be done, and why.
Every other path belongs to somebody else and is not even looked at. The rules of one kind of document (which values
mean the same, which lists are sets) come in as :class:`~reconciler.diff.outcomes.Rules`; nothing here knows the
service. The table's rows are in :mod:`reconciler.diff.judge`; here is the way through the documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.diff.document import MISSING, Json, Missing, is_object
from reconciler.diff.judge import Judge, Spot
from reconciler.diff.outcomes import Cause, Outcome, Rules, Verdict, present
from reconciler.diff.pointer import ROOT, Path, covers, find, format_path, is_named_list


def compare(
    desired: Json,
    applied: Json | Missing,
    live: Json,
    observed: Mapping[str, Json | Missing] | None = None,
    rules: Rules | None = None,
) -> list[Outcome]:
    """Compare the declared paths of three documents; the outcomes come in the order of desired, then of applied.

    ``applied`` is MISSING iff there is no ledger entry: then whatever differs is an adoption. ``observed`` holds the
    service's own form, by JSON Pointer, where it was seen to differ from applied (MISSING: it leaves the path out).
    """
    walk = _Walk(Judge(rules or Rules(), observed or {}, applied is MISSING))
    walk.visit(Spot(ROOT, desired, applied, live))
    return walk.found


@dataclass(frozen=True, slots=True)
class _Walk:
    judge: Judge
    found: list[Outcome] = field(default_factory=list)

    def visit(self, spot: Spot) -> None:
        path, rules = spot.path, self.judge.rules
        if self._is_released(path):
            return
        if rules.is_set(path) and isinstance(spot.declared, list):
            self._visit_set(spot)
        elif not spot.is_composite or self.judge.is_explained(spot):
            self._visit_value(spot)
        elif path and not isinstance(spot.live, type(spot.declared)) and present(spot.desired) is not MISSING:
            self._visit_absent(spot)
        else:
            self._visit_parts(spot)
            ours_was_a_value = spot.applied is not MISSING and not is_object(spot.applied)
            if is_object(spot.desired) and not is_object(spot.live) and ours_was_a_value:
                self.visit(replace(spot, desired=MISSING))  # nulls alone do not replace what we had there

    def _visit_parts(self, spot: Spot) -> None:
        # An element of a named list came with its declaration and leaves with it, whole: without its name the rest of
        # it would be no element of such a list any more.
        elements = is_named_list(spot.declared)
        for part in spot.parts():
            if elements and part.desired is MISSING:
                self._leaf(part)
            else:
                self.visit(part)

    def _visit_absent(self, spot: Spot) -> None:
        """Make one change of all that is not there, instead of one a leaf, unless a part is settled or released."""
        whole, parts = self.judge.verdict_on(spot), replace(self, found=[])
        parts._visit_parts(spot)  # noqa: SLF001 - the same walk, with a list of its own
        changes = [part for part in parts.found if part.verdict is Verdict.CHANGE]
        if self._holds_released_path(spot.path):
            self.found.extend([] if self._has_released(spot) else parts.found)
        elif whole.verdict is not Verdict.CHANGE or format_path(spot.path) in self.judge.observed:
            self.found.append(whole)
        elif not changes or any(part.verdict is Verdict.SETTLED for part in parts.found):
            self.found.extend(parts.found)
        else:
            causes = frozenset[Cause]().union(*(part.causes for part in changes))
            self.found.append(replace(whole, causes=causes))

    def _visit_value(self, spot: Spot) -> None:
        # {} says that an object is there and nothing of what is in it: what we had in it leaves, the rest stays.
        if is_object(spot.desired) and is_object(spot.applied) and is_object(spot.live):
            self._visit_parts(spot)
        if spot.path:  # of the whole document there is nothing to say
            self._leaf(spot)

    def _leaf(self, spot: Spot) -> None:
        if not self._is_released(spot.path) and not self._holds_released_path(spot.path):
            self.found.append(self.judge.verdict_on(spot))

    def _is_released(self, path: Path) -> bool:
        return any(covers(released, path) for released in self.judge.rules.released)

    def _holds_released_path(self, path: Path) -> bool:
        """Iff something inside this one value is released: then the value is, since it cannot be changed in part."""
        return any(covers(path, released) for released in self.judge.rules.released)

    def _has_released(self, spot: Spot) -> bool:
        """Iff live has something inside that is released."""
        below = (path[len(spot.path) :] for path in self.judge.rules.released if covers(spot.path, path))
        return any(find(spot.live, rest) is not MISSING for rest in below)

    def _visit_set(self, spot: Spot) -> None:
        """Compare a list of ids: add ours, keep everybody else's, take out (when pruning) what only we had added."""
        if self._holds_released_path(spot.path):
            return
        documents = (spot.desired, spot.applied, spot.live)
        wanted, owned, there = (value if isinstance(value, list) else [] for value in documents)
        missing = [member for at, member in enumerate(wanted) if member not in there and member not in wanted[:at]]
        leaving = [one for one in owned if one in there and one not in wanted] if self.judge.rules.prune else []
        merged = [member for member in there if member not in leaving] + missing
        causes = {Cause.DRIFT if member in owned else Cause.GIT for member in missing} | {Cause.GIT for _ in leaving}
        if causes and self.judge.adopting:
            causes = {Cause.ADOPT}
        verdict = Verdict.CHANGE if causes else Verdict.IN_SYNC
        self.found.append(Outcome(spot.path, verdict, merged, spot.live, spot.live, frozenset(causes)))
