"""One value against one schema, by meaning: where it does not fit, and which rule it breaks. Never what it is.

A violation is told by path and rule alone, since a value may be a secret, and the library's own words repeat it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from reconciler.diff.document import MISSING, Json, is_number, same
from reconciler.diff.merge import copy, put
from reconciler.diff.pointer import Path, covers, find

if TYPE_CHECKING:
    import jsonschema_rs

_STRANGE: Final = "is not known there"
_ROUNDS: Final = 4
_MOST: Final = 500
_SHOWN: Final = 8
_LONGEST: Final = 80
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_BOOLEANS: Final = {"true": True, "false": False}
_WIDE: Final = frozenset({"anyOf", "oneOf", "not", "contains", "uniqueItems", "propertyNames", "enum", "const"})
_DEPENDENT: Final = frozenset({"then", "else", "dependencies"})


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """A rule that a value breaks.

    ``path`` leads from the value that was checked to what breaks it, or to what is lacking. Iff ``lacks``, something is
    required that is not there. Iff ``wide``, the rule looks at all that is below the path; iff ``dependent``, whether
    it holds depends on what stands elsewhere.
    """

    path: Path
    rule: str
    lacks: bool = False
    wide: bool = False
    dependent: bool = False


def violations(
    schema: jsonschema_rs.Draft7Validator,
    value: Json,
    unknown: Collection[Path],
    equal: Callable[[Path, Json, Json], bool],
) -> list[Violation]:
    """Return what in a value breaks the schema, sorted; a value at an ``unknown`` path fits everything.

    ``equal(path, a, b)``: the service takes the one for the other. Raises ValueError for a value that is too deep.
    """
    value = copy(value)
    for _ in range(_ROUNDS):
        errors = list(islice(schema.iter_errors(value), _MOST))
        if not _adapt(value, errors, equal):
            break
    found = {violation for error in errors for violation in _of(error)}
    return sorted(violation for violation in found if not _is_doubtful(violation, unknown))


def _adapt(value: Json, errors: list[Any], equal: Callable[[Path, Json, Json], bool]) -> bool:
    """Put "15" as 15 and the like where the schema asks for it (FACTS 10, 17); iff anything was put."""
    done = False
    for error in _inner(errors):
        path = tuple(str(token) for token in error.instance_path)
        there = find(value, path)
        if not path or there is MISSING:
            continue
        meant = next(_wanted(error.kind, there), None)
        if meant is not None and (isinstance(there, str) or equal(path, there, meant)):
            put(value, path, meant)
            done = True
    return done


def _inner(errors: list[Any]) -> Iterator[Any]:
    """Every error, and those for which the branches of a choice were refused."""
    for error in errors:
        yield error
        for branch in getattr(error.kind, "context", None) or ():
            yield from _inner(branch)


def _wanted(kind: Any, there: Json) -> Iterator[Json]:
    """What a value stands for, of all that a rule would take there."""
    if kind.name == "type":
        yield from (one for name in kind.types if (one := _meant(there, name)) is not None)
    elif kind.name in ("enum", "const"):
        forms = [_meant(there, name) for name in ("boolean", "number", "string")]
        options = kind.options if kind.name == "enum" else [kind.expected_value]
        yield from (one for one in options if one is not None and any(same(form, one) for form in forms))


def _meant(value: Json, name: str) -> Json:
    """Return a scalar as one of another type, None where it is none."""
    if name == "string" and isinstance(value, bool):
        return "true" if value else "false"
    if name == "string" and is_number(value):
        return str(value)
    if not isinstance(value, str):
        return None
    if name == "boolean":
        return _BOOLEANS.get(value.lower())
    if name in ("integer", "number") and _INTEGER.fullmatch(value):
        return int(value)
    return float(value) if name == "number" and _NUMBER.fullmatch(value) else None


def _of(error: Any) -> Iterator[Violation]:
    path, where = tuple(map(str, error.instance_path)), frozenset(map(str, error.schema_path))
    name, dependent = error.kind.name, not _DEPENDENT.isdisjoint(where)
    if name == "required":
        yield Violation((*path, error.kind.property), "is required", lacks=True, dependent=dependent)
    elif name == "additionalProperties":
        for key in error.kind.unexpected:
            yield Violation((*path, key), _STRANGE, dependent=dependent)
    else:
        yield Violation(path, _rule(error.kind), wide=name in _WIDE, dependent=dependent)


def _rule(kind: Any) -> str:
    if kind.name == "type":
        return f"must be of type {' or '.join(sorted(kind.types))}"
    if kind.name == "enum":
        more = ", …" if len(kind.options) > _SHOWN else ""
        return f"must be one of {', '.join(map(_written, kind.options[:_SHOWN]))}{more}"
    if kind.name == "const":
        return f"must be {_written(kind.expected_value)}"
    if kind.name in _BOUNDS:
        return _BOUNDS[kind.name].format(_written(kind.limit))
    if kind.name == "pattern":
        return f"must match the pattern {_written(kind.pattern)}"
    return "is not allowed there" if kind.name == "falseSchema" else f"breaks the rule {kind.name}"


_BOUNDS: Final = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} elements",
    "maxItems": "must have at most {} elements",
}


def _written(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _is_doubtful(violation: Violation, unknown: Collection[Path]) -> bool:
    """Iff it may not be there once all values are known."""
    if violation.dependent and unknown:
        return True
    at = violation.path[:-1] if violation.rule == _STRANGE else violation.path  # it is there, whatever its value
    return any(covers(path, at) or (violation.wide and covers(at, path)) for path in unknown)
