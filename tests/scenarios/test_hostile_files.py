"""Files that a pull request can bring: whatever they are, one clear message that names them, exit 1, and soon."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.bench import Bench
from support.chain import declare, declare_chain

GOOD = b"apiVersion: reconciler/v1\nkind: Connection\nmetadata: {name: a, id: abc}\nspec: {name: A%s}\n"

CONTENTS = {
    "UTF-16": ("a: 1".encode("utf-16"), "UTF-8"),
    "UTF-32": ("a: 1".encode("utf-32"), "UTF-8"),
    "Latin-1": (GOOD % b"\xe9", "UTF-8"),
    "overlong": (GOOD % b"\xc0\xaf", "UTF-8"),
    "a surrogate": (GOOD % b"\xed\xa0\x80", "UTF-8"),
    "half a surrogate pair": (GOOD % b', description: "\\ud83d"', "cannot be parsed"),
    "NUL": (GOOD % b"\x00", "U+0000"),
    "an escape": (GOOD % b"\x1b[31m", "U+001B"),
    "an escaped escape": (GOOD % b', description: "\\e[31m"', "U+001B"),
    "C1": (GOOD % "\x9b".encode(), "U+009B"),
    "bidi": (GOOD % "\u202e".encode(), "U+202E"),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD % b"", "U+FEFF"),
    "carriage returns": (GOOD.replace(b"\n", b"\r") % b"", "U+000D"),
    "a line separator": (GOOD % "\u2028".encode(), "U+2028"),
    "a tab": (b"a:\n\tb: 1\n", "a tab"),
    "a tag": (GOOD % b", description: !!python/object/apply:os.system [id]", "tags"),
    "a tag directive": (b"%TAG ! tag:x,2000:\n---\n" + GOOD % b"", "%TAG"),
    "a merge key": (GOOD % b", <<: {}", "merge keys"),
    "a key twice": (GOOD % b", name: B", "stands here twice"),
    "a key twice, deep": (GOOD % b", auth: {params: {a: {b: 1, b: 2}}}", "stands here twice"),
    "a key twice, escaped": (GOOD % b', "n\\x61me": B', "stands here twice"),
    "a key that is null": (GOOD % b", ~: 1", "a key must be text"),
    "a key that is a list": (GOOD % b", [a]: 1", "a key must be text"),
    "a large integer": (GOOD % (b", description: 1" + b"0" * 400), "too many digits"),
    "a large hexadecimal": (GOOD % (b", description: 0x" + b"f" * 5000), "too many digits"),
    "infinity": (GOOD % b", description: -.inf", "no number in JSON"),
    "no number": (GOOD % b", description: .NaN", "no number in JSON"),
    "a prototype": (GOOD % b", __proto__: {x: 1}", "unknown field"),
    "a secret outside": (GOOD % b", auth: {params: {password: {valueFrom: {file: ../../etc/passwd}}}}", "lies outside"),
}  # fmt: skip


def refused(bench: Bench, *command: str) -> str:
    """Run a command that must refuse soon: one message, nothing on stdout, exit 1, nothing sent."""
    began = time.monotonic()
    ran = bench.run(*(command or ("validate",)))
    assert time.monotonic() - began < 2
    assert (ran.code, ran.out) == (1, ""), (ran.code, ran.out, ran.err)
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
    assert bench.writes() == []
    return ran.err


@pytest.mark.parametrize("suffix", ["yaml", "json"])
@pytest.mark.parametrize("content", CONTENTS)
def test_a_file_of_hostile_content(bench: Bench, content: str, suffix: str) -> None:
    """File, line and column, and what is wrong."""
    data, words = CONTENTS[content]
    (bench.manifests / f"bad.{suffix}").write_bytes(data)
    message = refused(bench)
    assert words in message
    assert f"bad.{suffix}:" in message


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # its address may have a hundred characters only
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(here)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


THINGS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pipe": (os.mkfifo, "not a regular file"),
    "a socket": (_socket, "not a regular file"),
    "a symlink to a device": (lambda path: path.symlink_to("/dev/zero"), "symlinks"),
    "a symlink outside": (lambda path: path.symlink_to("/etc/passwd"), "symlinks"),
    "a symlink to nothing": (lambda path: path.symlink_to("nowhere"), "symlinks"),
    "a symlink to itself": (_loop, "symlinks"),
    "a symlink to its folder": (lambda path: path.symlink_to("."), "symlinks"),
    "a sparse gigabyte": (lambda path: (path.touch(), os.truncate(path, 1 << 30)), "larger than 5 MiB"),
}


@pytest.mark.parametrize("thing", THINGS)
def test_a_thing_that_is_no_file(bench: Bench, thing: str) -> None:
    """It is named, and neither followed nor waited for."""
    make, words = THINGS[thing]
    make(bench.manifests / "bad.yaml")
    message = refused(bench)
    assert words in message
    assert "bad.yaml:1:1" in message


def test_a_device(bench: Bench) -> None:
    """Where this user may make one."""
    try:
        os.mknod(bench.manifests / "bad.yaml", 0o666 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")
    assert "not a regular file" in refused(bench)


@pytest.mark.parametrize("mode", [0o000, 0o200])
@pytest.mark.skipif(os.geteuid() == 0, reason="root reads whatever the mode")
def test_what_may_not_be_read(bench: Bench, mode: int) -> None:
    """A file, and a folder: no empty estate."""
    path = bench.write("bad.yaml", "a: 1")
    path.chmod(mode)
    assert "bad.yaml:1:1: the file cannot be read: Permission denied" in refused(bench)


def test_a_folder_with_the_name_of_a_file(bench: Bench) -> None:
    """It is a folder like any other."""
    bench.write("x.yaml/y.yaml", "a: [")
    assert "x.yaml/y.yaml:" in refused(bench)


NAMES = [
    b"a\nb.yaml", b"\x1b[31m.yaml", b"-rf.yaml", b"\xff\xfe.yaml", b"a" * 250 + b".yaml", b" .yaml", b"::error::x.yaml",
    "\u202elmay.yaml".encode(), b"$(id).yaml", b"%0A::x.yaml", b"'\".yaml",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name(bench: Bench, name: bytes) -> None:
    """Good content is read whatever the file is called; bad content is reported, and the name does nothing."""
    path = bench.manifests / os.fsdecode(name)
    path.write_bytes(GOOD % b"")
    assert bench.run("validate").code == 0
    path.write_bytes(b"a: [")
    message = refused(bench)
    assert message.isascii() or message.isprintable()
    assert not {"\x1b", "\u202e"} & set(message)
    assert [line for line in message.split("\n") if line.startswith("::")] == []
    assert ".yaml:" in message


def test_deep_folders(bench: Bench) -> None:
    """Deeper than a path may be long: what cannot be read is named, and Python's stack is not what ends it."""
    folder = os.open(bench.manifests, os.O_RDONLY)
    for _ in range(60):
        os.mkdir("d" * 200, dir_fd=folder)
        deeper = os.open("d" * 200, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)
    assert "File name too long" in refused(bench)


