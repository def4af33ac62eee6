"""A snooze in a manifest is read as strictly as everything else, and each mistake has its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.manifest.times import like
from reconciler.model.resources import Desired

HEAD = "apiVersion: reconciler/v1\nkind: Connection\nmetadata:\n  name: x\n  id: c1\n  snooze:\n"
GOOD = "    prod: {until: 2027-01-31, reason: why, fields: [/description, '/auth/params/a']}\n"
SPEC = "spec: {description: d, auth: {params: {a: 1}}}\n"


def test_a_snooze_of_a_target(desired: Callable[..., Desired]) -> None:
    """A day lasts until it is over in UTC; on another target nothing is snoozed."""
    found = desired(HEAD + GOOD + SPEC, "prod").snooze
    assert found is not None
    assert (found.until, found.reason, found.ends) == ("2027-01-31", "why", 1_801_440_000)
    assert found.paths == (("description",), ("auth", "params", "a"))
    assert str(found.source) == "m/a.yaml:7:5"
    assert found.covers(("auth", "params", "a", "b"))
    assert not found.covers(("auth", "params"))
    assert desired(HEAD + GOOD + SPEC, "dev").snooze is None


def test_a_moment_ends_then(desired: Callable[..., Desired]) -> None:
    """With a zone it is that moment."""
    text = HEAD + GOOD.replace("2027-01-31", "2027-01-31T12:00:00+02:00") + SPEC
    assert desired(text, "prod").snooze.ends == 1_801_389_600


def test_an_element_goes_by_its_name(desired: Callable[..., Desired]) -> None:
    """As in metadata.ignore: a position is written as the name that stands there."""
    text = (
        "apiVersion: reconciler/v1\nkind: Flow\nmetadata: {name: x, id: f, snooze: {dev:\n"
        "  {until: 2027-01-31, reason: r, fields: [/transformations/0/params]}}}\n"
        "spec: {transformations: [{name: Mapping, params: {}}]}\n"
    )
    assert desired(text).snooze.paths == (("transformations", "[name=Mapping]", "params"),)


@pytest.mark.parametrize(
    ("said", "place", "message"),
    [
        ("    test: {until: 2027-01-31, reason: r, fields: [/description]}", "7:5", "there is no target 'test'"),
        ("    prod: {reason: r, fields: [/description]}", "7:11", "snooze/prod/until is missing: the last day"),
        ("    prod: {until: 2027-01-31, fields: [/description]}", "7:11", "reason is missing: why this drift is left"),
        ("    prod: {until: 2027-01-31, reason: r}", "7:11", "fields is missing: JSON Pointers into spec"),
        ("    prod: {until: 2027-01-31, reason: r, fields: []}", "7:50", "name at least one field, or leave it out"),
        ("    prod: {until: 2027-01-31, reason: r, fields: x}", "7:50", "must be a list, as in [/description]"),
        ("    prod: {until: 2027-01-31, reason: r, fields: [description]}", "7:51", "starts with '/'"),
        ("    prod: {until: 2027-01-31, reason: r, fields: ['']}", "7:51", "only fields can be snoozed"),
        ("    prod: {until: 2027-02-30, reason: r, fields: [/description]}", "7:19", "there is no such day"),
        ("    prod: {until: 9999-12-31, reason: r, fields: [/description]}", "7:19", "there is no such day"),
        ("    prod: {until: soon, reason: r, fields: [/description]}", "7:19", "write a day or a time with a zone"),
        ("    prod: {until: 20270131, reason: r, fields: [/description]}", "7:19", "must be text"),
        ("    prod: {until: '20270131', reason: r, fields: [/description]}", "7:19", "write a day or a time"),
        ("    prod: {until: 2027-01-31, reason: '', fields: [/description]}", "7:39", "say why, in a few words"),
        ('    prod: {until: 2027-01-31, reason: "a\\tb", fields: [/description]}', "7:39", "a reason is one line"),
        ("    prod: {untill: 2027-01-31, until: 2027-01-31, reason: r, fields: [/description]}", "7:12",
         "did you mean 'until'?"),
    ],
)  # fmt: skip
def test_a_wrong_snooze(problems: Callable[..., list[str]], said: str, place: str, message: str) -> None:
    """File, line and column, and what to write."""
    (found,) = problems(f"{HEAD}{said}\n{SPEC}")
    assert found.startswith(f"m/a.yaml:{place}: ")
    assert message in found


def test_a_snooze_stands_in_no_override(problems: Callable[..., list[str]]) -> None:
    """It names its target anyway."""
    said = "{until: 2027-01-31, reason: r, fields: [/description]}"
    text = HEAD.replace("  snooze:\n", "") + SPEC + f"overrides: {{prod: {{metadata: {{snooze: {{prod: {said}}}}}}}}}\n"
    (found,) = problems(text)
    assert (
        "/overrides/prod/metadata/snooze: an override cannot change it; metadata.snooze is a map from target" in found
    )


def test_a_pointer_to_nothing_is_told(loaded: Callable[..., object]) -> None:
    """It stops nothing: the field may have left the manifest since."""
    text = HEAD + GOOD.replace("/description", "/descripton") + SPEC
    (notice,) = loaded(text).validate()
    assert str(notice) == "m/a.yaml:7:53: /metadata/snooze/prod/fields/0: /descripton points to nothing in spec"


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ("2027-01-15T08:00:00Z", "2027-01-16T09:00:05Z"),
        ("2027-01-15T08:00Z", "2027-01-16T09:00:05Z"),
        ("2027-01-15 08:00:00.000z", "2027-01-16 09:00:05.000z"),
        ("2027-01-15t08:00:00-0530", "2027-01-16t03:30:05-0530"),
        ("2027-01-15T08:00:00", None),
        ("1800000000", None),
        ("2027-13-15T08:00:00Z", None),
    ],
)
def test_a_time_as_another_is_written(written: str, after: str | None) -> None:
    """Its zone, its separator and its precision stay, where it is a time at all."""
    assert like(written, 1_800_090_005) == after


def test_a_time_without_seconds_stays_so() -> None:
    """Where there are none to tell; what no calendar holds is no time."""
    assert like("2027-01-15T08:00+01:00", 1_800_090_000) == "2027-01-16T10:00+01:00"
    assert like("2027-01-15T08:00:00Z", 10**15) is None
