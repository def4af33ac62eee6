"""The report: what a plan or a look for drift has to say, section by section, as one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

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


def plan_html(plan: Plan, made: float, graph: Graph, redact: Callable[[str], str] = str) -> str:
    """Return a plan as a page.

    ``made`` is when, in epoch seconds; next runs are counted from there. Of ``graph`` the part is drawn that has to do
    with the plan. ``redact`` takes known secrets out of a text.
    """
    clean = _cleaner(redact)
    silent = [change for change in plan.changes if words.adopts_silently(change)]
    cards = [change_card(change, made, clean) for change in plan.changes if not words.adopts_silently(change)]
    blocked = tuple(card for card in cards if card.alarm is not None)
    changes = tuple(card for card in cards if card.alarm is None)
    groups = [Group("blocked", "Blocked", blocked), Group("changes", "Changes", changes)]
    told = (change for change in plan.changes if not words.adopts_silently(change))
    flows = [(str(change.resource), change.timetables) for change in told if change.timetables]
    counts = [
        Count(action.value, words.SYMBOL[action], _plan_word(action), plan.summary[action], _found(action.value, cards))
        for action in (Action.BLOCKED, *(one for one in Action if one not in (Action.BLOCKED, Action.UNCHANGED)))
    ]
    counts.append(Count("unchanged", "\N{MIDDLE DOT}", "unchanged", plan.summary["unchanged"]))
    views = {
        "title": "Plan for",
        "target": plan.target,
        "verdict": words.plan_verdict(plan),
        "facts": _facts(plan.sandbox, plan.organisation, plan.commit, made, plan.digest[:12]),
        "ways": (),
        "sides": ("now", "after"),
        "silent": [(str(change.resource), change.id or "") for change in silent],
        "silent_notes": words.adoption_notes(silent),
        "orphans": [(str(orphan.resource), orphan.id, orphan.protect) for orphan in plan.orphans],
        "orphan_advice": words.orphan_advice(plan.orphans),
    }
    return _page(views, plan.notices, groups, counts, flows, graph, (made, redact))


def drift_html(report: DriftReport, made: float, graph: Graph, redact: Callable[[str], str] = str) -> str:
    """Return a look for drift as a page; arguments as for a plan."""
    clean = _cleaner(redact)
    cards = [drift_card(item, made, clean) for item in report.items if item.status is not DriftStatus.IN_SYNC]
    groups = [
        Group(status.value, title, tuple(card for card in cards if card.tone == status.value))
        for status, title in _GROUPS
    ]
    flows = [(item.resource, item.timetables) for item in report.items if item.timetables]
    order = (*(status for status, _ in _GROUPS), DriftStatus.IN_SYNC)
    counts = [
        Count(one.value, DRIFT_SYMBOL[one], words.drift_word(one), report.summary[one], _found(one.value, cards))
        for one in order
    ]
    views = {
        "title": "Drift on",
        "target": report.target,
        "verdict": f"{words.drift_finding(report)}: {words.drift_summary(report)}.",
        "facts": _facts(report.sandbox, report.organisation, report.commit, made, None),
        "ways": words.ways_out(report),
        "sides": ("applied", "live"),
        "silent": (),
        "silent_notes": (),
        "orphans": (),
        "orphan_advice": (),
    }
    return _page(views, report.notices, groups, counts, flows, graph, (made, redact))


def _page(
    views: dict[str, Any],
    notices: Iterable[object],
    groups: list[Group],
    counts: list[Count],
    flows: list[tuple[str, Timetables]],
    graph: Graph,
    made: tuple[float, Callable[[str], str]],
) -> str:
    now, redact = made
    clean = _cleaner(redact)
    told = [card for group in groups for card in group.cards if card.tone not in ("unmanaged", "pending")]
    return render(
        "report.html.j2",
        redact,
        {
            **views,
            "notices": list(map(str, notices)),
            "groups": [group for group in groups if group.cards],
            "cards": sum(len(group.cards) for group in groups),
            "counts": tally(counts),
            "bar_units": WIDTH,
            "timeline": timeline(flows, now, views["sides"], clean) if flows else None,
            "graph": picture(graph, told, clean),
        },
    )


def _cleaner(redact: Callable[[str], str]) -> Clean:
    return lambda text: inert(redact(text))


def _plan_word(action: Action) -> str:
    return action.value if action is Action.BLOCKED else f"to {action.value}"


def _found(word: str, cards: Iterable[Card]) -> str | None:
    return f"is:{word.lower()}" if any(card.tone == word for card in cards) else None


def _facts(
    sandbox: str, organisation: str, commit: str | None, made: float, digest: str | None
) -> list[tuple[str, str, bool]]:
    """Return what stands in the head: a title, a text, and whether that is a code."""
    found = [
        ("Sandbox", sandbox, True),
        ("Organisation", organisation, True),
        ("Commit", (commit or "")[:12], True),
        ("Made", words.iso(int(made)) or str(made), False),
        ("Plan", digest or "", True),
    ]
    return [fact for fact in found if fact[1]]
