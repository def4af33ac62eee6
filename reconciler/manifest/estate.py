"""Manifests -> what git wants on one target."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.diff.document import MISSING, Json
from reconciler.diff.pointer import Path, find, parse
from reconciler.manifest.identities import check_identities, rivals
from reconciler.manifest.lacks import Lack, told
from reconciler.manifest.literals import mask_literals
from reconciler.manifest.manifest import Manifest
from reconciler.manifest.nodes import plain
from reconciler.manifest.positions import Positions, name_elements
from reconciler.manifest.references import check_references
from reconciler.manifest.resolve import Draft
from reconciler.manifest.shape import check_spec
from reconciler.manifest.snoozes import end_of
from reconciler.manifest.work import Work
from reconciler.model.errors import Problem
from reconciler.model.kinds import Kind
from reconciler.model.resources import Desired, Notice, OnImmutable, Reference, ResourceName, Snooze, Target
from reconciler.model.sensitive import password_keys


@dataclass(frozen=True, slots=True)
class Built:
    """What git wants on a target, sorted, and what is odd or wrong about it; wanted only where nothing is wrong."""

    target: Target
    resources: tuple[Desired, ...]
    notices: tuple[Notice, ...]
    problems: tuple[Problem, ...]
    lacks: tuple[Lack, ...]


def problems_of(built: Iterable[Built]) -> Iterator[Problem]:
    """Return all that is wrong on some targets; what is wrong on several of them comes once."""
    built = list(built)
    yield from dict.fromkeys(problem for one in built for problem in one.problems)
    yield from told((one.target, lack) for one in built for lack in one.lacks)


def build(manifests: Sequence[Manifest], target: Target, *, unread: Collection[ResourceName] | None = ()) -> Built:
    """Build what git wants on a target.

    ``unread`` are resources whose manifests are wrong, None if nobody can tell which they are.
    """
    problems: list[Problem] = []
    work = [one for one in (_start(manifest, target, problems) for manifest in manifests) if one is not None]
    drafts = {one.name: one.draft for one in work}
    check_references(drafts, {manifest.name for manifest in manifests}, unread)
    check_identities(work)
    specs = _connection_specs(work)
    notices = [notice for one in work for notice in mask_literals(one.draft, _password_keys(one.draft, specs))]
    desired = sorted((_desired(one) for one in work), key=lambda resource: resource.name)
    notices += [notice for one in work for notice in one.draft.notices]
    notices += rivals(work)
    problems += (problem for one in work for problem in one.draft.problems)
    lacks = tuple(lack for one in work for lack in one.draft.lacks)
    return Built(target, tuple(desired), tuple(dict.fromkeys(notices)), tuple(problems), lacks)


def _start(manifest: Manifest, target: Target, problems: list[Problem]) -> Work | None:
    metadata, wrong = manifest.metadata_on(target.name)
    problems += wrong
    if not metadata.is_on(target.name):
        return None
    one = Work(manifest, target, metadata, Draft.of(manifest.document, manifest.spec_on(target.name), target))
    check_spec(one.draft, one.name.kind, creates=one.id is None)
    return one


def _connection_specs(work: Iterable[Work]) -> dict[Json, Mapping[str, Json]]:
    """The connection specs that git has, by reference and by id: they say which parameters are passwords."""
    found: dict[Json, Mapping[str, Json]] = {}
    for one in work:
        if one.name.kind is Kind.CONNECTION_SPEC:
            found[Reference(one.name)] = one.draft.spec
            found[one.id] = one.draft.spec
    return found


def _password_keys(draft: Draft, specs: Mapping[Json, Mapping[str, Json]]) -> frozenset[str]:
    spec_id, auth = find(draft.spec, ("connectionSpec", "id")), find(draft.spec, ("auth", "specName"))
    document = specs.get(spec_id) if isinstance(spec_id, str | Reference) else None
    return password_keys(document, auth if isinstance(auth, str) else None)


def _desired(one: Work) -> Desired:
    draft, metadata = one.draft, one.metadata
    return Desired(
        name=one.name,
        spec=draft.spec,
        id=one.id,
        previous_name=one.previous,
        protect=metadata.protect,
        on_remove=metadata.removal,
        on_immutable=OnImmutable(metadata.on_immutable),
        ignore=tuple(_pointers(one, "ignore", metadata.ignore)),
        skip_validation=tuple(_pointers(one, "skipValidation", metadata.skip_validation)),
        snooze=_snoozed(one),
        source=one.manifest.source,
        positions=Positions(draft.document, draft.node, draft.spec),
    )


def _pointers(one: Work, key: str, written: Sequence[str]) -> Iterator[Path]:
    """Read pointers into spec that stand under a key of the metadata."""
    others: list[Json] | None = None
    for index, pointer in enumerate(written):
        here = (key, str(index))
        try:
            path = parse(pointer)
        except ValueError as error:
            one.complain(here, str(error))
            continue
        if find(one.draft.spec, path) is MISSING:
            others = _specs_elsewhere(one.manifest) if others is None else others  # once: they may be large
            if all(find(spec, path) is MISSING for spec in others):
                one.remark(here, f"{pointer} points to nothing in spec")
        yield name_elements(one.draft.spec, path)


def _snoozed(one: Work) -> Snooze | None:
    """Return what git has snoozed on the target; a pointer that is none is reported."""
    said = one.metadata.snooze.get(one.target.name)
    if said is None:
        return None
    above = ("snooze", one.target.name)
    paths = [path for index, pointer in enumerate(said.fields) if (path := _snoozed_path(one, above, index, pointer))]
    return Snooze(tuple(paths), end_of(said.until), said.until, said.reason, one.locate(above))


def _snoozed_path(one: Work, above: Path, index: int, pointer: str) -> Path:
    here = (*above, "fields", str(index))
    try:
        path = parse(pointer)
    except ValueError as error:
        one.complain(here, str(error))
        return ()
    if not path:
        one.complain(here, "only fields can be snoozed, not a resource: write a path into spec, as in /description")
    elif find(one.draft.spec, path) is MISSING:
        one.remark(here, f"{pointer} points to nothing in spec")
    return name_elements(one.draft.spec, path)


def _specs_elsewhere(manifest: Manifest) -> list[Json]:
    """Return the spec as it is written, and as it is on each target that overrides it."""
    specs = [manifest.document.root.get("spec"), *(manifest.spec_on(target) for target in manifest.overridden)]
    return [plain(spec) for spec in specs if spec is not None]
