"""The text of a file is read strictly, and every error has its place."""

import json

import pytest
import yaml

from reconciler.manifest import reader
from reconciler.manifest.nodes import plain


def read(text, name="a.yaml"):
    documents, problems = reader.read(name, text if isinstance(text, bytes) else text.encode())
    return [plain(document.root) for document in documents], [str(problem) for problem in problems]


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def parser(request, monkeypatch):
    """Every rule holds with the C parser and with the pure one."""
    monkeypatch.setattr(reader, "_Loader", getattr(yaml, request.param))


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: &x 1", "1:4", "anchors (&x)"),
        ("a: 1\nb: *x", "2:4", "aliases"),
        ("a:\n  <<: {b: 1}", "2:3", "merge keys"),
        ("a: !!str 1", "1:4", "tags"),
        ("a: ! 1", "1:4", "tags"),
        ("a: !!map {}", "1:4", "tags"),
        ("%TAG ! tag:x,2000:\n---\na: 1", "1:1", "tag directives"),
        ("a: 1\nb: 2\na: 3", "3:1", "the key 'a' stands here twice; the first is on line 1"),
        ("1: x", "1:1", "a key must be text: quote it ('1')"),
        ("true: x", "1:1", "a key must be text"),
        ("?\n: x", "1:", "a key is empty"),
        ("[a]: x", "1:1", "a key must be text, not a list or a mapping"),
        ("a: .inf", "1:4", "no number in JSON"),
        ("a: 12345678901234567890", "1:4", "too many digits"),
        ("a: b\u202ec", "1:5", "U+202E"),
        ("a: b\u061cc", "1:5", "U+061C"),
        ("a: b\ufeffc", "1:5", "U+FEFF"),
        ("a: 1\nb: c\x00d", "2:5", "U+0000"),
        ("a: b\x07", "1:5", "U+0007"),
        ("a: b\rc: d", "1:5", "U+000D"),
        ("a: b\u2028c", "1:5", "U+2028"),
        ('a: "\\0"', "1:4", "U+0000"),
        ('a: "\\u202e"', "1:4", "U+202E"),
        ('"a\\r": 1', "1:1", "U+000D"),
        ("a: [1\nb: 2", "2:", "cannot be parsed"),
        ("a: 'x", "1:", "cannot be parsed"),
        ("a:\n  b: 1\n c: 2", "3:", "indented otherwise"),
        ("a: b: c", "1:5", "wants quotes"),
        ("a: [1\nb: 2", "2:", "a bracket left open"),
        ("a:\n\tb: 1", "2:1", "a tab: YAML indents with spaces"),
        ("a: 1\n\tb: 2", "2:1", "a tab: YAML indents with spaces"),
        ("a:\n  - b\n  \t- c", "3:3", "a tab: YAML indents with spaces"),
        ("a: |\n\tx", "2:1", "a tab: YAML indents with spaces"),
        ("a: @b", "1:4", "cannot start any token"),
        ("[" * 65, "1:65", "nest deeper than 64"),
    ],
)
def test_what_a_reviewer_could_misread_is_an_error_with_its_place(text, place, message):
    """File, line and column, and what to do."""
    _, problems = read(text)
    assert any(problem.startswith(f"a.yaml:{place}") and message in problem for problem in problems), problems


def test_errors_do_not_end_the_reading():
    """All errors of a file come in one go, and the documents before a syntax error are read."""
    documents, problems = read("a: &x 1\nb: !!int 2\n---\nc: 3\nd: *x\n---\n[")
    assert documents[1] == {"c": 3, "d": None}
    assert len(problems) == 4


def test_values_of_keys_that_are_no_keys_go_nowhere():
    """A merge key, a number as a key and a mapping as a key take their values with them."""
    assert read("a: 1\n<<: {b: 1}\n2: {c: 1}\n{d: 1}: [2]\ne: 5")[0] == [{"a": 1, "e": 5}]


def test_several_documents_and_empty_ones():
    """Documents come in order, empty ones not at all."""
    assert read("---\n---\na: 1\n---\n# nothing\n...\n---\nb: 2\n") == ([{"a": 1}, {"b": 2}], [])


def test_quoted_and_block_texts_stay_texts():
    """Only plain scalars have a meaning other than themselves; newlines and tabs may stand in texts."""
    text = 'a: \'1\'\nb: "true"\nc: |\n  1\n  \tx\nd: "\\n\\t"\n'
    assert read(text) == ([{"a": "1", "b": "true", "c": "1\n\tx\n", "d": "\n\t"}], [])


def test_files_of_windows_are_read():
    """A byte order mark at the start and line ends of two characters are no errors."""
    assert read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n") == ([{"a": 1, "b": 2}], [])


def test_bytes_that_are_not_utf8_are_an_error_with_their_place():
    """The place is the first byte that is none."""
    assert read(b"a: 1\nb: \xff") == ([], ["a.yaml:2:4: the file is not UTF-8; save it as UTF-8"])


def test_binary_files_give_a_handful_of_errors():
    """Not one a byte."""
    assert len(read(b"\x00" * 100_000)[1]) < 30


def test_json_is_read_as_it_is():
    """What json writes, surrogate pairs and escapes included, is what comes out."""
    value = {"a": "\U0001f600 \\ud83d", "b": [1, -2.5, True, None, "x/y"], "c": {"é": '\n\t"\\'}, "d": 1e-7}
    assert read(json.dumps(value, indent=2), "a.json") == ([value], [])
    assert read(json.dumps(value, ensure_ascii=False), "a.json") == ([value], [])


def test_json_may_be_indented_by_tabs(monkeypatch):
    """At least with the C parser; the pure one is stricter than YAML here."""
    monkeypatch.setattr(reader, "_Loader", yaml.CSafeLoader)
    assert read('{\n\t"a": [\n\t\t1\n\t]\n}', "a.json") == ([{"a": [1]}], [])


def test_half_a_character_in_json_is_an_error():
    """A lone surrogate is no text."""
    assert read('{"a": "\\ud83d"}', "a.json")[1]


def test_escapes_beyond_unicode_are_an_error():
    """The pure parser fails on them in its own way."""
    assert read('a: "\\UFFFFFFFF"')[1]


def test_depth_64_is_still_read():
    """The limit is a limit, not one less."""
    assert read("[" * 64 + "]" * 64)[1] == []
