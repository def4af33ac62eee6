"""The envelope around a spec: apiVersion, kind, metadata and overrides as typed values.

Pydantic says what is wrong where; :func:`check` puts it into words for a reader and finds its place in the file.
Specs are not looked at here, but for a Target's, which is nobody's but ours.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError
from pydantic_core import ErrorDetails

from reconciler.manifest.hints import did_you_mean, quoted
from reconciler.manifest.nodes import Document, Node, nearest, plain
from reconciler.model.errors import Problem
from reconciler.model.kinds import Kind
from reconciler.model.resources import NAME, OnRemove

API_VERSION: Final = "reconciler/v1"
TARGET: Final = "Target"
KINDS: Final = (*(kind.value for kind in Kind), TARGET)
_ID: Final = re.compile(r"[^\s/]+")
_SANDBOX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_HOSTS: Final = frozenset({"host", "url", "baseUrl", "endpoint", "imsUrl"})


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError("a name is lower-case letters, digits and inner hyphens, at most 100")
    return text


def _object_id(text: str) -> str:
    if not _ID.fullmatch(text) or text in {".", ".."}:
        raise ValueError("an id is the service's own: not empty, without spaces and slashes")
    return text


def _sandbox(text: str) -> str:
    if not _SANDBOX.fullmatch(text):
        raise ValueError("a sandbox is its technical name: letters, digits, hyphens")
    return text


def _available(text: str) -> str:
    if text == "replace":
        raise ValueError("replace is not available yet: leave it out, and the plan says what blocks and the way out")
    return text


Name = Annotated[str, AfterValidator(_name)]
ObjectId = Annotated[str, AfterValidator(_object_id)]
Ids = Annotated[  # told apart by hand: a plain union reports both branches for one mistake
    Annotated[ObjectId, Tag("[text]")] | Annotated[dict[str, ObjectId], Tag("[map]")],
    Discriminator(lambda value: "[map]" if isinstance(value, dict) else "[text]"),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


class Metadata(_Strict):
    """How the reconciler treats one resource."""

    name: Name
    id: Ids | None = None
    previous_name: Name | None = Field(None, alias="previousName")
    protect: bool = False
    on_remove: Literal["orphan", "forget"] = Field("orphan", alias="onRemove")
    on_immutable: Annotated[Literal["block", "replace"], AfterValidator(_available)] = Field(
        "block", alias="onImmutable"
    )
    ignore: list[str] = []
    targets: Annotated[list[str], Field(min_length=1)] | None = None

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

    api_version: str = Field(alias="apiVersion")
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

    ref: Annotated[str, Field(min_length=1)] | None = None
    remote: Annotated[str, Field(min_length=1)] | None = None


class TargetSpec(_Strict):
    """One sandbox, or the emulator."""

    sandbox: Annotated[str, AfterValidator(_sandbox)] | None = None
    emulator: bool = False
    default: bool = False
    values: dict[str, Any] = {}
    guards: GuardSpec = GuardSpec()
    settle_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(45, alias="settleSeconds")
    ledger: LedgerSpec = LedgerSpec()


class TargetEnvelope(_Strict):
    """A manifest of kind Target."""

    api_version: str = Field(alias="apiVersion")
    kind: str
    metadata: TargetMetadata
    spec: TargetSpec


Model = TypeVar("Model", bound=BaseModel)


def check(document: Document, node: Node, model: type[Model], *, above: str = "") -> tuple[Model | None, list[Problem]]:
    """Return a node as that model; None and the problems where it is none. ``above`` is said before every path."""
    try:
        return model.model_validate(plain(node)), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, [_problem(document, node, model, detail, above) for detail in details]


def _problem(document: Document, node: Node, model: type[BaseModel], detail: ErrorDetails, above: str) -> Problem:
    path = tuple(str(token) for token in detail["loc"] if _is_place(token))
    is_key = detail["type"] == "extra_forbidden"
    return document.problem(nearest(node, path, key=is_key), f"{above}{'.'.join(path)}: {_words(detail, path, model)}")


def _is_place(token: int | str) -> bool:
    """Iff a token of a pydantic loc is a key or an index, and not the name of a union's branch."""
    return isinstance(token, int) or "[" not in token


def _words(detail: ErrorDetails, path: tuple[str, ...], model: type[BaseModel]) -> str:
    found, context = quoted(detail["input"]), detail.get("ctx", {})
    if detail["type"] == "extra_forbidden":
        return _unknown(path, model)
    if detail["type"] == "missing":
        return "is missing"
    if detail["type"] == "value_error":
        return f"{context['error']}; found {found}"
    return f"{detail['msg'].lower()}; found {found}"


def _unknown(path: tuple[str, ...], model: type[BaseModel]) -> str:
    if model is TargetEnvelope and path[-1] in _HOSTS:
        return "a target never names a host: remove it; the environment does (AEP_BASE_URL, AEP_IMS_URL)"
    return f"unknown field; {did_you_mean(path[-1], known_fields(model, path[:-1]))}"


def known_fields(model: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    """Return the names that a model takes at a path."""
    for token in path:
        inner = next((f for n, f in model.model_fields.items() if (f.alias or n) == token), None)
        annotation: Any = inner.annotation if inner else None
        annotation = next(iter(get_args(annotation)[1:]), annotation)  # of a map, what it maps to
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return [field.alias or name for name, field in model.model_fields.items()]
