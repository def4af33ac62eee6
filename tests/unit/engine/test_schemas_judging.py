"""A plan blames a change for what it breaks in the schemas of its spec, and for nothing else."""

from __future__ import annotations

import pytest
from unit.engine.fakes import (
    FLOW_SPEC_ID,
    SPEC_ID,
    change_of,
    connection,
    entry,
    flow,
    live,
    plan,
    ref,
    secret,
    snapshot,
    state,
    want,
)

from reconciler.model.kinds import Kind
from reconciler.model.plan import Action
from reconciler.model.resources import Location

TEXT, NUMBER, NOTHING = {"type": "string"}, {"type": "integer"}, {"not": {}}


def auth(schema, name="Basic"):
    return [{"name": name, "spec": schema}]


def spec(**document):
    return live(Kind.CONNECTION_SPEC, SPEC_ID, {"name": "crm", **document})


def flow_spec(**document):
    return live(Kind.FLOW_SPEC, FLOW_SPEC_ID, {"name": "daily", **document})


def reason(body, *lives, kind="Connection", **fields):
    """Return why the creation of a resource is blocked, or None."""
    return change_of(plan([want(f"{kind}/x", body, **fields)], seen=snapshot(*lives)), f"{kind}/x").blocked_by


def update(body, applied, there, *lives, kind="Connection", **fields):
    """Return the change that brings a live object to a body."""
    known = state(entry(f"{kind}/x", "x", applied))
    seen = snapshot(*lives, live(kind, "x", there))
    return change_of(plan([want(f"{kind}/x", body, **fields)], known, seen), f"{kind}/x")


def messages(planned):
    return [str(notice) for notice in planned.plan.notices]


def test_specs_that_cannot_be_read_are_told_of_once():
    """What is made from them is not checked, and not blocked for that."""
    texts = [f"Connection/{name}" for name in "abcd"]
    seen = snapshot(unreadable={(Kind.CONNECTION_SPEC, None): "no permission"})
    planned = plan([want(text, connection()) for text in texts], seen=seen)
    assert {change_of(planned, text).action for text in texts} == {Action.CREATE}
    told = [text for text in messages(planned) if "not checked" in text]
    names = "Connection/a, Connection/b, Connection/c, and 1 more"
    assert told == [f"not checked against their specs, which could not be read (no permission): {names}"]


@pytest.mark.parametrize("connection_spec", [None, {}, {"id": 5}, {"id": "nobody-knows-it"}])
def test_an_object_of_a_spec_that_nobody_knows_is_not_checked(connection_spec):
    """What the service makes of it is for the service to say."""
    assert reason(connection() | {"connectionSpec": connection_spec}, spec(authSpec=auth(NOTHING))) is None


def test_all_that_does_not_fit_is_told_up_to_a_number():
    """Sorted, and with the number of what is not shown."""
    names = [f"p{at:02}" for at in range(13)]
    schema = {"properties": dict.fromkeys(names, NUMBER)}
    found = reason(connection(params=dict.fromkeys(names, "x")), spec(authSpec=auth(schema)))
    assert found.startswith(f"does not fit connection spec 'crm' ({SPEC_ID}): /spec/auth/params/p00 must be of type")
    assert "p09" in found
    assert "p10" not in found
    assert "; and 3 more. Correct it" in found


def test_a_spec_without_a_name_is_named_by_its_id():
    """A name is no must."""
    found = reason(connection(params={"a": "x"}), spec(name=None, authSpec=auth({"properties": {"a": NUMBER}})))
    assert found.startswith(f"does not fit connection spec {SPEC_ID}: ")


def test_the_place_is_where_the_nearest_declared_value_stands():
    """The value itself if it is declared, else what is above it."""
    base, leaf = Location("a.yaml", 3, 1), Location("a.yaml", 20, 5)
    positions = {("auth", "params"): base, ("auth", "params", "a"): leaf}
    schema = {"properties": {"a": NUMBER, "b": NUMBER}, "required": ["b"]}
    found = reason(connection(params={"a": "x"}), spec(authSpec=auth(schema)), positions=positions)
    assert "a.yaml:20:5: /spec/auth/params/a must be of type integer" in found
    assert "a.yaml:3:1: /spec/auth/params/b is required" in found


