"""Pointers: RFC 6901, and list elements by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff.document import MISSING
from reconciler.diff.pointer import (
    ROOT,
    covers,
    find,
    format_path,
    index_of,
    is_named_list,
    name_of,
    name_token,
    parse,
)

# RFC 6901, section 5: the document and its pointers, word for word.
RFC_DOCUMENT = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}

ODD_NAMES = ["]", "a]", "[name=x]", "a/b", "~", "~1", "~0", 'say "hi"', "it's", "", " ", "0", "-", "=", "ü😀", "a\\b"]


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC_DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_rfc_6901_hold(pointer, value):
    """Every pointer of the RFC finds what the RFC says."""
    assert find(RFC_DOCUMENT, parse(pointer)) == value


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("", ROOT),
        ("/", ("",)),
        ("//", ("", "")),
        ("/a/", ("a", "")),
        ("/~01", ("~1",)),
        ("/~10", ("/0",)),
        ("/~0~1", ("~/",)),
        ("/~00", ("~0",)),
    ],
)
def test_escapes_are_read_and_written_in_the_right_order(pointer, path):
    """~01 is a tilde and a one, never a slash; writing is the inverse of reading."""
    assert parse(pointer) == path
    assert format_path(path) == pointer


@pytest.mark.parametrize("pointer", ["a", "a/b", " /a", "#/a", "~0"])
def test_a_pointer_starts_with_a_slash(pointer):
    """Whatever else it starts with is refused, and shown."""
    with pytest.raises(ValueError, match="starts with") as refused:
        parse(pointer)
    assert repr(pointer) in str(refused.value)


@pytest.mark.parametrize("pointer", ["/~", "/a~", "/~2", "/~a", "/a/~/b", "/~~", "/~~01", "/~~10", "/ok/~~0"])
def test_a_tilde_that_escapes_nothing_is_refused(pointer):
    """A tilde stands for itself only as ~0, also where leaving out other escapes would bring up a valid one."""
    with pytest.raises(ValueError, match="~0"):
        parse(pointer)


@given(st.lists(st.text() | st.text("~01/")).map(tuple))
def test_reading_what_was_written_gives_the_path(path):
    """Every tuple of tokens survives as a pointer."""
    assert parse(format_path(path)) == path


@given(st.text("~01/a"))
def test_writing_what_was_read_gives_the_pointer(pointer):
    """A pointer that is not refused is the only one for its path."""
    try:
        path = parse(pointer)
    except ValueError:
        return
    assert format_path(path) == pointer


@pytest.mark.parametrize("name", ODD_NAMES)
def test_elements_are_found_by_any_name(name):
    """A name may hold brackets, slashes, tildes, quotes or nothing at all; the list's order does not matter."""
    element = {"name": name, "at": 1}
    path = ("list", name_token(name), "at")
    assert find({"list": [{"name": "other"}, element]}, path) == 1
    assert find({"list": [element, {"name": "other"}]}, path) == 1
    assert find({"list": [{"name": "other"}]}, path) is MISSING
    assert find({"list": [{"name": "other"}, element]}, parse(format_path(path))) == 1


@given(st.text())
def test_a_name_token_says_its_name(name):
    """The name can be read off the token."""
    assert name_of(name_token(name)) == name


@pytest.mark.parametrize("token", ["", "0", "-", "name", "[name=", "[name", "name=x]", "[name=x", " [name=x]"])
def test_other_tokens_name_nothing(token):
    """Only the full form stands for a name, and no part of it finds an element."""
    assert name_of(token) is None
    assert index_of([{"name": ""}, {"name": "x"}], token) in (None, 0 if token == "0" else None)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        "name",
        [],
        [1],
        [{}],
        [{"name": 1}],
        [{"name": None}],
        [{"name": "a"}, {"name": "a"}],
        [{"name": "a"}, {"id": "b"}],
        [{"name": "a"}, "b"],
        {"name": "a"},
        MISSING,
    ],
)
def test_a_list_without_a_name_of_its_own_for_each_is_no_named_list(value):
    """Missing, doubled or unreadable names, or no elements at all: then the list is one value."""
    assert not is_named_list(value)


def test_a_list_of_objects_with_names_is_a_named_list():
    """Also the empty name is one, as long as it stands once."""
    assert is_named_list([{"name": "a"}, {"name": "", "x": 1}])


@pytest.mark.parametrize(
    ("token", "index"),
    [
        ("0", 0),
        ("2", 2),
        ("10", None),
        ("3", None),
        ("-", None),
        ("-1", None),
        ("01", None),
        ("00", None),
        ("", None),
        ("1.0", None),
        (" 1", None),
        ("+1", None),
        ("1_0", None),
        ("٢", None),
        ("²", None),
        ("[name=a]", None),
    ],
)
def test_an_index_is_written_without_ornament(token, index):
    """RFC 6901: digits, no leading zero, no sign, no other script's digits; what lies past the end is nowhere."""
    assert index_of(["a", "b", "c"], token) == index


def test_names_are_not_looked_for_where_they_are_doubled():
    """A list in which two have one name has no element of that name."""
    assert index_of([{"name": "a"}, {"name": "a"}], name_token("a")) is None


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"a": 1}, ("b",)),
        ({"a": 1}, ("a", "b")),
        ({"a": "text"}, ("a", "0")),
        ({"a": None}, ("a", "b")),
        ({"a": [1]}, ("a", "1")),
        ({"a": [1]}, ("a", "-")),
        ({"a": MISSING}, ("a",)),
        ({"a": MISSING}, ("a", "b")),
    ],
)
def test_what_is_not_there_is_missing(document, path):
    """Looking never raises."""
    assert find(document, path) is MISSING


def test_null_is_there():
    """A null is a value and is found as one."""
    assert find({"a": None}, ("a",)) is None


def test_a_key_that_looks_like_a_name_is_a_key():
    """In an object the token is the key itself."""
    assert find({name_token("a"): 1}, (name_token("a"),)) == 1
    assert find({"0": 1}, ("0",)) == 1


@pytest.mark.parametrize(
    ("ancestor", "path", "expected"),
    [
        (ROOT, ROOT, True),
        (ROOT, ("a",), True),
        (("a",), ("a",), True),
        (("a",), ("a", "b"), True),
        (("a", "b"), ("a",), False),
        (("a",), ("ab",), False),
        (("b",), ("a", "b"), False),
    ],
)
def test_a_path_covers_itself_and_what_lies_below(ancestor, path, expected):
    """Whole tokens count, not letters, and the root covers everything."""
    assert covers(ancestor, path) is expected
