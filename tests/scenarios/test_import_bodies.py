"""Import, then plan: empty, for every object that the service can hold, whatever stands in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.bench import Bench
from support.bodies import connection, flow, source, stored, target
from support.imports import assert_idle, assert_in_sync, import_all, manifests

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "flow-service" / "corpus"
COLLECTIONS = ("connections", "sourceConnections", "targetConnections", "flows", "connectionSpecs", "flowSpecs")
MODES = ("clear", "masked", "absent")


def documented() -> list[Any]:
    """Every file of Adobe's documents that holds an object: as it is sent, or as it is answered."""
    if not CORPUS.exists():
        reason = "the collection of Adobe's documents is not beside this checkout"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="corpus")]
    lines = (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [pytest.param(row, id=row["file"]) for row in rows if row["valid_json"] and objects_in(row)]


def objects_in(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of a file as the service would hold them."""
    if row.get("sub") or row.get("resource") not in COLLECTIONS:
        return []
    content = json.loads((CORPUS / row["file"]).read_text(encoding="utf-8"))
    if row["kind"] == "request":
        whole = row["method"] in ("POST", "PUT") and isinstance(content, dict) and "name" in content
        return [stored("documented", {**content, "id": "documented"})] if whole else []
    items = content.get("items") if isinstance(content, dict) else None
    return [one for one in items or [content] if isinstance(one, dict) and {"id", "name"} <= one.keys()]


@pytest.mark.parametrize("row", documented())
def test_every_documented_object(bench: Bench, row: dict[str, Any]) -> None:
    """What Adobe's documents send and answer is imported in every mode of secrets, into manifests of their own."""
    for at, one in enumerate(objects_in(row)):
        bench.seed(row["resource"], {**one, "id": one["id"] if at == 0 else f"{one['id']}-{at}"})
    ids = [argument for one in objects_in(row)[:1] for argument in ("--id", one["id"])]
    for mode in MODES if row["resource"] == "connections" else MODES[:1]:
        bench.setting(secrets=mode)
        for name in manifests(bench):
            if not name.startswith("Target/"):
                path = next(bench.manifests.rglob(f"{name.split('/')[1]}.yaml"))
                path.unlink()
        import_all(bench, *ids)
        assert len(manifests(bench)) == 2
        assert_in_sync(bench, 1)


def test_the_documented_objects_are_there() -> None:
    """Lest the test above passes over nothing."""
    assert not CORPUS.exists() or len(documented()) >= 80


NAMES: dict[str, Any] = {
    "not unique": "Twice",
    "as another": "Twice",
    "in other case": "TWICE",
    "of one slug": "Twice!",
    "long": "Orders " * 43,
    "empty": "",
    "blank": "  ",
    "Japanese": "顧客データ",
    "partly Latin": "注文 orders",
    "accents": "Überfällige Größen, naïve",
    "dots and slashes": "../../etc/passwd.yaml",
    "reserved": "NO",
    "a time": "22:30",
    "a number": "0123",
    "octal": "0o14",
    "a float": "1e3",
    "null": "null",
    "quotes": 'it\'s "quoted" \\ and %20',
    "YAML": "- [a]: {b} # c & *d !e |",
    "lines": "first\n second\n\nlast",
    "trailing blanks": "first  \nlast ",
    "tab": "a\tb",
    "control": "bell\x07",
    "bidi": "evil\u202etxt",
    "next line": "a\u0085b",
    "emoji": "🚀 launch",
    "a reference": "Connection/crm",
    "the kind": "source-connection",
    "carriage return": "a\r\nb",
}


@pytest.mark.parametrize("kind", ["connections", "flows"])
def test_every_name(bench: Bench, kind: str) -> None:
    """Objects of any name get manifests, each under a name of its own; a name that no file may hold is left out."""
    for at, name in enumerate(NAMES.values()):
        make = connection if kind == "connections" else lambda name: flow([], [], name)
        bench.seed(kind, stored(f"{at:08x}-0000", {**make(name), "description": name}))
    import_all(bench)
    assert_in_sync(bench, len(NAMES))
    found = {one["metadata"]["id"]["bench"]: one for one in manifests(bench).values() if "id" in one["metadata"]}
    unsaid = {"control", "bidi", "next line", "carriage return"}
    for at, (case, name) in enumerate(NAMES.items()):
        spec = found[f"{at:08x}-0000"]["spec"]
        assert (spec.get("name"), spec.get("description")) == ((None, None) if case in unsaid else (name, name)), case
    assert_idle(bench)


def test_an_object_without_a_name(bench: Bench) -> None:
    """It is called by its kind and a piece of its id."""
    body = target()
    del body["name"]
    bench.seed("targetConnections", stored("139f6a5f-a78b", body))
    import_all(bench)
    assert "TargetConnection/target-connection-139f6a5f" in manifests(bench)
    assert_in_sync(bench, 1)


CHARACTERS = st.characters(codec="utf-8")
TEXT = st.text(CHARACTERS, max_size=8) | st.sampled_from(
    ["", "null", "~", "true", "15", "1.0", "NO", "0o7", "1e3", "2027-01-04", "a: b", "# a", "<<", "=", "a\nb\n", "|"]
)
KEYS = st.text(CHARACTERS, min_size=1, max_size=4) | st.sampled_from(
    ["ref", "valueFrom", "name", "id", "version", "<<", "NO", "0", "a/b", "~1", "[name=x]", "password", "inletId"]
)
NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
NAMED = st.lists(st.fixed_dictionaries({"name": TEXT}, optional={"params": OBJECTS}), max_size=3)


def telling(value: Any) -> Any:
    """Return credentials in which no text can be mistaken for a word of JSON: as a secret it would be masked there."""
    if isinstance(value, dict):
        return {key: telling(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [telling(inner) for inner in value]
    return f"{value}☃" if isinstance(value, str) and len(value) > 2 else value


@st.composite
def live_objects(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Draw one object of each kind with anything in it that JSON can say."""
    params = telling(draw(OBJECTS) | {"password": draw(TEXT), "host": draw(TEXT)})
    login = {"specName": draw(TEXT), "params": params}
    schedule = draw(st.fixed_dictionaries({}, optional={"startTime": SCALARS, "frequency": TEXT, "interval": SCALARS}))
    own = {"name": draw(TEXT), "providerId": "p", "version": "1.0", "attributes": draw(OBJECTS)}
    lines = flow(
        [], [], draw(TEXT), transformations=draw(NAMED | st.lists(VALUES, max_size=2)), scheduleParams=schedule
    )
    return {
        "connections": {**connection(draw(TEXT)), "auth": login, "encryption": {"params": telling(draw(OBJECTS))}},
        "sourceConnections": source("c", draw(TEXT), params=draw(OBJECTS), data=draw(OBJECTS | st.none())),
        "targetConnections": target(draw(TEXT), params=draw(OBJECTS) | {"dataSetId": draw(TEXT)}),
        "flows": {**lines, **draw(st.dictionaries(KEYS, VALUES, max_size=2))},
        "connectionSpecs": own | draw(st.dictionaries(KEYS, VALUES, max_size=2)),
    }


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(live=live_objects(), mode=st.sampled_from(MODES), state=st.sampled_from(["enabled", "disabling", "x", None]))
def test_any_objects(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    live: dict[str, dict[str, Any]],
    mode: str,
    state: str | None,
) -> None:
    """Whatever an object holds, its manifest is one that the reader takes and that plans empty."""
    bench = Bench(tmp_path_factory.mktemp("import"), capsys)
    try:
        bench.setting(secrets=mode)
        for collection, body in live.items():
            more = {"state": state} if collection == "flows" else {}
            bench.seed(collection, stored("c" if collection == "connections" else f"id-{collection}", body, **more))
        import_all(bench)
        assert_in_sync(bench, len(live))
        assert_idle(bench)
    finally:
        bench.close()
