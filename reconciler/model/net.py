"""Finding many words in one text, in a time that does not grow with how many there are.

A regular expression of some thousand secrets, each in a dozen forms, tries all of them at every character. Here each
place costs one look into a table of beginnings, and behind a beginning one look for each length that a word has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

HEAD: Final = 4
"""Characters of a beginning; a word that is shorter is never found."""


class Net:
    """Replaces words in a text, of several at one place the longest."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if len(word) >= HEAD)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[:HEAD], set()).add(len(word))
        self._lengths = {head: sorted(found, reverse=True) for head, found in lengths.items()}

    def replace(self, text: str, by: str) -> str:
        """Return text with ``by`` in the place of each word."""
        if not self._words:
            return text
        parts: list[str] = []
        kept = at = 0
        while at + HEAD <= len(text):
            length = self._at(text, at)
            if length:
                parts += [text[kept:at], by]
                kept = at + length
            at += length or 1
        return "".join([*parts, text[kept:]]) if parts else text

    def _at(self, text: str, at: int) -> int:
        """Return the length of the longest word that begins there, 0 if none does."""
        lengths = self._lengths.get(text[at : at + HEAD], ())
        return next((length for length in lengths if text[at : at + length] in self._words), 0)
