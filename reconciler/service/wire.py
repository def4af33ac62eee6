"""Bodies as they cross the wire: what we send as bytes, what is answered as objects.

The shapes of answers are those of FACTS 4: a list envelope, a bare object, or the short ``{id, etag}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from reconciler.diff.document import Json, Opaque, is_object
from reconciler.diff.reading import read_json
from reconciler.model.credential_text import mask_credentials
from reconciler.model.errors import BadAnswer, NotFound, OutcomeUnknown, UsageError
from reconciler.model.kinds import Kind
from reconciler.model.live import Live, Written
from reconciler.model.secrets import Redactor, Secret
from reconciler.service.foreign import foreign
from reconciler.service.masking import learn_shown
from reconciler.service.transport import MOST_BYTES, Answer

_DEEPEST: Final = 100  # levels; a connection spec has about 15

# Ids are UUIDs in every sample. In a path or a filter anything wider could address something else.
_ID: Final = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9._~-]{0,199}")


def encode_body(document: Json, redactor: Redactor) -> bytes:
    """Return the compact UTF-8 body; the one place where a secret becomes plain text.

    The bytes are those of :func:`reconciler.diff.document.wire_bytes`, so that a plan's count is what is sent.
    """
    text = json.dumps(_revealed(document, redactor), ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UsageError("a text in the body holds half a surrogate pair, which UTF-8 cannot say") from error


def _revealed(document: Json, redactor: Redactor) -> Json:
    if isinstance(document, Secret):
        # Should the service answer with the value (in the reason of a 400, say), no message shows it.
        redactor.learn(document.reveal())
        return document.reveal()
    if isinstance(document, Opaque):
        raise TypeError(f"a body is sent with values, not with a {type(document).__name__}")
    if isinstance(document, Mapping):
        return {key: _revealed(value, redactor) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_revealed(value, redactor) for value in document]
    return document


def if_match(etag: str) -> str:
    """Return an etag as If-Match wants it: opaque, quotes added only if absent (FACTS 7: unquoted is a 412)."""
    return etag if etag.endswith('"') and etag.startswith(('"', 'W/"')) else f'"{etag}"'


def check_id(id: str) -> str:
    """Return the id of an object; raises UsageError for what could not stand in a path or a filter."""
    if not _ID.fullmatch(id):
        raise UsageError(f"{id!r} is not the id of an object in Flow Service")
    return id


def decode(answer: Answer, redactor: Redactor) -> Json:
    """Return an answer's JSON; raises BadAnswer."""
    if len(answer.content) >= MOST_BYTES:
        raise bad_answer(answer, f"is larger than {MOST_BYTES >> 20} MB, and was not read to its end")
    try:
        document = read_json(answer.content, _DEEPEST)
    except ValueError as error:
        what = f"malformed JSON ({error})" if answer.content.lstrip()[:1] in (b"{", b"[") else f"not JSON ({error})"
        raise bad_answer(answer, f"is {what}: {foreign(answer, redactor)}") from None
    learn_shown(document, redactor)
    for item in _items(document):
        _quieten(item.get("lastOperation"), redactor)
    return document


def _items(document: Json) -> list[dict[str, Json]]:
    items = document.get("items", [document]) if is_object(document) else None
    return list(filter(is_object, items)) if isinstance(items, list) else []


def _quieten(operation: Json, redactor: Redactor) -> None:
    """Take secrets out of what the service says of an operation that failed: it may quote what it was sent."""
    status = operation.get("status") if is_object(operation) else None
    if is_object(status) and "errors" in status:
        status["errors"] = _quiet(status["errors"], redactor)


def _quiet(value: Json, redactor: Redactor) -> Json:
    if is_object(value):
        return {key: _quiet(inner, redactor) for key, inner in value.items()}
    if isinstance(value, list):
        return [_quiet(inner, redactor) for inner in value]
    return mask_credentials(redactor.redact(value)) if isinstance(value, str) else value


def bad_answer(answer: Answer, what: str) -> BadAnswer:
    """Return the error for an answer that is not what Flow Service sends."""
    request = answer.request
    return BadAnswer(f"the answer to {request.method} {request.path} ({answer.status}) {what}", status=answer.status)


def live(kind: Kind, document: Json, answer: Answer) -> Live:
    """Return one object as answered; raises BadAnswer if it has no id."""
    if not is_object(document) or not isinstance(document.get("id"), str) or not document["id"]:
        raise bad_answer(answer, "holds an object without an id")
    return Live(kind, document["id"], document)


def one(kind: Kind, id: str, document: Json, answer: Answer) -> Live:
    """Return the one object of a GET by id: ``{"items": […]}``, or bare."""
    items = document.get("items", [document]) if is_object(document) else None
    if not isinstance(items, list):
        raise bad_answer(answer, "holds no object")
    if not items:
        raise NotFound(f"Flow Service has no {kind} {id}: the answer is an empty list", status=answer.status)
    found = live(kind, items[0], answer)
    if len(items) > 1 or found.id != id:
        raise bad_answer(answer, f"holds {len(items)} objects, the first with id {found.id!r}, where one was asked for")
    return found


def written(answer: Answer, redactor: Redactor, id: str | None = None) -> Written:
    """Return what a write answered; ``id`` is the object's where it is known, and then the body may be empty.

    Raises OutcomeUnknown: the service said yes, so something was written, yet not what we can name.
    """
    if id is not None and not answer.content.strip():
        return Written(id, None)
    try:
        document = _written_object(answer, redactor)
    except BadAnswer as error:
        raise OutcomeUnknown(f"the write was taken, but {error}", status=answer.status) from error
    found = document.get("id", id)
    if not isinstance(found, str) or not found or (id is not None and found != id):
        raise OutcomeUnknown(
            f"{answer.request.method} {answer.request.path} was taken, but the answer names "
            f"{'another object' if found else 'no object'}",
            status=answer.status,
        )
    etag = document.get("etag")
    whole = document if document.keys() - {"id", "etag"} else None
    return Written(found, etag if isinstance(etag, str) else None, whole)


def _written_object(answer: Answer, redactor: Redactor) -> dict[str, Json]:
    document = decode(answer, redactor)
    if is_object(document) and isinstance(document.get("items"), list) and len(document["items"]) == 1:
        document = document["items"][0]
    if not is_object(document):
        raise bad_answer(answer, "holds no object")
    return document
