"""The runs of a ledger, for a person and for a program."""

import io
import json

import pytest

from reconciler.model.kinds import Kind
from reconciler.model.ledger import Begin, End, Intent, Outcome
from reconciler.model.resources import ResourceName
from reconciler.render.console import make_console
from reconciler.render.history import history_json, history_text, open_text

CRM, DAILY = ResourceName(Kind.CONNECTION, "crm"), ResourceName(Kind.FLOW, "daily")
NOW = 1_700_000_000.0
INTENTS = (Intent(DAILY, "create", None, "d2"), Intent(CRM, "update", "id-1", "d1"))
OPEN = Begin("run-4", "ann (run 17)", "plan-4", "abcdef0123456789", NOW, NOW + 300, INTENTS)
BAD = Begin("run-3", "bob", "plan-3", None, NOW - 1000, NOW - 700, INTENTS)
BAD_END = End(
    "run-3",
    NOW - 900.5,
    (
        Outcome(DAILY, "create", "failed", None, 2, "400: no such spec"),
        Outcome(CRM, "update", "applied", "id-1", 1),
        Outcome(ResourceName(Kind.FLOW, "x"), "create", "skipped"),
    ),
)
DEAD = Begin("run-2", "ci", "plan-2", None, NOW - 2000, NOW - 1700, INTENTS[:1])
GOOD = Begin("run-1", "ci", "plan-1", "ff", NOW - 3000, NOW - 2700)
RUNS = [
    (OPEN, None),
    (BAD, BAD_END),
    (DEAD, End("run-2", NOW - 1000, taken_over=True)),
    (GOOD, End("run-1", NOW - 2900, (Outcome(CRM, "create", "applied", "id-1", 1), Outcome(DAILY, "x", "applied")))),
]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def drawn():
    def drawn(draw, *arguments, stream=None):
        stream = stream or io.StringIO()
        draw(*arguments, make_console(stream, {"COLUMNS": "60", "NO_COLOR": "1", "TERM": "xterm"}))
        return stream.getvalue()

    return drawn


def test_a_table_that_a_person_likes(drawn):
    """A line a run, the newest first; what is open or never ended with what it meant to do, what failed with why."""
    assert drawn(history_text, "prod", RUNS, NOW).splitlines() == [
        "Applies to prod",
        "",
        "  BEGAN                 BY            COMMIT        ENDED                           RUN",
        "  2023-11-14 22:13:20Z  ann (run 17)  abcdef012345  open                            run-4",
        "      meant to create Flow/daily",
        "      meant to update Connection/crm  id-1",
        "  2023-11-14 21:56:40Z  bob                         1 applied, 1 failed, 1 skipped  run-3",
        "      update Connection/crm",
        "      failed Flow/daily: 400: no such spec",
        "      skipped Flow/x",
        "  2023-11-14 21:40:00Z  ci                          taken over                      run-2",
        "      meant to create Flow/daily",
        "  2023-11-14 21:23:20Z  ci            ff            2 applied                       run-1",
        "      create Connection/crm, x Flow/daily",
    ]


def test_a_run_of_many_names_some(drawn):
    """A line that nobody reads to its end says how much is left out."""
    outcomes = tuple(Outcome(ResourceName(Kind.FLOW, f"f{at}"), "create", "applied") for at in range(10))
    lines = drawn(history_text, "prod", [(GOOD, End("run-1", NOW, outcomes))], NOW).splitlines()
    assert " ".join(line.strip() for line in lines[4:]).endswith("create Flow/f7 and 2 more")


def test_a_run_that_has_expired_says_so(drawn):
    """The next apply takes over."""
    assert "open, expired" in drawn(history_text, "prod", RUNS[:1], NOW + 300)
    assert "nothing to do" in drawn(history_text, "prod", [(GOOD, End("run-1", NOW))], NOW)


def test_what_did_not_change_is_not_counted(drawn):
    """The ledger knows some of those resources, and the apply that counted all of them has told another number."""
    done = Outcome(CRM, "update", "applied", "id-1", 1)
    for others, told in (((), "nothing to do"), ((done,), "1 applied")):
        end = End("run-1", NOW, (*others, Outcome(DAILY, "unchanged", "unchanged")))
        shown = drawn(history_text, "prod", [(GOOD, end)], NOW)
        assert told in shown
        assert "unchanged" not in shown


def test_nothing_yet(drawn):
    """No table without rows."""
    assert drawn(history_text, "prod", [], NOW).splitlines() == ["Applies to prod", "", "  none yet"]


def test_a_narrow_terminal_loses_nothing(drawn):
    """What does not fit stands below."""
    shown = drawn(history_text, "prod", RUNS, NOW, stream=Terminal())
    for text in ("ann (run 17)", "abcdef012345", "1 applied, 1 failed, 1 skipped", "run-3", "400: no such spec"):
        assert text in shown
    assert max(map(len, shown.splitlines())) <= 60


def test_the_run_that_is_open(drawn):
    """Whose it is, since when, until when, and what it meant."""
    assert drawn(open_text, OPEN, NOW).splitlines() == [
        "Run run-4 of ann (run 17), since 2023-11-14 22:13:20Z, renewed until 2023-11-14 22:18:20Z",
        "  create Flow/daily",
        "  update Connection/crm  id-1",
    ]
    assert "expired 2023-11-14 22:18:20Z" in drawn(open_text, OPEN, NOW + 300)


def test_json():
    """Sorted keys and resources, moments in epoch milliseconds; the same bytes for the same runs."""
    text = history_json("prod", RUNS)
    assert text == history_json("prod", list(RUNS))
    document = json.loads(text)
    assert text.decode() == json.dumps(document, indent=2, sort_keys=True) + "\n"
    assert (document["formatVersion"], document["target"]) == (1, "prod")
    assert [run["state"] for run in document["runs"]] == ["open", "ended", "takenOver", "ended"]
    assert document["runs"][1] == {
        "run": "run-3",
        "actor": "bob",
        "plan": "plan-3",
        "commit": None,
        "startedAt": 1_699_999_000_000,
        "expiresAt": 1_699_999_300_000,
        "finishedAt": 1_699_999_099_500,
        "state": "ended",
        "summary": {"applied": 1, "failed": 1, "skipped": 1},
        "intents": [
            {"resource": "Connection/crm", "action": "update", "id": "id-1", "digest": "d1"},
            {"resource": "Flow/daily", "action": "create", "id": None, "digest": "d2"},
        ],
        "outcomes": [
            {
                "resource": "Connection/crm", "action": "update", "status": "applied", "id": "id-1", "attempts": 1,
                "error": None,
            },
            {
                "resource": "Flow/daily", "action": "create", "status": "failed", "id": None, "attempts": 2,
                "error": "400: no such spec",
            },
            {"resource": "Flow/x", "action": "create", "status": "skipped", "id": None, "attempts": 0, "error": None},
        ],
    }  # fmt: skip
    assert document["runs"][0]["finishedAt"] is None


def test_json_does_nothing_to_what_shows_it():
    """A name or an error may hold anything."""
    odd = Begin("r", "##[error] ü\x1b\u202e", "p", None, NOW, NOW)
    text = history_json("prod", [(odd, None)])
    assert text.isascii()
    assert b"##[" not in text
    assert b"\x1b" not in text
    assert json.loads(text)["runs"][0]["actor"] == odd.actor
