"""What is known of Flow Service, as data: each row names its section of the fact sheet.

A path pattern is a tuple of tokens in which ``*`` stands for any one token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.diff.document import MISSING, Json, Missing, is_number, is_object, same
from reconciler.diff.outcomes import Rules
from reconciler.diff.pointer import Path, find, is_named_list, name_token
from reconciler.model.kinds import Kind

_SPECS: Final = (Kind.CONNECTION_SPEC, Kind.FLOW_SPEC)
_CONNECTIONS: Final = (Kind.CONNECTION, Kind.SOURCE_CONNECTION, Kind.TARGET_CONNECTION)

# 8: never in a write.
_SERVER_OWNED: Final = frozenset(
    {
        *("id", "createdAt", "updatedAt", "createdBy", "updatedBy", "createdClient", "updatedClient"),
        *("sandboxId", "sandboxName", "imsOrgId", "etag", "inheritedAttributes", "providerRefId", "typeInfo"),
        *("state", "runs", "lastOperation", "lastRunDetails"),
    }
)

# 8: keys that the service adds inside credentials.
SERVER_MADE: Final = frozenset({"inletUrl", "inletId", "authorizedDate"})

# 15: in a spec's reply and in no request: not compared, and not sent back with the whole.
_REPLY_ONLY: Final[Mapping[Kind, Path]] = {Kind.CONNECTION_SPEC: ("sourceSpec", "attributes", "authRequired")}

# 9: written as a whole, since a write of a part loses the rest.
CREDENTIALS: Final[tuple[Path, ...]] = (("auth", "params"), ("encryption", "params"))

# 12: the spec of every target connection into the data lake, which tells a source flow where nothing else does.
DATA_LAKE_SPEC: Final = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"

# 10, 11, 17: strings and numbers of one meaning are echoed as they came, or as strings.
_LOOSE: Final[tuple[tuple[Kind, Path], ...]] = (
    (Kind.FLOW, ("scheduleParams", "startTime")),
    (Kind.FLOW, ("scheduleParams", "endTime")),
    (Kind.FLOW, ("scheduleParams", "interval")),
    (Kind.FLOW, ("scheduleParams", "backfill")),
    (Kind.FLOW, ("transformations", "*", "params", "mappingVersion")),
    (Kind.FLOW, ("transformations", "*", "params", "profileMapping", "mappingVersion")),
)

# 15, and DESIGN: lists of ids that the whole organisation shares.
_SETS: Final[tuple[tuple[Kind, Path], ...]] = (
    (Kind.FLOW_SPEC, ("sourceConnectionSpecIds",)),
    (Kind.FLOW_SPEC, ("targetConnectionSpecIds",)),
)

# 15: requests and replies disagree about the name.
_ALIASES: Final[Mapping[Kind, tuple[tuple[str, ...], ...]]] = {
    Kind.FLOW_SPEC: (("transformationSpecs", "transformationSpec", "transformationSpecDTOS"),),
}

# 8 "Writable", 10: what the service does not do without.
_REQUIRED: Final[Mapping[Kind, tuple[Path, ...]]] = {
    Kind.CONNECTION_SPEC: (("name",), ("providerId",)),
    Kind.FLOW_SPEC: (("name",), ("providerId",)),
    Kind.CONNECTION: (("name",), ("connectionSpec", "id"), ("auth", "specName")),
    Kind.SOURCE_CONNECTION: (("name",), ("connectionSpec", "id"), ("data",)),
    Kind.TARGET_CONNECTION: (("connectionSpec", "id"), ("data",)),
    Kind.FLOW: (
        ("name",),
        ("flowSpec", "id"),
        ("sourceConnectionIds",),
        ("targetConnectionIds",),
        ("scheduleParams", "startTime"),
        ("scheduleParams", "frequency"),
    ),
}

# 9 "Paths seen".
_DOCUMENTED: Final[Mapping[Kind, tuple[Path, ...]]] = {
    Kind.CONNECTION: (("name",), ("description",), *CREDENTIALS[:1]),
    Kind.SOURCE_CONNECTION: (),
    Kind.TARGET_CONNECTION: (("params",), ("params", "*")),
    Kind.FLOW: (
        ("name",),
        ("description",),
        ("scheduleParams",),
        ("scheduleParams", "frequency"),
        ("transformations",),
        ("transformations", "*"),
        ("transformations", "*", "params", "**"),
        ("sourceConnectionIds",),
    ),
}

# 8: a state on its way counts as the one that it is on its way to.
STATES: Final[Mapping[str, str]] = {
    "enabled": "enabled",
    "enabling": "enabled",
    "enabled-finalizing": "enabled",
    "disabled": "disabled",
    "disabling": "disabled",
    "disabled-finalizing": "disabled",
}

# 8: on the way, to nobody says where.
TRANSIENT_STATES: Final = ("updating", "inProgress", "initializing", "pending")

_STANDING: Final = ("enabled", "disabled")


def is_transient(state: Json) -> bool:
    """Iff a state is on its way to another one (8)."""
    if not isinstance(state, str) or state in _STANDING:
        return False
    return state in STATES or state in TRANSIENT_STATES or state.endswith("-finalizing")


# 9: values of lastOperation.status.value, compared without case; any other is still on its way.
SETTLED_OPERATIONS: Final = frozenset({"completed", "success"})
FAILED_OPERATIONS: Final = frozenset({"failed", "partial_failure", "partial_success"})

# 6: the object is in transition; the same request may pass a moment later.
TRANSITION_CODES: Final = frozenset({"1416-400", "1420-400", "1421-400", "1422-400"})

# 6, 12: something uses the object; after a deletion that takes its time this passes, too.
IN_USE_CODES: Final = frozenset({"1418-400", "1447-400"})


def matches(pattern: Path, path: Path) -> bool:
    """Iff path fits the pattern: ``*`` is any one token, a last ``**`` any number of them but none."""
    if pattern and pattern[-1] == "**":
        return len(path) >= len(pattern) and matches(pattern[:-1], path[: len(pattern) - 1])
    return len(pattern) == len(path) and all(want in ("*", token) for want, token in zip(pattern, path, strict=True))


def writable(kind: Kind, document: Mapping[str, Json]) -> dict[str, Json]:
    """Return what of a live document a client may write. ``version`` is the service's, but on specs (7)."""
    owned = _SERVER_OWNED if kind.is_spec else _SERVER_OWNED | {"version"}
    kept = {key: value for key, value in document.items() if key not in owned}
    return _without(kept, _REPLY_ONLY[kind]) if kind in _REPLY_ONLY else kept


