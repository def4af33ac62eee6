"""The report as a page: what it says, and that nothing in it can do anything."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import showcase
from support.pages import Page, check
from support.plans import plans

from reconciler.diff.document import MISSING
from reconciler.diff.outcomes import Cause
from reconciler.model.graph import NO_GRAPH, Graph, Node
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action, Change, FieldChange, Request
from reconciler.model.resources import Notice, ResourceName
from reconciler.model.results import DriftItem, DriftReport, DriftStatus
from reconciler.model.schedule_runs import Rhythm, Timetable, Timetables
from reconciler.render.html.report import drift_html, plan_html
from reconciler.render.inert import is_hidden

MADE = 1_800_000_000.0


def plan_page(plan, graph=NO_GRAPH, redact=str) -> Page:
    return check(plan_html(plan, MADE, graph, redact))


def drift_page(report, graph=NO_GRAPH) -> Page:
    return check(drift_html(report, MADE, graph))


def cards(page: Page) -> dict[str, str]:
    """Return the text of each card by the resource it stands for."""
    return {one.attributes["id"]: re.sub(r"\s+", " ", one.text) for one in page.all("details", "card")}


def test_a_plan_says_where_what_and_when(samples) -> None:
    """The head: target, sandbox, organisation, commit, moment, and the sum in words and numbers."""
    page = plan_page(samples.FULL)
    head = re.sub(r"\s+", " ", page.one("header").text)
    for text in ("Plan for prod", "prod-eu", "ACME@AdobeOrg", "1a2b3c4d5e6f", "2027-01-15T08:00:00Z", "1 blocked"):
        assert text in head
    assert page.one("title").text == "Plan for prod"
    assert "1 to create, 1 to update, 1 to adopt, 1 blocked, 5 unchanged" in page.one("p", "verdict").text
    legend = re.sub(r"\s+", " ", page.one("ul", "legend").text).strip()
    assert legend == "! 1 blocked + 1 to create ~ 1 to update = 1 to adopt · 5 unchanged"


def test_a_card_says_all_of_its_change(samples) -> None:
    """Action, causes, id, fields before and after, notes, and each request with its etag, size and body."""
    told = cards(plan_page(samples.FULL))
    update = told["Connection/salesforce-crm"]
    for text in (
        "update", "cause: git", "cause: drift", samples.ID, "/name", '"Salesforce"', '"Salesforce CRM"', "not there",
        "(secret, sent again)", "the password was rotated", "PATCH", f"/connections/{samples.ID}", "227 bytes",
        '"2f00f2d9-0000-0200-0000-5f3a8f1b0000"', '{"op":"replace","path":"/name","value":"Salesforce CRM"},',
        '{"$secret":"/auth/params/password"}',
    ):  # fmt: skip
        assert text in update, text
    assert "hunter2" not in json.dumps(told)
    create = told["SourceConnection/accounts"]
    assert '{"name":"Accounts","baseConnectionId":{"$ref":"Connection/salesforce-crm"}}' in create


def test_what_is_blocked_comes_first_with_the_way_out(samples) -> None:
    """Unfolded, and named as such."""
    page = plan_page(samples.FULL)
    first = page.all("details", "card")[0]
    assert first.attributes["id"] == "Flow/nightly"
    assert "open" in first.attributes
    assert "Blocked: startTime has passed and cannot change; set it back to 1597784298" in cards(page)["Flow/nightly"]
    assert [re.sub(r"\s+", " ", one.text) for one in page.all("h2")] == [
        "Notices", "Blocked 1", "Changes 2", "Adoptions 1", "Orphans 2",
    ]  # fmt: skip


def test_orphans_notices_and_adoptions_are_told(samples) -> None:
    """With what can become of them."""
    text = plan_page(samples.FULL).text
    for part in (
        "crm.yaml:9:7: a password stands in the manifest",
        "TargetConnection/lake",
        "Flow/old",
        "--prune deletes them",
        "What is protected stays live",
    ):
        assert part in text


def test_a_plan_without_anything_says_so(samples) -> None:
    """No filter, no empty headings."""
    page = plan_page(samples.plan(unchanged=7))
    assert "No changes to send to prod: 7 unchanged." in page.text
    assert "Nothing here asks for anybody." in page.text
    assert not page.all("form")
    assert not page.all("h2")
    assert "unchanged" not in plan_page(samples.plan(unchanged=0)).one("header").text.replace("0 unchanged", "")


def test_a_put_shows_the_whole_object_folded(samples) -> None:
    """What is sent, all of it: a reviewer can open it."""
    body = {"name": "Mailchimp", "authSpec": [{"name": "OAuth2"}]}
    put = Change(
        ResourceName(Kind.CONNECTION_SPEC, "mailchimp"), samples.ID, Action.UPDATE, frozenset({Cause.GIT}),
        (FieldChange("/name", "Mail", "Mailchimp"),), (Request("PUT", f"/connectionSpecs/{samples.ID}", body),),
    )  # fmt: skip
    page = plan_page(samples.plan(put))
    assert "the whole object with these changes in it" in page.text
    body_details = [one for one in page.all("details") if one.text.startswith("Body")]
    assert len(body_details) == 1
    assert '"authSpec":[{"name":"OAuth2"}]' in body_details[0].text
    assert "open" not in body_details[0].attributes


def test_many_changes_are_folded_and_few_are_not(samples) -> None:
    """A page of hundreds of unfolded cards is none to look over."""

    def unfolded(count: int) -> int:
        made = [
            dataclasses.replace(samples.UPDATE, resource=ResourceName(Kind.CONNECTION, f"c-{at}"))
            for at in range(count)
        ]
        page = plan_page(samples.plan(*made))
        return sum("open" in one.attributes for one in page.all("details", "card"))

    assert (unfolded(8), unfolded(9)) == (8, 0)


def test_the_filter_finds_by_name_kind_action_and_cause(samples) -> None:
    """The words that the script looks at, and the links that set them."""
    page = plan_page(samples.FULL)
    words = {one.attributes["id"]: one.attributes["data-words"] for one in page.all("details", "card")}
    assert words["Connection/salesforce-crm"] == (
        f"connection/salesforce-crm is:update cause:git cause:drift {samples.ID}"
    )
    links = {one.attributes["data-filter"] for one in page.all("a") if "data-filter" in one.attributes}
    assert links == {"is:update", "is:blocked", "is:create"}
    assert all(any(link in text.split() for text in words.values()) for link in links)
    assert "hidden" in page.one("form").attributes, "without a script there is no filter"


def test_a_flow_says_when_it_runs(samples) -> None:
    """In its card in words, and all of them on one axis with a table that says the same."""
    daily, weekly = (Timetable(Rhythm(1_799_042_400, days * 86_400)) for days in (1, 7))
    change = dataclasses.replace(
        samples.BLOCKED, action=Action.UPDATE, blocked_by=None, timetables=Timetables(daily, weekly)
    )
    page = plan_page(samples.plan(change))
    told = cards(page)["Flow/nightly"]
    for text in ("every day", "Sat 2027-01-16 06:00", "every week", "Mon 2027-01-18 06:00"):
        assert text in told
    picture = page.one("svg", "timeline")
    assert "the table below says the same" in picture.attributes["aria-label"]
    table = re.sub(r"\s+", " ", page.all("details", "table")[0].text)
    assert "every day" in table
    assert "every week" in table
    off = dataclasses.replace(change, timetables=Timetables(None, dataclasses.replace(daily, enabled=False)))
    told = cards(plan_page(samples.plan(off)))["Flow/nightly"]
    assert "Live nowdoes not run" in told
    assert "every day, disabled next run: none: it is disabled" in told
    same = dataclasses.replace(change, timetables=Timetables(daily, daily))
    page = plan_page(samples.plan(same))
    assert "1 flow that is touched keeps its runs." in page.text
    assert not page.all("svg", "timeline")


def test_drift_says_who_what_and_what_to_do(samples) -> None:
    """What asks for a person first, with the last writer, and the commands ready to copy."""
    report = dataclasses.replace(
        samples.DRIFT, organisation="ACME@AdobeOrg", sandbox="prod-eu", commit="1a2b3c4d5e6f7a8b"
    )
    page = drift_page(report)
    told = cards(page)
    assert list(told) == ["Flow/nightly", "SourceConnection/accounts"]
    for text in (
        "drifted",
        "mallory@acme.com via exc_app",
        "2025-11-24T23:00:00Z",
        "Last applied",
        "Live now",
        "15",
        "30",
    ):
        assert text in told["Flow/nightly"]
    assert "the service answers 404" in told["SourceConnection/accounts"]
    assert "reconciler --target prod drift --accept Flow/nightly" in page.text
    head = page.one("header").text
    assert all(text in head for text in ("ACME@AdobeOrg", "prod-eu", "1a2b3c4d5e6f", "1 missing", "1 in sync"[2:]))


@pytest.mark.parametrize("status", DriftStatus)
def test_every_status_has_its_place(status) -> None:
    """Under a heading of its own, or for what is in sync only counted."""
    item = DriftItem("Flow/x", "an-id", status, detail="because", changed_by="ann")
    page = drift_page(DriftReport("prod", (item,)))
    if status is DriftStatus.IN_SYNC:
        assert not page.all("details", "card")
        return
    assert "because" in cards(page)["Flow/x"]
    told = status in (DriftStatus.DRIFTED, DriftStatus.MISSING)
    assert len(page.all("h2")) == 1 + told, "what to do is said where there is something to do"
    assert ("Could not be read:" in page.text) == (status is DriftStatus.UNREADABLE)


HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 6 * 7919 }} {% raw %} {# x #} ${6*7919}",
    "\x1b[31m \u202e\u2066 \x00 \ud83d \udc00 \ufeff",
    "javascript:alert(1)",
    "--><!-- <![CDATA[ ]]> </style></svg></details></title>",
    "<a href=https://evil.example>x</a> &lt;b&gt; &#60;i&#62;",
    "data:text/html,<script>alert(1)</script>",
)


def hostile_plan(samples, text: str):
    sent = text.encode("utf-8", "ignore").decode()  # half a surrogate pair is no UTF-8, and cannot be sent
    change = Change(
        ResourceName(Kind.FLOW, "x"), text, Action.UPDATE, frozenset({Cause.GIT}),
        (
            FieldChange(f"/{text}", text, f"{text}!"),
            FieldChange("/inner", {"a": text, text: 1}, {"a": "other", text: 2}),
            FieldChange("/long", text * 300, MISSING),
        ),
        (Request("PATCH", f"/flows/{text}", [{"op": "add", "path": sent, "value": {sent: sent}}], text),),
        notes=(text,), timetables=Timetables(None, Timetable(Rhythm(1_800_000_900, 900))),
    )  # fmt: skip
    blocked = dataclasses.replace(change, resource=ResourceName(Kind.FLOW, "y"), action=Action.BLOCKED, blocked_by=text)
    made = samples.plan(change, blocked, notices=[Notice(text)])
    return dataclasses.replace(made, target=text, organisation=text, sandbox=text, commit=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(samples, text) -> None:
    """Wherever it stands: it can be read, and does nothing."""
    graph = Graph((Node("Flow/x", Kind.FLOW, text, text), Node("Flow/y", Kind.FLOW, "y")))
    source = plan_html(hostile_plan(samples, text), MADE, graph)
    page = check(source)
    assert len(page.all("script")) == 1
    assert not [one for one in page.text if one != " " and is_hidden(one)]
    if not any(map(is_hidden, text)):
        assert text in page.text.replace("\xa0", " ")
    item = DriftItem(
        f"Flow/{text}", text, DriftStatus.DRIFTED, (FieldChange(f"/{text}", text, [text]),), text, text, 7, detail=text
    )
    page = check(drift_html(DriftReport(text, (item,), (Notice(text),), text, text, text), MADE, graph))
    assert len(page.all("script")) == 1
    assert "47514" not in page.one("main").text


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(plans)
def test_any_plan_is_a_page(plan) -> None:
    """Whatever stands in it: its elements fit into each other, nothing acts, and it is the same every time."""
    unique = {change.resource: change for change in plan.changes}
    plan = dataclasses.replace(plan, changes=tuple(unique.values()))
    source = plan_html(plan, MADE, NO_GRAPH)
    check(source)
    assert source == plan_html(plan, MADE, NO_GRAPH)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_a_value_can_be_read_as_it_is(before, after) -> None:
    """Cut where it differs, escaped, and put together again by the reader: nothing is lost."""
    change = Change(ResourceName(Kind.FLOW, "x"), "i", Action.UPDATE, fields=(FieldChange("/d", before, after),))
    made = Page(plan_html(dataclasses.replace(showcase.planned().plan, changes=(change,)), MADE, NO_GRAPH))
    (was,), (now,) = made.all("td", "was"), made.all("td", "is")
    for cell, value in ((was, before), (now, after)):
        shown = json.dumps(value, ensure_ascii=False)
        if not any(map(is_hidden, shown)) and "#" not in shown:
            assert cell.text == shown


def test_known_secrets_are_taken_out_before_anything_is_cut_or_escaped(samples) -> None:
    """A secret with markup in it, in small letters for the filter, and in the middle of a difference."""
    secret = 'P4ss"<&>Word here'

    def redact(text: str) -> str:
        for form in (secret, json.dumps(secret)[1:-1]):
            text = text.replace(form, "***")
        return text

    change = dataclasses.replace(
        samples.UPDATE,
        id=secret,
        fields=(FieldChange("/d", f"one two three {secret} four", "one two three P4ss four"),),
        notes=(secret,),
    )
    source = plan_html(samples.plan(change, notices=[Notice(secret)]), MADE, NO_GRAPH, redact)
    for form in ("P4ss&#34;", 'P4ss\\"', "p4ss&#34;", "Word here", "word here"):
        assert form not in source, form
    assert "***" in source


def test_the_same_day_is_the_same_page() -> None:
    """The showcase, plan and drift: byte by byte."""
    planned, report, graph = showcase.planned().plan, showcase.drifted(), showcase.graph()
    assert plan_html(planned, MADE, graph) == plan_html(planned, MADE, graph)
    assert drift_html(report, MADE, graph) == drift_html(report, MADE, graph)
    moment = datetime.fromtimestamp(MADE + 3_600, UTC).isoformat()[:13]
    assert moment in plan_html(planned, MADE + 3_600, graph)


def test_headings_and_regions_are_in_order() -> None:
    """One h1, no level left out, landmarks, tables with scopes, every picture with words."""
    for page in (
        plan_page(showcase.planned().plan, showcase.graph()),
        drift_page(showcase.drifted(), showcase.graph()),
    ):
        levels = [int(one.tag[1]) for one in page.elements if one.tag in ("h1", "h2", "h3")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
        assert all(len(page.all(tag)) == 1 for tag in ("header", "nav", "main", "footer"))
        assert all("scope" in one.attributes for one in page.all("th"))
        assert page.one("html").attributes["lang"] == "en"
