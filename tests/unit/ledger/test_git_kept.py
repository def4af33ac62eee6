"""An end that could not be sent: kept on this machine, said, and finished by its next run."""

import pytest
from support.clones import CUT_OFF, cache

from reconciler.model.errors import LeaseLost, LedgerError, LedgerHeld, LedgerUnsaved
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Drop, End, Outcome, Put
from reconciler.model.resources import ResourceName

CRM = ResourceName(Kind.CONNECTION, "crm")
DAILY = ResourceName(Kind.FLOW, "daily")
END = End("first", 1_700_000_005.0, (Outcome(CRM, "create", "applied", "id"),))


def unsent(forge, clone, begun, entry, script=CUT_OFF):
    """Let a run's end not reach the remote; return the error."""
    forge.wrap("")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    ledger.record("first", [Put(entry())])
    forge.wrap(script)
    with pytest.raises(LedgerUnsaved) as caught:
        ledger.write("first", [Put(entry(DAILY))], end=END)
    forge.wrap("")
    return caught.value


def test_an_end_that_cannot_be_sent_is_kept_and_said(forge, begun, entry):
    """After some tries, each a little later; with the reason, and who finishes it."""
    clone = forge.clone("clone")
    error = unsent(forge, clone, begun, entry)
    for words in ("origin", "Connection reset", "kept on this machine", "the next apply from this clone sends it"):
        assert words in str(error)
    assert forge.slept == [0.5, 1.0, 2.0, 4.0]
    assert forge.ledger(forge.clone("other")).read().open == begun("first")


def test_the_next_run_of_the_clone_sends_what_was_kept(forge, begun, entry, time):
    """Before its own begin, in the same push; until then the plan says so, and knows what was recorded last."""
    clone = forge.clone("clone")
    unsent(forge, clone, begun, entry)
    ledger = forge.ledger(clone)
    state = ledger.read()
    assert (set(state.entries), state.open) == ({CRM, DAILY}, begun("first"))
    assert state.notes == (
        "the end of a run could not be sent: it is kept on this machine, and the next apply from here sends it",
    )
    assert [(begin.run, end) for begin, end in ledger.history()] == [("first", END)]
    assert ledger.begin(begun("second", started=time.now + 60), "first") is None
    assert forge.log()[-1].startswith("Begin: ci")
    other = forge.ledger(forge.clone("other"))
    assert [(begin.run, end) for begin, end in other.history()] == [("second", None), ("first", END)]
    assert set(other.read().entries) == {CRM, DAILY}
    assert ledger.read().notes == ()


def test_what_was_kept_is_dropped_where_others_went_on(forge, begun, entry, time):
    """They took over, and looked at what is live; that it is dropped is said once."""
    clone, other = forge.clone("clone"), forge.ledger(forge.clone("other"))
    unsent(forge, clone, begun, entry)
    time.now += 10_000
    other.begin(begun("second", started=time.now), "first")
    other.end("second", End("second", time.now + 1))
    ledger = forge.ledger(clone)
    state = ledger.read()
    assert (set(state.entries), state.open) == ({CRM}, None)
    assert state.notes == (
        "the end of a run was kept on this machine, and the ledger has moved on since: it is dropped",
    )
    assert ledger.read().notes == ()


def test_an_end_that_a_rule_declines_is_kept(forge, begun, entry):
    """The rule may be mended; it is not asked again before that."""
    clone = forge.clone("clone")
    forge.wrap("")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    forge.hook("update", "echo 'not now' >&2; exit 1")
    with pytest.raises(LedgerUnsaved, match="not now"):
        ledger.end("first", END)
    assert forge.slept == []
    (forge.remote / "hooks" / "update").unlink()
    assert forge.ledger(clone).begin(begun("second", started=1_700_000_060.0), "first") is None


