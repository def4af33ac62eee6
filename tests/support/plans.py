"""Plans to save: any plan there could be, and one that has something of everything."""

from __future__ import annotations

from hypothesis import strategies as st

from reconciler.diff.document import MISSING
from reconciler.diff.outcomes import Cause
from reconciler.model.graph import Edge, Graph, Node
from reconciler.model.kinds import Kind
from reconciler.model.plan import Action, Change, FieldChange, Orphan, Plan, Request, SavedPlan, Scope
from reconciler.model.resources import Location, Notice, ResourceName
from reconciler.model.schedule_runs import Rhythm, Timetable, Timetables

CRM = ResourceName(Kind.CONNECTION, "crm")

names = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\Z")
resources = st.builds(ResourceName, st.sampled_from(Kind), names)
texts = st.text(max_size=12)
maybe = st.none() | texts
integers = st.integers(-(2**63), 2**64 - 1)  # what a file may say
numbers = integers | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
plain_fields = st.builds(
    FieldChange, texts, values | st.just(MISSING), values | st.just(MISSING), st.just(False), st.booleans()  # noqa: FBT003 - positions of a dataclass
)  # fmt: skip
stand_ins = st.none() | st.just(MISSING) | st.builds(lambda at: {"$secret": at}, texts)
secret_fields = st.builds(FieldChange, texts, stand_ins, stand_ins, st.just(True), st.booleans())  # noqa: FBT003 - the same
requests = st.builds(Request, texts, texts, values, maybe)
moments = st.integers(0, 253_402_300_799)  # to the year 9999
rhythms = st.builds(Rhythm, moments, st.none() | st.integers(1, 2**40), st.none() | moments)
timetables = st.none() | st.builds(Timetable, st.none() | rhythms, st.none() | st.booleans())
changes = st.builds(
    Change,
    resources,
    maybe,
    st.sampled_from(Action),
    st.frozensets(st.sampled_from(Cause)),
    st.lists(plain_fields | secret_fields, max_size=3).map(tuple),
    st.lists(requests, max_size=2).map(tuple),
    maybe,
    maybe,
    st.lists(texts, max_size=2).map(tuple),
    st.none() | st.builds(Timetables, timetables, timetables),
)
locations = st.none() | st.builds(Location, texts, integers, integers)
plans = st.builds(
    Plan,
    texts,
    texts,
    texts,
    maybe,
    st.lists(changes, max_size=3).map(tuple),
    st.integers(0, 9),
    st.lists(st.builds(Orphan, resources, texts, st.booleans()), max_size=2).map(tuple),
    texts,
    st.lists(st.builds(Notice, texts, locations), max_size=2).map(tuple),
)
scopes = st.builds(
    Scope, st.none() | st.frozensets(resources), st.frozensets(resources), st.frozensets(resources), st.booleans()
)
nodes = st.builds(Node, texts, st.sampled_from(Kind), maybe, maybe, maybe)
edges = st.builds(Edge, texts, texts, st.lists(texts, max_size=2).map(tuple))
graphs = st.builds(Graph, st.lists(nodes, max_size=2).map(tuple), st.lists(edges, max_size=2).map(tuple))
saved_plans = st.builds(SavedPlan, plans, scopes, st.floats(0, 4e9), graphs)

UPDATE = Change(
    CRM,
    "an-id",
    Action.UPDATE,
    frozenset({Cause.GIT}),
    (FieldChange("/name", "CRM", "Sales"), FieldChange("/description", None, MISSING)),
    (Request("PATCH", "/connections/an-id", [{"op": "replace", "path": "/name", "value": "Sales"}], '"etag"'),),
    digest="a-digest",
    notes=("a note",),
)
SAVED = SavedPlan(
    Plan(
        "prod",
        "ORG@AdobeOrg",
        "prod",
        "abc",
        (UPDATE,),
        3,
        (Orphan(CRM, "x", protect=True),),
        "feed",
        (Notice("odd", Location("a.yaml", 3, 7)), Notice("nowhere")),
    ),
    Scope(frozenset({CRM}), frozenset({ResourceName(Kind.FLOW, "daily")}), frozenset({CRM}), prune=True),
    1_800_000_000.25,
)
