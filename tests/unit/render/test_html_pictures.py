"""The pictures of the report: where things stand, and what is said of what is not drawn."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import showcase

from reconciler.diff.document import MISSING
from reconciler.model.graph import Edge, Graph, Node
from reconciler.model.kinds import Kind
from reconciler.model.plan import FieldChange
from reconciler.model.schedule_runs import Rhythm, Timetable, Timetables
from reconciler.render.html import picture as drawing
from reconciler.render.html import timeline as times
from reconciler.render.html.cards import Card
from reconciler.render.html.fields import Piece, field_views
from reconciler.render.html.layout import _apart, place
from reconciler.render.html.picture import Picture, picture
from reconciler.render.html.tally import WIDTH, Count, tally
from reconciler.render.html.timeline import timeline
from reconciler.render.values import drift_rows

NOW, DAY = 1_800_000_000, 86_400
DAILY, WEEKLY = (Timetable(Rhythm(NOW - 3_600, days * DAY)) for days in (1, 7))


def card(resource: str, tone: str = "update") -> Card:
    kind, _, name = resource.partition("/")
    return Card(resource, resource, kind, name, tone, "~", tone, resource)


def graph(*edges: tuple[str, str], alone: tuple[str, ...] = ()) -> Graph:
    """Return a graph by (user, needed) pairs."""
    keys = sorted({key for pair in edges for key in pair} | set(alone))
    nodes = sorted((node(key) for key in keys), key=lambda one: (list(Kind).index(one.kind), one.key))
    return Graph(tuple(nodes), tuple(Edge(user, needed, ("/x",)) for user, needed in edges))


def node(key: str) -> Node:
    kind, slash, name = key.partition("/")
    return Node(key, Kind(kind or key), name) if slash else Node(key, Kind(key.partition(":")[0]), None)


def draw(estate: Graph, *touched: str) -> Picture:
    made = picture(estate, [card(one) for one in touched], str)
    assert made is not None
    return made


def tones(drawn: Picture) -> dict[str, str]:
    return {box.key: box.tone for box in drawn.boxes}


@given(st.lists(st.floats(-50, 50), max_size=12))
def test_what_is_moved_apart_keeps_its_order_and_its_distance(wished: list[float]) -> None:
    """One row at least; and where nobody stands in the way, nobody moves."""
    wished = sorted(wished)
    moved = _apart(wished)
    assert len(moved) == len(wished)
    assert all(later - earlier >= 1 - 1e-9 for earlier, later in pairwise(moved))
    if all(later - earlier >= 1 for earlier, later in pairwise(wished)):
        assert moved == pytest.approx(wished)
    assert sum(moved) == pytest.approx(sum(wished)), "as far up as down"


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=4), st.data())
def test_nobody_is_moved_further_than_needed(wished: list[float], data: st.DataObject) -> None:
    """No other heights with these distances are nearer to what is wished."""
    wished = sorted(wished)
    moved = _apart(wished)
    gaps = data.draw(st.lists(st.floats(1, 4), min_size=len(wished), max_size=len(wished)))
    other = [data.draw(st.floats(-9, 9))]
    for gap in gaps[1:]:
        other.append(other[-1] + gap)

    def far(heights: list[float]) -> float:
        return sum((height - wish) ** 2 for height, wish in zip(heights, wished, strict=True))

    assert far(moved) <= far(other) + 1e-6


keys = st.integers(0, 30).map(str)


@given(st.lists(st.lists(keys, max_size=8, unique=True), max_size=4), st.data())
def test_no_node_stands_on_another(columns: list[list[str]], data: st.DataObject) -> None:
    """Any graph, also with loops and with edges inside of a column."""
    columns = [[f"{at}-{key}" for key in column] for at, column in enumerate(columns)]
    every = [key for column in columns for key in column]
    ends = st.sampled_from(every) if every else st.nothing()
    edges = data.draw(st.lists(st.tuples(ends, ends), max_size=12)) if every else []
    heights = place(columns, edges)
    assert set(heights) == set(every)
    assert min(heights.values(), default=0) == 0
    for column in columns:
        stood = sorted(heights[key] for key in column)
        assert all(later - earlier >= 1 - 1e-9 for earlier, later in pairwise(stood))
    assert heights == place(columns, edges)


def test_one_between_two_stands_in_the_middle() -> None:
    """What is needed by several stands beside the middle of them."""
    assert place([["c"], ["a", "b"]], [("a", "c"), ("b", "c")]) == {"c": 0.5, "a": 0, "b": 1}


CHAIN = graph(
    ("Flow/f", "SourceConnection/s"),
    ("Flow/f", "TargetConnection/t"),
    ("SourceConnection/s", "Connection/c"),
    ("SourceConnection/s", "ConnectionSpec:x"),
    ("Flow/g", "SourceConnection/r"),
    alone=("Connection/lonely",),
)


def test_what_is_touched_what_depends_on_it_and_what_it_needs() -> None:
    """Each marked, in words too; a catalogue's spec, and what has nothing to do with it, are not there."""
    drawn = draw(CHAIN, "SourceConnection/s")
    assert tones(drawn) == {"SourceConnection/s": "update", "Flow/f": "affected", "Connection/c": "near"}
    words = {box.key: box.word for box in drawn.boxes}
    assert words == {"SourceConnection/s": "update", "Flow/f": "depends on it", "Connection/c": "is needed"}
    assert (drawn.touched, drawn.cut) == (1, 0)
    assert [box.anchor for box in drawn.boxes if box.anchor] == ["SourceConnection/s"]
    assert {box.key: (box.needs, box.users) for box in drawn.boxes}["SourceConnection/s"] == (
        ("Connection/c",), ("Flow/f",),
    )  # fmt: skip


