"""Credentials inside a text that is no secret as a whole: where they stand, and the text without them.

A URL, a DSN, a header or a note that somebody pasted may hold a password that no schema marks. It is found by its
form. What is cut out is the credential alone, so that the rest can still be compared by eye; where it is not clear how
far it goes, the whole text is masked. What looks like a place to be filled in is none.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from reconciler.model.secrets import MASK
from reconciler.model.sensitive import is_sensitive_key

WHOLE: Final = f"{MASK} (holds credentials)"
"""What stands for a text of which no part can be shown safely."""

Span = tuple[int, int]

_HINT: Final = re.compile(
    r"[=@]|[\"']\s*:|eyJ|PRIVATE KEY|bearer|basic|token\s|login|gh[pousr]_|github_pat_|glpat-|xox|aiza|k_live_|dapi|"
    r"hvs\.|npm_|pypi-|SG\.",
    re.IGNORECASE,
)
"""Nearly every text is over here."""

_NO_SECRET: Final = re.compile(
    r"|true|false|null|none|\$?\{+[A-Za-z_][\w. -]*\}+|\$\w+|\$\(\w+\)|%\w+%|%s|:\w+|\?|<[A-Za-z_][\w. -]*>|"
    r"\[?redacted\]?|\*+|•+(?: \(holds credentials\))?",
    re.IGNORECASE,
)
"""What stands where a secret would and is none: nothing, a switch, a place to be filled in, a mask."""

_USERINFO: Final = re.compile(r"://[^\s/?#@:]{0,256}:(?![0-9]+[/?#])(?P<value>[^\s/?#]{1,512}|\S{1,512})@")
"""A user and a password before a host; a port, behind which an address may stand in the path, is none."""

_TOKEN_AS_USER: Final = re.compile(r"https?://(?P<value>(?=[^\s/?#@:]*[0-9])(?=[^\s/?#@:]*[A-Za-z])[\w.~-]{20,512})@")
"""A token in a user's place; not for other schemes, where a container or a bucket stands there."""

_ORACLE: Final = re.compile(
    r"(?:jdbc:oracle:\w+:|(?<![\w:/.-]))[A-Za-z][\w$#]{0,127}/(?P<value>[^\s/]{1,256})@"
    r"(?=//|\(DESCRIPTION|(?!sha\d+:)[\w.-]+:\d+(?:[/:]|\Z|\s))",
    re.IGNORECASE,
)
"""``user/password@host:port``, as Oracle's clients take it."""

_KEY_VALUE: Final = re.compile(r"(?<![\w.%/-])(?P<key>[\w.-]{1,128})\s*=(?!=)\s*")
"""A setting of a DSN or of a query; not a comparison, and not a folder that is called so."""

_QUERY: Final = re.compile(
    r"(?:(?:^|[?&])(?:sig|code|signature|x-amz-signature|x-goog-signature)|(?:^|;)\s*accesskey)=", re.IGNORECASE
)
"""Names that are a secret's only there: a signature of shared access, the key of a function or of an endpoint."""

_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'|\{(?:[^}]|\}\})*\}")
_OPENING: Final = "\"'{"
_IN_LIST: Final = re.compile(r"[^;]*")
_BARE: Final = re.compile(r"[^&\s,#)]*")
_STATEMENT: Final = re.compile(r"\s*(?:select|with|insert|update|delete|merge)\s", re.IGNORECASE)

_MEMBER: Final = re.compile(
    r"(?P<quote>\\{0,8}[\"'])(?P<key>[\w.-]{1,128})(?P=quote)\s*:\s*"
    r"(?:(?P=quote)(?P<text>.*?)(?P=quote)|(?P<number>-?\d[\d.]*))",
    re.DOTALL,
)
"""A member of a JSON object within a text, escaped or not."""

