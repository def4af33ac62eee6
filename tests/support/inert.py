"""Hostile texts, and the checks that they do nothing: GitHub's own parser, and what a runner reads as a command."""

from __future__ import annotations

from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

from reconciler.render.inert import is_hidden

MARK = "h0stile"
ATTACKS = {
    "escapes": "\x1b[2J\x1b]8;;https://evil.example\x07 \x9b31m \x08\x08 \rover",
    "bidi": "\u202e\u2066\u200b\ufeff\U000e0041\u061c\u115f",
    "fences": "\n`````````\n</details></details>\n~~~~\n",
    "html": "<img src=x onerror=alert(1)><!-- forged: 1 --><a href=https://evil.example>x</a></code></pre>",
    "links": "![x](https://evil.example/x.png) [x](https://evil.example) <https://evil.example> "
    "https://evil.example www.evil.example",
    "addresses": "someone@evil.example mailto:someone@evil.example xmpp:someone@evil.example",
    "mentions": "@mallory #123 GH-123 owner/repo#1 a94a8fe5ccb19ba61c4c0873d391e987982fbbd3 :smile:",
    "blocks": "\n# head\n\n| a | b |\n| --- | --- |\n> quote\n- [ ] task\n[^1]\n\n[^1]: foot\n***\n",
    "commands": "\n::error::x\n::set-output name=a::b\n##[group]x\n\r::add-mask::y\n::stop-commands::z",
}
"""What each would do where it is shown as it is."""

ALLOWED = {
    "h3", "p", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "b", "strong", "ul",
    "li",
}  # fmt: skip
HELD = {"code", "pre"}


class Page(HTMLParser):
    """What GitHub's parser made of a page: every tag, and the text that is in neither code nor a block of it."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.free: list[str] = []
        self.attributes: set[str] = set()
        self.comments: set[str] = set()
        self._held = 0
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._held += tag in HELD

    def handle_endtag(self, tag: str) -> None:
        self._held -= tag in HELD

    def handle_data(self, data: str) -> None:
        if not self._held:
            self.free.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.add(data)


def check_markdown(text: str) -> None:
    """Iff all that is hostile is text within code."""
    page = Page(text)
    assert page.tags <= ALLOWED, page.tags - ALLOWED
    assert page.attributes <= {"lang", "open"}
    assert page.comments <= {""}
    assert MARK not in "".join(page.free)
    check_log(text)


def check_log(text: str) -> None:
    """Iff a terminal only prints it, and no runner takes a line for a command."""
    assert not [character for character in text if character != "\n" and is_hidden(character)]
    assert not [line for line in text.split("\n") if line.lstrip().startswith("::")]
    assert "##[" not in text
