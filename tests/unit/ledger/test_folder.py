"""The home in a folder: who may write, what is kept, and that a failure never looks like an empty ledger."""

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from reconciler.diff.document import MISSING
from reconciler.ledger import files
from reconciler.ledger.lease import TO_NOTICE
from reconciler.model.errors import LeaseLost, LedgerError, LedgerHeld, LedgerTampered
from reconciler.model.kinds import Kind
from reconciler.model.ledger import Drop, End, LedgerState, Outcome, Put
from reconciler.model.resources import ResourceName
from reconciler.model.secrets import Fingerprint, Redactor

CRM = ResourceName(Kind.CONNECTION, "crm")
DAILY = ResourceName(Kind.FLOW, "daily")


@pytest.fixture
def filled(opened, entry, begun):
    """A ledger with two entries, written in one finished run."""

    def filled(keys=None):
        ledger = opened(keys)
        ledger.begin(begun("first"))
        ledger.record("first", [Put(entry(CRM)), Put(entry(DAILY))])
        ledger.end("first", End("first", 1_700_000_005.0))
        return ledger

    return filled


def edit(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_folder_that_is_not_there_is_a_ledger_before_its_first_run(ledger, folder):
    """Reading makes no folder."""
    assert ledger.read() == LedgerState()
    assert ledger.history() == []
    assert not folder.exists()


@pytest.mark.parametrize("keyed", [True, False])
def test_what_a_run_records_is_read_again(filled, entry, key, folder, keyed):
    """Entries by resource, one file each, no begin left open, no temporary file left over."""
    ledger = filled(key if keyed else None)
    assert ledger.read() == LedgerState({CRM: entry(CRM), DAILY: entry(DAILY)})
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.name != ".lock") == [
        "history/20231114T221320Z-first.json",
        "resources/Connection/crm.json",
        "resources/Flow/daily.json",
    ]


def test_the_same_entry_is_the_same_bytes(filled, entry, begun, folder, key):
    """Recording again changes nothing."""
    ledger = filled(key)
    before = (folder / "resources/Connection/crm.json").read_bytes()
    ledger.begin(begun("second"))
    ledger.record("second", [Put(entry(CRM))])
    assert (folder / "resources/Connection/crm.json").read_bytes() == before


def test_a_dropped_entry_is_gone(filled, begun, entry):
    """Dropping what is not there is no error: a run that is finished later drops again."""
    ledger = filled()
    ledger.begin(begun("second"))
    ledger.record("second", [Drop(CRM), Drop(CRM)])
    assert ledger.read().entries == {DAILY: entry(DAILY)}


def test_an_open_begin_refuses_others_by_name(ledger, begun, time):
    """Who, since when, until when, and what can be done."""
    assert ledger.begin(begun("first", actor="alice")) is None
    time.now += 599
    with pytest.raises(LedgerHeld) as caught:
        ledger.begin(begun("second"))
    for word in ("first", "alice", "2023-11-14 22:13:20Z", "2023-11-14 22:23:20Z", "wait"):
        assert word in str(caught.value)
    assert ledger.read().open == begun("first", actor="alice")


def test_an_expired_begin_is_taken_over(ledger, begun, time, entry):
    """The next run gets its intents, the history says what happened, and the late one writes no more."""
    ledger.begin(begun("first"))
    time.now += 600
    second = begun("second", started=time.now)
    assert ledger.begin(second, seen="first") == begun("first")
    assert ledger.read().open == second
    assert ledger.history() == [(second, None), (begun("first"), End("first", time.now, taken_over=True))]
    for late in (
        lambda: ledger.renew("first", time.now + 600),
        lambda: ledger.record("first", [Put(entry())]),
        lambda: ledger.end("first", End("first", time.now)),
    ):
        with pytest.raises(LeaseLost, match="second of ci took it over"):
            late()
    assert ledger.read().entries == {}


def test_a_begin_that_is_gone_is_a_lost_lease(ledger, begun, folder, entry):
    """Nothing is written without a begin."""
    with pytest.raises(LeaseLost):
        ledger.record("first", [Put(entry())])
    ledger.begin(begun("first"))
    (folder / "begin.json").unlink()
    with pytest.raises(LeaseLost):
        ledger.end("first", End("first", 0))


def test_a_renewed_begin_holds_longer(ledger, begun, time):
    """Until the time that it was renewed to."""
    ledger.begin(begun("first"))
    ledger.renew("first", time.now + 2000)
    time.now += 1999
    with pytest.raises(LedgerHeld):
        ledger.begin(begun("second"))
    assert ledger.read().open == replace(begun("first"), expires=1_700_002_000.0)


def test_an_expired_begin_that_nobody_took_still_is_ours(ledger, begun, time, entry):
    """Nobody has written since, so renewing and recording go on."""
    ledger.begin(begun("first"))
    time.now += 10_000
    ledger.renew("first", time.now + 600)
    ledger.record("first", [Put(entry())])
    with pytest.raises(LedgerHeld):
        ledger.begin(begun("second"))


