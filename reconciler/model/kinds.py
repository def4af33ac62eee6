"""The six kinds of Flow Service resource that a manifest can declare, and what sets them apart."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """A kind of resource; its value is the word in a manifest."""

    CONNECTION_SPEC = "ConnectionSpec"
    FLOW_SPEC = "FlowSpec"
    CONNECTION = "Connection"
    SOURCE_CONNECTION = "SourceConnection"
    TARGET_CONNECTION = "TargetConnection"
    FLOW = "Flow"

    @property
    def collection(self) -> str:
        """The path segment of the kind's calls, e.g. ``sourceConnections`` (FACTS 1)."""
        return self.value[0].lower() + self.value[1:] + "s"

    @property
    def is_spec(self) -> bool:
        """Iff it is written whole with PUT, carries no etag and cannot be deleted (FACTS 1, 7)."""
        return self in (Kind.CONNECTION_SPEC, Kind.FLOW_SPEC)
