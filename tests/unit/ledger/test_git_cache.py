"""The private repository: what a killed git left in it, what is broken, and what it takes to go on."""

import os
import shutil
from dataclasses import replace

import pytest
from filelock import FileLock
from support.clones import REF, cache, git

from reconciler.ledger.git import store
from reconciler.ledger.git.repository import Broken, _batch
from reconciler.model.errors import LedgerError, LedgerHeld
from reconciler.model.kinds import Kind
from reconciler.model.ledger import End, LedgerState, Outcome, Put
from reconciler.model.resources import ResourceName

CRM = ResourceName(Kind.CONNECTION, "crm")
DAILY = ResourceName(Kind.FLOW, "daily")
END = End("first", 1_700_000_005.0, (Outcome(CRM, "create", "applied", "id"),))


@pytest.mark.parametrize("lock", ["HEAD.lock", "packed-refs.lock", "shallow.lock", "refs/ledger/tip.lock"])
def test_locks_that_a_killed_git_left_in_the_cache(forge, begun, lock):
    """They stop nobody: whoever holds the cache knows that their git is dead."""
    clone = forge.clone("clone")
    forge.ledger(clone).begin(begun("first"))
    other = forge.ledger(forge.clone("other"))
    other.renew("first", 1_700_009_999.0)
    (cache(clone) / lock).parent.mkdir(parents=True, exist_ok=True)
    (cache(clone) / lock).touch()
    ledger = forge.ledger(clone)
    assert ledger.read().open.expires == 1_700_009_999.0
    ledger.end("first", END)
    assert not (cache(clone) / lock).exists()


def test_a_lock_that_a_killed_git_left_in_the_users_repository(forge, begun, time):
    """It is waited for, since somebody's git may be alive; then it is removed, and no other."""
    alone = forge.repository("alone")
    ledger = forge.ledger(alone)
    ledger.begin(begun("first"))
    lock, other = alone / ".git" / f"{REF}.lock", alone / ".git" / "index.lock"
    lock.touch()
    other.touch()
    os.utime(lock, (time.now - 8, time.now - 8))
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        time.now += seconds

    ledger._store._line = replace(ledger._store._line, sleep=sleep)
    ledger.end("first", END)
    assert waited[:3] == [1.0, 1.0, 1.0]
    assert not lock.exists()
    assert other.exists()
    assert forge.log(cwd=alone)[-1] == "End: 1 applied"


def test_a_lock_of_somebody_who_is_alive(forge, begun, time):
    """It goes by itself."""
    alone = forge.repository("alone")
    ledger = forge.ledger(alone)
    ledger.begin(begun("first"))
    lock = alone / ".git" / f"{REF}.lock"
    lock.touch()
    os.utime(lock, (time.now, time.now))
    ledger._store._line = replace(ledger._store._line, sleep=lambda _: lock.unlink(missing_ok=True))
    ledger.renew("first", time.now + 900)
    assert forge.log(cwd=alone)[-1].startswith("Renew")


def test_a_lock_on_a_remote_is_not_ours(forge, begun, time):
    """It is told of, and stays."""
    ledger = forge.ledger(forge.clone("clone"))
    ledger.begin(begun("first"))
    lock = forge.remote / f"{REF}.lock"
    lock.touch()
    os.utime(lock, (time.now - 9000, time.now - 9000))
    with pytest.raises(LedgerError, match=r"cannot be written: .*lock"):
        ledger.renew("first", time.now + 900)
    assert lock.exists()


def spoil(cache):
    """Let every object be nonsense."""
    for path in (cache / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"x")


@pytest.mark.parametrize(
    "damage",
    [
        shutil.rmtree,
        lambda cache: (cache / "HEAD").unlink(),
        lambda cache: (cache / "HEAD").write_text("nonsense"),
        lambda cache: [path.unlink() for path in (cache / "objects").rglob("*") if path.is_file()],
        spoil,
        lambda cache: (cache / "shallow").write_text("nonsense\n"),
        lambda cache: (cache / "config").write_text("[nonsense"),
        lambda cache: shutil.rmtree(cache / "refs"),
    ],
    ids=["gone", "no HEAD", "HEAD", "no objects", "objects", "shallow", "config", "no refs"],
)
@pytest.mark.parametrize("open_before", [True, False])
def test_a_broken_cache_is_made_anew(forge, begun, entry, damage, open_before):
    """For a run that is under way, and for the next one; nothing of the ledger is lost."""
    clone = forge.clone("clone")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    ledger.record("first", [Put(entry())])
    forge.ledger(clone).read()
    damage(cache(clone))
    if not open_before:
        ledger = forge.ledger(clone)
        ledger._begun["first"] = begun("first")
    assert set(ledger.read().entries) == {CRM}
    ledger.record("first", [Put(entry(DAILY))])
    ledger.end("first", END)
    assert set(forge.ledger(forge.clone("other")).read().entries) == {CRM, DAILY}


def test_a_cache_that_lost_objects_in_the_middle_of_a_run(forge, begun, entry):
    """Also where nothing but a write needs them."""
    clone = forge.clone("clone")
    ledger = forge.ledger(clone)
    ledger.begin(begun("first"))
    for path in (cache(clone) / "objects").rglob("*"):
        if path.is_file():
            path.unlink()
    ledger.record("first", [Put(entry())])
    assert set(forge.ledger(forge.clone("other")).read().entries) == {CRM}


