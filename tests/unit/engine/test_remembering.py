"""What a plan tells of changes that stay in the ledger: new names, protection, what becomes of the rest."""

from __future__ import annotations

import pytest
from unit.engine.fakes import connection, entry, live, plan, snapshot, state, want

from reconciler.model.kinds import Kind
from reconciler.model.resources import OnRemove, ResourceName

BODY = connection(params={})


def told(wanted, known):
    planned = plan([wanted], state(known), snapshot(live(Kind.CONNECTION, "id-1", BODY)))
    assert planned.plan.changes == ()
    return [notice.message for notice in planned.plan.notices]


@pytest.mark.parametrize(
    ("wish", "known", "text"),
    [
        ({"protect": True}, {}, "protected from now on: Connection/crm"),
        ({}, {"protect": True}, "no longer protected: Connection/crm"),
        ({"on_remove": OnRemove.FORGET}, {}, "forgotten from now on when the manifest leaves git: Connection/crm"),
        (
            {},
            {"on_remove": OnRemove.FORGET},
            "no longer forgotten when the manifest leaves git, but deleted with --prune: Connection/crm",
        ),
    ],
)
def test_a_wish_that_only_the_ledger_hears_of(wish, known, text):
    """Nothing is sent, and a reviewer sees it."""
    assert told(want("Connection/crm", BODY, **wish), entry("Connection/crm", "id-1", BODY, **known)) == [text]


def test_a_new_name_in_git():
    """With the one that it had."""
    wanted = want("Connection/crm", BODY, previous_name=ResourceName(Kind.CONNECTION, "old"))
    text = "renamed in git, which touches nothing live: Connection/crm (was Connection/old)"
    assert told(wanted, entry("Connection/old", "id-1", BODY)) == [text]


def test_what_is_as_it_was_is_not_told():
    """Not even where it is protected."""
    assert told(want("Connection/crm", BODY, protect=True), entry("Connection/crm", "id-1", BODY, protect=True)) == []


def test_many_are_told_by_some():
    """Nobody reads two thousand names."""
    names = [f"Connection/c{at}" for at in range(7)]
    wanted = [want(name, connection(name, params={}), protect=True) for name in names]
    known = state(*(entry(name, name, connection(name, params={})) for name in names))
    lives = (live(Kind.CONNECTION, name, connection(name, params={})) for name in names)
    planned = plan(wanted, known, snapshot(*lives))
    listed = ", ".join(names[:5])
    assert [notice.message for notice in planned.plan.notices] == [f"protected from now on: {listed} and 2 more"]
