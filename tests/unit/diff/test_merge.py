"""The wanted document: live with the changes in it."""

import copy as stdlib_copy
from dataclasses import dataclass

import pytest

from reconciler.diff.document import MISSING, Opaque
from reconciler.diff.merge import copy, merge, put
from reconciler.diff.outcomes import Outcome, Rules, Verdict
from reconciler.diff.pointer import ROOT, parse
from reconciler.diff.three_way import compare


@dataclass(frozen=True)
class Sealed(Opaque):
    """A secret that refuses to be copied."""

    target: str

    def __copy__(self):
        raise AssertionError("copied")

    def __deepcopy__(self, memo):
        raise AssertionError("copied")

    def shown(self):
        return {"$secret": self.target}


def merged(desired, applied, live, **rules):
    return merge(live, compare(desired, applied, live, rules=Rules(**rules)), desired)


def test_a_copy_shares_leaves_and_no_containers():
    """Objects and lists are new at any depth; a secret is the very same leaf."""
    secret = Sealed("/p")
    document = {"a": [{"b": secret}]}
    copied = copy(document)
    assert copied == document
    assert copied is not document
    assert copied["a"] is not document["a"]
    assert copied["a"][0] is not document["a"][0]
    assert copied["a"][0]["b"] is secret


@pytest.mark.parametrize(
    ("document", "pointer", "expected"),
    [
        ({"a": 1}, "/a", {"a": 9}),
        ({}, "/a/b/c", {"a": {"b": {"c": 9}}}),
        ({"a": {"x": 1}}, "/a/b", {"a": {"x": 1, "b": 9}}),
        ({"a": "text"}, "/a/b", {"a": {"b": 9}}),
        ({"a": None}, "/a/b", {"a": {"b": 9}}),
        ({"a": [1, 2]}, "/a/1", {"a": [1, 9]}),
        ({"a": [1, 2]}, "/a/2", {"a": [1, 2, 9]}),
        ({"a": [{"name": "x", "v": 1}]}, "/a/[name=x]/v", {"a": [{"name": "x", "v": 9}]}),
        ({"a": [{"name": "x"}]}, "/a/[name=y]/v", {"a": [{"name": "x"}, {"name": "y", "v": 9}]}),
        ({}, "/a/[name=y]/v/w", {"a": [{"name": "y", "v": {"w": 9}}]}),
        ({"a": "text"}, "/a/[name=y]/v", {"a": [{"name": "y", "v": 9}]}),
        ({}, "/a/[name=y", {"a": {"[name=y": 9}}),
        ({"a": [{"name": "x"}]}, "/a/[name=x]", {"a": [9]}),
        ({"a": [{"name": "x"}]}, "/a/[name=y]", {"a": [{"name": "x"}, 9]}),
        ({"a": []}, "/a/0/b", {"a": [{"b": 9}]}),
        ({"a": [1, 2]}, "/a/b", {"a": {"b": 9}}),
        ({"[name=x]": 1}, "/[name=x]", {"[name=x]": 9}),
    ],
)
def test_putting_makes_what_is_on_the_way(document, pointer, expected):
    """Objects and named elements that are missing are made; what stands beside stays."""
    assert put(document, parse(pointer), 9) == expected


def test_putting_at_the_root_gives_the_value():
    """The root is the whole document."""
    assert put({"a": 1}, ROOT, 9) == 9


def test_live_and_desired_are_left_alone():
    """The wanted document shares no container with either."""
    desired, live = {"a": {"x": [1]}, "b": 2}, {"a": {"y": [2]}, "c": {"z": 1}}
    before = stdlib_copy.deepcopy((desired, live))
    wanted = merged(desired, {"c": {"z": 1}}, live)
    assert wanted == {"a": {"y": [2], "x": [1]}, "b": 2}
    wanted["a"]["x"].append(9)
    wanted["a"]["y"].append(9)
    assert (desired, live) == before


