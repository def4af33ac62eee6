"""Where the paths of a spec were written, found when somebody asks: most are never asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path, find, index_of, is_named_list, name_token
from reconciler.manifest.nodes import Document, Node
from reconciler.model.resources import Location


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Positions(Mapping[Path, Location]):
    """A mapping from paths into a spec to places; elements of lists of named objects go by index and by name.

    Iterating goes by index. A member of a mapping is at its key, which is the line that a reader looks for.
    """

    document: Document
    node: Node
    spec: Mapping[str, Json]

    def __repr__(self) -> str:
        return f"Positions({self.document.file})"

    def __getitem__(self, path: Path) -> Location:
        value: Json = self.spec
        node, mark = self.node, self.node.mark
        for token in path:
            index = index_of(value, token) if isinstance(value, list) else None
            plain = token if index is None else str(index)
            child = node.child(plain)
            if child is None:
                raise KeyError(path)
            mark = node.keys.get(plain, child.mark)
            node, value = child, find(value, (plain,))
        return self.document.location(mark)

    def __iter__(self) -> Iterator[Path]:
        return _paths(self.node, ())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _paths(node: Node, path: Path) -> Iterator[Path]:
    yield path
    for token, child in node.children():
        yield from _paths(child, (*path, token))


def name_elements(document: Json, path: Path) -> Path:
    """Write a path's indexes into lists of named objects as names, which hold when the service reorders a list."""
    tokens: list[str] = []
    for token in path:
        index = index_of(document, token) if is_named_list(document) else None
        tokens.append(token if index is None else name_token(document[index]["name"]))
        document = find(document, (token,))
    return tuple(tokens)