def test_unlocking_lets_the_next_run_take_over_soon(ledger, begun, time):
    """Once the holder has had its time to notice; the begin stays, so that its intents are not lost."""
    assert ledger.unlock() is None
    ledger.begin(begun("first"))
    time.now += 1
    with pytest.raises(LedgerHeld, match="reconciler unlock shortens the wait"):
        ledger.begin(begun("second"), "first")
    assert ledger.unlock().run == "first"
    with pytest.raises(LedgerHeld) as caught:
        ledger.begin(begun("second"), "first")
    assert "unlock" not in str(caught.value)
    time.now += TO_NOTICE
    assert ledger.begin(begun("second"), "first").intents == begun("first").intents


def test_history_tells_the_newest_run_first(ledger, begun, time):
    """With begin and end; the run that is open has no end."""
    for number in range(3):
        begin = begun(f"run-{number}", started=time.now)
        ledger.begin(begin)
        if number < 2:
            ledger.end(begin.run, End(begin.run, time.now + 1, (Outcome(CRM, "create", "applied", "id"),)))
        time.now += 60
    assert [(begin.run, end and end.finished) for begin, end in ledger.history()] == [
        ("run-2", None),
        ("run-1", 1_700_000_061.0),
        ("run-0", 1_700_000_001.0),
    ]


def test_an_end_that_crashed_half_way_is_an_end(ledger, begun, monkeypatch):
    """The history is written before the begin is deleted; what stands in it as ended holds nobody up."""
    ledger.begin(begun("first"))

    def crash(path):
        raise LedgerError("crash")

    with monkeypatch.context() as patch:
        patch.setattr(files, "delete", crash)
        with pytest.raises(LedgerError, match="crash"):
            ledger.end("first", End("first", 1_700_000_001.0))
    assert ledger.read().open is None
    assert ledger.begin(begun("second")) is None


def test_a_take_over_that_crashed_half_way_is_taken_over_again(ledger, begun, time, monkeypatch):
    """The intents of the dead run are not lost between the two writes."""
    ledger.begin(begun("first"))
    time.now += 600
    write = files.write

    def crash(path, content):
        if path.name == "begin.json":
            raise LedgerError("crash")
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", crash)
        with pytest.raises(LedgerError, match="crash"):
            ledger.begin(begun("second"), "first")
    assert ledger.begin(begun("third"), "first") == begun("first")


@pytest.mark.parametrize("run", ["", "../x", "a/b", ".hidden", "a b", "x" * 101])
def test_a_run_has_a_name_that_a_file_can_have(ledger, begun, run):
    """It stands in the history's file name."""
    with pytest.raises(LedgerError, match="no name of a run"):
        ledger.begin(begun(run))


def test_one_of_many_that_begin_at_once_holds_the_ledger(opened, begun):
    """The check and the write are one step, between threads and between processes alike."""
    held, taken = [], []

    def start(number):
        try:
            opened().begin(begun(f"run-{number}"))
            taken.append(number)
        except LedgerHeld:
            held.append(number)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(held)) == (1, 5)


def test_a_changed_entry_is_refused_by_name(filled, key, folder):
    """A seal that does not fit stops everything."""
    ledger = filled(key)
    edit(folder / "resources/Flow/daily.json", id="evil")
    with pytest.raises(LedgerTampered, match=r"daily\.json"):
        ledger.read()


def test_an_unsealed_entry_among_sealed_ones_is_refused(filled, key, folder):
    """Whoever cannot make a seal can leave it out."""
    ledger = filled(key)
    edit(folder / "resources/Flow/daily.json", seal=None)
    with pytest.raises(LedgerTampered, match=r"daily\.json is not sealed.*RECONCILER_KEY"):
        ledger.read()
    edit(folder / "resources/Connection/crm.json", seal={"keyId": "x", "hmac": "y"})
    with pytest.raises(LedgerTampered):
        ledger.read()


def test_a_ledger_from_before_the_key_is_sealed_whole_by_the_next_run(filled, opened, key, begun, entry, folder):
    """Until then it is one note; then its old entries must not stand unsealed among new ones."""
    filled(None)
    ledger = opened(key)
    (note,) = ledger.read().notes
    assert "not sealed" in note
    ledger.begin(begun("second"))
    ledger.record("second", [Put(entry(ResourceName(Kind.FLOW, "third")))])
    assert ledger.read().notes == ()
    assert len(ledger.read().entries) == 3
    edit(folder / "resources/Flow/daily.json", protect=False)
    with pytest.raises(LedgerTampered):
        ledger.read()


