"""Showing a result in the format that was asked for: the one place that knows all renderers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import IO

from reconciler.model.plan import Plan
from reconciler.model.results import ApplyReport, DriftReport


def show(result: Plan | ApplyReport | DriftReport, form: str, environ: Mapping[str, str]) -> None:
    """Write a result to stdout as ``text``, ``json`` or ``markdown``."""
    if form == "text":
        show_text(result, sys.stdout, environ)
    else:
        sys.stdout.write(_json(result) if form == "json" else _markdown(result))
    sys.stdout.flush()


def show_text(result: Plan | ApplyReport | DriftReport, stream: IO[str], environ: Mapping[str, str]) -> None:
    """Write a result to a stream, for a person."""
    from reconciler.render import console, text  # noqa: PLC0415 - rich is slow to import

    screen = console.make_console(stream, environ)
    if isinstance(result, Plan):
        text.plan_text(result, screen)
    elif isinstance(result, ApplyReport):
        text.apply_text(result, screen)
    else:
        text.drift_text(result, screen)


def _json(result: Plan | ApplyReport | DriftReport) -> str:
    from reconciler.render import json  # noqa: PLC0415 - only this format needs it

    if isinstance(result, Plan):
        return json.plan_json(result).decode()
    return (json.apply_json(result) if isinstance(result, ApplyReport) else json.drift_json(result)).decode()


def _markdown(result: Plan | ApplyReport | DriftReport) -> str:
    from reconciler.render import markdown  # noqa: PLC0415 - only this format needs it

    if isinstance(result, Plan):
        return markdown.plan_markdown(result)
    return markdown.apply_markdown(result) if isinstance(result, ApplyReport) else markdown.drift_markdown(result)
