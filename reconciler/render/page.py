"""A page of Markdown that is no longer than it may be, cut between blocks, and that says what it left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.render.markup import table

EVERYTHING: Final = "the log and `--format json` show everything"
_REMARK: Final = 400
"""Room for the sentence that says what was left out."""


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks of a page, in their order; ``rows`` are those of one table, ``sections`` are folded.

    ``pictures`` stand between table and sections, each of which is left out where it does not fit. ``whole`` says
    where all of it can be read; it is Markdown.
    """

    head: Sequence[str]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    pictures: Sequence[str] = ()
    sections: Iterable[str] = ()
    foot: Sequence[str] = ()
    whole: str = EVERYTHING

    def within(self, limit: int) -> str:
        """Return the page in no more than ``limit`` characters, as GitHub counts them."""
        listed = table(self.columns, self.rows) if self.rows else []
        fitting = _within(listed, limit // 2)
        last = _within(self.foot, limit // 4)
        blocks = [*self.head, *(["\n".join(fitting)] if fitting else [])]
        room = limit - _REMARK - sum(length(block) + 2 for block in [*blocks, *last])
        drawn = []
        for picture in self.pictures:
            if length(picture) + 2 <= room // 2:  # what changes comes first: a picture takes half of the rest at most
                drawn.append(picture)
                room -= length(picture) + 2
        folded = [section for section in self.sections if section]
        kept = _within(folded, room)
        left = [
            (len(listed) - len(fitting), "row", "of the table"),
            (len(folded) - len(kept), "section", "of details"),
            (len(self.pictures) - len(drawn), "picture", "or timetable"),
            (len(self.foot) - len(last), "remark", "at the end"),
        ]
        told = [f"{count} {one}{'s' * (count != 1)} {of}" for count, one, of in left if count]
        more = [f"**Cut:** left out here, for want of room: {', '.join(told)}; {self.whole}."] if told else []
        at = len(self.head)
        return "\n\n".join([*blocks[:at], *more, *blocks[at:], *drawn, *kept, *last]) + "\n"


def length(text: str) -> int:
    """Return the characters of a text, as a program counts them for which one outside of the basic plane is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _within(blocks: Sequence[str], room: int) -> list[str]:
    kept = []
    for block in blocks:
        room -= length(block) + 2
        if room < 0:
            break
        kept.append(block)
    return kept
