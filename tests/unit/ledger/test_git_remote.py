"""Where a ledger in git lives, how git gets there, and who may have the token."""

import base64
from pathlib import Path

import pytest
from support.clones import ENVIRON, git

from reconciler.ledger.git.addresses import address, without_userinfo
from reconciler.ledger.git.program import Git
from reconciler.ledger.git.remote import NAME, Token, find_remote, find_repository
from reconciler.ledger.home import GitAccess, open_store
from reconciler.model.errors import LedgerError
from reconciler.model.resources import LedgerHome, Target
from reconciler.model.secrets import Redactor

TOKEN = "gh-token-of-a-runner"
HEADER = "Authorization: Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.fixture
def remote(forge):
    """Finds the remote of a clone, on an environment."""

    def remote(clone, wanted=None, environ=None, trusted=(), redactor=None):
        redactor = redactor or Redactor()
        environ = {**ENVIRON, **(environ or {})}
        found = Git.found(environ, redactor.redact)
        token = Token.read(environ, lambda host, port: f"{host}:{port}" in trusted, redactor)
        return find_remote(found, find_repository(found, clone), wanted, token, redactor)

    return remote


def settings(remote, *starts):
    return [(key, value) for key, value in remote.settings if key.startswith(starts)]


def test_the_origin_is_the_default(forge, remote):
    """Named for readers with its URL."""
    found = remote(forge.clone("clone"))
    assert found.shown == f"origin ({forge.remote.as_uri()})"
    assert settings(found, "remote.") == [(f"remote.{NAME}.url", forge.remote.as_uri())]
    assert found.own is None


def test_without_an_origin_it_is_the_repository_itself(forge, remote):
    """Also where it has another remote: nobody said that the ledger belongs there."""
    alone = forge.repository("alone")
    git("remote", "add", "upstream", str(forge.remote), cwd=alone)
    assert remote(alone).own == alone / ".git"
    assert remote(alone, "upstream").own is None


def test_another_repository_by_path_and_by_url(forge, begun):
    """A relative path is one from the top of the clone, wherever the command runs."""
    git("init", "-q", "--bare", "other.git", cwd=forge.folder)
    clone, other = forge.clone("clone"), forge.folder / "other.git"
    for number, place in enumerate(("../other.git", str(other), other.as_uri())):
        ledger = forge.ledger(clone, remote=place, ref=f"refs/reconciler/{number}")
        ledger.begin(begun())
        assert forge.log(f"refs/reconciler/{number}", cwd=other) != []
    assert "refs/reconciler" not in git("for-each-ref", cwd=forge.remote)


def test_a_remote_that_the_clone_does_not_have(forge):
    """What it has is named."""
    with pytest.raises(LedgerError, match=r"remote 'orgin', which this clone does not have \(it has: origin\)"):
        forge.ledger(forge.clone("clone"), remote="orgin")
    with pytest.raises(LedgerError, match=r"\(it has: none\)"):
        forge.ledger(forge.repository("alone"), remote="origin")


@pytest.mark.parametrize("url", ["git://example.com/x.git", "http://example.com/x.git", "ext::sh -c true", "foo::bar"])
def test_transports_that_are_not_for_ledgers(forge, url):
    """Unencrypted ones, and those that run a program."""
    clone = forge.clone("clone")
    git("remote", "add", "odd", url, cwd=clone)
    for wanted in ("odd", url):
        with pytest.raises(LedgerError, match="is not for ledgers; use https, ssh or a path"):
            forge.ledger(clone, remote=wanted)


def test_urls_are_rewritten_as_the_clone_says(forge, begun):
    """``insteadOf`` and ``pushurl`` of its own configuration, for a remote and for a URL alike."""
    clone = forge.clone("clone")
    git("config", f"url.{forge.remote.as_uri()}.insteadOf", "https://git.example.com/ledger", cwd=clone)
    git("remote", "set-url", "origin", "https://git.example.com/ledger", cwd=clone)
    forge.ledger(clone).begin(begun())
    forge.ledger(clone, remote="https://git.example.com/ledger", ref="refs/reconciler/other").begin(begun())
    assert len(forge.log()) == len(forge.log("refs/reconciler/other")) == 1


