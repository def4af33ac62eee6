"""The three-way comparison: each row of the table, and the laws of comparing and merging."""

import copy
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciler.diff.document import MISSING, Opaque, is_object, same
from reconciler.diff.merge import merge
from reconciler.diff.outcomes import Cause, Outcome, Rules, Verdict, present
from reconciler.diff.pointer import covers, find, format_path, is_named_list, name_token, parse
from reconciler.diff.three_way import compare

GIT, DRIFT, ADOPT = Cause.GIT, Cause.DRIFT, Cause.ADOPT
IN_SYNC, SETTLED, CHANGE, REMOVE, FORGET, SNOOZED = Verdict


def verdicts(desired, applied, live, observed=None, **rules):
    """Return the outcomes as pointer -> (verdict, causes)."""
    found = compare(desired, applied, live, observed, Rules(**rules))
    assert len({outcome.path for outcome in found}) == len(found)
    return {format_path(outcome.path): (outcome.verdict, set(outcome.causes)) for outcome in found}


def one(desired, applied, live, observed=None, **rules):
    """Return the one outcome."""
    (outcome,) = compare(desired, applied, live, observed, Rules(**rules))
    return outcome


def field(value):
    return {} if value is MISSING else {"f": value}


def by_digits(_path, ours, live):
    """15 and "15" mean the same."""
    return str(ours) == str(live)


TABLE = [
    # desired, applied, live, observed: verdict, causes
    pytest.param(1, 1, 1, {}, IN_SYNC, set(), id="as wanted"),
    pytest.param(1, 2, 1, {}, IN_SYNC, set(), id="as wanted before we did it"),
    pytest.param(1, MISSING, 1, {}, IN_SYNC, set(), id="newly declared as it is"),
    pytest.param(1, 1, 1, {"/f": 5}, IN_SYNC, set(), id="as wanted, though another form was seen"),
    pytest.param(1, 1, 5, {"/f": 5}, SETTLED, set(), id="the service's own form"),
    pytest.param(1, 1, MISSING, {"/f": MISSING}, SETTLED, set(), id="the service leaves it out"),
    pytest.param(1, 1, None, {"/f": None}, SETTLED, set(), id="the service shows null"),
    pytest.param(1, 1, 6, {"/f": 5}, CHANGE, {DRIFT}, id="neither ours nor the service's form"),
    pytest.param(1, 1, MISSING, {"/f": 5}, CHANGE, {DRIFT}, id="the service's form is gone"),
    pytest.param(1, 1, 2, {"/f": MISSING}, CHANGE, {DRIFT}, id="there where the service left it out"),
    pytest.param(1, 1, 2, {}, CHANGE, {DRIFT}, id="drift"),
    pytest.param(1, 1, True, {}, CHANGE, {DRIFT}, id="drift by type alone"),
    pytest.param(1, 1, MISSING, {}, CHANGE, {DRIFT}, id="drift to nothing"),
    pytest.param(1, 1, None, {}, CHANGE, {DRIFT}, id="drift to null"),
    pytest.param(1, 2, 2, {}, CHANGE, {GIT}, id="git"),
    pytest.param(1, 2, 5, {"/f": 5}, CHANGE, {GIT}, id="git, over the service's form"),
    pytest.param(1, 2, 3, {}, CHANGE, {GIT, DRIFT}, id="git and drift"),
    pytest.param(1, 2, MISSING, {}, CHANGE, {GIT, DRIFT}, id="git, and gone"),
    pytest.param(1, 2, 6, {"/f": 5}, CHANGE, {GIT, DRIFT}, id="git, and not the service's form"),
    pytest.param(1, 2, 2, {"/f": 5}, CHANGE, {GIT, DRIFT}, id="git, and the service's form gave way"),
    pytest.param(1, MISSING, MISSING, {}, CHANGE, {GIT}, id="newly declared"),
    pytest.param(
        1, MISSING, 3, {}, CHANGE, {GIT}, id="newly declared over somebody's value, which cannot have drifted"
    ),
    pytest.param(1, None, MISSING, {}, CHANGE, {GIT}, id="wanted again"),
    pytest.param(1, None, None, {}, CHANGE, {GIT}, id="wanted again over null"),
    pytest.param(1, None, 3, {}, CHANGE, {GIT, DRIFT}, id="wanted again, and there behind our back"),
    pytest.param(MISSING, 1, MISSING, {}, FORGET, set(), id="let go and gone"),
    pytest.param(MISSING, 1, None, {}, FORGET, set(), id="let go and null"),
    pytest.param(MISSING, 1, 1, {}, REMOVE, {GIT}, id="let go"),
    pytest.param(MISSING, 1, 2, {}, REMOVE, {GIT, DRIFT}, id="let go, and drifted"),
    pytest.param(MISSING, 1, 5, {"/f": 5}, REMOVE, {GIT}, id="let go in the service's form"),
    pytest.param(MISSING, 1, 6, {"/f": 5}, REMOVE, {GIT, DRIFT}, id="let go, not in the service's form"),
    pytest.param(MISSING, None, 3, {}, FORGET, set(), id="no longer forbidden"),
    pytest.param(MISSING, None, MISSING, {}, FORGET, set(), id="no longer forbidden and absent"),
    pytest.param(None, 1, 1, {}, REMOVE, {GIT}, id="forbidden"),
    pytest.param(None, 1, 2, {}, REMOVE, {GIT, DRIFT}, id="forbidden, and drifted"),
    pytest.param(None, 1, 5, {"/f": 5}, REMOVE, {GIT}, id="forbidden in the service's form"),
    pytest.param(None, MISSING, 1, {}, REMOVE, {GIT}, id="newly forbidden"),
    pytest.param(None, None, 1, {}, REMOVE, {DRIFT}, id="there again"),
    pytest.param(None, None, 5, {"/f": 5}, SETTLED, set(), id="the service's own value where we want none"),
    pytest.param(None, None, 6, {"/f": 5}, REMOVE, {DRIFT}, id="another value where we want none"),
    pytest.param(None, 1, MISSING, {}, IN_SYNC, set(), id="forbidden and gone"),
    pytest.param(None, None, MISSING, {}, IN_SYNC, set(), id="forbidden and absent"),
    pytest.param(None, None, None, {}, IN_SYNC, set(), id="forbidden and null"),
    pytest.param(None, MISSING, None, {}, IN_SYNC, set(), id="newly forbidden and null"),
]


