"""The schedule of a flow: its times for the service, and what no document lets stand (FACTS 10)."""

from __future__ import annotations

import re
from typing import Final

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path
from reconciler.manifest import times
from reconciler.manifest.exports import check_export
from reconciler.manifest.hints import did_you_mean, in_spec, no_boolean, quoted
from reconciler.manifest.resolve import Draft, Unresolved

_TIMES: Final = ("startTime", "endTime")
FREQUENCIES: Final = ("once", "minute", "hour", "day", "week")
LEAST_MINUTES: Final = 15
_DIGITS: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


def check_schedule(draft: Draft, path: Path, schedule: dict[str, Json]) -> None:
    """Turn a schedule's times into epoch seconds, and report what is wrong with it.

    A dataset export has a schedule of another shape, with a ``timeUnit``.
    """
    for key in _TIMES:
        _check_time(draft, (*path, key), schedule)
    if "timeUnit" in schedule:
        check_export(draft, path, schedule)
        return
    frequency, interval, backfill = (schedule.get(key) for key in ("frequency", "interval", "backfill"))
    _check_frequency(draft, (*path, "frequency"), frequency)
    if frequency == "once":
        _refuse_with_once(draft, path, schedule)
        return
    _check_interval(draft, (*path, "interval"), interval, frequency)
    if not (backfill is None or isinstance(backfill, bool | Unresolved) or str(backfill).lower() in {"true", "false"}):
        draft.complain((*path, "backfill"), f"{in_spec((*path, 'backfill'))}: {no_boolean(backfill)}")


def _check_time(draft: Draft, path: Path, schedule: dict[str, Json]) -> None:
    moment = schedule.get(path[-1])
    if isinstance(moment, str):
        try:
            schedule[path[-1]] = times.epoch_seconds(moment)
        except ValueError as error:
            draft.complain(path, f"{in_spec(path)}: {error}; found {quoted(moment)}")
    elif not (moment is None or isinstance(moment, Unresolved) or _is_whole(moment)):
        draft.complain(path, f"{in_spec(path)} must be a time; found {quoted(moment)}")


def _check_frequency(draft: Draft, path: Path, frequency: Json) -> None:
    if frequency is None or frequency in FREQUENCIES or isinstance(frequency, Unresolved):
        return
    known = f"{in_spec(path)} is one of {', '.join(FREQUENCIES)}; found {quoted(frequency)}"
    hint = did_you_mean(frequency, FREQUENCIES) if isinstance(frequency, str) else ""
    draft.complain(path, f"{known}; {hint}" if hint.startswith("did") else known)


def _check_interval(draft: Draft, path: Path, interval: Json, frequency: Json) -> None:
    if interval is None or isinstance(interval, Unresolved):
        return
    if not (_is_whole(interval) or (isinstance(interval, str) and _DIGITS.fullmatch(interval))):
        draft.complain(path, f"{in_spec(path)} must be a whole number, at least 1; found {quoted(interval)}")
        return
    least = LEAST_MINUTES if frequency == "minute" else 1
    if int(interval) < least:
        unit = " with frequency minute" if frequency == "minute" else ""
        draft.complain(path, f"{in_spec(path)} must be at least {least}{unit}; found {quoted(interval)}")


def _refuse_with_once(draft: Draft, path: Path, schedule: dict[str, Json]) -> None:
    for key in ("interval", "backfill"):
        if schedule.get(key) is not None:
            place = (*path, key)
            draft.complain(place, f"{in_spec(place)}: a flow that runs once has no {key}: remove it", key=True)


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
