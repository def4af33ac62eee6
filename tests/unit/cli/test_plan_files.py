"""plan --out and apply PLANFILE on the command line."""

from __future__ import annotations

import pytest
from support.chain import apply_chain, declare


@pytest.fixture
def chain(bench):
    """The chain applied, and a change in git of which a plan was saved."""
    bench.environ["RECONCILER_KEY"] = "a-key-of-more-than-thirty-two-characters"
    apply_chain(bench)
    declare(bench, "Flow/orders", ("description", "Reviewed"))
    assert bench.run("plan", "--out", plan(bench)).code == 0
    bench.app.requests.clear()
    return bench


def plan(bench):
    return str(bench.folder / "a.plan")


@pytest.mark.parametrize(
    "option",
    [("--only", "Flow/orders"), ("--exclude", "Flow/orders"), ("--rotate", "Connection/warehouse"), ("--prune",)],
    ids=lambda option: option[0],
)
def test_what_a_plan_was_made_for_is_not_asked_again(chain, option):
    """The file has it; another word on the command line would be another plan."""
    ran = chain.run("apply", plan(chain), "--yes", *option)
    assert (ran.code, ran.out) == (1, "")
    assert "are those that a PLANFILE was made with" in ran.err
    assert chain.app.requests == []


def test_a_person_is_asked_about_what_will_be_done(chain, types):
    """Not about what is refused, which is named all the same."""
    declare(chain, "Connection/warehouse", ("description", "Slipped in"))
    types("y\n")
    ran = chain.run("apply", plan(chain))
    assert ran.code == 1
    assert "~ Flow/orders  update" in ran.err
    assert "~ Connection/warehouse" not in ran.err
    refused = (
        "refused: Connection/warehouse: not in the reviewed plans: it would be an update of /description, since git "
        "has changed"
    )
    assert refused in ran.err
    assert "Plan: 1 to update, 2 unchanged." in ran.err
    assert ran.err.endswith("Apply this to bench? [y/N] ")
    assert [request.method for request in chain.writes()] == ["PATCH"]
    assert "refused" in ran.out


def test_a_person_may_say_no(chain, types):
    """Nothing is sent then, and without a person nothing either."""
    types("n\n")
    ran = chain.run("apply", plan(chain))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("not agreed to: nothing was sent\n")
    assert chain.writes() == []


def test_nobody_is_asked_where_nothing_will_be_done(chain, types):
    """All is refused, or done already: there is no question, and refusals are still an error."""
    declare(chain, "Flow/orders", ("description", "Slipped in"))
    ran = chain.run("apply", plan(chain))
    assert ran.code == 1
    assert "[y/N]" not in ran.err
    assert "git now has another value for /description" in ran.out
    assert chain.writes() == []
    declare(chain, "Flow/orders")
    ran = chain.run("apply", plan(chain))
    assert (ran.code, chain.writes()) == (0, [])


def test_nobody_to_ask(chain):
    """As without a file."""
    ran = chain.run("apply", plan(chain))
    assert (ran.code, ran.out) == (1, "")
    assert "say --yes" in ran.err


def test_a_file_that_is_not_there(chain):
    """It is named before anything else is looked at."""
    ran = chain.run("--manifests", "nowhere", "apply", "nowhere.plan", "--yes")
    assert (ran.code, ran.err) == (1, "error: cannot read the plan nowhere.plan: No such file or directory\n")


def test_one_file_twice_is_one_file(chain):
    """A glob and a name may both find it."""
    assert chain.apply(plan(chain), plan(chain))["summary"]["applied"] == 1


def test_a_plan_that_cannot_be_saved_is_not_shown(chain):
    """An exit code of 0 means that both are there."""
    ran = chain.run("plan", "--out", str(chain.folder / "nowhere" / "a.plan"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: cannot write ")