def test_encryption_answers_to_the_spec_of_its_name():
    """And to no other, nor to one without a schema."""
    schema = {"properties": {"key": NUMBER}}
    specs = [{"name": "None"}, *auth(schema, "PGP"), *auth(NOTHING, "Other")]
    body = connection(encryption={"specName": "PGP", "params": {"key": "x"}})
    assert "/spec/encryption/params/key must be of type" in reason(body, spec(encryptionSpecs=specs))
    for name in ("None", "Unheard"):
        assert reason(body | {"encryption": {"specName": name}}, spec(encryptionSpecs=specs)) is None


@pytest.mark.parametrize("broken", ["text", {"specName": "Basic", "params": "text"}])
def test_what_has_no_parameters_is_not_checked(broken):
    """Its shape is for others to tell."""
    assert reason(connection() | {"auth": broken}, spec(authSpec=auth(NOTHING))) is None


def test_a_source_and_a_target_answer_to_their_side():
    """What the schema says of the parameters counts for each; what it requires is only told (17)."""
    schema = {"properties": {"a": NUMBER, "b": NUMBER}, "required": ["b"]}
    for kind, key in (("SourceConnection", "sourceSpec"), ("TargetConnection", "targetSpec")):
        body = {"name": "x", "connectionSpec": {"id": SPEC_ID}, "params": {"a": "x"}}
        assert "/spec/params/a must be of type integer" in reason(body, spec(**{key: {"spec": schema}}), kind=kind)
        assert reason(body, spec(**{key: {"name": "no schema"}}), kind=kind) is None
        planned = plan([want(f"{kind}/x", body | {"params": {}})], seen=snapshot(spec(**{key: {"spec": schema}})))
        assert change_of(planned, f"{kind}/x").action is Action.CREATE
        assert [text for text in messages(planned) if f"{kind}/x: /params/b is required by connection spec" in text]


@pytest.mark.parametrize("key", ["transformationSpec", "transformationSpecs", "transformationSpecDTOS"])
def test_each_transformation_answers_to_the_spec_of_its_name(key):
    """However the spec spells the list (15); one without a spec of its name answers to none."""
    specs = [*auth({"properties": {"v": NUMBER}}, "Copy"), {"name": "Bare"}, "text", {"spec": False}]
    elements = [{"name": "Other", "params": {"v": "x"}}, {"name": "Copy", "params": {"v": "x"}}, {"name": "Bare"}]
    found = reason(flow(transformations=elements), flow_spec(**{key: specs}), kind="Flow")
    assert "/spec/transformations/[name=Copy]/params/v must be of type integer. Correct" in found


def test_transformations_that_share_a_name_are_told_apart_by_their_number():
    """A name would not say which."""
    copies = [{"name": "Copy", "params": {"v": 1}}, {"name": "Copy", "params": {"v": "x"}}]
    specs = auth({"properties": {"v": NUMBER}}, "Copy")
    found = reason(flow(transformations=copies), flow_spec(transformationSpecs=specs), kind="Flow")
    assert "/spec/transformations/1/params/v must" in found
    assert "/spec/transformations/0" not in found


def test_elements_of_a_list_stand_by_name_in_what_is_told():
    """Like in every other path, so that it can be taken for skipValidation as it is."""
    schema = {"properties": {"columns": {"items": {"properties": {"size": NUMBER}}}}}
    columns = [{"name": "a", "size": 1}, {"name": "b", "size": "x"}]
    lives = spec(sourceSpec={"spec": schema})
    body = {"name": "x", "connectionSpec": {"id": SPEC_ID}, "params": {"columns": columns}}
    assert "/spec/params/columns/[name=b]/size must" in reason(body, lives, kind="SourceConnection")
    skip = (("params", "columns", "[name=b]", "size"),)
    assert reason(body, lives, kind="SourceConnection", skip_validation=skip) is None


