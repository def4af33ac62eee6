"""Secrets that cannot be shown by accident, and the fingerprints that tell when one changed.

A secret's value is inside a :class:`Secret` from where it is read to where its request is written. Printing,
formatting, comparing and pickling it give nothing away; only :meth:`Secret.reveal` does, and only the service client
calls it. A :class:`Redactor` stands at every sink as the second fence.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NoReturn
from urllib.parse import quote, quote_plus

from reconciler.diff.document import Json, Opaque
from reconciler.model.net import HEAD, Net

MASK: Final = "•••"
_ODD: Final = 8
_URL_SAFE: Final = str.maketrans("+/", "-_")


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
    """Knows every secret of a run, and takes them out of what is about to be shown or kept.

    Three nets, as wide as what they are for allows:

    - ``redact`` for what others say (an error, a header, git's messages): whatever is known goes, the shortest where
      it stands alone.
    - ``redact_data`` for one value of a live document: a word that is public (see ``publish``) stays, since there it
      stands for itself. So what is shown does not depend on what somebody chose for a password.
    - ``redact_finished`` for a text of ours that is complete: only what is too odd to be a word of ours.

    Of a value of several lines each longer line counts as a secret too: a key is often printed line by line.
    Thread-safe.
    """

    SHORTEST: Final = HEAD
    SHORTEST_LINE: Final = 16

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._public: set[str] = set()
        self._nets: _Nets | None = None
        self._lock = threading.Lock()

    def learn(self, value: str) -> None:
        """Redact this value from now on."""
        self.learn_all([value])

    def learn_all(self, values: Iterable[str]) -> None:
        """Redact all of these from now on."""
        with self._lock:
            further = {value for value in values if value} - self._known
            if further:
                self._known |= further
                self._nets = None

    def publish(self, texts: Iterable[str]) -> None:
        """Take these texts for public: what git says in plain, ids, the service's own words.

        A secret that occurs in one of them is no secret as a text: to mask it there would tell that it is one, and
        would make a plan depend on a password.
        """
        with self._lock:
            further = {text for text in texts if text} - self._public
            if further:
                self._public |= further
                self._nets = None

    def redact(self, text: str) -> str:
        """Return a foreign text with a mask for every known secret."""
        nets = self._made()
        return nets.alone.sub(MASK, nets.all.replace(text, MASK)) if nets.alone else nets.all.replace(text, MASK)

    def knows(self, text: str) -> bool:
        """Iff a text holds a known secret, public or not; the shortest aside, which stand in every text."""
        return self._made().all.replace(text, MASK) != text

    def redact_data(self, text: str) -> str:
        """Return a text of a live document with a mask for every known secret that is not public."""
        return self._made().data.replace(text, MASK)

    def redact_finished(self, text: str) -> str:
        """Return a text of ours with a mask for every known secret that cannot be one of our words."""
        return self._made().finished.replace(text, MASK)

    def _made(self) -> _Nets:
        with self._lock:
            if self._nets is None:
                self._nets = _Nets.of(self._known, "\0".join(sorted(self._public)))
            return self._nets


@dataclass(frozen=True, slots=True)
class _Nets:
    """The nets over what is known; ``alone`` finds what is too short for a net, where it is no part of a word."""

    all: Net
    data: Net
    finished: Net
    alone: re.Pattern[str] | None

    @classmethod
    def of(cls, known: Iterable[str], public: str) -> _Nets:
        forms = {part: encodings(part) for value in known for part in _parts(value)}
        hidden = {part: words for part, words in forms.items() if part not in public}
        short = "|".join(sorted(re.escape(value) for value in known if len(value) < Redactor.SHORTEST))
        return cls(
            Net(word for words in forms.values() for word in words),
            Net(word for words in hidden.values() for word in words),
            Net(word for part, words in hidden.items() if is_odd(part) for word in words),
            re.compile(rf"(?<!\w)(?:{short})(?!\w)") if short else None,
        )


def is_odd(text: str) -> bool:
    """Iff a text is too long and too strange to be a word of ours."""
    return len(text) >= _ODD and not text.isalpha()


def _parts(value: str) -> list[str]:
    """Return what is searched for: a value and its longer lines."""
    if len(value) < Redactor.SHORTEST:
        return []
    lines = [line for line in value.splitlines() if len(line) >= Redactor.SHORTEST_LINE] if "\n" in value else []
    return [value, *lines]


def encodings(value: str) -> set[str]:
    """Return a value plain, JSON-escaped (ASCII or not), URL-quoted (path, query), HTML-escaped and base64.

    Of base64 both alphabets, and what does not change where the value stands behind something else, ``user:`` say.
    """
    raw = value.encode("utf-8", "surrogatepass")
    standard, url_safe = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    quoted = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    forms = {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        *_amid_base64(raw),
        *quoted,
        *{form.lower() for form in quoted if "%" in form},
        standard,
        standard.rstrip("="),
        url_safe,
        url_safe.rstrip("="),
    }
    # Once more escaped: a gateway that wraps a JSON error into a string, a repr inside a repr.
    return forms | {json.dumps(form, ensure_ascii=False)[1:-1] for form in forms}


def _amid_base64(raw: bytes) -> set[str]:
    """Return what base64 always has of a value, whatever stands before and behind it; nothing for a short one."""
    found = set()
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw).decode()
        whole = (before + len(raw)) // 3 * 4  # the last group may hold bits of what follows
        found.add(coded[before + (before > 0) : whole])
    found = {form for form in found if len(form) >= _ODD}
    return found | {form.translate(_URL_SAFE) for form in found}
