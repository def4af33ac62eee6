"""Overrides: a JSON merge patch (RFC 7386) over nodes, so that every value keeps the place where it was written."""

from __future__ import annotations

from reconciler.manifest.nodes import Node
from reconciler.manifest.resolve import is_sugar


def merge(base: Node | None, patch: Node) -> Node:
    """Merge a patch into a value: objects member by member, null deletes, all else replaces.

    Sugar stands for one value and is no object here: it replaces, and is replaced, as a whole. Merged member by member,
    a ref over a valueFrom would become a mapping of both, which is neither.
    """
    if not patch.is_mapping or is_sugar(patch):
        return patch
    under = base if base is not None and base.is_mapping and not is_sugar(base) else Node({}, patch.mark)
    members, keys = dict(under.value), dict(under.keys)
    for key, child in patch.value.items():
        if child.value is None:
            members.pop(key, None)
            keys.pop(key, None)
        else:
            members[key] = merge(members.get(key), child)
            keys[key] = patch.keys[key]
    return Node(members, under.mark, keys)
