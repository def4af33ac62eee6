"""What the service answers: an object as it is now, and the short reply to a write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.diff.document import Json
from reconciler.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Live:
    """One object as the service answers it, server-owned fields included."""

    kind: Kind
    id: str
    document: Mapping[str, Json]

    @property
    def etag(self) -> str | None:
        """The etag as it stands in the body, inner quotes included; opaque, None on specs (FACTS 7)."""
        etag = self.document.get("etag")
        return etag if isinstance(etag, str) else None


@dataclass(frozen=True, slots=True)
class Written:
    """What a write answered: the id, the etag where the answer had one, the whole object where it held that."""

    id: str
    etag: str | None
    document: Mapping[str, Json] | None = None
