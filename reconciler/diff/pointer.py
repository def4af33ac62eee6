"""JSON Pointers (RFC 6901) over documents, and one addition: ``[name=X]`` finds a list's object by its name.

Named tokens keep a path's meaning when the service orders a list differently (FACTS 9: the documents patch
``/transformations/0`` while the mapping stands at 1).
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias, TypeGuard

from reconciler.diff.document import MISSING, Json, Missing, is_object

Path: TypeAlias = tuple[str, ...]

ROOT: Final[Path] = ()

_ESCAPES_NOTHING: Final = re.compile("~(?![01])")


def parse(pointer: str) -> Path:
    """Split a JSON Pointer into its tokens.

    Raises ValueError if it is neither empty nor starts with a slash, or holds a ``~`` that escapes nothing.
    """
    if pointer == "":
        return ROOT
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON Pointer starts with '/': {pointer!r}")
    return tuple(_unescape(token) for token in pointer[1:].split("/"))


def _unescape(token: str) -> str:
    if _ESCAPES_NOTHING.search(token):
        raise ValueError(f"'~' is written ~0 in a JSON Pointer: {token!r}")
    return token.replace("~1", "/").replace("~0", "~")


def format_path(path: Path) -> str:
    """Write tokens as a JSON Pointer."""
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in path)


def name_token(name: str) -> str:
    """Return the token that stands for the list element of that name."""
    return f"[name={name}]"


def name_of(token: str) -> str | None:
    """Return the name that a token stands for, None if it is no such token."""
    return token[len("[name=") : -1] if token.startswith("[name=") and token.endswith("]") else None


def is_named_list(value: Json) -> TypeGuard[list[dict[str, Json]]]:
    """Iff value is a list, not empty, of objects that each have a name of their own."""
    if not isinstance(value, list) or not value:
        return False
    names = [element.get("name") if is_object(element) else None for element in value]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def find(document: Json, path: Path) -> Json | Missing:
    """Return the value at path, or MISSING."""
    for token in path:
        document = _child(document, token)
        if document is MISSING:
            return MISSING
    return document


def _child(document: Json, token: str) -> Json | Missing:
    if is_object(document):
        return document.get(token, MISSING)
    if isinstance(document, list):
        index = index_of(document, token)
        return MISSING if index is None else document[index]
    return MISSING


def index_of(elements: list[Json], token: str) -> int | None:
    """Return where in a list a token points, by index or by name; None if nowhere."""
    name = name_of(token)
    if name is not None and is_named_list(elements):
        return next((at for at, element in enumerate(elements) if element["name"] == name), None)
    if token.isdecimal() and token.isascii() and (token == "0" or token[0] != "0") and int(token) < len(elements):  # noqa: S105 - a pointer token, no password
        return int(token)
    return None


def covers(ancestor: Path, path: Path) -> bool:
    """Iff path is ancestor or lies below it."""
    return path[: len(ancestor)] == ancestor
