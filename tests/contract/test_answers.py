"""What the emulator answers has the shape of what Adobe's documents show for the same call: keys, types, headers.

Objects are made anew from what a client may write of a documented one, and then read: what the service owns must come
from the emulator. What differs stands in one table, by collection and path, with FACTS' mark.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from support.bench import HEADERS
from support.documents import Documented, Table, documented, shape

from reconciler.emulator import create_app
from reconciler.emulator.inprocess import WsgiAdapter
from reconciler.emulator.resources import server_owned
from reconciler.emulator.settings import Settings

BASE = "http://localhost/data/foundation/flowservice"
CLIENT = frozenset(
    {
        "/auth", "/params", "/data", "/transformations", "/scheduleParams", "/policy", "/encryption", "/attributes",
        "/authSpec", "/sourceSpec", "/targetSpec", "/exploreSpec", "/optionSpec", "/scheduleSpec", "/runSpec",
        "/transformationSpecs", "/transformationSpec", "/permissionsInfo", "/lastOperation/ops/*/value",
        "/sourceConnectionSpecIds", "/targetConnectionSpecIds", "/entitlementInfo", "/name", "/description",
    }
)  # fmt: skip
"""Where a client decides what stands there: looked at no further, since the emulator was told it by the document."""

FREE = frozenset({"/lastOperation/ops/*/value"})
"""Where any type may stand: the value of a client's patch."""

SPEC = {"id": "5c0e", "version": "1.0"}
LEAST: dict[str, dict[str, Any]] = {
    "connections": {"connectionSpec": SPEC},
    "sourceConnections": {"connectionSpec": SPEC},
    "targetConnections": {"connectionSpec": SPEC},
    "flows": {"flowSpec": SPEC, "sourceConnectionIds": ["a"], "targetConnectionIds": ["b"]},
    "connectionSpecs": {"providerId": "p"},
    "flowSpecs": {"providerId": "p"},
}
"""What a POST needs, where the document's own request is no JSON."""

DIFFERENCES = Table(
    {
        ("has", "*", "*", "/_links: object"): "X FACTS 5: empty on the last page, or not there",
        (
            "has",
            "GET",
            "flows",
            "*/isSourceFlow: boolean",
        ): "D FACTS 5: lists are filtered by it, no source sample has it",
        (
            "has",
            "GET",
            "*Specs",
            "/items/[*]/*",
        ): "O FACTS 8, 15: replies to writes show them; samples of reads are Adobe's own",
        ("has", "P*", "flowSpecs", "/*"): "X FACTS 4: the example shows six keys, those of connection specs all",
        ("lacks", "P*", "flowSpecs", "/transformationSpec: array"): "X FACTS 15: spelt transformationSpecs elsewhere",
        ("lacks", "GET", "*", "*/typeInfo*"): "O FACTS 8: of the profile store's sources; made of what is unknown",
        (
            "lacks",
            "GET",
            "sourceConnections",
            "*/inheritedAttributes*",
        ): "O FACTS 8: a profile store's base, named by nobody",
        ("lacks", "GET", "flows", "*/status/properties: null"): "O FACTS 8: an empty mapping of errors, at times",
    }
)


def answered() -> list[Documented]:
    """The documented answers of calls that succeed, but for those to explore, configs and test."""
    return [one for one in documented() if one.collection != "runs" and not (one.is_request or one.status or one.sub)]


