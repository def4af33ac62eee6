"""From a view to a page: the one place that uses jinja2, and the last fence before HTML."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reconciler.render.inert import inert

_TEMPLATES: Final = Path(__file__).parent / "templates"
_REDACT: Final[ContextVar[Callable[[str], str]]] = ContextVar("redact")
"""Of the page that is being made: kept with the templates, it would keep what it knows."""

_BLANK: Final = re.compile(r"\n\s*\n")
"""Lines that templates leave empty; no text of a view has a line of its own, each is inert."""


def render(template: str, redact: Callable[[str], str], views: Mapping[str, Any]) -> str:
    """Return a page: ASCII alone, so that no encoding on its way can harm it.

    Every text of the views is redacted, made inert and escaped, in this order. Raises jinja2.UndefinedError for a name
    that a template uses and no view has: a bug.
    """
    style, script = (_own(name) for name in ("report.css", "report.js"))
    policy = Markup(_policy(style, script))  # noqa: S704 - made of hashes
    before = _REDACT.set(redact)
    try:
        page = _environment().get_template(template).render(views, style=style, script=script, policy=policy)
    finally:
        _REDACT.reset(before)
    return _BLANK.sub("\n", page).encode("ascii", "xmlcharrefreplace").decode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="ascii"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _finalize(value: Any) -> Any:
    """Return what an expression of a template may write: all of them go through here, no view can forget it."""
    return inert(_REDACT.get()(value)) if isinstance(value, str) and not isinstance(value, Markup) else value


def _own(name: str) -> Markup:
    """Return a file of ours that stands in the page as it is."""
    return Markup(_BLANK.sub("\n", (_TEMPLATES / name).read_text("ascii")).strip())  # noqa: S704 - a constant of the package


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy that lets nothing in but this style and this script.

    ``frame-ancestors`` is left out: a browser ignores it in a page, and complains.
    """
    rules = (
        "default-src 'none'",
        f"style-src '{_hash(style)}'",
        f"script-src '{_hash(script)}'",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(rules)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
