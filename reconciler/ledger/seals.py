"""What the seals of all entries say together: a refusal, or a note for the reader."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.ledger.document import SealState
from reconciler.model.errors import LedgerError, LedgerTampered


def notes_on(seals: Mapping[str, SealState], *, keyed: bool) -> tuple[str, ...]:
    """Return what a reader should know of the entries' seals, by file; ``keyed`` iff there is a key to seal with.

    Raises LedgerTampered for an unsealed entry among sealed ones: whoever cannot make a seal can leave it out.
    """
    found = {state: sorted(where for where, seal in seals.items() if seal is state) for state in SealState}
    if found[SealState.UNCHECKED]:
        told = _seals(found[SealState.UNCHECKED])
        return (f"{told} could not be verified: RECONCILER_KEY is not set here (usual in a pull request)",)
    if not keyed or not seals:
        return ()
    if all_unsealed(seals):
        return ("the ledger is not sealed: it is from before RECONCILER_KEY was set, and the next apply seals it",)
    if found[SealState.UNSEALED]:
        raise LedgerTampered(
            f"{_named(found[SealState.UNSEALED])} not sealed, though others of this ledger are: written by another "
            "hand, or by a run without RECONCILER_KEY. Restore what is named (in git: push the ledger's ref back to "
            "the commit before), or delete it and let the next plan adopt the live object again"
        )
    if found[SealState.OTHER_KEY]:
        told = _seals(found[SealState.OTHER_KEY])
        return (f"{told} could not be verified: RECONCILER_KEY is another one than they were made with",)
    return ()


def all_unsealed(seals: Mapping[str, SealState]) -> bool:
    """Iff the ledger is from before there was a key."""
    return all(seal is SealState.UNSEALED for seal in seals.values())


def check_unkeyed(seals: Mapping[str, SealState]) -> None:
    """Raise LedgerError where a run without a key would write among sealed entries: every run with one refuses that."""
    if SealState.UNCHECKED in seals.values():
        raise LedgerError(
            "the ledger is sealed, and RECONCILER_KEY is not set here: what this run wrote there, runs with the key "
            "would refuse. Nothing was sent; set the key. If it is lost, set another one: entries are sealed with it "
            "as they are written"
        )


def _seals(where: list[str]) -> str:
    return "the seal of 1 ledger entry" if len(where) == 1 else f"the seals of {len(where)} ledger entries"


def _named(where: list[str]) -> str:
    if len(where) == 1:
        return f"{where[0]} is"
    return f"{where[0]} and {len(where) - 1} more are"
