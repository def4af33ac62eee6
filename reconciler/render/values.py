"""How a field's values read: in one line of JSON, by inner keys, or by a word where there is no value to show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.diff.document import MISSING, Json, Missing, shown
from reconciler.model.plan import Action, Change, FieldChange, Request
from reconciler.render.inner import inner_changes

SECRET: Final = "(secret)"  # noqa: S105 - the word that stands for one
UNKNOWN: Final = "(known after apply)"
ROOT: Final = "(all of it)"
ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True)
class Row:
    """One field as it is shown; ``before`` is None iff it was not there, ``after`` iff it goes.

    ``inner`` are the inner keys that differ, iff they say more than the two values. Texts are not inert yet.
    """

    path: str
    before: str | None
    after: str | None
    inner: tuple[Row, ...] = ()

    @property
    def mark(self) -> str:
        """``+`` comes, ``-`` goes, ``~`` differs."""
        if self.before is None:
            return "+"
        return "-" if self.after is None else "~"


def change_rows(change: Change) -> tuple[Row, ...]:
    """Return the rows of a change, in its order; none for a create, whose body says the same once more."""
    created = change.action is Action.CREATE
    return () if created and change.requests else field_rows(change.fields, created=created)


def request_body(request: Request) -> Json | None:
    """Return the body that is worth reading: a PUT repeats the whole object, and the fields say what of it changes."""
    return None if request.method == "PUT" else request.body


def request_size(request: Request) -> str:
    """Say how long a body is, and of a PUT, what it is."""
    whole = ", the whole object with these changes in it" if request.method == "PUT" else ""
    return "" if request.body is None else f" {request.bytes} bytes{whole}"


def field_rows(fields: tuple[FieldChange, ...], *, created: bool = False) -> tuple[Row, ...]:
    """Return a row a field; ``created`` iff nothing was there before, not even a secret."""
    return tuple(_secret_row(field, created=created) if field.sensitive else _row(field) for field in fields)


def _secret_row(field: FieldChange, *, created: bool) -> Row:
    wanted = None if field.after is MISSING else f"{SECRET} {UNKNOWN}" if field.unknown else SECRET
    return Row(field.path or ROOT, None if created else SECRET, wanted)


def _row(field: FieldChange) -> Row:
    before, after = shown(field.before), shown(field.after)
    inner = tuple(Row(path, _text(left), _text(right)) for path, left, right in inner_changes(before, after))
    return Row(field.path or ROOT, _text(before), _unknown(after) if field.unknown else _text(after), inner)


def _text(value: Json | Missing) -> str | None:
    return None if isinstance(value, Missing) else one_line(value)


def _unknown(value: Json | Missing) -> str:
    """Say what is not known yet, and what of it is: the id of a resource that is still to be made."""
    if isinstance(value, dict) and value.keys() == {"$ref"}:
        return f"id of {value['$ref']} {UNKNOWN}"
    if isinstance(value, dict | list) and value:
        return f"{one_line(value)} {UNKNOWN}"
    return UNKNOWN


def one_line(value: Json) -> str:
    """Return a value as JSON to be read."""
    return json.dumps(shown(value), ensure_ascii=False, default=str)


def wire(value: Json) -> str:
    """Return a body as JSON as it is sent."""
    return json.dumps(shown(value), ensure_ascii=False, separators=(",", ":"), default=str)


def body_lines(body: Json, columns: int) -> list[str]:
    """Return a body compact, or where that is longer than ``columns``, broken up only as far as it must be."""
    return list(_broken(shown(body), columns, "", ""))


def _broken(value: Json, columns: int, lead: str, comma: str) -> Iterator[str]:
    flat = f"{lead}{wire(value)}{comma}"
    if len(flat) <= columns or not isinstance(value, dict | list) or not value:
        yield flat
        return
    margin = " " * (len(lead) - len(lead.lstrip()) + 2)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    members = [f"{wire(str(key))}: " for key in value] if isinstance(value, dict) else [""] * len(value)
    items = list(value.values()) if isinstance(value, dict) else value
    yield f"{lead}{opening}"
    for at, (label, item) in enumerate(zip(members, items, strict=True), start=1):
        yield from _broken(item, columns, f"{margin}{label}", "," if at < len(items) else "")
    yield f"{margin[2:]}{closing}{comma}"


def shorten(text: str, size: int) -> str:
    """Return text cut in its middle to ``size`` characters, since both its ends tell what it is."""
    if len(text) <= size:
        return text
    head = (size - len(ELLIPSIS) + 1) // 2
    tail = size - len(ELLIPSIS) - head
    return f"{text[:head]}{ELLIPSIS}{text[len(text) - tail :]}"


def shorten_pair(before: str, after: str, size: int) -> tuple[str, str]:
    """Shorten two different texts so that they still differ: where their middles differ, show those."""
    short = shorten(before, size), shorten(after, size)
    if short[0] != short[1] or before == after:
        return short
    start = max(0, _shared(before, after) - size // 3)
    return _window(before, start, size), _window(after, start, size)


def _shared(before: str, after: str) -> int:
    """Return where two different texts first differ."""
    pairs = enumerate(zip(before, after, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(before), len(after)))


def _window(text: str, start: int, size: int) -> str:
    cut = f"{ELLIPSIS}{text[start:]}"
    return cut if len(cut) <= size else f"{cut[: size - len(ELLIPSIS)]}{ELLIPSIS}"
