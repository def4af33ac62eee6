"""Plan, apply, plan: the second plan is empty and a second apply sends nothing, whatever git declares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.bench import Bench
from support.bodies import AHEAD, BATCH, SECRETS, connection, flow, source, target

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "flow-service" / "corpus"
KINDS = {
    "connections": "Connection",
    "sourceConnections": "SourceConnection",
    "targetConnections": "TargetConnection",
    "flows": "Flow",
    "connectionSpecs": "ConnectionSpec",
    "flowSpecs": "FlowSpec",
}
MODES = ("clear", "masked", "absent")


def assert_converged(bench: Bench) -> None:
    """The second plan is empty, and a second apply sends nothing."""
    bench.app.requests.clear()
    planned = bench.plan()
    assert planned["changes"] == []
    report = bench.apply()
    assert report["results"] == []
    assert report["summary"]["unchanged"] == planned["summary"]["unchanged"]
    assert bench.writes() == []


def bodies() -> list[Any]:
    """Every documented body of a POST or PUT that FACTS calls valid; a version that is a number is none by contract."""
    if not CORPUS.exists():
        reason = "the collection of Adobe's documents is not beside this checkout"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="corpus")]
    lines = (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    wanted = [row for row in rows if row["kind"] == "request" and row["method"] in ("POST", "PUT")]
    wanted = [row for row in wanted if row["valid_json"] and not row.get("sub") and row["resource"] in KINDS]
    return [pytest.param(row, id=row["file"]) for row in wanted]


def declare_documented(bench: Bench, row: dict[str, Any]) -> None:
    """Declare a documented body as it is; what a PUT updates is there before, with other values."""
    body = json.loads((CORPUS / row["file"]).read_text(encoding="utf-8"))
    version = body.get("connectionSpec", {}).get("version")
    if isinstance(version, float):
        body["connectionSpec"]["version"] = str(version)
    id = body.pop("id", None)
    metadata = {}
    if row["method"] == "PUT":
        id = id or row["call"].rsplit("/", 1)[1]
        bench.seed(row["resource"], {"id": id, "name": "before", "providerId": BATCH, "version": "1.0"})
        metadata = {"id": id}
    bench.declare(KINDS[row["resource"]], "documented", body, **metadata)


@pytest.mark.parametrize("row", bodies())
@pytest.mark.parametrize("mode", MODES)
def test_every_documented_body_converges(bench: Bench, row: dict[str, Any], mode: str) -> None:
    """A body pasted from the documents is applied once, and then nothing is left to do."""
    bench.setting(check_references=False, secrets=mode)
    declare_documented(bench, row)
    assert len(bench.plan()["changes"]) == 1
    assert bench.apply()["summary"]["applied"] == 1
    assert_converged(bench)


def test_the_documented_bodies_are_there() -> None:
    """Lest the test above passes over nothing."""
    assert not CORPUS.exists() or len(bodies()) >= 40


CHARACTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
TEXT = st.text(CHARACTERS, max_size=8) | st.sampled_from(
    ["", "null", "true", "15", "1.0", "NO", "ünï/~0", "a'\"\\b", "日本"]
)
NAMES = st.text(CHARACTERS, min_size=1, max_size=10)
KEYS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=4) | st.sampled_from(
    ["-", "0", "1", "a/b", "~", "~1", "[name=x]", "name", "id", "version", "ä b", "state"]
)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6, allow_nan=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
ELEMENTS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcd")}, optional={"type": TEXT, "deep": SCALARS}),
    max_size=3,
    unique_by=lambda element: element["name"],
)
VALUES = st.recursive(
    SCALARS | ELEMENTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
PARAMS = st.dictionaries(KEYS, VALUES, max_size=4)
DESCRIPTION = st.fixed_dictionaries({}, optional={"description": TEXT | st.none()})


def number(value: int) -> st.SearchStrategy[int | str]:
    """Return a number, or the text of it: the documents have both."""
    return st.sampled_from([value, str(value)])


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, Any]:
    frequency = draw(st.sampled_from(["once", "minute", "hour", "day", "week"]))
    schedule = {"startTime": draw(number(AHEAD)), "frequency": frequency}
    if frequency == "once":
        return schedule
    optional = {"backfill": draw(st.sampled_from([True, False, "true", "false", None]))} if draw(st.booleans()) else {}
    return {**schedule, "interval": draw(number(draw(st.integers(15, 99)))), **optional}


@st.composite
def transformations(draw: st.DrawFn) -> list[Any]:
    mapping = {"mappingId": draw(TEXT), "mappingVersion": draw(st.sampled_from([0, 1, "0", "1"]))}
    every = [
        {"name": "Copy", "params": draw(PARAMS)},
        {"name": "Mapping", "params": mapping},
        {"name": "Encryption", "params": {"publicKeyId": draw(TEXT)}},
    ]
    return draw(st.permutations(every))[: draw(st.integers(0, 3))]


@st.composite
def flow_fields(draw: st.DrawFn) -> dict[str, Any]:
    fields = {"scheduleParams": draw(schedules()), **draw(DESCRIPTION)}
    if draw(st.booleans()):
        fields["transformations"] = draw(transformations())
    if draw(st.booleans()):
        fields["state"] = draw(st.sampled_from(["enabled", "disabled"]))
    return fields


@st.composite
def credentials(draw: st.DrawFn) -> dict[str, Any]:
    extra = draw(st.fixed_dictionaries({}, optional={"environmentUrl": TEXT | st.none(), "options": PARAMS}))
    return {"username": draw(TEXT), **extra}


@st.composite
def spec_fields(draw: st.DrawFn) -> dict[str, Any]:
    login = {"type": "object", "properties": {"key": {"type": "string", "format": "password"}}}
    optional = {
        "authSpec": st.sampled_from([[], [{"name": "Key", "type": "Key", "spec": login}]]),
        "attributes": PARAMS,
        "sourceSpec": st.fixed_dictionaries(
            {
                "attributes": st.fixed_dictionaries(
                    {},
                    optional={
                        "contentPath": st.fixed_dictionaries(
                            {"path": TEXT}, optional={"skipAttributes": st.lists(TEXT)}
                        ),
                        "urlParams": PARAMS,
                    },
                )
            }
        ),
    }
    return {**draw(st.fixed_dictionaries({}, optional=optional)), **draw(DESCRIPTION)}


@st.composite
def estates(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what may be declared at one time; two draws are one estate before and after an edit."""
    names = draw(st.lists(NAMES, min_size=7, max_size=7, unique=True))
    return {
        "names": names,
        "params": [draw(credentials()) for _ in range(2)],
        "connections": [draw(DESCRIPTION) for _ in range(2)],
        "free": {"params": draw(PARAMS), "data": {"format": draw(TEXT), **draw(PARAMS)}, **draw(DESCRIPTION)},
        "target": draw(PARAMS),
        "flow": draw(flow_fields()),
        "spec": draw(spec_fields()),
    }


