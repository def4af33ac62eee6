"""The schedule of a dataset export, of a shape of its own: ``timeUnit`` in the place of ``frequency`` (FACTS 10).

Every three, six, nine or twelve hours, or every day; once and whole, that is ``DAILY_FULL_EXPORT``, every zero days.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.manifest.hints import did_you_mean, in_spec, quoted
from reconciler.manifest.resolve import Draft, Unresolved

UNITS: Final = ("hour", "day")
MODES: Final = ("DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL")
ONCE: Final = MODES[0]
INTERVALS: Final = {"hour": (3, 6, 9, 12), "day": (1,)}
_DIGITS: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


def check_export(draft: Draft, path: Path, schedule: dict[str, Json]) -> None:
    """Report what no export can have; its times are looked at by whoever calls."""
    unit, mode, interval = (schedule.get(key) for key in ("timeUnit", "exportMode", "interval"))
    known = _check_word(draft, (*path, "timeUnit"), unit, UNITS)
    known &= _check_word(draft, (*path, "exportMode"), mode, MODES)
    if not known or unit not in UNITS or interval is None:
        return
    if isinstance(interval, Unresolved) or isinstance(mode, Unresolved):
        return
    here = (*path, "interval")
    if mode == ONCE and (unit, _number(interval)) != ("day", 0):
        every = f"0, with timeUnit day: {ONCE} exports once"
    elif mode != ONCE and _number(interval) not in INTERVALS[unit]:
        every = f"{' or '.join(map(str, INTERVALS[unit]))} with timeUnit {unit}"
    else:
        return
    draft.complain(here, f"{in_spec(here)} of an export must be {every}; found {quoted(interval)}")


def _check_word(draft: Draft, path: Path, word: Json, known: Sequence[str]) -> bool:
    """Report a word that is none of those that are known; iff it is one, or cannot be told yet."""
    if word is None or word in known or isinstance(word, Unresolved):
        return True
    hint = did_you_mean(word, known) if isinstance(word, str) else ""
    told = f"{in_spec(path)} is one of {', '.join(known)}; found {quoted(word)}"
    draft.complain(path, f"{told}; {hint}" if hint.startswith("did") else told)
    return False


def _number(interval: Json) -> int | None:
    if isinstance(interval, str) and _DIGITS.fullmatch(interval):
        return int(interval)
    return interval if isinstance(interval, int) and not isinstance(interval, bool) else None
