"""The sugar of a spec: references, values of the target and secrets become leaves, all else stays plain JSON."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import Any, Final, Self

from reconciler.diff.document import Json, Opaque
from reconciler.diff.pointer import Path, covers, format_path
from reconciler.manifest.fields import SECRET_PARENTS
from reconciler.manifest.hints import in_spec, kind_of
from reconciler.manifest.lacks import Lack, MissingValue
from reconciler.manifest.nodes import Document, Mark, Node, nearest
from reconciler.manifest.secrets import FOLDER, GLOBS, is_always_allowed, leaves_folder
from reconciler.model.errors import Problem
from reconciler.model.kinds import Kind
from reconciler.model.resources import Location, Notice, Reference, ResourceName, Target
from reconciler.model.secrets import SecretOrigin, SecretSlot

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SOURCES: Final = ("target", "env", "file")


class Unresolved(Opaque):
    """What stands in for sugar that was reported as wrong, so that it is not reported once more for its shape."""

    __slots__ = ()

    def shown(self) -> Json:
        """It is never shown: an estate with problems is none."""
        raise AssertionError("an unresolved value left the manifests")


UNRESOLVED: Final = Unresolved()


@dataclass(slots=True)
class Draft:
    """A spec on its way to a Desired: plain JSON with leaves, the tree that it came from, and what is odd or wrong.

    ``lacks`` are what is wrong because of the target, and maybe of others as well.
    """

    document: Document
    node: Node
    spec: dict[str, Json] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @classmethod
    def of(cls, document: Document, node: Node, target: Target) -> Self:
        """Resolve all sugar of a spec for a target."""
        draft = cls(document, node)
        draft.spec = {key: _resolve(draft, child, (key,), target) for key, child in node.children()}
        return draft

    def complain(self, path: Path, message: str, *, key: bool = False) -> None:
        """Report what is wrong at a path of the spec; with ``key``, of the key rather than of its value."""
        self.problems.append(self.document.problem(self.mark(path, key=key), message))

    def remark(self, path: Path, message: str) -> None:
        """Point out what is odd at a path of the spec, which stops nothing."""
        self.notices.append(Notice(message, self.location(path)))

    def location(self, path: Path) -> Location:
        """Name the place where a path of the spec was written, or its nearest ancestor."""
        return self.document.location(self.mark(path))

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """Where a path of the spec was written, or its nearest ancestor."""
        return nearest(self.node, path, key=key)


def _resolve(draft: Draft, node: Node, path: Path, target: Target) -> Json:
    if isinstance(node.value, list):
        return [_resolve(draft, child, (*path, token), target) for token, child in node.children()]
    if not isinstance(node.value, dict):
        return node.value
    if is_sugar(node):
        ((key, value),) = node.value.items()
        return _reference(draft, value, path) if key == "ref" else _value_from(draft, value, path, target)
    return {token: _resolve(draft, child, (*path, token), target) for token, child in node.children()}


def is_sugar(node: Node) -> bool:
    """Iff a mapping's single key is valueFrom, or ref with what names a manifest."""
    if not node.is_mapping or len(node.value) != 1:
        return False
    ((key, value),) = node.value.items()
    return key == "valueFrom" or (key == "ref" and _means_reference(value.value))


def _means_reference(value: Any) -> bool:
    """Iff a text begins with a kind: any other ``ref`` is data that happens to be called so."""
    kind, slash, _ = str(value).partition("/") if isinstance(value, str) else ("", "", "")
    return bool(slash) and kind in set(Kind)


def _reference(draft: Draft, node: Node, path: Path) -> Json:
    try:
        return Reference(ResourceName.parse(node.value))
    except ValueError as error:
        draft.complain((*path, "ref"), f"{error}; write ref: Kind/name as the other manifest's metadata.name has it")
        return UNRESOLVED


def _value_from(draft: Draft, node: Node, path: Path, target: Target) -> Json:
    """Return the value or secret that ``valueFrom`` names."""
    here = (*path, "valueFrom")
    if not node.is_mapping or len(node.value) != 1 or next(iter(node.value)) not in _SOURCES:
        draft.complain(here, f"valueFrom takes exactly one of target, env or file, as in {{valueFrom: {{env: NAME}}}}; "
                             f"found {_outline(node)}")  # fmt: skip
        return UNRESOLVED
    ((source, name),) = node.value.items()
    if not isinstance(name.value, str) or not name.value:
        draft.complain((*here, source), f"valueFrom.{source} takes a name, as text; found {kind_of(name.value)}")
        return UNRESOLVED
    if source == "target":
        return _target_value(draft, name.value, (*here, source), target)
    return _secret(draft, SecretOrigin(source), name.value, path)


def _outline(node: Node) -> str:
    return f"a mapping of {', '.join(node.value) or 'nothing'}" if node.is_mapping else kind_of(node.value)


def _target_value(draft: Draft, name: str, path: Path, target: Target) -> Json:
    if name in target.values:
        return copy.deepcopy(target.values[name])  # schedule times are rewritten in place later
    draft.lacks.append(MissingValue(draft.location(path), name))
    return UNRESOLVED


def _secret(draft: Draft, origin: SecretOrigin, key: str, path: Path) -> Json:
    if not any(covers(parent, path) and len(path) > len(parent) for parent in SECRET_PARENTS):
        draft.complain(path, "secrets may stand only below auth.params and encryption.params: everything else is shown")
        return UNRESOLVED
    if origin is SecretOrigin.ENV and not _VARIABLE.fullmatch(key):  # not shown: it may be the secret itself
        message = "this cannot name an environment variable: write its name (letters, digits, _), not its value"
        draft.complain((*path, "valueFrom", "env"), message)
        return UNRESOLVED
    if origin is SecretOrigin.ENV and not is_always_allowed(key):  # another machine's environment may allow it
        draft.remark((*path, "valueFrom", "env"), f"{in_spec(path)} may be read only where {GLOBS} allows {key}")
    if origin is SecretOrigin.FILE and leaves_folder(key):
        draft.complain((*path, "valueFrom", "file"), f"{in_spec(path)}: the file {key!r} lies outside {FOLDER}")
        return UNRESOLVED
    return SecretSlot(format_path(path), origin, key)