def test_a_push_url_of_its_own(forge, remote):
    """Fetched from one address, pushed to another."""
    clone = forge.clone("clone")
    git("remote", "set-url", "--push", "origin", "ssh://git@example.com/x.git", cwd=clone)
    assert settings(remote(clone), "remote.") == [
        (f"remote.{NAME}.url", forge.remote.as_uri()),
        (f"remote.{NAME}.pushurl", "ssh://git@example.com/x.git"),
    ]


def test_what_the_clone_configures_for_the_way_is_handed_on(forge, remote):
    """Headers that a checkout left, credential helpers, certificates, ssh; nothing else, and nothing of the user's."""
    clone = forge.clone("clone")
    wanted = {
        "http.https://github.com/.extraheader": "AUTHORIZATION: basic abc",
        "http.sslverify": "true",
        "credential.helper": "store",
        "core.sshcommand": "ssh -i key",
    }
    for key, value in {**wanted, "user.name": "someone", "alias.x": "status", "http.bare": "yes"}.items():
        git("config", key, value, cwd=clone)
    with (clone / ".git/config").open("a") as file:
        file.write('[http "https://x"]\n\tsslVerify\n')
    handed_on = dict(settings(remote(clone, environ={"HOME": "/nowhere"}), "http.", "credential.", "core.", "user."))
    assert handed_on == {**wanted, "http.bare": "yes", "http.https://x.sslverify": "true"}


@pytest.fixture
def hosted(forge):
    """A clone whose origin is on a host."""
    clone = forge.clone("clone")
    git("remote", "set-url", "origin", "https://git.example.com/org/flows.git", cwd=clone)
    return clone


def headers(remote):
    return [(key, value) for key, value in remote.settings if key.lower().endswith(".extraheader")]


@pytest.mark.parametrize("wanted", [None, "origin", "https://git.example.com/org/ledgers.git"])
def test_the_token_goes_to_the_host_of_the_clone(hosted, remote, wanted):
    """In the place of whatever header a checkout left there; redirects are not followed with it."""
    found = remote(hosted, wanted, {"RECONCILER_GIT_TOKEN": f" {TOKEN}\n"})
    url = "https://git.example.com/org/" + ("ledgers.git" if wanted and "/" in wanted else "flows.git")
    assert headers(found) == [(f"http.{url}.extraHeader", ""), (f"http.{url}.extraHeader", HEADER)]
    assert (f"http.{url}.followRedirects", "false") in found.settings
    assert found.hint == ""
    assert TOKEN not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x.git",
        "https://git.example.com.evil.example/x.git",
        "https://evil.example/git.example.com/x.git",
        "http://localhost:1/x.git",
    ],
)
def test_a_manifest_cannot_send_the_token_elsewhere(hosted, remote, url):
    """Nor a header for every host that the clone or the user configures; the reader is told."""
    git("config", "http.extraHeader", "Authorization: Bearer for-all", cwd=hosted)
    found = remote(hosted, url, {"RECONCILER_GIT_TOKEN": TOKEN})
    assert headers(found) == [(f"http.{url}.extraHeader", "")]
    assert "RECONCILER_GIT_TOKEN was not sent to" in found.hint
    assert "RECONCILER_TRUSTED_HOSTS" in found.hint


def test_a_header_for_every_host_is_the_clones_own(hosted, remote):
    """It is kept for the hosts of its remotes."""
    git("config", "http.extraHeader", "X: y", cwd=hosted)
    assert headers(remote(hosted)) == [("http.extraheader", "X: y")]


def test_a_trusted_host_may_have_the_token(hosted, remote):
    """Named by whoever configures the run; by its port, too."""
    url = "https://ledgers.example:8443/x.git"
    assert headers(remote(hosted, url, {"RECONCILER_GIT_TOKEN": TOKEN}, ["ledgers.example:8443"]))[-1][1] == HEADER
    assert headers(remote(hosted, url, {"RECONCILER_GIT_TOKEN": TOKEN}, ["ledgers.example:443"]))[-1][1] == ""


@pytest.mark.parametrize("url", ["ssh://git@git.example.com/x.git", "git@git.example.com:x.git", "../remote.git"])
def test_the_token_is_for_https(hosted, remote, url):
    """Other ways have credentials of their own; that is no news."""
    found = remote(hosted, url, {"RECONCILER_GIT_TOKEN": TOKEN})
    assert (headers(found), found.hint) == ([], "")


