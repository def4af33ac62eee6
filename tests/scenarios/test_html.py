"""``--format html`` from end to end: plan, drift and show, with everything that a manifest and a service can say."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.bench import Bench
from support.chain import apply_chain, declare, declare_chain
from support.pages import Page, check

PASSWORD = 'f1rst-"<password>&'


def page(bench: Bench, *command: str, code: int = 0) -> Page:
    """Run a command, and read the page that it writes."""
    ran = bench.run(*command, "--format", "html")
    assert ran.code == code, ran.err
    return check(ran.out)


def cards(made: Page) -> list[str]:
    return [one.attributes["id"] for one in made.all("details", "card")]


@pytest.mark.usual
def test_a_plan_of_creates(bench: Bench) -> None:
    """Every resource, its graph and its schedule; the same bytes for the same plan."""
    declare_chain(bench)
    made = page(bench, "plan")
    assert cards(made) == ["Connection/warehouse", "Flow/orders", "SourceConnection/orders", "TargetConnection/orders"]
    assert len(made.all("g", "node")) == 4
    assert len(made.all("path", "edge")) == 3
    assert "every day" in made.text
    assert "EMULATOR@AdobeOrg" in made.one("header").text
    assert page(bench, "plan", "--detailed-exitcode", code=2).text == made.text


def test_an_edit_by_hand_and_a_change_in_git(bench: Bench) -> None:
    """The plan has both causes, the drift report who wrote last; what depends on it is in the picture."""
    ids = apply_chain(bench)
    bench.edit("flows", ids["Flow/orders"], lambda flow: flow["scheduleParams"].update(frequency="week"))
    declare(bench, "Connection/warehouse", ("description", "Moved"))
    made = page(bench, "plan")
    assert cards(made) == ["Connection/warehouse", "Flow/orders"]
    assert "every week" in made.text
    tones = {one.text.split(":")[0].strip(): one.attributes["class"] for one in made.all("g", "node")}
    assert tones["SourceConnection/orders"] == "node affected"
    assert tones["TargetConnection/orders"] == "node near"
    made = page(bench, "drift", code=2)
    assert cards(made) == ["Flow/orders", "Connection/warehouse"], "drift before what is pending"
    assert "someone@AdobeID via exc_app" in made.text
    assert "reconciler --target bench drift --accept Flow/orders" in made.text
    assert len(made.all("circle", "was")) > len(made.all("circle", "is")) > 0


def test_drift_that_could_not_be_read_and_a_clean_one(bench: Bench) -> None:
    """Exit codes are those of the other formats."""
    apply_chain(bench)
    assert "No drift: 4 in sync." in page(bench, "drift").text
    bench.app.faults.status(403, method="GET", path="/flows", count=99)
    assert "Could not be read:" in page(bench, "drift", code=1).text


def test_a_saved_plan_is_shown_as_it_was_made(bench: Bench, tmp_path: Path) -> None:
    """With the moment, the runs and the graph of then, whatever clock and manifests say by now."""
    declare_chain(bench)
    saved = tmp_path / "saved.plan"
    bench.plan("--out", str(saved))
    made = page(bench, "show", str(saved))
    bench.clock.time += 10**7
    declare(bench, "Flow/orders", ("sourceConnectionIds", []))
    assert page(bench, "show", str(saved)).text == made.text
    assert cards(made) == ["Connection/warehouse", "Flow/orders", "SourceConnection/orders", "TargetConnection/orders"]
    assert "every day" in made.text
    assert len(made.all("g", "node")) == 4
    assert len(made.all("path", "edge")) == 3


@pytest.mark.parametrize("command", [("plan",), ("plan", "--rotate", "Connection/warehouse"), ("drift",)])
def test_no_secret_is_in_it(bench: Bench, command: tuple[str, ...]) -> None:
    """Not as it is, not escaped, and not where somebody has copied it to."""
    bench.environ["FLOW_SECRET_DB"] = PASSWORD
    ids = apply_chain(bench)

    def leak(flow: dict) -> None:
        flow["name"] = f"the password is {PASSWORD}, I think"
        flow["transformations"][0]["params"]["mappingId"] = PASSWORD

    bench.edit("flows", ids["Flow/orders"], leak)
    ran = bench.run(*command, "--format", "html")
    made = check(ran.out)
    assert "I think" in made.text
    for form in (PASSWORD, "f1rst-&#34;", "f1rst-\\&#34;", "&lt;password", "f1rst-"):
        assert form not in ran.out, form


def test_what_the_service_says_does_nothing(bench: Bench) -> None:
    """Names, ids, last writers and the notice of a refusal, with markup in them."""
    ids = apply_chain(bench)
    text = "</script><img src=x onerror=alert(1)>\"' {{ 6*7919 }} \u202e"

    def spoil(document: dict) -> None:
        document.update(name=text, description=text, updatedBy=text, updatedClient=text, etag=f'"{text}"')
        document["auth"]["params"][text] = text

    bench.edit("connections", ids["Connection/warehouse"], spoil)
    for command in (("plan",), ("drift", "--unmanaged")):
        ran = bench.run(*command, "--format", "html")
        made = check(ran.out)
        assert "onerror=alert(1)" in made.text
        assert "\\u202e" in made.text
        assert "47514" not in made.text


def test_an_apply_has_no_page(bench: Bench) -> None:
    """It is told as it happens; what it would do is a plan's."""
    ran = bench.run("apply", "--yes", "--format", "html")
    assert ran.code == 1
    assert "--format" in ran.err
