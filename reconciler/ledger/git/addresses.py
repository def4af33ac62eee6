"""URLs of git repositories: which transport they ask for, which host they go to, and what of them may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?:(?P<user>[^/@:]*)(?::(?P<password>[^/@]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:]+\]|[^/@:\[\]]*)(?::(?P<port>[0-9]*))?(?P<path>/.*)?",
    re.DOTALL,
)
_SCP: Final = re.compile(r"(?:[^/@:]+@)?(?P<host>\[[^/\]]+\]|[^/:@\[\]]+):(?P<path>(?!:).*)", re.DOTALL)
_USERINFO: Final = re.compile(r"(?<=://)[^/\s@]+@")
_PORTS: Final = {"http": 80, "https": 443, "ssh": 22}
_LOOPBACK: Final = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a repository is. ``scheme`` is ``file`` for a path; ``host`` is empty for it, else in lower case.

    ``user`` and ``password`` are as they stand in the URL, ``url`` is without the password, and without the user too
    where there is a password.
    """

    url: str
    scheme: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""

    @property
    def is_loopback(self) -> bool:
        """Iff it is a host that is this machine."""
        return bool(_LOOPBACK.fullmatch(self.host))

    @property
    def shown(self) -> str:
        """The URL without what stands before the host: it may be a token."""
        return without_userinfo(self.url) if self.scheme in ("http", "https") else self.url


def address(text: str, base: Path) -> Address:
    """Read what git takes for a repository; a relative path is one from ``base``."""
    match = _URL.fullmatch(text)
    if match is not None and match["scheme"].lower() != "file":
        return _of_url(text, match)
    scp = None if match else _SCP.fullmatch(text)
    if scp is not None:
        return Address(text, "ssh", scp["host"].lower(), _PORTS["ssh"])
    if match is not None:
        return Address(text, "file")
    transport, colons, _ = text.partition("::")
    if colons:
        return Address(text, transport + colons)
    return Address(str(base / text), "file")


def without_userinfo(text: str) -> str:
    """Return a text without what stands before the host in its URLs."""
    return _USERINFO.sub("", text)


def _of_url(text: str, match: re.Match[str]) -> Address:
    scheme, host, user, password = match["scheme"].lower(), match["host"].lower(), match["user"], match["password"]
    port = int(match["port"]) if match["port"] else _PORTS.get(scheme, 0)
    return Address(
        url=without_userinfo(text) if password else text,
        scheme=scheme,
        host=host,
        port=port,
        user=user or "",
        password=password or "",
    )
