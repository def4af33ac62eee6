"""What a git process is given as its environment: what it needs, and none of our secrets.

Settings go by ``GIT_CONFIG_COUNT`` and its kin, never on the command line, which every user of a machine can read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Final

TOKEN_VARIABLE: Final = "RECONCILER_GIT_TOKEN"  # noqa: S105 - the name of a variable
SECRET_GLOBS: Final = "RECONCILER_SECRET_ENV"  # noqa: S105 - the name of a variable

_OURS: Final = ("FLOW_SECRET_*", "AEP_*", "RECONCILER_*")
_NEEDED: Final = frozenset({"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK"})
# What points git to another repository, or makes it tell of itself where we read its answers.
_MISLEADING: Final = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"),
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_NAMESPACE", "GIT_CONFIG"),
    *("GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_IMPLICIT_WORK_TREE", "GIT_QUARANTINE_PATH"),
    *("GIT_DEFAULT_HASH", "GIT_LITERAL_PATHSPECS", "GIT_TRACE*", "GIT_CURL_VERBOSE", "GIT_PUSH_OPTION_*"),
)
_ALWAYS: Final = (
    ("core.hooksPath", "/dev/null"),  # nobody's hooks run for the ledger
    ("core.logAllRefUpdates", "false"),
    ("gc.auto", "0"),  # a collection in the background would hold locks when the next run comes
    ("maintenance.auto", "false"),
    ("fetch.writeCommitGraph", "false"),
    ("push.followTags", "false"),
    ("push.gpgSign", "false"),
    ("push.negotiate", "false"),
    ("advice.pushUpdateRejected", "false"),
    ("init.defaultBranch", "main"),
)


def environment(
    environ: Mapping[str, str], settings: Iterable[tuple[str, str]] = (), protocols: str = "file:https:ssh"
) -> dict[str, str]:
    """Return the environment of a git process; settings count more than what any file says."""
    globs = [glob.strip() for glob in environ.get(SECRET_GLOBS, "").split(",") if glob.strip()]
    kept = {
        name: value
        for name, value in environ.items()
        if not _matches(name, (*_OURS, *_MISLEADING)) and (name in _NEEDED or not _matches(name, globs))
    }
    kept |= {
        "LC_ALL": "C",  # we read git's answers
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ALLOW_PROTOCOL": _allowed(environ, protocols),
    }
    return kept | _configured(kept.get("GIT_CONFIG_COUNT", ""), [*_ALWAYS, *settings])


def _matches(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _allowed(environ: Mapping[str, str], protocols: str) -> str:
    """Return the transports that both we and whoever set the variable allow."""
    theirs = environ.get("GIT_ALLOW_PROTOCOL")
    if theirs is None:
        return protocols
    return ":".join(one for one in protocols.split(":") if one in theirs.split(":"))


def _configured(count: str, settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the variables that hold settings, after those that are there already: a runner passes credentials so."""
    found: dict[str, str] = {}
    number = int(count) if count.isdecimal() else 0
    for key, value in settings:
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        number += 1
    return found | {"GIT_CONFIG_COUNT": str(number)}