def test_a_clone_by_ssh_has_a_host_too(hosted, remote):
    """A ledger by https on the same host may have the token."""
    git("remote", "set-url", "origin", "git@git.example.com:org/flows.git", cwd=hosted)
    found = remote(hosted, "https://git.example.com/org/ledgers.git", {"RECONCILER_GIT_TOKEN": TOKEN})
    assert headers(found)[-1][1] == HEADER


def test_a_password_in_a_url_is_no_argument(hosted, remote):
    """It goes by the environment as a header, nobody is shown it, and the redactor knows it."""
    git("remote", "set-url", "origin", "https://me:hunter-two@git.example.com/x.git", cwd=hosted)
    redactor = Redactor()
    found = remote(hosted, redactor=redactor)
    assert found.shown == "origin (https://git.example.com/x.git)"
    assert settings(found, "remote.") == [(f"remote.{NAME}.url", "https://git.example.com/x.git")]
    header = base64.b64encode(b"me:hunter-two").decode()
    assert headers(found)[-1] == ("http.https://git.example.com/x.git.extraHeader", f"Authorization: Basic {header}")
    assert redactor.redact(f"hunter-two {header}") == "••• •••"


def test_the_redactor_learns_the_token(hosted, remote):
    """As it is, and as it goes over the wire."""
    redactor = Redactor()
    remote(hosted, None, {"RECONCILER_GIT_TOKEN": TOKEN}, redactor=redactor)
    assert redactor.redact(f"{TOKEN} {HEADER}") == "••• Authorization: Basic •••"


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port"),
    [
        ("https://Git.Example.com/x", "https", "git.example.com", 443),
        ("https://u:p@h:8443/x", "https", "h", 8443),
        ("HTTPS://h", "https", "h", 443),
        ("https://[::1]:80/x", "https", "[::1]", 80),
        ("ssh://git@h:22/x", "ssh", "h", 22),
        ("git@h:x/y.git", "ssh", "h", 22),
        ("h:x", "ssh", "h", 22),
        ("file:///x/y", "file", "", 0),
        ("/x:y", "file", "", 0),
        ("./x:y", "file", "", 0),
        ("../x", "file", "", 0),
        ("ext::sh", "ext::", "", 0),
        ("git://h/x", "git", "h", 0),
        ("https://h:0@evil/x", "https", "evil", 443),
        ("https://h\\@evil/x", "https", "evil", 443),
    ],
)
def test_addresses(text, scheme, host, port):
    """As git and curl read them."""
    found = address(text, Path("/base"))
    assert (found.scheme, found.host, found.port) == (scheme, host, port)


def test_a_relative_path_is_made_absolute():
    """Git runs somewhere else."""
    assert address("../x", Path("/base/clone")).url == "/base/clone/../x"


def test_what_stands_before_a_host_is_not_shown():
    """It may be a token."""
    assert address("https://token@h/x", Path("/")).shown == "https://h/x"
    assert without_userinfo("fatal: https://u:p@h/x and ssh://git@h") == "fatal: https://h/x and ssh://h"


def opened(clone, environ, target=None):
    redactor = Redactor()
    access = GitAccess(environ, redactor, lambda host, port: False, lambda: 0.0, lambda seconds: None, lambda: 0.0)
    target = target or Target("prod", "prod")
    return open_store(target, clone / "manifests", clone / "folder", access)


def test_the_emulator_and_manifests_outside_git_have_a_folder(forge, tmp_path):
    """And need no git for it."""
    (tmp_path / "manifests").mkdir()
    nothing = {"PATH": "/nowhere"}
    assert not opened(tmp_path, nothing).is_far
    assert not opened(forge.clone("clone"), nothing, Target("local", None, emulator=True)).is_far
    assert opened(forge.clone("other"), ENVIRON).is_far
    emulator = Target("local", None, emulator=True, ledger=LedgerHome(ref="refs/x"))
    assert opened(forge.clone("third"), ENVIRON, emulator).is_far


def test_a_ledger_in_git_of_manifests_that_are_not(tmp_path):
    """The target is taken at its word."""
    (tmp_path / "manifests").mkdir()
    with pytest.raises(LedgerError, match=r"target prod has its ledger in git .* is in no repository"):
        opened(tmp_path, ENVIRON, Target("prod", "prod", ledger=LedgerHome(ref="refs/x")))