_PEM: Final = re.compile(
    r"-----BEGIN (?P<kind>[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----(?P<value>.*?)(?:-----END (?P=kind)-----|\Z)",
    re.DOTALL,
)
_JWT: Final = re.compile(r"(?<![\w.-])(?P<value>eyJ[\w-]{10,}\.[\w-]{2,}\.[\w-]*(?:\.[\w-]+){0,2})")
_BEARER: Final = re.compile(
    r"(?<!\w)(?:authorization\W{1,4}(?:bearer|basic|token)\s+(?P<value>[^\s\"',;]{1,4096})|"
    r"bearer\s+(?P<bearer>(?=[^\s\"',;]*[0-9])[\w.~+/=-]{8,})|token\s+(?P<token>(?=[^\s\"',;]*[0-9])[\w.~+/=-]{20,}))",
    re.IGNORECASE,
)
_BASIC: Final = re.compile(r"(?<!\w)basic\s+(?P<value>[A-Za-z0-9+/_-]{6,}={0,2})", re.IGNORECASE)
_LOGIN: Final = re.compile(r"(?<!\w)login\s+\S+\s+password\s+(?P<value>\S+)")
_KNOWN_TOKEN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?P<value>gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|"
    r"AIza[\w-]{30,}|[sr]k_live_\w{16,}|dapi[0-9a-f]{30,}|hvs\.[\w-]{20,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,}|"
    r"SG\.[\w-]{16,}\.[\w-]{16,})"
)
"""Tokens whose makers gave them a beginning of their own, so that they can be found."""

_FORMS: Final = (_USERINFO, _TOKEN_AS_USER, _ORACLE, _PEM, _JWT, _BEARER, _LOGIN, _KNOWN_TOKEN)


def holds_credentials(text: str) -> bool:
    """Iff a text that is no secret as a whole has one in it: a password, a key, a token or a signature."""
    return mask_credentials(text) != text


def mask_credentials(text: str) -> str:
    """Return a text without the credentials in it, :data:`WHOLE` where they cannot be cut out. Idempotent."""
    if not _HINT.search(text):
        return text
    spans = list(_spans(text))
    if not spans:
        return text
    if (0, len(text)) in spans:
        return WHOLE
    masked = _cut(text, spans)
    return WHOLE if any(_spans(masked)) else masked


def _cut(text: str, spans: list[Span]) -> str:
    parts, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            parts += [text[at:start], MASK] if start >= at else []
            at = end
    return "".join([*parts, text[at:]])


def _spans(text: str) -> Iterator[Span]:
    """Every credential of a text; they may lie in each other. All of it where one's end cannot be told."""
    for pattern in _FORMS:
        for match in pattern.finditer(text):
            name = next(name for name in ("value", "bearer", "token") if match.groupdict().get(name) is not None)
            yield from _real(text, match.span(name))
    for match in _BASIC.finditer(text):
        if _is_pair(match["value"]):
            yield match.span("value")
    for match in _MEMBER.finditer(text):
        if is_sensitive_key(match["key"]):
            start, end = match.span("number" if match["text"] is None else "text")
            yield from _real(text, (0, len(text)) if text[:end].endswith("\\") else (start, end))
    yield from _settings(text)


def _settings(text: str) -> Iterator[Span]:
    """Every value behind ``key=`` whose key is a secret's; of a statement in SQL only those that are quoted."""
    starts = [match.end() for match in _KEY_VALUE.finditer(text) if is_sensitive_key(match["key"])]
    starts += [match.end() for match in _QUERY.finditer(text)]
    reached = 0
    for start in sorted(starts):
        if start < reached:  # inside of a value
            continue
        quote = text[start : start + 1]
        if quoted := _QUOTED.match(text, start):
            reached = quoted.end()
            yield from _real(text, _quoted(text, quoted))
        elif quote and quote in _OPENING:
            yield 0, len(text)
        elif not _STATEMENT.match(text):
            bare = (_IN_LIST if ";" in text else _BARE).match(text, start)
            reached = start + len(bare[0].rstrip()) if bare else start
            yield from _real(text, (start, reached))


def _quoted(text: str, value: re.Match[str]) -> Span:
    """Return what is inside quotes or braces; all of the text where the value goes on behind them."""
    if _NO_SECRET.fullmatch(value[0]):
        return value.end(), value.end()
    behind = text[value.end() : value.end() + 1]
    if behind.isalnum() or behind == value[0][0]:
        return 0, len(text)
    return value.start() + 1, value.end() - 1


def _real(text: str, span: Span) -> Iterator[Span]:
    if not _NO_SECRET.fullmatch(text[span[0] : span[1]].strip()):
        yield span


def _is_pair(coded: str) -> bool:
    """Iff a text is base64 of a user and a password (RFC 7617)."""
    try:
        plain = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_" if set("-_") & set(coded) else None)
        return ":" in plain.decode()
    except (ValueError, binascii.Error):
        return False
