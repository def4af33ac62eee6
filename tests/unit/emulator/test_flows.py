"""Flows: what they need, their schedule, their state (FACTS 6, 8, 10, 11)."""

from __future__ import annotations

import pytest

STREAM = "d69717ba-71b4-4313-b654-49f9cf126d7a"


@pytest.fixture
def ends(api):
    source = api.made("sourceConnections", {"name": "Bare source"})
    return source, api.made("targetConnections", {"name": "Bare target", "params": {}})


def test_values_come_back_as_sent(api):
    """Strings stay strings; only a mapping version becomes one."""
    item = api.item(f"/flows/{api.flow()[0]}")
    assert item["scheduleParams"]["interval"] == "15"
    assert item["transformations"][1]["params"]["mappingVersion"] == "0"
    assert item["runs"] == f"/runs?property=flowId=={item['id']}"
    assert item["state"] == "enabled"


def test_inherited_attributes(api):
    """A flow shows its ends with their specs and base connections, in lists as well."""
    flow, source, target, base = api.flow()
    (item,) = api.get("/flows").json()["items"]
    spec = {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"}
    assert item["id"] == flow
    assert item["inheritedAttributes"] == {
        "properties": {"isSourceFlow": True},
        "sourceConnections": [
            {"id": source, "connectionSpec": spec, "baseConnection": {"id": base, "connectionSpec": spec}}
        ],
        "targetConnections": [
            {"id": target, "connectionSpec": {"id": "c604ff05-7f1a-43c0-8e18-33bf874cb11c", "version": "1.0"}}
        ],
    }


def test_inherited_attributes_of_bare_ends(api, app, bodies):
    """An end without its own spec shows its base connection's; a destination flow says that it is one."""
    base = api.connection()
    source = api.made("sourceConnections", {"name": "S", "baseConnectionId": base})
    app.store.seed("targetConnections", {"id": "t", "name": "T", "typeInfo": {"id": "ups"}})
    app.store.seed("flowSpecs", {"id": "out", "name": "Out", "attributes": {"isDestinationFlow": True}})
    flow = api.made("flows", bodies.flow(source, "t", flowSpec={"id": "out"}, scheduleParams={"interval": 3}))
    item = api.item(f"/flows/{flow}")["inheritedAttributes"]
    assert (
        item["sourceConnections"][0]["connectionSpec"]
        == item["sourceConnections"][0]["baseConnection"]["connectionSpec"]
    )
    assert item["targetConnections"] == [{"id": "t", "typeInfo": {"id": "ups"}}]
    assert item["properties"] == {"isDestinationFlow": True}
    (source_item,) = api.get("/sourceConnections").json()["items"]
    assert source_item["inheritedAttributes"]["baseConnection"]["id"] == base


def test_seeded_inherited_attributes_stay(api, app):
    """A flow seeded without its ends keeps what the document shows."""
    attributes = {"sourceConnections": [{"id": "gone"}]}
    app.store.seed("flows", {"id": "f", "sourceConnectionIds": ["gone"], "inheritedAttributes": attributes})
    assert api.item("/flows/f")["inheritedAttributes"] == attributes


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "disabled"}, "1410-400"),
        ({"flowSpec": {"id": "none"}}, "1413-400"),
        ({"flowSpec": {"id": 5}}, "1413-400"),
        ({"flowSpec": None}, "The field flowSpec"),
        ({"sourceConnectionIds": []}, "The field sourceConnectionIds"),
        ({"sourceConnectionIds": ["none"]}, "sourceConnections not found"),
        ({"targetConnectionIds": ["none"]}, "targetConnections not found"),
        ({"targetConnectionIds": [{}]}, "The field targetConnectionIds"),
        ({"targetConnectionIds": "none"}, "The field targetConnectionIds"),
        ({"transformations": {"name": "Mapping"}}, "The field transformations"),
        ({"transformations": [{"name": "Mapping", "params": {"mappingVersion": "latest"}}]}, "1412-400"),
        ({"transformations": [{"name": "Mapping", "params": {"mappingVersion": True}}]}, "1412-400"),
        ({"scheduleParams": "daily"}, "The field scheduleParams"),
    ],
)
def test_refused_flows(api, bodies, ends, change, code):
    """A flow that points nowhere or carries what it must not is a 400."""
    reply = api.post("/flows", bodies.flow(*ends, **change))
    assert reply.status_code == 400
    assert reply.json()["errorDetails"].startswith(code)


