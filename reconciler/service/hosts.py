"""Which hosts may be sent a token or a client secret.

Adobe's own, loopback, and what ``RECONCILER_TRUSTED_HOSTS`` names; nothing else, because a base URL is an environment
variable, and whoever can set it in a pipeline must not thereby be sent the credentials.

A URL is accepted in one plain spelling only. Parsers disagree about backslashes, userinfo, odd numbers for addresses
and characters that look like others; what every parser reads alike leaves nothing to disagree about.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from reconciler.model.errors import UsageError

TRUSTED_VARIABLE: Final = "RECONCILER_TRUSTED_HOSTS"

# FACTS (Base URL, section 3) name these three.
ADOBE_HOSTS: Final = frozenset({"platform.adobe.io", "platform-stage.adobe.io", "ims-na1.adobelogin.com"})

# The regional forms of the two: platform-nld2.adobe.io, ims-eu1.adobelogin.com, ims-na1-stg1.adobelogin.com.
ADOBE_PATTERNS: Final = (
    re.compile(r"platform-[a-z]{2,5}[0-9]{0,2}\.adobe\.io", re.ASCII),
    re.compile(r"ims-[a-z]{2,4}[0-9]{1,2}(-[a-z]{2,5}[0-9]{0,2})?\.adobelogin\.com", re.ASCII),
)

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = rf"(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:]{{2,39}}\])(?::(?P<port>[1-9][0-9]{{0,4}}))?"
_ORIGIN: Final = re.compile(_HOST, re.ASCII)
_BASE: Final = re.compile(rf"(?P<scheme>https?)://(?P<origin>{_HOST})(?P<path>(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)/?")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class TrustedHosts:
    """Hosts that somebody vouched for: a host alone (any port), or a host and its port."""

    entries: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str) -> TrustedHosts:
        """Read a comma-separated list; raises UsageError for what is no host."""
        entries = [entry.strip().lower() for entry in text.split(",") if entry.strip()]
        for entry in entries:
            if not _ORIGIN.fullmatch(entry):
                raise UsageError(f"{TRUSTED_VARIABLE}: {entry!r} is neither a host nor host:port")
        return cls(frozenset(entries))

    def name(self, host: str, port: int) -> bool:
        """Iff the list names this host, with this port or with none."""
        return host in self.entries or f"{host}:{port}" in self.entries


def check_base(url: str, variable: str, trusted: TrustedHosts) -> str:
    """Return a base URL in its canonical spelling, without a slash at the end.

    Raises UsageError, which names the variable, unless credentials may be sent there.
    """
    match = _match(url, variable)
    scheme, host = match["scheme"], match["host"]
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS[scheme]
    if is_loopback(host):
        return _canonical(match)
    if not (_is_adobe(host) and port == _DEFAULT_PORTS["https"]) and not trusted.name(host, port):
        raise UsageError(
            f"{variable}: {host}:{port} is not a host of Adobe's, and the token would go there; "
            f"if that is meant, name it in {TRUSTED_VARIABLE}"
        )
    if scheme != "https":
        raise UsageError(f"{variable}: https is required for {host}; plain http is for loopback alone")
    return _canonical(match)


def is_loopback(host: str) -> bool:
    """Iff host is localhost, 127.0.0.0/8 as four plain numbers, or ::1."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return str(address) == host.strip("[]") and (address.version == 4 or str(address) == "::1") and address.is_loopback  # noqa: PLR2004 - IP version 4


def _match(url: str, variable: str) -> re.Match[str]:
    # Scheme and host are lowered as ASCII only: str.lower would turn the Kelvin sign into a k.
    scheme, separator, rest = url.partition("://")
    origin, slash, path = rest.partition("/")
    match = _BASE.fullmatch("".join([_lower(scheme), separator, _lower(origin), slash, path]))
    if match is None or int(match["port"] or 1) > _LAST_PORT:
        raise UsageError(
            f"{variable}: {_shown(url)} is no base URL; write https://HOST[:PORT][/PATH] in plain letters, "
            "without user, query or fragment"
        )
    return match


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else text


def _shown(url: str) -> str:
    # What stands before an @ may be a password.
    return ascii(url) if "@" not in url else "a URL with '@'"


def _is_adobe(host: str) -> bool:
    return host in ADOBE_HOSTS or any(pattern.fullmatch(host) for pattern in ADOBE_PATTERNS)


def _canonical(match: re.Match[str]) -> str:
    canonical = f"{match['scheme']}://{match['origin']}{match['path']}"
    if urlsplit(canonical).netloc != match["origin"]:
        raise AssertionError(f"urllib reads another host in {canonical!r}")
    return canonical
