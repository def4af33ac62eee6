"""Documents in SQLite: one row each, kept apart by organisation and sandbox."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from reconciler.emulator import catalogue
from reconciler.emulator.resources import Document

DEFAULT_SANDBOX: Final = "prod"
DEFAULT_ORGANISATION: Final = "emulator@AdobeOrg"

_CHUNK: Final = 256
_SCHEMA: Final = """
CREATE TABLE document (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  collection TEXT NOT NULL, organisation TEXT NOT NULL, sandbox TEXT NOT NULL, id TEXT NOT NULL,
  settles_at REAL NOT NULL, body TEXT NOT NULL,
  UNIQUE (collection, id, organisation, sandbox)
);
CREATE INDEX page ON document (collection, organisation, sandbox, seq);
CREATE TABLE counter (value INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
PRAGMA user_version = 1;
"""
_COLUMNS: Final = "seq, collection, organisation, sandbox, id, settles_at, body"


@dataclass(frozen=True, slots=True)
class Scope:
    """One sandbox of one organisation."""

    organisation: str = DEFAULT_ORGANISATION
    sandbox: str = DEFAULT_SANDBOX


CATALOGUE: Final = Scope("*", "*")
"""Where the specs live that every sandbox sees.

FACTS 13 leaves open whether custom specs are seen beyond their sandbox (X). Their bodies carry sandboxId and imsOrgId,
so here they are not: the stricter reading, which a client that plans sandbox by sandbox meets sooner.
"""


@dataclass(slots=True)
class Record:
    """One stored document; ``settles_at`` is when its last write is done (FACTS 9)."""

    collection: str
    scope: Scope
    id: str
    body: Document
    settles_at: float = 0.0
    seq: int = 0


OnChange: TypeAlias = Callable[[Record, Callable[[], Record | None], float | None], None]
"""Told of a document, how to read what it was before a change, and when that was (epoch seconds; None: now)."""


class Store:
    """All documents, and the counter that makes every etag another one; one lock, which callers may hold."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self.lock = threading.RLock()
        self.on_change: OnChange = lambda _record, _before, _at: None
        # Without the cache of statements: threads would share them, and one that is finished late (by the garbage
        # collector, in whatever thread) would be reset under another's feet.
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None, cached_statements=0)
        self._finalizer = weakref.finalize(self, self._db.close)
        self._execute("PRAGMA synchronous = OFF")  # an emulator's data need not outlive a power cut
        if self._execute("PRAGMA user_version") == [(0,)]:
            self._db.executescript(_SCHEMA)
            for collection, document in catalogue.documents():
                self.insert(Record(collection, CATALOGUE, document["id"], document))

    def close(self) -> None:
        """Let the file go, once nobody is in the middle of something."""
        with self.lock:
            self._finalizer()

    def seed(
        self,
        collection: str,
        document: Document,
        sandbox: str = DEFAULT_SANDBOX,
        organisation: str = DEFAULT_ORGANISATION,
    ) -> None:
        """Put a document as it is, with its own id and etag, e.g. a documented reply; one of that id is replaced."""
        record = Record(collection, Scope(organisation, sandbox), document["id"], document)
        with self.lock:
            replaced = self.find(collection, record.id, record.scope)
            if replaced:  # a spec of the catalogue stays one, seen by every sandbox
                record.scope = replaced.scope
                self.delete(replaced)
            self.insert(record)

    def get(self, collection: str, identifier: str, sandbox: str | None = None) -> Document | None:
        """Return a document as it truly is, secrets in clear, for tests to look at."""
        record = self.anywhere(collection, identifier, sandbox)
        return record.body if record else None

    def documents(self, collection: str, sandbox: str = DEFAULT_SANDBOX) -> list[Document]:
        """Return the documents of a sandbox, of every organisation, in the order of their making, for tests."""
        rows = self._rows("collection = ? AND sandbox IN (?, '*') ORDER BY seq", collection, sandbox)
        return [record.body for record in rows]

    def find(self, collection: str, identifier: str, scope: Scope) -> Record | None:
        """Return what a caller in scope sees under an id."""
        where = "collection = ? AND id = ? AND ((organisation = ? AND sandbox = ?) OR organisation = '*')"
        rows = self._rows(where, collection, identifier, scope.organisation, scope.sandbox)
        return rows[0] if rows else None

    def anywhere(self, collection: str, identifier: str, sandbox: str | None = None) -> Record | None:
        """Return the first document of an id, wherever it lives or in one sandbox."""
        rows = self._rows("collection = ? AND id = ? ORDER BY seq", collection, identifier)
        return next((row for row in rows if sandbox is None or row.scope.sandbox in (sandbox, "*")), None)

    def scan(self, collection: str, scope: Scope, after: int = 0) -> Iterator[Record]:
        """Yield what a caller in scope sees, in the order of its making, from behind a sequence number."""
        where = (
            "collection = ? AND seq > ? AND ((organisation = ? AND sandbox = ?) OR organisation = '*')"
            f" ORDER BY seq LIMIT {_CHUNK}"
        )
        while rows := self._rows(where, collection, after, scope.organisation, scope.sandbox):
            yield from rows
            after = rows[-1].seq

    def insert(self, record: Record) -> None:
        """Add a document."""
        scope, body = record.scope, json.dumps(record.body)
        values = (record.collection, scope.organisation, scope.sandbox, record.id, record.settles_at, body)
        sql = "INSERT INTO document (collection, organisation, sandbox, id, settles_at, body) VALUES (?,?,?,?,?,?)"
        self.on_change(record, lambda: None, None)
        with self.lock:
            self._execute(sql, *values)
            ((record.seq,),) = self._execute("SELECT last_insert_rowid()")

    def save(self, record: Record) -> None:
        """Write a changed document back."""
        self.on_change(record, lambda: self._stored(record), None)
        sql = "UPDATE document SET body = ?, settles_at = ? WHERE seq = ?"
        self._execute(sql, json.dumps(record.body), record.settles_at, record.seq)

    def delete(self, record: Record, at: float | None = None) -> None:
        """Take a document away; ``at`` is when that was, if it was not now."""
        self.on_change(record, lambda: self._stored(record), at)
        self._execute("DELETE FROM document WHERE seq = ?", record.seq)

    def delete_where_state(self, state: str, settled_by: float) -> None:
        """Take away every document of a state whose last write was done by then."""
        for record in self._rows("settles_at <= ? AND json_extract(body, '$.state') = ?", settled_by, state):
            self.delete(record, record.settles_at)

    def tick(self) -> int:
        """Return a number never returned before by this store."""
        with self.lock:
            self._execute("UPDATE counter SET value = value + 1")
            ((value,),) = self._execute("SELECT value FROM counter")
        return int(value)

    def _stored(self, record: Record) -> Record | None:
        """Return a document as it was last written."""
        rows = self._rows("seq = ?", record.seq)
        return rows[0] if rows else None

    def _rows(self, where: str, *values: Any) -> list[Record]:
        sql = f"SELECT {_COLUMNS} FROM document WHERE {where}"  # noqa: S608 - where is a constant of this file
        return [
            Record(collection, Scope(organisation, sandbox), identifier, json.loads(body), settles_at, seq)
            for seq, collection, organisation, sandbox, identifier, settles_at, body in self._execute(sql, *values)
        ]

    def _execute(self, sql: str, *values: Any) -> list[Any]:
        """Run one statement to its end, its cursor closed before anybody else may run one."""
        with self.lock, closing(self._db.execute(sql, values)) as cursor:
            return cursor.fetchall()
