"""The one comment of a target: ours is known by its author and its mark, and by nothing that others can write."""

from __future__ import annotations

import pytest
from flask import Response
from support.github import ACTIONS, MALLORY, GitHub, broken

from reconciler.github.api import Api
from reconciler.github.identity import Identity
from reconciler.github.marks import LONGEST, Mark
from reconciler.github.sticky import put_comment
from reconciler.model.errors import GitHubError, GitHubUnclear

MARK = Mark("plan", "prod")


def put(api: Api, number: int, text: str, mark: Mark = MARK) -> str:
    return put_comment(api, number, mark, mark.on(text, str))


@pytest.fixture
def pull(github: GitHub) -> int:
    return github.open_pull("a" * 40)


def bodies(github: GitHub) -> list[str]:
    return [one["body"].partition("\n")[2] for one in github.comments.values()]


def test_it_is_made_once_and_changed_in_place(api: Api, github: GitHub, pull: int) -> None:
    """However long the discussion around it."""
    github.page_size = 3
    for _ in range(7):
        github.say(pull, "discussion")
    first = put(api, pull, "one")
    for _ in range(7):
        github.say(pull, "discussion")
    assert put(api, pull, "two") == first
    assert bodies(github).count("two") == 1
    assert "one" not in bodies(github)


def test_a_target_has_its_own(api: Api, github: GitHub, pull: int) -> None:
    """And so has a second estate with a target of the same name, and one whose name begins alike."""
    marks = [MARK, Mark("plan", "prod-eu"), Mark("plan", "prod", "team-b/manifests"), Mark("drift", "prod")]
    for _ in range(2):
        for at, mark in enumerate(marks):
            put(api, pull, f"of {at}", mark)
    assert bodies(github) == ["of 0", "of 1", "of 2", "of 3"]


@pytest.mark.parametrize(
    ("body", "author"),
    [
        ("{mark}", MALLORY),
        ("{mark}", ACTIONS | {"id": 7}),  # the name of the bot is no proof, its number is
        ("> {mark}", ACTIONS),
        (" {mark}", ACTIONS),
        ("hello\n{mark}", ACTIONS),
        ("<!-- reconciler plan pro -->", ACTIONS),
    ],
)
def test_nobody_else_is_taken_for_us(api: Api, github: GitHub, pull: int, body: str, author: dict[str, object]) -> None:
    """A mark that was copied is left alone, and so is one that a bot with our token repeats inside of a text."""
    forged = body.replace("{mark}", MARK.on("forged", str))
    id = github.say(pull, forged, author)
    put(api, pull, "ours")
    put(api, pull, "ours again")
    assert github.comments[id]["body"] == forged
    assert bodies(github).count("ours again") == 1
    assert len(github.comments) == 2


def test_a_lost_answer_makes_no_second_comment(api: Api, github: GitHub, pull: int) -> None:
    """GitHub did it and could not say so: it is found, and nothing is made anew."""

    class Lossy(Api):
        def post(self, path: str, body: dict[str, object]) -> object:  # type: ignore[override]
            super().post(path, body)
            raise GitHubUnclear("lost")

    put(Lossy(api.access, api._http, api._now, api._sleep), pull, "one")
    assert bodies(github) == ["one"]
    github.comments.clear()
    github.faults.append(("POST /repos", broken(502)))
    with pytest.raises(GitHubUnclear):
        put(api, pull, "two")
    assert bodies(github) == []


def test_what_two_runs_left_becomes_one(api: Api, github: GitHub, pull: int) -> None:
    """Two plans of one target would contradict each other."""
    github.say(pull, MARK.on("one", str), ACTIONS)
    github.say(pull, MARK.on("two", str), ACTIONS)
    put(api, pull, "three")
    assert bodies(github) == ["three"]


def test_an_author_that_is_another_one_is_told(api: Api, github: GitHub, pull: int) -> None:
    """Every run would write one more comment."""
    github.author = MALLORY
    with pytest.raises(GitHubError, match="another author"):
        put(api, pull, "one")


@pytest.mark.parametrize("viewer", ["null", '{"login": "x"}', '{"login": "", "databaseId": 1}', '"x"'])
def test_whose_token_it_is_must_be_known(api: Api, github: GitHub, pull: int, viewer: str) -> None:
    """Otherwise nothing can be known as ours."""
    github.faults.append(("graphql", Response(f'{{"data": {{"viewer": {viewer}}}}}')))
    with pytest.raises(GitHubError, match="whose token"):
        put(api, pull, "one")


def test_notes_are_kept_in_the_mark() -> None:
    """Whatever they hold; what somebody broke is none."""
    text = MARK.on("text", str, state="--><img src=x>", seen=3)
    assert text.count("-->") == 1
    assert MARK.notes(text) == {"state": "--><img src=x>", "seen": 3}
    assert MARK.notes(MARK.head + "[1] -->") == {}
    assert MARK.notes(MARK.head + "{ -->") == {}
    assert len(MARK.on("x" * MARK.room(seen=3), str, seen=3)) == LONGEST


def test_the_text_is_redacted_and_the_mark_is_not() -> None:
    """A secret that is part of the target's name would make it another comment each time."""
    text = MARK.on("prod is the secret", lambda text: text.replace("prod", "•••"))
    assert text.startswith(MARK.head)
    assert text.endswith("••• is the secret")


def test_who_wrote_what_has_no_author() -> None:
    """A deleted account's comment has none."""
    assert not Identity(1, "x").wrote({"user": None})
    assert not Identity(1, "x").wrote("text")
    assert not MARK.is_on("text", Identity(1, "x"))
    assert not MARK.is_on({"user": {"id": 1}, "body": None}, Identity(1, "x"))
