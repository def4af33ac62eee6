"""YAML events -> nodes, refusing what a reviewer could misread: aliases, tags, merge keys, a key given twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import yaml

from reconciler.manifest import characters, scalars
from reconciler.manifest.nodes import Document, Mark, Node
from reconciler.model.errors import Problem
from reconciler.model.resources import Location

DEEPEST: Final = 64
MOST_VALUES: Final = 40_000
"""In one file, keys not counted: about eight hundred connections. Whatever they are, a file of so many is read and
checked within two seconds."""

MOST_DOCUMENTS: Final = 10_000
MOST_PROBLEMS: Final = 200
"""Of one file's text: whoever has so many has one mistake many times, or no manifest at all."""


class ReadNoFurther(Exception):
    """A file goes beyond what is read; ``mark`` is where. Reading on would only cost time and memory."""

    def __init__(self, mark: Mark, message: str) -> None:
        super().__init__(message)
        self.mark = mark


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come; ``key`` is a mapping's key that waits for its value."""

    node: Node
    key: str | None = None
    waits: bool = False


class Builder:
    """Takes a file's events one by one; afterwards it holds the documents and the problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.documents: list[Document] = []
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._values = 0
        self._finished = 0

    def take(self, event: Any) -> None:
        """Take the next event; raises ReadNoFurther."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._complain(event, "aliases (*name) are not allowed: write the value out")
            self._place(Node(None, _mark(event)))
        elif isinstance(event, yaml.DocumentStartEvent):
            if event.tags:
                self._complain(event, "tag directives (%TAG) are not allowed: remove the line")
        elif isinstance(event, yaml.DocumentEndEvent):
            self._finish()

    def _finish(self) -> None:
        """Keep a document once it is whole: half of one would be reported for what its other half says."""
        if self._root is not None and self._root.value is not None:
            if len(self.documents) >= MOST_DOCUMENTS:
                raise ReadNoFurther(self._root.mark, f"the file holds more than {MOST_DOCUMENTS} documents; split it")
            self.documents.append(Document(self.file, self._root, self._values - self._finished))
        self._root, self._finished = None, self._values

    def _start(self, event: Any) -> None:
        self._check_properties(event)
        mark = _mark(event)
        if len(self._open) >= DEEPEST:
            raise ReadNoFurther(mark, f"values nest deeper than {DEEPEST} levels; nothing that Flow Service takes does")
        node = Node({} if isinstance(event, yaml.MappingStartEvent) else [], mark)
        self._place(node)
        self._open.append(_Open(node))

    def _scalar(self, event: Any) -> None:
        self._check_properties(event)
        value = self._meaning(event)
        if isinstance(value, str) and (hidden := characters.hidden_in_value(value)):
            self._complain(event, characters.hidden_message(hidden))
        parent = self._open[-1] if self._open else None
        if parent is not None and parent.node.is_mapping and not parent.waits:
            self._key(parent, event, value)
        else:
            self._place(Node(value, _mark(event)))

    def _meaning(self, event: Any) -> bool | float | str | None:
        text = str(event.value)
        if event.style:  # quoted, literal or folded: text, whatever it looks like
            return text
        try:
            return scalars.resolve(text)
        except ValueError as error:
            self._complain(event, str(error))
            return text

    def _key(self, mapping: _Open, event: Any, key: Any) -> None:
        """Remember a mapping's key; ``mapping.key`` stays None where the value that follows has no place to go."""
        mapping.waits, mapping.key = True, None
        if event.value == "<<" and not event.style:
            self._complain(event, "merge keys (<<) are not allowed: write the values out")
        elif not isinstance(key, str):
            self._complain(
                event, f"a key must be text: quote it ({event.value!r})" if event.value else "a key is empty"
            )
        elif key in mapping.node.keys:
            first = mapping.node.keys[key]
            self._complain(event, f"the key {key!r} stands here twice; the first is on line {first.line}")
        else:
            mapping.key = key
            mapping.node.keys[key] = _mark(event)

    def _place(self, node: Node) -> None:
        """Put a value where it belongs: under the waiting key, at a list's end, or as a document of its own."""
        self._values += 1
        if self._values > MOST_VALUES:
            raise ReadNoFurther(node.mark, f"the file holds more than {MOST_VALUES} values; split it")
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent.node.value, list):
            parent.node.value.append(node)
        elif not parent.waits:
            self._add(node.mark, "a key must be text, not a list or a mapping")
            parent.waits, parent.key = True, None
        else:
            if parent.key is not None:
                parent.node.value[parent.key] = node
            parent.waits = False

    def _check_properties(self, event: Any) -> None:
        if event.anchor is not None:
            self._complain(event, f"anchors (&{event.anchor}) are not allowed: write the value out where it is needed")
        if event.tag is not None:
            self._complain(event, "tags (!name) are not allowed: quote a text, leave a number bare")

    def _complain(self, event: Any, message: str) -> None:
        self._add(_mark(event), message)

    def _add(self, mark: Mark, message: str) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            raise ReadNoFurther(mark, f"{MOST_PROBLEMS} problems were found before this place; mend those first")
        self.problems.append(Problem(Location(self.file, *mark), message))


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
