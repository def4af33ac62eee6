"""A folder of manifests, read: its targets, and for each what git wants there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.diff.pointer import Path as Pointer
from reconciler.diff.pointer import format_path
from reconciler.manifest import estate, reader
from reconciler.manifest.envelope import KINDS, TARGET, LedgerSpec, TargetSpec
from reconciler.manifest.files import read_folder
from reconciler.manifest.hints import did_you_mean
from reconciler.manifest.manifest import Manifest, TargetManifest, read_manifest
from reconciler.manifest.nodes import Document, Mark, Node
from reconciler.model.errors import ManifestErrors, Problem, UsageError
from reconciler.model.kinds import Kind
from reconciler.model.resources import Estate, Guards, LedgerHome, Location, Notice, ResourceName, Target

_MOST_VALUES: Final = 500_000
"""In all files: ten thousand resources of fifty values each, and about 250 MB."""

_MOST_TARGETS: Final = 100
"""Each resource is built once for every target."""

_FIRST: Final = """\
  apiVersion: reconciler/v1
  kind: Target
  metadata: {name: dev}
  spec: {sandbox: dev}        # the sandbox's name; emulator: true to try things without one"""
_NO_TARGET: Final = "there is no Target manifest: add one, e.g. kind: Target with spec: {emulator: true}"


@dataclass(frozen=True, slots=True)
class Manifests:
    """All manifests of a folder. Whatever can be said without a target has been checked."""

    folder: Path
    targets: Mapping[str, Target]
    resources: tuple[Manifest, ...]

    def default_target(self) -> Target:
        """The one that says so, or the only one; raises UsageError."""
        self._require_targets()
        chosen = [target for target in self.targets.values() if target.default]
        if not chosen and len(self.targets) == 1:
            chosen = list(self.targets.values())
        if not chosen:
            raise UsageError(f"no target is the default: name one with --target ({self._names()})")
        return chosen[0]

    def target(self, name: str | None) -> Target:
        """The target of that name, the default one for None; raises UsageError."""
        if name is None:
            return self.default_target()
        self._require_targets()
        if name not in self.targets:
            raise UsageError(f"there is no target {name!r} in {self.folder}: {self._names()}")
        return self.targets[name]

    def _names(self) -> str:
        return "the targets are " + ", ".join(sorted(self.targets))

    def manifest(self, name: ResourceName) -> Manifest:
        """The manifest that declares a resource; raises KeyError."""
        return {one.name: one for one in self.resources}[name]

    def estate(self, target: Target) -> Estate:
        """All that git wants on a target; raises ManifestErrors."""
        (built,) = self._built([target])
        return built

    def estates(self) -> tuple[Estate, ...]:
        """All that git wants on every target; raises ManifestErrors, UsageError."""
        self._require_targets()
        return self._built(self.targets.values())

    def validate(self) -> tuple[Notice, ...]:
        """Build the estates of all targets, and return what is odd; raises ManifestErrors, UsageError."""
        return tuple(dict.fromkeys(notice for one in self.estates() for notice in one.notices))

    def _built(self, targets: Iterable[Target]) -> tuple[Estate, ...]:
        built = [estate.build(self.resources, target) for target in targets]
        if problems := list(estate.problems_of(built)):
            raise ManifestErrors(problems)
        return tuple(Estate(one.target, one.resources, one.notices, self.folder) for one in built)

    def _require_targets(self) -> None:
        if not self.targets:
            raise UsageError(f"{self.folder}: {_NO_TARGET}")


def load(folder: Path, instead: Mapping[str, bytes] | None = None) -> Manifests:
    """Read a folder's manifests; raises ManifestErrors with all that is wrong, UsageError for the folder itself.

    ``instead`` holds the bytes of files that are to be read as if they were so.
    """
    contents, problems = read_folder(folder)
    if instead:
        contents |= instead
        problems = [problem for problem in problems if problem.location.file not in instead]
    documents: list[Document] = []
    values = 0
    for file, data in contents.items():
        found, wrong = reader.read(file, data)
        documents += found
        problems += wrong
        values += sum(document.size for document in found)
        if values > _MOST_VALUES:
            message = f"the manifests hold more than {_MOST_VALUES} values; no more is read"
            problems.append(Problem(Location(file, 1, 1), message))
            break
    if not documents and not problems:
        raise UsageError(
            f"there are no manifests in {str(folder)!r}: no *.yaml, *.yml or *.json that holds one. "
            f"Begin with the target, in a file {folder / 'targets.yaml'}:\n{_FIRST}"
        )
    return _assemble(folder, documents, problems)


def _assemble(folder: Path, documents: list[Document], problems: list[Problem]) -> Manifests:
    named = [_declared(document) for document in documents]
    # what a manifest names may stand in a file that could not be read, or under a kind that is misspelt
    names = None if problems or None in named else {name for name in named if name is not None}
    read = [read_manifest(document) for document in documents]
    problems += (problem for _, wrong in read for problem in wrong)
    resources = tuple(manifest for manifest, _ in read if isinstance(manifest, Manifest))
    targets = [manifest for manifest, _ in read if isinstance(manifest, TargetManifest)]
    problems += _check_unique(documents)
    if len(targets) > _MOST_TARGETS:
        message = f"there are more than {_MOST_TARGETS} targets; no manifest is checked for any of them"
        raise ManifestErrors([*problems, targets[_MOST_TARGETS].document.problem(Mark(1, 1), message)])
    problems += _check_targets(targets)
    problems += _check_ledgers(targets)
    if names is not None:
        problems += _check_target_names(folder, resources, {name for kind, name in names if kind == TARGET})
    loaded = Manifests(folder, {one.name: _target(one) for one in targets}, resources)
    if problems:
        problems += _further_problems(loaded, names)
        raise ManifestErrors(list(dict.fromkeys(problems)))
    return loaded


