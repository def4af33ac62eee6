"""Which part of the way to a host is at fault, and where to mend it: told by the type of what stood in the way."""

from __future__ import annotations

import socket
import ssl
from typing import Final

import requests
from urllib3.exceptions import NameResolutionError

from reconciler.model.errors import ServiceError
from reconciler.service.losses import NEEDS_LOGIN, causes_of, proxy_of, tunnel_status
from reconciler.service.proxies import Endpoint

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

_UNTIMELY: Final = frozenset({9, 10})
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


def why_unreached(error: ServiceError, endpoint: Endpoint) -> tuple[str, str]:
    """Return what stood in the way, and where to mend it."""
    causes = list(causes_of(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code in _UNTIMELY for cause in causes):
        mend = f"is this machine's clock right? If so, it is for whoever runs {endpoint.base} to renew it"
        return f"the certificate is not valid at this machine's time: {error}", mend
    if tunnel_status(causes) == NEEDS_LOGIN:
        return f"the proxy wants a password: {error}", "put user and password into HTTPS_PROXY"
    for kinds, found, mend in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return f"{found}: {error}", mend.format(variable=endpoint.variable)
    return f"no whole answer from {endpoint.base}: {error}", f"check the network and {endpoint.variable}, try again"


def answers(endpoint: Endpoint) -> str:
    """Return that an endpoint answers, and through which proxy: by host and port, not by who we are to it."""
    if endpoint.proxy is None:
        return f"{endpoint.base} answers"
    return f"{endpoint.base} answers, through the proxy {proxy_of(endpoint)}"