def test_an_update_is_not_blamed_for_what_it_leaves_alone():
    """Somebody's live value that does not fit holds up neither another parameter nor another part."""
    lives = spec(authSpec=auth({"properties": {"a": NUMBER, "b": NUMBER}}))
    applied, there = connection(params={"b": 1}), connection(params={"a": "x", "b": 1})
    assert update(connection(params={"b": 2}), applied, there, lives).action is Action.UPDATE
    assert update(connection(params={"b": 1}, description="d"), applied, there, lives).action is Action.UPDATE
    found = update(connection(params={"a": "y", "b": 1}), applied, there, lives)
    assert found.action is Action.BLOCKED
    assert "/spec/auth/params/a must be of type integer" in found.blocked_by


def test_an_update_that_brings_a_part_is_blamed_for_it():
    """There is nothing live that could be anybody else's."""
    bare = {key: value for key, value in flow().items() if key != "scheduleParams"}
    lives = flow_spec(scheduleSpec={"spec": {"required": ["endTime"]}})
    found = update(flow(), bare, bare, lives, kind="Flow")
    assert "/spec/scheduleParams/endTime is required" in found.blocked_by


def test_a_rule_over_several_values_is_blamed_iff_the_change_breaks_it():
    """A rule that the live object breaks already is nobody's fault."""
    lives = spec(authSpec=auth({"not": {"required": ["a", "b"]}}))
    applied = connection(params={"b": 1})
    found = update(connection(params={"b": 1, "a": 1}), applied, applied, lives)
    assert "/spec/auth/params breaks the rule not" in found.blocked_by
    both = connection(params={"a": 1, "b": 1})
    assert update(connection(params={"b": 2}), applied, both, lives).action is Action.UPDATE


def test_what_is_in_sync_is_not_judged():
    """It sends nothing, so that it does not matter either whether its spec can be read."""
    body = connection(params={"a": "x"})
    lives = spec(authSpec=auth({"properties": {"a": NUMBER}}))
    assert update(body, body, body, lives).action is Action.UNCHANGED
    seen = snapshot(live("Connection", "x", body), unreadable={(Kind.CONNECTION_SPEC, None): "no permission"})
    planned = plan([want("Connection/x", body)], state(entry("Connection/x", "x", body)), seen)
    assert not [text for text in messages(planned) if "not checked" in text]


def test_a_password_that_is_live_but_not_shown_does_not_lack():
    """Only a creation must declare it (FACTS 14)."""
    lives = spec(authSpec=auth({"properties": {"a": TEXT}, "dependencies": {"a": ["password", "user"]}}))
    added = connection(params={"a": "1"})
    found = update(added, connection(params={}), connection(params={}), lives)
    assert "is required" not in (found.blocked_by or "")
    found = reason(added, lives)
    assert "/spec/auth/params/password is required; /spec/auth/params/user is required" in found


def test_where_no_credentials_are_shown_a_required_password_does_not_lack():
    """The service may hide them all (FACTS 14), so that what is declared is all that is seen."""
    there = connection() | {"auth": {"specName": "Basic"}}
    one, two = connection(params={"a": 1}), connection(params={"a": 2})
    assert update(two, one, there, spec(authSpec=auth({"required": ["password"]}))).action is Action.UPDATE
    assert (
        "/spec/auth/params/user is required"
        in update(two, one, there, spec(authSpec=auth({"required": ["user"]}))).blocked_by
    )


def test_a_value_that_may_be_a_secret_is_not_looked_at():
    """Not even where it stands in clear."""
    schema = {"properties": {"password": {"maxLength": 2}, "a": {"maxLength": 2}}}
    found = reason(connection(params={"password": "first", "a": "first"}), spec(authSpec=auth(schema)))
    assert "/spec/auth/params/a must" in found
    assert "password" not in found


def test_a_password_that_the_spec_does_not_know_is_blamed():
    """Its value does not matter for that; on update, a secret has no outcome among the fields."""
    lives = spec(authSpec=auth({"properties": {"a": TEXT}, "additionalProperties": False}))
    body, there = connection(params={"a": "1", "password": secret()}), connection(params={"a": "1"})
    assert "/spec/auth/params/password is not known there" in reason(body, lives)
    assert "/spec/auth/params/password is not known there" in update(body, there, there, lives).blocked_by