@pytest.mark.parametrize(("desired", "applied", "live", "observed", "verdict", "causes"), TABLE)
def test_the_table_holds(desired, applied, live, observed, verdict, causes):
    """Every row: what git wants, what we applied, what is there, what form we saw, and what follows."""
    outcome = one(field(desired), field(applied), field(live), observed)
    left = observed.get("/f", applied)
    assert outcome == Outcome(("f",), verdict, desired, live, left, frozenset(causes))


@pytest.mark.parametrize(
    ("desired", "live", "verdict", "causes"),
    [
        (1, 1, IN_SYNC, set()),
        (1, 2, CHANGE, {ADOPT}),
        (1, MISSING, CHANGE, {ADOPT}),
        (None, 2, REMOVE, {ADOPT}),
        (None, MISSING, IN_SYNC, set()),
        (None, None, IN_SYNC, set()),
        ({"a": 1}, {"a": 1, "u": 2}, IN_SYNC, set()),
    ],
)
def test_without_a_ledger_entry_whatever_differs_is_an_adoption(desired, live, verdict, causes):
    """Neither git nor drift is to blame for what was never applied."""
    outcome = one(field(desired), MISSING, field(live))
    assert (outcome.verdict, set(outcome.causes)) == (verdict, causes)


def test_an_empty_ledger_entry_is_one():
    """Nothing applied is not the same as no entry: what is declared then is git's change."""
    assert verdicts({"f": 1}, {}, {"f": 2}) == {"/f": (CHANGE, {GIT})}
    assert verdicts({"f": 1}, MISSING, {"f": 2}) == {"/f": (CHANGE, {ADOPT})}


@pytest.mark.parametrize(
    ("desired", "applied", "live", "observed", "verdict", "causes"),
    [
        (15, 15, "15", {}, IN_SYNC, set()),
        (15, "15", 3, {}, CHANGE, {DRIFT}),
        (15, 3, "3", {}, CHANGE, {GIT}),
        (15, 15, "7", {"/f": 7}, SETTLED, set()),
        (MISSING, 15, "15", {}, REMOVE, {GIT}),
        (15, MISSING, MISSING, {}, CHANGE, {GIT}),
    ],
)
def test_what_means_the_same_is_no_difference(desired, applied, live, observed, verdict, causes):
    """The rules say what is equal, between any two of desired, applied, observed and live."""
    outcome = one(field(desired), field(applied), field(live), observed, equal=by_digits)
    assert (outcome.verdict, set(outcome.causes)) == (verdict, causes)


def test_the_rules_are_asked_with_the_path():
    """A rule may hold in one place only."""

    def equal(path, ours, live):
        return path == ("s", "i") and by_digits(path, ours, live)

    document = {"s": {"i": 1}, "j": 1}
    found = verdicts(document, document, {"s": {"i": "1"}, "j": "1"}, equal=equal)
    assert found == {"/s/i": (IN_SYNC, set()), "/j": (CHANGE, {GIT, DRIFT})}


def left_out(_path, _ours, live):
    return live is MISSING


@pytest.mark.parametrize(
    ("desired", "applied", "live", "verdict", "causes"),
    [
        (1, 1, MISSING, SETTLED, set()),
        (1, 2, MISSING, CHANGE, {GIT}),
        (1, 1, 2, CHANGE, {DRIFT}),
        (MISSING, 1, MISSING, FORGET, set()),
        (None, None, MISSING, IN_SYNC, set()),
    ],
)
def test_a_form_that_the_facts_explain_is_what_we_left(desired, applied, live, verdict, causes):
    """Explained without having been observed: no write while git says the same, and git alone changes it."""
    outcome = one(field(desired), field(applied), field(live), explained=left_out)
    assert (outcome.verdict, set(outcome.causes)) == (verdict, causes)


