"""A live value as the manifest would write it: references by name, times as a person wrote them, the rest as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.diff.document import MISSING, Json, Missing, is_object, same
from reconciler.diff.pointer import Path, format_path
from reconciler.manifest import times
from reconciler.manifest.characters import hidden_in_value, hidden_message
from reconciler.manifest.editing.layers import node, sugar_in
from reconciler.manifest.resolve import is_sugar
from reconciler.model.errors import UsageError
from reconciler.model.kinds import Kind
from reconciler.model.resources import ResourceName

_TIMES: Final = (("scheduleParams", "startTime"), ("scheduleParams", "endTime"))


@dataclass(frozen=True, slots=True)
class Sugarer:
    """Writes the live values of one resource; ``ids`` says whose each live object is."""

    name: ResourceName
    ids: Mapping[tuple[Kind, str], ResourceName]
    warnings: list[str] = field(default_factory=list)

    def sugared(self, said: Json | Missing, resolved: Json | Missing, live: Json, path: Path) -> Json:
        """Return a live value as it is to stand where ``said`` stands, which ``resolved`` is with references as ids.

        Raises UsageError for a value that no manifest can hold.
        """
        if hidden := _hidden(live):
            raise self._refusal(path, f"live holds {hidden_message(hidden)}")
        if sugar_in(live):
            raise self._refusal(path, "live holds what a manifest would read as a reference or a secret")
        return self._sugared(said, resolved, live, path)

    def _refusal(self, path: Path, reason: str) -> UsageError:
        return UsageError(
            f"{self.name}: {format_path(path)} cannot be written into the manifest: {reason}. Nothing was written: "
            "put git's back with an apply, or change it by hand"
        )

    def _sugared(self, said: Json | Missing, resolved: Json | Missing, live: Json, path: Path) -> Json:
        if is_object(said) and is_sugar(node(said)):
            return self._for_sugar(said, live, path)
        if is_object(said) and is_object(live):
            return self._members(said, resolved, live, path)
        if isinstance(said, list) and isinstance(live, list):
            return self._elements(said, resolved if isinstance(resolved, list) else [], live, path)
        if isinstance(said, str) and path in _TIMES:
            return _like(said, live)
        return live

    def _for_sugar(self, said: dict[str, Json], live: Json, path: Path) -> Json:
        """Return the reference to the resource whose id live has, or the id as it is, with a warning."""
        if "ref" not in said:
            raise self._refusal(path, "it goes by valueFrom, and live has replaced what it stands in")
        kind = ResourceName.parse(said["ref"]).kind
        owner = self.ids.get((kind, live)) if isinstance(live, str) else None
        if owner:
            return {"ref": str(owner)}
        self.warnings.append(
            f"{self.name}: no manifest manages the {kind} that {format_path(path)} names now: it is written as a bare "
            "id, which holds in this sandbox alone"
        )
        return live

    def _members(self, said: dict[str, Json], resolved: Json, live: dict[str, Json], path: Path) -> dict[str, Json]:
        below = resolved if is_object(resolved) else {}
        absent = {key: None for key, value in said.items() if value is None and key not in live}
        return absent | {
            key: self._sugared(said.get(key, MISSING), below.get(key, MISSING), value, (*path, key))
            for key, value in live.items()
        }

    def _elements(self, said: list[Json], resolved: list[Json], live: list[Json], path: Path) -> list[Json]:
        """Return a list: what was in it as it is written, and what is new like its neighbours."""
        known = list(zip(said, resolved, strict=False))
        aligned = known if len(known) == len(live) else [(MISSING, MISSING)] * len(live)
        example = next((one for one in said if is_object(one) and is_sugar(node(one)) and "ref" in one), MISSING)
        made = []
        for at, (element, (there, meant)) in enumerate(zip(live, aligned, strict=True)):
            kept = next((one for one, value in known if same(value, element)), MISSING)
            like = example if there is MISSING and isinstance(element, str) else there
            made.append(kept if kept is not MISSING else self._sugared(like, meant, element, (*path, str(at))))
        return made


def _like(said: str, live: Json) -> Json:
    """Return epoch seconds, a number or its digits, as the other time is written; anything else as it is."""
    digits = isinstance(live, str) and live.isascii() and live.isdecimal()
    if not digits and (not isinstance(live, int) or isinstance(live, bool)):
        return live
    text = times.like(said, int(live))
    return live if text is None else text


def _hidden(value: Json) -> str | None:
    """Return the first hidden character of a value or of its keys, None if there is none."""
    if isinstance(value, str):
        return hidden_in_value(value)
    if is_object(value):
        return next(filter(None, (_hidden(part) for pair in value.items() for part in pair)), None)
    return next(filter(None, map(_hidden, value)), None) if isinstance(value, list) else None
