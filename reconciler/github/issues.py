"""The one issue of a target: opened with drift, changed while it lasts, closed when a whole look finds none.

A look that could not read everything is a state of its own: it opens or changes the issue, and never closes it. What
was known before stays in the issue then, below what could not be done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from reconciler.github.api import Api
from reconciler.github.identity import Identity
from reconciler.github.marks import LONGEST, Mark
from reconciler.model.errors import GitHubUnclear

_KNOWN: Final = "<!-- known -->"
"""Between the state of the last look and what is known; a line of its own, which no line of the first part equals."""


class State(StrEnum):
    """How a look ended."""

    CLEAN = "clean"
    DRIFT = "drift"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Look:
    """What an issue is to say after a look.

    ``known`` is None iff nothing could be read: what an earlier look found is kept. ``digest`` stands for what has
    drifted, ``whole`` iff everything could be read, ``now`` is epoch seconds. ``top`` is made with the moment of the
    last whole look, None if there was none.
    """

    state: State
    title: str
    top: Callable[[int | None], str]
    known: str | None
    digest: str
    news: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    now: int = 0


def keep_issue(api: Api, mark: Mark, look: Look, redact: Callable[[str], str]) -> str | None:
    """Make the issue of a mark say what a look found; return its address, None where there is none and none is needed.

    Raises GitHubError.
    """
    author = Identity.ask(api)
    still_open = _find(api, mark, author, "open", None)
    for double in still_open[1:]:  # two runs at once, or an answer that was lost
        api.patch(f"/issues/{double['number']}", {"state": "closed", "state_reason": "not_planned"})
    if not still_open and look.state is State.CLEAN:
        return None
    there = next(iter(still_open or reversed(_find(api, mark, author, "closed", author.login))), None)
    before = mark.notes(there["body"]) if there else {}
    document = {"title": redact(look.title), "body": _body(mark, look, there, before, redact)}
    if there is None:
        return _made(api, mark, author, document)
    number, was_open = there["number"], there["state"] == "open"
    closing = {"state": "closed", "state_reason": "completed"} if look.state is State.CLEAN else {"state": "open"}
    changed = api.patch(f"/issues/{number}", document | closing)
    news = _news(look, before, was_open=was_open)
    if news:
        api.post(f"/issues/{number}/comments", {"body": redact(news)[:LONGEST]})
    return str(changed.get("html_url", ""))


def _made(api: Api, mark: Mark, author: Identity, document: Mapping[str, Any]) -> str:
    try:
        made = api.post("/issues", document)
    except GitHubUnclear:
        made = next(iter(_find(api, mark, author, "open", None)), None)  # look before making a second one
        if made is None:
            raise
    return str(made.get("html_url", ""))


def _find(api: Api, mark: Mark, author: Identity, state: str, creator: str | None) -> list[dict[str, Any]]:
    """Return our issues in a state, the oldest first, but for doubles that were closed as such: those before.

    Closed ones are asked for by their creator, since a repository may have very many.
    """
    query = {"state": state, **({"creator": creator} if creator else {})}
    found = [one for one in api.pages("/issues", **query) if "pull_request" not in one and mark.is_on(one, author)]
    return sorted(found, key=lambda one: (one.get("state_reason") != "not_planned", int(one["number"])))


def _body(
    mark: Mark, look: Look, there: Mapping[str, Any] | None, before: Mapping[str, Any], redact: Callable[[str], str]
) -> str:
    kept = before.get("seen")
    seen = look.now if look.whole else kept if isinstance(kept, int) and not isinstance(kept, bool) else None
    known, digest = look.known, look.digest
    if known is None:
        known = str(there["body"]).partition(f"\n{_KNOWN}\n")[2] if there else ""
        digest = str(before.get("digest", ""))
    text = f"{look.top(seen)}\n\n{_KNOWN}\n{known}"
    return mark.on(text, redact, state=look.state.value, digest=digest, seen=seen)[:LONGEST]


def _news(look: Look, before: Mapping[str, Any], *, was_open: bool) -> str | None:
    """Return what watchers are to hear of: a changed body tells nobody."""
    if not was_open:
        return look.news.get("again")
    if look.state is State.CLEAN or before.get("state") != look.state.value:
        return look.news.get(look.state.value)
    return look.news.get("changed") if look.known is not None and before.get("digest") != look.digest else None
