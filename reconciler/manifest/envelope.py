"""The envelope around a spec: apiVersion, kind, metadata and overrides as typed values.

Pydantic says what is wrong where; wording puts it into words for a reader and finds its place in the file. Specs are
not looked at here, but for a Target's, which is nobody's but ours.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from reconciler.manifest.ledger_home import check_ref, check_remote
from reconciler.manifest.snoozes import LONGEST_REASON, check_reason, end_of
from reconciler.model.kinds import Kind
from reconciler.model.resources import NAME, OnRemove

MOST_POINTERS: Final = 100
"""In one list: each is looked for in the spec."""

API_VERSION: Final = "reconciler/v1"
TARGET: Final = "Target"
KINDS: Final = (*(kind.value for kind in Kind), TARGET)
_ID: Final = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9._~-]{0,199}")  # what can stand in a path and in a filter
_SANDBOX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError("a name is lower-case letters, digits and inner hyphens, at most 100")
    return text


def _object_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("an id is the service's own: letters, digits, hyphens, as in the address of the object")
    return text


def _sandbox(text: str) -> str:
    if not _SANDBOX.fullmatch(text):
        raise ValueError("a sandbox is its technical name: letters, digits, hyphens")
    return text


def _until(text: str) -> str:
    end_of(text)
    return text


def _told(pattern: str, **more: Any) -> WithJsonSchema:
    """Say in the JSON Schema what a validator takes; Python and ECMA read these patterns alike."""
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$", **more})


NAME_PATTERN: Final = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
MOMENT_PATTERN: Final = rf"{_DAY}[Tt ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.0+)?)?(Z|z|[+-][0-9]{{2}}:?[0-9]{{2}})"
Name = Annotated[str, AfterValidator(_name), _told(NAME_PATTERN, maxLength=100)]
ObjectId = Annotated[str, AfterValidator(_object_id), _told(_ID.pattern)]
Until = Annotated[str, AfterValidator(_until), _told(f"{_DAY}|{MOMENT_PATTERN}")]
Reason = Annotated[str, AfterValidator(check_reason), _told(r"[^\t\n]*[^\s][^\t\n]*", maxLength=LONGEST_REASON)]
BRANCHES: Final = ("[text]", "[map]")
Ids = Annotated[  # told apart by hand: a plain union reports both branches for one mistake
    Annotated[ObjectId, Tag("[text]")] | Annotated[dict[str, ObjectId], Tag("[map]")],
    Discriminator(lambda value: "[map]" if isinstance(value, dict) else "[text]"),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


class SnoozeSpec(_Strict):
    """Drift on one target that is to be left alone until a date."""

    until: Until
    reason: Reason
    fields: Annotated[list[str], Field(min_length=1, max_length=MOST_POINTERS)]


class Metadata(_Strict):
    """How the reconciler treats one resource."""

    name: Name
    id: Ids | None = None
    previous_name: Name | None = Field(None, alias="previousName")
    protect: bool = False
    on_remove: Literal["orphan", "forget"] = Field("orphan", alias="onRemove")
    on_immutable: Literal["block", "replace"] = Field("block", alias="onImmutable")
    ignore: Annotated[list[str], Field(max_length=MOST_POINTERS)] = []
    skip_validation: Annotated[list[str], Field(max_length=MOST_POINTERS)] = Field([], alias="skipValidation")
    targets: Annotated[list[str], Field(min_length=1)] | None = None
    snooze: dict[str, SnoozeSpec] = {}

    def id_on(self, target: str) -> str | None:
        """The id that is adopted on a target, if one is."""
        return self.id.get(target) if isinstance(self.id, dict) else self.id

    def is_on(self, target: str) -> bool:
        """Iff the resource is wanted on that target."""
        return self.targets is None or target in self.targets

    @property
    def removal(self) -> OnRemove:
        """What becomes of the live object when the manifest leaves git."""
        return OnRemove(self.on_remove)


class Override(_Strict):
    """What is otherwise on one target: merge patches."""

    metadata: dict[str, Any] = {}
    spec: dict[str, Any] = {}


class ResourceEnvelope(_Strict):
    """A manifest of one of the six kinds."""

    api_version: Any = Field(None, alias="apiVersion")  # looked at before, with the kind
    kind: str
    metadata: Metadata
    overrides: dict[str, Override] = {}
    spec: dict[str, Any]


class TargetMetadata(_Strict):
    """A target has a name; all else stands in its spec."""

    name: Name


class GuardSpec(_Strict):
    """What a plan may touch unasked."""

    max_deletes: Annotated[int, Field(ge=0)] = Field(5, alias="maxDeletes")
    max_changes_percent: Annotated[int, Field(ge=0, le=100)] = Field(50, alias="maxChangesPercent")


class LedgerSpec(_Strict):
    """Where the ledger lives."""

    ref: Annotated[str, Field(min_length=1), AfterValidator(check_ref), _told("refs/.+", maxLength=250)] | None = None
    remote: Annotated[str, Field(min_length=1), AfterValidator(check_remote), _told("[^-].*")] | None = None


class TargetSpec(_Strict):
    """One sandbox, or the emulator."""

    sandbox: Annotated[str, AfterValidator(_sandbox), _told(_SANDBOX.pattern)] | None = None
    emulator: bool = False
    default: bool = False
    values: dict[str, Any] = {}
    guards: GuardSpec = GuardSpec()
    settle_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(45, alias="settleSeconds")
    ledger: LedgerSpec = LedgerSpec()


class TargetEnvelope(_Strict):
    """A manifest of kind Target."""

    api_version: Any = Field(None, alias="apiVersion")  # looked at before, with the kind
    kind: str
    metadata: TargetMetadata
    spec: TargetSpec