def test_adopting_takes_an_explained_form_for_settled():
    """What the service never shows cannot be adopted by writing it."""
    assert verdicts({"f": 1}, MISSING, {}, explained=left_out) == {"/f": (SETTLED, set())}
    assert verdicts({"f": 1}, MISSING, {"f": 2}, explained=left_out) == {"/f": (CHANGE, {ADOPT})}


def test_what_was_observed_goes_before_what_is_explained():
    """Where the ledger knows the form, that form counts and no other."""
    assert verdicts({"f": 1}, {"f": 1}, {}, {"/f": 5}, explained=left_out) == {"/f": (CHANGE, {DRIFT})}


def as_path(_path, ours, live):
    return is_object(ours) and ours.get("path") == live


@pytest.mark.parametrize(
    ("desired", "applied", "live", "verdict", "causes"),
    [
        ({"path": "p", "x": 1}, {"path": "p", "x": 1}, "p", SETTLED, set()),
        ({"path": "p", "x": 1}, MISSING, "p", SETTLED, set()),
        ({"path": "q"}, {"path": "p"}, "p", CHANGE, {GIT}),
        ({"path": "p"}, {"path": "p"}, "q", CHANGE, {DRIFT}),
        (MISSING, {"path": "p"}, "p", REMOVE, {GIT}),
    ],
)
def test_an_object_in_another_form_is_one_value(desired, applied, live, verdict, causes):
    """Where the service shows an object as something else, the object has no parts to compare."""
    ledger = MISSING if applied is MISSING and desired is not MISSING else field(applied)
    outcome = one(field(desired), ledger, field(live), explained=as_path)
    assert (outcome.path, outcome.verdict, set(outcome.causes)) == (("f",), verdict, causes)


@pytest.mark.parametrize("released", ["/f", ""])
@pytest.mark.parametrize("desired", [1, None, MISSING])
@pytest.mark.parametrize("live", [1, 2, MISSING])
@pytest.mark.parametrize("applied", [{"f": 1}, {}, MISSING])
def test_what_is_ignored_is_released(released, desired, live, applied):
    """Under ignore, now or newly: not compared, not changed, not removed."""
    assert verdicts(field(desired), applied, field(live), released=(parse(released),)) == {}