class Service:
    """An emulator that knows nothing of the ids that the documents name."""

    def __init__(self) -> None:
        self.app = create_app(":memory:", Settings(clock=lambda: 1_500_000_000.0, check_references=False))
        self.session = requests.Session()
        self.session.mount("http://", WsgiAdapter(self.app))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        named = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(method, BASE + path, json=body, headers=named)

    def close(self) -> None:
        self.session.close()
        self.app.close()

    def made(self, collection: str, item: dict[str, Any]) -> str:
        """Make an object of what a client may write of a documented one, with all that it stands on."""
        body = {**item, **self.ends(item)}
        answer = self.call("POST", f"/{collection}", writable(collection, body))
        assert answer.status_code == 201, answer.text
        id: str = answer.json()["id"]
        return id

    def ends(self, item: dict[str, Any]) -> dict[str, Any]:
        """Make what a documented object names: its base connection, a flow's source and target connections."""
        made: dict[str, Any] = {}
        inherited = item.get("inheritedAttributes", {})
        if "properties" in inherited:
            id = self.made("flowSpecs", {"attributes": inherited["properties"]})
            made["flowSpec"] = {"id": id, "version": "1.0"}
        if "baseConnectionId" in item:
            made["baseConnectionId"] = self.made("connections", inherited.get("baseConnection", {}))
        for side in ("source", "target"):
            if f"{side}ConnectionIds" in item:
                ends = inherited.get(f"{side}Connections", [{}])
                made[f"{side}ConnectionIds"] = [self.made(f"{side}Connections", end_of(end)) for end in ends]
        return made

    def changed(self, collection: str, id: str) -> requests.Response:
        """Change an object's name with a PATCH."""
        etag = self.call("GET", f"/{collection}/{id}").json()["items"][0]["etag"]
        change = [{"op": "replace", "path": "/name", "value": "y"}]
        return self.call("PATCH", f"/{collection}/{id}", change, If_Match=etag)


def end_of(inherited: dict[str, Any]) -> dict[str, Any]:
    """Return a source or target connection as a flow shows it; one with a base connection is given one."""
    base = {"baseConnectionId": "", "inheritedAttributes": inherited} if "baseConnection" in inherited else {}
    return {**inherited, **base}


