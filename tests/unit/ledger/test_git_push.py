"""A push that fails, and an answer that is lost: what becomes of it, and what a reader is told."""

from dataclasses import replace

import pytest
from support.clones import REF, cache, git, once

from reconciler.ledger.git import store
from reconciler.model.errors import LedgerError
from reconciler.model.kinds import Kind
from reconciler.model.ledger import End, Outcome, Put
from reconciler.model.resources import ResourceName

CRM = ResourceName(Kind.CONNECTION, "crm")
END = End("first", 1_700_000_005.0, (Outcome(CRM, "create", "applied", "id"),))


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("what", ["begin", "record", "renew", "end"])
def test_an_answer_that_was_lost(forge, begun, entry, time, what, arrives):
    """The remote knows what became of the push: it is not repeated where it arrived, and made where it did not."""
    clone = forge.clone("clone")
    before = forge.ledger(clone)
    before.begin(begun("before"))
    before.end("before", replace(END, run="before"))
    lost = once(f'{"" if arrives else "true "}"$GIT" "$@" >/dev/null 2>&1; echo "fatal: hung up" >&2; exit 128')
    begin = begun("first", started=time.now + 60)
    steps = {
        "begin": lambda ledger: ledger.begin(begin),
        "record": lambda ledger: ledger.record("first", [Put(entry())]),
        "renew": lambda ledger: ledger.renew("first", time.now + 900),
        "end": lambda ledger: ledger.end("first", END),
    }
    forge.wrap("")
    ledger = forge.ledger(clone)
    for name, step in steps.items():
        if name == what:
            forge.wrap(lost)
        step(ledger)
        if name == what:
            assert (forge.folder / "bin" / "git.done").exists()
    assert [subject.split(":")[0] for subject in forge.log()[2:]] == ["Begin", "Record", "Renew", "End"]
    assert forge.ledger(forge.clone("other")).read().open is None


def test_an_end_that_arrived_counts_though_others_went_on(forge, begun, time):
    """Its answer was lost, and the next run had begun when we could look."""
    clone, other = forge.clone("clone"), forge.ledger(forge.clone("other"))
    forge.wrap("")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    other.read()
    forge.wrap(
        'if [ -e "$0.sent" ]; then [ "$1" = ls-remote ] && [ ! -e "$0.back" ] && '
        '{ echo "fatal: Connection reset" >&2; exit 128; }; '
        'elif [ "$1" = push ]; then "$GIT" "$@" >/dev/null 2>&1; touch "$0.sent"; exit 128; fi'
    )

    def meanwhile(seconds):
        (forge.folder / "bin" / "git.back").touch()
        other.begin(begun("second", started=time.now + 60))

    ledger._store._line = replace(ledger._store._line, sleep=meanwhile)
    ledger.end("first", END)
    assert [(begin.run, end and end.taken_over) for begin, end in other.history()] == [
        ("second", None),
        ("first", False),
    ]


def test_somebody_else_wrote_just_before(forge, begun, entry, time):
    """Found by the push, not by a look before it; the decision is made again on what is there."""
    first, second = forge.ledger(forge.clone("one")), forge.ledger(forge.clone("two"))
    first.begin(begun("first"))
    second.read()
    first.end("first", END)
    assert second.begin(begun("second", started=time.now + 60)) is None
    assert [begin.run for begin, _ in first.history()] == ["second", "first"]


def test_a_ref_that_never_stands_still(forge, begun, monkeypatch):
    """It is given up in the end."""
    monkeypatch.setattr(store, "_RACES", 3)
    clone = forge.clone("clone")
    ledger = forge.ledger(clone)
    ledger.begin(begun("zeroth"))
    ledger.end("zeroth", replace(END, run="zeroth"))
    there = f'"$GIT" -c user.name=x -c user.email=x --git-dir="{forge.remote}"'
    move = f"{there} update-ref {REF} $({there} commit-tree -p {REF} -m x {REF}^{{tree}})"
    forge.wrap(f'[ "$1" = push ] && {{ unset GIT_DIR; {move}; export GIT_DIR="{cache(clone)}"; }}')
    with pytest.raises(LedgerError, match="moves faster than we can write"):
        forge.ledger(clone).begin(begun("first", started=1_700_000_060.0))
    assert forge.log()[-3:] == ["x", "x", "x"]


@pytest.mark.parametrize("rule", ["update", "pre-receive"])
def test_a_push_that_a_rule_declines(forge, begun, rule):
    """Once, with the rule's own words and what to do."""
    forge.hook(rule, 'echo "GH013: only the release team may push here" >&2; exit 1')
    clone = forge.clone("clone")
    with pytest.raises(LedgerError) as caught:
        forge.ledger(clone, ref="refs/heads/ledger").begin(begun())
    for words in ("origin", "refs/heads/ledger", "hook declined", "GH013: only the release team", "spec.ledger"):
        assert words in str(caught.value)
    assert forge.slept == []
    assert git("for-each-ref", "refs/heads/ledger", cwd=forge.remote) == ""


def test_a_branch_that_a_rule_guards(forge, begun):
    """Deleting and forcing are refused by the server: a ledger needs neither."""
    git("config", "receive.denyNonFastForwards", "true", cwd=forge.remote)
    git("config", "receive.denyDeletes", "true", cwd=forge.remote)
    ledger = forge.ledger(forge.clone("clone"), ref="refs/heads/ledger")
    ledger.begin(begun("first"))
    ledger.end("first", END)
    assert len(forge.log("refs/heads/ledger")) == 2


def test_a_token_that_may_only_read(forge, begun):
    """The push is denied, once."""
    forge.wrap(
        '[ "$1" = push ] && { echo "fatal: unable to access: The requested URL returned error: 403" >&2; exit 1; }'
    )
    with pytest.raises(LedgerError, match="cannot be written: unable to access: The requested URL returned error: 403"):
        forge.ledger(forge.clone("clone")).begin(begun())
    assert forge.slept == []


@pytest.mark.parametrize("what", ["begin", "record"])
def test_an_answer_that_was_lost_with_the_line(forge, begun, entry, what):
    """When the remote can be asked again, it has what we pushed: nothing is pushed twice."""
    clone = forge.clone("clone")
    forge.wrap("")
    ledger = forge.ledger(clone)
    steps = {"begin": lambda: ledger.begin(begun("first")), "record": lambda: ledger.record("first", [Put(entry())])}
    for name, step in steps.items():
        if name == what:
            forge.wrap(
                once('"$GIT" "$@" >/dev/null 2>&1; echo "fatal: hung up" >&2; exit 128')
                + '\n[ "$1" = ls-remote ] && [ -e "$0.done" ] && mkdir "$0.again" 2>/dev/null && exit 128'
            )
        step()
    assert (forge.folder / "bin" / "git.again").exists()
    assert [subject.split(":")[0] for subject in forge.log()] == ["Begin", "Record"]
    assert set(forge.ledger(forge.clone("other")).read().entries) == {CRM}
