"""One resource beside its live object: the table, the states, what is blocked, and documents that are odd."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.engine.fakes import (
    FLOW_SPEC_ID,
    NOW,
    connection,
    decided,
    flow,
    live,
    plan,
    ref,
    secret,
    snapshot,
    state,
    vault,
    want,
    without,
)

from reconciler.diff.document import MISSING
from reconciler.diff.outcomes import Cause, Verdict
from reconciler.engine import facts, immutable
from reconciler.engine.decide import agrees
from reconciler.engine.snapshot import fed_by_source_flows
from reconciler.model.kinds import Kind
from reconciler.model.plan import FieldChange, Request
from reconciler.model.secrets import Fingerprint

GIT, DRIFT, ADOPT = Cause.GIT, Cause.DRIFT, Cause.ADOPT

TABLE = [
    # desired, applied, live, observed: verdict, causes, the operation
    pytest.param("a", "a", "a", {}, Verdict.IN_SYNC, set(), None, id="live is as git wants"),
    pytest.param("a", "b", "a", {}, Verdict.IN_SYNC, set(), None, id="live is as git wants already"),
    pytest.param("a", "a", "A", {"/description": "A"}, Verdict.SETTLED, set(), None, id="the service's own form"),
    pytest.param("a", "a", "b", {}, Verdict.CHANGE, {DRIFT}, "replace", id="drift"),
    pytest.param("a", "a", MISSING, {}, Verdict.CHANGE, {DRIFT}, "add", id="drift to nothing"),
    pytest.param("a", "b", "b", {}, Verdict.CHANGE, {GIT}, "replace", id="git"),
    pytest.param("a", "b", "B", {"/description": "B"}, Verdict.CHANGE, {GIT}, "replace", id="git, over an own form"),
    pytest.param("a", "b", "c", {}, Verdict.CHANGE, {GIT, DRIFT}, "replace", id="git and drift"),
    pytest.param(MISSING, "a", MISSING, {}, Verdict.FORGET, set(), None, id="let go, and absent"),
    pytest.param(MISSING, "a", "a", {}, Verdict.REMOVE, {GIT}, "remove", id="let go"),
    pytest.param(MISSING, "a", "b", {}, Verdict.REMOVE, {GIT, DRIFT}, "remove", id="let go, and drifted"),
    pytest.param(None, "a", "a", {}, Verdict.REMOVE, {GIT}, "remove", id="null"),
    pytest.param(None, None, "a", {}, Verdict.REMOVE, {DRIFT}, "remove", id="null, and there again"),
]


def described(value):
    return {"name": "Daily"} if value is MISSING else {"name": "Daily", "description": value}


@pytest.mark.parametrize(("desired", "applied", "there", "observed", "verdict", "causes", "op"), TABLE)
def test_the_table_holds_for_a_flow(desired, applied, there, observed, verdict, causes, op):
    """Every row of the three-way table, from three documents to the request."""
    decision = decided("Flow", described(desired), described(there), described(applied), observed=observed)
    outcome = next(one for one in decision.outcomes if one.path == ("description",))
    assert (outcome.verdict, set(outcome.causes)) == (verdict, causes)
    assert [sent.op for sent in decision.patch] == ([op] if op else [])
    assert decision.writes is bool(op)
    after = MISSING if desired in (None, MISSING) else desired
    assert decision.fields == ((FieldChange("/description", there, after),) if op else ())


@pytest.mark.parametrize("now", ["x", None, MISSING])
def test_what_is_ignored_is_released(now):
    """Under ignore, now or newly: not compared, not removed."""
    ignore = (("description",),)
    assert decided("Flow", described(now), described("b"), described("a"), ignore=ignore).outcomes[1:] == ()


def test_without_an_entry_it_is_an_adoption():
    """The last row: whatever differs has cause adopt."""
    decision = decided("Flow", described("a"), described("b"))
    assert decision.causes == {ADOPT}
    assert [op.op for op in decision.patch] == ["replace"]


def test_a_required_path_that_leaves_git_is_blocked():
    """The service does not do without it; what it never had is no loss."""
    spec = flow()
    decision = decided("Flow", without(spec, "sourceConnectionIds"), spec, spec)
    assert "does not do without /sourceConnectionIds" in decision.blocked
    assert decision.patch == ()
    bare = without(spec, "sourceConnectionIds")
    assert decided("Flow", without(bare, "description"), bare, bare).blocked is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (15, "15"), ("15", 15), (15, 15.0), (True, "true"), ("false", False), (None, MISSING),
    ],
)  # fmt: skip
def test_one_meaning_is_no_difference(ours, theirs):
    """Strings and numbers of a schedule are echoed in either form (FACTS 10)."""
    base = flow()["scheduleParams"]
    theirs = {} if theirs is MISSING else {"interval": theirs}
    spec = flow(scheduleParams={**base, "interval": ours})
    assert not decided("Flow", spec, flow(scheduleParams={**without(base, "interval"), **theirs}), spec).causes


@pytest.mark.parametrize(("ours", "theirs"), [(True, 1), ("15", "015"), (15, 15.5), (1, [1]), ("a", {"a": 1})])
def test_another_meaning_is_a_difference(ours, theirs):
    """Nor does a loose path make one of true."""
    base = flow()["scheduleParams"]
    spec = flow(scheduleParams={**base, "interval": ours})
    assert decided("Flow", spec, flow(scheduleParams={**base, "interval": theirs}), spec).causes == {DRIFT}


def test_mapping_versions_are_loose_where_they_stand():
    """Found by the element's name (FACTS 11); in a list without names one value differs by its parts."""
    ours = [{"name": "Mapping", "params": {"mappingId": "m", "mappingVersion": 0}}]
    theirs = [{"name": "Copy"}, {"name": "Mapping", "params": {"mappingId": "m", "mappingVersion": "0"}}]
    assert not decided("Flow", {"transformations": ours}, {"transformations": theirs}).causes
    unnamed = [{"params": {"mappingVersion": 0}}, {"name": "x"}]
    assert decided("Flow", {"transformations": unnamed}, {"transformations": unnamed[:1]}).causes
    echoed = [{"params": {"mappingVersion": "0"}}, {"name": "x"}]
    assert not decided("Flow", {"transformations": unnamed}, {"transformations": echoed}).causes


