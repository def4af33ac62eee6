"""Why there is no answer, in words for somebody who was woken by it.

What was certainly not sent is told from what may have been, by the kind of failure: a name that does not resolve, a
connection that is not made, a certificate that is refused, a proxy that does not let us through all come before the
first byte of a request. Everything else counts as sent.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, IncompleteRead, NameResolutionError, ReadTimeoutError

from reconciler.model.errors import OutcomeUnknown, Unreachable
from reconciler.model.secrets import Redactor
from reconciler.service.hosts import is_loopback
from reconciler.service.proxies import Endpoint

# NewConnectionError and NameResolutionError are ConnectTimeoutErrors to urllib3.
_NOTHING_SENT: Final = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    ConnectTimeoutError,
    ssl.SSLCertVerificationError,
    UnicodeError,
)
_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})", re.ASCII)
_DECIDED: Final = ("4", "3")  # the first digits of a proxy's answers that no repetition changes
NEEDS_LOGIN: Final = "407"


class Hopeless(Unreachable):
    """Nothing was sent, and asking again at once will not help: a certificate, a proxy's no, an open breaker."""


def loss(endpoint: Endpoint, what: str, error: Exception, redactor: Redactor) -> Unreachable | OutcomeUnknown:
    """Return what a failed exchange means; ``what`` is method and path."""
    host, causes = host_of(endpoint), list(causes_of(error))
    if not any(isinstance(cause, _NOTHING_SENT) for cause in causes):
        return OutcomeUnknown(f"no whole answer from {host} to {what}: {_reason(causes, redactor)}")
    head = f"cannot reach {host} for {what}, nothing was sent"
    if isinstance(causes[0], requests.exceptions.ProxyError):
        return _at_proxy(head, endpoint, causes, redactor)
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        return Hopeless(
            f"{head}: its certificate was refused: {_words(certificate.verify_message, redactor)} (if your network "
            "looks into TLS, name the file of its CA certificate in REQUESTS_CA_BUNDLE; TLS is always verified)"
        )
    return Unreachable(f"{head}: {_reason(causes, redactor)} ({advice(endpoint)})")


def reason_of(endpoint: Endpoint, error: Exception, redactor: Redactor) -> str:
    """Return why there is no answer, in a few words; where a proxy is to blame, it is named."""
    causes = list(causes_of(error))
    if isinstance(causes[0], requests.exceptions.ProxyError):
        return _proxy_reason(endpoint, causes, redactor)
    return _reason(causes, redactor)


def host_of(endpoint: Endpoint) -> str:
    """Return an endpoint's host and, where it is named, port."""
    return urlsplit(endpoint.base).netloc


def advice(endpoint: Endpoint) -> str:
    """Return what to look at when a host does not answer."""
    if is_loopback(urlsplit(endpoint.base).hostname or ""):
        return f"is anything running there? check {endpoint.variable}, or start it: reconciler emulate"
    proxy = f"the proxy {proxy_of(endpoint)}" if endpoint.proxy else "HTTPS_PROXY if you need a proxy"
    return f"check the network, {proxy}, {endpoint.variable} and Adobe's status page, then run the command again"


def _at_proxy(head: str, endpoint: Endpoint, causes: list[BaseException], redactor: Redactor) -> Unreachable:
    told, status = f"{head}: {_proxy_reason(endpoint, causes, redactor)}", tunnel_status(causes)
    if status is None:
        return Unreachable(f"{told} (check HTTPS_PROXY)")
    if status == NEEDS_LOGIN:
        hint = "it wants a user and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"
    else:
        hint = "ask who runs it to let this host through, or name the host in NO_PROXY"
    kind = Hopeless if status.startswith(_DECIDED) else Unreachable
    return kind(f"{told} ({hint})")


def _proxy_reason(endpoint: Endpoint, causes: list[BaseException], redactor: Redactor) -> str:
    proxy, status = f"the proxy {proxy_of(endpoint)}", tunnel_status(causes)
    return f"{proxy} answered {status}" if status else f"{proxy} cannot be reached: {_reason(causes, redactor)}"


def tunnel_status(causes: list[BaseException]) -> str | None:
    """Return the status with which a proxy refused; http.client has it in words alone."""
    matches = (_TUNNEL.match(str(cause)) for cause in causes if isinstance(cause, OSError))
    return next((match[1] for match in matches if match), None)


def proxy_of(endpoint: Endpoint) -> str:
    """Return the proxy's host and port, without who we are to it."""
    return urlsplit(endpoint.proxy.reveal()).netloc.rpartition("@")[2] if endpoint.proxy else ""


def _reason(causes: list[BaseException], redactor: Redactor) -> str:
    """Return the cause in words, without numbers and names of the system's library."""
    for kind, words in _WORDS:
        if any(isinstance(cause, kind) for cause in causes):
            return words
    return _words(str(causes[-1]), redactor) or type(causes[-1]).__name__


_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (NameResolutionError, "its name is not known here (DNS)"),
    (socket.gaierror, "its name is not known here (DNS)"),
    (ConnectionRefusedError, "the connection was refused"),
    (requests.exceptions.ConnectTimeout, "no connection was made in time"),
    (requests.exceptions.ReadTimeout, "no answer came in time"),
    (ReadTimeoutError, "no answer came in time"),
    (ConnectionResetError, "the connection was reset"),
    (ConnectionAbortedError, "the connection was closed"),
    (BrokenPipeError, "the connection was closed"),
    (IncompleteRead, "the answer broke off"),
    (requests.exceptions.ContentDecodingError, "the answer cannot be unpacked"),
)
"""What the failures that everybody meets are called; the first that fits counts."""


def _words(text: str, redactor: Redactor) -> str:
    # NewConnectionError and its like begin with the connection object; what a reader wants follows.
    whole = redactor.redact(text)  # before it is squeezed and cut: half a secret would not be recognised
    shown = whole.rpartition("object at 0x")[2].partition(": ")[2] or whole
    return re.sub(r"^\[Errno -?\d+\] ", "", " ".join(shown.split()))[:300]


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it wraps, outermost first: requests and urllib3 keep the cause in three places."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = _inner(following)


def _inner(error: BaseException) -> BaseException | None:
    for inner in (getattr(error, "reason", None), getattr(error, "original_error", None), *error.args, error.__cause__):
        if isinstance(inner, BaseException):
            return inner
    return None