def declare_estate(bench: Bench, estate: dict[str, Any], fixed: dict[str, Any]) -> None:
    """Declare it; of ``fixed`` come the parts that cannot change in place under a live source flow."""
    names = iter(estate["names"])
    for at, (params, fields) in enumerate(zip(estate["params"], estate["connections"], strict=True)):
        spec = connection(next(names), **fields)
        spec["auth"]["params"] |= params
        bench.declare("Connection", f"c-{at}", spec)
    base = {"ref": "Connection/c-0"}
    bench.declare("SourceConnection", "used", source(base, next(names), params=fixed["free"]["params"]))
    bench.declare("SourceConnection", "free", source(base, next(names), **estate["free"]))
    bench.declare("TargetConnection", "used", target(next(names), params=fixed["target"]))
    ends = [{"ref": "SourceConnection/used"}], [{"ref": "TargetConnection/used"}]
    bench.declare("Flow", "daily", flow(*ends, next(names), **estate["flow"]))
    own = {"name": next(names), "providerId": BATCH, "version": "1.0", "type": "generic-rest"}
    bench.declare("ConnectionSpec", "own", own | estate["spec"])


BEHAVIOUR = st.fixed_dictionaries(
    {
        "secrets": st.sampled_from(MODES),
        "content_path": st.sampled_from(["kept", "collapsed"]),
        "patch_reply": st.sampled_from(["id_etag", "envelope"]),
        "post_spec_reply": st.sampled_from(["bare", "wrapped"]),
        "settle_seconds": st.sampled_from([0.0, 3.0]),
    }
)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    first=estates(),
    second=estates(),
    behaviour=BEHAVIOUR,
    key=st.sampled_from(["", "a key of the fingerprints"]),
)
def test_every_estate_converges_and_so_does_every_edit(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    first: dict[str, Any],
    second: dict[str, Any],
    behaviour: dict[str, Any],
    key: str,
) -> None:
    """An estate of all kinds is created, then edited all over, and each time one apply is enough."""
    bench = Bench(tmp_path_factory.mktemp("estate"), capsys, SECRETS | ({"RECONCILER_KEY": key} if key else {}))
    try:
        bench.setting(**behaviour)
        declare_estate(bench, first, first)
        report = bench.apply("--allow-large")
        assert report["summary"]["applied"] == 7, report
        assert_converged(bench)
        declare_estate(bench, second, first)
        edited = bench.plan()
        assert edited["summary"]["blocked"] == 0, edited
        assert {cause for change in edited["changes"] for cause in change["causes"]} <= {"git"}
        report = bench.apply("--allow-large")
        assert report["summary"]["applied"] == len(edited["changes"])
        assert_converged(bench)
    finally:
        bench.close()


