"""What the service writes into a document at every write: etag, times, people (FACTS 7, 8)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Final

from reconciler.emulator.past import Past
from reconciler.emulator.resources import PATCHED, SPECS, Document
from reconciler.emulator.settings import Settings
from reconciler.emulator.store import Record, Scope, Store

_SCRAMBLE: Final = 2654435761
_WORD: Final = 2**32


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: a user and the client it comes through."""

    by: str
    client: str


CONNECTORS: Final = Actor("acp_foundation_connectors@AdobeID", "acp_foundation_connectors")
"""The service itself, when a finished run rewrites its flow (FACTS 7)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One admitted call: by whom, and in which sandbox."""

    actor: Actor
    scope: Scope


@dataclass(slots=True)
class Service:
    """What every handler needs: the documents, and how this Flow Service behaves."""

    store: Store
    settings: Settings
    past: Past = field(init=False)

    def __post_init__(self) -> None:
        self.past = Past(self.store, lambda: self.settings)

    def now_ms(self) -> int:
        """Return the time of a write in milliseconds."""
        return int(self.settings.clock() * 1000)


def created(service: Service, call: Call, record: Record) -> None:
    """Stamp a document that is being made."""
    now, actor, scope = service.now_ms(), call.actor, call.scope
    record.body = {
        "id": record.id,
        "createdAt": now,
        "updatedAt": now,
        "createdBy": actor.by,
        "updatedBy": actor.by,
        "createdClient": actor.client,
        "updatedClient": actor.client,
        **belonging(scope),
        **record.body,
    }
    moved(service, record)


def updated(service: Service, actor: Actor, record: Record) -> None:
    """Stamp a document that somebody has changed."""
    record.body |= {"updatedAt": service.now_ms(), "updatedBy": actor.by, "updatedClient": actor.client}
    moved(service, record)


def moved(service: Service, record: Record) -> None:
    """Give a document its next etag; ``version`` repeats it, but on runs, and specs have none (FACTS 7)."""
    if record.collection in SPECS and not service.settings.spec_etags:
        return
    record.body["etag"] = etag(service)
    if record.collection in PATCHED:
        record.body["version"] = record.body["etag"]


def etag(service: Service) -> str:
    """Return an etag, by default in the standard form: unique word, then the second of the write, within quotes."""
    word, form = service.store.tick() * _SCRAMBLE % _WORD, service.settings.etag_form
    if form == "uuid":
        return f'"{uuid.uuid5(uuid.NAMESPACE_OID, str(word))}"'
    opaque = f"{word:08x}-0000-0200-0000-{int(service.settings.clock()) % _WORD:08x}0000"
    return {"standard": f'"{opaque}"', "unquoted": opaque, "weak": f'W/"{opaque}"'}[form]


def current(record: Record) -> str:
    """Return a document's etag; a spec of the catalogue, which was never written, has one by its id."""
    return str(record.body.get("etag") or f'"{uuid.uuid5(uuid.NAMESPACE_OID, record.id)}"')


def belonging(scope: Scope) -> Document:
    """Return the fields that say where a document lives."""
    sandbox_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox:{scope.organisation}/{scope.sandbox}"))
    return {"sandboxId": sandbox_id, "sandboxName": scope.sandbox, "imsOrgId": scope.organisation}