@pytest.mark.parametrize(
    ("schedule", "allowed"),
    [
        ({"startTime": 1, "frequency": "minute", "interval": 15}, True),
        ({"startTime": "1", "frequency": "minute", "interval": "15", "backfill": "true"}, True),
        ({"startTime": 1, "frequency": "minute", "interval": "14"}, False),
        ({"startTime": 1, "frequency": "hour", "interval": 1}, True),
        ({"startTime": 1, "frequency": "week", "interval": 0}, False),
        ({"startTime": 1, "frequency": "hour"}, False),
        ({"startTime": 1, "frequency": "once"}, True),
        ({"startTime": 1, "frequency": "once", "interval": 1}, False),
        ({"startTime": 1, "frequency": "once", "backfill": True}, False),
        ({"frequency": "hour", "interval": 1}, False),
        ({"startTime": 1, "frequency": "yearly", "interval": 1}, False),
        ({"startTime": "soon", "frequency": "hour", "interval": 1}, False),
        ({"startTime": 1, "frequency": "hour", "interval": 1, "backfill": "perhaps"}, False),
        ({"startTime": 1, "frequency": "hour", "interval": "1.5"}, False),
    ],
)
def test_schedule(api, bodies, ends, schedule, allowed):
    """The flow spec's schedule schema decides; strings count as the numbers they spell."""
    reply = api.post("/flows", bodies.flow(*ends, scheduleParams=schedule))
    assert reply.status_code == (201 if allowed else 400), reply.text


def test_numbers_by_meaning(api, app, bodies, ends):
    """Where a schema wants any number, a spelled fraction is one."""
    schema = {"properties": {"interval": {"type": "number", "minimum": 1.5}}}
    app.store.seed("flowSpecs", {"id": "n", "name": "n", "scheduleSpec": {"spec": schema}})
    for interval, status in (("1.5", 201), ("1.4", 400)):
        body = bodies.flow(*ends, flowSpec={"id": "n"}, scheduleParams={"interval": interval})
        assert api.post("/flows", body).status_code == status


def test_streaming_flow(api, bodies, ends):
    """A flow may have no schedule and no transformations."""
    body = bodies.flow(*ends, flowSpec={"id": STREAM, "version": "1.0"})
    del body["scheduleParams"], body["transformations"]
    assert api.post("/flows", body).status_code == 201


def test_references_can_be_left_unchecked(api, app, bodies):
    """With the switch off, a documented body that names foreign ids is accepted."""
    app.settings.check_references = False
    body = bodies.flow("foreign", "foreign", flowSpec={"id": "{FLOW_SPEC_ID}"})
    identifier = api.post("/flows", body).json()["id"]
    attributes = api.item(f"/flows/{identifier}")["inheritedAttributes"]
    assert attributes == {"sourceConnections": [], "targetConnections": []}


def start_op(value):
    return [{"op": "replace", "path": "/scheduleParams/startTime", "value": value}]


def test_start_time_before_and_after(api, clock):
    """A start that lies ahead can be moved; once it has passed it stands, in a whole new schedule as well."""
    path = f"/flows/{api.flow()[0]}"
    later = int(clock.now) + 7200
    assert api.patch(path, start_op(later)).status_code == 200
    clock.now += 7200
    assert "startTime" in api.patch(path, start_op(later + 1)).json()["errorDetails"]
    assert api.patch(path, start_op(str(later))).status_code == 200
    whole = {"startTime": later, "frequency": "day", "interval": 1}
    patch = [{"op": "replace", "path": "/scheduleParams", "value": whole}]
    assert api.patch(path, patch).status_code == 200
    removal = [{"op": "remove", "path": "/scheduleParams", "value": whole}]
    assert api.patch(path, removal).status_code == 400


