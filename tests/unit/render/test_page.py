"""A page that is cut between blocks, and says what it left out."""

from __future__ import annotations

import pytest

from reconciler.render.page import Page, length


def test_all_that_fits_is_there() -> None:
    """In its order, and nothing is said of a cut."""
    page = Page(["head"], ("a", "b"), [("1", "2")], ["picture"], ["section", ""], ["foot"])
    assert page.within(10_000) == "head\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\npicture\n\nsection\n\nfoot\n"


@pytest.mark.parametrize("limit", [1_000, 3_000, 8_000, 15_000])
def test_it_is_never_longer_than_it_may_be(limit: int) -> None:
    """Also by the count for which an owl is two characters."""
    owls = "🦉" * 90
    page = Page(["head"], ("a",), [(owls,)] * 40, [owls * 9, "small"], [owls] * 40, [owls] * 9, "ask the owl")
    text = page.within(limit)
    assert length(text) <= limit
    assert length(text) == len(text.encode("utf-16-le")) // 2
    assert "**Cut:**" in text.split("\n\n")[1]
    assert "; ask the owl." in text
    assert "small" in text


def test_what_was_left_out_is_counted() -> None:
    """Each kind by its word, one as one."""
    page = Page(["head"], sections=["x" * 900], pictures=["y" * 900], foot=["z" * 900])
    assert "1 section of details, 1 picture or timetable, 1 remark at the end;" in page.within(1_000)
