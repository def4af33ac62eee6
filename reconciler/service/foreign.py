"""An answer that is not the service's own, in a few words: a proxy's page, a gateway's text, a body that broke off.

Whoever wrote it may have put anything in, a secret that nobody here has heard of included, so its text is not shown:
what kind of thing it is, how long, and of a page its title, words that look like a secret masked.
"""

from __future__ import annotations

import re
from typing import Final

from reconciler.model.credential_text import mask_credentials
from reconciler.model.secrets import MASK, Redactor
from reconciler.service.masking import shown_text
from reconciler.service.transport import Answer

LONGEST_TEXT: Final = 500
_MEDIA_TYPES: Final = frozenset({
    "application/json", "application/octet-stream", "application/problem+json", "application/xhtml+xml",
    "application/xml", "text/css", "text/html", "text/javascript", "text/plain", "text/xml",
})  # fmt: skip
"""Those that are told: any other may be a text of somebody's, too."""

_TITLE: Final = re.compile(r"<title[^>]{0,200}>(.{1,200}?)</title>", re.IGNORECASE | re.DOTALL)
_HEAD: Final = 10_000  # characters in which a page names its title
_LONGEST_WORD: Final = 20
_MOST_DIGITS: Final = 3  # a status has as many


def foreign(answer: Answer, redactor: Redactor) -> str:
    """Return what an answer is; ``no details`` for an empty one."""
    if not answer.content.strip():
        return "no details"
    text = answer.content[: 4 * _HEAD].decode("utf-8", "replace").lstrip()[:_HEAD]
    if text.startswith("<"):
        # Redacted first: with its white space squeezed a secret would not be recognised.
        title = _TITLE.search(text)
        words = shown_text(title[1], redactor).split() if title else []
        return legible(f"an HTML page: {' '.join(map(_plain, words))}" if words else "an HTML page", redactor)
    said = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    kind = said if said in _MEDIA_TYPES else "a body of no known type"
    return f"{kind}, {len(answer.content)} bytes, which are not shown"


def legible(text: str, redactor: Redactor) -> str:
    """Return a foreign text as one short line: secrets masked first, since a cut one would not be recognised."""
    redacted = mask_credentials(redactor.redact(text))
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in redacted)
    return shown if len(shown) <= LONGEST_TEXT else shown[: LONGEST_TEXT - 1] + "…"


def _plain(word: str) -> str:
    """Return a word of a title, masked if it is longer than words are, or has more digits than a status."""
    return MASK if len(word) > _LONGEST_WORD or sum(map(str.isdigit, word)) > _MOST_DIGITS else word