def test_a_crowded_cache_is_made_anew(forge, begun):
    """Nothing is collected in it, so that no collection runs when the next command comes."""
    clone = forge.clone("clone")
    forge.ledger(clone).begin(begun("first"))
    crowd = cache(clone) / "objects" / "17"
    crowd.mkdir(exist_ok=True)
    for number in range(40):
        (crowd / f"{number:038x}").touch()
    assert forge.ledger(clone).read().open == begun("first")
    assert not crowd.exists()


def test_a_cache_that_cannot_be_written(forge, monkeypatch):
    """The folder is named."""
    ledger = forge.ledger(forge.clone("clone"))

    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", denied)
    with pytest.raises(LedgerError, match=r"cannot write below .*/\.git/reconciler/\w+: Permission denied"):
        ledger.read()


def test_a_cache_that_another_process_holds(forge, monkeypatch):
    """It is waited for, and then told of."""
    clone = forge.clone("clone")
    ledger = forge.ledger(clone)
    ledger.read()
    monkeypatch.setattr(store, "_LOCK_WAIT", 0.01)
    with FileLock(cache(clone).parent / ".lock"), pytest.raises(LedgerError, match="locked"):
        ledger.read()


def test_a_tip_that_vanished_between_two_questions(forge, begun):
    """The remote is asked once more, and says that there is none."""
    clone = forge.clone("clone")
    forge.ledger(forge.clone("other")).begin(begun("first"))
    forge.wrap(f'[ "$1" = fetch ] && "$GIT" --git-dir="{forge.remote}" update-ref -d {REF}')
    assert forge.ledger(clone).read() == LedgerState()
    assert forge.slept == [0.5]


def test_a_cat_file_that_finds_nothing():
    """It is no ledger with a file less."""
    with pytest.raises(Broken, match="abc missing"):
        list(_batch(b"abc missing\n"))


def test_a_commit_that_was_not_made(forge, begun):
    """Nothing is pushed."""
    clone = forge.clone("clone")
    forge.wrap('[ "$1" = fast-import ] && exit 0')
    with pytest.raises(LedgerError, match="fast-import made no commit"):
        forge.ledger(clone).begin(begun())


def test_held_by_ourselves(forge, begun):
    """Two runs of one clone: the second is told, and the lock of the cache is not in its way."""
    clone = forge.clone("clone")
    forge.ledger(clone).begin(begun("first"))
    with pytest.raises(LedgerHeld, match="run first of ci"):
        forge.ledger(clone).begin(begun("second"))


def test_a_view_outlives_the_loss_of_its_objects(forge, begun):
    """What was looked at is fetched again when it is read."""
    clone = forge.clone("clone")
    forge.ledger(clone).begin(begun("first"))
    ledger = forge.ledger(clone)
    view = ledger._store.view()
    shutil.rmtree(cache(clone) / "objects")
    (cache(clone) / "objects").mkdir()
    assert ledger._pages.standing(view) == begun("first")
    assert view.read("begin.json") is not None


def test_a_view_of_what_is_gone_for_good(forge, begun):
    """The remote has gone on, and does not have it either: an error, and no ledger with a file less."""
    clone = forge.clone("clone")
    other = forge.ledger(forge.clone("other"))
    other.begin(begun("first"))
    ledger = forge.ledger(clone)
    view = ledger._store.view()
    shutil.rmtree(cache(clone))
    git("update-ref", "-d", REF, cwd=forge.remote)
    with pytest.raises(LedgerError, match="missing"):
        view.read("begin.json")


def test_objects_that_get_lost_while_it_is_decided(forge, begun):
    """They are fetched again, and it is decided on them."""
    clone = forge.clone("clone")
    forge.ledger(clone).begin(begun("first"))
    forge.wrap('[ "$1 $2" = "cat-file --batch" ] && mkdir "$0.done" 2>/dev/null && exit 1')
    assert forge.ledger(clone).unlock().run == "first"
    assert (forge.folder / "bin" / "git.done").exists()


def test_objects_that_cannot_be_read_at_all(forge, begun):
    """An error that says where, and nothing is written."""
    clone = forge.clone("clone")
    forge.ledger(clone).begin(begun("first"))
    forge.wrap('[ "$1 $2" = "cat-file --batch" ] && exit 1')
    with pytest.raises(LedgerError, match=r"git cat-file failed in .*cache\.git"):
        forge.ledger(clone).unlock()
    assert len(forge.log()) == 1


def test_the_cache_is_shallow(forge, begun, time):
    """A ledger of years is one commit to fetch: its history is in its files."""
    first = forge.ledger(forge.clone("first"))
    first.begin(begun("first"))
    first.renew("first", time.now + 900)
    clone = forge.clone("clone")
    forge.ledger(clone).read()
    assert git("rev-list", "--count", "refs/ledger/tip", cwd=cache(clone)) == "1"


@pytest.mark.parametrize("whose", ["the user's", "the repository's own"])
def test_nobodys_hooks_run(forge, begun, whose):
    """Of the machine that pushes; those of a remote are its rules."""
    alone = forge.repository("alone")
    hooks = forge.folder / "hooks" if whose == "the user's" else alone / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-push", "reference-transaction", "pre-receive", "post-receive", "update", "post-update"):
        (hooks / name).write_text(f'#!/bin/sh\necho {name} >> "{forge.folder}/ran"\nexit 1\n')
        (hooks / name).chmod(0o755)
    (forge.folder / ".gitconfig").write_text(f'[core]\n\thooksPath = "{hooks}"\n' if whose == "the user's" else "")
    forge.environ["HOME"] = str(forge.folder)
    ledger = forge.ledger(alone)
    ledger.begin(begun("first"))
    assert ledger.read().open == begun("first")
    assert not (forge.folder / "ran").exists()