@pytest.mark.parametrize("there", facts.TRANSIENT_STATES)
def test_a_transient_state_is_no_drift_and_blocks_nothing(there):
    """On its way to nobody knows where: other fields change, the state waits."""
    spec = flow("New", state="enabled")
    decision = decided("Flow", spec, flow(state=there), flow(state="enabled"))
    assert (decision.blocked, decision.act) == (None, None)
    assert [op.path for op in decision.patch] == [("name",)]
    assert decision.causes == {GIT}
    adopted = decided("Flow", flow(state="enabled"), flow(state=there))
    assert not adopted.causes


@pytest.mark.parametrize("there", facts.TRANSIENT_STATES)
def test_a_state_that_changes_in_git_is_asked_for_all_the_same(there):
    """The action waits for the transition by itself."""
    assert decided("Flow", flow(state="disabled"), flow(state=there), flow(state="enabled")).act == "disable"


@pytest.mark.parametrize(
    ("there", "act"),
    [
        ("enabled", None), ("enabling", None), ("enabled-finalizing", None),
        ("disabled", "enable"), ("disabling", "enable"), ("disabled-finalizing", "enable"),
    ],
)  # fmt: skip
def test_a_state_on_its_way_counts_as_where_it_goes(there, act):
    """What is being disabled is disabled."""
    decision = decided("Flow", flow(state="enabled"), flow(state=there), flow(state="enabled"))
    assert decision.act == act
    assert decision.patch == ()


@pytest.mark.parametrize("there", ["draft", "delete-finalizing", None, 7, ["updating"]], ids=repr)
def test_another_state_blocks(there):
    """From there it can be neither enabled nor disabled."""
    decision = decided("Flow", flow(state="enabled"), flow(state=there), flow(state="enabled"))
    assert f"in state {there!r}" in decision.blocked
    assert decision.act is None


def test_a_state_that_git_lets_go_is_forgotten():
    """A flow always has one."""
    decision = decided("Flow", flow(), flow(state="disabled"), flow(state="enabled"))
    assert not decision.causes
    assert Verdict.FORGET in {outcome.verdict for outcome in decision.outcomes if outcome.path == ("state",)}


