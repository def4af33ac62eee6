"""Which fields a spec may have, what each must look like, and what a create needs: the tables, as data.

From FACTS 8 and 17, the documented bodies, and the OpenAPI's request schemas; where they disagree, what any of them
shows is allowed. A field in none of them is a typing mistake far more often than a secret of the service.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from reconciler.model.kinds import Kind


class Shape(Enum):
    """What a field's value looks like."""

    TEXT = auto()
    OBJECT = auto()
    LIST = auto()
    ANY = auto()
    ID = auto()  # text, or a reference
    IDS = auto()  # a list of them
    SPEC = auto()  # {id, version}
    AUTH = auto()  # {specName, params}
    TRANSFORMATIONS = auto()  # [{name, params}]
    SCHEDULE = auto()
    STATE = auto()


_COMMON: Final = {"name": Shape.TEXT, "description": Shape.TEXT, "policy": Shape.ANY}
_SIDE: Final = _COMMON | {
    "baseConnectionId": Shape.ID,
    "connectionSpec": Shape.SPEC,
    "data": Shape.OBJECT,
    "params": Shape.OBJECT,
}
_EITHER_SPEC: Final = _COMMON | {
    "providerId": Shape.TEXT,
    "version": Shape.TEXT,
    "type": Shape.TEXT,
    "settings": Shape.OBJECT,
    "attributes": Shape.OBJECT,
    "permissionsInfo": Shape.ANY,
    "entitlementInfo": Shape.ANY,
}

FIELDS: Final[dict[Kind, dict[str, Shape]]] = {
    Kind.CONNECTION: _COMMON
    | {"providerId": Shape.TEXT, "connectionSpec": Shape.SPEC, "auth": Shape.AUTH, "encryption": Shape.AUTH},
    Kind.SOURCE_CONNECTION: _SIDE,
    Kind.TARGET_CONNECTION: _SIDE,
    Kind.FLOW: _COMMON
    | {
        "flowSpec": Shape.SPEC,
        "sourceConnectionIds": Shape.IDS,
        "targetConnectionIds": Shape.IDS,
        "transformations": Shape.TRANSFORMATIONS,
        "scheduleParams": Shape.SCHEDULE,
        "state": Shape.STATE,
    },
    Kind.CONNECTION_SPEC: _EITHER_SPEC
    | {
        "authSpec": Shape.LIST,
        "encryptionSpecs": Shape.LIST,
        "sourceSpec": Shape.OBJECT,
        "targetSpec": Shape.OBJECT,
        "exploreSpec": Shape.OBJECT,
    },
    Kind.FLOW_SPEC: _EITHER_SPEC
    | {
        "sourceConnectionSpecIds": Shape.IDS,
        "targetConnectionSpecIds": Shape.IDS,
        "optionSpec": Shape.OBJECT,
        "scheduleSpec": Shape.OBJECT,
        "runSpec": Shape.OBJECT,
        "transformationSpec": Shape.LIST,  # documents, OpenAPI and replies each have a name of their own (FACTS 15)
        "transformationSpecs": Shape.LIST,
        "transformationSpecDTOS": Shape.LIST,
    },
}

REQUIRED: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.CONNECTION: ("name", "connectionSpec"),
    Kind.SOURCE_CONNECTION: ("name",),  # eight documented bodies lack connectionSpec, five lack data (FACTS 17)
    Kind.TARGET_CONNECTION: (),
    Kind.FLOW: ("name", "flowSpec", "sourceConnectionIds", "targetConnectionIds"),
    Kind.CONNECTION_SPEC: ("name", "providerId"),
    Kind.FLOW_SPEC: ("name", "providerId"),
}
"""What a create needs; with a metadata.id nothing is required, since what is not declared is not managed."""

SERVER_OWNED: Final = frozenset(
    {
        "createdAt", "updatedAt", "createdBy", "updatedBy", "createdClient", "updatedClient", "sandboxId",
        "sandboxName", "imsOrgId", "etag", "version", "inheritedAttributes", "providerRefId", "typeInfo", "state",
        "runs", "lastOperation", "lastRunDetails",
    }
)  # fmt: skip
"""What only the service writes (FACTS 8), unless a kind's own table has it: a spec's version, a flow's state."""

SECRET_PARENTS: Final = (("auth", "params"), ("encryption", "params"))
"""Where credentials stand, and secrets may."""
