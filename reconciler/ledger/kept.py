"""The end of a run that could not leave this machine: how the next run from here writes it."""

from __future__ import annotations

from reconciler.ledger.pages import BEGIN, RESOURCES, Pages, history_path
from reconciler.ledger.store import Files


def finishing(pages: Pages, files: Files, kept: Files | None) -> dict[str, bytes | None]:
    """Return the edits that write a kept end where its run still stands; none where that is over, or nothing kept.

    While a run stands nobody else writes entries: those that were kept are those that are to be.
    """
    standing = None if kept is None else pages.standing(files)
    if kept is None or standing is None or not pages.has_ended(kept, standing):
        return {}
    there, wanted = _entries(files), _entries(kept)
    edits: dict[str, bytes | None] = dict.fromkeys(there.keys() - wanted.keys())
    edits |= {path: content for path, content in wanted.items() if there.get(path) != content}
    path = history_path(standing)
    return dict(sorted(edits.items())) | {path: kept.read(path), BEGIN: None}


def _entries(files: Files) -> dict[str, bytes | None]:
    kinds = files.names(RESOURCES)
    paths = [f"{RESOURCES}/{kind}/{name}" for kind in kinds for name in files.names(f"{RESOURCES}/{kind}")]
    return dict(files.read_all(paths))
