"""PATCH: versions, ops, and what may be addressed (FACTS 7, 9)."""

from __future__ import annotations

import pytest


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


@pytest.fixture
def path(api):
    return f"/connections/{api.connection()}"


@pytest.fixture
def flow(api):
    return f"/flows/{api.flow()[0]}"


def test_reply_and_effect(api, clock, path):
    """A PATCH answers id and etag, and the next GET has that etag, the change, and who made it when."""
    before = api.item(path)
    clock.now += 5
    api.headers["x-api-key"] = "other-client"
    reply = api.patch(path, [replace("/name", "New"), {"op": "add", "path": "/description", "value": "Text"}])
    assert reply.status_code == 200
    assert reply.json().keys() == {"id", "etag"}
    after = api.item(path)
    assert after["etag"] == after["version"] == reply.json()["etag"] != before["etag"]
    assert (after["name"], after["description"]) == ("New", "Text")
    assert after["updatedAt"] - before["updatedAt"] == 5000
    assert after["updatedClient"] == "other-client"
    assert after["createdClient"] == before["createdClient"]


def test_envelope_reply(api, app, path):
    """By the other source a PATCH answers the whole object in the list envelope."""
    app.settings.patch_reply = "envelope"
    assert api.patch(path, [replace("/name", "New")]).json()["items"][0]["name"] == "New"


def test_every_write_moves_the_etag(api, path):
    """Two writes within one second have two etags."""
    etags = {api.patch(path, [replace("/name", "Same")]).json()["etag"] for _ in range(5)}
    assert len(etags) == 5


def test_missing_if_match(api, path):
    """Without If-Match nothing is patched; in the query it is an unknown parameter."""
    reply = api.call("PATCH", path, [replace("/name", "New")])
    assert reply.json()["errorDetails"].startswith("1403-400")
    reply = api.call("PATCH", path, [replace("/name", "New")], params={"if-match": "x"})
    assert reply.json()["errorDetails"].startswith("1451-400")


@pytest.mark.parametrize("spoil", ['"stale"', "*", 'W/"x"'])
def test_stale_version(api, path, spoil):
    """Another etag is a 412 that names both."""
    current = api.item(path)["etag"]
    reply = api.patch(path, [replace("/name", "New")], spoil)
    assert reply.status_code == 412
    message = f"Supplied version=[{spoil}] does not match the current version on entity=[{current}]"
    assert reply.json() == {"errorMessage": message, "errorDetails": message}


def test_unquoted_version(api, app, path):
    """The quotes are needed, unless the older source is right."""
    unquoted = api.item(path)["etag"].strip('"')
    assert api.patch(path, [replace("/name", "New")], unquoted).status_code == 412
    app.settings.quoted_if_match_required = False
    assert api.patch(path, [replace("/name", "New")], unquoted).status_code == 200


@pytest.mark.parametrize("suffix", ["", "/"])
def test_trailing_slash(api, path, suffix):
    """The OpenAPI writes a slash at the end, the tutorials none."""
    etag = api.item(path)["etag"]
    assert api.patch(path + suffix, [replace("/name", "New")], etag).status_code == 200


@pytest.mark.parametrize("op", ["replace", "REPLACE", "Replace"])
def test_case_of_ops(api, path, op):
    """Case does not matter."""
    assert api.patch(path, [{"op": op, "path": "/name", "value": "New"}]).status_code == 200
    assert api.item(path)["name"] == "New"


@pytest.mark.parametrize(
    ("ops", "code"),
    [
        ([], "1405-400"),
        ({}, "1405-400"),
        (replace("/name", "x"), "A patch is a list"),
        (["x"], "Every operation"),
        ([{"op": "replace", "path": "/name"}], "Every operation"),
        ([{"op": "remove", "path": "/name"}], "Every operation"),
        ([{"path": "/name", "value": 1}], "Every operation"),
        ([{"op": "replace", "value": 1}], "Every operation"),
        ([{"op": "move", "path": "/name", "from": "/x", "value": 1}], "1434-400"),
        ([{"op": "test", "path": "/name", "value": 1}], "1434-400"),
        ([{"op": 1, "path": "/name", "value": 1}], "1434-400"),
        ([replace("", {})], "The path"),
        ([replace("/", 1)], "The path"),
        ([replace("name", 1)], "The path"),
        ([replace("/na~me", 1)], "The path"),
        ([replace(5, 1)], "The path"),
        ([replace("/description", "x")], "1455-400"),
        ([{"op": "remove", "path": "/description", "value": None}], "1455-400"),
        ([{"op": "add", "path": "/none/deep", "value": 1}], "1455-400"),
        ([{"op": "add", "path": "/name/0", "value": 1}], "1455-400"),
        ([replace("/etag", "x")], "The field etag"),
        ([replace("/state", "disabled")], "The field state"),
        ([replace("/sandboxName", "x")], "The field sandboxName"),
        ([replace("/connectionSpec", {"id": "x"})], "1414-400"),
        ([replace("/connectionSpec/version", "2.0")], "1414-400"),
        ([replace("/auth/params/password", "x")], "The auth params"),
        ([replace("/auth/params", {"username": "me"})], "do not fit"),
        ([replace("/auth/specName", "Other")], "1415-400"),
        ([{"op": "remove", "path": "/name", "value": 1}], "The field name"),
        ([replace("/name", 5)], "The field name"),
    ],
)
def test_refused_patches(api, path, ops, code):
    """What the rules do not allow is a 400, and nothing of it is done."""
    before = api.item(path)
    reply = api.patch(path, ops)
    assert reply.status_code == 400, reply.text
    assert reply.json()["errorDetails"].startswith(code) or code in reply.json()["errorDetails"]
    assert api.item(path) == before


