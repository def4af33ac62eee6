"""The report in a real browser: what it looks like to people, and what it does, which is nothing but what is ours."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from support import browser as browsers
from support import showcase
from support.browser import Browser

from reconciler.diff.document import MISSING
from reconciler.diff.outcomes import Cause
from reconciler.model.graph import Graph, Node
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action, Change, FieldChange, Plan, Request
from reconciler.model.resources import Notice, ResourceName
from reconciler.render.html.report import drift_html, plan_html

pytestmark = [
    pytest.mark.skipif(bool(browsers.MISSING), reason=browsers.MISSING),
]

PLAN = plan_html(showcase.planned().plan, showcase.NOW, showcase.graph())
DRIFT = drift_html(showcase.drifted(), showcase.NOW, showcase.graph())
PAGES = {"plan": PLAN, "drift": DRIFT}
CONTRAST = """
var channel = function (c) { c /= 255; return c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4); };
var light = function (rgb) { return 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]); };
var numbers = function (text) { return (text.match(/[\\d.]+/g) || []).map(Number); };
return [].slice.call(document.querySelectorAll("svg text")).map(function (text) {
  var node = text.closest(".node"), sheet = getComputedStyle(text.closest(".scroll"));
  var under = numbers(node ? getComputedStyle(node.querySelector("rect")).fill : sheet.backgroundColor);
  var one = light(numbers(getComputedStyle(text).fill)), other = light(under);
  return [text.textContent, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)];
});
"""

ELEMENTS = (
    "return [].slice.call(document.querySelectorAll('*:not(mark, .long, .long *)')).map(e => e.tagName).join(' ')"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all of it: to start one takes longer than all that is looked at."""
    with browsers.browser() as started:
        yield started


def shown(chromium: Browser) -> list[str]:
    """Return the resources whose cards are to be seen."""
    return chromium.run(
        "return [].slice.call(document.querySelectorAll('.card')).filter(c => c.checkVisibility()).map(c => c.id)"
    )


def quiet(chromium: Browser) -> None:
    """Assert that nobody complained, nothing was refused and nothing was asked for but the page itself."""
    assert chromium.complaints() == []
    assert chromium.violations() == []
    assert [url for url in chromium.requests() if not url.startswith(("file:", "about:"))] == []
    assert chromium.run("return window.__ran") == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_accessible_and_keeps_its_own_policy(chromium: Browser, name: str, dark: bool) -> None:  # noqa: FBT001
    """No complaint of the browser's, none of axe's, in light and in dark, all of it unfolded."""
    chromium.show(PAGES[name], dark=dark)
    quiet(chromium)
    colour = chromium.run("return getComputedStyle(document.body.parentNode).backgroundColor")
    assert (colour == "rgb(15, 18, 22)") == dark
    chromium.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    chromium.run(files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
    found = chromium.driver.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    problems = [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found["violations"]]
    assert problems == []
    assert found["passes"]


@pytest.mark.parametrize("dark", [False, True])
def test_what_is_written_in_a_picture_can_be_read(chromium: Browser, dark: bool) -> None:  # noqa: FBT001
    """Axe does not look into pictures: 4.5 to 1 against the box or the sheet (WCAG 2.2, 1.4.3)."""
    chromium.show(PLAN, dark=dark)
    ratios = chromium.run(CONTRAST)
    assert len(ratios) > 30
    assert [(text, ratio) for text, ratio in ratios if ratio < 4.5] == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 360, 768, 1600])
def test_the_page_is_as_wide_as_the_screen(chromium: Browser, name: str, width: int) -> None:
    """From a phone on: what is wider scrolls by itself, and can be reached with the keyboard."""
    chromium.show(PAGES[name], width=width)
    chromium.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert chromium.run("return document.documentElement.scrollWidth") <= width
    loose = chromium.run(
        "return [].slice.call(document.querySelectorAll('.scroll, pre')).filter("
        "e => (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight) && e.tabIndex < 0).length"
    )
    assert loose == 0


def test_the_filter_finds(chromium: Browser) -> None:
    """By any part of a name, by action, by cause, by several words at once; and says how many."""
    chromium.show(PLAN)
    every = shown(chromium)
    assert len(every) == 9

    def look(words: str) -> tuple[list[str], str]:
        box = chromium.driver.find_element("id", "words")
        box.clear()
        box.send_keys(words)
        return shown(chromium), chromium.run("return document.getElementById('found').textContent")

    assert look("cases") == (["Flow/cases-hourly"], "1 of 9")
    assert look("is:create")[0] == ["Flow/returns-weekly", "SourceConnection/returns", "TargetConnection/returns-lake"]
    assert look("CAUSE:drift flow/") == (["Flow/cases-hourly", "Flow/web-events"], "2 of 9")
    assert look("no such thing") == ([], "0 of 9")
    assert chromium.run("return document.getElementById('blocked').checkVisibility()") is False
    assert look("  ") == (every, "")
    chromium.driver.find_element("css selector", ".legend [data-filter='is:blocked']").click()
    assert shown(chromium) == ["Flow/accounts-nightly"]
    chromium.driver.find_element("css selector", ".legend [data-filter='is:blocked']").click()
    assert shown(chromium) == every
    quiet(chromium)