def test_what_is_needed_stands_on_the_left() -> None:
    """By kind, under a heading of its own."""
    drawn = draw(CHAIN, "Connection/c", "TargetConnection/t")
    at = {box.key: box.x for box in drawn.boxes}
    assert at["Connection/c"] < at["SourceConnection/s"] == at["TargetConnection/t"] < at["Flow/f"]
    assert [one.text for one in drawn.headings] == ["Connections", "Sources and targets", "Flows"]
    for box in drawn.boxes:
        assert 0 <= box.x <= drawn.width - drawn.box[0]
        assert 0 <= box.y <= drawn.height - drawn.box[1]
    assert len(drawn.lines) == 3


def test_a_picture_of_every_kind_fits_on_a_page() -> None:
    """Five columns, none on another."""
    kinds = ("ConnectionSpec/a", "FlowSpec/b", "Connection/c", "SourceConnection/d", "Flow/e")
    drawn = draw(graph(alone=kinds), *kinds)
    assert drawn.width <= 1_046
    assert all(later - earlier > drawn.box[0] for earlier, later in pairwise(box.x for box in drawn.boxes))


def test_what_one_flow_needs_stands_together() -> None:
    """Its source beside its target, and not all sources above all targets."""
    edges = [(f"Flow/f{at}", f"{kind}Connection/{at}") for at in range(3) for kind in ("Source", "Target")]
    edges += [(f"SourceConnection/{at}", "Connection/c") for at in range(3)]
    drawn = draw(graph(*edges), "Connection/c")
    middle = sorted((box for box in drawn.boxes if box.kind in ("source", "target")), key=lambda box: box.y)
    assert [box.label for box in middle] == ["0", "1", "2"]
    drawn = draw(graph(*edges), "Connection/c", "Flow/f0", "Flow/f1", "Flow/f2")
    middle = sorted((box for box in drawn.boxes if box.kind in ("source", "target")), key=lambda box: box.y)
    assert [box.label for box in middle] == ["0", "0", "1", "1", "2", "2"]


def test_an_edge_inside_a_column_is_drawn_too() -> None:
    """No kind needs its own kind today; a manifest may say anything."""
    drawn = draw(graph(("Flow/a", "Flow/b")), "Flow/a")
    assert len(drawn.lines) == 1
    assert len({box.x for box in drawn.boxes}) == 1


def test_nothing_touched_is_no_picture() -> None:
    """An orphan is in no manifest, and so in no graph."""
    assert picture(CHAIN, [card("Flow/gone")], str) is None
    assert picture(CHAIN, [], str) is None


def test_long_names_are_cut_and_told_whole() -> None:
    """In the box; its title and the table have all of it. A secret is taken out before anything is cut."""
    long = "n" * 100
    drawn = draw(graph(alone=(f"Flow/{long}",)), f"Flow/{long}")
    (box,) = drawn.boxes
    assert box.label == "n" * 22 + "…"
    assert box.key.endswith(long)
    made = picture(graph(alone=(f"Flow/{long}",)), [card(f"Flow/{long}")], lambda text: text.replace(long, "***"))
    assert made is not None
    assert made.boxes[0].label == "***"


def test_a_large_estate_is_cut_where_groups_end() -> None:
    """Whole groups while there is room, and the count of what is not drawn."""
    edges = [(f"Flow/f{at:03}", f"SourceConnection/s{at:03}") for at in range(1_000)]
    touched = [f"Flow/f{at:03}" for at in range(0, 1_000, 2)]
    drawn = draw(graph(*edges), *touched)
    assert len(drawn.boxes) == drawing.MOST
    assert len(drawn.lines) == drawing.MOST // 2
    assert (drawn.touched, drawn.cut) == (500, 1_000 - drawing.MOST)


