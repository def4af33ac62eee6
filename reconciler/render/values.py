"""How a field's values read: in one line of JSON, by inner keys, or by a word where there is no value to show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.diff.document import MISSING, Json, Missing, shown
from reconciler.model.plan import Action, Change, FieldChange, Request
from reconciler.render import words
from reconciler.render.inner import inner_changes

SECRET: Final = "(secret)"  # noqa: S105 - the word that stands for one
SENT_AGAIN: Final = "(secret, sent again)"
CHANGED: Final = "(secret, changed)"
NOT_SET: Final = "(secret, not set here)"
UNKNOWN: Final = "(known after apply)"
ROOT: Final = "(all of it)"
_TIMES: Final = ("/startTime", "/endTime")


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
    if change.action is Action.CREATE and change.requests:
        return ()
    return tuple(_secret_row(field) if field.sensitive else _row(field) for field in change.fields)


def drift_rows(fields: tuple[FieldChange, ...]) -> tuple[Row, ...]:
    """Return the rows of what has drifted, sorted by path as a plan's are."""
    ordered = sorted(fields, key=lambda field: field.path)
    return tuple(_drifted_secret(field) if field.sensitive else _row(field) for field in ordered)


def request_body(request: Request) -> Json | None:
    """Return the body that is worth reading: a PUT repeats the whole object, and the fields say what of it changes."""
    return None if request.method == "PUT" else request.body


def request_size(request: Request) -> str:
    """Say how long a body is, and of a PUT, what it is."""
    whole = ", the whole object with these changes in it" if request.method == "PUT" else ""
    return "" if request.body is None else f" {request.bytes} bytes{whole}"


def _secret_row(field: FieldChange) -> Row:
    set_before = field.before is not MISSING
    if field.after is MISSING:
        return Row(field.path or ROOT, SECRET, None)
    wanted = NOT_SET if field.unknown else SENT_AGAIN if set_before else SECRET
    return Row(field.path or ROOT, SECRET if set_before else None, wanted)


def _drifted_secret(field: FieldChange) -> Row:
    """Say that a secret came, went or is another one: nobody sends it again here."""
    left, live = (value is not MISSING for value in (field.before, field.after))
    if left == live:
        return Row(field.path or ROOT, SECRET, CHANGED)
    return Row(field.path or ROOT, SECRET if left else None, SECRET if live else None)


def _row(field: FieldChange) -> Row:
    before, after, path = shown(field.before), shown(field.after), field.path
    inner = tuple(
        Row(inner_path, _text(left, inner_path), _text(right, inner_path))
        for inner_path, left, right in inner_changes(before, after)
    )
    return Row(path or ROOT, _text(before, path), _unknown(after) if field.unknown else _text(after, path), inner)


def _text(value: Json | Missing, path: str) -> str | None:
    if isinstance(value, Missing):
        return None
    moment = _moment(value) if path.endswith(_TIMES) else None
    return f"{one_line(value)} ({moment})" if moment else one_line(value)


def _moment(value: Json) -> str | None:
    """Return epoch seconds, a number or its digits, as ISO 8601; None for anything else, or what no calendar holds."""
    digits = isinstance(value, str) and value.isascii() and value.isdecimal()
    if not digits and (not isinstance(value, int) or isinstance(value, bool)):
        return None
    try:
        return words.iso(int(value))
    except ValueError:  # more digits than Python reads
        return None


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