def _without(document: Mapping[str, Json], path: Path) -> dict[str, Json]:
    """Return a copy of document that has nothing at path."""
    key, *rest = path
    kept = {other: value for other, value in document.items() if rest or other != key}
    if rest and is_object(kept.get(key)):
        kept[key] = _without(kept[key], tuple(rest))
    return kept


def required(kind: Kind) -> tuple[Path, ...]:
    """Return the paths that the service does not do without."""
    return _REQUIRED[kind]


def is_documented(kind: Kind, path: Path) -> bool:
    """Iff a document shows a PATCH of this path."""
    return any(matches(pattern, path) for pattern in _DOCUMENTED.get(kind, ()))


def addressable(path: Path, live: Json) -> bool:
    """Iff a PATCH operation may address this path: not the root, credentials only whole, their parent only anew."""
    for root in CREDENTIALS:
        if len(path) > len(root) and path[: len(root)] == root:
            return False
        if path == root[: len(path)] and path != root and path and path[0] in live:
            return False
    return bool(path)


def canonical_names(kind: Kind, declared: Json, live: Mapping[str, Json]) -> Json:
    """Return a declared document with each alias written as live writes it (15)."""
    if not is_object(declared):
        return declared
    renamed = dict(declared)
    for names in _ALIASES.get(kind, ()):
        shown = next((name for name in names if name in live), None)
        ours = next((name for name in names if name in renamed), None)
        if shown and ours and shown != ours:
            renamed = {shown if key == ours else key: value for key, value in renamed.items()}
    return renamed


