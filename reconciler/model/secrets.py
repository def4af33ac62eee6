"""Secrets that cannot be shown by accident, and the fingerprints that tell when one changed.

A secret's value is inside a :class:`Secret` from where it is read to where its request is written. Printing,
formatting, comparing and pickling it give nothing away; only :meth:`Secret.reveal` does, and only the service client
calls it. A :class:`Redactor` stands at every sink as the second fence.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NoReturn
from urllib.parse import quote, quote_plus

from reconciler.diff.document import Json, Opaque

MASK: Final = "•••"


class Secret:
    """A value that shows itself only to :meth:`reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value; the caller answers for where it goes."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash would put a value's bits into tables

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never serialised")


class SecretOrigin(StrEnum):
    """Where a secret's value comes from."""

    ENV = "env"
    FILE = "file"
    LITERAL = "literal"


@dataclass(frozen=True, slots=True)
class SecretSlot(Opaque):
    """A leaf that becomes a secret's value.

    ``pointer`` is where it stands in the spec; ``key`` is the variable's name, the file's path, or for a literal a
    word that says so. ``literal`` holds the value iff origin is LITERAL: a password written into a manifest, which is
    warned of and masked all the same.
    """

    pointer: str
    origin: SecretOrigin
    key: str
    literal: Secret | None = None

    def shown(self) -> Json:
        """Stand in as ``{"$secret": "/pointer"}``."""
        return {"$secret": self.pointer}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretSlot) and self.pointer == other.pointer

    def __hash__(self) -> int:
        return hash(self.pointer)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the ledger keeps of a secret: a keyed hash, or both None when there was no key to hash with."""

    key_id: str | None
    hmac: str | None


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys derived from ``RECONCILER_KEY``: one for fingerprints, one for seals, and a public id of their root."""

    id: str
    _fingerprint: bytes
    _seal: bytes

    def __repr__(self) -> str:
        return f"Keys({self.id})"

    @classmethod
    def derive(cls, root: Secret) -> Keys:
        """Derive the keys (HKDF-Expand of RFC 5869 with SHA-256, one block, one label a use)."""
        prk = hmac.new(b"reconciler/v1", root.reveal().encode(), hashlib.sha256).digest()

        def expand(label: bytes) -> bytes:
            return hmac.new(prk, label + b"\x01", hashlib.sha256).digest()

        return cls(expand(b"id").hex()[:16], expand(b"fingerprint"), expand(b"seal"))

    def fingerprint(self, context: str, value: Secret) -> Fingerprint:
        """Hash a secret with its context (organisation, sandbox, id, pointer), so that equal values do not show."""
        message = json.dumps([context, value.reveal()]).encode()
        return Fingerprint(self.id, hmac.new(self._fingerprint, message, hashlib.sha256).hexdigest())

    def seal(self, purpose: str, content: bytes) -> str:
        """Return the seal of a file's content; purpose keeps a ledger's seal from passing for a plan's."""
        return hmac.new(self._seal, purpose.encode() + b"\x00" + content, hashlib.sha256).hexdigest()


class Redactor:
    """Replaces every secret that it knows, in four encodings, in whatever text passes a sink.

    Thread-safe. Values under four characters are not searched for in text: they would tear holes into every word;
    where such a value has a field of its own it is masked there. Of a value of several lines each longer line counts
    as a secret too: a key is often printed line by line.
    """

    SHORTEST: Final = 4
    SHORTEST_LINE: Final = 16

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def learn(self, value: str) -> None:
        """Redact this value from now on."""
        if len(value) < self.SHORTEST or value in self._known:
            return
        lines = [line for line in value.splitlines() if len(line) >= self.SHORTEST_LINE] if "\n" in value else []
        with self._lock:
            self._known.add(value)
            for part in (value, *lines):
                self._forms.update(form for form in encodings(part) if len(form) >= self.SHORTEST)
            self._pattern = None

    def learn_all(self, values: Iterable[str]) -> None:
        """Redact all of these from now on."""
        for value in values:
            self.learn(value)

    def redact(self, text: str) -> str:
        """Return text with a mask for every known secret, the longest form first."""
        if not self._forms:
            return text
        with self._lock:
            if self._pattern is None:
                longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))
            pattern = self._pattern
        return pattern.sub(MASK, text)


def encodings(value: str) -> set[str]:
    """Return a value plain, JSON-escaped (ASCII or not), URL-quoted (path, query) and base64 (both alphabets)."""
    raw = value.encode("utf-8", "surrogatepass")
    standard, url_safe = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    quoted = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    forms = {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        *quoted,
        *{form.lower() for form in quoted if "%" in form},
        standard,
        standard.rstrip("="),
        url_safe,
        url_safe.rstrip("="),
    }
    # Once more escaped: a gateway that wraps a JSON error into a string, a repr inside a repr.
    return forms | {json.dumps(form, ensure_ascii=False)[1:-1] for form in forms}
