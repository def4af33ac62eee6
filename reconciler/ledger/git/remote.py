"""Where a ledger on a git ref lives, and what git has to be told to get there.

It is always reached as a remote, also where it is the manifests' own repository: so what is fetched shallowly, locked
or left behind by a killed git is never the user's.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.ledger.git.addresses import Address, address
from reconciler.ledger.git.environment import TOKEN_VARIABLE
from reconciler.ledger.git.program import Git
from reconciler.model.errors import LedgerError
from reconciler.model.secrets import Redactor

NAME: Final = "reconciler-ledger"
"""What the private repository calls the remote."""

_TRANSPORTS: Final = ("file", "https", "ssh")
_HANDED_ON: Final = ("http.", "credential.", "ssh.", "core.sshcommand", "core.gitproxy", "core.askpass")
_OWN_SCOPES: Final = frozenset({"local", "worktree"})
_UNSCOPED_HEADER: Final = "http.extraheader"

Settings = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Repository:
    """The manifests' repository: absolute paths, what its own files configure, and the URLs of its remotes."""

    common: Path
    top: Path
    object_format: str
    settings: Settings
    remotes: Mapping[str, str]

    def hosts(self) -> frozenset[str]:
        """Return the hosts that whoever cloned the repository chose to talk to."""
        return frozenset(address(url, self.top).host for url in self.remotes.values()) - {""}


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a ledger lives. ``own`` is the repository's common folder iff that is the manifests' own.

    ``shown`` names it for readers, ``settings`` are git's, ``key`` tells it from every other, ``hint`` is what a reader
    should know when git does not get in.
    """

    shown: str
    key: str
    settings: Settings = field(repr=False)  # a token may stand in them
    protocols: str = "file:https:ssh"
    own: Path | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """``RECONCILER_GIT_TOKEN``, and the hosts beside the repository's own that may have it."""

    value: str = field(repr=False)
    is_trusted: Callable[[str, int], bool]

    @classmethod
    def read(cls, environ: Mapping[str, str], is_trusted: Callable[[str, int], bool], redactor: Redactor) -> Token:
        """Read it; the redactor learns it, also in the form that goes over the wire."""
        value = environ.get(TOKEN_VARIABLE, "").strip()
        redactor.learn(value)
        if value:
            redactor.learn(_basic("x-access-token", value))
        return cls(value, is_trusted)


def find_repository(git: Git, folder: Path) -> Repository:
    """Return the repository that a folder is in; raises LedgerError where git does not say."""
    asked = ("rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel", "--show-object-format")
    answer = git.run(*asked, cwd=str(folder))
    if not answer.ok:
        raise LedgerError(f"git cannot say which repository {folder} is in: {answer.reason}")
    common, top, object_format = answer.text.split("\n")
    listed = git.run("config", "--list", "--show-scope", "-z", cwd=str(folder))
    if not listed.ok:
        raise LedgerError(f"the configuration of {top} cannot be read: {listed.reason}")
    known = list(_parsed(listed.text))
    remotes = {key[7:-4]: value for _, key, value in known if key.startswith("remote.") and key.endswith(".url")}
    own = tuple((key, value) for scope, key, value in known if scope in _OWN_SCOPES and key.startswith(_HANDED_ON))
    return Repository(Path(common), Path(top), object_format, own, remotes)


def find_remote(git: Git, repository: Repository, wanted: str | None, token: Token, redactor: Redactor) -> Remote:
    """Return where a ledger lives: the remote or URL of that name, else ``origin``, else the repository itself.

    Raises LedgerError for a remote that does not exist, and for a transport that is not for ledgers.
    """
    name = wanted or ("origin" if "origin" in repository.remotes else None)
    if name is None:
        own = repository.common
        pushes = "git -c core.hooksPath=/dev/null -c receive.autogc=false -c gc.auto=0 receive-pack"
        plain: Settings = ((f"remote.{NAME}.url", str(own)), (f"remote.{NAME}.receivepack", pushes))
        return Remote("this repository", str(own), plain, own=own)
    if name not in repository.remotes and "/" not in name and ":" not in name:
        known = ", ".join(sorted(repository.remotes)) or "none"
        raise LedgerError(f"the ledger is to live on remote {name!r}, which this clone does not have (it has: {known})")
    fetched, pushed = (address(url, repository.top) for url in _urls(git, repository, name))
    for one in (fetched, pushed):
        _check_transport(one, name)
        redactor.learn_all([one.password, _basic(one.user, one.password)] if one.password else [])
    shown = f"{name} ({fetched.shown})" if name in repository.remotes else fetched.shown
    settings = tuple(_settings(repository, fetched, pushed, token))
    protocols = "file:https:ssh:http" if fetched.is_loopback or pushed.is_loopback else "file:https:ssh"
    hint = "" if not token.value or _may_have(repository, fetched, token) else _withheld(fetched)
    return Remote(shown, f"{fetched.url}\n{pushed.url}", settings, protocols, hint=hint)


