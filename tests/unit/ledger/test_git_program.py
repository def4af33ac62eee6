"""The git program: what it is given, what it must be, and what becomes of it when it fails or hangs."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from support.clones import ENVIRON, REF, git

from reconciler.ledger.git.environment import environment
from reconciler.ledger.git.program import Git
from reconciler.model.errors import LedgerError
from reconciler.model.ledger import End, LedgerState

TOKEN = "gh-token-of-a-runner"


def test_a_git_process_gets_none_of_our_secrets():
    """Nor a variable that leads it to another repository; what it needs to reach the remote stays."""
    given = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "SSH_AUTH_SOCK": "/x",
        "HTTPS_PROXY": "http://proxy",
        "GIT_SSL_CAINFO": "/ca",
        "FLOW_SECRET_X": "s",
        "AEP_CLIENT_SECRET": "s",
        "RECONCILER_KEY": "s",
        "RECONCILER_GIT_TOKEN": "s",
        "RECONCILER_SECRET_ENV": "VAULT_*, P*",
        "VAULT_DB": "s",
        "GIT_DIR": "/elsewhere",
        "GIT_INDEX_FILE": "/elsewhere",
        "GIT_TRACE_CURL": "1",
        "GIT_ALLOW_PROTOCOL": "https:git",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.proxy",
        "GIT_CONFIG_VALUE_0": "p",
    }
    made = environment(given, [("a.b", "c")])
    for name in ("PATH", "HOME", "SSH_AUTH_SOCK", "HTTPS_PROXY", "GIT_SSL_CAINFO"):
        assert made[name] == given[name]
    assert "s" not in made.values()
    assert not {"GIT_DIR", "GIT_INDEX_FILE", "GIT_TRACE_CURL"} & made.keys()
    assert made["GIT_ALLOW_PROTOCOL"] == "https"
    assert (made["GIT_TERMINAL_PROMPT"], made["LC_ALL"]) == ("0", "C")
    last = int(made["GIT_CONFIG_COUNT"]) - 1
    assert (made["GIT_CONFIG_KEY_0"], made[f"GIT_CONFIG_KEY_{last}"], made[f"GIT_CONFIG_VALUE_{last}"]) == (
        ("http.proxy", "a.b", "c")
    )


def test_what_git_really_gets(forge, begun):
    """Told by a git that writes down its environment and its arguments, through a whole run."""
    clone = forge.clone("clone")
    git("config", "http.extraHeader", "Authorization: Bearer of-the-clone", cwd=clone)
    forge.wrap(f'env >> "{forge.folder}/seen"; echo "argv: $@" >> "{forge.folder}/seen"')
    forge.environ |= {"FLOW_SECRET_X": "canary-1", "AEP_ACCESS_TOKEN": "canary-2", "RECONCILER_GIT_TOKEN": "canary-3"}
    ledger = forge.ledger(clone)
    ledger.begin(begun())
    ledger.end("run-1", End("run-1", 1_700_000_001.0))
    seen = (forge.folder / "seen").read_text()
    assert "canary" not in seen
    argv = [line for line in seen.splitlines() if line.startswith("argv: ")]
    assert any(" push " in line or line.startswith("argv: push") for line in argv)
    assert "of-the-clone" in seen
    assert not any("of-the-clone" in line for line in argv)


@pytest.mark.parametrize(
    ("script", "match"),
    [
        ('echo "git version 2.30.2"; exit 0', "takes git 2.31 or later on the PATH; found: git version 2.30.2"),
        ("echo nonsense; exit 0", "found: nonsense"),
        ("echo 'fatal: broken' >&2; exit 1", "found: broken"),
        ('[ "$1" = config ] && { echo "error: bad config" >&2; exit 1; }', "cannot be read: bad config"),
        ('[ "$1" = remote ] && { echo "fatal: no" >&2; exit 1; }', "does not know where remote origin is: no"),
    ],
)
def test_a_git_that_does_not_do(forge, script, match):
    """Too old, no git, or one that fails: said, with its own reason."""
    clone = forge.clone("clone")
    forge.wrap(script)
    with pytest.raises(LedgerError, match=match):
        forge.ledger(clone)


def test_no_git(forge):
    """It is needed, and what for is said."""
    clone = forge.clone("clone")
    forge.environ = {"PATH": "/nowhere"}
    with pytest.raises(LedgerError, match="the ledger lives in git, and git cannot be run: No such file"):
        forge.ledger(clone)


def test_a_repository_that_git_does_not_take_for_one(forge):
    """Of another owner, or damaged: never a folder in its place, which would be an empty ledger."""
    clone = forge.clone("clone")
    (clone / ".git" / "HEAD").unlink()
    with pytest.raises(LedgerError, match=r"git cannot say which repository .* is in: not a git repository"):
        forge.ledger(clone)


def test_a_remote_that_is_not_there_is_never_an_empty_ledger(forge, begun):
    """The remote and git's reason are named, at once: a second try would not find it either."""
    clone = forge.clone("clone")
    ledger = forge.ledger(clone)
    forge.remote.rename(forge.folder / "moved.git")
    for attempt in (ledger.read, ledger.history, lambda: ledger.begin(begun())):
        with pytest.raises(LedgerError, match=rf"{REF} of origin \(file://.*\) cannot be read: .*repository"):
            attempt()
    assert forge.slept == []


