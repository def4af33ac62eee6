"""Manifests -> what git wants on one target."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.diff.document import Json
from reconciler.diff.pointer import Path, find, parse
from reconciler.manifest.envelope import Metadata
from reconciler.manifest.literals import mask_literals
from reconciler.manifest.manifest import Manifest
from reconciler.manifest.nodes import nearest
from reconciler.manifest.positions import Positions, name_elements
from reconciler.manifest.references import check_references
from reconciler.manifest.resolve import Draft
from reconciler.manifest.shape import check_spec
from reconciler.model.errors import Problem
from reconciler.model.kinds import Kind
from reconciler.model.resources import Desired, Notice, Reference, ResourceName, Target
from reconciler.model.sensitive import password_keys


@dataclass(slots=True)
class _Work:
    """One resource on its way: its manifest, what holds of it on this target, and its draft."""

    manifest: Manifest
    metadata: Metadata
    draft: Draft


def build(
    manifests: Sequence[Manifest], target: Target, *, unread: Collection[ResourceName] | None = ()
) -> tuple[list[Desired], list[Notice], list[Problem]]:
    """Return the resources that git wants on a target, sorted, and what is odd or wrong about them.

    ``unread`` are resources whose manifests are wrong, None if nobody can tell which they are.
    """
    problems: list[Problem] = []
    work = [one for one in (_start(manifest, target, problems) for manifest in manifests) if one is not None]
    drafts = {one.manifest.name: one.draft for one in work}
    check_references(drafts, {manifest.name for manifest in manifests}, unread, target.name)
    _check_identities(work, target)
    specs = _connection_specs(work, target)
    notices = [notice for one in work for notice in mask_literals(one.draft, _password_keys(one.draft, specs))]
    desired = [_desired(one, target) for one in work]
    problems += (problem for one in work for problem in one.draft.problems)
    return sorted(desired, key=lambda resource: resource.name), notices, problems


def _start(manifest: Manifest, target: Target, problems: list[Problem]) -> _Work | None:
    metadata, wrong = manifest.metadata_on(target.name)
    problems += wrong
    if not metadata.is_on(target.name):
        return None
    draft = Draft.of(manifest.document, manifest.spec_on(target.name), target)
    check_spec(draft, manifest.name.kind, creates=metadata.id_on(target.name) is None)
    return _Work(manifest, metadata, draft)


def _check_identities(work: Iterable[_Work], target: Target) -> None:
    """No two resources adopt one object, and none takes over the name of one that still is there."""
    names = {one.manifest.name: one for one in work}
    ids: dict[tuple[Kind, str], _Work] = {}
    former: dict[ResourceName, _Work] = {}
    for name, one in names.items():
        object_id, before = one.metadata.id_on(target.name), _previous(one)
        if object_id is not None and (other := ids.setdefault((name.kind, object_id), one)) is not one:
            _complain(one, target, "id", f"{other.manifest.name} at {other.manifest.source} adopts the same id")
        if before is None:
            continue
        if before in names:
            _complain(one, target, "previousName", f"{before} still is a manifest, at {names[before].manifest.source}")
        elif (other := former.setdefault(before, one)) is not one:
            _complain(
                one, target, "previousName", f"{other.manifest.name} at {other.manifest.source} was {before}, too"
            )


def _previous(one: _Work) -> ResourceName | None:
    name = one.metadata.previous_name
    return None if name is None else ResourceName(one.manifest.name.kind, name)


def _complain(one: _Work, target: Target, field: str, message: str) -> None:
    mark = nearest(one.manifest.metadata_node(target.name), (field,))
    one.draft.problems.append(one.draft.document.problem(mark, f"metadata.{field}: {message}"))


def _connection_specs(work: Iterable[_Work], target: Target) -> dict[Json, Mapping[str, Json]]:
    """The connection specs that git has, by reference and by id: they say which parameters are passwords."""
    found: dict[Json, Mapping[str, Json]] = {}
    for one in work:
        if one.manifest.name.kind is Kind.CONNECTION_SPEC:
            found[Reference(one.manifest.name)] = one.draft.spec
            found[one.metadata.id_on(target.name)] = one.draft.spec
    return found


def _password_keys(draft: Draft, specs: Mapping[Json, Mapping[str, Json]]) -> frozenset[str]:
    spec_id, auth = find(draft.spec, ("connectionSpec", "id")), find(draft.spec, ("auth", "specName"))
    document = specs.get(spec_id) if isinstance(spec_id, str | Reference) else None
    return password_keys(document, auth if isinstance(auth, str) else None)


def _desired(one: _Work, target: Target) -> Desired:
    draft, metadata = one.draft, one.metadata
    return Desired(
        name=one.manifest.name,
        spec=draft.spec,
        id=metadata.id_on(target.name),
        previous_name=_previous(one),
        protect=metadata.protect,
        on_remove=metadata.removal,
        ignore=tuple(_ignored(one, target)),
        source=one.manifest.source,
        positions=Positions(draft.document, draft.node, draft.spec),
    )


def _ignored(one: _Work, target: Target) -> Iterable[Path]:
    node = one.manifest.metadata_node(target.name)
    for index, pointer in enumerate(one.metadata.ignore):
        try:
            yield name_elements(one.draft.spec, parse(pointer))
        except ValueError as error:
            mark = nearest(node, ("ignore", str(index)))
            one.draft.problems.append(one.draft.document.problem(mark, f"metadata.ignore: {error}"))