def test_of_one_large_group_what_is_touched_comes_first() -> None:
    """Then what depends on it."""
    edges = [(f"SourceConnection/s{at:03}", "Connection/c") for at in range(200)]
    edges += [(f"Flow/f{at:03}", f"SourceConnection/s{at:03}") for at in range(200)]
    drawn = draw(graph(*edges), "Connection/c", "Flow/f199")
    assert len(drawn.boxes) == drawing.MOST
    assert {"Connection/c", "Flow/f199"} <= set(tones(drawn))
    assert drawn.cut == 401 - drawing.MOST


def test_a_bar_is_as_wide_as_its_share() -> None:
    """All of it together fills the width; what is not there takes no room, and what is there is always seen."""
    counts = [Count("a", "+", "a", 1), Count("b", "-", "b", 0), Count("c", "~", "c", 2_999)]
    parts = tally(counts)
    assert [part.tone for part in parts] == ["a", "c"]
    assert parts[0].width >= 12
    assert parts[1].x > parts[0].x + parts[0].width
    assert parts[-1].x + parts[-1].width == pytest.approx(WIDTH, abs=1)
    assert tally([Count("a", "+", "a", 0)]) == ()


def lanes(before: Timetable | None, after: Timetable | None) -> tuple[times.Lane, times.Lane]:
    (row,) = timeline([("Flow/x", Timetables(before, after))], NOW, ("now", "after"), str).rows
    return row.before, row.after


def test_runs_stand_where_they_are_on_the_axis() -> None:
    """In the right order and distance, from the moment to the end of the axis."""
    drawn = timeline([("Flow/x", Timetables(DAILY, WEEKLY))], NOW + 0.5, ("now", "after"), str)
    (row,) = drawn.rows
    assert row.before.runs == ("Sat 2027-01-16 07:00", "Sun 2027-01-17 07:00", "Mon 2027-01-18 07:00")
    gaps = {round(later - earlier) for earlier, later in pairwise(row.before.dots)}
    assert max(gaps) - min(gaps) <= 1
    assert row.after.dots[1] - row.after.dots[0] == pytest.approx(7 * (row.before.dots[1] - row.before.dots[0]), abs=2)
    assert all(drawn.left < x <= drawn.right for x in (*row.before.dots, *row.after.dots))
    assert next(mark.label for mark in drawn.marks) == "Sat 01-16"
    assert all(drawn.left < mark.x <= drawn.right for mark in drawn.marks)
    assert drawn.until == "Fri 2027-01-29 07:00"


def test_an_axis_begins_before_the_first_run_where_all_are_far_away() -> None:
    """A new flow of next month is seen to run, and the page says from when on it shows."""
    later = NOW + 400 * DAY
    both = Timetables(Timetable(Rhythm(later, DAY)), Timetable(Rhythm(later, 7 * DAY)))
    drawn = timeline([("Flow/x", both)], NOW, ("now", "after"), str)
    assert drawn.since == "Sat 2028-02-19 07:00"
    (row,) = drawn.rows
    assert row.before.dots[0] == row.after.dots[0] > drawn.left
    assert (row.before.note, row.after.note) == (None, None)
    assert timeline([("Flow/x", Timetables(DAILY, WEEKLY))], NOW, ("now", "after"), str).since is None


def test_what_cannot_be_drawn_is_said() -> None:
    """No flow, switched off, unknown, over, and a first run that lies beyond the axis."""
    before, after = lanes(None, Timetable(Rhythm(NOW, DAY), enabled=False))
    assert (before.note, after.note) == ("does not run", "none: it is disabled")
    before, after = lanes(Timetable(None), Timetable(Rhythm(NOW - DAY, None)))
    assert (before.note, after.note) == ("unknown", "none is left")
    before, after = lanes(DAILY, Timetable(Rhythm(NOW + 400 * DAY, DAY)))
    assert after.note == "first at Sat 2028-02-19 08:00"
    assert before.dots


