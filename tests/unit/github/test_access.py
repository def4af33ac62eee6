"""Where GitHub is, and who may be sent the token."""

from __future__ import annotations

import pytest

from reconciler.github.access import Access
from reconciler.model.errors import UsageError

ENVIRON = {"GITHUB_TOKEN": "ghs_x", "GITHUB_REPOSITORY": "acme/estate"}


def test_what_a_runner_sets() -> None:
    """github.com, where nothing else is said."""
    found = Access.read(ENVIRON | {"GITHUB_RUN_ID": "7"})
    assert (found.api, found.graphql) == ("https://api.github.com", "https://api.github.com/graphql")
    assert found.run == "https://github.com/acme/estate/actions/runs/7"
    assert found.secure
    assert Access.read(ENVIRON).run is None
    assert "ghs_x" not in repr(found)


def test_enterprise() -> None:
    """A server of one's own has both APIs below one path."""
    urls = {"GITHUB_API_URL": "https://ghe.example/api/v3/", "GITHUB_SERVER_URL": "https://ghe.example"}
    found = Access.read(ENVIRON | urls)
    assert (found.api, found.graphql) == ("https://ghe.example/api/v3", "https://ghe.example/api/graphql")
    named = Access.read(ENVIRON | urls | {"GITHUB_GRAPHQL_URL": "https://ghe.example/api/graphql"})
    assert named.graphql == found.graphql


def test_loopback_may_do_without_tls() -> None:
    """A stand-in is there."""
    assert not Access.read(ENVIRON | {"GITHUB_API_URL": "http://127.0.0.1:8080"}).secure
    assert not Access.read(ENVIRON | {"GITHUB_API_URL": "http://localhost:8080"}).secure


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN not set"),
        ({"GITHUB_TOKEN": "", "GITHUB_REPOSITORY": " "}, "GITHUB_TOKEN and GITHUB_REPOSITORY not set"),
        ({"GITHUB_TOKEN": "a b"}, "no token"),
        ({"GITHUB_REPOSITORY": "estate"}, "not owner/name"),
        ({"GITHUB_REPOSITORY": "acme/.."}, "not owner/name"),
        ({"GITHUB_REPOSITORY": "acme/estate/../other"}, "not owner/name"),
        ({"GITHUB_API_URL": "http://api.github.com"}, "https is required"),
        ({"GITHUB_API_URL": "https://user@api.github.com"}, "without user"),
        ({"GITHUB_API_URL": "https://api.github.com?x"}, "without user"),
        ({"GITHUB_API_URL": "https://[::2"}, "without user"),
        ({"GITHUB_API_URL": "ftp://api.github.com"}, "without user"),
        ({"GITHUB_GRAPHQL_URL": "https://evil.example/graphql"}, "another host"),
    ],
)
def test_what_is_refused(changes: dict[str, str], told: str) -> None:
    """Before anything is sent, in one sentence that repeats no token."""
    with pytest.raises(UsageError, match=told) as refused:
        Access.read(ENVIRON | changes)
    assert "a b" not in str(refused.value)
