"""Files that somebody else may have put there: what is no file is neither waited for nor followed."""

import errno
import os
import stat

import pytest

from reconciler.disk import Irregular, TooLarge, read_file, write_file

MIB = 1 << 20


def test_up_to_the_limit(tmp_path):
    """One byte more is too much, and no more than that is read."""
    path = tmp_path / "a"
    path.write_bytes(b"x" * MIB)
    assert read_file(path, MIB) == b"x" * MIB
    os.truncate(path, 1 << 40)
    with pytest.raises(TooLarge, match="larger than 1 MiB"):
        read_file(path, MIB)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "socket"])
@pytest.mark.parametrize("follow", [False, True])
def test_what_is_no_file(tmp_path, kind, follow):
    """Also behind a symlink that may be followed; a pipe that nobody writes to is not waited for."""
    path = tmp_path / "a"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        os.mknod(path, 0o666 | stat.S_IFSOCK)
    else:
        path = type(path)(os.devnull)
    if follow:
        (tmp_path / "link").symlink_to(path)
        path = tmp_path / "link"
    with pytest.raises(OSError) as caught:  # noqa: PT011 - which one is looked at below
        read_file(path, MIB, follow=follow)
    assert isinstance(caught.value, Irregular) or caught.value.errno in (errno.EISDIR, errno.ENXIO)


def test_a_symlink_is_followed_where_that_is_asked_for(tmp_path):
    """Nowhere else."""
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "link").symlink_to("a")
    assert read_file(tmp_path / "link", MIB, follow=True) == b"content"
    with pytest.raises(OSError) as caught:  # noqa: PT011 - its number is looked at
        read_file(tmp_path / "link", MIB)
    assert caught.value.errno == errno.ELOOP


def test_what_is_not_there_is_told_apart(tmp_path):
    """Callers decide what that means."""
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "nowhere", MIB)


def test_a_write_is_never_led_astray(tmp_path):
    """A symlink in the place of the temporary file leads to somebody else's file, and one in the file's is replaced."""
    theirs = tmp_path / "theirs"
    theirs.write_bytes(b"theirs")
    (tmp_path / ".a.tmp").symlink_to(theirs)
    (tmp_path / "a").symlink_to(theirs)
    write_file(tmp_path / "a", b"ours")
    assert theirs.read_bytes() == b"theirs"
    assert (tmp_path / "a").read_bytes() == b"ours"
    assert not (tmp_path / "a").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "theirs"]


def test_a_pipe_is_not_written_to(tmp_path):
    """It would be waited for; what a crash left is written over."""
    os.mkfifo(tmp_path / ".a.tmp")
    write_file(tmp_path / "a", b"ours")
    (tmp_path / ".a.tmp").write_bytes(b"half of some")
    write_file(tmp_path / "a", b"more")
    assert (tmp_path / "a").read_bytes() == b"more"


def test_the_mode_stays(tmp_path):
    """A new file has the mode that new files have."""
    path = tmp_path / "a"
    before = os.umask(0o027)
    try:
        write_file(path, b"1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        write_file(path, b"2")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_full_disk_leaves_what_was(tmp_path, monkeypatch):
    """And nothing beside it."""
    path = tmp_path / "a"
    path.write_bytes(b"was")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(path, b"is")
    assert path.read_bytes() == b"was"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
