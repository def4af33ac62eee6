"""What reviewed plans allow, and how a refusal is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff.document import MISSING
from reconciler.diff.outcomes import Cause
from reconciler.engine.plan import Planned
from reconciler.engine.review import merged_scope, review, to_do
from reconciler.model.plan import Action, Change, FieldChange, Plan, Scope
from reconciler.model.resources import Reference, ResourceName

CRM, DAILY, LAKE = (ResourceName.parse(name) for name in ("Connection/crm", "Flow/daily", "TargetConnection/lake"))
SECRET = {"$secret": "/auth/params/password"}


def update(*fields, resource=CRM, action=Action.UPDATE, id="an-id", digest="now", causes=(Cause.GIT,)):
    return Change(resource, id, action, frozenset(causes), fields, digest=digest)


def field(path, before="a", after="b"):
    sensitive = SECRET in (before, after)
    return FieldChange(path, before, after, sensitive=sensitive)


def plan(*changes):
    return Plan("prod", "ORG", "prod", None, changes, 0, (), "digest")


def refusal(change, *reviewed):
    """Return why a change is refused after a review of others of the same resource, each in a plan of its own."""
    planned = review(Planned(plan(change), {}), [plan(replace(one, digest="then")) for one in reviewed])
    return planned.refused.get(change.resource)


NAME, DESCRIPTION = field("/name"), field("/description")
TOLD = {
    "no review of it": (
        update(NAME),
        [],
        "not in the reviewed plans: it would be an update of /name, since git has changed",
    ),
    "drift": (
        update(NAME, causes=(Cause.DRIFT,)),
        [],
        "not in the reviewed plans: it would be an update of /name, since live has changed",
    ),
    "both": (
        update(NAME, causes=(Cause.DRIFT, Cause.GIT)),
        [],
        "not in the reviewed plans: it would be an update of /name, since git has changed and live has changed",
    ),
    "adopted": (
        update(NAME, causes=(Cause.ADOPT,)),
        [],
        "not in the reviewed plans: it would be an update of /name, since it is not managed yet",
    ),
    "a create": (
        update(NAME, action=Action.CREATE, id=None),
        [],
        "not in the reviewed plans: it would be a create, since git has changed",
    ),
    "more": (
        update(NAME, DESCRIPTION),
        [update(NAME)],
        "reviewed as an update of /name; now it would also change /description",
    ),
    "less": (
        update(NAME),
        [update(NAME, DESCRIPTION)],
        "reviewed as an update of /name, /description; it would no longer change /description",
    ),
    "another value in git": (
        update(field("/name", "a", "c")),
        [update(NAME)],
        "reviewed as an update of /name; git now has another value for /name",
    ),
    "of another type": (
        update(field("/interval", 2, after=True)),
        [update(field("/interval", 2, 1))],
        "reviewed as an update of /interval; git now has another value for /interval",
    ),
    "another value live": (
        update(field("/name", "c", "b")),
        [update(NAME)],
        "reviewed as an update of /name; live has changed since at /name",
    ),
    "null for nothing": (
        update(field("/name", None, "b")),
        [update(field("/name", MISSING, "b"))],
        "reviewed as an update of /name; live has changed since at /name",
    ),
    "several": (
        update(field("/a", 1, 2), field("/b", 1, 2), field("/c", 3, 2)),
        [update(field("/c", 1, 2))],
        "reviewed as an update of /c; now it would also change /a, /b; live has changed since at /c",
    ),
    "many": (
        update(*(field(f"/{at}") for at in range(7))),
        [update(field("/0"))],
        "reviewed as an update of /0; now it would also change /1, /2, /3, /4, /5 and 1 more",
    ),
    "all of it": (
        update(field("")),
        [],
        "not in the reviewed plans: it would be an update of all of it, since git has changed",
    ),
    "another object": (
        update(NAME, id="another-id"),
        [update(NAME)],
        "reviewed as an update of /name; it is another object now: another-id",
    ),
    "another action": (
        update(NAME),
        [update(NAME, action=Action.CREATE, id=None)],
        "reviewed as a create; now it would be an update of /name",
    ),
    "blocked then": (
        update(NAME),
        [update(NAME, action=Action.BLOCKED)],
        "reviewed as blocked; now it would be an update of /name",
    ),
    "requests alone": (
        update(NAME),
        [update(NAME)],
        "reviewed as an update of /name; what would be sent for it is not the same any more",
    ),
    "a secret that is sent again": (
        update(NAME, field("/auth/params/password", SECRET, SECRET)),
        [update(field("/name", "c"))],
        "reviewed as an update of /name; live has changed since at /name",
    ),
    "a secret that comes": (
        update(field("/auth/key", MISSING, SECRET)),
        [update(NAME)],
        "reviewed as an update of /name; now it would also change /auth/key; it would no longer change /name",
    ),
    "the nearest of several": (
        update(NAME, DESCRIPTION),
        [update(NAME), update(field("/c"))],
        "reviewed as an update of /name; now it would also change /description",
    ),
    "the last of equals": (
        update(NAME, DESCRIPTION),
        [update(NAME), update(DESCRIPTION)],
        "reviewed as an update of /description; now it would also change /name",
    ),
    "the same action first": (
        update(NAME, DESCRIPTION),
        [update(NAME), update(NAME, DESCRIPTION, action=Action.CREATE)],
        "reviewed as an update of /name; now it would also change /description",
    ),
}


@pytest.mark.parametrize(("change", "reviewed", "told"), TOLD.values(), ids=TOLD)
def test_a_refusal_says_what_differs(change, reviewed, told):
    """As exactly as the reviewed plan allows."""
    assert refusal(change, *reviewed) == told


def test_references_that_have_become_ids_make_no_difference():
    """What was made in between is not what a refusal is about; a reference to something else is."""
    create = {"action": Action.CREATE, "id": None}
    reviewed = update(
        field("/base", MISSING, {"$ref": "Connection/crm"}),
        field("/ids", MISSING, [{"$ref": "Flow/daily"}, "x"]),
        field("/o", MISSING, {"a": {"$ref": "Flow/daily"}}),
        NAME,
        **create,
    )
    now = update(
        field("/base", MISSING, "an-id"),
        field("/ids", MISSING, ["another-id", "x"]),
        field("/o", MISSING, {"a": Reference(DAILY)}),
        field("/name", "a", "c"),
        **create,
    )
    assert refusal(now, reviewed) == "reviewed as a create; git now has another value for /name"
    now = update(
        field("/base", MISSING, Reference(DAILY)),
        field("/ids", MISSING, ["another-id"]),
        field("/o", MISSING, {"b": 1}),
        NAME,
        **create,
    )
    assert refusal(now, reviewed) == "reviewed as a create; git now has another value for /base, /ids, /o"


def test_a_digest_in_one_of_the_plans_allows():
    """One is enough, whichever."""
    change = update(NAME)
    for plans in ([plan(change), plan()], [plan(), plan(change)], [plan(replace(change, digest="then")), plan(change)]):
        assert review(Planned(plan(change), {}), plans).refused == {}


def test_what_has_no_digest_needs_no_review():
    """A rotation, an adoption that sends nothing; a blocked change is no matter of a review."""
    changes = [
        replace(update(field("/auth/params/password", SECRET, SECRET)), digest=None),
        Change(DAILY, "id", Action.ADOPT),
        Change(LAKE, "id", Action.BLOCKED, blocked_by="that"),
    ]
    assert review(Planned(plan(*changes), {}), [plan()]).refused == {}


def notices(planned):
    return [notice.message for notice in planned.plan.notices]


def test_what_was_reviewed_and_is_no_longer_needed_is_told():
    """Sorted, once; not what is refused, blocked or still to be done, and not what had nothing to be reviewed."""
    then = plan(
        update(NAME, resource=LAKE, digest="lake"),
        update(NAME, resource=DAILY, digest="daily"),
        update(NAME, digest="crm"),
        Change(ResourceName.parse("Flow/adopted"), "id", Action.ADOPT),
    )
    now = plan(Change(CRM, "id", Action.BLOCKED, blocked_by="that"))
    told = review(Planned(now, {}), [then, then])
    assert notices(told) == ["reviewed, and no longer needed: Flow/daily, TargetConnection/lake"]
    now = plan(*(replace(one, digest=f"{one.digest}-now") for one in then.changes[:3]))
    assert notices(review(Planned(now, {}), [then])) == []
    now = plan(*(Change(one.resource, "id", Action.ADOPT) for one in then.changes[:3]))
    assert "Connection/crm, Flow/daily, TargetConnection/lake" in notices(review(Planned(now, {}), [then]))[0]


def test_many_that_are_no_longer_needed():
    """The first of them, and how many more."""
    then = plan(*(update(NAME, resource=replace(CRM, name=f"c-{at:02d}"), digest=str(at)) for at in range(23)))
    [told] = notices(review(Planned(plan(), {}), [then]))
    assert told.endswith("Connection/c-18, Connection/c-19 and 3 more")


names = st.builds(ResourceName.parse, st.sampled_from(["Connection/crm", "Flow/daily", "Flow/b", "Flow/c"]))
sets = st.frozensets(names)
scopes = st.builds(Scope, st.none() | sets, sets, sets, st.booleans())


@given(st.lists(scopes, min_size=1, max_size=3), sets, names)
def test_scopes_taken_together(asked, known, name):
    """Rotated and pruned if one says so; looked at if one looks at it, but for what nothing knows any more."""
    merged = merged_scope(asked, known)
    assert merged.prune == any(one.prune for one in asked)
    assert (name in merged.rotate) == (name in known and any(name in one.rotate for one in asked))
    assert (name in merged.exclude) == (name in known and all(name in one.exclude for one in asked))
    if any(one.only is None for one in asked):
        assert merged.only is None
    else:
        assert (name in merged.only) == (name in known and any(name in one.only for one in asked))
    assert merged_scope([asked[0]], {*names_of(asked[0])}) == asked[0]


def names_of(scope):
    return {*(scope.only or ()), *scope.exclude, *scope.rotate}


def test_what_is_to_do_is_all_without_refusals():
    """Nothing is taken out of a plan of which nothing is refused."""
    planned = Planned(plan(update(NAME)), {})
    assert to_do(planned) == planned
    assert to_do(replace(planned, refused={CRM: "why"})).plan.changes == ()
