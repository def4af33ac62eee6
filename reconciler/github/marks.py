"""How we know again what we have written: by its author, and a mark at its very beginning.

Both must fit. A mark alone can be copied by everybody, and text of a manifest can stand anywhere but at the beginning;
the author is noted by GitHub. So nobody else's comment is ever taken for ours, and no comment of another workflow with
the same token is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.github.identity import Identity

LONGEST: Final = 65_536
"""Characters of a comment or an issue, by GitHub's documents."""

_MOST_NOTES: Final = 500
_HEAD: Final = re.compile(r"<!-- reconciler (?P<use>[a-z]+) (?P<target>[a-z0-9-]{1,100}) (?P<place>[0-9a-f]{12}) ")


@dataclass(frozen=True, slots=True)
class Mark:
    """One use on one target: ``plan`` or ``drift``. ``folder`` tells two estates in one repository from each other."""

    use: str
    target: str
    folder: str = "manifests"

    @property
    def head(self) -> str:
        """How a text of ours begins."""
        return f"<!-- reconciler {self.use} {self.target} {_place(self.folder)} "

    @classmethod
    def found(cls, use: str, folder: str, item: Any, author: Identity) -> Mark | None:
        """Return the mark on a comment or an issue, as the API shows it; None for what is not ours and of this use."""
        body = item.get("body") if isinstance(item, dict) else None
        match = _HEAD.match(body) if isinstance(body, str) and author.wrote(item) else None
        if match is None or match["use"] != use or match["place"] != _place(folder):
            return None
        return cls(use, match["target"], folder)

    def on(self, text: str, redact: Callable[[str], str], **notes: str | int | None) -> str:
        """Return a text with the mark; ``notes`` are kept in it, invisibly, for :meth:`notes`.

        The text is redacted, the mark is not: a secret that is part of a target's name would make it another one.
        """
        kept = json.dumps(notes, sort_keys=True).replace("-", "\\u002d")  # two of them would end the comment
        return f"{self.head}{kept} -->\n{redact(text)}"

    def is_on(self, item: Any, author: Identity) -> bool:
        """Iff a comment or an issue, as the API shows it, is ours and of this use."""
        body = item.get("body") if isinstance(item, dict) else None
        return author.wrote(item) and isinstance(body, str) and body.startswith(self.head)

    def notes(self, body: str) -> Mapping[str, Any]:
        """Return what was kept in a text of ours; empty where somebody has broken it."""
        kept = body.removeprefix(self.head).partition(" -->")[0][:_MOST_NOTES]
        try:
            found = json.loads(kept)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def room(self, **notes: str | int | None) -> int:
        """Return how many characters a text may have besides the mark."""
        return LONGEST - len(self.on("", str, **notes))


def _place(folder: str) -> str:
    return hashlib.sha256(folder.encode(errors="surrogatepass")).hexdigest()[:12]
