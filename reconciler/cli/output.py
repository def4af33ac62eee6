"""Showing a result in the format that was asked for: the one place that knows all renderers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import IO

import click

from reconciler.model.plan import Plan
from reconciler.model.resources import Notice
from reconciler.model.results import ApplyReport, DriftReport


def show(result: Plan | ApplyReport | DriftReport, form: str, environ: Mapping[str, str]) -> None:
    """Write a result to stdout as ``text``, ``json`` or ``markdown``."""
    if form == "json":  # the other formats have a place for notices
        tell(result.notices, environ)
        sys.stdout.write(_json(result))
    else:
        annotate(result.notices, environ)
        if form == "text":
            show_text(result, sys.stdout, environ)
        else:
            sys.stdout.write(_markdown(result))
    sys.stdout.flush()


def tell(notices: Iterable[Notice], environ: Mapping[str, str]) -> None:
    """Write notices to stderr, and annotate them."""
    from reconciler.render.inert import inert  # noqa: PLC0415 - only what is odd needs it

    notices = tuple(notices)
    for notice in notices:
        click.echo(f"warning: {inert(str(notice))}", err=True)
    annotate(notices, environ)


def annotate(notices: Iterable[Notice], environ: Mapping[str, str]) -> None:
    """In a workflow of GitHub, put each notice on its manifest's line in the pull request."""
    from reconciler.render.inert import inert  # noqa: PLC0415 - only what is odd needs it

    for notice in notices:
        if environ.get("GITHUB_ACTIONS") == "true" and notice.location:
            place, text = notice.location, inert(notice.message).replace("%", "%25")
            file = _property(inert(place.file))
            click.echo(f"::warning file={file},line={place.line},col={place.column}::{text}", err=True)


def _property(text: str) -> str:
    """Write a text so that it cannot end a property of a workflow command."""
    for character, escaped in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(character, escaped)
    return text


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