def canonical_path(kind: Kind, path: Path, document: Mapping[str, Json]) -> Path:
    """Return a path, not the root, as a document that has another name for its field would write it (15)."""
    (first,) = canonical_names(kind, {path[0]: None}, document)
    return (first, *path[1:])


@dataclass(frozen=True, slots=True)
class _KindRules:
    kind: Kind

    def equal(self, path: Path, ours: Json, live: Json) -> bool:
        if is_object(ours) and is_object(live):
            return ours.keys() == live.keys() and all(
                self.equal((*path, key), value, live[key]) for key, value in ours.items()
            )
        if isinstance(ours, list) and isinstance(live, list):
            return len(ours) == len(live) and all(
                self.equal((*path, _token(at, item)), item, other)
                for at, (item, other) in enumerate(zip(ours, live, strict=True))
            )
        if self.kind is Kind.FLOW and path == ("state",):
            return ours == STATES.get(live, live) if isinstance(live, str) else False
        return same(ours, live) or (self._is_loose(path) and _plain(ours) == _plain(live) is not None)

    def _is_loose(self, path: Path) -> bool:
        return any(kind is self.kind and matches(pattern, path) for kind, pattern in _LOOSE)

    def explained(self, path: Path, ours: Json, live: Json | Missing) -> bool:
        """The rows of FACTS 15: what a spec's reply leaves out or shows in another form."""
        if self.kind not in _SPECS:
            return False
        if path in (("description",), _REPLY_ONLY.get(self.kind)):
            return live is MISSING
        if self.kind is Kind.CONNECTION_SPEC and path == ("authSpec",):
            return ours == [] and live is MISSING
        if self.kind is Kind.CONNECTION_SPEC and path == ("sourceSpec", "attributes", "contentPath"):
            return is_object(ours) and isinstance(live, str) and ours.get("path") == live
        return False

    def is_set(self, path: Path) -> bool:
        return (self.kind, path) in _SETS


def rules(kind: Kind, released: tuple[Path, ...] = (), *, prune: bool = False) -> Rules:
    """Return how documents of a kind compare; ``released`` paths are not."""
    ours = _KindRules(kind)
    return Rules(ours.equal, ours.explained, ours.is_set, released, prune)


def set_paths(kind: Kind) -> tuple[Path, ...]:
    """Return the paths of a kind that are sets of shared ids."""
    return tuple(path for owner, path in _SETS if owner is kind)


def _token(at: int, item: Json) -> str:
    return name_token(item["name"]) if is_named_list([item]) else str(at)


def _plain(value: Json) -> str | None:
    """Write a scalar as the service's string of it; None for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return str(int(value)) if isinstance(value, int) or value.is_integer() else str(value)
    return value if isinstance(value, str) else None


def is_source_flow(flow: Mapping[str, Json]) -> bool:
    """Iff a live flow carries data into the platform; what does not say otherwise counts as one (5, 8, 12)."""
    inherited = flow.get("inheritedAttributes")
    properties = inherited.get("properties") if is_object(inherited) else None
    if is_object(properties) and ("isDestinationFlow" in properties or "isSourceFlow" in properties):
        return properties.get("isSourceFlow") is True or properties.get("isDestinationFlow") is not True
    targets = inherited.get("targetConnections") if is_object(inherited) else None
    specs = [find(target, ("connectionSpec", "id")) for target in targets] if isinstance(targets, list) else []
    return not specs or DATA_LAKE_SPEC in specs or MISSING in specs
