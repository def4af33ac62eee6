"""A snooze into a manifest's metadata: beside the resource, where it is reviewed, and goes when the resource goes."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.diff.document import MISSING, Json
from reconciler.diff.pointer import Path, find, format_path
from reconciler.manifest.editing.drafts import Drafts
from reconciler.model.inbox import Written
from reconciler.model.plan import FieldChange
from reconciler.model.resources import ResourceName


def snooze(drafts: Drafts, target: str, name: ResourceName, paths: Sequence[Path], until: str, reason: str) -> Written:
    """Write into the drafts that drift on these paths is left alone on a target; one that was there before goes.

    ``until`` and ``reason`` are such as the reader takes. Raises UsageError.
    """
    file = drafts.manifests().manifest(name).document.file
    document = drafts.document(file, name.kind, name.name)
    before = find(document, ("metadata", "snooze", target))
    said: Json = {"until": until, "reason": reason, "fields": [format_path(path) for path in paths]}
    metadata = document["metadata"]
    metadata["snooze"] = (metadata.get("snooze") or {}) | {target: said}
    drafts.rewrite(file, name.kind, name.name, document)
    drafts.checked()
    path = ("metadata", "snooze", target)
    field = FieldChange(format_path(path), MISSING if before is None else before, said)
    return Written(str(name), drafts.locate(file, name.kind, name.name, path), field)