def test_a_way_to_authenticate_that_the_spec_lacks_is_told_unless_skipped():
    """All that are known are named, sorted; an update of something else says nothing of it."""
    lives = spec(authSpec=[*auth({}, "Zeta"), *auth({}, "Alpha")])
    assert reason(connection(), lives).endswith("which knows Alpha, Zeta: name one")
    assert reason(connection(), lives, skip_validation=(("auth", "specName"),)) is None
    there = connection(params={})
    assert update(there | {"description": "d"}, there, there, lives).action is Action.UPDATE


class TestSpecsInGit:
    """A spec that git declares counts as it will be after the apply."""

    def test_one_that_is_not_made_yet_is_known_by_its_reference(self):
        """It is named by its name in git."""
        ours = want("ConnectionSpec/ours", {"name": "ours", "authSpec": auth({"properties": {"a": NUMBER}})})
        body = connection(params={"a": "x"}) | {"connectionSpec": {"id": ref("ConnectionSpec/ours")}}
        found = change_of(plan([ours, want("Connection/x", body)]), "Connection/x").blocked_by
        assert found.startswith("does not fit connection spec 'ours' (ConnectionSpec/ours): /spec/auth/params/a must")

    @pytest.mark.parametrize("by", ["id", "reference"])
    def test_what_git_wants_counts_over_what_is_live(self, by):
        """Element by element, by their names; what git does not declare stays as it is live."""
        there = spec(authSpec=[*auth({"properties": {"a": NUMBER}}), *auth({"properties": {"a": NUMBER}}, "Live")])
        declared = {"name": "crm", "authSpec": auth({"properties": {"a": TEXT}})}
        spec_id = SPEC_ID if by == "id" else ref("ConnectionSpec/crm")
        body = connection(params={"a": "x"}) | {"connectionSpec": {"id": spec_id}}
        other = body | {"auth": body["auth"] | {"specName": "Live"}}
        ours = want("ConnectionSpec/crm", declared, id=SPEC_ID)
        planned = plan([ours, want("Connection/basic", body), want("Connection/live", other)], seen=snapshot(there))
        assert change_of(planned, "Connection/basic").blocked_by is None
        assert "must be of type integer" in change_of(planned, "Connection/live").blocked_by

    def test_one_out_of_scope_counts_as_it_is_live(self):
        """The run cannot change it; of one that is not live, nothing is known."""
        there = spec(authSpec=auth({"properties": {"a": NUMBER}}))
        ours = want("ConnectionSpec/crm", {"name": "crm", "authSpec": auth({"properties": {"a": TEXT}})}, id=SPEC_ID)
        made = want("ConnectionSpec/new", {"name": "new", "authSpec": auth({"properties": {"a": NUMBER}})})
        by_id = want("Connection/x", connection(params={"a": "x"}))
        by_name = want("Connection/y", connection(params={"a": "x"}) | {"connectionSpec": {"id": ref(str(made.name))}})
        out = [str(ours.name), str(made.name)]
        planned = plan([ours, made, by_id, by_name], seen=snapshot(there), exclude=out)
        assert "must be of type integer" in change_of(planned, "Connection/x").blocked_by
        assert "does not fit" not in (change_of(planned, "Connection/y").blocked_by or "")

    def test_one_whose_schemas_are_broken_is_told_of_and_made(self):
        """Also where nothing is made from it; a schema that cannot be one at all checks nothing."""
        entries = [*auth("text"), {"name": "Bare"}]
        broken = {"name": "b", "authSpec": entries, "sourceSpec": {"spec": {"type": "text"}}}
        body = connection(params={"a": "x"}) | {"connectionSpec": {"id": ref("ConnectionSpec/b")}}
        planned = plan([want("ConnectionSpec/b", broken), want("Connection/x", body)])
        assert change_of(planned, "ConnectionSpec/b").action is Action.CREATE
        assert change_of(planned, "Connection/x").action is Action.CREATE
        (told,) = (text for text in messages(planned) if "broken" in text)
        parts = "/sourceSpec/spec: /type names a type that there is not, /authSpec/0/spec: it is no schema"
        assert told.startswith("connection spec 'b' (ConnectionSpec/b) has a schema that is broken in part: ")
        assert told.endswith(f": {parts}. What is left of it counts")
