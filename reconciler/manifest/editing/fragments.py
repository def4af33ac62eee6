"""A value as text to be put into a file: in the file's own indentation, on one line or as a block, never wrapped."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from reconciler.diff.document import Json, is_object, same
from reconciler.manifest import reader
from reconciler.manifest.editing.spans import Span
from reconciler.manifest.nodes import plain

if TYPE_CHECKING:  # slow to import, and only what is written over needs it
    from ruamel.yaml.representer import RoundTripRepresenter

_UNWRAPPED: Final = 1 << 30
_DEEPEST_INDENT: Final = 8


@dataclass(frozen=True, slots=True)
class Hand:
    """How a file is written: as JSON or not, and how far it indents.

    ``mapping`` is the indentation of what stands below a key, ``offset`` that of a list's hyphens. ``ascii`` iff the
    file holds nothing else.
    """

    is_json: bool
    mapping: int = 2
    offset: int = 2
    ascii: bool = False

    def key(self, key: str, *, flow: bool) -> str:
        """Return a mapping's key as text."""
        if self.is_json:
            return self._json(key)
        return _dumped({key: 0}, self, flow=flow).strip("\n").removeprefix("{" * flow).removesuffix(": 0" + "}" * flow)

    def inline(self, value: Json, like: str | None = None, *, flow: bool) -> str:
        """Return a value on one line, in ``flow`` safe in brackets; ``like`` is the style of the one that it replaces.

        A text stays in its quotes, or without where it can.
        """
        if self.is_json:
            return self._json(value)
        if isinstance(value, dict | list):
            return _dumped(value, self, flow=True).strip()
        if isinstance(value, str) and like in {"'", '"'}:
            value = _quoted(value, like)
        elif isinstance(value, str) and like == "" and _is_plain(value, flow=flow):
            return value
        if flow:
            return _dumped([value], self, flow=True).strip()[1:-1]
        return _dumped({"k": value}, self, flow=False)[len("k: ") :].rstrip("\n")

    def pretty(self, value: Json, indent: int) -> str:
        """Return a JSON value over several lines, of which the first stands where the value begins."""
        text = json.dumps(value, ensure_ascii=self.ascii, indent=self.mapping)
        return text.replace("\n", "\n" + " " * indent)

    def block(self, value: Json, indent: int, *, hanging: bool = False) -> list[str]:
        """Return the lines of a mapping or list that is not empty, below a key that is indented so far.

        ``hanging``: indented so far themselves, as behind a hyphen.
        """
        lines = _dumped({"k": value}, self, flow=False).rstrip("\n").split("\n")[1:]
        own = len(lines[0]) - len(lines[0].lstrip(" ")) if hanging else 0
        return [" " * indent + text[own:] for text in lines]

    def literal(self, value: str, indent: int) -> list[str] | None:
        """Return the lines of a text as a literal, ``|`` first; None where it does not read back as what it is."""
        lines = value.removesuffix("\n").split("\n")
        head = "|" if value.endswith("\n") else "|-"
        text = [head, *(" " * indent + one if one else "" for one in lines)]
        return text if "\n" in value and same(_read("k: " + "\n".join(text) + "\n"), {"k": value}) else None

    def _json(self, value: Json) -> str:
        return json.dumps(value, ensure_ascii=self.ascii)


def hand_of(text: str, roots: list[Span], *, is_json: bool) -> Hand:
    """Return how a file is written, going by the first of its values that shows it."""
    if is_json:
        first = next((column(text, root.members[0].start) for root in roots if root.members), 2)
        return Hand(is_json=True, mapping=min(first or 2, _DEEPEST_INDENT), ascii=text.isascii())
    steps = [step for root in roots for step in _steps(text, root, column(text, root.start))]
    mapping = next((step for is_mapping, step in steps if is_mapping), 2)
    offset = next((step for is_mapping, step in steps if not is_mapping), 2)
    return Hand(is_json=False, mapping=mapping, offset=offset)


def _steps(text: str, span: Span, at: int) -> list[tuple[bool, int]]:
    """Return how far each block below a key is indented from it, and whether it is a mapping."""
    found = []
    for member in span.members:
        value = member.value
        if value.is_block:
            if span.is_mapping:
                found.append((value.is_mapping, column(text, value.start) - at))
            found += _steps(text, value, column(text, value.start))
    return found


def column(text: str, index: int) -> int:
    """Return how many characters stand before an index on its line."""
    return index - (text.rfind("\n", 0, index) + 1)


def _quoted(value: str, quote: str) -> str:
    from ruamel.yaml import scalarstring  # noqa: PLC0415 - only what is written over needs it

    made: str = {"'": scalarstring.SingleQuotedScalarString, '"': scalarstring.DoubleQuotedScalarString}[quote](value)
    return made


def _dumped(value: Any, hand: Hand, *, flow: bool) -> str:
    from ruamel.yaml import YAML  # noqa: PLC0415 - slow to import, and only what is written over needs it

    dumper = YAML()
    dumper.Representer = _representer()
    dumper.width = _UNWRAPPED
    dumper.default_flow_style = flow
    dumper.indent(mapping=hand.mapping, sequence=hand.offset + 2, offset=hand.offset)
    stream = io.StringIO()
    dumper.dump(_one_line(value), stream)
    return stream.getvalue()


@cache
def _representer() -> type[RoundTripRepresenter]:
    """Return what writes null as a word: left out it would read like something forgotten."""
    from ruamel.yaml.representer import RoundTripRepresenter  # noqa: PLC0415 - as above

    class Representer(RoundTripRepresenter):
        """A representer of our own: to register with the library's would change it for everybody."""

    Representer.add_representer(type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null"))
    return Representer


def _one_line(value: Any) -> Any:
    """Return a value whose texts of several lines are quoted with escapes.

    And those with a colon first: ruamel.yaml leaves them plain in a list of one line, where PyYAML reads no text.
    """
    if is_object(value):
        return {key: _one_line(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_one_line(inner) for inner in value]
    return _quoted(value, '"') if isinstance(value, str) and ("\n" in value or value.startswith(":")) else value


def _is_plain(value: str, *, flow: bool) -> bool:
    """Iff a text needs no quotes: ruamel.yaml gives a time some, which is nothing but text to our reader."""
    text = f"{{k: {value}}}" if flow else f"k: {value}\n"
    return "\n" not in value and bool(value) and same(_read(text), {"k": value})


def _read(text: str) -> Json:
    documents, problems = reader.read("", text.encode())
    return plain(documents[0].root) if len(documents) == 1 and not problems else None