def test_cards_fold_by_keyboard_and_links_unfold_them(chromium: Browser) -> None:
    """A summary is a button; the graph leads to the card of what it shows."""
    chromium.show(PLAN)
    is_open = "return document.getElementById('Flow/web-events').open"
    chromium.driver.find_element("id", "fold").send_keys("\n")
    chromium.wait(is_open, value=False)
    summary = chromium.driver.find_element("css selector", "[id='Flow/web-events'] > summary")
    summary.send_keys("\n")
    chromium.wait(is_open, value=True)
    chromium.driver.find_element("id", "fold").send_keys("\n")
    chromium.driver.find_element("id", "words").send_keys("bigquery")
    link = chromium.driver.find_element("css selector", ".estate a[href='#Flow/web-events']")
    link.send_keys("\n")
    chromium.wait(is_open, value=True)
    assert "Flow/web-events" in shown(chromium), "what a link leads to is not left filtered out"
    chromium.driver.find_element("id", "unfold").send_keys("\n")
    chromium.wait("return document.querySelectorAll('.card:not([open])').length", 0)
    chromium.driver.find_element("class name", "skip").send_keys("\n")
    chromium.wait("return location.hash", "#content")
    quiet(chromium)


def test_without_a_script_everything_is_there(chromium: Browser) -> None:
    """Nothing is hidden but the filter, which could do nothing."""
    chromium.show(PLAN, script=False)
    chromium.command("Emulation.setScriptExecutionDisabled", value=False)
    assert len(shown(chromium)) == 9
    assert chromium.run("return document.getElementById('filter').checkVisibility()") is False
    quiet(chromium)


def test_it_prints_with_everything_unfolded(chromium: Browser) -> None:
    """As a PDF; afterwards the page is as it was."""
    chromium.show(PLAN)
    chromium.driver.find_element("id", "fold").send_keys("\n")
    folded = "return document.querySelectorAll('details:not([open])').length"
    before = chromium.run(folded)
    chromium.run(
        "window.__printed = null; addEventListener('beforeprint', () => { window.__printed = "
        "document.querySelectorAll('details:not([open])').length; })"
    )
    pdf = chromium.printed()
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type /Page/") >= 2
    assert chromium.run("return window.__printed") == 0
    assert chromium.run(folded) == before
    quiet(chromium)


def test_motion_is_only_for_those_who_do_not_mind(chromium: Browser) -> None:
    """Smooth scrolling is off where somebody has asked for less."""
    chromium.show(PLAN)
    seen = {}
    for wish in ("reduce", "no-preference"):
        chromium.wish(**{"prefers-reduced-motion": wish})
        seen[wish] = chromium.run("return getComputedStyle(document.documentElement).scrollBehavior")
    assert seen == {"reduce": "auto", "no-preference": "smooth"}


ATTACKS = (
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus x='",
    "</title></svg></details><svg onload=alert(1)><iframe src=https://evil.example>",
    "javascript:alert(1)",
    "<a href=https://evil.example>x</a><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<!--<script>",
    "]]><![CDATA[<base href=https://evil.example>",
    "\x1b[31m\x00\u202e\ud800 {{ 7*7 }}",
)


def hostile(text: str) -> tuple[Plan, Graph]:
    """Return a plan in which everything that can be foreign is this text."""
    sent = text.encode("utf-8", "ignore").decode()
    change = Change(
        ResourceName(Kind.FLOW, "x"), text, Action.UPDATE, frozenset({Cause.GIT}),
        (FieldChange(f"/{text}", text, f"{text}!"), FieldChange("/long", text * 90, MISSING)),
        (Request("PATCH", f"/flows/{text}", [{"op": "add", "path": sent, "value": {sent: sent}}], text),),
        notes=(text,),
    )  # fmt: skip
    blocked = dataclasses.replace(change, resource=ResourceName(Kind.FLOW, "y"), action=Action.BLOCKED, blocked_by=text)
    plan = Plan(text, text, text, text, (change, blocked), 1, (), "feed", (Notice(text),))
    return plan, Graph((Node("Flow/x", Kind.FLOW, text, text), Node("Flow/y", Kind.FLOW, "y")))


@pytest.mark.parametrize("text", ATTACKS)
def test_hostile_values_are_only_text(chromium: Browser, text: str) -> None:
    """Nothing runs, nothing is asked for, nothing is refused since nothing is tried, and the page looks the same."""
    plan, graph = hostile(text)
    calm, _ = hostile("calm" * 10)  # so long that the same is folded
    chromium.show(plan_html(calm, showcase.NOW, graph))
    elements = chromium.run(ELEMENTS)
    chromium.show(plan_html(plan, showcase.NOW, graph))
    chromium.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert chromium.run(ELEMENTS) == elements
    title = chromium.run("return document.title")
    assert title.startswith("Plan for ")
    assert chromium.run("return getComputedStyle(document.querySelector('h1')).display") == "block"
    quiet(chromium)
    if text.isprintable():
        assert text in chromium.text()


def test_the_witness_sees_what_breaks_the_policy(chromium: Browser, tmp_path: Path) -> None:
    """Or all the silence above would say nothing."""
    spoiled = PLAN.replace(
        "</main>",
        "<p style='color:red' onclick='alert(1)'>x</p><img src='https://evil.example/x.png'><script>alert(1)</script></main>",
    )
    path = tmp_path / "spoiled.html"
    path.write_text(spoiled)
    chromium.show(path)
    broken = " ".join(chromium.violations())
    assert all(rule in broken for rule in ("style-src-attr", "script-src-attr", "img-src", "script-src-elem"))
    assert chromium.complaints()
    bare = PLAN.replace("http-equiv", "data-nothing").replace("</main>", "<script>alert(1)</script></main>")
    chromium.show(bare)
    assert chromium.run("return window.__ran") == ["alert"]
    assert json.dumps(chromium.requests())