def test_a_body_means_the_same_in_every_mode_of_secrets(bench: Bench) -> None:
    """A service that begins to mask or hide what it showed changes nothing for us."""
    bench.environ |= SECRETS
    bench.declare("Connection", "crm", connection())
    bench.apply()
    for mode in (*MODES, "clear"):
        bench.setting(secrets=mode)
        assert_converged(bench)


def test_what_the_service_adds_to_credentials_is_not_sent_back(bench: Bench) -> None:
    """A streaming connection has its inlet from the service; a change of our parameters leaves it to the service."""
    params = {"sourceId": "Shop", "dataType": "xdm", "name": "Shop"}
    spec = {"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "version": "1.0"}
    body = {"name": "Shop", "connectionSpec": spec, "auth": {"specName": "Streaming Connection", "params": params}}
    bench.declare("Connection", "shop", body)
    id = bench.apply()["results"][0]["id"]
    assert_converged(bench)
    inlet = bench.live("connections", id)["auth"]["params"]["inletUrl"]
    body["auth"]["params"] = params | {"sourceId": "Shop 2"}
    bench.declare("Connection", "shop", body)
    bench.app.requests.clear()
    bench.apply()
    (write,) = bench.writes()
    assert write.body == [{"op": "replace", "path": "/auth/params", "value": body["auth"]["params"]}]
    assert bench.live("connections", id)["auth"]["params"]["inletUrl"] == inlet
    assert_converged(bench)


def test_what_the_service_adds_to_a_spec_comes_and_goes_with_what_it_tells_of(bench: Bench) -> None:
    """That a login is required is shown in replies alone: neither its coming nor its going is a difference."""
    spec = {"name": "Own", "providerId": BATCH, "version": "1.0"}
    login = {"name": "Key", "type": "Key", "spec": {"type": "object"}}
    bench.declare("ConnectionSpec", "own", {**spec, "authSpec": [login], "sourceSpec": {"attributes": {}}})
    id = bench.apply()["results"][0]["id"]
    assert bench.live("connectionSpecs", id)["sourceSpec"] == {"attributes": {"authRequired": True}}
    assert_converged(bench)
    bench.declare("ConnectionSpec", "own", spec)
    bench.apply()
    assert "sourceSpec" not in bench.live("connectionSpecs", id)
    assert_converged(bench)


def test_a_reply_of_a_spec_can_be_pasted(bench: Bench) -> None:
    """What only replies show may stand in a manifest: it is sent, and not missed."""
    login = {"name": "Key", "type": "Key", "spec": {"type": "object"}}
    attributes = {"authRequired": True, "urlParams": {"path": "/"}}
    spec = {"name": "Own", "providerId": BATCH, "authSpec": [login], "sourceSpec": {"attributes": attributes}}
    bench.declare("ConnectionSpec", "own", spec)
    bench.apply()
    assert_converged(bench)
    bench.declare("ConnectionSpec", "own", spec | {"type": "generic-rest"})
    bench.apply()
    assert_converged(bench)
