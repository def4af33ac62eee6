"""A document -> YAML as a person would write it, which the strict reader takes back unchanged.

Blocks, two spaces, no anchors, one line a text; quotes where YAML 1.1 or 1.2 would read something else than the text,
whoever reads it next. PyYAML's writer in Python: the one in C can neither indent lists nor choose quotes.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from reconciler.diff.document import Json
from reconciler.manifest import scalars

_UNWRAPPED: Final = 1 << 30
_TEXT: Final = "tag:yaml.org,2002:str"
_TIME: Final = "tag:yaml.org,2002:timestamp"


class Inline(dict[str, Json]):
    """A mapping that is written on one line: ``{ref: Connection/crm}``."""


class InlineList(list[Json]):
    """A list that is written on one line: ``[prod]``."""


class Time(str):
    """A time, written bare: to the reader it is the text that it looks like."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - its signature
        """Write everything out, however often it comes."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - its signature
        """Indent lists below their key, too."""
        super().increase_indent(flow, indentless=False)

    def choose_scalar_style(self) -> str:
        """Prefer double quotes, unless there is something on the one line that they would have to escape."""
        style: str = super().choose_scalar_style()
        text = self.event.value if isinstance(self.event, yaml.ScalarEvent) else ""
        escapes = ('"' in text or "\\" in text) and "\n" not in text
        return '"' if style == "'" and not escapes else style


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    return dumper.represent_scalar(_TEXT, str(text), _style(text))


def _style(text: str) -> str | None:
    """Return ``|`` for lines that a block can hold, quotes for what our own schema reads as no text; None: any."""
    lines = text.split("\n")
    if len(lines) > 1 and text[0] not in " \n\t" and not any(line.endswith((" ", "\t")) for line in lines):
        return "|"
    try:
        return None if scalars.resolve(text) == text and isinstance(scalars.resolve(text), str) else '"'
    except ValueError:
        return '"'


def _time(dumper: _Dumper, text: Time) -> yaml.Node:
    return dumper.represent_scalar(_TIME, str(text))


def _inline(dumper: _Dumper, mapping: Inline) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping.items(), flow_style=True)


def _inline_list(dumper: _Dumper, elements: InlineList) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", elements, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Time, _time)
_Dumper.add_representer(Inline, _inline)
_Dumper.add_representer(InlineList, _inline_list)


def dumped(document: Json) -> str:
    """Return a document's YAML, keys in their order; :class:`Inline` and its like are written as they say."""
    text: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=_UNWRAPPED
    )
    return text