def _urls(git: Git, repository: Repository, name: str) -> Iterator[str]:
    """Yield the URLs to fetch from and to push to, after git's own rewriting (``insteadOf`` and its kin)."""
    named = [("remote", "get-url", "--", name), ("remote", "get-url", "--push", "--", name)]
    literal = [("ls-remote", "--get-url", "--", name)] * 2
    for asked in named if name in repository.remotes else literal:
        answer = git.run(*asked, cwd=str(repository.top))
        if not answer.ok:
            raise LedgerError(f"git does not know where remote {name} is: {answer.reason}")
        yield answer.text


def _check_transport(one: Address, name: str) -> None:
    if one.scheme in _TRANSPORTS or (one.scheme == "http" and one.is_loopback):
        return
    raise LedgerError(
        f"the ledger cannot live on {name}: its transport {one.scheme!r} is not for ledgers; use https, ssh or a path"
    )


def _settings(repository: Repository, fetched: Address, pushed: Address, token: Token) -> Iterator[tuple[str, str]]:
    """Yield all that git has to be told, in an order in which the last word is ours."""
    at_home = {fetched.host, pushed.host} - {""} <= repository.hosts()
    for key, value in repository.settings:
        # A header for every host was meant for those of the clone, not for one that a manifest names.
        if at_home or key != _UNSCOPED_HEADER:
            yield key, value
    yield f"remote.{NAME}.url", fetched.url
    if pushed.url != fetched.url:
        yield f"remote.{NAME}.pushurl", pushed.url
    for one in dict.fromkeys((fetched, pushed)):
        yield from _credentials(repository, one, token)


def _credentials(repository: Repository, one: Address, token: Token) -> Iterator[tuple[str, str]]:
    """Yield how to show who we are to one address: its own password, else the token where that may go."""
    if one.password:
        header = _basic(one.user, one.password)
    elif token.value and _may_have(repository, one, token):
        header = _basic("x-access-token", token.value)
    elif one.scheme in ("http", "https") and one.host not in repository.hosts():
        yield f"http.{one.url}.extraHeader", ""  # none at all, also not one of the user's for every host
        return
    else:
        return
    yield f"http.{one.url}.extraHeader", ""  # in the place of a header that a checkout left: two are refused
    yield f"http.{one.url}.extraHeader", f"Authorization: Basic {header}"
    yield f"http.{one.url}.followRedirects", "false"  # git would send the header along


def _may_have(repository: Repository, one: Address, token: Token) -> bool:
    """Iff the token may go there: whoever writes a manifest must not be able to choose that."""
    safe = one.scheme == "https" or (one.scheme == "http" and one.is_loopback)
    return safe and (one.host in repository.hosts() or token.is_trusted(one.host, one.port))


def _withheld(one: Address) -> str:
    if one.scheme not in ("http", "https"):
        return ""
    return (
        f" ({TOKEN_VARIABLE} was not sent to {one.host}: it is no host of this clone's remotes; "
        "if that is meant, name it in RECONCILER_TRUSTED_HOSTS)"
    )


def _basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _parsed(listed: str) -> Iterator[tuple[str, str, str]]:
    """Yield scope, key and value of ``git config --list --show-scope -z``; a key alone is true."""
    parts = listed.split("\0")
    for scope, entry in zip(parts[::2], parts[1::2], strict=False):
        key, is_set, value = entry.partition("\n")
        yield scope, key, value if is_set else "true"
