"""Where a target may have its ledger, checked before git is asked."""

import subprocess

import pytest

from reconciler.manifest.ledger_home import check_ref, check_remote

REFS = [
    *(
        "refs/reconciler/prod",
        "refs/heads/ledger",
        "refs/heads/a/b-c_d.e",
        "refs/x",
        "refs/heads/größe",
        "refs/heads/-x",
    ),
    *("refs/heads/@", "refs/heads/a@b", "refs/heads/lock", "refs/heads/a.locked"),
    *("refs/", "refs//x", "refs/x/", "refs/x.", "refs/.x", "refs/x/.y", "refs/x..y", "refs/x.lock", "refs/x.lock/y"),
    *("refs/a b", "refs/a~b", "refs/a^b", "refs/a:b", "refs/a?b", "refs/a*b", "refs/a[b", "refs/a\\b", "refs/a@{b"),
    *("refs/a\x7fb", "refs/a\nb", "refs/a\tb"),
]


@pytest.mark.parametrize("ref", REFS)
def test_a_ref_is_right_where_git_says_so(ref):
    """Git's rules, without git."""
    right = subprocess.run(["git", "check-ref-format", ref], check=False).returncode == 0
    if right:
        assert check_ref(ref) == ref
    else:
        with pytest.raises(ValueError, match="git has no such ref"):
            check_ref(ref)


@pytest.mark.parametrize("ref", ["main", "heads/x", "HEAD", "-x", "REFS/x", " refs/x"])
def test_a_ref_is_written_in_full(ref):
    """Otherwise it would depend on what else there is."""
    with pytest.raises(ValueError, match="in full"):
        check_ref(ref)


def test_a_ref_that_no_file_system_takes():
    """It is a file's name."""
    with pytest.raises(ValueError, match="no such ref"):
        check_ref("refs/" + "x" * 300)


@pytest.mark.parametrize(
    "remote",
    [
        *("origin", "team/upstream", "https://h/x.git", "https://me@h/x.git", "ssh://git@h:22/x.git", "git@h:x.git"),
        *(
            "../x.git",
            "/srv/x y.git",
            "file:///srv/x.git",
            "http://localhost:1/x",
            "http://127.0.0.1/x",
            "http://[::1]/x",
        ),
    ],
)
def test_remotes(remote):
    """A name, a URL, a path."""
    assert check_remote(remote) == remote


@pytest.mark.parametrize(
    ("remote", "match"),
    [
        ("-x", "its name in the clone"),
        ("--upload-pack=x", "its name in the clone"),
        ("a\nb", "its name in the clone"),
        (" x", "its name in the clone"),
        ("ext::sh -c x", "never by a program"),
        ("foo::https://h/x", "never by a program"),
        ("http://h/x", "plain http is for loopback"),
        ("http://127.0.0.1@h/x", "plain http is for loopback"),
        ("http://localhost.h/x", "plain http is for loopback"),
        ("git://h/x", "https, ssh or a path"),
        ("ftp://h/x", "https, ssh or a path"),
        ("https://me:secret@h/x", "no password stands in a manifest"),
    ],
)
def test_what_is_no_remote(remote, match):
    """Options, programs that would be run, ways without a lock on them, passwords."""
    with pytest.raises(ValueError, match=match):
        check_remote(remote)


@pytest.mark.parametrize(
    ("ledger", "message"),
    [
        ("{ref: main}", "/spec/ledger/ref: a ref is written in full"),
        ("{remote: 'ext::x'}", "/spec/ledger/remote: a remote is reached by https"),
    ],
)
def test_what_is_wrong_is_shown_in_its_place(problems, ledger, message):
    """By validate, without git."""
    text = f"apiVersion: reconciler/v1\nkind: Target\nmetadata: {{name: x}}\nspec: {{sandbox: s, ledger: {ledger}}}\n"
    (problem,) = problems(text)
    assert problem.startswith("m/a.yaml:4:")
    assert message in problem
