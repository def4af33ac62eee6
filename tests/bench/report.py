"""How long the report takes to write and to open, and what it looks like.

``python tests/bench/report.py 2000`` writes the report of a plan that touches so many resources, opens it in Chromium,
and prints how long both took: opening is measured by this script's own clock, from the call to the load event.
``python tests/bench/report.py --screenshots .github/images`` writes the pictures of the README.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import showcase
from support.browser import MISSING, Browser, browser

from reconciler.engine.plan import make_plan
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.steps import Context
from reconciler.model.graph import Graph, graph_of
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Entry, LedgerState
from reconciler.model.live import Live
from reconciler.model.plan import Plan
from reconciler.model.resources import Desired, Estate, Reference, ResourceName, Target
from reconciler.render.html.report import plan_html

TIMES = 5
PER_CONNECTION = 25
LATE = "is what git says by now, and was something else when it was last applied, so that a report has to show it"


def large(count: int) -> tuple[Plan, Graph]:
    """Return a plan that changes so many resources: flows with a source and a target each, and their connections."""
    wanted: list[tuple[ResourceName, dict]] = []
    while len(wanted) < count:
        at = len(wanted) // 3
        base, source, target, flow = (
            ResourceName(kind, f"{word}-{number:04}")
            for kind, word, number in (
                (Kind.CONNECTION, "database", at // PER_CONNECTION),
                (Kind.SOURCE_CONNECTION, "table", at),
                (Kind.TARGET_CONNECTION, "dataset", at),
                (Kind.FLOW, "table-to-dataset", at),
            )
        )
        if at % PER_CONNECTION == 0 and (not wanted or wanted[-1][0] != base) and base not in dict(wanted):
            wanted.append((base, {"name": f"Database {at}", "description": f"{base} {LATE}"}))
            continue
        place = {"baseConnectionId": Reference(base), "params": {"tableName": f"shop.t{at}"}}
        ends = {"sourceConnectionIds": [Reference(source)], "targetConnectionIds": [Reference(target)]}
        schedule = {"startTime": 1_700_000_000, "frequency": "hour", "interval": 1 + at % 23}
        for name, spec in (
            (source, {"name": f"Table {at}", **place}),
            (target, {"name": f"Dataset {at}", "params": {"dataSetId": f"6019e0e7{at:016}"}}),
            (flow, {"name": f"Flow {at}", **ends, "scheduleParams": schedule}),
        ):
            wanted.append((name, {**spec, "description": f"{name} {LATE}"}))
    return _planned(wanted[:count])


def _planned(wanted: list[tuple[ResourceName, dict]]) -> tuple[Plan, Graph]:
    objects: dict[Kind, dict[str, Live]] = {kind: {} for kind in Kind}
    entries = {}
    for name, spec in wanted:
        left = {key: _with_ids(value) for key, value in spec.items()} | {"description": f"{name} as it was"}
        if name.kind is Kind.FLOW:
            left["scheduleParams"] = spec["scheduleParams"] | {"frequency": "day"}
        entries[name] = Entry(name, showcase.id_of(name), *showcase.WHERE, left)
        own = {"id": showcase.id_of(name), "etag": f'"{showcase.id_of(name)}"', "state": "enabled"}
        objects[name.kind][own["id"]] = Live(name.kind, own["id"], left | own)
    estate = Estate(Target("prod", "prod-eu"), tuple(Desired(name, spec) for name, spec in wanted))
    context = Context(*showcase.WHERE, now=showcase.NOW, secret=lambda _slot: None)
    planned = make_plan(estate, LedgerState(entries), Snapshot(objects, frozenset(Kind)), context)
    return planned.plan, graph_of(estate.resources)


def _with_ids(value: object) -> object:
    if isinstance(value, list):
        return [_with_ids(one) for one in value]
    return showcase.id_of(value.resource) if isinstance(value, Reference) else value


def measure(count: int) -> None:
    """Print what it takes to write and to open the report of a plan that touches so many resources."""
    plan, graph = large(count)
    changed = sum(change.is_change for change in plan.changes)
    before = time.perf_counter()
    page = plan_html(plan, showcase.NOW, graph)
    written = time.perf_counter() - before
    print(f"{len(graph.nodes)} resources, {changed} changes: {written:.2f} s to write {len(page) / 1e6:.1f} MB")  # noqa: T201 - it is a script
    if MISSING:
        print(MISSING)  # noqa: T201 - it is a script
        return
    with browser() as chromium, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(page)
        seen = [_opened(chromium, path) for _ in range(TIMES)]
    for at, what in enumerate(("opened", "first painted", "unfolded", "filtered")):
        figures = [one[at] for one in seen]
        print(f"{what}: {statistics.median(figures):.2f} s ({min(figures):.2f} to {max(figures):.2f}, {TIMES} times)")  # noqa: T201 - it is a script


def _opened(chromium: Browser, path: Path) -> tuple[float, float, float, float]:
    """Return the seconds until a page is loaded and painted, all of it unfolded, and a word filtered by."""
    before = time.perf_counter()
    chromium.show(path)
    loaded = time.perf_counter() - before
    painted = chromium.driver.execute_async_script(
        "var done = arguments[0];"
        "requestAnimationFrame(() => setTimeout(() => done("
        "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000), 0))"
    )
    took = [
        chromium.driver.execute_async_script(
            "var done = arguments[1], before = performance.now(); eval(arguments[0]);"
            "requestAnimationFrame(() => setTimeout(() => done((performance.now() - before) / 1000), 0))",
            what,
        )
        for what in (
            "document.getElementById('unfold').click()",
            "var w = document.getElementById('words'); w.value = 'dataset-0123'; w.dispatchEvent(new Event('input'))",
        )
    ]
    return loaded, painted, *took


def screenshots(folder: Path) -> None:
    """Write what the report looks like in light and in dark: a plan from its top, and its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = plan_html(showcase.planned().plan, showcase.NOW, showcase.graph())
    with browser() as chromium:
        for name, top, height in (("plan", "header", 1_000), ("pictures", "#schedules", 1_150)):
            for dark in (False, True):
                path = folder / f"report-{name}-{'dark' if dark else 'light'}.png"
                chromium.show(plan, width=1_200, dark=dark)
                chromium.picture(path, top, height)
                print(path, path.stat().st_size >> 10, "KiB")  # noqa: T201 - it is a script


if __name__ == "__main__":
    if "--screenshots" in sys.argv:
        screenshots(Path(sys.argv[-1]))
    else:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