@pytest.mark.parametrize(
    ("desired", "applied", "live", "released", "expected"),
    [
        # beside the released path the comparison goes on
        (
            {"a": {"b": 1, "c": 2}},
            {"a": {"b": 1, "c": 2}},
            {"a": {"b": 9, "c": 9}},
            "/a/c",
            {"/a/b": (CHANGE, {DRIFT})},
        ),
        ({"a": {"b": 1, "c": 2}}, {}, {}, "/a/c", {"/a/b": (CHANGE, {GIT})}),
        ({"a": {"c": 2}}, {}, {}, "/a/c", {}),
        ({"a": {"c": 2}}, {}, {"a": "text"}, "/a/c", {}),
        ({"a": {"b": 1, "c": 2}}, {}, {"a": [1]}, "/a/c", {"/a/b": (CHANGE, {GIT})}),
        ({"a": {"b": 1}}, {}, {"a": [{"name": "x"}]}, "/a/[name=x]", {}),
        # a value that cannot be changed in part is released with its part
        ({"a": [1, 2]}, {"a": [1, 2]}, {"a": [3, 4]}, "/a/0", {}),
        ({"a": None}, {}, {"a": {"c": 1}}, "/a/c", {}),
        ({"a": 1}, {"a": 1}, {"a": {"c": 1}}, "/a/c", {}),
        ({}, {"a": [{"name": "x"}]}, {"a": [{"name": "x", "c": 1}]}, "/a/[name=x]/c", {}),
        ({}, {"a": [{"name": "x"}]}, {"a": [{"name": "x", "c": 1}]}, "/a/[name=x]", {}),
        ({}, {"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 2}}, "/a/c", {"/a/b": (REMOVE, {GIT})}),
    ],
)
def test_the_parts_of_what_is_ignored_are_released(desired, applied, live, released, expected):
    """What lies beside a released path is compared; what holds one and is one value is released whole."""
    assert verdicts(desired, applied, live, released=(parse(released),)) == expected


def test_a_set_with_a_released_member_is_released():
    """A set is one value too."""
    assert verdicts({"a": ["x"]}, {}, {"a": []}, is_set=lambda path: path == ("a",), released=(("a", "0"),)) == {}


def test_only_declared_paths_are_looked_at():
    """What neither desired nor applied has gives no outcome, at any depth."""
    live = {"a": {"x": 1, "u": 2}, "u": 3, "l": [{"name": "e", "v": 1, "u": 4}, {"name": "u"}]}
    desired = {"a": {"x": 1}, "l": [{"name": "e", "v": 1}]}
    assert set(verdicts(desired, desired, live)) == {"/a/x", "/l/[name=e]/name", "/l/[name=e]/v"}


def test_the_outcomes_come_in_the_order_of_desired_then_applied():
    """The same documents give the same list."""
    found = verdicts({"b": 1, "a": {"z": 1, "y": 2}}, {"d": 1, "a": {"x": 1}, "c": 1}, {"a": {}})
    assert list(found) == ["/b", "/a/z", "/a/y", "/a/x", "/d", "/c"]


@pytest.mark.parametrize(
    ("desired", "applied", "live", "expected"),
    [
        ({}, {}, {"u": 1}, {}),
        ({}, {"a": 1}, {"a": 1, "u": 2}, {"/a": (REMOVE, {GIT})}),
        ({"p": {}}, {"p": {}}, {"p": {"u": 1}}, {"/p": (IN_SYNC, set())}),
        ({"p": {}}, {"p": {}}, {}, {"/p": (CHANGE, {DRIFT})}),
        ({"p": {}}, {"p": {}}, {"p": None}, {"/p": (CHANGE, {DRIFT})}),
        ({"p": {}}, {"p": {}}, {"p": []}, {"/p": (CHANGE, {DRIFT})}),
        ({"p": {}}, {"p": {"a": 1}}, {"p": {"a": 1, "u": 2}}, {"/p/a": (REMOVE, {GIT}), "/p": (IN_SYNC, set())}),
        ({"p": {}}, {"p": {"a": 1}}, {}, {"/p": (CHANGE, {GIT, DRIFT})}),
        ({"p": {}}, {"p": [{"name": "a"}]}, {"p": {"u": 1}}, {"/p": (IN_SYNC, set())}),
        ({"p": 1}, {"p": {}}, {"p": {"u": 1}}, {"/p": (CHANGE, {GIT})}),
        ({}, {"p": {}}, {"p": {}}, {"/p": (REMOVE, {GIT})}),
        ({}, {"p": {}}, {"p": {"u": 1}}, {"/p": (FORGET, set())}),
        ({}, {"p": {}}, {"p": "text"}, {"/p": (REMOVE, {GIT, DRIFT})}),
    ],
)
def test_an_empty_object_declares_nothing_of_what_is_in_it(desired, applied, live, expected):
    """{} says that an object is there: what others have in it stays, what we had in it leaves."""
    assert verdicts(desired, applied, live) == expected


@pytest.mark.parametrize("live", [{}, {"a": "text"}, {"a": None}, {"a": [1]}])
def test_an_absent_subtree_is_one_change(live):
    """Where there is no object, one change brings all of it, instead of one a leaf."""
    desired = {"a": {"b": {"c": 1}, "d": 2, "n": None}}
    outcome = one(desired, MISSING, live)
    assert (outcome.path, outcome.verdict, outcome.causes) == (("a",), CHANGE, {ADOPT})
    assert merge(live, [outcome], desired) == {"a": {"b": {"c": 1}, "d": 2}}


@pytest.mark.parametrize(
    ("desired", "applied", "live", "causes"),
    [
        ({"b": 1}, {"b": 1}, MISSING, {DRIFT}),
        ({"b": 1}, MISSING, MISSING, {GIT}),
        ({"b": 1, "c": 2}, {"b": 1}, MISSING, {GIT, DRIFT}),
        ({"b": 1}, {"b": 2}, MISSING, {GIT, DRIFT}),
        ({"b": 1}, {"b": 1, "c": 2}, MISSING, {DRIFT}),
        ({"b": "1"}, {"b": 1}, MISSING, {DRIFT}),
        ({"b": 1}, {"b": 1}, "text", {DRIFT}),
        ({"b": 1}, "text", "text", {GIT}),
        ([{"name": "x"}], MISSING, MISSING, {GIT}),
        ([{"name": "x"}], [{"name": "x"}], MISSING, {DRIFT}),
    ],
)
def test_an_absent_subtree_changes_for_the_reasons_of_its_parts(desired, applied, live, causes):
    """Each declared leaf gives its cause, and the one change has them all."""

    def equal(path, ours, live):
        return by_digits(path, ours, live) if len(path) > 1 else same(ours, live)

    outcome = one(field(desired), field(applied), field(live), equal=equal)
    assert (outcome.path, outcome.verdict, set(outcome.causes)) == (("f",), CHANGE, causes)


def test_an_absent_subtree_of_nulls_alone_is_as_it_should_be():
    """What must be absent and is asks for no parent."""
    assert verdicts({"a": {"b": None}}, {}, {}) == {"/a/b": (IN_SYNC, set())}
    assert verdicts({"a": {"b": None}}, {}, {"a": "text"}) == {"/a/b": (IN_SYNC, set())}


@pytest.mark.parametrize(
    ("applied", "live", "expected"),
    [
        ("text", "text", {"/a": (REMOVE, {GIT})}),
        ("text", "other", {"/a": (REMOVE, {GIT, DRIFT})}),
        ("text", MISSING, {"/a": (FORGET, set())}),
        ([{"name": "x"}], [{"name": "x"}, {"name": "u"}], {"/a/[name=x]": (REMOVE, {GIT})}),
        ([{"name": "x"}], {"u": 1}, {}),
        (MISSING, "text", {}),
        ({"b": 1}, "text", {}),
    ],
)
def test_what_we_had_where_git_now_has_an_object_of_nulls_leaves(applied, live, expected):
    """A value of another shape that was ours is let go; what others put there stays."""
    applied, live = ({} if value is MISSING else {"a": value} for value in (applied, live))
    assert verdicts({"a": {"b": None}}, applied, live) == {"/a/b": (IN_SYNC, set())} | expected


def test_an_absent_subtree_that_was_observed_so_is_settled():
    """A service that leaves an object out is not sent it again, until git changes it."""
    seen = {"/a": MISSING}
    assert verdicts({"a": {"b": 1}}, {"a": {"b": 1}}, {}, seen) == {"/a": (SETTLED, set())}
    assert verdicts({"a": {"b": 2}}, {"a": {"b": 1}}, {}, seen) == {"/a": (CHANGE, {GIT})}


def test_a_settled_part_of_an_absent_subtree_stays_out_of_the_change():
    """What the service leaves out of an object is no reason to send it when the object is gone."""
    both = {"a": {"b": 1, "c": 2}}
    seen = {"/a/b": MISSING}
    assert verdicts(both, both, {}, seen) == {"/a/b": (SETTLED, set()), "/a/c": (CHANGE, {DRIFT})}
    assert verdicts({"a": {"b": 1}}, {"a": {"b": 1}}, {}, seen) == {"/a/b": (SETTLED, set())}


def test_a_new_element_of_which_a_part_is_released_has_its_name():
    """An element is made without what is ignored, but never without its name, whatever comes first."""
    desired = {"l": [{"v": 1, "secret": 2, "name": "x"}]}
    outcomes = compare(desired, {}, {}, rules=Rules(released=(parse("/l/[name=x]/secret"),)))
    assert merge({}, outcomes, desired) == {"l": [{"name": "x", "v": 1}]}


@pytest.mark.parametrize("live", [{}, {"a": "text"}, {"a": None}, {"a": {}}, {"a": {"u": 1}}])
def test_what_left_with_its_parent_is_forgotten(live):
    """Of an object that git let go and that is gone, or holds nothing of ours any more, nothing remains to be done."""
    assert verdicts({}, {"a": {"b": 1}}, live) == {"/a/b": (FORGET, set())}


LIVE_LIST = [{"name": "u", "p": 0}, {"name": "b", "p": 2, "u": 9}, {"name": "a", "p": 1}]


def test_named_lists_are_compared_by_name():
    """Another order, other elements and other keys of elements are in sync."""
    desired = {"l": [{"name": "a", "p": 1}, {"name": "b", "p": 2}]}
    assert {verdict for verdict, _ in verdicts(desired, desired, {"l": LIVE_LIST}).values()} == {IN_SYNC}


def test_an_element_changes_in_place():
    """A part of an element is one declared path; its position and its neighbours stay."""
    desired, applied = {"l": [{"name": "b", "p": 3}]}, {"l": [{"name": "b", "p": 2}]}
    outcomes = compare(desired, applied, {"l": LIVE_LIST})
    assert [(format_path(o.path), o.causes) for o in outcomes if o.causes] == [("/l/[name=b]/p", {GIT})]
    expected = [LIVE_LIST[0], {"name": "b", "p": 3, "u": 9}, LIVE_LIST[2]]
    assert merge({"l": LIVE_LIST}, outcomes, desired) == {"l": expected}


@pytest.mark.parametrize("desired", [{}, {"l": [{"name": "a", "p": 1}]}])
def test_an_element_dropped_from_git_leaves_whole(desired):
    """The element goes with all that it holds, which is no drift; undeclared elements stay."""
    outcomes = compare(desired, {"l": [{"name": "b", "p": 2, "n": None}, *desired.get("l", [])]}, {"l": LIVE_LIST})
    (gone,) = [outcome for outcome in outcomes if outcome.causes]
    assert (format_path(gone.path), gone.verdict, gone.causes) == ("/l/[name=b]", REMOVE, {GIT})
    assert merge({"l": LIVE_LIST}, outcomes, desired) == {"l": [LIVE_LIST[0], LIVE_LIST[2]]}


@pytest.mark.parametrize(
    ("applied", "live", "observed", "causes"),
    [
        ({"p": 1}, {"p": 2}, {}, {GIT, DRIFT}),
        ({"p": 1}, {}, {}, {GIT, DRIFT}),
        ({"p": 1}, {"p": 2}, {"/l/[name=e]/p": 2}, {GIT}),
        ({"p": 1}, {}, {"/l/[name=e]/p": MISSING}, {GIT}),
        ({"p": 1}, {"p": 1}, {"/l/[name=e]/p": 2}, {GIT, DRIFT}),
        ({"p": None}, {"p": 1}, {}, {GIT, DRIFT}),
        ({"p": {}}, {"p": {"u": 1}}, {}, {GIT}),
        ({"p": {"a": 1}}, {"p": "text"}, {}, {GIT, DRIFT}),
        ({"p": [{"name": "x"}, {"name": "y"}]}, {"p": [{"name": "y"}, {"name": "u"}, {"name": "x"}]}, {}, {GIT}),
        ({"p": [{"name": "x"}]}, {"p": [{"name": "u"}]}, {}, {GIT, DRIFT}),
        ({"p": [{"name": "x"}]}, {"p": [1]}, {}, {GIT, DRIFT}),
    ],
)
def test_an_element_has_drifted_iff_a_declared_part_of_it_has(applied, live, observed, causes):
    """What we left is judged part by part, by what was observed where it was."""
    element = {"name": "e"}
    found = verdicts({"k": 1}, {"k": 1, "l": [element | applied]}, {"k": 1, "l": [element | live]}, observed)
    assert found["/l/[name=e]"] == (REMOVE, causes)


@pytest.mark.parametrize("desired", [None, 7])
def test_an_object_gives_way_without_drift_while_its_declared_parts_are_as_we_left_them(desired):
    """What others added to an object is no drift of it."""
    outcome = one({"f": desired}, {"f": {"a": 1}}, {"f": {"a": 1, "u": 2}})
    assert outcome.causes == {GIT}
    assert one({"f": desired}, {"f": {"a": 1}}, {"f": {"a": 3, "u": 2}}).causes == {GIT, DRIFT}


@pytest.mark.parametrize("live", [[], [{"name": "u"}]])
def test_a_new_element_is_one_change(live):
    """It is appended whole; where the list is empty it becomes the first."""
    desired = {"l": [{"name": "e", "p": {"q": 1}, "n": None}]}
    outcome = one(desired, {"l": []}, {"l": live})
    assert (format_path(outcome.path), outcome.verdict, outcome.causes) == ("/l/[name=e]", CHANGE, {GIT})
    assert merge({"l": live}, [outcome], desired) == {"l": [*live, {"name": "e", "p": {"q": 1}}]}


@pytest.mark.parametrize("live", [[1], [{"name": "a"}, {"name": "a"}], [{"id": 1}], "text", None])
def test_a_list_whose_elements_have_no_names_is_one_value(live):
    """Where live cannot be read by name the list is compared and changed whole."""
    desired = {"l": [{"name": "a"}]}
    outcome = one(desired, desired, {"l": live})
    assert (outcome.path, outcome.verdict, outcome.causes) == (("l",), CHANGE, {DRIFT})
    assert one({"l": [1, 2]}, {"l": [1, 2]}, {"l": [2, 1]}).verdict is CHANGE
    assert verdicts({}, {"l": [{"name": "a"}]}, {"l": live}).get("/l") == (
        (FORGET, set()) if live is None else (REMOVE, {GIT, DRIFT})
    )


@pytest.mark.parametrize("live", [{}, {"l": []}])
def test_elements_that_are_gone_are_forgotten(live):
    """An element that git let go and that is not there is no work."""
    assert verdicts({}, {"l": [{"name": "a"}]}, live)["/l/[name=a]"] == (FORGET, set())


def test_a_key_that_looks_like_a_name_is_no_element():
    """In an object such a key's parts come and go alone, and what others have below it stays."""
    key = name_token("x")
    applied, live = {key: {"a": 1}}, {key: {"a": 1, "u": 2}}
    assert verdicts({}, applied, live)["/[name=x]/a"] == (REMOVE, {GIT})
    assert merge(live, compare({}, applied, live), {}) == {key: {"u": 2}}


def in_set(path):
    return path == ("s",)


@pytest.mark.parametrize(
    ("desired", "applied", "live", "prune", "merged", "causes"),
    [
        (["a"], [], ["a", "u"], False, None, set()),
        (["a"], [], ["u"], False, ["u", "a"], {GIT}),
        (["a"], ["a"], ["u"], False, ["u", "a"], {DRIFT}),
        (["a", "b"], ["a"], ["u"], False, ["u", "a", "b"], {GIT, DRIFT}),
        (["a", "a"], [], [], False, ["a"], {GIT}),
        (["a"], [], MISSING, False, ["a"], {GIT}),
        (["a"], MISSING, MISSING, False, ["a"], {GIT}),
        (["a"], [], "text", False, ["a"], {GIT}),
        (["b", "a"], ["a", "b"], ["a", "u", "b"], True, None, set()),
        (["a"], ["a", "b"], ["b", "u", "a"], False, None, set()),
        (["a"], ["a", "b"], ["b", "u", "a"], True, ["u", "a"], {GIT}),
        (["a"], ["b"], ["b", "u"], True, ["u", "a"], {GIT}),
        (["a"], ["a", "b"], ["u", "a"], True, None, set()),
        ([], ["a"], ["a", "u"], True, ["u"], {GIT}),
        ([], [], ["u"], True, None, set()),
        (MISSING, ["a"], ["a", "u"], False, None, set()),
        (MISSING, ["a"], ["a", "u"], True, ["u"], {GIT}),
        (MISSING, ["a"], MISSING, True, None, set()),
    ],
)
def test_of_a_set_we_own_what_we_added(desired, applied, live, prune, merged, causes):
    """Ours are added, those of others stay where they are, ours leave only with prune."""

    def document(value):
        return {"k": 1} if value is MISSING else {"k": 1, "s": value}

    outcomes = compare(document(desired), document(applied), document(live), rules=Rules(is_set=in_set, prune=prune))
    (found,) = [outcome for outcome in outcomes if outcome.path == ("s",)]
    assert set(found.causes) == causes
    assert found.verdict is (CHANGE if causes else IN_SYNC)
    expected = live if merged is None else merged
    assert merge(document(live), outcomes, document(desired)) == document(expected)


def test_adopting_a_set_adds_what_is_missing():
    """Without a ledger entry the cause is the adoption."""
    assert verdicts({"s": ["a"]}, MISSING, {"s": ["u"]}, is_set=in_set) == {"/s": (CHANGE, {ADOPT})}


def test_a_set_of_which_we_want_nothing_is_in_sync_where_it_is_absent():
    """Neither the empty set nor the object around it has to be made."""
    found = verdicts({"a": {"s": []}}, {}, {}, is_set=lambda path: path == ("a", "s"))
    assert found == {"/a/s": (IN_SYNC, set())}


@pytest.mark.parametrize("applied", [{"s": ["a"]}, {"s": None}, {}])
def test_a_set_that_must_be_absent_is_removed(applied):
    """Null means that nothing is to be there, members of others included, whatever was applied before."""
    assert verdicts({"s": None}, applied, {"s": ["a", "u"]}, is_set=in_set)["/s"][0] is REMOVE


@dataclass(frozen=True)
class Ref(Opaque):
    target: str

    def shown(self):
        return {"$ref": self.target}


def never(_path, ours, live):
    assert not isinstance(ours, Opaque)
    assert not isinstance(live, Opaque)
    return same(ours, live)


@pytest.mark.parametrize(
    ("desired", "applied", "live", "verdict", "causes"),
    [
        (Ref("x"), "id", "id", CHANGE, {GIT}),
        (Ref("x"), "id", "other", CHANGE, {GIT, DRIFT}),
        (Ref("x"), Ref("x"), "id", CHANGE, {DRIFT}),
        (Ref("x"), MISSING, MISSING, CHANGE, {GIT}),
        (Ref("x"), Ref("x"), Ref("x"), IN_SYNC, set()),
        ("id", Ref("x"), "id", IN_SYNC, set()),
        ("id", "id", Ref("x"), CHANGE, {DRIFT}),
    ],
)
def test_opaque_leaves_are_compared_by_equality(desired, applied, live, verdict, causes):
    """What is not known differs from every value, and no rule about meaning is asked about it."""
    outcome = one(field(desired), field(applied), field(live), equal=never)
    assert (outcome.verdict, set(outcome.causes)) == (verdict, causes)


@pytest.mark.parametrize(
    ("desired", "expected"),
    [
        (None, MISSING),
        (0, 0),
        ({}, {}),
        ([], []),
        ({"a": None}, MISSING),
        ({"a": {"b": None}}, MISSING),
        ({"a": {}, "b": None}, {"a": {}}),
        ({"a": {"b": None}, "c": 1}, {"c": 1}),
        ([None], [None]),
        ([{"a": None}], [{"a": None}]),
        ([{"name": "x", "a": None}], [{"name": "x"}]),
    ],
)
def test_what_is_to_exist_has_no_nulls(desired, expected):
    """Nulls say "must be absent" in objects and named elements; a list without names is one value, nulls included."""
    assert same(present(desired), expected)


# --- laws -------------------------------------------------------------------------------------------------------------

SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, "", "1", "x"])
KEYS = st.sampled_from(["a", "b", "c", "[name=x]", "~/"])
NAMES = st.sampled_from(["x", "y", "a]/~"])


