"""JSON in ASCII: nothing in it can act on what shows it."""

from __future__ import annotations

import json
from typing import Final

from reconciler.diff.document import Json

_LOG_COMMAND: Final = "##["  # starts a command of the Actions runner


def plain_json(document: Json) -> bytes:
    """Return a document as indented JSON with sorted keys, its last line ended."""
    text = json.dumps(document, indent=2, sort_keys=True)
    return (text.replace(_LOG_COMMAND, "#\\u0023[") + "\n").encode()
