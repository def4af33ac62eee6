"""Records in groups: what must not be lost is pushed at once, the rest with the next push, and threads share one."""

import threading

import pytest
from support.clones import REF

from reconciler.ledger.grouped import PATIENCE, GroupedLedger
from reconciler.model.errors import LeaseLost, LedgerError
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Drop, End, Intent, Put
from reconciler.model.resources import ResourceName

NAMES = [ResourceName(Kind.CONNECTION, f"c{number}") for number in range(9)]
CRM = ResourceName(Kind.CONNECTION, "crm")


@pytest.fixture
def clone(forge):
    return forge.clone("clone")


@pytest.fixture
def grouped(forge, clone, time):
    return GroupedLedger(forge.ledger(clone), lambda: time.now)


@pytest.fixture
def run(grouped, begun, entry, time):
    """A run that creates some, replaces one and updates the rest; ``crm`` is known from before."""
    grouped.read()
    grouped.begin(begun("before", intents=()))
    grouped.record("before", [Put(entry(CRM))])
    grouped.end("before", End("before", time.now))
    intents = (*(Intent(name, "create", None, "d") for name in NAMES), Intent(CRM, "replace", "id-of-crm", "d"))
    time.now += 60
    grouped.read()
    grouped.begin(begun("first", started=time.now, intents=intents))
    return grouped


def pushed(forge):
    """What was told since the run began."""
    return [subject for subject in forge.log() if not subject.startswith("Begin")][1:]


def test_the_id_of_what_was_created_is_pushed_at_once(run, forge, entry):
    """Before the record returns, with all that waited."""
    run.record("first", [Put(entry(CRM, observed={}))])
    assert pushed(forge) == []
    run.record("first", [Put(entry(NAMES[0]))])
    assert pushed(forge) == ["Record: Connection/crm is id-of-crm and 1 more"]


def test_another_id_is_pushed_at_once(run, forge, entry):
    """A replaced object has one."""
    run.record("first", [Put(entry(CRM, id="another"))])
    assert pushed(forge) == ["Record: Connection/crm is another"]


def test_whose_the_members_of_a_flow_spec_are_is_pushed_at_once(run, forge, entry):
    """Live shows who they are, not who added them."""
    run.record("first", [Put(entry(ResourceName(Kind.FLOW_SPEC, "crm-to-aep")))])
    assert pushed(forge) == ["Record: FlowSpec/crm-to-aep is id-of-crm-to-aep"]


@pytest.mark.parametrize("how", ["renew", "end", "late"])
def test_what_may_wait_goes_with_the_next_push(run, forge, clone, entry, time, how):
    """A renewal, the end, or the first record after a while."""
    run.record("first", [Put(entry(CRM, observed={"/x": 1}))])
    run.record("first", [Drop(NAMES[3])])
    time.now += PATIENCE - 1
    run.record("first", [Drop(NAMES[1])])
    assert pushed(forge) == []
    time.now += 1
    if how == "renew":
        run.renew("first", time.now + 600)
    elif how == "end":
        run.end("first", End("first", time.now))
    else:
        run.record("first", [Drop(NAMES[2])])
    assert len(pushed(forge)) == 1
    assert forge.ledger(clone).read().entries[CRM].observed == {"/x": 1}
    time.now += 1
    if how == "late":  # and the time counts from there
        run.record("first", [Drop(NAMES[2])])
        assert len(pushed(forge)) == 1


def test_what_is_adopted_may_wait(grouped, forge, begun, entry):
    """Live shows it: a run that is killed adopts it again."""
    grouped.read()
    grouped.begin(begun("first", intents=(Intent(CRM, "adopt", "id-of-crm", "d"),)))
    grouped.record("first", [Put(entry(CRM))])
    assert len(forge.log()) == 1


def test_a_created_object_that_was_dropped_is_new_again(run, forge, entry):
    """Its id is pushed as the first one was."""
    run.record("first", [Put(entry(NAMES[0]))])
    run.record("first", [Drop(NAMES[0])])
    run.record("first", [Put(entry(NAMES[0]))])
    assert len(pushed(forge)) == 2


def test_threads_share_a_push(run, forge, clone, entry):
    """Those that come while one is under way go together with the next; each returns when its own is there."""
    started, wrong = threading.Barrier(len(NAMES)), []

    def record(name):
        started.wait()
        run.record("first", [Put(entry(name))])
        there = forge.ledger(clone).read().entries
        if name not in there:
            wrong.append(name)

    threads = [threading.Thread(target=record, args=(name,)) for name in NAMES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert 1 <= len(pushed(forge)) < len(NAMES) - 2
    run.end("first", End("first", 1_700_000_100.0))
    assert set(forge.ledger(clone).read().entries) == {CRM, *NAMES}


def test_a_push_that_fails_loses_nothing(run, forge, clone, entry):
    """Its group goes with the next one, the first of it first."""
    forge.hook("update", "exit 1")
    for name in NAMES[:2]:
        with pytest.raises(LedgerError, match=f"refused the push of {REF}"):
            run.record("first", [Put(entry(name))])
    (forge.remote / "hooks" / "update").unlink()
    run.record("first", [Put(entry(NAMES[2]))])
    assert pushed(forge) == ["Record: Connection/c0 is id-of-c0 and 2 more"]
    assert set(forge.ledger(clone).read().entries) == {CRM, *NAMES[:3]}


def test_a_hold_that_was_lost_is_told(run, forge, entry):
    """And what waited is not ours to write any more."""
    forge.ledger(forge.clone("other")).unlock()
    run.record("first", [Drop(CRM)])
    with pytest.raises(LeaseLost):
        run.renew("first", 1_800_000_000.0)
    assert run._waiting == []