def test_seals_that_cannot_be_verified_are_noted_once(filled, opened, key, other_key, begun, entry):
    """Of another key, or of any without one; entries of the key at hand may stand beside."""
    filled(other_key)
    (note,) = opened(key).read().notes
    assert note.startswith("the seals of 2 ledger entries could not be verified: RECONCILER_KEY is another one")
    (note,) = opened(None).read().notes
    assert "RECONCILER_KEY is not set here" in note
    ledger = opened(key)
    ledger.begin(begun("second"))
    ledger.record("second", [Put(entry(CRM))])
    (note,) = ledger.read().notes
    assert note.startswith("the seal of 1 ledger entry could not be verified")


def test_who_cannot_seal_does_not_write_into_a_sealed_ledger(filled, opened, key, other_key, begun):
    """One entry without a seal would accuse it before every run that has the key; whoever lost it takes another one."""
    filled(key)
    with pytest.raises(LedgerError, match="is sealed, and RECONCILER_KEY is not set here"):
        opened(None).begin(begun("second"))
    assert opened(key).standing() is None
    opened(other_key).begin(begun("third"))


def test_without_a_key_nothing_is_sealed_and_nothing_noted(filled):
    """No key is a choice; the plan tells of it elsewhere."""
    assert filled(None).read().notes == ()


@pytest.mark.parametrize("scope", [{"organisation": "other"}, {"sandbox": "dev"}])
def test_a_ledger_of_another_place_is_refused(filled, opened, begun, scope):
    """Every organisation and sandbox has a ledger of its own."""
    filled()
    with pytest.raises(LedgerTampered):
        opened(**scope).read()
    with pytest.raises(LedgerTampered):
        opened(**scope).history()


def test_an_entry_of_another_place_is_not_written(ledger, begun, entry):
    """It would be refused when read."""
    ledger.begin(begun())
    with pytest.raises(LedgerError, match="another organisation or sandbox"):
        ledger.record("run-1", [Put(entry(sandbox="dev"))])


@pytest.mark.parametrize(
    "place", ["resources/Connection/sales.json", "resources/Flow/crm.json", "resources/Other/crm.json"]
)
def test_a_file_stands_where_its_resource_says(filled, folder, place):
    """A copied or renamed file would speak for another resource."""
    ledger = filled()
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / "resources/Connection/crm.json").rename(folder / place)
    with pytest.raises(LedgerTampered, match="Connection/crm"):
        ledger.read()


def test_what_is_no_entry_file_is_passed_over(filled, folder):
    """Temporary files of a crash and notes of a person are no entries."""
    ledger = filled()
    (folder / "resources/Flow/.daily.json.tmp").write_text("{")
    (folder / "resources/Flow/notes.txt").write_text("hello")
    (folder / "history/notes.txt").write_text("hello")
    assert len(ledger.read().entries) == 2
    assert len(ledger.history()) == 1


@pytest.mark.parametrize("place", ["begin.json", "resources/Flow/daily.json"])
@pytest.mark.parametrize("thing", ["pipe", "symlink", "dangling symlink", "folder", "giant"])
def test_what_is_no_file_of_a_ledger(filled, folder, place, thing):
    """It is named, neither followed nor waited for, and never taken for a ledger that is empty."""
    ledger, path = filled(), folder / place
    (folder.parent / "elsewhere").write_bytes((folder / "resources/Flow/daily.json").read_bytes())
    path.unlink(missing_ok=True)
    if thing == "pipe":
        os.mkfifo(path)
    elif thing == "folder":
        path.mkdir()
    elif thing == "giant":
        path.touch()
        os.truncate(path, files.LARGEST + 1)
    else:
        path.symlink_to(folder.parent / ("elsewhere" if thing == "symlink" else "nowhere"))
    words = {"pipe": "not a regular file", "folder": "Is a directory", "giant": "larger than 64 MiB"}
    with pytest.raises(LedgerError, match=f"cannot read .*{path.name}: .*{words.get(thing, 'symlinks')}"):
        ledger.read()


def test_what_could_not_be_read_is_not_written(ledger, begun, monkeypatch):
    """A begin that nobody could read would hold the ledger for ever."""
    monkeypatch.setattr(files, "LARGEST", 100)
    with pytest.raises(LedgerError, match=r"cannot write .*begin\.json: it would be larger than"):
        ledger.begin(begun("second"))


def test_a_broken_file_is_an_error_that_names_it(filled, folder):
    """Not a ledger with one entry less."""
    ledger = filled()
    (folder / "resources/Flow/daily.json").write_text("{")
    with pytest.raises(LedgerError, match=r"daily\.json is not JSON"):
        ledger.read()


@pytest.mark.parametrize("place", ["begin.json", "resources/Flow/daily.json"])
def test_a_file_that_cannot_be_read_is_an_error(filled, folder, place):
    """Here a folder stands in its place."""
    ledger = filled()
    (folder / place).unlink(missing_ok=True)
    (folder / place).mkdir()
    with pytest.raises(LedgerError, match="cannot read"):
        ledger.read()


