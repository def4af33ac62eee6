"""Whatever a schema refuses, the value does not show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from unit.engine.fakes import SPEC_ID, change_of, connection, live, plan, snapshot, want

from reconciler.model.kinds import Kind

CANARY = "c4n4ry"
SCHEMAS = st.recursive(
    st.one_of(
        st.booleans(),
        st.sampled_from([{"type": "integer"}, {"enum": ["a"]}, {"const": 1}, {"maxLength": 2}, {"pattern": "^b"}]),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({}, optional={"properties": st.dictionaries(st.sampled_from("ab"), inner)}),
        st.builds(lambda key, many: {key: many}, st.sampled_from(["anyOf", "oneOf"]), st.lists(inner, min_size=1)),
        st.builds(lambda key, one: {key: one}, st.sampled_from(["not", "items", "additionalProperties", "if"]), inner),
    ),
    max_leaves=8,
)
VALUES = st.recursive(
    st.sampled_from([CANARY, f"{CANARY} and more", 1, True]),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=5,
)


@given(schema=SCHEMAS, params=st.dictionaries(st.sampled_from(["a", "b", "password"]), VALUES))
def test_no_value_is_ever_told(schema, params):
    """Whatever the schema, and wherever the value stands: a parameter may be a secret that nobody knows as one."""
    spec = live(Kind.CONNECTION_SPEC, SPEC_ID, {"name": "crm", "authSpec": [{"name": "Basic", "spec": schema}]})
    planned = plan([want("Connection/x", connection(params=params))], seen=snapshot(spec))
    assert CANARY not in (change_of(planned, "Connection/x").blocked_by or "")
    assert CANARY not in "".join(map(str, planned.plan.notices))
