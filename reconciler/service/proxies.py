"""Which proxy stands between us and a base URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests.utils import should_bypass_proxies

from reconciler.model.errors import UsageError
from reconciler.model.secrets import Secret
from reconciler.service.hosts import is_loopback


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked base URL and the proxy to it, whose URL may hold a password; ``variable`` is where the base is set."""

    base: str
    proxy: Secret | None = None
    variable: str = "AEP_BASE_URL"


def endpoint(base: str, environ: Mapping[str, str], variable: str = "AEP_BASE_URL") -> Endpoint:
    """Return the endpoint of a base URL: HTTPS_PROXY counts for https only, and never for loopback.

    The variables are read here rather than by requests (``trust_env``), which would send loopback through a proxy, and
    would take credentials from a netrc file. HTTP_PROXY and ALL_PROXY are for what else there is: we speak https alone.
    Raises UsageError for a proxy that is none.
    """
    parts = urlsplit(base)
    name, proxy = _variable(environ, "https_proxy")
    if parts.scheme != "https" or not proxy or is_loopback(parts.hostname or ""):
        return Endpoint(base, None, variable)
    if should_bypass_proxies(base, no_proxy=_variable(environ, "no_proxy")[1]):
        return Endpoint(base, None, variable)
    return Endpoint(base, Secret(_checked(name, proxy)), variable)


def _checked(name: str, proxy: str) -> str:
    url = proxy if "://" in proxy else f"http://{proxy}"  # as curl reads it
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or not url.isascii() or not url.isprintable() or " " in url:
        # Not shown: what stands before an @ may be a password.
        raise UsageError(f"{name}: that is no URL of a proxy; write http://HOST:PORT (SOCKS is not supported)")
    return url


def _variable(environ: Mapping[str, str], name: str) -> tuple[str, str]:
    """Return the variable that counts and its value; lower case first, as curl and requests read them."""
    for variable in (name, name.upper()):
        if value := environ.get(variable, "").strip():
            return variable, value
    return name.upper(), ""