@pytest.mark.parametrize(
    ("desired", "applied", "live", "expected"),
    [
        ({}, {"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 1}}, "z": 0}, {"z": 0}),
        ({}, {"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 1}, "u": 1}}, {"a": {"u": 1}}),
        ({"a": {"d": 1}}, {"a": {"b": {"c": 1}, "d": 1}}, {"a": {"b": {"c": 1}, "d": 1}}, {"a": {"d": 1}}),
        ({"a": {}}, {"a": {"b": 1}}, {"a": {"b": 1}}, {"a": {}}),
        ({"a": {"b": None}}, {"a": {"b": 1}}, {"a": {"b": 1}}, {"a": {}}),
        ({}, {"a": 1}, {"a": 1}, {}),
        ({}, {"a": 1, "b": 2}, {"a": 1, "b": 2, "u": 3}, {"u": 3}),
        ({}, {"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 2}}, {}),
        ({}, {"l": [{"name": "x"}]}, {"l": [{"name": "x"}, {"name": "u"}]}, {"l": [{"name": "u"}]}),
        ({}, {"l": [{"name": "x"}, {"name": "y"}]}, {"l": [{"name": "y"}, {"name": "x"}]}, {}),
        ({"l": []}, {"l": [{"name": "x"}]}, {"l": [{"name": "x"}]}, {"l": []}),
    ],
)
def test_what_leaves_takes_along_what_it_leaves_empty(desired, applied, live, expected):
    """An object or a list on the way goes too, unless it holds something else or git declares it."""
    assert merged(desired, applied, live) == expected


def test_a_removal_from_a_list_by_a_name_that_left_does_nothing():
    """Two outcomes may not both take one element out."""
    gone = Outcome(parse("/l/[name=x]"), Verdict.REMOVE, MISSING, {"name": "x"})
    assert merge({"l": [{"name": "x"}, {"name": "y"}]}, [gone, gone], {}) == {"l": [{"name": "y"}]}


def test_nulls_are_never_written():
    """A new value comes without what must be absent, in elements of named lists too; a plain list keeps its nulls."""
    desired = {"a": {"x": 1, "n": None, "o": {"n": None}}, "l": [{"name": "e", "n": None}], "p": [{"n": None}, None]}
    assert merged(desired, MISSING, {}) == {"a": {"x": 1}, "l": [{"name": "e"}], "p": [{"n": None}, None]}


def test_only_changes_and_removals_are_done():
    """What is in sync, settled or forgotten stays as live has it."""
    live = {"a": 1, "b": 2, "c": 3}
    outcomes = [
        Outcome(("a",), Verdict.IN_SYNC, 9, 1),
        Outcome(("b",), Verdict.SETTLED, 9, 2),
        Outcome(("c",), Verdict.FORGET, MISSING, 3),
    ]
    assert merge(live, outcomes, {"a": 9, "b": 9}) == live


def test_a_put_carries_settled_paths_as_desired():
    """A PUT repeats what the service does not show, and leaves out what must be absent."""
    desired = {"a": 9, "b": None, "l": [{"v": 9, "name": "x"}]}
    live = {"a": 1, "b": 2, "c": 3}
    outcomes = [
        Outcome(("a",), Verdict.SETTLED, 9, 1),
        Outcome(("b",), Verdict.SETTLED, None, 2),
        Outcome(parse("/l/[name=x]/v"), Verdict.SETTLED, 9, MISSING),
    ]
    expected = {"a": 9, "c": 3, "l": [{"name": "x", "v": 9}]}
    assert merge(live, outcomes, desired, carry_settled=True) == expected


def test_opaque_leaves_are_put_as_they_are():
    """What is not known yet enters the wanted document as a leaf."""
    secret = Sealed("/p")
    assert merged({"a": {"p": secret}}, MISSING, {})["a"]["p"] is secret


@pytest.mark.parametrize(
    ("wanted", "live", "expected"),
    [
        ("abc", "ac", "abc"),
        ("ab", "b", "ab"),
        ("ab", "ub", "uab"),
        ("abc", "acu", "abcu"),
        ("abc", "a", "abc"),
        ("ab", "u", "uab"),
        ("cab", "ab", "cab"),
        ("bau", "ua", "uba"),
    ],
)
def test_a_new_element_goes_where_git_has_it(wanted, live, expected):
    """Behind the nearest that stands before it in git; those of others stay where they are."""

    def elements(names):
        return {"l": [{"name": name} for name in names]}

    desired, there = elements(wanted), elements(live)
    merged = merge(there, compare(desired, {}, there), desired)
    assert "".join(element["name"] for element in merged["l"]) == expected
