"""The report: what a plan or a look for drift has to say, section by section, as one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.model.graph import Graph
from reconciler.model.plan import Action, Plan
from reconciler.model.results import DriftReport, DriftStatus
from reconciler.model.schedule_runs import Timetables
from reconciler.render import words
from reconciler.render.html.cards import DRIFT_SYMBOL, Card, change_card, drift_card
from reconciler.render.html.fields import Clean
from reconciler.render.html.page import render
from reconciler.render.html.picture import picture
from reconciler.render.html.tally import WIDTH, Count, tally
from reconciler.render.html.timeline import timeline
from reconciler.render.inert import inert

_OPEN: Final = 8
"""Cards of a group that are unfolded from the start, if there are no more than that."""

_URGENT: Final = ("changes", "drifted", "missing", "unreadable")

_NOT_DRAWN: Final = (DriftStatus.UNMANAGED.value, DriftStatus.PENDING.value)
_GROUPS: Final = (
    (DriftStatus.UNREADABLE, "Could not be read"),
    (DriftStatus.DRIFTED, "Changed behind git's back"),
    (DriftStatus.MISSING, "Deleted behind git's back"),
    (DriftStatus.PENDING, "Changed in git, not applied yet"),
    (DriftStatus.ORPHANED, "Their manifests have left git"),
    (DriftStatus.SNOOZED, "Left alone for now"),
    (DriftStatus.UNMANAGED, "Declared by no manifest"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Cards under one heading."""

    anchor: str
    title: str
    cards: tuple[Card, ...]

    @property
    def is_open(self) -> bool:
        """Iff its cards are unfolded from the start; what is blocked always is."""
        return self.anchor == "blocked" or (self.anchor in _URGENT and len(self.cards) <= _OPEN)


@dataclass(frozen=True, slots=True)
class _Report:
    """What a page is made of, whichever it is.

    ``facts`` of the head are a title, a text, and whether that is a code. ``flows`` are all that the page tells of,
    with their timetables, ``sides`` the names of the two. ``adopted`` and ``orphans`` are rows of tables.
    """

    title: str
    target: str
    verdict: str
    facts: Sequence[tuple[str, str, bool]]
    notices: Sequence[str]
    groups: Sequence[Group]
    counts: Sequence[Count]
    flows: Sequence[tuple[str, Timetables]]
    sides: tuple[str, str]
    ways: Sequence[tuple[str, str]] = ()
    adopted: Sequence[tuple[str, str]] = ()
    adopted_notes: Sequence[str] = ()
    orphans: Sequence[tuple[str, str, bool]] = ()
    orphan_advice: Sequence[str] = ()

    def page(self, made: float, graph: Graph, redact: Callable[[str], str]) -> str:
        """Return the page; arguments as for a plan."""
        clean = _cleaner(redact)
        cards = [card for group in self.groups for card in group.cards]
        views = {
            "report": self,
            "groups": [group for group in self.groups if group.cards],
            "cards": len(cards),
            "counts": tally(self.counts),
            "bar_units": WIDTH,
            "timeline": timeline(self.flows, made, self.sides, clean) if self.flows else None,
            "graph": picture(graph, [card for card in cards if card.tone not in _NOT_DRAWN], clean),
        }
        return render("report.html.j2", redact, views)


def plan_html(plan: Plan, made: float, graph: Graph, redact: Callable[[str], str] = str) -> str:
    """Return a plan as a page.

    ``made`` is when, in epoch seconds; next runs are counted from there. Of ``graph`` the part is drawn that has to do
    with the plan. ``redact`` takes known secrets out of a text.
    """
    clean = _cleaner(redact)
    adopted = [change for change in plan.changes if words.adopts_silently(change)]
    changes = [change for change in plan.changes if not words.adopts_silently(change)]
    cards = [change_card(change, made, clean) for change in changes]
    blocked = tuple(card for card in cards if card.alarm is not None)
    others = tuple(card for card in cards if card.alarm is None)
    report = _Report(
        title="Plan for",
        target=plan.target,
        verdict=words.plan_verdict(plan),
        facts=_facts(plan.sandbox, plan.organisation, plan.commit, made, plan.digest[:12]),
        notices=list(map(str, plan.notices)),
        groups=[Group("blocked", "Blocked", blocked), Group("changes", "Changes", others)],
        counts=_plan_counts(plan, cards),
        flows=[(str(change.resource), change.timetables) for change in changes if change.timetables],
        sides=("now", "after"),
        adopted=[(str(change.resource), change.id or "") for change in adopted],
        adopted_notes=words.adoption_notes(adopted),
        orphans=[(str(orphan.resource), orphan.id, orphan.protect) for orphan in plan.orphans],
        orphan_advice=words.orphan_advice(plan.orphans),
    )
    return report.page(made, graph, redact)


def _plan_counts(plan: Plan, cards: Sequence[Card]) -> list[Count]:
    first = (Action.BLOCKED, *(one for one in Action if one not in (Action.BLOCKED, Action.UNCHANGED)))
    counts = [
        Count(one.value, words.SYMBOL[one], _plan_word(one), plan.summary[one], _found(one.value, cards))
        for one in first
    ]
    return [*counts, Count("unchanged", "\N{MIDDLE DOT}", "unchanged", plan.summary["unchanged"])]


def drift_html(report: DriftReport, made: float, graph: Graph, redact: Callable[[str], str] = str) -> str:
    """Return a look for drift as a page; arguments as for a plan."""
    clean = _cleaner(redact)
    cards = [drift_card(item, made, clean) for item in report.items if item.status is not DriftStatus.IN_SYNC]
    found = _Report(
        title="Drift on",
        target=report.target,
        verdict=f"{words.drift_finding(report)}: {words.drift_summary(report)}.",
        facts=_facts(report.sandbox, report.organisation, report.commit, made),
        notices=list(map(str, report.notices)),
        groups=[
            Group(status.value, title, tuple(card for card in cards if card.tone == status.value))
            for status, title in _GROUPS
        ],
        counts=[
            Count(one.value, DRIFT_SYMBOL[one], words.drift_word(one), report.summary[one], _found(one.value, cards))
            for one in (*(status for status, _ in _GROUPS), DriftStatus.IN_SYNC)
        ],
        flows=[(item.resource, item.timetables) for item in report.items if item.timetables],
        sides=("applied", "live"),
        ways=words.ways_out(report),
    )
    return found.page(made, graph, redact)


def _cleaner(redact: Callable[[str], str]) -> Clean:
    return lambda text: inert(redact(text))


def _plan_word(action: Action) -> str:
    return action.value if action is Action.BLOCKED else f"to {action.value}"


def _found(word: str, cards: Iterable[Card]) -> str | None:
    return f"is:{word.lower()}" if any(card.tone == word for card in cards) else None


def _facts(
    sandbox: str, organisation: str, commit: str | None, made: float, digest: str = ""
) -> list[tuple[str, str, bool]]:
    found = [
        ("Sandbox", sandbox, True),
        ("Organisation", organisation, True),
        ("Commit", (commit or "")[:12], True),
        ("Made", words.iso(int(made)) or str(made), False),
        ("Plan", digest, True),
    ]
    return [fact for fact in found if fact[1]]
