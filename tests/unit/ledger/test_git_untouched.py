"""What a ledger in git leaves alone: all of the user's repository, and refs that hold something else."""

from pathlib import Path

import pytest
from support.clones import Forge, git, snapshot

from reconciler.model.errors import LedgerError
from reconciler.model.kinds import Kind
from reconciler.model.ledger import End, Outcome, Put
from reconciler.model.resources import ResourceName

CRM = ResourceName(Kind.CONNECTION, "crm")
DAILY = ResourceName(Kind.FLOW, "daily")
WHERE = ["remote", "no remote"]


def finished(ledger, begun, entry, run="first", resources=(CRM, DAILY), **fields):
    ledger.begin(begun(run, **fields))
    ledger.record(run, [Put(entry(resource)) for resource in resources])
    ledger.end(run, End(run, fields.get("started", 1_700_000_000.0) + 5, (Outcome(CRM, "create", "applied", "id"),)))


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("shape", ["whole", "shallow", "worktree", "detached", "no commit"])
def test_nothing_of_the_users_is_touched(forge: Forge, begun, entry, where: str, shape: str):
    """Index, work tree, HEAD, branches, settings, byte for byte; a checkout is no shallower than before."""
    clone = shaped(forge, shape)
    if where == "no remote":
        git("remote", "remove", "origin", cwd=clone)
    (clone / "untracked.txt").write_text("mine")
    (clone / "manifests").mkdir(exist_ok=True)
    (clone / "manifests" / "two.yaml").write_text("two\n")
    git("add", "manifests/two.yaml", cwd=clone)
    home = clone if (clone / ".git").is_dir() else forge.folder / "main one"
    before = snapshot(home)
    finished(forge.ledger(clone), begun, entry)
    assert snapshot(home) == before
    assert set(forge.ledger(clone).read().entries) == {CRM, DAILY}
    assert len(forge.log(cwd=forge.remote if where == "remote" else clone)) == 3


def shaped(forge: Forge, shape: str) -> Path:
    """Return a clone with an origin as runners and people have them."""
    if shape == "shallow":
        seed = forge.folder / "seed"
        git("commit", "-q", "--allow-empty", "-m", "second", cwd=seed)
        git("push", "-q", str(forge.remote), "main", "main:other", cwd=seed)
        return forge.clone("shallow one", "--depth=1", "--single-branch", "--branch=main")
    if shape == "worktree":
        main = forge.clone("main one")
        git("worktree", "add", "-q", "-b", "side", "../side one", cwd=main)
        return forge.folder / "side one"
    if shape == "no commit":
        git("init", "-q", "fresh one", cwd=forge.folder)
        git("remote", "add", "origin", "../remote.git", cwd=forge.folder / "fresh one")
        return forge.folder / "fresh one"
    clone = forge.clone("whole one")
    if shape == "detached":
        git("checkout", "-q", "--detach", cwd=clone)
    return clone


@pytest.mark.parametrize("kind", ["branch", "tag", "blob"])
def test_what_is_no_ledger_is_left_alone(forge, begun, kind):
    """A branch with other files, a tag, a blob: refused with the way out, and as it was."""
    clone = forge.clone("clone")
    ref = {"branch": "refs/heads/main", "tag": "refs/tags/v1", "blob": "refs/reconciler/prod"}[kind]
    if kind == "tag":
        git("tag", "-a", "-m", "a tag", "v1", cwd=clone)
        git("push", "-q", "origin", "v1", cwd=clone)
    if kind == "blob":
        git("update-ref", ref, git("rev-parse", "main:manifests/one.yaml", cwd=forge.remote), cwd=forge.remote)
    before = git("for-each-ref", cwd=forge.remote)
    for attempt in (lambda: forge.ledger(clone, ref=ref).read(), lambda: forge.ledger(clone, ref=ref).begin(begun())):
        with pytest.raises(LedgerError, match=f"{ref} of origin .* holds (something else|a {kind})"):
            attempt()
    assert git("for-each-ref", cwd=forge.remote) == before


def test_a_branch_with_an_empty_commit_can_become_a_ledger(forge, begun, entry):
    """Whoever protects a branch has to make it first."""
    clone = forge.clone("clone")
    git("checkout", "-q", "--orphan", "ledger", cwd=clone)
    git("rm", "-rfq", "--cached", ".", cwd=clone)
    git("commit", "-q", "--allow-empty", "-m", "empty", cwd=clone)
    git("push", "-q", "origin", "ledger", cwd=clone)
    ledger = forge.ledger(clone, ref="refs/heads/ledger")
    finished(ledger, begun, entry)
    assert forge.log("refs/heads/ledger")[0] == "empty"
    assert set(forge.ledger(forge.clone("other"), ref="refs/heads/ledger").read().entries) == {CRM, DAILY}
