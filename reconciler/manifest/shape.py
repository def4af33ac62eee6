"""Whether a spec is a body that Flow Service can take: known fields, right types, and all that a create needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.diff.document import Json, Opaque, is_number
from reconciler.diff.pointer import Path
from reconciler.manifest.fields import FIELDS, REQUIRED, SERVER_OWNED, Shape
from reconciler.manifest.hints import did_you_mean, in_spec, kind_of, quoted
from reconciler.manifest.resolve import Draft, Unresolved
from reconciler.manifest.schedule import check_schedule
from reconciler.model.kinds import Kind

STATES: Final = ("enabled", "disabled")
_A_REFERENCE: Final = "a ref is Kind/name, e.g. Connection/crm"


def check_spec(draft: Draft, kind: Kind, *, creates: bool) -> None:
    """Report all that is wrong with a spec, and turn its times into epoch seconds.

    ``creates`` iff no id is given: then the manifest may become a POST, and must have what one needs.
    """
    if not draft.spec and not creates:
        draft.complain((), "the spec declares nothing: write at least one field to manage, or remove the manifest")
    for field, value in draft.spec.items():
        shape = FIELDS[kind].get(field)
        if shape is None:
            draft.complain((field,), _unknown_field(kind, field), key=True)
        elif value is not None or never_null(kind, field):
            _CHECKS[shape](draft, (field,), value)
    if creates:
        _check_complete(draft, kind)


def _unknown_field(kind: Kind, field: str) -> str:
    if field == "id":
        return "/spec/id: an id is not part of the body: put it in metadata.id, which adopts that object"
    if field in SERVER_OWNED:
        return f"{in_spec((field,))} is owned by the service: remove it"
    return f"{in_spec((field,))}: unknown field of a {kind}; {did_you_mean(field, FIELDS[kind])}"


def never_null(kind: Kind, field: str) -> bool:
    """Iff null, "must be absent", cannot be meant: no object is without it."""
    return field in REQUIRED[kind] or field in {"name", "state"}


def _check_complete(draft: Draft, kind: Kind) -> None:
    for field in REQUIRED[kind]:
        if field not in draft.spec:
            draft.complain(
                (), f"{in_spec((field,))} is missing: without metadata.id this {kind} may be created, which needs it"
            )
    for field in ("connectionSpec", "flowSpec"):
        spec = draft.spec.get(field)
        if not isinstance(spec, dict) or FIELDS[kind].get(field) is not Shape.SPEC:
            continue
        if spec.get("id") is None:
            draft.complain((field,), f"/spec/{field}/id is missing: write the spec's id, or {{ref: {field[0].upper()}"
                                     f"{field[1:]}/name}}")  # fmt: skip
        if spec.get("version") is None:
            draft.complain((field,), f'/spec/{field}/version is missing: write version: "1.0", quoted')


def _text(draft: Draft, path: Path, value: Json) -> None:
    if isinstance(value, str | Opaque) or _is_misspelt_reference(draft, path, value):
        return
    hint = '; quote it, as in "1.0": only quotes make it text' if is_number(value) or isinstance(value, bool) else ""
    draft.complain(path, f"{in_spec(path)} must be text; found {kind_of(value)}{hint}")


def _id(draft: Draft, path: Path, value: Json) -> None:
    if _is_misspelt_reference(draft, path, value):
        return
    if not isinstance(value, str | Opaque):
        draft.complain(path, f"{in_spec(path)} must be an id or {{ref: Kind/name}}; found {kind_of(value)}")
    elif value == "":
        draft.complain(path, f"{in_spec(path)} is an empty id")


def _is_misspelt_reference(draft: Draft, path: Path, value: Json) -> bool:
    """Report a ref that names no kind, where it cannot be data: iff the value is one."""
    if not isinstance(value, dict) or value.keys() != {"ref"}:
        return False
    kind, slash, _ = value["ref"].partition("/") if isinstance(value["ref"], str) else ("", "", "")
    wrong = f"unknown kind {quoted(kind)}; {did_you_mean(kind, Kind)}" if slash else _A_REFERENCE
    draft.complain((*path, "ref"), f"{in_spec(path)}: {wrong}")
    return True


def _ids(draft: Draft, path: Path, value: Json) -> None:
    if not _list(draft, path, value):
        return
    for index, element in enumerate(value):
        _id(draft, (*path, str(index)), element)


def _object(draft: Draft, path: Path, value: Json) -> bool:
    if isinstance(value, dict):
        return True
    if not isinstance(value, Unresolved):
        draft.complain(path, f"{in_spec(path)} must be a mapping; found {kind_of(value)}")
    return False


def _list(draft: Draft, path: Path, value: Json) -> bool:
    if isinstance(value, list):
        return True
    if not isinstance(value, Unresolved):
        draft.complain(path, f"{in_spec(path)} must be a list; found {kind_of(value)}")
    return False


def _members(
    draft: Draft, path: Path, value: Json, checks: Mapping[str, Callable[[Draft, Path, Json], object]]
) -> None:
    """Check an object of known members only; a null member is one that must be absent."""
    if not _object(draft, path, value):
        return
    for key, member in value.items():
        if key not in checks:
            hint = did_you_mean(key, checks)
            draft.complain((*path, key), f"{in_spec((*path, key))}: unknown field; {hint}", key=True)
        elif member is not None:
            checks[key](draft, (*path, key), member)


def _spec(draft: Draft, path: Path, value: Json) -> None:
    _members(draft, path, value, {"id": _id, "version": _text})


def _auth(draft: Draft, path: Path, value: Json) -> None:
    _members(draft, path, value, {"specName": _text, "params": _object})


def _transformations(draft: Draft, path: Path, value: Json) -> None:
    if not _list(draft, path, value):
        return
    for index, element in enumerate(value):
        here = (*path, str(index))
        _members(draft, here, element, {"name": _text, "params": _object})
        if isinstance(element, dict) and element.get("name") is None:
            draft.complain(here, f"{in_spec((*here, 'name'))} is missing: a transformation is known by its name")


def _schedule(draft: Draft, path: Path, value: Json) -> None:
    if _object(draft, path, value):
        check_schedule(draft, path, value)


def _state(draft: Draft, path: Path, value: Json) -> None:
    if value not in STATES and not isinstance(value, Unresolved):
        draft.complain(path, f"/spec/state is enabled or disabled; found {quoted(value)}")


def _any(_draft: Draft, _path: Path, _value: Json) -> None:
    """Take it as it is."""


_CHECKS: Final[dict[Shape, Callable[[Draft, Path, Json], object]]] = {
    Shape.TEXT: _text,
    Shape.OBJECT: _object,
    Shape.LIST: _list,
    Shape.ANY: _any,
    Shape.ID: _id,
    Shape.IDS: _ids,
    Shape.SPEC: _spec,
    Shape.AUTH: _auth,
    Shape.TRANSFORMATIONS: _transformations,
    Shape.SCHEDULE: _schedule,
    Shape.STATE: _state,
}
