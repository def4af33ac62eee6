"""Nothing that a manifest or the service says can act on a terminal, a log or a pull request: asked of the whole tool.

Markdown is read by cmark-gfm, which is the parser of GitHub itself; what it makes of a page is looked at, not the page.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.bench import NOW, Bench
from support.chain import apply_chain, declare
from support.inert import ATTACKS, MARK, check_log, check_markdown

from reconciler.render.markup import code


def own(error: str) -> str:
    """Return stderr without the annotations that we write ourselves in a workflow."""
    return "\n".join(line for line in error.split("\n") if not re.match(r"::(warning|error) file=[^:]*::", line))


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
    check_log(own(ran.err))
    assert "::error file=" in ran.err
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
