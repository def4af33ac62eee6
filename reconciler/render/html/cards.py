"""What is told of one resource: of a change in a plan, and of what has drifted. One form for both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from reconciler.model.plan import Change, Request
from reconciler.model.results import DriftItem, DriftStatus
from reconciler.model.schedule_runs import Timetable, Timetables
from reconciler.render import words
from reconciler.render.html.fields import Clean, FieldView, field_views
from reconciler.render.schedules import moment, next_runs, no_runs, timetable_words
from reconciler.render.values import body_lines, change_rows, drift_rows, request_size

_COLUMNS: Final = 96
_FOLDED: Final = 40
"""Lines of a body above which it is folded away."""

_RUNS: Final = 3

DRIFT_SYMBOL: Final = {
    DriftStatus.DRIFTED: "~",
    DriftStatus.MISSING: "-",
    DriftStatus.UNREADABLE: "!",
    DriftStatus.PENDING: ">",
    DriftStatus.ORPHANED: "o",
    DriftStatus.SNOOZED: "z",
    DriftStatus.UNMANAGED: "?",
    DriftStatus.IN_SYNC: "=",
}


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request as it would be sent; ``lines`` are its body."""

    method: str
    path: str
    if_match: str | None
    size: str
    lines: tuple[str, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class SideView:
    """When a flow runs on one side: in words, and its next runs; ``none`` says why there are none, if that is news."""

    rhythm: str
    runs: tuple[str, ...]
    none: str


@dataclass(frozen=True, slots=True)
class Card:
    """What is told of one resource.

    ``anchor`` is its place in the page, ``tone`` the name of a colour, ``search`` what the filter looks at. ``alarm``
    is why it cannot be done, with the way out; ``sides`` name the two columns of ``fields`` and ``runs``.
    """

    anchor: str
    resource: str
    kind: str
    name: str
    tone: str
    symbol: str
    word: str
    search: str
    id: str | None = None
    causes: tuple[str, ...] = ()
    alarm: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    sides: tuple[str, str] = ("Before", "After")
    fields: tuple[FieldView, ...] = ()
    notes: tuple[str, ...] = ()
    runs: tuple[SideView, SideView] | None = None
    requests: tuple[RequestView, ...] = field(default=())

    @property
    def brief(self) -> str:
        """The paths that differ, as the line says that stands for a folded card."""
        return ", ".join(dict.fromkeys(one.path for one in self.fields))


def change_card(change: Change, now: float, clean: Clean) -> Card:
    """Return the card of a change; ``now`` is epoch seconds."""
    causes = tuple(cause.value for cause in words.causes(change))
    return Card(
        anchor=str(change.resource),
        resource=str(change.resource),
        kind=change.resource.kind.value,
        name=change.resource.name,
        tone=change.action.value,
        symbol=words.SYMBOL[change.action],
        word=change.action.value,
        search=_search(clean, str(change.resource), change.action.value, causes, change.id),
        id=change.id,
        causes=causes,
        alarm=change.blocked_by,
        sides=("Live now", "Wanted"),
        fields=field_views(change_rows(change), clean),
        notes=change.notes,
        runs=_runs(change.timetables, now),
        requests=tuple(map(_request, change.requests)),
    )


def drift_card(item: DriftItem, now: float, clean: Clean) -> Card:
    """Return the card of a resource that a look for drift tells of."""
    kind, _, name = item.resource.partition("/")
    writer, at = words.writer(item), words.when(item.changed_at)
    known = (("Last writer", writer), ("Written", at), ("Why", item.detail or ""))
    unreadable = item.status is DriftStatus.UNREADABLE
    if item.status is DriftStatus.UNMANAGED:
        known = (*known[:2], ("Name", item.detail or ""))
    return Card(
        anchor=item.resource,
        resource=item.resource,
        kind=kind,
        name=name,
        tone=item.status.value,
        symbol=DRIFT_SYMBOL[item.status],
        word=words.drift_word(item.status),
        search=_search(clean, item.resource, item.status.value, (), item.id, writer),
        id=item.id,
        alarm=item.detail if unreadable else None,
        facts=tuple((title, text) for title, text in known if text and not (unreadable and title == "Why")),
        sides=("Last applied", "Live now"),
        fields=field_views(drift_rows(item.fields), clean),
        runs=_runs(item.timetables, now),
    )


def _search(clean: Clean, resource: str, word: str, causes: tuple[str, ...], *more: str | None) -> str:
    """Return what the filter looks at; in small letters only when it is clean, or a secret would not be known."""
    found = (resource, f"is:{word}", *(f"cause:{cause}" for cause in causes), *more)
    return clean(" ".join(text for text in found if text)).lower()


def _request(request: Request) -> RequestView:
    lines = () if request.body is None else tuple(body_lines(request.body, _COLUMNS))
    folded = len(lines) > _FOLDED or request.method == "PUT"  # which repeats the whole object
    return RequestView(request.method, request.path, request.if_match, request_size(request).strip(), lines, folded)


def _runs(both: Timetables | None, now: float) -> tuple[SideView, SideView] | None:
    return None if both is None else (_side(both.before, now), _side(both.after, now))


def _side(one: Timetable | None, now: float) -> SideView:
    if one is None:
        return SideView(no_runs(one), (), "")
    runs = next_runs(one, now, _RUNS)
    return SideView(timetable_words(one), tuple(map(moment, runs)), no_runs(one))