def lists(inner):
    named = st.dictionaries(NAMES, st.dictionaries(st.sampled_from(["p", "q"]), inner, max_size=2), max_size=3)
    return st.lists(inner, max_size=2) | named.map(
        lambda elements: [{"name": name} | element for name, element in elements.items()]
    )


VALUES = st.recursive(SCALARS, lambda inner: lists(inner) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
IDS = st.lists(st.sampled_from(["i", "j", "k"]), max_size=3) | st.sampled_from([None, "text", MISSING, MISSING])


@st.composite
def edited(draw, value):
    """Draw a value that is like another but for some edits."""
    edit = draw(st.sampled_from(["keep", "inside", "inside", "inside", "else"]))
    if edit == "inside" and isinstance(value, dict):
        kept = {key: draw(edited(inner)) for key, inner in value.items() if draw(st.integers(0, 4))}
        return kept | draw(st.dictionaries(KEYS, VALUES, max_size=1))
    if edit == "inside" and is_named_list(value):
        parts = [{"name": e["name"]} | {k: draw(edited(v)) for k, v in e.items() if k != "name"} for e in value]
        return draw(st.permutations(parts))[draw(st.integers(0, 1)) :]
    return draw(VALUES) if edit == "else" else copy.deepcopy(value)


@st.composite
def triples(draw):
    """Draw desired, applied and live that descend from one another."""
    desired = draw(OBJECTS)
    applied = draw(st.just(MISSING) | edited(desired))
    live = draw(edited(desired if applied is MISSING else applied))
    assume(is_object(live) and (applied is MISSING or is_object(applied)))
    return tuple(document and with_ids(document, draw(IDS)) for document in (desired, applied, live))


def with_ids(document, ids):
    return document if ids is MISSING else document | {"s": ids}


RULES = Rules(is_set=lambda path: path == ("s",))


def elements(value):
    return {name_token(element["name"]): element for element in value}


def undeclared(path, desired, applied, live):
    """Return every value of live that nobody declared: written without the code under test."""
    if desired is MISSING and applied is MISSING:
        yield path, live
        return
    declared = applied if desired is MISSING else desired
    if is_object(declared) and is_object(live):
        view = dict
    elif is_named_list(declared) and is_named_list(live):
        view = elements
    else:
        return
    ours = view(desired) if desired is not MISSING else {}
    left = view(applied) if type(applied) is type(declared) and (view is dict or is_named_list(applied)) else {}
    for token, value in view(live).items():
        if view is elements and token in left and token not in ours:
            continue  # left whole
        yield from undeclared((*path, token), ours.get(token, MISSING), left.get(token, MISSING), value)


def agrees(desired, merged, rules, path=()):
    """Iff merged has what desired says, wherever desired says something: written without the code under test."""
    if desired is None:
        return merged is MISSING or merged is None
    if rules.is_set(path) and isinstance(desired, list):
        return (isinstance(merged, list) and all(member in merged for member in desired)) or not desired
    if is_object(desired):
        if present(desired) is not MISSING and not is_object(merged):
            return False
        inside = merged if is_object(merged) else {}
        return all(agrees(value, inside.get(key, MISSING), rules, (*path, key)) for key, value in desired.items())
    if is_named_list(desired) and is_named_list(merged):
        inside = elements(merged)
        return all(
            agrees(value, inside.get(token, MISSING), rules, (*path, token))
            for token, value in elements(desired).items()
        )
    return same(desired, merged)


@settings(max_examples=100, deadline=None)
@given(triples())
def test_comparing_and_merging_are_pure(documents):
    """The same documents give the same outcomes, and neither comparing nor merging touches them."""
    desired, applied, live = documents
    before = copy.deepcopy((desired, None if applied is MISSING else applied, live))
    first = compare(desired, applied, live, rules=RULES)
    merge(live, first, desired)
    assert compare(desired, applied, live, rules=RULES) == first
    assert same([desired, None if applied is MISSING else applied, live], list(before))


@settings(max_examples=100, deadline=None)
@given(triples())
def test_every_outcome_acts_iff_it_has_a_cause(documents):
    """A change or removal has a reason, everything else has none; no path has two outcomes."""
    found = compare(*documents, rules=RULES)
    assert all(bool(outcome.causes) is (outcome.verdict in (CHANGE, REMOVE)) for outcome in found)
    assert len({outcome.path for outcome in found}) == len(found)
    acting = [outcome.path for outcome in found if outcome.causes]
    assert not any(covers(one, other) for one in acting for other in acting if one != other)


@settings(max_examples=100, deadline=None)
@given(OBJECTS, st.data())
def test_live_that_is_desired_needs_nothing(desired, data):
    """Whatever was applied before: where live is what git wants, nothing is to be done."""
    live = present(desired)
    live = {} if live is MISSING else live
    applied = data.draw(st.just(MISSING) | edited(live).filter(is_object))
    nothing = compare(live, applied, copy.deepcopy(live), rules=Rules())
    assert not any(outcome.causes for outcome in nothing if outcome.desired is not MISSING)
    assert same(live, merge(live, [o for o in nothing if o.desired is not MISSING], live))
    assert not any(outcome.causes for outcome in compare(desired, applied, live) if outcome.desired is not MISSING)


@settings(max_examples=100, deadline=None)
@given(triples())
def test_after_a_merge_nothing_is_left_to_do(documents):
    """The wanted document, applied, is in sync: with the ledger, and also for somebody who lost it."""
    desired, applied, live = documents
    wanted = merge(live, compare(desired, applied, live, rules=RULES), desired)
    assert agrees(desired, wanted, RULES)
    for ledger in (desired, MISSING):
        assert {o.verdict for o in compare(desired, ledger, wanted, rules=RULES)} <= {IN_SYNC}


@settings(max_examples=100, deadline=None)
@given(triples())
def test_what_nobody_declared_survives(documents):
    """Every value of live that is in neither desired nor applied is in the wanted document, strictly the same."""
    desired, applied, live = documents
    wanted = merge(live, compare(desired, applied, live, rules=RULES), desired)
    for path, value in undeclared((), desired, applied, live):
        assert same(find(wanted, path), value)


def paths(document, path=()):
    yield path
    inside = document if is_object(document) else elements(document) if is_named_list(document) else {}
    for token, value in inside.items():
        yield from paths(value, (*path, token))


@settings(max_examples=100, deadline=None)
@given(triples(), st.data())
def test_what_is_ignored_is_not_touched(documents, data):
    """Whatever is released is after a merge what it was before, there or not, but for the name of a new element."""
    desired, applied, live = documents
    known = [*paths(desired), *paths(live), *([] if applied is MISSING else paths(applied))]
    released = data.draw(st.sampled_from([path for path in known if path[-1:] != ("name",)]))
    wanted = merge(live, compare(desired, applied, live, rules=Rules(released=(released,))), desired)
    assert same(find(wanted, released), find(live, released))


@settings(max_examples=100, deadline=None)
@given(triples())
def test_what_was_left_out_or_shaped_by_the_service_is_settled(documents):
    """Observed as live is, path by path, nothing is to be done while git says the same."""
    desired, _, live = documents
    first = compare(desired, desired, live)
    observed = {format_path(o.path): o.live for o in first if o.causes}
    assert not any(outcome.causes for outcome in compare(desired, desired, live, observed))
