"""One conversation with GitHub: pages, limits, losses, and where the token goes."""

from __future__ import annotations

import pytest
import requests
from flask import Response
from support.github import GitHub, broken, limited

from reconciler.github import api as module
from reconciler.github.api import Api
from reconciler.model.errors import GitHubError, GitHubNotFound, GitHubUnclear


@pytest.fixture
def pull(github: GitHub) -> int:
    return github.open_pull("a" * 40)


def test_all_pages_are_read(api: Api, github: GitHub, pull: int) -> None:
    """By the address that GitHub gives, each item once."""
    github.page_size = 2
    said = [github.say(pull, f"comment {at}") for at in range(5)]
    assert [one["id"] for one in api.pages(f"/issues/{pull}/comments")] == said
    assert len(github.calls) == 3


def test_a_next_page_elsewhere_is_not_asked(api: Api, github: GitHub, pull: int) -> None:
    """The token would go there."""
    github.page_size, github.base = 1, "https://evil.example"
    for _ in range(2):
        github.say(pull, "x")
    with pytest.raises(GitHubError, match="another host"):
        list(api.pages(f"/issues/{pull}/comments"))


def test_what_is_no_list_is_an_error(api: Api, pull: int) -> None:
    """An object without the key that the items stand under."""
    with pytest.raises(GitHubError, match="no list"):
        list(api.pages("/actions/artifacts", "things"))


