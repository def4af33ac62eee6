"""The pieces of GitHub's Markdown, each of which holds any text without being changed by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reconciler.render.inert import inert

_ACTIVE = re.compile(r"[^A-Za-z0-9 /\-\u0080-\U0010ffff]")
_RUN = re.compile(r"`+")


def code(text: str) -> str:
    """Return text as inline code.

    By tag and entities, not by backticks: a code span in a table ends at a bar, and in a summary there are none.
    Inside the tag GitHub looks for no @mention, no #reference and no link but one: its parser puts entities together
    again, and makes a mailto of what then is an e-mail address. A comment, which it drops later, keeps the two halves
    apart.
    """
    return f"<code>{_ACTIVE.sub(_entity, inert(text)) or ' '}</code>"


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};{'<!---->' if match[0] == '@' else ''}"


def fence(lines: Iterable[str], language: str) -> str:
    """Return lines as a code block, whose fence is longer than any run of backticks in it."""
    content = [inert(text) for text in lines]
    longest = max((len(run) for text in content for run in _RUN.findall(text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return "\n".join([f"{ticks}{language}", *content, ticks])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; its cells are Markdown already."""
    return [f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows]]


def details(summary: str, blocks: Iterable[str], *, unfolded: bool = False) -> str:
    """Return blocks that are folded away; ``summary`` is HTML already."""
    opening = f"<details{' open' if unfolded else ''}><summary>{summary}</summary>"
    return "\n\n".join([opening, *blocks, "</details>"])
