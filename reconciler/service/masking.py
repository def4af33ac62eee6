"""What crosses the wire, as it may be shown to anybody: secrets masked where they are known, and where they may be.

A live secret may be one that nobody here has heard of, so its place decides: everything below ``auth.params`` and
``encryption.params``, and everything under a key that is called like a secret. What has no structure is not shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from reconciler.diff.document import Json, is_object
from reconciler.model.credential_text import mask_credentials
from reconciler.model.secrets import MASK, Redactor
from reconciler.model.sensitive import is_sensitive_key

SHOWN_HEADERS: Final = frozenset({
    "accept", "content-encoding", "content-length", "content-type", "date", "etag", "if-match", "location",
    "retry-after", "server", "transfer-encoding", "user-agent", "x-gw-ims-org-id", "x-sandbox-name", "x-request-id",
})  # fmt: skip
"""The headers that may be shown; neither Authorization nor a cookie is one, nor is what nobody has thought of."""

LONGEST: Final = 4000  # characters of a body

_PLACES: Final = frozenset({"auth", "encryption"})
_OP_KEYS: Final = frozenset({"op", "path", "value", "from"})
_QUOTED_KEY: Final = re.compile(r"[\\\"']+(?P<key>[\w.-]+)[\\\"']+\s*[:=]")
"""A key of a document within a text: the value behind it may be any."""


def learn_shown(document: Json, redactor: Redactor) -> None:
    """Let a redactor know of every secret that an answer shows, before anything else of it, or after it, is told."""
    redactor.learn_all(_secrets(document, ()))


def _secrets(value: Json, keys: tuple[str, ...]) -> Iterator[str]:
    if is_object(value):
        for key, part in value.items():
            yield from _secrets(part, (*keys, key))
    elif isinstance(value, list):
        for part in value:
            yield from _secrets(part, keys)
    elif isinstance(value, str) and _is_below(keys) and any(map(is_sensitive_key, keys)):
        yield value


def shown_query(query: str, redactor: Redactor) -> str:
    """Return a query with its secrets masked: a continuation token is one, since who made it may have put some in."""
    return "&".join(_parameter(part, redactor) for part in query.split("&"))


def shown_headers(headers: Mapping[str, str], redactor: Redactor) -> dict[str, str]:
    """Return the headers that may be shown, sorted, their names in lower case."""
    found = {name.lower(): str(value) for name, value in headers.items()}
    return {name: shown_text(found[name], redactor) for name in sorted(SHOWN_HEADERS & found.keys())}


def shown_body(content: bytes, redactor: Redactor) -> str:
    """Return a body on one line, masked and cut; of what is no JSON only that it is none."""
    try:
        document = json.loads(content)
        learn_shown(document, redactor)
        masked = _masked(document, (), redactor)
        text = redactor.redact(json.dumps(masked, ensure_ascii=False))
    except (ValueError, RecursionError):
        return "(not JSON, so it is not shown)"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def shown_text(text: str, redactor: Redactor) -> str:
    """Return a text without secrets: those that are known or have the form of one are cut out.

    A document that quotes the key of a secret is not shown at all: the value behind it may be any.
    """
    found = (match["key"] for match in _QUOTED_KEY.finditer(text))
    return MASK if any(map(is_sensitive_key, found)) else mask_credentials(redactor.redact(text))


def _masked(value: Json, keys: tuple[str, ...], redactor: Redactor) -> Json:
    if _is_secret(keys):
        return _hidden(value)
    if is_object(value):
        if value.keys() <= _OP_KEYS and isinstance(value.get("path"), str):
            return {key: _masked(part, _under(key, value["path"]), redactor) for key, part in value.items()}
        return {shown_text(key, redactor): _masked(part, (*keys, key), redactor) for key, part in value.items()}
    if isinstance(value, list):
        return [_masked(part, keys, redactor) for part in value]
    return shown_text(value, redactor) if isinstance(value, str) else value


def _hidden(value: Json) -> Json:
    """Return a value of which only the shape and the keys are left; null is no secret, it means that there is none."""
    if is_object(value):
        return {key: _hidden(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_hidden(part) for part in value]
    return None if value is None else MASK


def _under(key: str, pointer: str) -> tuple[str, ...]:
    """Return where the member of a JSON Patch op stands: its value does where the op's pointer leads."""
    return tuple(pointer.split("/")[1:]) if key == "value" else (key,)


def _is_secret(keys: tuple[str, ...]) -> bool:
    return _is_below(keys) or any(map(is_sensitive_key, keys))


def _is_below(keys: tuple[str, ...]) -> bool:
    """Iff keys lead into credentials."""
    return any(first.lower() in _PLACES and second.lower() == "params" for first, second in pairwise(keys))


def _parameter(part: str, redactor: Redactor) -> str:
    name, separator, value = part.partition("=")
    shown = MASK if is_sensitive_key(name) and separator else shown_text(value, redactor)
    return f"{shown_text(name, redactor)}{separator}{shown}"
