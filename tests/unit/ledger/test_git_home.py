"""The home on a git ref: the same rules as in a folder, told by commits."""

import threading

import pytest
from support.clones import REF, git

from reconciler.ledger.git import tree
from reconciler.ledger.lease import TO_NOTICE
from reconciler.model.errors import LeaseLost, LedgerError, LedgerHeld, LedgerTampered
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Drop, End, LedgerState, Outcome, Put
from reconciler.model.resources import ResourceName

CRM = ResourceName(Kind.CONNECTION, "crm")
DAILY = ResourceName(Kind.FLOW, "daily")
WHERE = ["remote", "no remote"]


@pytest.fixture(params=WHERE)
def clone(request, forge):
    """A clone whose ledger is on its origin, and a repository that keeps its own."""
    return forge.clone("clone") if request.param == "remote" else forge.repository("alone")


def finished(ledger, begun, entry, run="first", resources=(CRM, DAILY), **fields):
    ledger.begin(begun(run, **fields))
    ledger.record(run, [Put(entry(resource)) for resource in resources])
    ledger.end(run, End(run, fields.get("started", 1_700_000_000.0) + 5, (Outcome(CRM, "create", "applied", "id"),)))


def test_without_the_ref_it_is_a_ledger_before_its_first_run(forge, clone):
    """Reading makes no ref."""
    assert forge.ledger(clone).read() == LedgerState()
    assert forge.ledger(clone).history() == []
    assert forge.ledger(clone).place.startswith("refs/reconciler/prod of ")
    assert "refs/reconciler" not in git("for-each-ref", cwd=forge.remote) + git("for-each-ref", cwd=clone)


def test_what_a_run_records_every_clone_reads(forge, begun, entry, key):
    """Entries by resource, a file each, the same files as in a folder."""
    finished(forge.ledger(forge.clone("first"), key), begun, entry)
    other = forge.ledger(forge.clone("second"), key)
    assert other.read() == LedgerState({CRM: entry(CRM), DAILY: entry(DAILY)})
    assert forge.tree() == [
        "history/20231114T221320Z-first.json",
        "resources/Connection/crm.json",
        "resources/Flow/daily.json",
    ]


def test_the_files_are_those_of_the_folder(forge, opened, folder, begun, entry, key):
    """Two homes, one format: byte for byte."""
    finished(forge.ledger(forge.clone("clone"), key), begun, entry)
    finished(opened(key), begun, entry)
    for path in forge.tree():
        assert git("show", f"{REF}:{path}", cwd=forge.remote) + "\n" == (folder / path).read_text(encoding="utf-8")


def test_a_log_that_reads_well(forge, begun, entry):
    """Who began, with which plan, what was recorded, how it ended; by the actor, at the run's time."""
    ledger = forge.ledger(forge.clone("clone"))
    finished(ledger, begun, entry, actor="Ann <a> (run 17)")
    assert forge.log() == [
        "Begin: Ann <a> (run 17) means to write 2 resources",
        "Record: Connection/crm is id-of-crm and 1 more",
        "End: 1 applied",
    ]
    assert set(forge.log(form="%an, %cn, %ae, %at")) == {
        "Ann  a  (run 17), Ann  a  (run 17), reconciler@localhost, 1700000000"
    }
    body = git("log", "-1", "--format=%B", f"{REF}~2", cwd=forge.remote)
    for fact in ("run first", "plan digest", "commit abc", "until 2023-11-14 22:23:20Z", "create Connection/crm"):
        assert fact in body.splitlines()
    git("fsck", "--strict", cwd=forge.remote)


def test_renewing_and_unlocking_are_told_too(forge, begun, time):
    """Until when; and whose it was, by whoever did it."""
    ledger = forge.ledger(forge.clone("clone"))
    ledger.begin(begun("first"))
    ledger.renew("first", time.now + 700)
    forge.ledger(forge.clone("other")).unlock(actor="bob")
    assert forge.log()[1:] == ["Renew: until 2023-11-14 22:25:00Z", "Unlock: run first of ci"]
    assert forge.log(form="%an")[-1] == "bob"