def test_the_write_goes_before_the_action():
    """One PATCH under the etag, then the action without a body."""
    one = live(Kind.FLOW, "x", flow(state="enabled"))
    decision = decided("Flow", flow("New", state="disabled"), flow(state="enabled"), flow(state="enabled"))
    patch = [{"op": "replace", "path": "/name", "value": "New"}]
    assert decision.requests(one) == (
        Request("PATCH", "/flows/x", patch, one.etag),
        Request("POST", "/flows/x/action?op=disable"),
    )


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("Connection", {"connectionSpec": {"id": "other", "version": "1.0"}}, "1414-400"),
        ("SourceConnection", {"connectionSpec": {"id": "other"}}, "/connectionSpec/id"),
        ("Flow", {"flowSpec": {"id": "other", "version": "1.0"}}, "/flowSpec/id"),
    ],
)
def test_a_spec_cannot_change(kind, change, reason):
    """What a resource is made of cannot change in place; the way out is said."""
    before = flow() if kind == "Flow" else connection(params={"a": 1})
    decision = decided(kind, {**before, **change}, before, before)
    assert reason in decision.blocked
    assert "under another name" in decision.blocked


PAST = int(NOW) - 10


@pytest.mark.parametrize("start", [PAST, str(PAST), float(PAST)])
def test_a_start_that_has_passed_cannot_change(start):
    """Not to a later one, nor away; the rest of the schedule can."""
    passed = flow(scheduleParams={"startTime": start, "frequency": "day"})
    decision = decided("Flow", flow(), passed, passed)
    assert f"({PAST}" in decision.blocked
    daily = flow(scheduleParams={"startTime": start, "frequency": "week"})
    assert decided("Flow", daily, passed, passed).blocked is None
    assert decided("Flow", without(flow(), "scheduleParams"), passed, passed).blocked


@pytest.mark.parametrize("start", [NOW + 10, "soon", None, MISSING, True, ["1"]], ids=repr)
def test_a_start_that_lies_ahead_or_cannot_be_read_may_change(start):
    """Nothing has run yet, as far as can be told."""
    there = {"frequency": "day"} | ({} if start is MISSING else {"startTime": start})
    assert decided("Flow", flow(), flow(scheduleParams=there), flow(scheduleParams=there)).blocked is None


@pytest.mark.parametrize("there", [MISSING, "none", []], ids=repr)
def test_a_schedule_that_is_not_there_is_added_whole(there):
    """Whatever git's start is."""
    theirs = without(flow(), "scheduleParams") | ({} if there is MISSING else {"scheduleParams": there})
    decision = decided("Flow", flow(), theirs, without(flow(), "scheduleParams"))
    assert [op.path for op in decision.patch] == [("scheduleParams",)]


def test_start_times_are_read_in_each_form():
    """Numbers, or strings of digits; anything else is none."""
    forms = {1: 1, "12": 12, 1.5: 1.5, "1.5": None, "-1": None, "1" * 16: None}
    for start, read in forms.items():
        assert immutable.start_time({"scheduleParams": {"startTime": start}}) == read
    assert immutable.start_time({"scheduleParams": 1}) is immutable.start_time(None) is None


def test_what_feeds_a_source_flow_cannot_carry_other_data():
    """Its name may change; where a destination flow uses it, everything may."""
    before = {"name": "S", "params": {"t": 1}}
    moved = {"name": "S", "params": {"t": 2}}
    assert (
        "would not pick up /params/t"
        in decided("SourceConnection", moved, before, before, feeds_source_flow=True).blocked
    )
    named = {**before, "name": "T"}
    assert decided("TargetConnection", named, before, before, feeds_source_flow=True).blocked is None
    assert decided("TargetConnection", moved, before, before).blocked is None


IDS = "sourceConnectionSpecIds"


@pytest.mark.parametrize("applied", [MISSING, {IDS: ["a"]}, {}])
def test_null_on_a_shared_list_is_blocked(applied):
    """Null would take everybody's members out; where nothing is, nothing is to be done."""
    decision = decided("FlowSpec", {IDS: None}, {IDS: ["a", "b"]}, applied)
    assert "is shared" in decision.blocked
    assert decision.put is None
    assert not decided("FlowSpec", {IDS: None}, {}, applied).causes


def test_members_of_a_shared_list_are_added_in_order_beside_the_others():
    """Live's order stays, ours follow in git's order, each once; the reverse order is no difference."""
    decision = decided("FlowSpec", {IDS: ["b", "z", "a", "z"]}, {"name": "F", IDS: ["a", "x"]}, {IDS: []})
    assert decision.put == {"name": "F", "version": "1.0", IDS: ["a", "x", "b", "z"]}
    assert not decided("FlowSpec", {IDS: ["x", "a"]}, {IDS: ["a", "x"]}, {IDS: []}).causes


