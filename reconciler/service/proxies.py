"""Which proxy stands between us and a base URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests.utils import should_bypass_proxies

from reconciler.model.secrets import Secret
from reconciler.service.hosts import is_loopback


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked base URL and the proxy to it; a proxy's URL may hold a password."""

    base: str
    proxy: Secret | None = None


def endpoint(base: str, environ: Mapping[str, str]) -> Endpoint:
    """Return the endpoint of a base URL: proxy variables count for https only, and never for loopback.

    The variables are read here rather than by requests (``trust_env``), which would send loopback through a proxy, and
    would take credentials from a netrc file.
    """
    parts = urlsplit(base)
    proxy = _variable(environ, "https_proxy")
    host = parts.hostname or ""
    if parts.scheme != "https" or not proxy or is_loopback(host):
        return Endpoint(base)
    if should_bypass_proxies(base, no_proxy=_variable(environ, "no_proxy")):
        return Endpoint(base)
    return Endpoint(base, Secret(proxy))


def _variable(environ: Mapping[str, str], name: str) -> str:
    # Lower case first, as curl and requests read them.
    return environ.get(name) or environ.get(name.upper()) or ""
