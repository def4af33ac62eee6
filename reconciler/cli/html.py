"""``--format html``: a plan or a look for drift as a page on stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from reconciler.cli.output import annotate
from reconciler.model.graph import Graph
from reconciler.model.plan import Plan
from reconciler.model.results import DriftReport


def show_html(result: Plan | DriftReport, made: float, graph: Graph | None, environ: Mapping[str, str]) -> None:
    """Write a result to stdout as a page; ``made`` is when, in epoch seconds, ``graph`` None where it is not known."""
    from reconciler.render.html.report import drift_html, plan_html  # noqa: PLC0415 - jinja2 is slow to import

    annotate(result.notices, environ)
    redact: Callable[[str], str] = getattr(sys.stdout, "redact", str)
    if isinstance(result, Plan):
        sys.stdout.write(plan_html(result, made, graph, redact))
    else:
        sys.stdout.write(drift_html(result, made, graph, redact))
    sys.stdout.flush()
