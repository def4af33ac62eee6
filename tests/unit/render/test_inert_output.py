"""Nothing that a manifest or the service says can act on a terminal, a log or a pull request: asked of the whole tool.

Markdown is read by cmark-gfm, which is the parser of GitHub itself; what it makes of a page is looked at, not the page.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from support.bench import NOW, Bench
from support.chain import apply_chain, declare

from reconciler.render.inert import is_hidden
from reconciler.render.markup import code

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


def own(error: str) -> str:
    """Return stderr without the annotations that we write ourselves in a workflow."""
    return "\n".join(line for line in error.split("\n") if not re.match(r"::warning file=[^:]*::", line))


@pytest.fixture(params=ATTACKS)
def attack(request: pytest.FixtureRequest) -> str:
    """One text that must do nothing; marked at both ends."""
    return f"{MARK} {ATTACKS[request.param]} {MARK}"


def check(bench: Bench, *command: str) -> list[str]:
    """Run a command in all its formats; whatever its code, its output must be inert. Return what was shown."""
    seen = []
    for form in ("text", "markdown"):
        ran = bench.run(*command, "--format", form)
        assert "bug:" not in ran.err
        (check_markdown if form == "markdown" else check_log)(ran.out)
        check_log(own(ran.err))
        seen.append(ran.out)
    return seen


def spoil(document: dict[str, Any], text: str) -> None:
    """Let the service say it everywhere."""
    document |= {"description": text, "updatedBy": text, "updatedClient": text, "name": text, "etag": f'"{text}"'}
    document["updatedAt"] = int(NOW + 100) * 1000
    document["auth"]["params"] |= {text: text, "server": text}


def test_what_the_service_says_does_nothing(bench: Bench, attack: str) -> None:
    """Names, values, keys, etags and the last writer, in a plan, a drift and an apply, also in a workflow."""
    ids = apply_chain(bench)
    bench.environ["GITHUB_ACTIONS"] = "true"
    bench.edit("connections", ids["Connection/warehouse"], lambda document: spoil(document, attack))
    for command in (("plan",), ("drift",), ("drift", "--unmanaged"), ("apply", "--yes")):
        assert all(MARK in text for text in check(bench, *command)[:1]) or command[0] == "apply"
    check_log(bench.run("history").out)


def test_what_a_manifest_says_does_nothing(bench: Bench, attack: str) -> None:
    """Values and keys, in the plan of an update; what the reader does not let pass, in its errors."""
    apply_chain(bench)
    declare(
        bench, "SourceConnection/orders", ("params", {"tableName": attack, attack: [attack]}), ignore=[f"/{attack}"]
    )
    declare(bench, "TargetConnection/orders", ("description", attack))
    bench.environ["GITHUB_ACTIONS"] = "true"
    check(bench, "plan")
    check_log(own(bench.run("validate").err))


def test_an_error_of_the_service_does_nothing(bench: Bench, attack: str) -> None:
    """The reason of a refusal, in the report of an apply and in the history; the title of a page that is no answer."""
    apply_chain(bench)
    declare(bench, "Connection/warehouse", ("description", "Moved"))
    bench.app.faults.body(f'{{"errorMessage": {json.dumps(attack)}}}', status=400, method="PATCH", count=9)
    check(bench, "apply", "--yes")
    check_log(bench.run("history").out)
    bench.app.faults.body(f"<title>{attack}</title>", status=500, content_type="text/html", method="GET", count=99)
    check(bench, "plan")


@pytest.mark.parametrize(
    "name", ["::error::x.yaml", "##[group]x.yaml", "a\nb.yaml", "\x1b[31m.yaml", "\u202ex.yaml", "-x.yaml"]
)
def test_the_name_of_a_file_does_nothing(bench: Bench, name: str) -> None:
    """In an error, in a warning and in an annotation."""
    bench.environ["GITHUB_ACTIONS"] = "true"
    bench.write(name, "a: [")
    ran = bench.run("plan")
    assert ran.code == 1
    check_log(ran.err)
    connection = {"name": "x", "connectionSpec": {"id": "x", "version": "1"}}
    document = {"apiVersion": "reconciler/v1", "kind": "Connection", "metadata": {"name": "x", "ignore": ["/x"]}}
    bench.write(name, document | {"spec": connection})
    ran = bench.run("plan")
    assert ran.code == 0
    check_log(ran.out)
    check_log(own(ran.err))
    assert own(ran.err) != ran.err


@pytest.mark.parametrize("attack", ATTACKS.values())
def test_inline_code_holds_any_text(attack: str) -> None:
    """In a paragraph, a table and a summary."""
    held = code(f"{MARK} {attack} {MARK}")
    for page in (held, f"| a |\n| --- |\n| {held} |", f"<details><summary>{held}</summary>\n\nx\n\n</details>"):
        check_markdown(page)
        assert page.count(MARK) == 2


def test_the_check_itself_sees_what_would_act() -> None:
    """Each of the attacks does something where it stands bare, or the tests above show nothing."""
    for name, attack in ATTACKS.items():
        with pytest.raises(AssertionError):
            check_markdown(f"{MARK} {attack} {MARK}")
        if name in ("escapes", "bidi", "commands"):
            with pytest.raises(AssertionError):
                check_log(attack)
