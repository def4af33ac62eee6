"""Showing a result in the format that was asked for: the one place that knows all renderers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import IO, Literal

import click

from reconciler.model.plan import Plan
from reconciler.model.resources import Location, Notice
from reconciler.model.results import ApplyReport, DriftReport
from reconciler.model.secrets import Redactor
from reconciler.model.veil import Veil
from reconciler.render.sink import RedactingStream


def show(result: Plan | ApplyReport | DriftReport, form: str, environ: Mapping[str, str], redactor: Redactor) -> None:
    """Write a result to stdout as ``text``, ``json`` or ``markdown``, without the secrets in it."""
    result = Veil(redactor).over(result)
    if form == "json":  # the other formats have a place for notices
        tell(result.notices, environ)
        write_document(_json(result))
    else:
        annotate(result.notices, environ)
        if form == "text":
            show_text(result, sys.stdout, environ)
        else:
            write_document(_markdown(result))
    sys.stdout.flush()


def write_document(text: str) -> None:
    """Write JSON, Markdown or HTML to stdout, whose values are fit to be shown: it passes the last fence as it is."""
    if isinstance(sys.stdout, RedactingStream):
        sys.stdout.write_whole(text)
    else:
        sys.stdout.write(text)


def tell(notices: Iterable[Notice], environ: Mapping[str, str]) -> None:
    """Write notices to stderr, and annotate them."""
    from reconciler.render.inert import inert  # noqa: PLC0415 - only what is odd needs it

    notices = tuple(notices)
    for notice in notices:
        click.echo(f"warning: {inert(str(notice))}", err=True)
    annotate(notices, environ)


def annotate(notices: Iterable[Notice], environ: Mapping[str, str]) -> None:
    """In a workflow of GitHub, put each notice on its manifest's line in the pull request."""
    _annotate("warning", ((notice.message, notice.location) for notice in notices), environ)


def annotate_errors(errors: Iterable[tuple[str, Location | None]], environ: Mapping[str, str]) -> None:
    """In a workflow of GitHub, put each error on its manifest's line in the pull request."""
    _annotate("error", errors, environ)


def _annotate(
    level: Literal["error", "warning"], messages: Iterable[tuple[str, Location | None]], environ: Mapping[str, str]
) -> None:
    from reconciler.render.annotations import annotation  # noqa: PLC0415 - only a workflow needs it

    if environ.get("GITHUB_ACTIONS") == "true":
        for message, place in messages:
            if place is not None:
                click.echo(annotation(level, message, place), err=True)


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