def test_runs_that_are_too_close_are_a_band() -> None:
    """That ends where the schedule does."""
    often = Timetable(Rhythm(NOW - DAY, 900))
    ending = Timetable(Rhythm(NOW - DAY, 900, NOW + DAY // 2))
    _, whole = lanes(WEEKLY, often)
    _, part = lanes(WEEKLY, ending)
    assert whole.band is not None
    assert part.band is not None
    assert not whole.dots
    assert whole.band[0] == part.band[0]
    assert part.band[1] < whole.band[1]


def test_flows_that_keep_their_runs_are_counted_and_many_are_cut() -> None:
    """Only what moves is drawn."""
    moved = [(f"Flow/m{at}", Timetables(DAILY, WEEKLY)) for at in range(times.MOST + 7)]
    drawn = timeline([*moved, ("Flow/s", Timetables(DAILY, DAILY))], NOW, ("now", "after"), str)
    assert (len(drawn.rows), drawn.left_out, drawn.unmoved) == (times.MOST, 7, 1)
    assert [row.name for row in drawn.rows][:2] == ["Flow/m0", "Flow/m1"]


seconds = st.integers(0, 4 * 10**9) | st.integers(0, 253_402_300_799)
rhythms = st.builds(Rhythm, seconds, st.none() | st.integers(1, 10**6) | st.integers(1, 10**17), st.none() | seconds)
sides = st.none() | st.builds(Timetable, st.none() | rhythms, st.none() | st.booleans())


@given(st.lists(st.builds(Timetables, sides, sides), max_size=4), st.floats(0, 4e9))
def test_any_schedule_can_be_drawn(flows: list[Timetables], now: float) -> None:
    """In bounded room, whatever its numbers are."""
    drawn = timeline([(f"Flow/{at}", both) for at, both in enumerate(flows)], now, ("now", "after"), str)
    assert len(drawn.marks) <= 16
    for row in drawn.rows:
        for lane in (row.before, row.after):
            assert len(lane.dots) <= 120
            assert all(drawn.left <= x <= drawn.right for x in (*lane.dots, *(lane.band or ())))
            assert bool(lane.note) == (not lane.dots and lane.band is None)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_the_pieces_of_a_value_are_the_value(head: str, middle: str, tail: str) -> None:
    """Whatever both sides share: together the pieces say all of it, and what is not marked is the same on both."""
    change = FieldChange("/d", f"{head}{middle}{tail}", f"{head}{tail}")
    (view,) = field_views(drift_rows((change,)), str)
    assert view.before is not None
    assert view.after is not None
    (row,) = drift_rows((change,))
    for side, text in ((view.before, row.before), (view.after, row.after)):
        assert "".join(piece.text for piece in side.pieces) == text
    both = [view.before.pieces, view.after.pieces]
    same = [[piece.text for piece in pieces if not piece.changed] for pieces in both]
    assert same[0] == same[1] or both == [(Piece(row.before, False),), (Piece(row.after, False),)]  # noqa: FBT003 - a dataclass


def test_only_the_words_that_differ_are_marked() -> None:
    """Not half of a word; and nothing where little is the same."""
    text = "Reporting project; owned by the data team"
    (view,) = field_views(drift_rows((FieldChange("/d", text, text.replace("data team", "lake team")),)), str)
    assert view.after is not None
    assert [piece.text for piece in view.after.pieces if piece.changed] == ["lake"]
    (view,) = field_views(drift_rows((FieldChange("/d", "day", "week"),)), str)
    assert view.after is not None
    assert [(piece.text, piece.changed) for piece in view.after.pieces] == [('"week"', False)]


def test_nested_values_show_their_inner_keys_and_long_ones_are_folded() -> None:
    """A list of one wrong word in many, and a text that fills a screen."""
    before = {"steps": [{"name": "Copy", "column": "a"}, {"name": "Mapping"}]}
    after = {"steps": [{"name": "Copy", "column": "b"}, {"name": "Mapping"}]}
    (view,) = field_views(drift_rows((FieldChange("/t", before, after),)), str)
    assert (view.path, view.mark) == ("/t/steps/0/column", "~")
    (view,) = field_views(drift_rows((FieldChange("/d", "x" * 700, MISSING),)), str)
    assert view.before is not None
    assert (view.before.length, view.after, view.word) == (702, None, "removed")
    (view,) = field_views(drift_rows((FieldChange("/d", "x" * 30_000, "y " * 15_000),)), str)
    assert view.before is not None
    assert len(view.before.pieces) == 1


def test_the_showcase_shows_something_of_everything() -> None:
    """Or the pictures of the README would lie about what there is."""
    plan = showcase.planned().plan
    assert {change.action.value for change in plan.changes} >= {"create", "update", "blocked"}
    assert {cause.value for change in plan.changes for cause in change.causes} >= {"git", "drift"}
    assert plan.orphans
    assert sum(change.timetables is not None for change in plan.changes) >= 3
    assert showcase.drifted().summary["drifted"] >= 3