def test_very_many_files(bench: Bench) -> None:
    """More than any estate has: refused before one is read."""
    for at in range(20_001):
        (bench.manifests / f"{at}.yaml").touch()
    assert "does not look like the manifests' folder" in refused(bench)


@pytest.mark.parametrize("folder", ["nowhere", "target.json", "/dev/null", "x" * 300])
def test_a_folder_that_is_none(bench: Bench, folder: str) -> None:
    """Missing, a file, a device, no path at all."""
    path = str(bench.manifests / folder) if "/" not in folder else folder
    ran = bench.run("--manifests", path, "validate")
    assert (ran.code, ran.out) == (1, "")
    assert "--manifests" in ran.err or "null" in ran.err
    assert "bug:" not in ran.err


def test_a_folder_that_is_a_symlink_is_followed(bench: Bench) -> None:
    """It is named by the person who runs the command, not by the manifests."""
    (bench.folder / "link").symlink_to(bench.manifests)
    assert bench.run("--manifests", str(bench.folder / "link"), "validate").code == 0


@pytest.mark.parametrize("secret", ["pipe", "link", "large", "absolute"])
def test_a_secret_that_is_no_file_of_its_folder(bench: Bench, secret: str) -> None:
    """A plan does without it; an apply refuses before it sends anything, and neither hangs."""
    folder = bench.folder / "secrets"
    folder.mkdir()
    bench.environ["RECONCILER_SECRET_DIR"] = str(folder)
    if secret == "pipe":
        os.mkfifo(folder / "s")
    elif secret == "link":
        (folder / "s").symlink_to("/etc/passwd")
    elif secret == "large":
        (folder / "s").write_bytes(b"x" * (1 << 20 | 1))
    declare_chain(bench)
    declare(
        bench,
        "Connection/warehouse",
        ("auth/params/password", {"valueFrom": {"file": "/etc/passwd" if secret == "absolute" else "s"}}),
    )
    assert bench.run("plan").code == 0
    assert "/auth/params/password" in refused(bench, "apply", "--yes")
