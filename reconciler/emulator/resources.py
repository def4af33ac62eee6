"""The collections of Flow Service and what sets them apart (FACTS 1, 8)."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Document: TypeAlias = dict[str, Any]

SPECS: Final = ("connectionSpecs", "flowSpecs")
PATCHED: Final = ("connections", "sourceConnections", "targetConnections", "flows")
COLLECTIONS: Final = (*SPECS, *PATCHED, "runs")
SEARCHED: Final = ("connections", "flows", "flowSpecs")

DRAFT: Final = "draft"
"""The mode in which a draft is made, and the state that it has: of the state no document says how it is written."""

DATA_LAKE: Final = "c604ff05-7f1a-43c0-8e18-33bf874cb11c"
STREAMING: Final = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb"

_CREATED: Final = frozenset({"createdAt", "createdBy", "createdClient"})
_UPDATED: Final = frozenset({"updatedAt", "updatedBy", "updatedClient"})
_BELONGING: Final = frozenset({"id", "sandboxId", "sandboxName", "imsOrgId"})
_OWNED: Final = _CREATED | _UPDATED | _BELONGING | {"etag"}
_OWNED_BY_STATE: Final = frozenset({"version", "state", "inheritedAttributes", "providerRefId", "typeInfo"})
_OWNED_OF_FLOWS: Final = frozenset({"runs", "lastOperation", "lastRunDetails"})


def server_owned(collection: str) -> frozenset[str]:
    """Return the top-level fields that only the service writes; a spec's ``version`` is the caller's (FACTS 7, 8)."""
    if collection in PATCHED:
        return _OWNED | _OWNED_BY_STATE | (_OWNED_OF_FLOWS if collection == "flows" else frozenset())
    return _OWNED


def child(document: Any, *path: str) -> Any:
    """Return the value at a path of keys, or None where the document has no such path."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document