def test_start_time_that_is_no_number(api, app):
    """A destination's schedule without a start in seconds holds nothing back."""
    app.store.seed("flows", {"id": "f", "etag": '"1"', **flow_of_somebody()})
    patch = [{"op": "replace", "path": "/scheduleParams", "value": {"interval": 6}}]
    assert api.patch("/flows/f", patch).status_code == 200


def flow_of_somebody():
    return {
        "flowSpec": {"id": "foreign"},
        "sourceConnectionIds": ["s"],
        "targetConnectionIds": ["t"],
        "scheduleParams": {"startTime": "23:00", "interval": 3},
        "state": "enabled",
    }


def test_patching_a_flow_without_its_ends(api, app):
    """A flow seeded from a document can be patched, though what it points to is not here."""
    app.store.seed("flows", {"id": "f", "etag": '"1"', **flow_of_somebody()})
    assert api.patch("/flows/f", [{"op": "add", "path": "/name", "value": "N"}]).status_code == 200
    patch = [{"op": "replace", "path": "/sourceConnectionIds", "value": ["s", "other"]}]
    assert api.patch("/flows/f", patch).status_code == 400


class TestActions:
    """Enable and disable (FACTS 1, 6)."""

    @pytest.fixture
    def path(self, api):
        return f"/flows/{api.flow()[0]}"

    def act(self, api, path, query, **kwargs):
        return api.call("POST", f"{path}/action?{query}", **kwargs)

    @pytest.mark.parametrize("op", ["disable", "DISABLE"])
    def test_disable_and_enable(self, api, path, op):
        """The state changes with a new etag; no body, no content type, op in any case."""
        before = api.item(path)["etag"]
        reply = self.act(api, path, f"op={op}")
        assert reply.status_code == 200
        item = api.item(path)
        assert item["state"] == "disabled"
        assert before != item["etag"] == reply.json()["etag"]
        assert item["lastOperation"]["operation"] == "disable"
        assert self.act(api, path, "op=enable&subOp=APPLY").status_code == 200
        assert api.item(path)["state"] == "enabled"

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("op=enable", "1422-400"),
            ("op=publish", "1422-400"),
            ("op=finalize", "1402-400"),
            ("op=FINALIZE_UPDATE", "1402-400"),
            ("op=explode", "Unknown action"),
            ("op=enable&x=1", "1451-400"),
            ("op=disable&subOp=UNDO", "Unknown sub"),
            ("", "The parameter op"),
        ],
    )
    def test_refused(self, api, path, query, code):
        """An action that is not valid in this state, or at all, is a 400."""
        reply = self.act(api, path, query)
        assert reply.status_code == 400
        assert reply.json()["errorDetails"].startswith(code)

    def test_only_flows(self, api):
        """Connections have no enable."""
        reply = self.act(api, f"/connections/{api.connection()}", "op=enable")
        assert reply.status_code == 400

    def test_if_match_counts_when_given(self, api, path):
        """If-Match is optional, but a wrong one is a 412."""
        assert self.act(api, path, "op=disable", headers={"If-Match": '"x"'}).status_code == 412
        etag = api.item(path)["etag"]
        assert self.act(api, path, "op=disable", headers={"If-Match": etag}).status_code == 200

    def test_disabled_flow_can_be_patched(self, api, path):
        """A disabled flow stays listed and can be changed."""
        self.act(api, path, "op=disable")
        assert api.patch(path, [{"op": "replace", "path": "/name", "value": "N"}]).status_code == 200
        assert api.get("/flows", property="state==disabled", count="true").json() == {"count": 1}
