"""One change of a file's text: a value written over, put in or taken out, and every other character left as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.manifest.editing.fragments import Hand, column, hand_of
from reconciler.manifest.editing.spans import Member, NoPlace, Span, follow, spans

_TO_COMMA: Final = re.compile(r"(?:\s|#[^\n]*)*,")


@dataclass(frozen=True, slots=True)
class Write:
    """Write a value over the one at path."""

    path: Path
    value: Json


@dataclass(frozen=True, slots=True)
class Insert:
    """Put a member into the mapping (under ``key``) or list (``key`` None, ahead of position ``at``) at path."""

    path: Path
    value: Json
    key: str | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the member at path out; it is not the last one of its mapping or list."""

    path: Path


Splice: TypeAlias = Write | Insert | Remove


@dataclass(frozen=True, slots=True)
class Page:
    """A file's text with its documents' places and its hand."""

    text: str
    roots: list[Span]
    hand: Hand

    @classmethod
    def of(cls, text: str, *, is_json: bool) -> Page:
        """Find the places of a text."""
        roots = spans(text, is_json=is_json)
        return cls(text, roots, hand_of(text, roots, is_json=is_json))

    def spliced(self, document: int, splice: Splice) -> str:
        """Return the text with one change made in one of its documents; raises NoPlace."""
        chain = follow(self.roots[document], splice.path)
        if isinstance(splice, Insert):
            return self._insert(chain[-1], splice)
        holder, span = chain[-2], chain[-1]
        at = holder.index(splice.path[-1])
        member = holder.members[at or 0]
        if isinstance(splice, Write):
            return self._write(holder, member, span, splice.value)
        return self._remove_flow(holder, at or 0) if holder.flow else self._remove_block(holder, at or 0)

    # Writing over

    def _write(self, holder: Span, member: Member, span: Span, value: Json) -> str:
        text, hand = self.text, self.hand
        empty = span.style is None and not span.members
        if holder.flow or hand.is_json or not _is_filled(value) or (span.flow and not empty):
            return self._write_inline(holder, member, span, self._inline(holder, span, value))
        if not holder.is_mapping:
            gap = self._gap(span.start)
            lines = hand.block(value, column(text, span.start) + len(gap), hanging=True)
            return text[: span.start] + gap + self._joined(lines).lstrip(" ") + text[span.end :]
        return self._write_below(member, span, hand.block(value, column(text, holder.members[0].start)))

    def _inline(self, holder: Span, span: Span, value: Json) -> str:
        text, hand = self.text, self.hand
        if hand.is_json and _is_filled(value) and "\n" in text[holder.start : holder.end]:
            return hand.pretty(value, self._margin(span.start)).replace("\n", self._break)
        if span.style in {"|", ">"} and isinstance(value, str) and holder.is_mapping:
            lines = hand.literal(value, column(text, holder.members[0].start) + hand.mapping)
            if lines:
                return self._joined(lines)
        return hand.inline(value, span.style, flow=holder.flow)

    def _write_inline(self, holder: Span, member: Member, span: Span, words: str) -> str:
        text = self.text
        if span.is_block and holder.is_mapping:
            colon = self._colon(member)
            cut = self._without_lines(span.start, span.end)
            return cut[:colon] + " " + words + cut[colon:]
        return text[: span.start] + self._gap(span.start) + words + text[span.end :]

    def _gap(self, index: int) -> str:
        """Return the space that a value needs which was left empty: it follows right behind a colon or a hyphen."""
        return " " if self.text[index - 1] in {":", "-"} and not self.hand.is_json else ""

    def _write_below(self, member: Member, span: Span, lines: list[str]) -> str:
        """Write a block below its key, whose own comment stays."""
        text = self.text
        if span.is_block and self._eol(member.key_end) < span.start:
            first = self._line_start(span.start)
            return text[:first] + self._joined(lines) + text[self._eol(span.end) :]
        colon, end = self._colon(member), self._eol(span.end)
        return text[:colon] + text[span.end : end].rstrip() + self._break + self._joined(lines) + text[end:]

    # Putting in

    def _insert(self, holder: Span, splice: Insert) -> str:
        if holder.flow:
            return self._insert_flow(holder, splice)
        text, hand = self.text, self.hand
        if splice.key is None:
            lines = self._element(holder, splice.value)
            if splice.at == 0:
                first = text[: holder.start] + self._joined(lines).lstrip(" ")
                return first + self._break + " " * column(text, holder.start) + text[holder.start :]
            return self._below(holder.members[splice.at - 1].value.end, lines)
        indent, key = column(text, holder.members[0].start), hand.key(splice.key, flow=False)
        if _is_filled(splice.value):
            lines = [f"{' ' * indent}{key}:", *hand.block(splice.value, indent)]
        else:
            lines = [f"{' ' * indent}{key}: {hand.inline(splice.value, flow=False)}"]
        return self._below(holder.members[-1].value.end, lines)

    def _element(self, holder: Span, value: Json) -> list[str]:
        """Return the lines of a list's element, its hyphen where those of the list are."""
        return self.hand.block([value], column(self.text, holder.start), hanging=True)

    def _insert_flow(self, holder: Span, splice: Insert) -> str:
        text, hand, members = self.text, self.hand, holder.members
        broken = "\n" in text[holder.start : members[0].start]
        words = self._flow_value(splice.value, members[0].start if broken else None)
        if splice.key is not None:
            words = f"{hand.key(splice.key, flow=True)}: {words}"
        gap = self._break + " " * self._margin(members[0].start) if broken else " "
        at = len(members) if splice.key is not None else splice.at
        if at == 0:
            return text[: members[0].start] + words + "," + gap + text[members[0].start :]
        end = members[at - 1].value.end
        comma = _TO_COMMA.match(text, end)
        if comma is None:
            behind = self._eol(end) if broken and text[end : self._eol(end)].lstrip().startswith("#") else end
            return text[:end] + "," + text[end:behind] + gap + words + text[behind:]
        behind = self._eol(comma.end()) if broken else comma.end()
        return text[:behind] + gap + words + "," * (at < len(members)) + text[behind:]

    def _flow_value(self, value: Json, start: int | None) -> str:
        if self.hand.is_json and _is_filled(value) and start is not None:
            return self.hand.pretty(value, self._margin(start)).replace("\n", self._break)
        return self.hand.inline(value, flow=True)

    # Taking out

    def _remove_flow(self, holder: Span, at: int) -> str:
        """Take a member out with the comma that it no longer needs, and with the comment on its line."""
        text, member = self.text, holder.members[at]
        if at + 1 < len(holder.members):
            return self._without(member, holder.members[at + 1].start)
        before = holder.members[at - 1].value.end
        if "#" in text[before : member.start]:  # that comment is the one before's, which keeps its comma as well
            before = self._eol(before)
        if "#" in text[before : member.start]:
            raise NoPlace
        end = self._eol(member.value.end)
        remark = text[member.value.end : end].lstrip(" ,").startswith("#")
        return text[:before] + text[end if remark else member.value.end :]

    def _remove_block(self, holder: Span, at: int) -> str:
        text, member = self.text, holder.members[at]
        start = member.start if holder.is_mapping else self._hyphen(holder, at)
        if text[self._line_start(start) : start].strip():  # it shares its line with the hyphen of what it stands in
            after = holder.members[at + 1].start if holder.is_mapping else self._hyphen(holder, at + 1)
            return self._without(replace(member, start=start), after)
        return self._without_lines(start, member.value.end)

    def _hyphen(self, holder: Span, at: int) -> int:
        """Return where the hyphen of a block list's element stands: on its line, or above it."""
        margin, line = column(self.text, holder.start), self._line_start(holder.members[at].start)
        while line > holder.start:
            if self.text[line : line + margin + 1] == " " * margin + "-":
                return line + margin
            line = self._line_start(line - 1)
        return holder.start

    def _without(self, member: Member, end: int) -> str:
        """Take a member out, up to the next one; raises NoPlace where a comment stands between the two."""
        behind = self.text[member.value.end : end]
        if "#" in behind.partition("\n")[2]:
            raise NoPlace
        return self.text[: member.start] + self.text[end:]

    # Lines

    def _below(self, index: int, lines: list[str]) -> str:
        end = self._eol(index)
        return self.text[:end] + self._break + self._joined(lines) + self.text[end:]

    def _without_lines(self, start: int, end: int) -> str:
        """Return the text without the lines from start to end."""
        first, last = self._line_start(start), self._eol(end)
        behind = self.text.find("\n", last) + 1
        if not behind:  # the file ends without a line break, and goes on doing so
            return self.text[:first].removesuffix("\n").removesuffix("\r")
        return self.text[:first] + self.text[behind:]

    def _joined(self, lines: list[str]) -> str:
        return self._break.join(lines)

    @property
    def _break(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _eol(self, index: int) -> int:
        """Return the end of the line that an index stands on, ahead of its line break."""
        end = self.text.find("\n", index)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[end - 1 : end] == "\r" and end > index else end

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _margin(self, index: int) -> int:
        """Return how far the line is indented that an index stands on."""
        line = self.text[self._line_start(index) : index]
        return len(line) - len(line.lstrip(" "))

    def _colon(self, member: Member) -> int:
        """Return where the text behind a key's colon begins."""
        return self.text.index(":", member.key_end) + 1


def _is_filled(value: Json) -> bool:
    """Iff a value is a mapping or a list with something in it."""
    return isinstance(value, dict | list) and bool(value)
