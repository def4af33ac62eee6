"""Whose token this is: the author of what counts as ours.

Asked of GitHub, not configured: a text that anybody could write proves nothing, the author that GitHub notes does. The
job's token and those of Apps may not ask ``GET /user``; GraphQL's ``viewer`` answers every kind of token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.github.api import Api
from reconciler.model.errors import GitHubError

_QUERY = "query { viewer { login databaseId } }"


@dataclass(frozen=True, slots=True)
class Identity:
    """An account of GitHub; ``id`` never changes, ``login`` may."""

    id: int
    login: str

    @classmethod
    def ask(cls, api: Api) -> Identity:
        """Return the account that the token speaks for; raises GitHubError."""
        viewer = api.graphql(_QUERY).get("viewer")
        found = viewer if isinstance(viewer, dict) else {}
        id, login = found.get("databaseId"), found.get("login")
        if not isinstance(id, int) or isinstance(id, bool) or not isinstance(login, str) or not login:
            raise GitHubError(
                "POST /graphql: GitHub does not say whose token this is, so that nothing is known as ours"
            )
        return cls(id, login)

    def wrote(self, item: Any) -> bool:
        """Iff a comment or an issue, as the API shows it, is by this account."""
        user = item.get("user") if isinstance(item, dict) else None
        return isinstance(user, dict) and user.get("id") == self.id
