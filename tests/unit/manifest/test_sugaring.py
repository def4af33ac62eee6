"""A live value as the manifest would write it."""

from __future__ import annotations

import pytest

from reconciler.diff.document import MISSING
from reconciler.manifest.editing.sugaring import Sugarer
from reconciler.model.errors import UsageError
from reconciler.model.kinds import Kind
from reconciler.model.resources import ResourceName

ME = ResourceName(Kind.FLOW, "me")
IDS = {
    (Kind.CONNECTION, "c1"): ResourceName(Kind.CONNECTION, "one"),
    (Kind.CONNECTION, "c2"): ResourceName(Kind.CONNECTION, "two"),
}
ONE, TWO = {"ref": "Connection/one"}, {"ref": "Connection/two"}
VALUE = {"valueFrom": {"target": "v"}}
START = ("scheduleParams", "startTime")


def sugared(said, resolved, live, path=("params",)):
    return Sugarer(ME, IDS).sugared(said, resolved, live, path)


@pytest.mark.parametrize(
    ("said", "resolved", "live", "written"),
    [
        (MISSING, MISSING, {"a": 1}, {"a": 1}),
        (ONE, "c1", "c2", TWO),
        (ONE, "c1", "c3", "c3"),
        (ONE, "c1", 5, 5),
        ([ONE, "x"], ["c1", "x"], ["x", "c2", "c1"], ["x", TWO, ONE]),
        ([ONE, ONE], ["c1", "c1"], ["c1", "c2"], [ONE, TWO]),
        ([VALUE, 1], ["v1", 1], [1, "v1", 2], [1, VALUE, 2]),
        ([{"a": ONE, "b": None, "c": 1}], [{"a": "c1", "b": None, "c": 1}], [{"a": "c2", "d": 2}],
         [{"a": TWO, "b": None, "d": 2}]),
        ([[ONE]], "a value of the target", [["c2"]], [["c2"]]),
        ({"a": ONE}, "odd", {"a": "c2"}, {"a": TWO}),
    ],
)  # fmt: skip
def test_sugar_stays_sugar(said, resolved, live, written) -> None:
    """What was a reference is one again where a manifest manages the object, also in lists; the rest is as live is."""
    assert sugared(said, resolved, live) == written


def test_an_unmanaged_id_is_warned_of() -> None:
    """It holds in one sandbox alone."""
    sugarer = Sugarer(ME, IDS)
    assert sugarer.sugared(ONE, "c1", "c3", ("a", "b")) == "c3"
    (warning,) = sugarer.warnings
    assert warning.startswith("Flow/me: no manifest manages the Connection that /a/b names now")


@pytest.mark.parametrize(
    ("said", "live", "written"),
    [
        ("2027-01-15T08:00:00Z", 1_800_090_005, "2027-01-16T09:00:05Z"),
        ("2027-01-15T08:00:00Z", "1800090005", "2027-01-16T09:00:05Z"),
        ("2027-01-15T08:00:00Z", "soon", "soon"),
        ("2027-01-15T08:00:00Z", True, True),
        ("2027-01-15T08:00:00Z", 10**15, 10**15),
        ("1800000000", 1_800_090_005, 1_800_090_005),
        (1_800_000_000, "1800090005", "1800090005"),
    ],
)
def test_a_time_stays_one_that_people_read(said, live, written) -> None:
    """Where it was one, and where live has one."""
    assert sugared(said, said, live, START) == written
    assert sugared(said, said, live, ("params", "startTime")) == live


@pytest.mark.parametrize(
    ("said", "live"),
    [
        ([VALUE], ["other"]),
        (MISSING, {"a": ["x\u2028"]}),
        (MISSING, {"x\x00": 1}),
        (MISSING, [{"valueFrom": 1}]),
        (MISSING, {"ref": "Flow/x"}),
    ],
)
def test_what_cannot_be_written(said, live) -> None:
    """What a reader would refuse or misread, and a value of the target inside what live has replaced."""
    with pytest.raises(UsageError, match=r"Flow/me: /params(/0)? cannot be written"):
        sugared(said, said, live)