def writable(collection: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return what a client may write of a documented object."""
    kept = server_owned(collection) | {"baseConnection"}
    written = {key: value for key, value in item.items() if key not in kept and value is not None}
    return {"name": "x", **LEAST[collection], **written}


def ours(service: Service, one: Documented) -> requests.Response:
    """Make the same call on the emulator."""
    if one.query.get("count"):
        return service.call("GET", f"/{one.collection}?count=true")
    items = one.body.get("items", [one.body])
    if one.method == "POST":
        return service.call("POST", f"/{one.collection}", requested(one) or writable(one.collection, items[0]))
    if one.method == "PATCH":
        return service.changed(one.collection, service.made(one.collection, {}))
    ids = [service.made(one.collection, item) for item in items]
    if one.method == "PUT":
        return service.call("PUT", f"/{one.collection}/{ids[0]}", writable(one.collection, items[0]))
    if one.collection == "flows":
        for id in ids:
            service.changed("flows", id)
            service.app.finish_run(id)
    is_list = one.path.count("/") == 1
    return service.call("GET", f"/{one.collection}" + (f"?property=id=={','.join(ids)}" if is_list else f"/{ids[0]}"))


def requested(one: Documented) -> Any:
    """Return the documented request that an answer belongs to: the nearest one before it in its document."""
    folder = one.file.split("/")[0]
    before = [
        other for other in documented()
        if other.is_request and other.file.startswith(f"{folder}/") and other.file < one.file
        and (other.method, other.collection) == (one.method, one.collection)
    ]  # fmt: skip
    return before[-1].body if before else None


def shapes(body: Any) -> set[tuple[str, str]]:
    """The shape of a body, its objects' own fields without the envelope."""
    whole = {(path, kind) for path, kind in shape(body, frozenset({"/items"})) if path.count("/") <= 1}
    items = body.get("items", []) if isinstance(body, dict) else []
    inner = {(f"/items/*{path}", kind) for item in items for path, kind in shape(item, CLIENT) if path not in FREE}
    bare = set(shape(body, CLIENT)) if not items else set()
    return whole | inner | bare


def differences() -> Iterator[tuple[str, tuple[str, str, str], Documented]]:
    """Yield what a document shows and the emulator does not, and what it shows that no document of the call does."""
    shown: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    mine: list[tuple[Documented, set[tuple[str, str]]]] = []
    for one in answered():
        service = Service()
        try:
            answer = ours(service, one)
            assert answer.ok, (one.file, answer.status_code, answer.text)
            assert answer.headers["Content-Type"] == "application/json"
            assert one.method != "POST" or answer.headers["Location"].endswith(answer.json()["id"])
            mine.append((one, shapes(answer.json())))
        finally:
            service.close()
        shown[one.method, one.collection] |= shapes(one.body)
    for one, own in mine:
        call = (one.method, one.collection)
        yield from (("lacks", (*call, f"{path}: {kind}"), one) for path, kind in shapes(one.body) - own)
        yield from (("has", (*call, f"{path}: {kind}"), one) for path, kind in own - shown[call])


@pytest.mark.usefixtures("shared")
def test_answers_have_the_documented_shape() -> None:
    """But for what the tables explain, and they explain nothing that is not there."""
    unexplained = {
        (which, *key): one.file for which, key, one in differences() if not DIFFERENCES.explains((which, *key))
    }
    assert unexplained == {}
    assert DIFFERENCES.stale() == []


@pytest.mark.usefixtures("shared")
def test_refusals_have_the_documented_shape() -> None:
    """Every documented refusal: the same status, keys and types; some documents show less."""
    differing = []
    for one in (one for one in documented() if one.status and not one.sub):
        service = Service()
        try:
            answer = refused(service, one)
        finally:
            service.close()
        assert answer.status_code == one.status, (one.file, answer.text)
        if shapes(one.body) != shapes(answer.json()):
            differing.append((one, shapes(one.body) ^ shapes(answer.json())))
    unexplained = {
        (str(one.status), one.method, one.collection, path)
        for one, paths in differing
        for path, _ in paths
        if not REFUSALS.explains((str(one.status), one.method, one.collection, path))
    }
    assert unexplained == set(), unexplained
    assert REFUSALS.stale() == []


REFUSALS = Table(
    {
        ("401", "*", "*", "/error_code"): "X FACTS 6: a text in TRB, a number here",
        ("404", "*", "*", "/errorDetails"): "D FACTS 6: some have the message alone",
    }
)


BEHIND = Table(
    {
        ("/connections/{id}/explore", "objectType=file*", "format, schema"): "X: of a file one shows a list of columns",
        ("*/configs", "", "pageInfo"): "O FACTS 4: as another client reads it",
    }
)


@pytest.mark.usefixtures("shared")
def test_what_lies_behind_has_the_documented_shape() -> None:
    """Explore and configs: nothing lies behind, and so the outermost shape is all that there is to compare."""
    unexplained = []
    for one in (one for one in documented() if one.sub and not one.status):
        service = Service()
        try:
            id = service.made(one.collection, {})
            query = one.call.partition("?")[2].replace("{TABLE_PATH}", "a-table")
            path = f"/{one.collection}/{id}/{one.path.rpartition('/')[2]}"
            answer = service.call("GET", f"{path}?{query}" if query else path)
        finally:
            service.close()
        assert answer.ok, (one.file, answer.text)
        mine, theirs = outermost(answer.json()), outermost(one.body)
        other = ", ".join(sorted(set(mine[1]) ^ set(theirs[1])))
        key = (f"/{one.collection}/{{id}}/{one.path.rpartition('/')[2]}", query, other)
        if mine != theirs and not BEHIND.explains(key):
            unexplained.append((one.file, mine, theirs))
    assert unexplained == []
    assert BEHIND.stale() == []


def outermost(body: Any) -> tuple[str, list[str]]:
    return ("object", sorted(body)) if isinstance(body, dict) else ("array", [])


def refused(service: Service, one: Documented) -> requests.Response:
    """Make the call that a document shows refused: a token that is none, an id that is none, a stale etag, no spec."""
    body: Any = (
        [{"op": "replace", "path": "/name", "value": "y"}] if one.method == "PATCH" else LEAST.get(one.collection)
    )
    body = None if one.method in {"GET", "DELETE"} else body
    if one.status == 401:
        service.app.settings.token = "another"
        return service.call(one.method, one.path.replace("{id}", "an-id"), body)
    if one.status == 400:
        return service.call(one.method, one.path, {"name": "x"})
    id = service.made(one.collection, {}) if one.status == 412 else "2edc08ac-4df5-4fe6-936f-81a19ce92f5c"
    return service.call(one.method, f"/{one.collection}/{id}", body, If_Match='"1400dd53-0000-0200-0000-5f3f23450000"')
