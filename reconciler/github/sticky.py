"""The one comment of a target in a pull request: made once, then changed in place."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.github.api import Api
from reconciler.github.identity import Identity
from reconciler.github.marks import Mark
from reconciler.model.errors import GitHubError, GitHubUnclear


def put_comment(api: Api, number: int, mark: Mark, body: str) -> str:
    """Make the comment of a mark say this, and return its address for people; raises GitHubError.

    ``body`` has the mark on it already. Further comments of ours with the same mark, which a lost answer may have left
    behind, are deleted: two plans would contradict each other.
    """
    author = Identity.ask(api)
    ours = _ours(api, number, mark, author)
    if not ours:
        try:
            made = api.post(f"/issues/{number}/comments", {"body": body})
        except GitHubUnclear:  # look before making a second one
            ours = _ours(api, number, mark, author)
            if not ours:
                raise
        else:
            if not author.wrote(made):
                raise GitHubError(
                    "GitHub noted another author than it said this token is of: the comment would not be found again"
                )
            return str(made.get("html_url", ""))
    changed = api.patch(f"/issues/comments/{ours[0]}", {"body": body})
    for extra in ours[1:]:
        api.delete(f"/issues/comments/{extra}")
    return str(changed.get("html_url", ""))


def change_comments(api: Api, number: int, use: str, folder: str, text: Callable[[Mark], str]) -> list[str]:
    """Make every comment of ours for this use say something else, and return the targets; raises GitHubError.

    ``text`` returns what one is to say, its mark on it. None is made.
    """
    author = Identity.ask(api)
    items = list(api.pages(f"/issues/{number}/comments"))
    found = [(item["id"], Mark.found(use, folder, item, author)) for item in items]
    marked = [(id, mark) for id, mark in found if mark is not None]
    for id, mark in marked:
        api.patch(f"/issues/comments/{id}", {"body": text(mark)})
    return sorted({mark.target for _, mark in marked})


def _ours(api: Api, number: int, mark: Mark, author: Identity) -> list[int]:
    """Return the ids of our comments with this mark, the oldest first."""
    found = [item["id"] for item in api.pages(f"/issues/{number}/comments") if mark.is_on(item, author)]
    return sorted(id for id in found if isinstance(id, int))
