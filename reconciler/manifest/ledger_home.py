"""What a target may say of where its ledger lives: a git ref, and the remote that it is on.

Checked without git, so that a wrong one is shown with its line. Whoever opens a pull request writes this: nothing that
git would take for an option, or for a program to run, gets through.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 250
# The rules of git-check-ref-format(1).
_BAD_IN_REF: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|[/.]$")
_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<userinfo>[^/@]*@)?(?P<host>\[[^\]/]*\]|[^/:]*)")
_LOOPBACK: Final = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")


def check_ref(text: str) -> str:
    """Return a full name of a ref; raises ValueError."""
    if not text.startswith("refs/"):
        raise ValueError("a ref is written in full: refs/reconciler/prod, or refs/heads/ledger for a branch")
    if _BAD_IN_REF.search(text) or len(text) > _LONGEST:
        raise ValueError("git has no such ref: letters, digits and hyphens between slashes are always right")
    return text


def check_remote(text: str) -> str:
    """Return the name of a remote, a URL or a path; raises ValueError."""
    if text.startswith("-") or not text.isprintable() or text != text.strip():
        raise ValueError("a remote is its name in the clone, or a URL or path of a repository")
    match = _URL.match(text)
    if match is None:
        if "::" in text:
            raise ValueError("a remote is reached by https, ssh or a path, never by a program that is run for it")
        return text
    if match["scheme"] not in ("https", "ssh", "file") and not _is_plain_loopback(match):
        raise ValueError("a remote is reached by https, ssh or a path; plain http is for loopback alone")
    if ":" in (match["userinfo"] or ""):
        raise ValueError("no password stands in a manifest: RECONCILER_GIT_TOKEN holds one for https")
    return text


def _is_plain_loopback(match: re.Match[str]) -> bool:
    return match["scheme"] == "http" and bool(_LOOPBACK.fullmatch(match["host"].lower()))