def test_empty_patch_body(api, path):
    """A PATCH without a body has its own code."""
    reply = api.call("PATCH", path, headers={"If-Match": api.item(path)["etag"]})
    assert reply.json()["errorDetails"].startswith("1405-400")


def test_params_are_overwritten_whole(api, path):
    """Adding or replacing ``/auth/params`` loses what it does not repeat."""
    first = {"username": "a", "password": "b", "securityToken": "c", "environmentUrl": "d"}
    api.patch(path, [{"op": "add", "path": "/auth/params", "value": first}])
    assert api.item(path)["auth"]["params"] == first
    second = {"username": "e", "password": "f", "securityToken": "g"}
    api.patch(path, [replace("/auth/params", second)])
    assert api.item(path)["auth"]["params"] == second


def test_params_can_be_removed(api, path):
    """A documented sample removes them whole."""
    op = {"op": "remove", "path": "/auth/params", "value": {}}
    assert api.patch(path, [op]).status_code == 200
    assert "params" not in api.item(path)["auth"]


def test_leaves_of_params(api, app, path):
    """A single credential may be addressed where the service turns out to allow it."""
    app.settings.auth_leaves = True
    assert api.patch(path, [replace("/auth/params/password", "x")]).status_code == 200
    assert api.item(path)["auth"]["params"]["password"] == "x"


@pytest.mark.parametrize(
    "index_path", ["/transformations/2", "/transformations/01", "/transformations/-1", "/transformations/x/name"]
)
def test_index_out_of_range(api, flow, index_path):
    """An index that the list does not have is a missing field."""
    assert api.patch(flow, [replace(index_path, {})]).json()["errorDetails"].startswith("1455-400")


@pytest.mark.parametrize(
    ("op", "index", "ok"),
    [("add", "2", True), ("add", "3", False), ("add", "-", True), ("replace", "-", False), ("remove", "-", False)],
)
def test_ends_of_a_list(api, flow, op, index, ok):
    """An add may stand just behind the end, or at ``-``; nothing else may."""
    patch = [{"op": op, "path": f"/transformations/{index}", "value": {"name": "X", "params": {}}}]
    assert api.patch(flow, patch).status_code == (200 if ok else 400)


def ops(*words):
    made = []
    for word in words:
        op, index = word.split()
        value = {"name": word}
        path = f"/transformations/{index}"
        made.append({"op": op, "path": path, "value": value if op != "remove" else None})
    return made


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["remove 0"], True),
        (["add 0"], True),
        (["replace 0", "replace 1"], True),
        (["add -", "add -"], True),
        (["add -", "add -", "remove 0"], True),
        (["remove 0", "remove 1"], False),
        (["remove 0", "remove 0"], False),
        (["add 0", "add 1"], False),
        (["add 0", "remove 1"], False),
        (["add 0", "add -"], False),
        (["remove 0", "replace 0"], False),
        (["remove 0", "add 0/more"], False),
    ],
)
def test_several_index_ops(api, app, flow, words, allowed):
    """Several ops by index in one list mean different things before and after: refused, but for the documented form."""
    reply = api.patch(flow, ops(*words))
    assert reply.status_code == (200 if allowed else 400), reply.text


def test_several_index_ops_by_the_standard(api, app, flow):
    """They count as RFC 6902 has it."""
    app.settings.index_ops = "sequential"
    assert api.patch(flow, ops("remove 0", "remove 0")).status_code == 200
    assert api.item(flow)["transformations"] == []


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["remove 0", "remove 1"], []),
        (["remove 1", "remove 0"], []),
        (["remove 0", "replace 1"], ["replace 1"]),
        (["remove 0", "add 1"], ["add 1", "Mapping"]),
        (["add 0", "remove 0"], ["add 0", "Mapping"]),
        (["add -", "remove 1"], ["Copy", "add -"]),
        (["add 2", "remove 0"], ["Mapping", "add 2"]),
        (["remove 0", "add 1/more"], ["Mapping"]),
        (["remove 0", "remove 0"], 400),
        (["remove 0", "replace 0"], 400),
        (["remove 0", "remove x"], 400),
    ],
)
def test_several_index_ops_in_the_list_from_before(api, app, flow, words, left):
    """Each counts where its element was before the patch, as the documented example of two removes would have it."""
    app.settings.index_ops = "original"
    reply = api.patch(flow, ops(*words))
    assert reply.status_code == (400 if left == 400 else 200), reply.text
    assert left == 400 or [one["name"] for one in api.item(flow)["transformations"]] == left


def test_ops_in_different_lists(api, app):
    """Ops in two lists do not disturb each other, and escapes in paths are understood."""
    app.store.seed("targetConnections", {"id": "t", "name": "T", "a/b": [1, 2], "c": [1, 2], "etag": '"1"'})
    patch = [{"op": "remove", "path": "/a~1b/0", "value": 1}, {"op": "remove", "path": "/c/1", "value": 2}]
    assert api.patch("/targetConnections/t", patch).status_code == 200
    item = api.item("/targetConnections/t")
    assert (item["a/b"], item["c"]) == ([2], [1])
