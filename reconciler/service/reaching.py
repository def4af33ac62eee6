"""Which part of the way to a host is at fault, and where to mend it: told by the type of what stood in the way."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError

from reconciler.model.errors import ServiceError
from reconciler.service.proxies import Endpoint

# http.client gives the status of a refused tunnel in words alone; nothing else raises an OSError that begins so.
_WANTS_LOGIN: Final = re.compile(r"Tunnel connection failed: 407\b", re.ASCII)

_REASONS: Final[tuple[tuple[tuple[type[BaseException], ...], str, str], ...]] = (
    ((requests.exceptions.ProxyError,), "the proxy does not let us through", "check HTTPS_PROXY and NO_PROXY"),
    (
        (NameResolutionError, socket.gaierror),
        "the host's name is not known here (DNS)",
        "check the spelling of {variable}, and the network",
    ),
    (
        (ssl.SSLError,),
        "the certificate is not trusted, or there is no TLS",
        "check {variable}; a company's proxy may sign for itself: name its CA file in REQUESTS_CA_BUNDLE",
    ),
    ((ConnectionRefusedError,), "nothing listens there (refused)", "check host and port of {variable}"),
    (
        (requests.exceptions.Timeout, TimeoutError),
        "no answer in time",
        "check {variable}; a firewall may be in the way: is a proxy needed (HTTPS_PROXY)?",
    ),
)
"""What stood in the way, the nearest first."""


def why_unreached(error: ServiceError, endpoint: Endpoint) -> tuple[str, str]:
    """Return what stood in the way, and where to mend it."""
    causes = list(_causes(error))
    if any(isinstance(cause, OSError) and _WANTS_LOGIN.match(str(cause)) for cause in causes):
        return f"the proxy wants a password: {error}", "put user and password into HTTPS_PROXY"
    for kinds, found, mend in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return f"{found}: {error}", mend.format(variable=endpoint.variable)
    return f"no whole answer from {endpoint.base}: {error}", f"check the network and {endpoint.variable}, try again"


def answers(endpoint: Endpoint) -> str:
    """Return that an endpoint answers, and through which proxy: by host and port, not by who we are to it."""
    if endpoint.proxy is None:
        return f"{endpoint.base} answers"
    return f"{endpoint.base} answers, through the proxy {urlsplit(endpoint.proxy.reveal()).netloc.rpartition('@')[2]}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it wraps: requests and urllib3 keep a cause in four places."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
