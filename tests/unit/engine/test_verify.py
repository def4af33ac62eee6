"""The last look at a planned write: a wrong patch, a wrong document and wrong credentials are bugs, and stop it."""

from __future__ import annotations

import pytest
from unit.engine.fakes import secret

from reconciler.diff.document import MISSING
from reconciler.diff.outcomes import Cause, Outcome, Verdict
from reconciler.diff.patch import Op
from reconciler.diff.pointer import parse
from reconciler.engine.verify import check_patch, check_put
from reconciler.model.errors import InternalError

GIT = frozenset({Cause.GIT})


def change(pointer, desired, live=MISSING, verdict=Verdict.CHANGE, causes=GIT):
    return Outcome(parse(pointer), verdict, desired, live, MISSING, causes)


LIVE = {"a": 1, "b": [1, 2], "n": [{"name": "x", "v": 1}, {"name": "y", "v": 1}], "e": {}}
RIGHT = {**LIVE, "a": 2}
OPS = (Op("replace", ("a",), 2),)
OUTCOMES = (change("/a", 2, 1),)


def test_a_right_patch_passes():
    """And so does nothing at all, where nothing is to be done."""
    check_patch(LIVE, RIGHT, OPS, OUTCOMES, {"a": 2})
    check_patch(LIVE, LIVE, (), (), {})


@pytest.mark.parametrize(
    ("ops", "message"),
    [
        ((Op("replace", ("missing",), 1),), "cannot be applied"),
        ((Op("remove", ("b", "7"), 1),), "cannot be applied"),
        ((Op("add", ("a", "b", "c"), 1),), "cannot be applied"),
        ((Op("replace", ("a",), 3),), "does not make the wanted document"),
        ((Op("replace", ("a",), 2.5),), "does not make the wanted document"),
        ((*OPS, Op("remove", ("e",), {})), "does not make the wanted document"),
        ((), "does not make the wanted document"),
    ],
)
def test_a_wrong_patch_stops(ops, message):
    """It cannot be applied, or makes something else; also by type alone."""
    with pytest.raises(InternalError, match=message):
        check_patch(LIVE, RIGHT, ops, OUTCOMES, {"a": 2})


def test_a_patch_that_makes_a_wrong_document_stops():
    """It is not enough that patch and document agree with each other."""
    with pytest.raises(InternalError, match="does not bring /a"):
        check_patch(LIVE, {**LIVE, "a": 3}, (Op("replace", ("a",), 3),), OUTCOMES, {"a": 2})


def test_one_is_not_true():
    """The library says that they are equal; we do not."""
    with pytest.raises(InternalError, match="does not make"):
        check_patch(
            {"a": 0}, {"a": True}, (Op("replace", ("a",), 1),), (change("/a", live=0, desired=True),), {"a": True}
        )


@pytest.mark.parametrize(
    ("wanted", "outcome", "message"),
    [
        (LIVE, change("/a", 2, 1), "does not bring /a"),
        ({**LIVE, "a": None}, change("/a", MISSING, 1, Verdict.REMOVE), "does not bring /a"),
        ({**LIVE, "a": 2, "b": [1]}, change("/a", 2, 1), "would change /b"),
        ({"a": 2}, change("/a", 2, 1), "would change /b"),
        ({**RIGHT, "e": {"k": 1}}, change("/a", 2, 1), "would change /e"),
        ({**RIGHT, "n": LIVE["n"][:1]}, change("/a", 2, 1), r"would change /n/\[name=y\]"),
        ({**RIGHT, "n": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]}, change("/a", 2, 1), r"/n/\[name=y\]/v"),
    ],
)
def test_a_wrong_document_stops(wanted, outcome, message):
    """It lacks what git wants, or changes what nobody declared."""
    with pytest.raises(InternalError, match=message):
        check_put(LIVE, wanted, [outcome])


def test_what_is_declared_may_change_and_what_settled_may_be_carried():
    """Named elements may change their places."""
    settled = change("/s", "ours", MISSING, Verdict.SETTLED, frozenset())
    check_put(LIVE, {**LIVE, "n": LIVE["n"][::-1], "s": "ours", "a": 2}, [settled, *OUTCOMES])
    check_put(LIVE, {"b": LIVE["b"], "n": LIVE["n"], "e": {}}, [change("/a", MISSING, 1, Verdict.REMOVE)])


CREDENTIALS = {"username": "u", "password": secret(), "n": None}


@pytest.mark.parametrize(
    ("sent", "outcomes", "lacks"),
    [
        ({"username": "u"}, (), "/auth/params/password"),
        ({"username": "u", "password": "***"}, (), "/auth/params/password"),
        ({"password": secret()}, (change("/auth/params/username", "u"),), "/auth/params/username"),
        ({"password": secret()}, (change("/auth/params", {"username": "u"}),), "/auth/params/username"),
        ("text", (change("/auth/params/username", "u"),), "/auth/params"),
        ({"password": secret()}, (), None),
        ({"username": "u", "password": secret(), "more": 1}, (change("/auth/params/username", "u"),), None),
    ],
    ids=repr,
)
def test_credentials_that_lack_something_stop(sent, outcomes, lacks):
    """Every secret has to be in the whole, as its slot, and what was compared; what is released need not."""
    live, wanted = {"auth": {"params": {"username": "old"}}}, {"auth": {"params": sent}}
    arguments = live, wanted, (Op("replace", ("auth", "params"), sent),), outcomes, {"auth": {"params": CREDENTIALS}}
    if lacks is None:
        check_patch(*arguments)
        return
    with pytest.raises(InternalError, match=f"planned credentials lack {lacks}$|lack {lacks}[.]"):
        check_patch(*arguments)


def test_an_internal_error_is_a_bug_of_ours():
    """It says that nothing was sent."""
    assert "This is a bug in the reconciler" in str(InternalError("x"))
