"""Where GitHub is for this job, and the token for it; both come from the variables that a workflow sets.

The token goes to the API's own host over https, and to loopback, where a stand-in may be; to nothing else.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from reconciler.model.errors import UsageError
from reconciler.model.secrets import Secret

_URL: Final = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?((?:/[A-Za-z0-9._~-]+)*)/?", re.ASCII)
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}", re.ASCII)
_TOKEN: Final = re.compile(r"[\x21-\x7e]+", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Access:
    """The API's base URL and the one for GraphQL, without a slash at the end, and ``owner/name``.

    ``run`` is the address of the workflow's run for people, None outside one.
    """

    api: str
    graphql: str
    repository: str
    token: Secret
    run: str | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Access:
        """Read ``GITHUB_TOKEN``, ``GITHUB_REPOSITORY`` and the URLs that a runner sets; raises UsageError."""
        missing = [name for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY") if not environ.get(name, "").strip()]
        if missing:
            raise UsageError(
                f"{' and '.join(missing)} not set: in a workflow, give the step GITHUB_TOKEN: ${{{{ github.token }}}}; "
                "elsewhere set both (GITHUB_REPOSITORY is owner/name)"
            )
        api = _base(environ, "GITHUB_API_URL", "https://api.github.com")
        graphql = _base(environ, "GITHUB_GRAPHQL_URL", f"{api.removesuffix('/v3')}/graphql")
        if urlsplit(graphql).netloc != urlsplit(api).netloc or urlsplit(graphql).scheme != urlsplit(api).scheme:
            raise UsageError("GITHUB_GRAPHQL_URL names another host than GITHUB_API_URL, and the token would go there")
        repository, token = environ["GITHUB_REPOSITORY"].strip(), environ["GITHUB_TOKEN"].strip()
        if not _REPOSITORY.fullmatch(repository):
            raise UsageError(f"GITHUB_REPOSITORY: {repository!a} is not owner/name")
        if not _TOKEN.fullmatch(token):
            raise UsageError("GITHUB_TOKEN: that is no token: it has spaces or odd characters in it")
        return cls(api, graphql, repository, Secret(token), run_page(environ))

    @property
    def secure(self) -> bool:
        """Iff the API is spoken to over https."""
        return self.api.startswith("https:")


def run_page(environ: Mapping[str, str]) -> str | None:
    """Return the address of this run for people, None outside of one; raises UsageError."""
    run, repository = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_REPOSITORY", "")
    if not _NUMBER.fullmatch(run) or not _REPOSITORY.fullmatch(repository):
        return None
    return f"{_base(environ, 'GITHUB_SERVER_URL', 'https://github.com')}/{repository}/actions/runs/{run}"


def _base(environ: Mapping[str, str], name: str, default: str) -> str:
    """Return a base URL in its plain spelling, without a slash at the end; raises UsageError."""
    text = environ.get(name, "").strip() or default
    match = _URL.fullmatch(text)
    if match is None:
        raise UsageError(f"{name}: write https://HOST[:PORT][/PATH] in plain letters, without user, query or fragment")
    if match[1] == "http" and not is_loopback(match[2]):
        raise UsageError(f"{name}: https is required for {match[2]}; plain http is for loopback alone")
    return text.removesuffix("/")


def is_loopback(host: str) -> bool:
    """Iff a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