def test_a_shared_list_that_leaves_git_stays():
    """Without --prune our members stay, and are no difference."""
    assert not decided("FlowSpec", {}, {IDS: ["a"]}, {IDS: ["a"]}).causes


def test_a_member_of_ours_that_is_gone_has_drifted():
    """One that never was ours is git's."""
    drifted = decided("FlowSpec", {IDS: ["a"]}, {IDS: []}, {IDS: ["a"]})
    assert drifted.causes == {DRIFT}
    assert decided("FlowSpec", {IDS: ["a"]}, {IDS: []}, {IDS: []}).causes == {GIT}


def test_a_put_carries_what_live_has_and_what_settled():
    """The live writable document with the changes in it; what only replies show is left out (FACTS 15)."""
    spec = {"name": "N", "description": "d", "authSpec": [], "providerId": "p"}
    theirs = {"name": "O", "providerId": "p", "other": 1, "sourceSpec": {"attributes": {"authRequired": True, "u": 1}}}
    decision = decided("ConnectionSpec", spec, theirs, {**spec, "name": "O"})
    kept = {"sourceSpec": {"attributes": {"u": 1}}, "other": 1, "version": "1.0"}
    assert decision.put == {**spec, **kept}
    assert [field.path for field in decision.fields] == ["/name"]


@pytest.mark.parametrize(
    ("path", "ours", "theirs", "known"),
    [
        ("description", "d", MISSING, True),
        ("description", "d", "e", False),
        ("authSpec", [], MISSING, True),
        ("authSpec", [{"name": "b"}], MISSING, False),
        ("contentPath", {"path": "$.a", "skip": 1}, "$.a", True),
        ("contentPath", {"path": "$.a", "skip": 1}, "$.b", False),
        ("contentPath", "$.b", "$.a", False),
    ],
)
def test_forms_of_a_connection_spec_that_replies_show(path, ours, theirs, known):
    """The rows of FACTS 15 explain what is no difference."""

    def body(value):
        value = {} if value is MISSING else {path: value}
        return {"sourceSpec": {"attributes": value}} if path == "contentPath" else value

    assert bool(decided("ConnectionSpec", body(ours), body(theirs)).causes) is not known


def test_names_that_requests_and_replies_write_differently_are_one():
    """TransformationSpec is transformationSpecs where live says so (FACTS 15)."""
    ours, theirs = {"transformationSpec": [{"name": "a"}]}, {"transformationSpecs": [{"name": "a"}]}
    assert not decided("FlowSpec", ours, theirs, ours).causes
    assert decided("FlowSpec", ours, {}, ours).put == {"version": "1.0", **ours}
    assert facts.canonical_names(Kind.FLOW_SPEC, None, theirs) is None


def test_paths_that_no_document_shows_go_with_an_ancestor():
    """An interval is sent with its schedule, once only documented paths are asked for; else there is no PATCH."""
    spec = flow(scheduleParams={**flow()["scheduleParams"], "interval": 2})
    decision = decided("Flow", spec, flow(), flow(), documented_only=True)
    assert [op.path for op in decision.patch] == [("scheduleParams",)]
    source = decided("SourceConnection", {"name": "b"}, {"name": "a"}, {"name": "a"}, documented_only=True)
    assert "no PATCH for /name" in source.blocked


def test_documented_paths_are_known_below_a_pattern():
    """``**`` stands for one token and more."""
    assert facts.is_documented(Kind.FLOW, ("transformations", "0", "params", "a", "b"))
    assert not facts.is_documented(Kind.FLOW, ("transformations", "0", "params"))
    assert not facts.is_documented(Kind.FLOW_SPEC, ("name",))


def test_a_reference_that_is_not_known_yet_is_marked():
    """What is created in the same run has no id yet: the field is unknown, wherever in it the reference stands."""
    spec = flow(sourceConnectionIds=[ref("SourceConnection/new")], transformations=[{"deep": {"id": ref("Flow/f")}}])
    decision = decided("Flow", spec, flow(), flow())
    assert {field.path for field in decision.fields if field.unknown} == {"/sourceConnectionIds", "/transformations"}


def test_shared_sets_do_not_count_as_moved():
    """Nobody moved what we planned on, if only members of others came."""
    decision = decided("FlowSpec", {"name": "F", IDS: ["a"]}, {"name": "F", IDS: []}, {"name": "F", IDS: []})
    before, after = (live(Kind.FLOW_SPEC, "x", {"name": "F", IDS: ids}) for ids in ([], ["b"]))
    assert agrees(before, after, decision)
    assert not agrees(before, live(Kind.FLOW_SPEC, "x", {"name": "G"}), decision)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["", "x", "name", "enabled", "15"]))
