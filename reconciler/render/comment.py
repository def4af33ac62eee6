"""What GitHub shows of a plan: the comment of a pull request, and a job's summary, which has room for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.model.graph import Graph
from reconciler.model.plan import Action, Plan
from reconciler.model.results import ApplyReport
from reconciler.render.graph_mermaid import graph_mermaid
from reconciler.render.markdown import apply_page, plan_page
from reconciler.render.markup import code, details, fence
from reconciler.render.page import Page
from reconciler.render.timetable import timetable
from reconciler.render.words import iso

SUMMARY: Final = 1024 * 1024
"""Bytes of a step's summary, by GitHub's documents."""

_BYTES: Final = 4
"""Of a character in UTF-8, at most."""

_LOG_LINES: Final = 60
_LOG_CHARACTERS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and where something was made: ``now`` in epoch seconds, ``run`` the address of the workflow's run.

    ``head`` is the commit that the author pushed, ``artefact`` the name under which the whole plan is kept. ``remarks``
    are further sentences for the top, in plain text.
    """

    now: float
    run: str | None = None
    head: str | None = None
    artefact: str | None = None
    remarks: Sequence[str] = ()

    @property
    def lines(self) -> list[str]:
        """The lines of it that stand under a heading."""
        made = [f"Made {iso(int(self.now))}"]
        if self.head:
            made.append(f"of commit {code(self.head[:12])}")
        if self.run:
            made.append(f"by [this run]({self.run})")
        kept = [f"The whole plan is kept as artefact {code(self.artefact)}."] if self.artefact else []
        return [" ".join([" ".join(made) + ".", *kept]), *([fence(self.remarks, "text")] if self.remarks else [])]

    @property
    def whole(self) -> str:
        """Where all of it can be read."""
        places = [f"the [job's summary]({self.run})"] if self.run else []
        places += [f"the artefact {code(self.artefact)} (reconciler show prints it)"] if self.artefact else []
        return f"read all of it in {' or '.join(places)}" if places else "the log has all of it"


def plan_comment(plan: Plan, graph: Graph | None, occasion: Occasion, limit: int) -> str:
    """Return a plan for a pull request in at most ``limit`` characters; ``graph`` is the target's, if known."""
    return _page(plan, graph, occasion, occasion.whole).within(limit)


def plan_for_summary(plan: Plan, graph: Graph | None, occasion: Occasion, limit: int = SUMMARY) -> str:
    """Return a plan for a job's summary in at most ``limit`` bytes."""
    kept = f"the artefact {code(occasion.artefact)} has all of it" if occasion.artefact else occasion.whole
    page = _page(plan, graph, occasion, kept)
    text = page.within(limit)
    return text if len(text.encode(errors="surrogatepass")) <= limit else page.within(limit // _BYTES)


def no_plan_comment(target: str, log: str, occasion: Occasion) -> str:
    """Return what a pull request is told where no plan could be made: an older one must not be taken for today's."""
    told = "**No plan could be made.** Nothing shows what a merge would send. What the planning said:"
    return _failed(f"### Plan for {code(target)}: failed", told, log, occasion)


def apply_for_summary(report: ApplyReport, log: str, occasion: Occasion) -> str:
    """Return how an apply ended for a job's summary, with what it said on the way folded."""
    said = [details("What the run said", [fence(_lines(log), "text")])] if log.strip() else []
    return apply_page(report, occasion.lines, said).within(SUMMARY // _BYTES)


def no_apply_for_summary(target: str, log: str, occasion: Occasion) -> str:
    """Return what a job's summary says of an apply that ended before it had a result."""
    told = "**It ended before it had a result.** `reconciler history` tells what it began, if anything. What it said:"
    return _failed(f"### Apply to {code(target)}: failed", told, log, occasion)


def _failed(heading: str, told: str, log: str, occasion: Occasion) -> str:
    page = Page([heading, *occasion.lines, told], sections=[fence(_lines(log), "text")])
    return page.within(_LOG_CHARACTERS)


def _lines(log: str) -> list[str]:
    """Return the last lines of a log, without what the runner read as commands: annotations say the same once more."""
    return [line for line in log.strip().split("\n") if not line.lstrip().startswith("::")][-_LOG_LINES:]


def _page(plan: Plan, graph: Graph | None, occasion: Occasion, whole: str) -> Page:
    pictures = [timetable(plan.changes, occasion.now), _picture(plan, graph)]
    return plan_page(plan, occasion.lines, [one for one in pictures if one], whole)


def _picture(plan: Plan, graph: Graph | None) -> str:
    """Return a picture of what is touched and what depends on it; none where nothing is."""
    marks = {str(change.resource): change.action for change in plan.changes if change.action is not Action.ADOPT}
    around = graph.touched(marks) if graph else None
    if around is None or not around.nodes:
        return ""
    return "\n\n".join(
        ["**What is touched, and what depends on it**", f"```mermaid\n{graph_mermaid(around, marks).rstrip()}\n```"]
    )
