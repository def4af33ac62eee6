"""What a manifest cannot say is found before it is written, or when it is read back."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.manifest.importing.misfits import Misfit, misfits, refused
from reconciler.model.errors import InternalError, Problem
from reconciler.model.imports import Imported, TargetValue
from reconciler.model.kinds import Kind
from reconciler.model.resources import Location, Reference, ResourceName
from reconciler.model.secrets import SecretOrigin, SecretSlot

KEY = (Kind.FLOW, "f-1")
DEEP: Any = "leaf"
for _ in range(59):
    DEEP = [DEEP]
FOUND: dict[str, tuple[dict[str, Any], tuple[str, ...] | None]] = {
    "fine": ({"a": {"b": [1, 2.5, None, True, "x\ty\nz"]}, "scheduleParams": {"startTime": "1612310466"}}, None),
    "leaves": (
        {
            "a": Reference(ResourceName(Kind.FLOW, "x")),
            "b": SecretSlot("/b", SecretOrigin.ENV, "X"),
            "c": TargetValue("n", "v"),
        },
        None,
    ),
    "a hidden character": ({"a": {"b": "x\u202ey"}}, ("a", "b")),
    "a hidden character in a key": ({"a": {"b\x07": {"c": "\x07"}}}, ("a", "b\x07")),
    "a hidden character in a target's value": ({"a": TargetValue("n", "x\u200f")}, ("a",)),
    "a carriage return": ({"a": "x\r\ny"}, ("a",)),
    "in a named list": ({"a": [{"name": "n", "b": 2**60}]}, ("a", "[name=n]", "b")),
    "in a list": ({"a": [1, -(2**60)]}, ("a", "1")),
    "the largest number": ({"a": 2**53, "b": True, "c": 1e300}, None),
    "like a reference": ({"a": {"ref": "Connection/x"}}, ("a",)),
    "no reference": ({"a": {"ref": "other"}, "b": {"ref": "Connection/x", "c": 1}}, None),
    "like a value": ({"a": {"valueFrom": 1}}, ("a",)),
    "deep": ({"a": DEEP}, None),
    "too deep": ({"a": [DEEP]}, ("a", *"0" * 60)),
    "a start that is no number": ({"scheduleParams": {"startTime": "tomorrow"}}, ("scheduleParams", "startTime")),
    "an end in ISO 8601": ({"scheduleParams": {"endTime": "2027-01-04T06:00:00Z"}}, ("scheduleParams", "endTime")),
    "no schedule": ({"scheduleParams": "x"}, None),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_does_not_fit(case: str) -> None:
    """Each part by its path, and nothing else; a list has a path for its element."""
    spec, path = FOUND[case]
    found = misfits([Imported(ResourceName(Kind.FLOW, "one"), "f-1", spec)])
    assert [(one.key, one.path) for one in found] == ([] if path is None else [(KEY, path)])
    assert all(one.reason for one in found)


def test_a_time_of_another_kind() -> None:
    """Only a flow has a schedule whose times are read."""
    spec = {"scheduleParams": {"startTime": "tomorrow"}}
    assert misfits([Imported(ResourceName(Kind.CONNECTION, "one"), "c-1", spec)]) == []


TEXT = """\
apiVersion: reconciler/v1
kind: Flow
metadata: {name: one}
spec:
  name: One
  scheduleParams:
    frequency: often
    sugar: {ref: Flow/x}
  transformations:
    - name: X
      more: 1
"""
PLACES = {3: (), 5: ("name",), 7: ("scheduleParams", "frequency"), 8: ("scheduleParams", "sugar")} | {
    10: ("transformations",),
    11: ("transformations",),
}


@pytest.mark.parametrize("line", PLACES)
def test_what_the_reader_refuses(line: int) -> None:
    """A problem's line tells the part; a list goes whole, and what lies outside of the spec is the whole object."""
    one = Imported(ResourceName(Kind.FLOW, "one"), "f-1", {})
    problem = Problem(Location("one.yaml", line, 1), "is wrong; did you mean right?")
    found = list(refused([problem], {"one.yaml": TEXT.encode()}, {"one.yaml": one}))
    assert found == [Misfit(KEY, PLACES[line], "is wrong")]


def test_a_text_that_cannot_be_read_at_all() -> None:
    """It is the whole object that does not fit."""
    one = Imported(ResourceName(Kind.FLOW, "one"), "f-1", {})
    problem = Problem(Location("one.yaml", 1, 1), "is wrong")
    assert list(refused([problem], {"one.yaml": b"[\n"}, {"one.yaml": one})) == [Misfit(KEY, (), "is wrong")]


def test_a_problem_of_somebody_else() -> None:
    """A file that is not of the import would be broken by it: a bug, told before anything is written."""
    with pytest.raises(InternalError, match=r"mine.yaml:1:1: is wrong"):
        list(refused([Problem(Location("mine.yaml", 1, 1), "is wrong")], {}, {}))