ODD = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "name", "params", "password", "0", "k"]), inner, max_size=3),
    ),
    max_leaves=6,
)
FIELDS = (
    "name", "description", "auth", "encryption", "connectionSpec", "flowSpec", "data", "params", "state", "etag",
    "scheduleParams", "transformations", "sourceConnectionIds", "sourceConnectionSpecIds", "inheritedAttributes",
    "lastOperation", "updatedAt", "updatedBy", "authSpec", "sourceSpec", "transformationSpecs",
)  # fmt: skip
DOCUMENTS = st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=6)
FULL = {
    **flow(state="enabled", transformations=[{"name": "Mapping", "params": {"mappingId": "m", "mappingVersion": 0}}]),
    **connection(params={"u": 1, "password": secret(), "l": [secret("/auth/params/l/0")]}),
    "encryption": {"specName": "e", "params": {"k": 1}}, "sourceConnectionSpecIds": ["a"], "authSpec": [],
    "sourceSpec": {"attributes": {"contentPath": {"path": "p"}, "authRequired": True}}, "description": None,
    "transformationSpec": [{"name": "a"}],
}  # fmt: skip
WAS = {"/auth/params/token": Fingerprint(None, None), "/auth/params/n/[name=x]/k": Fingerprint(None, None)}


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(list(Kind)), document=DOCUMENTS, applied=st.one_of(st.just(MISSING), DOCUMENTS))
def test_an_odd_live_document_never_raises(kind, document, applied):
    """Whatever stands where: it is compared, changed or blocked, and checked like everything else."""
    spec = without(FULL, "state") if kind is not Kind.FLOW else FULL
    held = vault(passwords=["password", "k"])
    for documented_only in (False, True):
        decided(kind.value, spec, document, applied, secrets=WAS, vault=held, documented_only=documented_only)


@settings(max_examples=100, deadline=None)
@given(odd=st.lists(st.tuples(st.sampled_from(list(Kind)), DOCUMENTS), max_size=4))
def test_an_odd_estate_never_raises(odd):
    """Flows, connections and specs of any shape are matched and planned around."""
    lives = [live(kind, f"o{at}", document) for at, (kind, document) in enumerate(odd)]
    wanted = [
        want("Connection/c", connection(), id="o0"),
        want("Connection/d", connection("x")),
        want("Flow/f", flow("x", sourceConnectionIds=[ref("SourceConnection/s")])),
        want("SourceConnection/s", {"name": "x", "connectionSpec": {"id": "x"}}),
        want("ConnectionSpec/p", {"name": "x", "authSpec": "odd"}),
    ]
    plan(wanted, state(), snapshot(*lives))


@pytest.mark.parametrize(
    ("inherited", "source"),
    [
        (MISSING, True), ("garbage", True), ([], True), ({}, True), ({"properties": "x"}, True),
        ({"properties": {"isSourceFlow": True}}, True),
        ({"properties": {"isDestinationFlow": True}}, False),
        ({"properties": {"isDestinationFlow": False}}, True),
        ({"properties": {"isSourceFlow": False}}, True),
        ({"properties": {}, "targetConnections": "x"}, True),
        ({"targetConnections": []}, True),
        ({"targetConnections": ["x"]}, True),
        ({"targetConnections": [{"connectionSpec": {"id": "s3"}}]}, False),
        ({"targetConnections": [{"connectionSpec": {"id": "s3"}}, {}]}, True),
        ({"targetConnections": [{"connectionSpec": {"id": facts.DATA_LAKE_SPEC}}]}, True),
    ],
    ids=repr,
)  # fmt: skip
def test_a_flow_that_does_not_say_otherwise_is_a_source_flow(inherited, source):
    """The careful answer for whatever inheritedAttributes are."""
    attributes = {} if inherited is MISSING else {"inheritedAttributes": inherited}
    one = live(Kind.FLOW, "x", flow(**attributes, targetConnectionIds="odd"))
    fed = {(Kind.SOURCE_CONNECTION, "s")} if source else set()
    assert fed_by_source_flows(snapshot(one)) == fed
    assert one.document["flowSpec"]["id"] == FLOW_SPEC_ID
