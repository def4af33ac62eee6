"""Schemas as they stand in specs, made fit for use: what is broken in one is left out, and said.

The documents hold broken schemas (FACTS 14, 15), and nobody but the service can correct its own. So a mended schema
never refuses more than the one it was made from: where a part cannot be used, what depends on it is left out, too.
References are put in place, so that nothing is ever fetched and no circle is left; a size is the bound of all work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.diff.document import MISSING, Json, Missing, is_number, is_object
from reconciler.diff.pointer import Path, find, format_path, parse
from reconciler.engine.schemas.patterns import is_usable

_MOST_PARTS: Final = 20_000
_DEEPEST: Final = 64
_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
_ONE: Final = ("additionalItems", "additionalProperties", "contains", "else", "if", "not", "propertyNames", "then")
_SEVERAL: Final = ("allOf", "anyOf", "oneOf")
_UNCHECKED: Final = ("contentEncoding", "contentMediaType", "format")
"""They are left to the service, which is nothing to tell of; but a ``not`` above one would refuse more without it."""
_NAMES: Final = "names of properties"  # lost, not a keyword
_NAMED: Final = ("dependencies", "patternProperties", "properties")


@dataclass(frozen=True, slots=True)
class Mended:
    """A schema that can be used; ``remarks`` say what was left out of it, sorted."""

    schema: Json
    remarks: tuple[str, ...] = ()


class _TooLarge(Exception):
    """A schema has more parts, or goes deeper, than anybody would write."""


def mend(schema: Json) -> Mended:
    """Return what can be used of a schema; of one that is too large or none at all, that is nothing."""
    mender = _Mender(schema)
    try:
        mended = mender.part(schema, ())
    except _TooLarge:
        return Mended(schema=True, remarks=("it is too large or too deep to be used",))
    return Mended(mended, tuple(sorted(mender.remarks)))


@dataclass(slots=True)
class _Mender:
    root: Json
    remarks: set[str] = field(default_factory=set)
    losses: int = 0
    parts: int = 0
    depth: int = 0
    following: list[str] = field(default_factory=list)

    def part(self, schema: Json, path: Path) -> Json:
        """Return a schema, or a part of one, without what cannot be used."""
        if isinstance(schema, bool):
            return schema
        if not is_object(schema):
            return self._lost(path, "is no schema")
        self.parts += 1
        if self.parts > _MOST_PARTS or self.depth >= _DEEPEST:
            raise _TooLarge
        self.depth += 1
        try:
            return self._reference(schema, path) if "$ref" in schema else self._keywords(schema, path)
        finally:
            self.depth -= 1

    def _lost(self, path: Path, why: str) -> Json:
        self.losses += 1
        self.remarks.add(f"{format_path(path) or 'it'} {why}")
        return True

    def _reference(self, schema: Mapping[str, Json], path: Path) -> Json:
        """Put in place what a reference leads to; beside one, nothing else counts (draft-07)."""
        pointer, here = schema["$ref"], (*path, "$ref")
        if not isinstance(pointer, str) or not pointer.startswith("#"):
            return self._lost(here, "leads out of the spec and is not followed")
        if pointer in self.following:
            return self._lost(here, "leads back to itself and is followed once")
        try:
            found = find(self.root, parse(pointer[1:]))
        except ValueError:
            found = MISSING
        if found is MISSING:
            return self._lost(here, "leads nowhere")
        self.following.append(pointer)
        mended = self.part(found, here)
        self.following.pop()
        return mended

    def _keywords(self, schema: Mapping[str, Json], path: Path) -> Json:
        mended: dict[str, Json] = {}
        lossy: set[str] = set()
        for key, value in sorted(schema.items()):
            before = self.losses
            kept = self._keyword(key, value, schema, (*path, key))
            if kept is not MISSING:
                mended[key] = kept
            if self.losses > before:
                lossy.add(key)
        if mended.get("additionalProperties") is False:
            mended.setdefault("properties", {})  # without, the library does not tell which they are
        if any(_lost_names(schema.get(key, MISSING), mended.get(key)) for key in ("properties", "patternProperties")):
            lossy.add(_NAMES)
        return _without_doubtful(mended, lossy)

    def _keyword(self, key: str, value: Json, schema: Mapping[str, Json], path: Path) -> Json:  # noqa: PLR0911 - one a kind of keyword
        if key in _ONE:
            return self.part(value, path)
        if key in _SEVERAL:
            return self._several(value, path) if value else self._drop(path, "is an empty choice")
        if key in _NAMED:
            return self._named(value, path)
        if key == "items":
            return self._several(value, path) if isinstance(value, list) else self.part(value, path)
        if key == "required":
            return self._required(value, schema.get("properties"), path)
        if key == "type":
            return self._type(value, path)
        if key in _SIMPLE:
            return value if _SIMPLE[key](value) else self._drop(path, "cannot be used")
        self.losses += key in _UNCHECKED
        return MISSING  # titles, defaults and the like refuse nothing

    def _drop(self, path: Path, why: str) -> Json:
        self._lost(path, why)
        return MISSING

    def _several(self, value: Json, path: Path) -> Json:
        if not isinstance(value, list):
            return self._drop(path, "is no list of schemas")
        return [self.part(one, (*path, str(at))) for at, one in enumerate(value)]

    def _named(self, value: Json, path: Path) -> Json:
        if not is_object(value):
            return self._drop(path, "is no mapping of schemas")
        found = {}
        for name, one in value.items():
            here = (*path, name)
            if path[-1] == "patternProperties" and not is_usable(name):
                self._lost(here, "is a pattern that cannot be used")
            elif path[-1] == "dependencies" and isinstance(one, list):
                found[name] = [text for text in one if isinstance(text, str)]
            else:
                found[name] = self.part(one, here)
        return found

    def _required(self, value: Json, properties: Json, path: Path) -> Json:
        """Leave out names without a property (14), and the boolean that draft-03 had here."""
        if not isinstance(value, list):
            return self._drop(path, "is no list of names")
        known = [name for name in value if isinstance(name, str)]
        if not is_object(properties):
            return list(dict.fromkeys(known))
        for name in known:
            if name not in properties:
                self._lost(path, f"names {name!r}, which is no property")
        return list(dict.fromkeys(name for name in known if name in properties))

    def _type(self, value: Json, path: Path) -> Json:
        named = value if isinstance(value, list) else [value]
        if named and all(isinstance(name, str) and name in _TYPES for name in named):
            return list(dict.fromkeys(named)) if isinstance(value, list) else value
        return self._drop(path, "names a type that there is not")


def _without_doubtful(mended: dict[str, Json], lossy: set[str]) -> dict[str, Json]:
    """Leave out what would refuse more, now that something in it is gone: a ``not`` that has become wider, say."""
    doubtful = {"not"} & lossy
    if "if" in lossy:
        doubtful |= {"if", "then", "else"}
    if _NAMES in lossy:
        doubtful |= {"additionalProperties"}
    if "items" in lossy:
        doubtful |= {"additionalItems"}
    if "oneOf" in lossy:
        doubtful |= {"oneOf"}
    return {key: value for key, value in mended.items() if key not in doubtful}


def _lost_names(value: Json | Missing, kept: Json) -> bool:
    """Iff a property is gone by which others are told apart; what became of its schema does not matter for that."""
    return value is not MISSING and (not is_object(value) or not is_object(kept) or value.keys() != kept.keys())


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_bound(value: Json) -> bool:
    return is_number(value) and abs(value) < 1e300  # noqa: PLR2004 - what a double can hold, with room


_SIMPLE: Final[Mapping[str, Callable[[Json], bool]]] = {
    "const": lambda _value: True,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "pattern": lambda value: isinstance(value, str) and is_usable(value),
    "uniqueItems": lambda value: isinstance(value, bool),
    "multipleOf": lambda value: _is_bound(value) and value > 0,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_bound),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _is_count),
}
"""Keywords that stand alone, and what makes them usable."""
