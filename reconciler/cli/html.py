"""``--format html``: a plan or a look for drift as a page on stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from reconciler.cli.output import annotate, write_document
from reconciler.model.graph import Graph
from reconciler.model.plan import Plan
from reconciler.model.results import DriftReport
from reconciler.model.secrets import Redactor
from reconciler.model.veil import Veil


def show_html(
    result: Plan | DriftReport, made: float, graph: Graph, environ: Mapping[str, str], redactor: Redactor
) -> None:
    """Write a result to stdout as a page, without the secrets in it.

    ``made`` is when, in epoch seconds, ``graph`` what is known of the estate.
    """
    from reconciler.render.html.report import drift_html, plan_html  # noqa: PLC0415 - jinja2 is slow to import

    veil = Veil(redactor)
    annotate(veil.over(result).notices, environ)
    redact: Callable[[str], str] = getattr(sys.stdout, "redact", str)
    if isinstance(result, Plan):
        write_document(plan_html(veil.plan(result), made, graph, redact))
    else:
        write_document(drift_html(veil.drift(result), made, graph, redact))
    sys.stdout.flush()
