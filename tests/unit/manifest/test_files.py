"""Which files are manifests."""

import os
from pathlib import Path

import pytest

from reconciler.manifest import load
from reconciler.manifest.files import read_folder
from reconciler.model.errors import ManifestErrors, UsageError


def test_yaml_and_json_files_are_found_in_all_folders_in_order(tmp_path):
    """Hidden ones and other suffixes are not manifests."""
    names = ["b.yaml", "a.yml", "d/e/f.json", "c/g.YAML"]
    for name in [*names, ".hidden.yaml", ".git/x.yaml", "README.md", "yaml"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a: 1")
    contents, problems = read_folder(tmp_path)
    assert list(contents) == sorted(str(tmp_path / name) for name in names)
    assert problems == []


def test_symlinks_are_refused(tmp_path):
    """A link to a manifest or to a folder is an error; one to something else is nothing to us."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.yaml").write_text("a: 1")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "file.yaml").symlink_to(tmp_path / "outside" / "x.yaml")
    (tmp_path / "m" / "dangling.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "m" / "folder").symlink_to(tmp_path / "outside")
    (tmp_path / "m" / "notes").symlink_to(tmp_path / "outside" / "x.yaml")
    contents, problems = read_folder(tmp_path / "m")
    assert contents == {}
    assert [Path(problem.location.file).name for problem in problems] == ["dangling.yaml", "file.yaml", "folder"]


def test_a_file_that_is_too_large_is_an_error(tmp_path):
    """It is not read any further."""
    (tmp_path / "a.yaml").write_bytes(b"#" * (5 * 1024 * 1024 + 1))
    assert "larger than 5 MiB" in str(read_folder(tmp_path)[1][0])


def test_a_pipe_is_not_waited_for(tmp_path):
    """What is not a regular file would never end."""
    os.mkfifo(tmp_path / "a.yaml")
    assert "not a regular file" in str(read_folder(tmp_path)[1][0])


def test_what_cannot_be_opened_is_an_error(tmp_path, monkeypatch):
    """Of a file or a folder within, with the system's reason; the rest is read."""
    (tmp_path / "a.yaml").write_text("a: 1")
    (tmp_path / "b.yaml").write_text("a: 1")
    (tmp_path / "locked").mkdir()
    really_open, really_scan = os.open, os.scandir

    def no_open(path, flags, *more):
        if Path(path).name == "a.yaml":
            raise PermissionError(13, "Permission denied")
        return really_open(path, flags, *more)

    def no_scan(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return really_scan(path)

    monkeypatch.setattr(os, "open", no_open)
    monkeypatch.setattr(os, "scandir", no_scan)
    contents, problems = read_folder(tmp_path)
    assert [Path(path).name for path in contents] == ["b.yaml"]
    assert sorted(problem.message for problem in problems) == [
        "the file cannot be read: Permission denied",
        "the folder cannot be read: Permission denied",
    ]


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path):
    """It is named, and so is the option."""
    with pytest.raises(UsageError, match=r"'.*nowhere' cannot be read.*--manifests"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("text", [None, "", "# only a comment\n", "---\n---\n"])
def test_a_folder_without_manifests_is_a_usage_error(tmp_path, text):
    """No file, or none that holds a document."""
    if text is not None:
        (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(UsageError, match="no manifests in"):
        load(tmp_path)


def test_paths_are_shown_as_the_folder_was_given(folder):
    """Relative stays relative."""
    (folder / "sub").mkdir()
    (folder / "sub" / "a.yaml").write_text("[")
    with pytest.raises(ManifestErrors) as error:
        load(folder)
    assert error.value.problems[0].location.file == "m/sub/a.yaml"