def test_a_dropped_entry_is_gone(forge, clone, begun, entry):
    """Also one that was not there."""
    ledger = forge.ledger(clone)
    finished(ledger, begun, entry)
    ledger.begin(begun("second", started=1_700_000_100.0))
    ledger.record("second", [Drop(CRM), Drop(CRM)])
    ledger.record("second", [Drop(CRM)])
    assert ledger.read().entries == {DAILY: entry(DAILY)}
    assert forge.ledger(clone).read().entries == {DAILY: entry(DAILY)}


def test_an_open_begin_refuses_other_clones_by_name(forge, begun):
    """Who, since when and until when, also where the other clone has read the ledger before."""
    first, second = forge.ledger(forge.clone("first")), forge.ledger(forge.clone("second"))
    second.read()
    first.begin(begun("first", actor="alice"))
    with pytest.raises(LedgerHeld, match=r"run first of alice since 2023-11-14 22:13:20Z, until 2023-11-14 22:23:20Z"):
        second.begin(begun("second"))
    assert second.read().open == begun("first", actor="alice")
    assert len(forge.log()) == 1


def test_an_expired_begin_is_taken_over(forge, begun, time, entry):
    """And the run that comes back finds out with whatever it writes first, though it knows of nothing."""
    first, second = forge.ledger(forge.clone("first")), forge.ledger(forge.clone("second"))
    first.begin(begun("first"))
    time.now += 600
    assert second.begin(begun("second", started=time.now), seen="first") == begun("first")
    for late in (
        lambda: first.record("first", [Put(entry())]),
        lambda: first.renew("first", time.now + 600),
        lambda: first.end("first", End("first", time.now)),
    ):
        with pytest.raises(LeaseLost, match="second of ci took it over"):
            late()
    assert [(begin.run, end and end.taken_over) for begin, end in first.history()] == [
        ("second", None),
        ("first", True),
    ]


def test_a_run_that_the_plan_knows_nothing_of_is_not_taken_over(forge, begun, time):
    """It began and expired since; that is found by the push."""
    first, second = forge.ledger(forge.clone("first")), forge.ledger(forge.clone("second"))
    assert second.read().open is None
    first.begin(begun("first"))
    time.now += 600
    with pytest.raises(LedgerError, match=r"run first of ci .* never ended, after this plan was made"):
        second.begin(begun("second"))


@pytest.mark.parametrize("late", ["record", "renew", "end"])
@pytest.mark.parametrize("home", ["folder", "git"])
def test_a_run_that_was_unlocked_notices(forge, opened, begun, entry, time, late, home):
    """Though nobody took over yet, and though it had just renewed its hold."""
    ledger, other = (
        (opened(), opened())
        if home == "folder"
        else (forge.ledger(forge.clone("one")), forge.ledger(forge.clone("two")))
    )
    ledger.begin(begun("first"))
    ledger.renew("first", time.now + 900)
    ledger.record("first", [Put(entry())])
    assert other.unlock().run == "first"
    writes = {
        "record": lambda: ledger.record("first", [Put(entry(DAILY))]),
        "renew": lambda: ledger.renew("first", time.now + 900),
        "end": lambda: ledger.end("first", End("first", time.now)),
    }
    with pytest.raises(LeaseLost, match="was unlocked"):
        writes[late]()
    time.now += TO_NOTICE
    assert other.begin(begun("second"), "first").intents == begun("first").intents
    assert set(other.read().entries) == {CRM}


def test_unlocking_what_has_expired_is_noticed_too(opened, begun, time):
    """A machine that slept through its expiry and an unlock must not go on."""
    ledger = opened()
    ledger.begin(begun("first"))
    time.now += 10_000
    opened().unlock()
    with pytest.raises(LeaseLost, match="was unlocked"):
        ledger.renew("first", time.now + 600)


def test_only_the_run_that_was_seen_is_unlocked(forge, clone, begun):
    """Another one that began meanwhile is nobody's to end."""
    ledger = forge.ledger(clone)
    ledger.begin(begun("second"))
    with pytest.raises(LedgerHeld, match="run first is over, and run second of ci holds the ledger"):
        ledger.unlock("first")
    assert ledger.standing() == begun("second")
    assert ledger.unlock("second").run == "second"


def test_nothing_to_unlock(forge, clone):
    """No commit is made."""
    assert forge.ledger(clone).unlock() is None
    assert "refs/reconciler" not in git("for-each-ref", cwd=forge.remote) + git("for-each-ref", cwd=clone)


