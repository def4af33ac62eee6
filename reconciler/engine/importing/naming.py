"""What git is to call an object: a slug of its live name, and a piece of its id where that is not enough.

Names are not unique (FACTS 13), so whether one is enough is judged by all objects of its kind, not by those selected: a
name stays the same whichever way the object is imported.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from reconciler.model.imports import ObjectKey
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.resources import ResourceName

_LONGEST: Final = 100
_COMFORTABLE: Final = 60
_PIECES: Final = (8, 16, 36)
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def slug(text: str) -> str:
    """Return a text as a name of git's; empty where nothing of it is a Latin letter or a digit."""
    plain = unicodedata.normalize("NFKD", text.replace("\N{LATIN SMALL LETTER SHARP S}", "ss")).lower()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_COMFORTABLE].strip("-")


def kind_word(kind: Kind) -> str:
    """Return a kind as the beginning of a name, e.g. ``source-connection``."""
    return _WORDS.sub("-", kind.value).lower()


def names_of(
    objects: Sequence[Live],
    labels: Mapping[ObjectKey, str],
    kept: Mapping[ObjectKey, ResourceName],
    taken: Mapping[ResourceName, bool],
    target: str,
) -> dict[ObjectKey, ResourceName]:
    """Name every object: as it is in ``kept``, else by its label.

    ``taken`` are the names that git has; true iff on this target. One that only other targets have is told apart by
    the target, as a person would.
    """
    slugs = {(live.kind, live.id): slug(labels[live.kind, live.id]) for live in objects}
    counts = Counter((kind, text) for (kind, _), text in slugs.items())
    found = {key: kept[key] for key in slugs if key in kept}
    used = {*taken, *found.values()}
    for key, text in slugs.items():
        if key in found:
            continue
        kind, id = key
        elsewhere = taken.get(ResourceName(kind, text)) is False
        alone = bool(text) and counts[kind, text] == 1
        found[key] = next(
            name
            for wanted in _wanted(text or kind_word(kind), id, target if elsewhere else None, alone=alone)
            if (name := ResourceName(kind, wanted)) not in used
        )
        used.add(found[key])
    return found


def _wanted(text: str, id: str, target: str | None, *, alone: bool) -> Iterator[str]:
    """Names for an object, the best first, without end."""
    if alone:
        yield text
        if target is not None:
            yield joined(text, target)
    letters = re.sub(r"[^a-z0-9]+", "", id.lower()) or "x"
    yield from (joined(text, letters[:length]) for length in _PIECES)
    number = 2
    while True:
        yield joined(text, f"{letters[:8]}-{number}")
        number += 1


def joined(text: str, suffix: str) -> str:
    """Return a name with a suffix, no longer than a name may be."""
    room = max(1, _LONGEST - 1 - len(suffix))
    return f"{text[:room].rstrip('-')}-{suffix}"[:_LONGEST].rstrip("-")


def unused(name: str, taken: Collection[str], *, separator: str = "-") -> str:
    """Return the name, with the first number behind it that makes it another than all that are taken."""
    number, found = 2, name
    while found in taken:
        found, number = f"{name}{separator}{number}", number + 1
    return found
