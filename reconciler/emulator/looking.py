"""``/explore`` and ``/configs``: what lies behind a connection (FACTS 1).

Nothing lies behind one here. So every source is empty, in the shapes that documents show of full ones, and what is
asked for is held against what may be asked.
"""

from __future__ import annotations

import re
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from reconciler.emulator.errors import invalid
from reconciler.emulator.listing import refuse_unknown

_PARAMETERS: Final = {"objectType", "object", "fileType", "preview", "sourceParams", "filters"}
_SPELLED_OTHERWISE: Final = {"FileType", "CompressionType"}  # by OAS alone
_FOLDERS: Final = ("root", "folder")
_OBJECTS: Final = ("table", "file", "rest")
_CONFIGS: Final = {"outputType", "outputField", "start", "limit"}
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_MOST: Final = 100


def explored(collection: str, args: MultiDict[str, str]) -> Any:
    """Return what a source holds: nothing. The call on a spec has no parameters, and an envelope (OAS)."""
    if collection == "connectionSpecs":
        refuse_unknown(args)
        return {"items": []}
    refuse_unknown(args, _PARAMETERS | _SPELLED_OTHERWISE)
    kind = args.get("objectType", "root").lower()
    if kind not in _FOLDERS + _OBJECTS:
        raise invalid(f"The objectType {args['objectType']} is not known.")
    if kind not in ("root", "rest") and not args.get("object"):
        raise invalid(f"An objectType {kind} needs an object.")
    return [] if kind in _FOLDERS else {"format": "flat", "schema": {"columns": []}}


def configs(args: MultiDict[str, str]) -> dict[str, Any]:
    """Return what a field may hold, which is nothing; pages by offset (FACTS 4, 5)."""
    refuse_unknown(args, _CONFIGS)
    _number(args, "start", 0, 10**9)
    _number(args, "limit", 1, _MOST)
    return {"items": [], "pageInfo": {"hasNext": False}}


def _number(args: MultiDict[str, str], name: str, least: int, most: int) -> None:
    text = args.get(name, str(least))
    if not (_NUMBER.fullmatch(text) and least <= int(text) <= most):
        raise invalid(f"The {name} {text} is not between {least} and {most}.")
