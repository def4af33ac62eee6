"""Where in a file's text each value stands, from its first character to its last.

The same parser reads the values and tells the places, so that what is written over is what was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from reconciler.diff.pointer import Path
from reconciler.manifest import reader

_PAIR: Final = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|.)", re.DOTALL)
_STAND_IN: Final = r"\U0001F600  "


class NoPlace(Exception):
    """The text is laid out so that a change cannot be made without touching what stands beside it."""


@dataclass(frozen=True, slots=True, repr=False)
class Span:
    """One value's text: ``text[start:end]``, without the line break and the comment behind it.

    ``members`` are those of a mapping or a list. ``flow`` iff it is written in brackets. ``style`` is a scalar's quote
    (``'``, ``"``), its ``|`` or ``>``, empty for plain text; None iff it is no scalar.
    """

    start: int
    end: int
    style: str | None
    is_mapping: bool = False
    flow: bool = False
    members: tuple[Member, ...] = ()

    @property
    def is_block(self) -> bool:
        """Iff it is a mapping or a list that is told by its indentation."""
        return self.style is None and not self.flow

    def index(self, token: str) -> int | None:
        """Return which member a token means: a mapping's by key, a list's by position; None if none."""
        if not self.is_mapping:
            return int(token) if token.isdecimal() and int(token) < len(self.members) else None
        return next((at for at, member in enumerate(self.members) if member.key == token), None)


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """A value in a mapping or a list; ``start`` is where its key begins, in a list the value itself.

    ``key`` is None in a list; ``key_end`` is where the key's text ends, ahead of the colon.
    """

    start: int
    value: Span
    key: str | None = None
    key_end: int = 0


def spans(text: str, *, is_json: bool) -> list[Span]:
    """Return the documents of a text that holds no syntax error, those that are a mapping or a list."""
    # JSON writes a character beyond 16 bits as two escapes, which YAML does not take; of the same length, they do.
    events = reader.events(_PAIR.sub(_stand_in, text) if is_json and "\\u" in text else text)
    return [_span(event, events, text) for event in events if isinstance(event, yaml.CollectionStartEvent)]


def _stand_in(match: re.Match[str]) -> str:
    return match[0] if len(match[0]) < len(_STAND_IN) else _STAND_IN


def _span(event: Any, events: Iterator[Any], text: str) -> Span:
    start = event.start_mark.index
    if isinstance(event, yaml.ScalarEvent):
        return Span(start, _end_of_scalar(event, text), event.style or "")
    is_mapping = isinstance(event, yaml.MappingStartEvent)
    members: list[Member] = []
    for inner in events:
        if isinstance(inner, yaml.CollectionEndEvent):
            # A block ends where the next token begins, which may be lines of comments later.
            end = _end_of(inner) if event.flow_style else members[-1].value.end
            return Span(start, end, None, is_mapping, bool(event.flow_style), tuple(members))
        key = inner if is_mapping else None
        members.append(_member(key, next(events) if is_mapping else inner, events, text))
    raise AssertionError("the parser ends what it starts")


def _end_of(event: Any) -> int:
    return int(event.end_mark.index)


def _member(key: Any, value: Any, events: Iterator[Any], text: str) -> Member:
    span = _span(value, events, text)
    return Member(key.start_mark.index, span, str(key.value), key.end_mark.index) if key else Member(span.start, span)


def _end_of_scalar(event: Any, text: str) -> int:
    start, end = event.start_mark.index, event.end_mark.index
    # A literal takes the empty lines behind it along.
    return start + len(text[start:end].rstrip()) if event.style in {"|", ">"} else int(end)


def follow(root: Span, path: Path) -> list[Span]:
    """Return the values on the way to a path, root first; raises NoPlace where a key is written as nobody can tell."""
    found = [root]
    for token in path:
        at = found[-1].index(token)
        if at is None:
            raise NoPlace
        found.append(found[-1].members[at].value)
    return found
