"""The three updates that Adobe's documents show: the documented effect, with a request no larger than theirs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from support.bench import Bench
from support.bodies import BATCH, PAST, SALESFORCE, connection, flow, stored

pytestmark = pytest.mark.usual

CONNECTION = "0b1c2d3e-0000-4000-8000-00000000000a"
FLOW = "0b1c2d3e-0000-4000-8000-00000000000b"
SPEC = "0b1c2d3e-0000-4000-8000-00000000000c"
SECRETS = {"FLOW_SECRET_PASSWORD": "{NEW_PASSWORD}", "FLOW_SECRET_TOKEN": "{NEW_SECURITY_TOKEN}"}

UPDATE, SDK = "aep-en__sources-api-update", "aep-en__sources-sources-sdk-api"


def size(body: Any) -> int:
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def sent(bench: Bench) -> Any:
    """Return the one write so far."""
    (write,) = bench.writes()
    assert int(write.headers["Content-Length"]) == size(write.body)
    return write


def assert_settled(bench: Bench) -> None:
    """Plan and apply once more: nothing is left to do, and nothing is sent."""
    bench.app.requests.clear()
    assert bench.plan()["changes"] == []
    assert bench.apply()["summary"]["unchanged"] == 1
    assert bench.writes() == []


def update_flow(bench: Bench, document: dict[str, Any], documented: Any) -> None:
    """Declare the schedule of a flow made by hand, and nothing else but its id."""
    id = document["id"]
    bench.seed("flows", document)
    bench.declare("Flow", "weekly", {"scheduleParams": {**document["scheduleParams"], "frequency": "week"}}, id=id)
    (change,) = bench.plan()["changes"]
    assert [field["path"] for field in change["fields"]] == ["/scheduleParams/frequency"]
    (request,) = change["requests"]
    assert request["method"] == "PATCH"
    assert request["path"] == f"/flows/{id}"
    assert request["ifMatch"] == document["etag"]
    assert request["body"] == [{"op": "replace", "path": "/scheduleParams/frequency", "value": "week"}]
    assert request["bytes"] <= size(documented)
    before = bench.live("flows", id)
    assert bench.apply()["summary"]["applied"] == 1
    write = sent(bench)
    assert write.body == request["body"]
    assert write.headers["If-Match"] == document["etag"]
    assert write.headers["If-Match"].startswith('"')
    after = bench.live("flows", id)
    assert after["scheduleParams"] == before["scheduleParams"] | {"frequency": "week"}
    for field in ("name", "description", "transformations", "sourceConnectionIds", "targetConnectionIds"):
        assert after.get(field) == before.get(field)
    assert_settled(bench)


def update_connection(bench: Bench, document: dict[str, Any], documented: Any) -> None:
    """Declare what the documented patch changes; the parameter that it drops is null."""
    wanted = {operation["path"]: operation["value"] for operation in documented}
    params = wanted["/auth/params"] | {
        "password": {"valueFrom": {"env": "FLOW_SECRET_PASSWORD"}},
        "securityToken": {"valueFrom": {"env": "FLOW_SECRET_TOKEN"}},
        "environmentUrl": None,
    }
    spec = {"name": wanted["/name"], "description": wanted["/description"], "auth": {"params": params}}
    bench.environ |= SECRETS
    bench.seed("connections", document)
    bench.declare("Connection", "crm", spec, id=document["id"])
    ran = bench.run("plan", "--format", "json")
    assert all(secret not in ran.out for secret in SECRETS.values())
    (change,) = ran.json["changes"]
    assert [request["method"] for request in change["requests"]] == ["PATCH"]
    assert change["requests"][0]["ifMatch"] == document["etag"]
    assert bench.apply()["summary"]["applied"] == 1
    write = sent(bench)
    assert write.headers["If-Match"] == document["etag"]
    assert {operation["path"]: operation["value"] for operation in write.body} == wanted
    assert {operation["path"]: operation["op"] for operation in write.body} == {
        "/auth/params": "replace",
        "/name": "replace",
        "/description": "add",
    }
    assert size(write.body) <= size(documented)
    live = bench.app.store.get("connections", document["id"])
    assert live["auth"] == {"specName": document["auth"]["specName"], "params": wanted["/auth/params"]}
    assert (live["name"], live["description"]) == (wanted["/name"], wanted["/description"])
    assert_settled(bench)


def update_spec(bench: Bench, document: dict[str, Any], documented: Any, dropped: dict[str, Any]) -> None:
    """Declare the documented body, and null for what it leaves out of the live one."""
    bench.seed("connectionSpecs", document)
    bench.declare("ConnectionSpec", "members", merged(documented, dropped), id=document["id"])
    (change,) = bench.plan()["changes"]
    (request,) = change["requests"]
    assert (request["method"], request["path"]) == ("PUT", f"/connectionSpecs/{document['id']}")
    assert request["ifMatch"] is None
    assert request["bytes"] <= size(documented)
    assert bench.apply()["summary"]["applied"] == 1
    write = sent(bench)
    assert write.body == documented
    assert "If-Match" not in write.headers
    kept = bench.app.store.get("connectionSpecs", document["id"])
    assert {field: kept[field] for field in documented} == documented
    assert kept["createdBy"] == document["createdBy"]
    assert_settled(bench)


def merged(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    for key, value in patch.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) else value
    return result


def spec_body() -> dict[str, Any]:
    """Return a REST source of our own, with every part that a spec of that kind has."""
    login = {
        "type": "object",
        "properties": {"host": {"type": "string"}, "password": {"type": "string", "format": "password"}},
        "required": ["host"],
    }
    attributes = {
        "urlParams": {"path": "/v2/people", "method": "GET"},
        "contentPath": {"path": "$.people", "skipAttributes": ["_self", "count"], "overrideWrapperAttribute": "person"},
        "paginationParams": {"type": "OFFSET", "limitName": "n", "limitValue": "50", "offSetName": "from"},
    }
    return {
        "name": "People, second edition",
        "description": "Reads people over REST",
        "type": "generic-rest",
        "providerId": BATCH,
        "version": "1.0",
        "authSpec": [{"name": "Basic Authentication", "type": "BasicAuthentication", "spec": login}],
        "sourceSpec": {"attributes": attributes, "spec": {"type": "object", "properties": {}}},
        "exploreSpec": {"name": "Resource", "type": "Resource", "requestSpec": {"type": "object"}},
    }


def live_spec() -> dict[str, Any]:
    """Return the same source before: another name, a description that no reply shows, two parameters more."""
    body = spec_body() | {"name": "People"}
    del body["description"]
    body["sourceSpec"]["attributes"]["paginationParams"] |= {"endConditionName": "$.more", "endConditionValue": "no"}
    document = stored(SPEC, body)
    for field in ("etag", "state"):
        del document[field]
    return document | {"version": "1.0"}


DROPPED = {
    "sourceSpec": {"attributes": {"paginationParams": {"endConditionName": None, "endConditionValue": None}}},
}


@pytest.mark.parametrize("content_path", ["kept", "collapsed"])
def test_a_spec_is_put_whole_and_without_if_match(bench: Bench, content_path: str) -> None:
    """The PUT of a connection spec is the declared body: new name, description, contentPath as an object."""
    bench.setting(content_path=content_path)
    update_spec(bench, live_spec(), spec_body(), DROPPED)


@pytest.mark.parametrize("secrets", ["clear", "masked", "absent"])
def test_a_connection_is_patched_with_whole_credentials(bench: Bench, secrets: str) -> None:
    """Credentials go whole and once, name and description beside them, under the etag with its quotes."""
    bench.setting(secrets=secrets)
    body = connection("Account")
    body["auth"]["params"] |= {"environmentUrl": "login.example.com"}
    documented = [
        {
            "op": "replace",
            "path": "/auth/params",
            "value": {
                "username": "importer",
                "password": SECRETS["FLOW_SECRET_PASSWORD"],
                "securityToken": SECRETS["FLOW_SECRET_TOKEN"],
            },
        },
        {"op": "replace", "path": "/name", "value": "Account of the importer"},
        {"op": "add", "path": "/description", "value": "Reads every table"},
    ]
    update_connection(bench, stored(CONNECTION, body), documented)


def test_a_flow_gets_one_leaf_of_its_schedule(bench: Bench) -> None:
    """A schedule whose numbers are strings differs in its frequency alone, and so does the patch."""
    schedule = {"startTime": str(PAST), "frequency": "day", "interval": "15", "backfill": "true"}
    body = flow(["s-1"], ["t-1"], scheduleParams=schedule, description="Made in the UI")
    documented = [{"op": "replace", "path": "/scheduleParams/frequency", "value": "week"}]
    update_flow(bench, stored(FLOW, body), documented)


def test_a_flow_manifest_with_numbers_means_the_strings_that_are_live(bench: Bench) -> None:
    """What the service shows as "15" and "true" is not sent again for being 15 and true in git."""
    schedule = {"startTime": str(PAST), "frequency": "day", "interval": "15", "backfill": "true"}
    bench.seed("flows", stored(FLOW, flow(["s-1"], ["t-1"], scheduleParams=schedule)))
    declared = {"startTime": PAST, "frequency": "week", "interval": 15, "backfill": True}
    bench.declare("Flow", "weekly", {"scheduleParams": declared}, id=FLOW)
    (change,) = bench.plan()["changes"]
    assert change["requests"][0]["body"] == [{"op": "replace", "path": "/scheduleParams/frequency", "value": "week"}]
    assert bench.apply()["summary"]["applied"] == 1
    assert bench.live("flows", FLOW)["scheduleParams"] == schedule | {"frequency": "week"}
    assert_settled(bench)


def corpus(shared: Path, folder: str, name: str) -> Any:
    document = json.loads((shared / "flow-service" / "corpus" / folder / name).read_text(encoding="utf-8"))
    return document["items"][0] if isinstance(document, dict) and "items" in document else document


def test_the_documented_flow_update(bench: Bench, shared: Path) -> None:
    """The seeds' flow: from the documented GET to the documented PATCH, byte for byte."""
    document = corpus(shared, UPDATE, "05-flows-get-response.json")
    update_flow(bench, document, corpus(shared, UPDATE, "06-flows-patch-request.json"))


@pytest.mark.parametrize("secrets", ["clear", "masked", "absent"])
def test_the_documented_connection_update(bench: Bench, shared: Path, secrets: str) -> None:
    """The seeds' connection: from the documented GET to what the documented PATCH makes of it."""
    bench.setting(secrets=secrets)
    document = corpus(shared, UPDATE, "01-connections-get-response.json")
    assert document["connectionSpec"]["id"] == SALESFORCE
    update_connection(bench, document, corpus(shared, UPDATE, "02-connections-patch-request.json"))


@pytest.mark.parametrize("content_path", ["kept", "collapsed"])
def test_the_documented_spec_update(bench: Bench, shared: Path, content_path: str) -> None:
    """The seeds' connection spec: from the documented reply to the create, to the documented PUT."""
    bench.setting(content_path=content_path)
    document = corpus(shared, f"{SDK}-create", "02-connectionSpecs-post-response.json")
    documented = corpus(shared, f"{SDK}-update-connection-specs", "01-connectionSpecs-put-request.json")
    update_spec(bench, document, documented, DROPPED)
