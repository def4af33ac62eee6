"""Whatever somebody chose for a password, outputs are well formed, the same as with another one, and do not show it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from support.bench import Bench
from support.chain import CONNECTION, apply_chain, declare, result

from reconciler.engine.public import LAST_WRITTEN
from reconciler.model.secrets import is_odd

KEY = "a-key-of-thirty-two-characters-!"
CRM, FLOW = "Connection/warehouse", "Flow/orders"
APPLIED, ANOTHER = "what-was-applied-1", "what-is-asked-for-2"
BY_HAND = "Seen by hand"
WORDS = [
    "true", "false", "null", "name", "update", "0", "1", "prod", "bench", "before", "after", "password", "/auth/params",
    "Connection/warehouse", "PATCH", "replace", "op", "value", "path", "day", "enabled", "x", "\n", " ", '"', "'", "\\",
    "{", "},", '": ', ",\n", "•••", "🔑", "é", "\u202e", "$secret", "```", "| ", "digest", "[git]", "If-Match", "bytes",
    "changes", "Warehouse", "Basic Authentication", "connectionSpec", "sensitive", "secret", "sent again", "drift",
    "pass;word=1&x=y", "user:pw@host", "-----BEGIN PRIVATE KEY-----", "week", "applied", "Plan: ", "format",
    "ast written b",
]  # fmt: skip


@dataclass
class Outputs:
    """What commands that change nothing say with one password."""

    machine: dict[str, Any]
    people: dict[str, str]


def outputs(bench: Bench, password: str) -> Outputs:
    """Plan and look for drift in every format, save a plan and show it."""
    bench.environ["FLOW_SECRET_DB"] = password
    saved = bench.folder / "saved.plan"
    people: dict[str, str] = {}
    machine: dict[str, Any] = {}
    for name, words, code in (
        ("plan", ["plan", "--out", str(saved)], 0),
        ("drift", ["drift", "--unmanaged"], 2),
        ("show", ["show", str(saved)], 0),
        ("validate", ["validate"], 0),
    ):
        for form in ("json", "markdown", "text"):
            if name == "validate" and form != "text":
                continue
            ran = bench.run(*words, *(["--format", form] if name != "validate" else []))
            assert ran.code == code, (name, form, ran.err)
            if form == "json":
                machine[name] = ran.json
                people[f"{name} bytes"] = ran.out
            else:
                people[f"{name} {form}"] = ran.out
            people[f"{name} {form} stderr"] = ran.err
    document = json.loads(saved.read_text(encoding="utf-8"))
    machine["saved"] = {key: value for key, value in document.items() if key not in ("made", "seal")}
    return Outputs(machine, people)


@pytest.fixture
def drifted(bench: Bench) -> Bench:
    """Everything applied, then two things changed in git, two by hand, and the password is another."""
    bench.environ |= {"RECONCILER_KEY": KEY, "FLOW_SECRET_DB": APPLIED}
    ids = apply_chain(bench)
    declare(bench, CRM, ("description", "New"), ("auth/params/server", "https://true.example.com/?name=0"))
    declare(bench, FLOW, ("scheduleParams/frequency", "week"))
    bench.edit("flows", ids[FLOW], lambda live: live.update(description=BY_HAND))
    bench.edit("connections", ids[CRM], lambda live: live["auth"]["params"].update(database="other"))
    return bench


@settings(
    deadline=None,
    max_examples=25,
    phases=[Phase.generate],  # to shrink takes minutes, and a password is short
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_output_depends_on_a_password(drifted: Bench, data: st.DataObject) -> None:
    """Not even on one that is a piece of the very output: a plan, drift, and a plan that was saved and is shown."""
    expected = outputs(drifted, ANOTHER)
    said = "\n".join(expected.people.values())
    places = st.tuples(st.integers(0, len(said) - 1), st.integers(1, 30))
    pieces = places.map(lambda place: said[place[0] : sum(place)])
    anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
    password = data.draw(st.sampled_from(WORDS) | pieces | anything)
    assume(password not in (APPLIED, ANOTHER) and not is_live_alone(expected, password))
    check(outputs(drifted, password), expected, password)


@pytest.mark.parametrize("word", WORDS)
def test_no_output_depends_on_a_password_that_is_a_word(drifted: Bench, word: str) -> None:
    """Words of JSON, of ours and of git, and what would end a string, a line or a code block."""
    check(outputs(drifted, word), outputs(drifted, ANOTHER), word)


def check(found: Outputs, expected: Outputs, password: str) -> None:
    """Programs read the same, and so do people, but for a mask where a text happens to have a password in it."""
    assert found.machine == expected.machine
    for name, text in expected.people.items():
        masked = is_odd(password) and not name.endswith(("bytes", "markdown")) and password not in found.people[name]
        assert masked or found.people[name] == text, name


def is_live_alone(expected: Outputs, password: str) -> bool:
    """Iff only the service says a word that is the password, or a part of it: there it is masked, as it must be."""
    if password in LAST_WRITTEN:
        return False
    writers = [(item["changedBy"], item["changedClient"]) for item in expected.machine["drift"]["resources"]]
    theirs = [BY_HAND, "other", *(f"{LAST_WRITTEN} {person} via {client}" for person, client in writers)]
    return len(password) > 3 and any(password in text for text in theirs)


def test_a_password_that_is_a_piece_of_an_id_hides_no_id(drifted: Bench) -> None:
    """Ids are public, also where only the service says one."""
    other = "0c8e1f6a-5b7d-4a39-9d1e-7f60a2b4c8d3"
    drifted.seed("connections", {**CONNECTION, "id": other, "etag": '"e"', "name": "Theirs"})
    source = drifted.entry("SourceConnection", "orders")["id"]
    drifted.edit("sourceConnections", source, lambda live: live.update(baseConnectionId=other))
    expected = outputs(drifted, ANOTHER)
    assert other in json.dumps(expected.machine["drift"])
    for piece in (other[:8], other[-12:], source[:8]):
        check(outputs(drifted, piece), expected, piece)


@pytest.mark.parametrize(
    "word", ["true", "null", "name", "update", "0", "bench", '"', "\n", "applied", "é", "password"]
)
@pytest.mark.parametrize("home", ["plain", "keyed"])
def test_an_apply_with_any_password_is_reported_and_remembered(bench: Bench, word: str, home: str) -> None:
    """Report, history and ledger are what they are with another password, and the password arrives."""
    if home == "keyed":
        bench.environ["RECONCILER_KEY"] = KEY
    bench.environ["FLOW_SECRET_DB"] = word
    said = told(bench)
    bench.setting(secrets="clear")  # whatever else it shows, that is what it was sent
    assert bench.live("connections", said.pop("id"))["auth"]["params"]["password"] == word
    (bench.folder / "other").mkdir()
    other = Bench(bench.folder / "other", bench.capsys, dict(bench.environ))
    try:
        other.environ["FLOW_SECRET_DB"] = ANOTHER
        expected = told(other)
        expected.pop("id")
        assert said == expected
    finally:
        other.close()


def told(bench: Bench) -> dict[str, Any]:
    """Apply all, change something, apply again; return what was said and kept, every id and hash by its turn."""
    declare(bench, CRM)
    declare_rest(bench)
    first = bench.run("apply", "--yes", "--format", "json")
    assert first.code == 0, first.err
    declare(bench, CRM, ("description", "New"))
    second = bench.run("apply", "--yes", "--format", "markdown")
    assert second.code == 0, second.err
    history = bench.run("history", "--format", "json")
    texts = [first.out, first.err, second.out, history.out, bench.run("history").out]
    entry = json.dumps(bench.entry("Connection", "warehouse"))
    runs = (path.read_text(encoding="utf-8") for path in (bench.ledger / "history").iterdir())
    return {
        "id": result(json.loads(first.out), CRM)["id"],
        "said": [*(numbered(text) for text in (*texts, entry)), *sorted(map(numbered, runs))],
        "runs": len(json.loads(history.out)["runs"]),
    }


def declare_rest(bench: Bench) -> None:
    for resource in ("SourceConnection/orders", "TargetConnection/orders", FLOW):
        declare(bench, resource)


def numbered(text: str) -> str:
    """Return a text with ids, hashes and moments replaced by what does not change from run to run."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,27}|[0-9a-f]{16,64}", "#", text)
    return re.sub(r"\b18\d{8}(\.\d+|\d{3})?\b|\d\d:\d\d:\d\dZ", "@", text)