def test_a_list_without_end_is_given_up(api: Api, github: GitHub, pull: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than to go by a part of it."""
    monkeypatch.setattr(module, "MOST_PAGES", 2)
    github.page_size = 1
    for _ in range(3):
        github.say(pull, "x")
    with pytest.raises(GitHubError, match="more than"):
        list(api.pages(f"/issues/{pull}/comments"))


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (limited(retry_after="7"), 7.0),
        (limited(429, retry_after="7"), 7.0),
        (limited(x_ratelimit_remaining="0", x_ratelimit_reset=str(1_800_000_000 + 30)), 31.0),
        (limited(x_ratelimit_remaining="0", x_ratelimit_reset="1799999999"), 1.0),
        (limited(x_ratelimit_remaining="0"), 60.0),
        (limited(message="You have exceeded a secondary rate limit"), 60.0),
        (limited(429), 60.0),
        (limited(503, retry_after="9"), 9.0),
        (broken(502), 1.0),
    ],
)
def test_limits_are_kept(
    api: Api, github: GitHub, pull: int, waits: list[float], answer: Response, wait: float
) -> None:
    """As long as GitHub says, and then the call is made again."""
    github.faults.append(("GET", answer))
    assert list(api.pages(f"/issues/{pull}/comments")) == []
    assert waits == [wait]


def test_a_long_limit_is_told(api: Api, github: GitHub, pull: int, waits: list[float]) -> None:
    """The job would idle until it is cut off."""
    github.faults.append(("GET", limited(retry_after="3000")))
    with pytest.raises(GitHubError, match="wait 3000 seconds"):
        api.get(f"/issues/{pull}/comments")
    assert waits == []


def test_it_is_given_up_in_the_end(api: Api, github: GitHub, pull: int, waits: list[float]) -> None:
    """After five tries, longer apart each time."""
    github.faults += [("GET", broken(500))] * 9
    with pytest.raises(GitHubError, match=r"answered 500 \(tried 5 times\)"):
        api.get(f"/issues/{pull}/comments")
    assert waits == [1, 2, 4, 8]


def test_a_create_is_not_repeated_blindly(api: Api, github: GitHub, pull: int, waits: list[float]) -> None:
    """A 5xx may have done it; a limit has not."""
    github.faults.append(("POST", broken(500)))
    with pytest.raises(GitHubUnclear, match="may have done it"):
        api.post(f"/issues/{pull}/comments", {"body": "x"})
    assert waits == []
    github.faults.append(("POST", limited(retry_after="1")))
    assert api.post(f"/issues/{pull}/comments", {"body": "x"})["body"] == "x"
    assert len(github.comments) == 1


def test_a_missing_permission_is_named(api: Api, github: GitHub, pull: int) -> None:
    """With what GitHub says, and what to do."""
    github.permissions = {"contents": "read"}
    with pytest.raises(
        GitHubError, match=r"403 \(Resource not accessible by integration\): give the job the permission"
    ):
        api.post(f"/issues/{pull}/comments", {"body": "x"})


def test_what_is_not_there(api: Api, pull: int) -> None:
    """Is an error of its own, since it may be no matter; deleting it is none."""
    with pytest.raises(GitHubNotFound):
        api.get("/issues/999/comments")
    api.delete("/issues/comments/999")


def test_a_refused_field_is_named(api: Api, pull: int) -> None:
    """What GitHub says of it, and not the whole answer."""
    with pytest.raises(GitHubError, match="Validation Failed; data unprocessable Body is too long"):
        api.post(f"/issues/{pull}/comments", {"body": "x" * 70_000})


@pytest.mark.parametrize("content", ["[1,", "[" * 100_000])
def test_what_is_no_json(api: Api, github: GitHub, pull: int, content: str) -> None:
    """A page of a proxy, say: nothing of it is shown."""
    github.faults.append(("GET", Response(content, status=200)))
    with pytest.raises(GitHubError, match="no JSON"):
        api.get(f"/issues/{pull}/comments")


@pytest.mark.parametrize("content", ["<title>secret</title>", '["secret"]', '{"errors": ["x"]}', '{"errors": 3}'])
def test_an_error_of_another_form(api: Api, github: GitHub, pull: int, content: str) -> None:
    """Is told by its status."""
    github.faults.append(("GET", Response(content, status=418)))
    with pytest.raises(GitHubError, match="answered 418") as told:
        api.get(f"/issues/{pull}/comments")
    assert "secret" not in str(told.value)


def test_lost_answers(api: Api, pull: int, monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    """A read is repeated, a create is not known."""
    tries = []

    def lose(*_args: object, **_keywords: object) -> object:
        tries.append(1)
        raise requests.ReadTimeout("lost")

    monkeypatch.setattr(requests.Session, "request", lose)
    with pytest.raises(GitHubError, match="lost"):
        api.get(f"/issues/{pull}/comments")
    assert len(tries) == 5
    with pytest.raises(GitHubUnclear):
        api.post(f"/issues/{pull}/comments", {"body": "x"})

    def never(*_args: object, **_keywords: object) -> object:
        raise requests.ConnectTimeout("no way")

    monkeypatch.setattr(requests.Session, "request", never)
    with pytest.raises(GitHubError, match="cannot be reached"):
        api.post(f"/issues/{pull}/comments", {"body": "x"})


def test_a_file_comes_without_the_token(api: Api, github: GitHub) -> None:
    """It stands at another host, which the stand-in checks for our token."""
    id = github.upload("plan-prod", {"prod.plan": b"x"}, "a" * 40)
    assert api.download(f"/actions/artifacts/{id}/zip", 1000).startswith(b"PK")
    assert ("GET", f"/blob/{id}") in github.calls


def test_files_that_are_refused(api: Api, github: GitHub) -> None:
    """Too large, gone, without https, or sent to nowhere."""
    id = github.upload("plan-prod", {"prod.plan": b"x" * 5000}, "a" * 40)
    with pytest.raises(GitHubError, match="larger than 10 bytes"):
        api.download(f"/actions/artifacts/{id}/zip", 10)
    github.faults.append(("zip", Response("", status=200)))
    with pytest.raises(GitHubError, match="nowhere"):
        api.download(f"/actions/artifacts/{id}/zip", 1000)
    github.base = "http://evil.example"
    with pytest.raises(GitHubError, match="without https"):
        api.download(f"/actions/artifacts/{id}/zip", 1000)
    github.artefacts[0]["expired"] = True
    with pytest.raises(GitHubNotFound, match="410"):
        api.download(f"/actions/artifacts/{id}/zip", 1000)


def test_graphql_that_fails(api: Api, github: GitHub) -> None:
    """Its errors come with status 200."""
    github.faults.append(("graphql", Response('{"errors": [{"message": "x"}]}', status=200)))
    with pytest.raises(GitHubError, match="answered with an error"):
        api.graphql("query { viewer { login } }")
