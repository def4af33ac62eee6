"""The last look at a planned write, with code that did not plan it.

The ``jsonpatch`` library applies the patch; the result must be the wanted document, agree with desired on every path
that changes, and with live on every path that nobody declared. A failure is a bug of ours, and stops the run before
anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.diff.document import MISSING, Json, Opaque, is_object, same, shown
from reconciler.diff.outcomes import Outcome, Verdict, present
from reconciler.diff.patch import Op
from reconciler.diff.pointer import Path, covers, find, format_path, is_named_list, name_token
from reconciler.engine.facts import CREDENTIALS
from reconciler.model.errors import InternalError


def check_patch(live: Json, wanted: Json, patch: Sequence[Op], outcomes: Sequence[Outcome], desired: Json) -> None:
    """Raise InternalError unless the patch makes wanted of live, and wanted is what it should be."""
    import jsonpatch  # noqa: PLC0415 - slow to import, needed only where something changes
    import jsonpointer  # noqa: PLC0415 - the same

    if not patch and same(live, wanted):
        return
    try:
        result = jsonpatch.apply_patch(live, [shown(op.wire()) for op in patch])
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as error:
        raise InternalError(f"a planned patch cannot be applied: {error}") from error
    if not same(result, shown(wanted)):
        raise InternalError("a planned patch does not make the wanted document")
    check_put(live, wanted, outcomes)
    for root in CREDENTIALS:
        if any(op.path == root for op in patch):
            compared = [outcome.path for outcome in outcomes]
            _check_credentials(find(wanted, root), present(find(desired, root)), root, compared)


def _check_credentials(sent: Json, declared: Json, path: Path, compared: Sequence[Path]) -> None:
    """Credentials go whole, so whatever git declares of them has to be in what is sent, unless it is released."""
    if is_object(declared) and is_object(sent):
        for key, value in declared.items():
            _check_credentials(sent.get(key, MISSING), value, (*path, key), compared)
        return
    ours = isinstance(declared, Opaque) or any(covers(one, path) or covers(path, one) for one in compared)
    if declared is not MISSING and ours and not same(sent, declared):
        raise InternalError(f"planned credentials lack {format_path(path)}")


def check_put(live: Json, wanted: Json, outcomes: Sequence[Outcome]) -> None:
    """Raise InternalError unless wanted agrees with desired where it changes, and with live everywhere else."""
    for outcome in outcomes:
        if outcome.causes and not _below_credentials(outcome.path):
            _check_outcome(wanted, outcome)
    moved = [outcome.path for outcome in outcomes if outcome.causes or outcome.verdict is Verdict.SETTLED]
    for path, value in _leaves(live):
        touched = _below_credentials(path) or any(covers(one, path) or covers(path, one) for one in moved)
        if not touched and not same(find(wanted, path), value):
            raise InternalError(f"a planned write would change {format_path(path)}, which is not declared")


def _check_outcome(wanted: Json, outcome: Outcome) -> None:
    there = find(wanted, outcome.path)
    expected = MISSING if outcome.verdict is Verdict.REMOVE else present(outcome.desired)
    if not same(there, expected):
        raise InternalError(f"a planned write does not bring {format_path(outcome.path)} to what git wants")


def _below_credentials(path: Path) -> bool:
    return any(covers(root, path) for root in CREDENTIALS)


def _leaves(document: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    if is_object(document) and document:
        for key, value in document.items():
            yield from _leaves(value, (*path, key))
    elif is_named_list(document):
        for element in document:
            yield from _leaves(element, (*path, name_token(element["name"])))
    else:
        yield path, document