def test_a_folder_that_cannot_be_read_is_never_an_empty_ledger(filled, monkeypatch):
    """Permission denied is not "nothing there"."""
    ledger = filled()

    def denied(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", denied)
    with pytest.raises(LedgerError, match="Permission denied"):
        ledger.read()


def test_an_entry_dropped_while_others_are_read_is_no_error(filled, monkeypatch, entry):
    """A plan reads without a lock; another run may drop an entry meanwhile."""
    ledger = filled()
    read = files.read
    monkeypatch.setattr(files, "read", lambda path: None if path.name == "crm.json" else read(path))
    assert ledger.read().entries == {DAILY: entry(DAILY)}


def test_a_run_deleted_while_the_history_is_read_is_an_error(filled, monkeypatch):
    """Nobody deletes history."""
    ledger = filled()
    monkeypatch.setattr(files, "read", lambda path: None)
    with pytest.raises(LedgerError, match="deleted while it was read"):
        ledger.history()


def test_a_write_that_fails_leaves_what_was(filled, folder, begun, entry, monkeypatch):
    """The file is as it was, the temporary one is gone, and the error names the file."""
    ledger = filled()
    before = (folder / "resources/Connection/crm.json").read_bytes()
    ledger.begin(begun("second"))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(LedgerError, match=r"cannot write .*crm\.json: No space left"):
            ledger.record("second", [Put(entry(CRM, id="other"))])
    assert (folder / "resources/Connection/crm.json").read_bytes() == before
    assert [path.name for path in (folder / "resources/Connection").iterdir()] == ["crm.json"]


def test_a_delete_that_fails_is_an_error(filled, begun, monkeypatch):
    """What could not be dropped is not reported as dropped."""
    ledger = filled()
    ledger.begin(begun("second"))

    def denied(path, missing_ok):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", denied)
    with pytest.raises(LedgerError, match="cannot delete"):
        ledger.record("second", [Drop(CRM)])


def test_a_folder_that_cannot_be_made_is_an_error(folder, ledger, begun):
    """Here a file stands in its place."""
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("a file")
    with pytest.raises(LedgerError, match="cannot lock"):
        ledger.begin(begun())


def test_a_folder_that_stays_locked_is_an_error(ledger, folder, begun, monkeypatch):
    """A process that hangs with the lock is told of after a while."""
    monkeypatch.setattr(files, "LOCK_WAIT", 0.01)
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"), pytest.raises(LedgerError, match="locked"):
        ledger.begin(begun())


def test_a_run_that_the_plan_knows_nothing_of_is_not_taken_over(ledger, begun, time):
    """What it did is not in the plan: its begin stays, intents and all, for a plan that sees it."""
    ledger.begin(begun("first"))
    time.now += 600
    for seen in (None, "zeroth"):
        with pytest.raises(LedgerError, match=r"run first of ci .* never ended, after this plan was made"):
            ledger.begin(begun("second"), seen)
    assert ledger.read().open == begun("first")


def test_an_observed_value_that_holds_a_secret_is_not_kept(opened, begun, entry):
    """The service may show a secret anywhere; a form that is not known is compared again."""
    redactor = Redactor()
    redactor.learn("hunter-two")
    ledger = opened(redactor=redactor)
    ledger.begin(begun())
    observed = {"/a": "hunter-two!", "/b": {"c": ["hunter-two"]}, "/c": 1, "/d": MISSING, "/e": ["x"], "/f": {"g": "y"}}
    ledger.record("run-1", [Put(entry(CRM, observed=observed))])
    assert set(ledger.read().entries[CRM].observed) == {"/c", "/d", "/e", "/f"}


def test_an_error_in_the_history_holds_no_secret(opened, begun):
    """It may quote the service, which may quote us."""
    redactor = Redactor()
    redactor.learn("hunter-two")
    ledger = opened(redactor=redactor)
    ledger.begin(begun())
    ledger.end("run-1", End("run-1", 1.0, (Outcome(CRM, "update", "failed", None, 2, "it said hunter-two"),)))
    ((_, end),) = ledger.history()
    assert end.outcomes[0].error == "it said •••"
    assert end.outcomes[0].attempts == 2


def test_a_hash_that_happens_to_hold_a_short_secret_is_written(opened, begun, entry, key):
    """The digits of a fingerprint or a digest are chance, and no leak."""
    redactor = Redactor()
    redactor.learn("h4sh")
    ledger = opened(key, redactor=redactor)
    ledger.begin(begun(plan="abch4sh", actor="h4sh"))
    ledger.record("run-1", [Put(entry(secrets={"/auth/params/password": Fingerprint("k", "h4sh")}))])
    assert CRM in ledger.read().entries
