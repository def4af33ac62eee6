"""The wanted document: live with the outcomes of a comparison in it, and nothing else touched."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.diff.document import MISSING, Json, is_object
from reconciler.diff.outcomes import Outcome, Verdict, present
from reconciler.diff.pointer import Path, find, index_of, is_named_list, name_of, name_token


def merge(live: Json, outcomes: Iterable[Outcome], desired: Json, *, carry_settled: bool = False) -> Json:
    """Return a copy of live in which every change and removal is done; live itself is not touched.

    With ``carry_settled`` a settled path stands as desired: a PUT has to repeat what the service does not show.
    """
    done = {Verdict.CHANGE, Verdict.REMOVE} | ({Verdict.SETTLED} if carry_settled else set())
    wanted = copy(live)
    for outcome in outcomes:
        if outcome.verdict in done:
            value = present(outcome.desired)
            if value is MISSING:
                wanted = remove(wanted, outcome.path, desired)
            else:
                wanted = put(wanted, outcome.path, copy(value), desired)
    return wanted


def copy(document: Json) -> Json:
    """Copy the containers of a document; leaves are immutable and shared (a secret cannot be copied)."""
    if is_object(document):
        return {key: copy(value) for key, value in document.items()}
    if isinstance(document, list):
        return [copy(value) for value in document]
    return document


def put(document: Json, path: Path, value: Json, desired: Json = MISSING) -> Json:
    """Set the value at path inside document, making the objects and named elements on the way; return document.

    An element that a list does not have yet goes where it stands in the list of ``desired``: a mapping belongs behind
    the copy that it maps.
    """
    if not path:
        return value
    token, rest = path[0], path[1:]
    below = MISSING if desired is MISSING else find(desired, (token,))
    if isinstance(document, list) and (name_of(token) is not None or token.isdecimal()):
        index = index_of(document, token)
        if index is None:
            document.insert(_position(document, token, desired), put(_element(token), rest, value, below))
        else:
            document[index] = put(document[index], rest, value, below)
        return document
    if not is_object(document):
        document = [] if name_of(token) is not None else {}
        return put(document, path, value, desired)
    document[token] = put(document.get(token, MISSING), rest, value, below)
    return document


def _position(elements: list[Json], token: str, desired: Json) -> int:
    """Return where a named element goes: behind the nearest that git has before it, else before the next, else last."""
    tokens = [name_token(element["name"]) for element in desired] if is_named_list(desired) else []
    at = tokens.index(token) if token in tokens else 0
    before = (index_of(elements, one) for one in reversed(tokens[:at]))
    after = (index_of(elements, one) for one in tokens[at + 1 :])
    behind = next((index + 1 for index in before if index is not None), None)
    return behind if behind is not None else next((index for index in after if index is not None), len(elements))


def _element(token: str) -> Json:
    """Return what a list's element begins as: one that is found by name is nothing without it."""
    name = name_of(token)
    return {} if name is None else {"name": name}


def remove(document: Json, path: Path, desired: Json) -> Json:
    """Take the value at path out, and what on the way this leaves empty and git does not declare."""
    parent = find(document, path[:-1])
    if is_object(parent):
        del parent[path[-1]]
    elif isinstance(parent, list) and (index := index_of(parent, path[-1])) is not None:
        del parent[index]
    emptied = parent in ({}, []) and len(path) > 1 and find(desired, path[:-1]) is MISSING
    return remove(document, path[:-1], desired) if emptied else document