def test_history_may_be_cut(forge, clone, begun, entry, time):
    """The newest runs, of which no more are read."""
    ledger = forge.ledger(clone)
    for number in range(3):
        time.now += 60
        finished(ledger, begun, entry, f"run-{number}", (), started=time.now)
    assert [begin.run for begin, _ in ledger.history(2)] == ["run-2", "run-1"]
    assert [begin.run for begin, _ in ledger.history()] == ["run-2", "run-1", "run-0"]


def test_one_of_many_clones_that_begin_at_once_holds_the_ledger(forge, begun):
    """The others are told whose it is; all had read the same ledger, where there was none."""
    ledgers = [forge.ledger(forge.clone(f"clone-{number}")) for number in range(5)]
    for ledger in ledgers:
        ledger.read()
    start, taken, held, wrong = threading.Barrier(len(ledgers)), [], [], []

    def begin(number):
        start.wait()
        try:
            ledgers[number].begin(begun(f"run-{number}"))
            taken.append(f"run-{number}")
        except LedgerHeld as error:
            held.append(str(error))
        except BaseException as error:  # noqa: BLE001 - told below
            wrong.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(len(ledgers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (len(taken), len(held)) == (1, 4)
    assert all(f"held by run {taken[0]} of ci" in error for error in held)
    assert len(forge.log()) == 1


def test_a_lost_ledger_is_empty(forge, clone, begun, entry):
    """The ref was deleted: the next run begins where the first one did."""
    ledger = forge.ledger(clone)
    finished(ledger, begun, entry)
    for repository in (forge.remote, clone):
        git("update-ref", "-d", REF, cwd=repository)
    assert ledger.read() == LedgerState()
    finished(ledger, begun, entry, "second")
    assert set(forge.ledger(clone).read().entries) == {CRM, DAILY}


def test_a_run_whose_ledger_was_deleted_writes_no_more(forge, begun, entry):
    """Nothing is written without a begin."""
    ledger = forge.ledger(forge.clone("clone"))
    ledger.begin(begun("first"))
    git("update-ref", "-d", REF, cwd=forge.remote)
    with pytest.raises(LeaseLost, match="does not hold the ledger any more"):
        ledger.record("first", [Put(entry())])
    assert "refs/reconciler" not in git("for-each-ref", cwd=forge.remote)


def test_a_ledger_from_before_the_key_is_sealed_whole(forge, clone, begun, entry, key):
    """By the commit that begins, entries and all."""
    finished(forge.ledger(clone), begun, entry)
    ledger = forge.ledger(clone, key)
    (note,) = ledger.read().notes
    assert "not sealed" in note
    ledger.begin(begun("second", started=1_700_000_100.0))
    assert forge.ledger(clone, key).read().notes == ()


def test_a_changed_entry_is_refused_by_name(forge, begun, entry, key):
    """As ``git show`` takes it."""
    clone = forge.clone("clone")
    finished(forge.ledger(clone, key), begun, entry)
    git("fetch", "-q", "origin", REF, cwd=clone)
    git("checkout", "-q", "FETCH_HEAD", cwd=clone)
    path = clone / "resources/Flow/daily.json"
    path.write_text(path.read_text().replace("id-of-daily", "evil"))
    git("commit", "-q", "-a", "-m", "by hand", cwd=clone)
    git("push", "-q", "origin", f"HEAD:{REF}", cwd=clone)
    with pytest.raises(LedgerTampered, match=rf"^{REF}:resources/Flow/daily\.json was changed by another hand"):
        forge.ledger(forge.clone("other"), key).read()


def test_a_ledger_of_another_sandbox_is_refused(forge, begun, entry):
    """The ref is the target's alone."""
    clone = forge.clone("clone")
    ledger = forge.ledger(clone)
    finished(ledger, begun, entry)
    ledger._scope = ledger._pages.scope = type(ledger._scope)("org", "dev")
    with pytest.raises(LedgerTampered, match="belongs to sandbox 'prod'"):
        ledger.read()


def test_a_giant_on_the_ref_is_not_read(forge, clone, begun, entry, monkeypatch):
    """Its size is known before its content: what is larger than any file of a ledger is none."""
    finished(forge.ledger(clone), begun, entry)
    monkeypatch.setattr(tree, "LARGEST", 100)
    with pytest.raises(LedgerError, match=r"something else than a ledger, .* is larger than"):
        forge.ledger(clone).read()
