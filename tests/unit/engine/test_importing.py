"""Names that git gives, and what stays out of an import for good."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.importing.collect import without
from reconciler.engine.importing.naming import joined, names_of, slug, unused
from reconciler.model.imports import Omissions
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.resources import NAME, ResourceName

SLUGS = {
    "Salesforce CRM": "salesforce-crm",
    "  a__b..c  ": "a-b-c",
    "Überfällige Größen": "uberfallige-grossen",
    "Æther Ørsted": "ther-rsted",
    "顧客": "",
    "注文 orders": "orders",
    "": "",
    "x" * 300: "x" * 60,
    "a" * 59 + " b": "a" * 59,
    "\uff26\uff35LL \u2460 \ufb01ne": "full-1-fine",
    "K\u212a": "kk",
}


@pytest.mark.parametrize("text", SLUGS)
def test_slugs(text: str) -> None:
    """Latin letters without their marks and digits, in lower case, of a comfortable length."""
    assert slug(text) == SLUGS[text]


@given(
    objects=st.lists(
        st.tuples(st.text(max_size=8) | st.sampled_from(["crm", "CRM"]), st.text("ab-1", max_size=40)), max_size=8
    ),
    taken=st.sets(st.sampled_from(["crm", "crm-a", "crm-prod", "flow-a", "a", "b"])),
)
def test_every_name_is_one_and_its_own(objects: list[tuple[str, str]], taken: set[str]) -> None:
    """Whatever objects are called, each gets a valid name that nobody else has, the same one every time."""
    lives = [Live(Kind.FLOW, id, {}) for id in sorted({id for _, id in objects})]
    labels = {(Kind.FLOW, id): text for text, id in objects}
    known = {ResourceName(Kind.FLOW, name): name < "b" for name in taken}
    names = names_of(lives, labels, {}, known, "prod")
    assert all(NAME.fullmatch(name.name) for name in names.values())
    assert len({*names.values(), *known}) == len(lives) + len(known)
    assert names == names_of(lives, labels, {}, known, "prod")


def test_names_that_are_not_enough() -> None:
    """A piece of the id where the name is not alone, the target where only another has it, then a number."""
    lives = [Live(Kind.FLOW, id, {}) for id in ("11112222-3", "11112222-4", "55556666", "77778888", "---", "+")]
    labels = {(one.kind, one.id): label for one, label in zip(lives, ["A", "a", "b", "c", "", "?"], strict=True)}
    taken = {ResourceName(Kind.FLOW, name): here for name, here in {"b": False, "c": True, "flow-x": True}.items()}
    names = names_of(lives, labels, {}, taken, "prod")
    wanted = ["a-11112222", "a-111122224", "b-prod", "c-77778888", "flow-x-2", "flow-x-3"]
    assert [name.name for name in names.values()] == wanted


def test_lengths() -> None:
    """A suffix stays whole, and a name is never longer than it may be."""
    assert joined("x" * 100, "prod") == "x" * 95 + "-prod"
    assert len(joined("x", "y" * 100)) == 100
    assert unused("A", ["A", "A_2"], separator="_") == "A_3"


def test_what_does_not_help_goes_whole() -> None:
    """A path that is left out already and still does not fit takes the object with it."""
    key = (Kind.FLOW, "f")
    once = without(Omissions(), [(key, ("a",), "first")])
    assert once == Omissions({}, {key: {("a",): "first"}})
    assert without(once, [(key, ("a",), "again")]) == Omissions({key: "again"}, {key: {("a",): "first"}})
    assert without(once, [(key, (), "whole")]).objects == {key: "whole"}
