"""The smallest patch: it makes the wanted document, wastes nothing, keeps the service's rules, and none is smaller."""

import copy
import itertools
from dataclasses import dataclass

import jsonpatch
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciler.diff.document import MISSING, Opaque, same, wire_bytes
from reconciler.diff.patch import NoPatch, Op, size, smallest
from reconciler.diff.pointer import ROOT, covers, find, format_path

LONG = "a value that is longer than the paths around it"
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 2, "", "1", "x", LONG])
KEYS = st.sampled_from(["a", "b", "name", "0", "-", "~/", "a key that is long", "[name=x]"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)


@st.composite
def edited(draw, value):
    """Draw a document that is like another but for some edits: where two have nothing in common, much goes untested."""
    edit = draw(st.sampled_from(["keep", "inside", "inside", "inside", "inside", "else"]))
    if edit == "keep":
        return copy.deepcopy(value)
    if edit == "inside" and isinstance(value, dict):
        kept = {key: draw(edited(inner)) for key, inner in value.items() if draw(st.integers(0, 4))}
        return kept | draw(st.dictionaries(KEYS, VALUES, max_size=1))
    if edit == "inside" and isinstance(value, list):
        return draw(edited_list(value))
    return draw(VALUES)


@st.composite
def edited_list(draw, value):
    elements = copy.deepcopy(value)
    at = draw(st.integers(0, len(elements)))
    how = draw(st.sampled_from(["insert", "delete", "edit", "all"]))
    if how == "insert":
        elements.insert(at, draw(VALUES))
    elif how == "delete":
        del elements[at : at + 1]
    elif how == "edit":
        elements[at : at + 1] = [draw(edited(element)) for element in elements[at : at + 1]]
    else:
        elements = [draw(edited(element)) for element in elements]
    return elements


@st.composite
def pairs(draw):
    live = draw(OBJECTS)
    wanted = draw(edited(live))
    assume(isinstance(wanted, dict))
    assume("-" not in live or "-" not in wanted or same(live["-"], wanted["-"]))
    return live, wanted


def applied(live, ops):
    """Apply with the library that knows nothing of ours."""
    return jsonpatch.apply_patch(copy.deepcopy(live), [op.wire() for op in ops])


def lists_of(document, path=ROOT):
    """Return the path of every list in a document."""
    if isinstance(document, dict):
        children = document.items()
    elif isinstance(document, list):
        yield path
        children = ((str(at), element) for at, element in enumerate(document))
    else:
        children = ()
    for token, child in children:
        yield from lists_of(child, (*path, token))


def keeps_list_rule(lists, ops):
    """Iff of each list either the whole is addressed or one operation goes to or below one index."""
    return all(sum(covers(one, op.path) and op.path != one for op in ops) <= 1 for one in lists)


def is_disjoint(ops):
    return not any(covers(one.path, other.path) for one, other in itertools.permutations(ops, 2))


def candidates(live, wanted, path=ROOT):
    """Return every operation that the rules allow and that could be part of a way from live to wanted."""
    if same(live, wanted):
        return
    if path[-1:] != ("-",):
        yield Op("replace", path, wanted)
    if isinstance(live, dict) and isinstance(wanted, dict):
        for key in live.keys() | wanted.keys():
            if key not in wanted:
                yield Op("remove", (*path, key), live[key])
            elif key not in live:
                yield Op("add", (*path, key), wanted[key])
            else:
                yield from candidates(live[key], wanted[key], (*path, key))
    if isinstance(live, list) and isinstance(wanted, list):
        yield from by_index(live, wanted, path)


def by_index(live, wanted, path):
    for at, element in enumerate(live):
        yield Op("remove", (*path, str(at)), element)
    for at in [*map(str, range(len(live) + 1)), "-"]:
        yield from (Op("add", (*path, at), element) for element in wanted)
    for at, (element, other) in enumerate(zip(live, wanted, strict=False)):
        yield from candidates(element, other, (*path, str(at)))


def cheaper(live, wanted, addressable, limit, most=4):
    """Return a patch of fewer bytes than limit that the rules allow, if there is one: by trying all of them."""
    unique = {(op.op, op.path, wire_bytes(op.value)): op for op in candidates(live, wanted) if addressable(op.path)}
    weighed = [(op, len(wire_bytes(op.wire())) + 1) for op in unique.values()]
    lists = list(lists_of(live))
    for count in range(1, most + 1):
        for chosen in itertools.combinations(weighed, count):
            ops = tuple(op for op, _ in chosen)
            if 1 + sum(weight for _, weight in chosen) >= limit or not is_disjoint(ops):
                continue
            if keeps_list_rule(lists, ops) and same(applied(live, ops), wanted):
                return ops
    return None


def attempt(live, wanted, addressable):
    try:
        return smallest(live, wanted, addressable), None
    except NoPatch as refused:
        return None, refused


def not_root(path):
    return path != ROOT


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_the_patch_makes_the_wanted_document(pair):
    """The jsonpatch library, applied to live, gives wanted, strictly by type; live and wanted are left alone."""
    live, wanted = pair
    before = copy.deepcopy(pair)
    assert same(applied(live, smallest(live, wanted)), wanted)
    assert same(list(pair), list(before))


@settings(max_examples=80, deadline=None)
@given(pairs())
def test_every_operation_is_needed(pair):
    """Drop any one operation and the rest no longer makes the wanted document."""
    live, wanted = pair
    patch = smallest(live, wanted)
    for at in range(len(patch)):
        assert not same(applied(live, patch[:at] + patch[at + 1 :]), wanted)


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_the_order_of_operations_does_not_matter(pair):
    """No operation looks at what another one does, so a service that orders them otherwise does the same."""
    live, wanted = pair
    assert same(applied(live, tuple(reversed(smallest(live, wanted)))), wanted)


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_the_patch_keeps_the_rules_of_the_service(pair):
    """Replace what exists, add what does not, remove with the removed value, one index a list, never the root."""
    live, wanted = pair
    patch = smallest(live, wanted)
    lists = list(lists_of(live))
    assert keeps_list_rule(lists, patch)
    assert is_disjoint(patch)
    for op in patch:
        there = find(live, op.path)
        assert op.path != ROOT
        if op.op == "add":
            assert there is MISSING or there is None or op.path[:-1] in lists
            assert find(live, op.path[:-1]) is not MISSING
        elif op.op == "replace":
            assert there is not MISSING
        else:
            assert op.op == "remove"
            assert same(op.value, there)


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_no_allowed_patch_has_fewer_bytes(pair):
    """Trying every allowed set of up to four operations finds nothing smaller."""
    live, wanted = pair
    patch = smallest(live, wanted)
    assume(len(list(candidates(live, wanted))) <= 24)
    assert not patch or cheaper(live, wanted, not_root, size(patch)) is None


@settings(max_examples=100, deadline=None)
@given(pairs(), st.sets(st.sampled_from(["a", "b", "name", "0", "1", "-", "~/", "[name=x]"])))
def test_no_allowed_patch_has_fewer_bytes_where_some_paths_may_not_be_addressed(pair, forbidden):
    """Only what may be addressed is; none of that is smaller; where there is no patch, trying all finds none."""
    live, wanted = pair

    def addressable(path):
        return path != ROOT and path[-1] not in forbidden

    assume(len(list(candidates(live, wanted))) <= 24)
    patch, refused = attempt(live, wanted, addressable)
    if refused:
        assert not addressable(refused.path) or refused.path[-1] == "-"
        assert not same(find(live, refused.path), find(wanted, refused.path))
        assert cheaper(live, wanted, addressable, float("inf")) is None
        return
    assert all(addressable(op.path) for op in patch)
    assert same(applied(live, patch), wanted)
    assert not patch or cheaper(live, wanted, addressable, size(patch)) is None


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_the_same_documents_give_the_same_patch(pair):
    """Neither chance nor the order of keys decides."""
    live, wanted = pair
    turned = dict(reversed(live.items())), dict(reversed(wanted.items()))
    patch, again, other = smallest(live, wanted), smallest(live, wanted), smallest(*turned)
    assert patch == again
    assert [(op.op, op.path) for op in patch] == [(op.op, op.path) for op in other]


@given(OBJECTS)
def test_nothing_is_sent_where_nothing_differs(document):
    """Live that is wanted already needs no operation."""
    assert smallest(document, copy.deepcopy(document)) == ()


def test_a_key_that_is_a_dash_is_replaced_with_its_parent():
    """The jsonpatch library refuses to replace at a last dash, so no patch may do that; add and remove it takes."""
    live, wanted = {"a": {"-": 1, "v": LONG}}, {"a": {"-": 2, "v": LONG}}
    assert smallest(live, wanted) == (Op("replace", ("a",), wanted["a"]),)
    assert smallest({"a": {"v": LONG}}, wanted) == (Op("add", ("a", "-"), 2),)
    with pytest.raises(NoPatch) as refused:
        smallest({"-": 1}, {"-": 2})
    assert refused.value.path == ("-",)


@pytest.mark.parametrize(("live", "wanted"), [(1, True), (0, False), ("1", 1), ([], {}), (False, 0)])
def test_a_change_of_type_alone_is_a_change(live, wanted):
    """What Python calls equal may differ in JSON."""
    assert smallest({"a": live}, {"a": wanted}) == (Op("replace", ("a",), wanted),)


@pytest.mark.parametrize("wanted", [False, 0, "", [], {"b": 1}])
def test_a_null_is_added_over(wanted):
    """A service may show null for what it does not have: ``add`` does in both cases, and nothing is below a null."""
    assert smallest({"a": None}, {"a": wanted}) == (Op("add", ("a",), wanted),)
    assert smallest({"l": [{"a": None, "b": LONG}]}, {"l": [{"a": wanted, "b": LONG}]}) == (
        Op("add", ("l", "0", "a"), wanted),
    )
    assert smallest({"a": wanted}, {"a": None}) == (Op("replace", ("a",), None),)
    assert smallest({"a": None, "b": 1}, {"a": None, "b": 2}) == (Op("replace", ("b",), 2),)


def test_one_is_written_as_it_stands():
    """1.0 is 1, so there is nothing to send."""
    assert smallest({"a": 1}, {"a": 1.0}) == ()


LIST_CASES = [
    # live, wanted, expected operations on /l
    ([1, 2, 3], [1, 9, 3], [("replace", "/l/1", 9)]),
    ([LONG, 2], [LONG, 2, 3], [("add", "/l/-", 3)]),
    ([LONG, 2], [3, LONG, 2], [("add", "/l/0", 3)]),
    ([LONG, 2, LONG], [LONG, LONG], [("remove", "/l/1", 2)]),
    ([LONG, 1, LONG, 2], [LONG, 3, LONG, 4], [("replace", "/l", [LONG, 3, LONG, 4])]),
    ([LONG, 1, 2], [LONG], [("replace", "/l", [LONG])]),
    ([LONG], [LONG, 1, 2], [("replace", "/l", [LONG, 1, 2])]),
    ([], [1], [("add", "/l/-", 1)]),
    ([1], [], [("remove", "/l/0", 1)]),
    ([{"k": 1, "v": LONG}, 2], [{"k": 3, "v": LONG}, 2], [("replace", "/l/0/k", 3)]),
    ([{"v": LONG}, LONG], [{"v": LONG, "k": 3}, LONG], [("add", "/l/0/k", 3)]),
    ([{"v": LONG, "k": 3}, LONG], [{"v": LONG}, LONG], [("remove", "/l/0/k", 3)]),
    ([{"a": 1, "b": 1}, LONG], [{"a": 2, "b": 2}, LONG], [("replace", "/l/0", {"a": 2, "b": 2})]),
    ([[LONG, 1, 2], LONG], [[LONG], LONG], [("replace", "/l/0", [LONG])]),
    ([[LONG, 1], LONG], [[LONG, 2], LONG], [("replace", "/l/0/1", 2)]),
    ([[LONG, 1], LONG], [[LONG, 1, 2], LONG], [("add", "/l/0/-", 2)]),
    ([{"s": [LONG, {"t": 1}], "v": LONG}], [{"s": [LONG, {"t": 2}], "v": LONG}], [("replace", "/l/0/s/1/t", 2)]),
    ([{"a": {"b": 1, "v": LONG}}], [{"a": {"b": 2, "v": LONG}}], [("replace", "/l/0/a/b", 2)]),
]


@pytest.mark.parametrize(("live", "wanted", "expected"), LIST_CASES)
def test_a_list_changes_by_one_index_or_whole(live, wanted, expected):
    """One operation at or below one index, or the whole list: whatever has fewer bytes."""
    patch = smallest({"l": live}, {"l": wanted})
    assert [(op.op, format_path(op.path), op.value) for op in patch] == expected


def test_two_changes_below_one_index_are_one_operation():
    """The rule counts at any depth below the element, however large the value is that holds both changes."""
    live, wanted = ({"l": [{"a": {"x": at, "y": at, "v": LONG * 9}, "v": LONG}]} for at in (1, 2))
    assert smallest(live, wanted) == (Op("replace", ("l", "0", "a"), wanted["l"][0]["a"]),)


def test_an_element_that_stands_twice_is_appended_by_dash():
    """Of equally small patches the choice is fixed, and an append needs no position."""
    assert smallest({"l": [1, 1]}, {"l": [1, 1, 1]}) == (Op("add", ("l", "-"), 1),)


def test_an_element_that_stands_twice_is_added_in_its_shorter_form():
    """Where more than one index would do, the one whose value has fewer bytes is taken."""
    live, wanted = {"l": [1], "v": LONG}, {"l": [1.0, 1], "v": LONG}
    assert smallest(live, wanted) == (Op("add", ("l", "-"), 1),)


def test_appending_past_nine_is_by_dash():
    """From the tenth element on the dash is shorter than the index."""
    live = {"l": [LONG, *range(9)]}
    assert smallest(live, {"l": [*live["l"], 9]}) == (Op("add", ("l", "-"), 9),)


def test_appending_is_by_index_where_the_dash_may_not_be_addressed():
    """Both say the same place, so either may stand for the other."""
    live, wanted = {"l": [LONG]}, {"l": [LONG, 1]}
    assert smallest(live, wanted, lambda path: path == ("l", "1")) == (Op("add", ("l", "1"), 1),)
    assert smallest(live, wanted, lambda path: path == ("l", "-")) == (Op("add", ("l", "-"), 1),)


def test_lists_in_different_places_change_by_index_each():
    """The rule is per list: two lists may each have their one operation."""
    live, wanted = {"a": [LONG, 1], "b": [LONG, 1]}, {"a": [LONG, 2], "b": [LONG, 2]}
    assert [format_path(op.path) for op in smallest(live, wanted)] == ["/a/1", "/b/1"]


def test_many_small_changes_give_way_to_the_whole_object():
    """Where the parts cost more than the whole, the whole is replaced; beside it leaves stay leaves."""
    live = {"s": {"a": 1, "b": 1, "c": 1}, "t": {"a": 1, "v": LONG}}
    wanted = {"s": {"a": 2, "b": 2, "c": 2}, "t": {"a": 2, "v": LONG}}
    assert smallest(live, wanted) == (Op("replace", ("s",), wanted["s"]), Op("replace", ("t", "a"), 2))


def test_a_large_value_leaves_with_its_parent_where_that_is_smaller():
    """A remove carries the removed value, so replacing what is around it may cost less."""
    assert smallest({"s": {"a": 1, "v": LONG}}, {"s": {"a": 1}}) == (Op("replace", ("s",), {"a": 1}),)
    assert smallest({"s": {"a": LONG, "v": 1}}, {"s": {"a": LONG}}) == (Op("remove", ("s", "v"), 1),)


CREDENTIALS = ("auth", "params")


def above_credentials(path):
    """Credentials only as a whole (FACTS 9)."""
    return path != ROOT and not (covers(CREDENTIALS, path) and path != CREDENTIALS)


@pytest.mark.parametrize(
    "changed",
    [{"user": "u2", "v": LONG}, {"user": "u", "v": LONG, "new": 1}, {"v": LONG}, {}, {"user": ["u"], "v": LONG}],
)
def test_credentials_are_sent_whole(changed):
    """Whatever changes below /auth/params, the whole object is replaced, however large it is."""
    live = {"name": "n", "auth": {"specName": "basic", "params": {"user": "u", "v": LONG}}}
    wanted = {"name": "n", "auth": {"specName": "basic", "params": changed}}

    def addressable(path):
        return above_credentials(path) and path != ("auth",)

    assert smallest(live, wanted, addressable) == (Op("replace", CREDENTIALS, changed),)


def test_credentials_that_are_not_there_are_added_whole():
    """What does not exist is added, in one."""
    live, wanted = {"auth": {"specName": "basic"}}, {"auth": {"specName": "basic", "params": {"user": "u"}}}
    assert smallest(live, wanted, lambda path: path == CREDENTIALS) == (Op("add", CREDENTIALS, {"user": "u"}),)


@pytest.mark.parametrize(
    ("live", "wanted", "allowed", "place"),
    [
        ({"a": 1}, {"a": 2}, [], "/a"),
        ({"a": 1}, {}, [], "/a"),
        ({}, {"a": 1}, [], "/a"),
        ({"a": 1, "b": 1}, {"a": 2, "b": 2}, ["/a"], "/b"),
        ({"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 2}}, ["/a/x"], "/a/y"),
        ({"a": {"x": 1, "y": 1}}, {"a": {"x": 2}}, ["/a/x"], "/a/y"),
        ({"a": {"x": 1}}, {"a": {"x": 1, "z": 2}}, ["/a/x"], "/a/z"),
        ({"l": [1, 2]}, {"l": [1, 3]}, ["/l/0"], "/l"),
        ({"l": [1, 2]}, {"l": [3, 4]}, ["/l/0", "/l/1"], "/l"),
        ({"l": [1]}, {"l": [1, 2]}, ["/l/0"], "/l"),
        ({"l": [{"x": 1}]}, {"l": [{"x": 2, "y": 1}]}, ["/l/0/x", "/l/0/y"], "/l"),
        ({"a": 1}, {"a": {"x": 1}}, ["/a/x"], "/a"),
    ],
)
def test_where_no_patch_is_allowed_the_place_is_named(live, wanted, allowed, place):
    """The refusal names what may not be addressed, not another difference that could have been made."""
    with pytest.raises(NoPatch) as refused:
        smallest(live, wanted, lambda path: format_path(path) in allowed)
    assert format_path(refused.value.path) == place
    assert str(refused.value) == place


@pytest.mark.parametrize(
    ("live", "wanted", "allowed"),
    [
        ({"a": {"x": 1, "y": LONG}}, {"a": {"x": 2, "y": LONG}}, "/a"),
        ({"a": {"x": 1, "y": LONG}}, {"a": {"y": LONG}}, "/a"),
        ({"a": {"y": LONG}}, {"a": {"x": 1, "y": LONG}}, "/a"),
        ({"a": [LONG, {"x": 1}]}, {"a": [LONG, {"x": 2}]}, "/a"),
        ({"a": [LONG, {"x": 1, "v": LONG}]}, {"a": [LONG, {"x": 2, "v": LONG}]}, "/a/1"),
        ({"a": [LONG, {"v": LONG}]}, {"a": [LONG, {"x": 2, "v": LONG}]}, "/a/1"),
        ({"a": [LONG, {"v": [LONG, 1]}]}, {"a": [LONG, {"v": [LONG]}]}, "/a/1/v"),
    ],
)
def test_what_may_not_be_addressed_is_sent_with_its_parent(live, wanted, allowed):
    """A restricted part is changed by the nearest value around it that may be addressed."""
    (op,) = smallest(live, wanted, lambda path: format_path(path) == allowed)
    assert op == Op("replace", op.path, find(wanted, op.path))
    assert format_path(op.path) == allowed


def test_the_root_is_replaced_only_where_that_is_allowed():
    """By default no operation addresses the whole document; a rule may say otherwise."""
    assert smallest({"a": 1, "b": 1}, {"a": 2, "b": 2}) == (Op("replace", ("a",), 2), Op("replace", ("b",), 2))
    assert smallest({"a": 1, "b": 1}, {"a": 2, "b": 2}, lambda _path: True) == (Op("replace", ROOT, {"a": 2, "b": 2}),)
    with pytest.raises(NoPatch):
        smallest([1], {"a": 1})


@dataclass(frozen=True)
class Ref(Opaque):
    target: str

    def shown(self):
        return {"$ref": self.target}


def test_opaque_leaves_are_values():
    """What is not known yet is sent where it differs, weighs what its stand-in weighs, and stays opaque in the op."""
    live, wanted = {"a": {"id": "x", "v": LONG}, "b": Ref("y")}, {"a": {"id": Ref("x"), "v": LONG}, "b": Ref("y")}
    patch = smallest(live, wanted)
    assert patch == (Op("replace", ("a", "id"), Ref("x")),)
    assert patch[0].wire() == {"op": "replace", "path": "/a/id", "value": Ref("x")}
    assert size(patch) == len(b'[{"op":"replace","path":"/a/id","value":{"$ref":"x"}}]')


def test_the_size_is_that_of_the_compact_body():
    """Brackets, commas, escapes in paths and UTF-8 count."""
    patch = (Op("add", ("a/b", "m~n"), "é"), Op("remove", ("x",), None))
    body = '[{"op":"add","path":"/a~1b/m~0n","value":"é"},{"op":"remove","path":"/x","value":null}]'
    assert size(patch) == len(body.encode())
    assert size(()) == 2
