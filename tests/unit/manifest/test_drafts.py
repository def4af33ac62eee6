"""Files are changed in memory, read back, and only then put in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.manifest.editing.drafts import Drafts
from reconciler.model.errors import UsageError

TEXT = "apiVersion: reconciler/v1\nkind: Connection\nmetadata: {name: x, id: c1}\nspec: {description: a}\n"


def test_nothing_is_written_before_it_is_meant(folder: Path) -> None:
    """The folder reads as it would be, and is as it was."""
    (folder / "a.yaml").write_text(TEXT)
    drafts = Drafts(folder)
    document = drafts.document("m/a.yaml", "Connection", "x")
    document["spec"]["description"] = "b"
    drafts.rewrite("m/a.yaml", "Connection", "x", document)
    assert drafts.document("m/a.yaml", "Connection", "x") == document
    assert drafts.checked().resources[0].document.root.value["spec"].value["description"].value == "b"
    assert (folder / "a.yaml").read_text() == TEXT
    drafts.write()
    assert (folder / "a.yaml").read_text() == TEXT.replace("description: a", "description: b")


def test_a_document_that_has_gone_meanwhile(folder: Path) -> None:
    """What it was read as before is not there any more."""
    (folder / "a.yaml").write_text(f"- 1\n---\n{TEXT}")
    with pytest.raises(UsageError, match="does not declare Connection/y any more: try again"):
        Drafts(folder).document("m/a.yaml", "Connection", "y")


def test_a_layout_that_cannot_be_kept(folder: Path) -> None:
    """File, line and path, and what is to be done."""
    text = TEXT.replace("{description: a}", "{description: a,\n  # why\n  name: b}")
    (folder / "a.yaml").write_text(text)
    drafts = Drafts(folder)
    document = drafts.document("m/a.yaml", "Connection", "x")
    del document["spec"]["name"]
    with pytest.raises(UsageError) as refused:
        drafts.rewrite("m/a.yaml", "Connection", "x", document)
    assert str(refused.value) == (
        "m/a.yaml:6:3: /spec/name: it cannot be changed without formatting what stands beside it anew. Nothing was "
        "written: make the change by hand"
    )
