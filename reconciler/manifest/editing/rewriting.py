"""Rewriting a manifest in place: a document is made to say something else, and nothing but that changes in its file.

Every other character stays: comments, quotes, order, indentation, line breaks, the documents beside it. ruamel.yaml
writes the values, in the file's hand; it does not write the file, since its round trip sets indentation, flow style
and blanks anew. After each change the text is read again with our own reader: it says what was meant, or nothing is
rewritten.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

from reconciler.diff.document import Json, is_object, same
from reconciler.diff.merge import copy
from reconciler.diff.pointer import Path, find
from reconciler.manifest import reader
from reconciler.manifest.editing.spans import NoPlace
from reconciler.manifest.editing.splicing import Insert, Page, Remove, Splice, Write
from reconciler.manifest.nodes import plain

_MARK: Final = "\ufeff"


class CannotRewrite(Exception):
    """A document cannot be made to say something at a path; the text says why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path


_NEIGHBOURS: Final = "it cannot be changed without formatting what stands beside it anew"


def rewrite(file: str, data: bytes, at: int, wanted: Json) -> bytes:
    """Return a file's bytes in which the document at that position says what is wanted; raises CannotRewrite.

    The file is one that the reader has no complaints about, the document one that is not empty. ``wanted`` is plain
    JSON, sugar as it is written.
    """
    is_json = file.lower().endswith(".json")
    text = data.decode()
    mark = _MARK if text.startswith(_MARK) else ""
    text = text.removeprefix(_MARK)
    documents = _read(file, text, ())
    while splice := _next(documents[at], wanted, ()):
        documents[at] = _done(documents[at], splice)
        text = _spliced(text, at, splice, is_json=is_json)
        if not same(_read(file, text, splice.path), documents):
            raise CannotRewrite(splice.path, _NEIGHBOURS)
    return (mark + text).encode()


def _spliced(text: str, at: int, splice: Splice, *, is_json: bool) -> str:
    try:
        return Page.of(text, is_json=is_json).spliced(at, splice)
    except NoPlace as error:
        raise CannotRewrite(splice.path, _NEIGHBOURS) from error


def _read(file: str, text: str, path: Path) -> list[Json]:
    documents, problems = reader.read(file, text.encode())
    if problems:
        raise CannotRewrite(path, problems[0].message)
    return [plain(document.root) for document in documents]


def _done(document: Json, splice: Splice) -> Json:
    """Return what the document says after a change."""
    made = copy(document)
    holder: Json
    if isinstance(splice, Insert):
        holder = find(made, splice.path)
        if splice.key is None:
            holder.insert(splice.at, splice.value)
        else:
            holder[splice.key] = splice.value
        return made
    holder, token = find(made, splice.path[:-1]), splice.path[-1]
    place = int(token) if isinstance(holder, list) else token
    if isinstance(splice, Write):
        holder[place] = splice.value
    else:
        del holder[place]
    return made


def _next(now: Json, wanted: Json, path: Path) -> Splice | None:
    """Return the first change on the way from now to wanted, None where they are the same."""
    if same(now, wanted):
        return None
    if is_object(now) and is_object(wanted) and now and wanted:
        return _next_of_members(now, wanted, path)
    if isinstance(now, list) and isinstance(wanted, list) and now and wanted:
        return _next_of_elements(now, wanted, path)
    return Write(path, wanted)


def _next_of_members(now: dict[str, Json], wanted: dict[str, Json], path: Path) -> Splice:
    for key, value in now.items():
        if key in wanted and (found := _next(value, wanted[key], (*path, key))):
            return found
    # What comes goes in first: a mapping that is emptied on the way would lose its layout.
    coming = next((key for key in wanted if key not in now), None)
    if coming is not None:
        return Insert(path, wanted[coming], coming)
    return Remove((*path, next(key for key in now if key not in wanted)))


def _next_of_elements(now: list[Json], wanted: list[Json], path: Path) -> Splice | None:
    kinds: list[
        Json
    ] = []  # an element's position in it stands for all that are the same: not every value can be hashed
    left, right = ([_kind(element, kinds) for element in elements] for elements in (now, wanted))
    steps = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    what, at, _, other, _ = next(step for step in steps if step[0] != "equal")
    if what == "replace":
        return _next(now[at], wanted[other], (*path, str(at)))
    return Insert(path, wanted[other], at=at) if what == "insert" else Remove((*path, str(at)))


def _kind(element: Json, kinds: list[Json]) -> int:
    found = next((at for at, kind in enumerate(kinds) if same(kind, element)), None)
    if found is None:
        kinds.append(element)
    return len(kinds) - 1 if found is None else found