def test_a_record_that_arrived_unseen_is_in_what_is_kept(forge, begun, entry):
    """The line was cut when a record was under way: its commit is there, and the end was made without knowing."""
    clone = forge.clone("clone")
    forge.wrap("")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    forge.wrap(f'[ "$1" = push ] && "$GIT" "$@" >/dev/null 2>&1\n{CUT_OFF}')
    with pytest.raises(LedgerError, match="Connection reset"):
        ledger.record("first", [Put(entry())])
    forge.wrap(CUT_OFF)
    with pytest.raises(LedgerUnsaved):
        ledger.write("first", [Put(entry()), Put(entry(DAILY))], end=END)
    forge.wrap("")
    again = forge.ledger(clone)
    assert again.begin(begun("second", started=1_700_000_060.0), "first") is None
    assert set(forge.ledger(forge.clone("other")).read().entries) == {CRM, DAILY}


def test_what_was_kept_outlives_a_broken_cache(forge, begun, entry):
    """It is all that cannot be fetched again."""
    clone = forge.clone("clone")
    unsent(forge, clone, begun, entry)
    (cache(clone) / "refs" / "ledger" / "tip").write_text("nonsense\n")
    ledger = forge.ledger(clone)
    ledger._store._repository.make_anew()
    assert set(ledger.read().entries) == {CRM, DAILY}
    assert ledger.begin(begun("second", started=1_700_000_060.0), "first") is None
    assert [end for _, end in forge.ledger(forge.clone("other")).history()] == [None, END]


def test_what_was_kept_and_cannot_be_read_is_lost(forge, begun, entry):
    """The ledger is as the remote has it; its run is taken over like any other."""
    clone = forge.clone("clone")
    unsent(forge, clone, begun, entry)
    for path in (cache(clone) / "objects").rglob("*"):
        if path.is_file():
            path.unlink()
    state = forge.ledger(clone).read()
    assert (set(state.entries), state.open, state.notes) == ({CRM}, begun("first"), ())


def test_an_end_that_cannot_even_be_kept(forge, begun):
    """The remote and the cache are gone at once: it is an error like any other."""
    clone = forge.clone("clone")
    forge.wrap("")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    forge.wrap(f'{CUT_OFF}\n[ "$1" = fast-import ] && exit 1')
    with pytest.raises(LedgerError) as caught:
        ledger.end("first", END)
    assert not isinstance(caught.value, LedgerUnsaved)


def test_the_end_of_a_run_that_never_saw_the_ledger(forge):
    """There is nothing that it could be made on."""
    clone = forge.clone("clone")
    forge.wrap(CUT_OFF)
    with pytest.raises(LedgerError, match="Connection reset") as caught:
        forge.ledger(clone).end("first", END)
    assert not isinstance(caught.value, LedgerUnsaved)


def test_an_end_that_is_no_longer_ours_is_not_kept(forge, begun):
    """It was unlocked: the next run looks at what is live."""
    clone = forge.clone("clone")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    forge.ledger(forge.clone("other")).unlock()
    with pytest.raises(LeaseLost):
        ledger.end("first", END)
    assert forge.ledger(clone).read().notes == ()


def test_what_was_forgotten_last_is_forgotten(forge, begun, entry):
    """A kept end takes entries away, too; also the last one of a kind."""
    clone = forge.clone("clone")
    forge.wrap("")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    ledger.record("first", [Put(entry()), Put(entry(DAILY))])
    forge.wrap(CUT_OFF)
    with pytest.raises(LedgerUnsaved):
        ledger.write("first", [Drop(DAILY)], end=END)
    forge.wrap("")
    again = forge.ledger(clone)
    assert set(again.read().entries) == {CRM}
    again.begin(begun("second", started=1_700_000_060.0), "first")
    assert set(forge.ledger(forge.clone("other")).read().entries) == {CRM}


def test_what_was_kept_ends_nobody_elses_run(forge, begun, entry, time):
    """The one that took over is at work: it holds the ledger, and its begin stays."""
    clone, other = forge.clone("clone"), forge.ledger(forge.clone("other"))
    unsent(forge, clone, begun, entry)
    time.now += 600
    second = begun("second", started=time.now)
    other.begin(second, "first")
    ledger = forge.ledger(clone)
    with pytest.raises(LedgerHeld, match="run second"):
        ledger.begin(begun("third", started=time.now))
    assert ledger.read().open == second
    assert [begin.run for begin, _ in ledger.history()] == ["second", "first"]