def test_a_remote_that_does_not_answer_is_asked_again(forge):
    """A little later each time, and not for ever."""
    clone = forge.clone("clone")
    ledger = forge.ledger(clone)
    forge.wrap('[ "$1" = ls-remote ] && { echo "fatal: unable to access: Connection reset" >&2; exit 128; }')
    ledger = forge.ledger(clone)
    with pytest.raises(LedgerError, match="cannot be read: unable to access: Connection reset"):
        ledger.read()
    assert forge.slept == [0.5, 1.0]
    forge.unwrap()
    assert ledger.read() == LedgerState()


def test_what_git_says_passes_the_redactor(forge):
    """A remote may repeat what it was sent."""
    clone = forge.clone("clone")
    forge.redactor.learn("hunter-two")
    forge.wrap('[ "$1" = ls-remote ] && { echo "fatal: denied: hunter-two, https://u:pw@h/x" >&2; exit 128; }')
    with pytest.raises(LedgerError, match=r"denied: •••, https://h/x$"):
        forge.ledger(clone).read()


def test_a_git_that_hangs_is_ended(forge):
    """With whatever it has started; the reason says so."""
    clone = forge.clone("clone")
    forge.wrap(f'[ "$1" = version ] && {{ sleep 60 & echo $! > "{forge.folder}/child"; wait; }}')
    hung = Git(environment(forge.environ), timeout=0.2)
    answer = hung.run("version", cwd=str(clone))
    assert (answer.ok, answer.code, answer.reason) == (False, None, "git version did not end within 0 s")
    child = Path(f"/proc/{(forge.folder / 'child').read_text().strip()}/cmdline")
    assert not child.exists() or not child.read_bytes(), "gone, or waiting to be buried"


def test_an_interruption_ends_git(forge, monkeypatch):
    """Ctrl-C reaches us alone: git is in a session of its own."""
    forge.wrap("sleep 60")
    pids = []

    def interrupted(process, *_):
        pids.append(process.pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Git(environment(forge.environ)).run("version")
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_long_reason_is_cut(forge):
    """A server may send a page."""
    forge.wrap("[ \"$1\" = frob ] && { python3 -c \"print('fatal: ' + 'x' * 5000)\" >&2; exit 1; }")
    reason = Git(environment(forge.environ)).run("frob").reason
    assert len(reason) == 601
    assert json.dumps(reason).endswith('\\u2026"')


def test_a_git_that_fails_without_a_word():
    """Its code is a reason, too."""
    assert Git(environment(ENVIRON)).run("rev-parse", "--verify", "--quiet", "nothing", cwd="/").reason
