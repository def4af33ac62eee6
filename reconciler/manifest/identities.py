"""Who is who on one target: no two resources are one object, and what cannot be told apart is pointed out."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.diff.pointer import find
from reconciler.manifest.nodes import nearest
from reconciler.manifest.work import Work
from reconciler.model.kinds import Kind
from reconciler.model.resources import Notice, ResourceName


def check_identities(work: Iterable[Work]) -> None:
    """No two resources adopt one object, and none takes over the name of one that still is there."""
    names = {one.name: one for one in work}
    ids: dict[tuple[Kind, str], Work] = {}
    former: dict[ResourceName, Work] = {}
    for name, one in names.items():
        if one.id is not None and (other := ids.setdefault((name.kind, one.id), one)) is not one:
            one.complain(("id",), f"{other.name} at {other.manifest.source} adopts the same id")
        before = one.previous
        if before is None:
            continue
        if before in names:
            one.complain(("previousName",), f"{before} still is a manifest, at {names[before].manifest.source}")
        elif (other := former.setdefault(before, one)) is not one:
            one.complain(("previousName",), f"{other.name} at {other.manifest.source} was {before}, too")


def rivals(work: Iterable[Work]) -> list[Notice]:
    """Return a notice for each name that several resources without an id would be adopted by."""
    asking: dict[tuple[Kind, str], list[Work]] = {}
    for one in work:
        name = one.draft.spec.get("name")
        if one.id is None and isinstance(name, str):
            specs = [find(one.draft.spec, (field, "id")) for field in ("connectionSpec", "flowSpec")]
            asking.setdefault((one.name.kind, repr([name, specs])), []).append(one)
    return [_rivalry(sorted(several, key=lambda one: one.name)) for several in asking.values() if len(several) > 1]


def _rivalry(several: list[Work]) -> Notice:
    *others, last = (str(one.name) for one in several)
    document = several[-1].manifest.document
    return Notice(
        f"{', '.join(others)} and {last} ask for one name: without a ledger they cannot be told apart; "
        "give them metadata.id once they exist",
        document.location(nearest(document.root, ("spec", "name"))),  # the same place whatever the target
    )
