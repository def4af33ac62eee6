"""The drift inbox: live values on their way into a manifest, and what was written there."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.diff.document import Json, Missing
from reconciler.diff.pointer import Path
from reconciler.model.plan import FieldChange
from reconciler.model.resources import Location


@dataclass(frozen=True, slots=True)
class Taking:
    """A live value for a manifest.

    ``path`` is the spec's as git writes it, ``value`` MISSING iff the path is to go. ``resolved`` is what git says
    there now, its references as ids. ``shown`` goes from what git says to live.
    """

    path: Path
    value: Json | Missing
    resolved: Json | Missing
    shown: FieldChange


@dataclass(frozen=True, slots=True)
class Written:
    """One thing that was written into a manifest, or into a target's values, and where it stands now.

    ``field`` goes from what was there to what is there; a sugar stands as it is written. ``also`` are the other targets
    that it changes.
    """

    resource: str
    location: Location
    field: FieldChange
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxReport:
    """What an acceptance or a snooze has done: what was written, and what else there is to say, line by line."""

    written: tuple[Written, ...] = ()
    remarks: tuple[str, ...] = ()