def _further_problems(loaded: Manifests, names: Iterable[tuple[str, str]] | None) -> Iterator[Problem]:
    """What else is wrong, so that one run shows everything."""
    unread = None if names is None else {ResourceName(Kind(kind), name) for kind, name in names if kind != TARGET}
    yield from estate.problems_of(
        estate.build(loaded.resources, target, unread=unread) for target in loaded.targets.values()
    )


def _target(manifest: TargetManifest) -> Target:
    spec: TargetSpec = manifest.envelope.spec
    return Target(
        name=manifest.name,
        sandbox=spec.sandbox,
        emulator=spec.emulator,
        default=spec.default,
        values=spec.values,
        guards=Guards(spec.guards.max_deletes, spec.guards.max_changes_percent),
        settle_seconds=spec.settle_seconds,
        ledger=LedgerHome(spec.ledger.ref, spec.ledger.remote),
        source=manifest.document.location(manifest.document.root.mark),
    )


def _declared(document: Document) -> tuple[str, str] | None:
    """Return kind and name of a document that has both, however wrong the rest of it is."""
    kind, metadata = document.root.get("kind"), document.root.get("metadata")
    name = metadata.get("name") if metadata else None
    if kind is None or kind.value not in KINDS or name is None or not isinstance(name.value, str):
        return None
    return kind.value, name.value


def _check_unique(documents: Iterable[Document]) -> list[Problem]:
    first: dict[tuple[str, str], Document] = {}
    problems = []
    for document in documents:
        named = _declared(document)
        if named is None:
            continue
        earlier = first.setdefault(named, document)
        if earlier is not document:
            place = earlier.location(_name_of(earlier).mark)
            message = f"{'/'.join(named)} stands here and at {place}: rename one of the two"
            problems.append(document.problem(_name_of(document), message))
    return problems


def _name_of(document: Document) -> Node:
    node: Node = document.root.value["metadata"].value["name"]
    return node


def _check_targets(targets: Iterable[TargetManifest]) -> list[Problem]:
    """One default at most, and no sandbox twice: two ledgers for one sandbox would undo each other's work."""
    taken: dict[str, TargetManifest] = {}
    problems = []
    for one in targets:
        spec = one.envelope.spec
        claims = {"sandbox": f"sandbox {spec.sandbox}"} if spec.sandbox else {}
        claims |= {"default": "the default"} if spec.default else {}
        for field, claim in claims.items():
            other = taken.setdefault(claim.lower(), one)
            if other is not one:
                at = (one.document.root.value["spec"]).value[field]
                place = other.document.location(other.document.root.mark)
                message = f"/spec/{field}: {claim} is target {other.name} already, at {place}"
                problems.append(one.document.problem(at, message))
    return problems


def _check_ledgers(targets: Iterable[TargetManifest]) -> list[Problem]:
    """No ledger of two targets: each would take the other's entries for its own, and let go of what they manage."""
    taken: dict[tuple[str, str], TargetManifest] = {}
    problems = []
    for one in targets:
        spec = one.envelope.spec
        if spec.emulator and spec.ledger == LedgerSpec():  # its ledger is a folder
            continue
        # Without a remote it is origin, where there is one; where there is none, whoever names it is refused anyway.
        ref = spec.ledger.ref or f"refs/reconciler/{one.name}"
        other = taken.setdefault((spec.ledger.remote or "origin", ref), one)
        if other is not one:
            place = other.document.location(other.document.root.mark)
            message = (
                f"/spec/ledger: target {one.name} would have its ledger on {ref}, as target {other.name} at {place} "
                "has: give one of the two another ref"
            )
            written = one.document.root.value["spec"]
            problems.append(one.document.problem(written.get("ledger") or written, message))
    return problems


def _check_target_names(folder: Path, resources: Iterable[Manifest], known: set[str]) -> list[Problem]:
    """Every target that a manifest names must be one, also in an override and in a map of ids."""
    unknown = [(one, *named) for one in resources for named in _named_targets(one) if named[1] not in known]
    if unknown and not known:  # the folder's place sorts before those of its files
        return [Problem(Location(str(folder), 1, 1), _NO_TARGET)]
    return [
        one.document.problem(mark, f"{format_path(path)}: there is no target {name!r}; {did_you_mean(name, known)}")
        for one, path, name, mark in unknown
    ]


def _named_targets(manifest: Manifest) -> Iterator[tuple[Pointer, str, Mark]]:
    root = manifest.document.root
    overrides, metadata = root.get("overrides"), root.get("metadata")
    maps = {key: metadata.get(key) for key in ("id", "snooze")} if metadata else {}
    parts: list[tuple[Pointer, Node]] = [((), root)]
    if overrides:
        yield from ((("overrides", name), name, mark) for name, mark in overrides.keys.items())
        parts += ((("overrides", target), override) for target, override in overrides.children())
    for key, of in maps.items():
        if of:
            yield from ((("metadata", key, name), name, mark) for name, mark in of.keys.items())
    for above, part in parts:
        metadata = part.get("metadata")
        targets = metadata.get("targets") if metadata else None
        if targets:
            yield from (
                ((*above, "metadata", "targets", token), str(node.value), node.mark)
                for token, node in targets.children()
            )
