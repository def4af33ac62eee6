"""A document is made to say something else, and every character that has no part in that stays where it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff.document import same
from reconciler.manifest import reader
from reconciler.manifest.editing.rewriting import CannotRewrite, rewrite
from reconciler.manifest.nodes import plain

TEXTS = st.sampled_from(
    [
        "a",
        "NO",
        "22:30",
        "2027-01-04",
        "it's",
        "# no",
        "é",
        "x: y",
        "",
        "-",
        "null",
        "1",
        "{}",
        " lead",
        "l\nm\n",
        "a, b",
    ]
) | st.text("ab :#'\"-{}[],&*!|>%@`é\n", max_size=12)
SCALARS = TEXTS | st.integers(-9, 99) | st.booleans() | st.none() | st.just(1.5)
KEYS = st.sampled_from(["a", "b", "name", "x y", "no", "é", "k:", "1"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def said(file: str, text: str, at: int = 0):
    documents, problems = reader.read(file, text.encode())
    assert not problems
    return plain(documents[at].root)


def made(text: str, wanted, at: int = 0, file: str = "a.yaml") -> str:
    return rewrite(file, text.encode(), at, wanted).decode()


class Pen:
    """Writes a value in every way that YAML has, as a person may have."""

    def __init__(self, draw, step: int, offset: int) -> None:
        self.pick = lambda *ways: draw(st.sampled_from(ways))
        self.coin = lambda: draw(st.booleans())
        self.step, self.offset = step, offset

    def scalar(self, value, indent: int, *, flow: bool) -> str:
        if value is None:
            return self.pick("null", "~") if flow else self.pick("null", "~", "")
        if not isinstance(value, str):
            return json.dumps(value)
        ways = [json.dumps(value, ensure_ascii=self.coin())]
        if "\n" not in value:
            ways.append("'" + value.replace("'", "''") + "'")
        if value.isalpha() and value != "null":
            ways.append(value)
        if value.count("\n") and not flow and value[0] not in " \n":
            lines = "".join(
                f"\n{' ' * (indent + 2) + line if line else ''}" for line in value.removesuffix("\n").split("\n")
            )
            ways.append(("|" if value.endswith("\n") else "|-") + lines)
        return self.pick(*ways)

    def key(self, key: str) -> str:
        return key if key.isalpha() else json.dumps(key, ensure_ascii=False)

    def flow(self, value, indent: int) -> str:
        if not isinstance(value, dict | list):
            return self.scalar(value, indent, flow=True)
        broken = bool(value) and self.coin()
        start, comma, end = (
            (f"\n{' ' * (indent + 2)}", self.pick(",", ",  # own"), f"\n{' ' * indent}") if broken else ("", ",", "")
        )
        between = comma + (start or self.pick(" ", ""))
        between = ", " if between == "," and isinstance(value, dict) else between
        inner = [
            f"{self.key(key)}: {self.flow(part, indent + 2)}" for key, part in value.items()
        ] if isinstance(value, dict) else [self.flow(part, indent + 2) for part in value]  # fmt: skip
        left, right = "{}" if isinstance(value, dict) else "[]"
        return left + start + between.join(inner) + end + right

    def block(self, value, indent: int) -> str:
        lines = []
        for key, part in value.items() if isinstance(value, dict) else [("-", part) for part in value]:
            head = f"{self.key(key)}:" if isinstance(value, dict) else "-"
            lines.append(self.pick("", "", "", "\n", f"{' ' * indent}# of {head}\n") + " " * indent + head)
            lines.append(self.below(part, indent, in_mapping=isinstance(value, dict)))
        return "".join(lines)

    def below(self, value, indent: int, *, in_mapping: bool) -> str:
        remark = self.pick("", "", "  # here: [", " #")
        if isinstance(value, dict | list) and value and self.coin():
            deeper = (self.step if isinstance(value, dict) else self.offset) if in_mapping else 2
            block = self.block(value, indent + deeper)
            if not in_mapping and block[: indent + 2].isspace() and block[indent + 2] not in "# \n" and self.coin():
                return " " + block[indent + 2 :]
            return f"{remark}\n{block}"
        text = self.flow(value, indent) if isinstance(value, dict | list) else self.scalar(value, indent, flow=False)
        return (self.pick(" ", " ", "   ") + text if text else "") + ("" if text[:1] == "|" else remark) + "\n"


@st.composite
def files(draw):
    """A file in pieces, one a key of its document, and what is to become of one of them."""
    pen = Pen(draw, *draw(st.sampled_from([(2, 2), (2, 0), (4, 4), (4, 0), (3, 1)])))
    document = draw(st.dictionaries(st.sampled_from("abcdefgh"), VALUES, min_size=1, max_size=5))
    pieces = {key: pen.block({key: value}, 0) for key, value in document.items()}
    wanted = dict(document)
    changed = draw(st.sampled_from(sorted(document)))
    wanted[changed] = draw(VALUES)
    return pieces, document, changed, wanted, draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans())


@given(files())
def test_no_line_beside_the_changed_value_changes(drawn) -> None:
    """Whatever a value becomes, everything ahead of its key and behind its last line is the same, byte by byte."""
    pieces, document, changed, wanted, end, cut = drawn
    keys = list(pieces)
    texts = [pieces[key].replace("\n", end) for key in keys]
    text = "".join(texts)
    text = text.removesuffix(end) if cut and not text.rstrip(" \r\n").endswith("|") else text
    if reader.read("a.yaml", text.encode())[1] or not same(said("a.yaml", text), document):
        return  # cut off, an empty value may be no value
    at = keys.index(changed)
    result = made(text, wanted)
    assert same(said("a.yaml", result), wanted)
    before, after = "".join(texts[:at]), text[len("".join(texts[: at + 1])) :]
    assert result.startswith(before)
    assert result.endswith(after)
    assert result.replace("\r\n", "").count("\r") == 0
    assert "\r" not in text or result.replace("\r\n", "").count("\n") == 0


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), VALUES, st.sampled_from([None, 1, 2, 4]), st.data())
def test_json_stays_json(document, value, indent, data) -> None:
    """A file of JSON is one afterwards, laid out as its writer would have."""
    key = data.draw(st.sampled_from(sorted(document)))
    wanted = document | {key: value}
    text = json.dumps(document, indent=indent)
    if reader.read("a.json", text.encode())[1]:
        return
    result = made(text, wanted, file="a.json")
    assert same(json.loads(result), wanted)
    assert result == json.dumps(json.loads(result), indent=indent)


@given(st.dictionaries(KEYS, VALUES, min_size=2, max_size=4), VALUES, st.data())
def test_a_member_comes_and_goes(document, value, data) -> None:
    """What is put in at the end and taken out again leaves the text as it was, but for an object that was empty."""
    pen = Pen(data.draw, 2, 2)
    text = pen.block(document, 0)
    if not same(said("a.yaml", text), document):
        return
    more = made(text, document | {"added": value})
    assert more.startswith(text.rstrip("\n")[: text.rstrip("\n").rfind("\n") + 1])
    assert made(more, document).rstrip() == text.rstrip()


@pytest.mark.parametrize(
    ("text", "wanted", "after"),
    [
        ("a: 1   # one\nb: 2\n", {"a": 5, "b": 2}, "a: 5   # one\nb: 2\n"),
        ("a: 'x'\n", {"a": "it's"}, "a: 'it''s'\n"),
        ('a: "x"\n', {"a": "y"}, 'a: "y"\n'),
        ("a: |\n  x\n  y\nb: 1\n", {"a": "p\nq\n", "b": 1}, "a: |\n  p\n  q\nb: 1\n"),
        ("a: |\n  x\n  y\nb: 1\n", {"a": " p\nq", "b": 1}, 'a: " p\\nq"\nb: 1\n'),
        ("a:   # none\nb: 1\n", {"a": {"x": [1]}, "b": 1}, "a:   # none\n  x:\n    - 1\nb: 1\n"),
        ("a: {x: 1}  # in\n", {"a": {"x": 1, "y": [1, "p, q"]}}, "a: {x: 1, y: [1, 'p, q']}  # in\n"),
        ("a:\n  - x: 1\n    y: 2\n", {"a": [{"y": 2}]}, "a:\n  - y: 2\n"),
        ("a:\n  - x: 1  # gone\n    y: 2\n", {"a": [{"y": 2}]}, "a:\n  - y: 2\n"),
        ("a:\n    b:\n        c: 1\n", {"a": {"b": {"c": 1, "d": {"e": 2}}}},
         "a:\n    b:\n        c: 1\n        d:\n            e: 2\n"),
        ("a:\n- 1\n- 2\n", {"a": [0, 1, 3, 2]}, "a:\n- 0\n- 1\n- 3\n- 2\n"),
        ("a: [1,\n    2,  # two\n]\n", {"a": [1, 2, 3]}, "a: [1,\n    2, 3  # two\n]\n"),
        ("a: {\n  x: 1,  # one\n  y: 2  # two\n}\n", {"a": {"x": 1}}, "a: {\n  x: 1,  # one\n}\n"),
        ("a: {\n  x: 1,\n  y: 2  # two\n}\n", {"a": {"x": 1, "y": 2, "z": 3}},
         "a: {\n  x: 1,\n  y: 2,  # two\n  z: 3\n}\n"),
        ("a: {\n  x: 1,  # one\n}\n", {"a": {"x": 1, "z": 3}}, "a: {\n  x: 1,  # one\n  z: 3\n}\n"),
        ("a:\n  # why\n  x: 1\n\n# next\nb: 1\n", {"a": 5, "b": 1}, "a: 5\n  # why\n\n# next\nb: 1\n"),
        ("--- # head\na: 1\n...\n---\na: 2\n", {"a": 3}, "--- # head\na: 3\n...\n---\na: 2\n"),
        ("a:\n- 1  # one\n-\n", {"a": [{"x": 1, "y": [2]}, {"z": 3}]},
         "a:\n- x: 1\n  y:\n  - 2  # one\n- z: 3\n"),
        ("a:\n- x: 1\n- 5\n", {"a": [[1], 5]}, "a:\n- - 1\n- 5\n"),
        ("a: 1\nb: 2", {"a": 1}, "a: 1"),
        ("a: 1\r\nb: 2\r\n", {"a": {"x": [1]}, "b": 2}, "a:\r\n  x:\r\n    - 1\r\nb: 2\r\n"),
        ("a: {}\n", {"a": {"x": "long " * 30 + "text"}}, f"a:\n  x: {'long ' * 30}text\n"),
        ("a:  # of a\n  x: 1\nb: 2\n", {"a": [1], "b": 2}, "a:  # of a\n  - 1\nb: 2\n"),
        ("a: [\n  1,\n  2\n]\n", {"a": [0, 1, 2]}, "a: [\n  0,\n  1,\n  2\n]\n"),
        ("a: [1, 2.0]\n", {"a": [1.0, 3]}, "a: [1, 3]\n"),
        ("a:\n  -\n    x: 1\n  -\n    x: 2\n", {"a": [{"x": 1}]}, "a:\n  -\n    x: 1\n"),
    ],
)  # fmt: skip
def test_by_hand(text: str, wanted, after: str) -> None:
    """The layouts that one meets, one by one."""
    assert made(text, wanted) == after


def test_an_escaped_pair_in_json_moves_nothing() -> None:
    """JSON writes one character beyond 16 bits as two escapes; what stands behind them is found all the same."""
    text = '{"a": "\\ud83d\\ude00 \\\\u \\u00e9", "b": 1}'
    assert made(text, {"a": "😀 \\u é", "b": 2}, file="a.json") == text.replace(": 1}", ": 2}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: [1, # one\n  # two\n  2]\n", {"a": [2]}),
        ("a: [1,\n  # two\n  2]\n", {"a": [1]}),
        ("a:\n- x: 1\n  # of y\n  y: 2\n", {"a": [{"y": 2}]}),
    ],
)
def test_what_would_take_a_comment_along_is_refused(text: str, wanted) -> None:
    """A remark on something that stays is nobody's to delete."""
    with pytest.raises(CannotRewrite, match="without formatting what stands beside it anew"):
        made(text, wanted)


def test_a_key_that_cannot_be_told_is_refused() -> None:
    """A key that JSON escapes as a pair is not looked for."""
    with pytest.raises(CannotRewrite):
        made('{"\\ud83d\\ude00": 1}', {"😀": 2}, file="a.json")


def test_what_the_reader_would_not_take_is_refused() -> None:
    """The value's own fault is told in the reader's words, with its path."""
    with pytest.raises(CannotRewrite, match="too many digits") as raised:
        made("a: {b: 1}\n", {"a": {"b": 2**60}})
    assert raised.value.path == ("a", "b")


def test_what_reads_back_otherwise_is_refused() -> None:
    """A layout that means something else once it is changed: an explicit key has no colon behind it."""
    with pytest.raises(CannotRewrite):
        made("? a\n: - 1\n", {"a": 5})
